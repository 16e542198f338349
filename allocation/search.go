package allocation

import (
	"cmp"
	"context"
	"slices"
)

// searchBudget bounds a search: sets looked at, times items in each. It is some milliseconds of work.
const searchBudget = 1_000_000

// search looks for the best set of locations that covers the target. A set is a list of ascending
// positions in places.
type search struct {
	problem
	places  []int   // candidates that have anything demanded, by priority, then location id
	target  []int64 // of each item: the units that all places together can cover
	cover   []int64 // of each place and item: units it can give, at most the target
	suffix  []int64 // of each place and item: what it and the places after it can give, at most the target
	most    []int64 // of each place and item: the most that one of it and the places after it can give
	mostAll []int64 // of each place: the most units, over all items, that one of it and the places after it can give

	room   []int   // for places, set, best and a fallback
	size   int     // the size of the sets that are tried
	set    []int   // the part set at hand
	wanted []int64 // of each depth and item: units that the part set does not cover
	nodes  int

	found    bool // best was found by trying all sets of its size in turn
	best     []int
	far      int64     // total distance of best in millimeters
	tieBreak Criterion // what the closest contest among sets of this size hung on
	atLeast  int
	stopped  bool
}

func newSearch(p problem) search {
	s := search{problem: p, room: make([]int, 4*len(p.rank))}
	s.places = s.list()
	for _, j := range p.rank {
		if p.offers(j) {
			s.places = append(s.places, j)
		}
	}
	n, m := len(p.Items), len(s.places)
	units := make([]int64, n+3*m*n+m)
	s.target, units = cut(units, n)
	s.cover, units = cut(units, m*n)
	s.suffix, units = cut(units, m*n)
	s.most, s.mostAll = cut(units, m*n)
	for i, need := range p.need {
		s.target[i] = p.supply(i, need)
	}
	for at := m - 1; at >= 0; at-- {
		s.bound(at)
	}
	return s
}

// list is an empty list with room for every candidate.
func (s *search) list() []int {
	var list []int
	list, s.room = cut(s.room, len(s.rank))
	return list[:0]
}

// bound fills in the row of one place; the rows after it are complete. No sum exceeds the total demand.
func (s *search) bound(at int) {
	n, last := len(s.target), at == len(s.places)-1
	for i, target := range s.target {
		here := at*n + i
		units := min(target, s.Candidates[s.places[at]].Available[i])
		s.cover[here], s.suffix[here], s.most[here] = units, units, units
		s.mostAll[at] += units
		if !last {
			s.suffix[here] += min(s.suffix[here+n], target-units)
			s.most[here] = max(units, s.most[here+n])
		}
	}
	if !last {
		s.mostAll[at] = max(s.mostAll[at], s.mostAll[at+1])
	}
}

// run leaves the best set in s.best, as positions in Candidates.
func (s *search) run(ctx context.Context) error {
	fallback := s.greedy()
	s.set, s.best = s.list(), s.list()
	s.wanted = make([]int64, len(s.target)*max(1, len(fallback)))
	copy(s.wanted, s.target)
	for s.size = 1; s.size <= len(fallback) && !s.found && !s.stopped; s.size++ {
		s.atLeast = s.size // every smaller size was searched to the end
		s.set = s.set[:s.size]
		s.extend(ctx, 0, 0, 0)
	}
	if err := ctx.Err(); s.stopped && err != nil {
		return err
	}
	if !s.found {
		s.best = fallback
	}
	for k, at := range s.best {
		s.best[k] = s.places[at]
	}
	return nil
}

// extend tries every place from the given one on as the next of the set, while what is still wanted
// can be covered by them at all.
func (s *search) extend(ctx context.Context, depth, from int, far int64) {
	n, picks := len(s.target), s.size-depth
	wanted := s.wanted[depth*n : (depth+1)*n]
	for at := from; at+picks <= len(s.places) && s.coverable(wanted, at, picks) && !s.stopped; at++ {
		s.nodes++
		if s.nodes*n > searchBudget || s.nodes%1024 == 0 && ctx.Err() != nil {
			s.stopped = true
			return
		}
		s.set[depth] = at
		next := far + s.reach[s.places[at]]
		cover := s.cover[at*n : (at+1)*n]
		if picks == 1 {
			if covers(cover, wanted) {
				s.keep(next)
			}
			continue
		}
		if s.beaten(depth, next) {
			continue
		}
		rest := s.wanted[(depth+1)*n : (depth+2)*n]
		for i, units := range wanted {
			rest[i] = units - min(units, cover[i])
		}
		s.extend(ctx, depth+1, at+1, next)
	}
}

func covers(cover, wanted []int64) bool {
	for i, units := range wanted {
		if units > cover[i] {
			return false
		}
	}
	return true
}

// coverable bounds what so many picks among the places from at on can give, item by item and in all.
func (s *search) coverable(wanted []int64, at, picks int) bool {
	var total int64
	for i, units := range wanted {
		here := at*len(wanted) + i
		if units > s.suffix[here] || !within(units, picks, s.most[here]) {
			return false
		}
		total += units
	}
	return within(total, picks, s.mostAll[at])
}

// within reports units <= picks*most, without the product.
func within(units int64, picks int, most int64) bool {
	return units <= most || (units-1)/int64(picks) < most
}

// beaten reports whether no set that begins with s.set[:depth+1] can be better than the best.
func (s *search) beaten(depth int, far int64) bool {
	if !s.found || far < s.far {
		return false
	}
	// Places are sorted by priority, so the first priorities of a set are known when its first places are.
	return far > s.far || s.comparePriorities(s.set[:depth+1], s.best[:depth+1]) > 0
}

// keep makes s.set the best set if it is better, and notes what the contest hung on.
func (s *search) keep(far int64) {
	if !s.found {
		s.found, s.far, s.best = true, far, append(s.best, s.set...)
		return
	}
	order, by := cmp.Compare(far, s.far), ByDistance
	if order == 0 {
		order, by = s.comparePriorities(s.set, s.best), ByPriority
	}
	if order == 0 {
		order, by = slices.Compare(s.set, s.best), ByLocation
	}
	if order > 0 {
		s.tieBreak = later(s.tieBreak, by)
		return
	}
	// What lost to the old best loses to the new one by this criterion or an earlier one.
	s.far, s.tieBreak = far, by
	copy(s.best, s.set)
}

func (s *search) comparePriorities(a, b []int) int {
	return slices.CompareFunc(a, b, func(x, y int) int {
		return cmp.Compare(s.Candidates[s.places[x]].Priority, s.Candidates[s.places[y]].Priority)
	})
}

// later is the criterion that applies after the other.
func later(a, b Criterion) Criterion {
	for _, c := range [...]Criterion{ByLocation, ByPriority} {
		if a == c || b == c {
			return c
		}
	}
	return ByDistance
}

// greedy is a set that covers the target and of which no place can be spared: the place that covers
// most of what is still wanted, again and again, less those that later ones made superfluous.
func (s *search) greedy() []int {
	n := len(s.target)
	wanted, set := s.left, s.list()
	copy(wanted, s.target)
	for {
		best, most := -1, int64(0)
		for at := range s.places {
			var units int64
			for i, want := range wanted {
				units += min(want, s.cover[at*n+i])
			}
			if units > most && !slices.Contains(set, at) {
				best, most = at, units
			}
		}
		if best < 0 {
			break
		}
		set = append(set, best)
		for i, want := range wanted {
			wanted[i] = want - min(want, s.cover[best*n+i])
		}
	}
	for k := len(set) - 1; k >= 0; k-- {
		if s.suffices(set, set[k]) {
			set = slices.Delete(set, k, k+1)
		}
	}
	return set
}

// suffices reports whether the places together, without one of them, cover the target.
func (s *search) suffices(set []int, without int) bool {
	n := len(s.target)
	for i, want := range s.target {
		for _, at := range set {
			if at != without {
				want -= min(want, s.cover[at*n+i])
			}
		}
		if want > 0 {
			return false
		}
	}
	return true
}

// essential reports whether the target is out of reach without candidate j.
func (s *search) essential(j int) bool {
	n := len(s.target)
	for i, want := range s.target {
		for at, place := range s.places {
			if place != j {
				want -= min(want, s.cover[at*n+i])
			}
		}
		if want > 0 {
			return true
		}
	}
	return false
}
