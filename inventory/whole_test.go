package inventory_test

import (
	"fmt"
	"maps"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/orderkit/oms/inventory"
)

// The world of these tests: three components, two kits that share one of them, four
// locations in the order in which a group gives.
var (
	components = []string{"a", "b", "c"}
	kitNames   = []string{"ab", "bc"}
	town       = inventory.Group{ID: "town", Locations: []string{"old", "cph", "ber", "ams"}}
	townOrder  = []string{"cph", "ams", "ber"}
)

// bazaar is a shelf with kits, levels and a channel that has units of its own.
type bazaar struct {
	*shelf
	channel *inventory.Selling // nil: holds are for nobody in particular
}

const endless = int64(1) << 40 // of what is not tracked: more than anybody asks for

func newBazaar(t *rapid.T) *bazaar {
	s := newShelf()
	for _, c := range components {
		s.items[c] = inventory.Item{ID: c, Safety: rapid.Int64Range(0, 3).Draw(t, "safety")}
	}
	per := func() int64 { return rapid.Int64Range(1, 3).Draw(t, "per kit") }
	s.items["ab"] = inventory.Item{ID: "ab", Kit: []inventory.Component{{Item: "a", Qty: per()}, {Item: "b", Qty: per()}}}
	s.items["bc"] = inventory.Item{ID: "bc", Kit: []inventory.Component{{Item: "c", Qty: per()}, {Item: "gift-wrap", Qty: 1}, {Item: "b", Qty: per()}}}
	s.locations["cph"] = inventory.Location{ID: "cph", Priority: -1}
	w := &bazaar{shelf: s}
	for _, c := range components {
		for _, l := range town.Locations {
			for _, lot := range []string{"", "l1"} {
				if qty := rapid.Int64Range(0, 9).Draw(t, "stock"); qty > 0 {
					w.stock(t, c, lot, l, qty)
				}
			}
			if rapid.IntRange(0, 4).Draw(t, "level") == 0 {
				w.level(anyLevel(t, c, l))
			}
		}
	}
	w.trade(t)
	if rapid.Bool().Draw(t, "by a channel") {
		w.open(t)
	}
	w.now = w.now.Add(10 * time.Minute) // carts of five minutes have expired
	return w
}

func anyLevel(t *rapid.T, item, location string) inventory.Level {
	level := inventory.Level{Item: item, Location: location}
	switch rapid.IntRange(0, 3).Draw(t, "what of it") {
	case 0:
		safety := rapid.Int64Range(0, 4).Draw(t, "safety here")
		level.Safety = &safety
	case 1:
		level.Frozen = true
	case 2:
		level.Unstocked = true
	default:
		level.Untracked = true
	}
	return level
}

// trade lets others hold some of what there is.
func (w *bazaar) trade(t *rapid.T) {
	for i := range rapid.IntRange(0, 6).Draw(t, "held by others") {
		h := inventory.Hold{Owner: fmt.Sprint("other-", i), Item: rapid.SampledFrom(components).Draw(t, "item"),
			Location: rapid.SampledFrom(town.Locations).Draw(t, "location"), Qty: rapid.Int64Range(1, 6).Draw(t, "qty")}
		if minutes := rapid.SampledFrom([]time.Duration{0, 5, 60}).Draw(t, "minutes"); minutes > 0 {
			h.Until = w.now.Add(minutes * time.Minute)
		}
		if c, err := w.reserve(h); err == nil {
			w.ok(t, c, err)
		}
	}
}

// open opens the channel, with its locations, listings and pools.
func (w *bazaar) open(t *rapid.T) {
	c := inventory.Channel{ID: "web"}
	if rapid.Bool().Draw(t, "from some locations") {
		c.Locations = rapid.SliceOfNDistinct(rapid.SampledFrom(town.Locations), 1, 3, rapid.ID).Draw(t, "locations")
	}
	w.channel = &inventory.Selling{Channel: c}
	for _, item := range slices.Sorted(slices.Values(append(slices.Clone(kitNames), components...))) {
		l := inventory.Listing{Channel: c.ID, Item: item}
		if len(w.items[item].Kit) == 0 {
			l.Buffer = rapid.Int64Range(0, 4).Draw(t, "buffer")
		}
		if rapid.IntRange(0, 3).Draw(t, "capped") == 0 {
			most := rapid.Int64Range(0, 9).Draw(t, "cap")
			l.Cap = &most
		}
		w.channel.Listings = append(w.channel.Listings, l)
	}
	for range rapid.IntRange(0, 4).Draw(t, "pools") {
		q := inventory.Quota{Item: rapid.SampledFrom(components).Draw(t, "item"), Location: rapid.SampledFrom(town.Locations).Draw(t, "at"), Qty: rapid.Int64Range(1, 5).Draw(t, "qty")}
		if c, err := inventory.RingFence(w.snapshot(c.Owner()), c, []inventory.Quota{q}, w.meta()); err == nil {
			w.ok(t, c, err)
		}
	}
}

// read is a snapshot for an owner, as the channel sees it.
func (w *bazaar) read(owner string) inventory.Snapshot {
	s := w.snapshot(owner)
	if w.channel == nil {
		return s
	}
	seen := *w.channel
	for _, r := range w.held() {
		if r.Owner == seen.Owner() && r.Open() > 0 {
			seen.Pools = append(seen.Pools, r)
		}
	}
	s.Channel = &seen
	return s
}

// model is what the holds of one call can have, written from the rules alone.
type model struct {
	w    *bazaar
	soft bool
	free map[inventory.Key]int64 // that may be taken, with lots added up, before anything is kept back
	pool map[inventory.Key]int64
	sold map[string]int64 // by this call
}

// tally counts what is there for holds of an owner, who gives up what the soft ones replace.
func (w *bazaar) tally(holds []inventory.Hold) *model {
	m := &model{w: w, soft: !holds[0].Until.IsZero(), free: map[inventory.Key]int64{}, pool: map[inventory.Key]int64{}, sold: map[string]int64{}}
	add := func(to map[inventory.Key]int64, k inventory.Key, qty int64) {
		to[k] += qty
		if k.Lot != "" {
			to[inventory.Key{Item: k.Item, Location: k.Location}] += qty
		}
	}
	for k, b := range w.balances {
		add(m.free, k, b.Of(inventory.Free))
	}
	for _, r := range w.held() {
		if r.Expired(w.now) || m.soft && slices.ContainsFunc(holds, func(h inventory.Hold) bool { return w.replaces(h, r) }) {
			add(m.free, r.Balance(), r.Soft)
		}
		if w.channel != nil && r.Owner == w.channel.Owner() && !m.soft {
			add(m.pool, r.Balance(), r.Committed)
		}
	}
	return m
}

// replaces tells whether a soft hold stands for what a reservation held softly before.
func (w *bazaar) replaces(h inventory.Hold, r inventory.Reservation) bool {
	_, part := w.takes(h.Item)[r.Item]
	return part && r.Owner == h.Owner && r.Line == h.Line && (h.Lot == "" || h.Lot == r.Lot) && (h.Location == "" || h.Location == r.Location)
}

// takes is what one unit of an item takes of what is on the shelf.
func (w *bazaar) takes(item string) map[string]int64 {
	if len(w.items[item].Kit) == 0 {
		return map[string]int64{item: 1}
	}
	out := map[string]int64{}
	for _, c := range w.items[item].Kit {
		if !w.items[c.Item].Untracked {
			out[c.Item] = c.Qty
		}
	}
	return out
}

// units is how many units of a component may be taken.
func (m *model) units(item, lot, location string) int64 {
	level := inventory.Level{}
	if i, ok := slices.BinarySearchFunc(m.w.levels, inventory.Level{Item: item, Location: location}, inventory.CompareLevels); ok {
		level = m.w.levels[i]
	}
	kept := m.w.items[item].Safety
	if level.Safety != nil {
		kept = *level.Safety
	}
	if c := m.w.channel; c != nil {
		if !c.SellsFrom(location) {
			return 0
		}
		kept = max(kept, m.listing(item).Buffer)
	}
	all, here := inventory.Key{Item: item, Location: location}, inventory.Key{Item: item, Lot: lot, Location: location}
	switch {
	case m.w.locations[location].Inactive || level.Frozen || level.Unstocked:
		return 0
	case level.Untracked:
		return endless
	case lot == "":
		return m.pool[all] + max(0, m.free[all]-kept)
	}
	return m.pool[here] + min(m.free[here], max(0, m.free[all]-kept))
}

func (m *model) listing(item string) inventory.Listing {
	for _, l := range m.w.channel.Listings {
		if l.Item == item {
			return l
		}
	}
	return inventory.Listing{}
}

// room is how many more the channel lets this call have.
func (m *model) room(item string) int64 {
	if m.w.channel == nil || m.listing(item).Cap == nil {
		return endless
	}
	return max(0, *m.listing(item).Cap-m.sold[item])
}

// whole is how many units or kits of a hold may be taken at some locations, each of them
// from one, as the channel lets it.
func (m *model) whole(h inventory.Hold, locations ...string) int64 {
	var sum int64
	for _, l := range locations {
		least := endless
		for item, per := range m.w.takes(h.Item) {
			least = min(least, enough(m.units(item, h.Lot, l), per))
		}
		sum += least
	}
	for item, per := range m.w.takes(h.Item) {
		sum = min(sum, enough(m.room(item), per))
	}
	return min(sum, m.room(h.Item))
}

// enough is how many times units are enough for so many.
func enough(units, per int64) int64 {
	if units == endless {
		return endless
	}
	return units / per
}

// take takes some, the pool first.
func (m *model) take(h inventory.Hold, n int64, location string) {
	for item, per := range m.w.takes(h.Item) {
		all, here := inventory.Key{Item: item, Location: location}, inventory.Key{Item: item, Lot: h.Lot, Location: location}
		pooled := min(n*per, m.pool[here])
		for _, k := range slices.Compact([]inventory.Key{all, here}) {
			m.pool[k] -= pooled
			m.free[k] -= n*per - pooled
		}
		m.sold[item] += n * per
	}
	if len(m.w.items[h.Item].Kit) > 0 {
		m.sold[h.Item] += n
	}
}

// bound is what an owner has on a line by component and location, softly or not.
func (w *bazaar) bound(owner string, line int) map[inventory.Key]int64 {
	out := map[inventory.Key]int64{}
	for _, r := range w.held() {
		if r.Owner == owner && r.Line == line && !r.Expired(w.now) && r.Open() > 0 {
			out[inventory.Key{Item: r.Item, Location: r.Location}] += r.Open()
		}
	}
	return out
}

// draw draws a hold.
func (w *bazaar) draw(t *rapid.T, owner string, line int, until time.Time) inventory.Hold {
	h := inventory.Hold{Owner: owner, Line: line, Item: rapid.SampledFrom(append(slices.Clone(kitNames), components...)).Draw(t, "wanted"),
		Location: rapid.SampledFrom(town.Locations).Draw(t, "where"), Qty: rapid.Int64Range(1, 7).Draw(t, "how many"), Until: until}
	if w.channel != nil {
		h.Channel = w.channel.ID
	}
	return h
}

func anyEnd(t *rapid.T, now time.Time) time.Time {
	if rapid.Bool().Draw(t, "softly") {
		return now.Add(time.Hour)
	}
	return time.Time{}
}

// settle applies what was decided, by its floors, and checks the books.
func (w *bazaar) settle(t *rapid.T, c inventory.Changes, err error) {
	w.ok(t, c, err)
	for _, f := range c.Floors {
		b := w.balances[f.Key]
		require.GreaterOrEqual(t, b.Of(inventory.Free), f.Free, "a decision keeps its own floors")
	}
	w.balanced(t)
}

func TestWhatIsAvailableOfKitsAndUnitsIsWhatHoldsTake(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		w := newBazaar(t)
		until := anyEnd(t, w.now)
		var holds []inventory.Hold
		for line := range rapid.IntRange(1, 4).Draw(t, "holds") {
			holds = append(holds, w.draw(t, "me", line+1, until))
		}
		if len(w.items[holds[0].Item].Kit) == 0 && rapid.Bool().Draw(t, "of a lot") {
			holds[0].Lot = "l1"
		}
		s, m := w.read("me"), w.tally(holds)
		if first := holds[0]; first.Lot == "" && until.IsZero() {
			require.Equal(t, m.whole(first, first.Location), min(endless, s.Available(first.Item, first.Location, "me", w.now)))
		}
		var want []int64
		for _, h := range holds {
			n := min(h.Qty, m.whole(h, h.Location))
			m.take(h, n, h.Location)
			want = append(want, n)
		}
		c, taken, err := inventory.ReserveAvailable(s, holds, "doc", w.meta())
		require.NoError(t, err)
		require.Equal(t, want, taken)
		require.Equal(t, slices.Max(taken) == 0, c.Empty(), "nothing is nothing")
		all, err := inventory.Reserve(s, holds, "doc", w.meta())
		if slices.EqualFunc(holds, taken, func(h inventory.Hold, n int64) bool { return h.Qty == n }) {
			require.NoError(t, err)
			require.Equal(t, all, c, "where all can be had it is all that is taken")
		} else {
			require.ErrorIs(t, err, inventory.ErrShortage)
		}
		w.settle(t, c, nil)
		for i, h := range holds {
			had := map[inventory.Key]int64{}
			for item, per := range w.takes(h.Item) {
				if taken[i] > 0 {
					had[inventory.Key{Item: item, Location: h.Location}] = taken[i] * per
				}
			}
			require.Equal(t, had, w.bound("me", h.Line), "whole kits, no loose component")
		}
	})
}

func TestAGroupHoldsWhatItHasOfKitsAndUnits(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		w := newBazaar(t)
		before := w.draw(t, "me", 1, w.now.Add(time.Hour))
		if c, _, err := inventory.ReserveAvailable(w.read("me"), []inventory.Hold{before}, "doc", w.meta()); rapid.Bool().Draw(t, "held before") {
			w.settle(t, c, err)
		}
		h := anywhere(w.draw(t, "me", rapid.IntRange(1, 2).Draw(t, "line"), anyEnd(t, w.now)))
		s, m := w.read("me"), w.tally([]inventory.Hold{h})
		has := m.whole(h, townOrder...)
		if seen := w.read("you"); h.Until.IsZero() {
			a, err := seen.ExplainIn(town, h.Item, inventory.Ask{Owner: "you", Now: w.now})
			require.NoError(t, err)
			require.Equal(t, has, min(endless, a.ATS))
			if !slices.ContainsFunc(a.Terms, func(x inventory.Term) bool { return x.Qty > endless || x.Qty < -endless }) { // what is endless does not add up
				var sum int64
				for _, term := range a.Terms {
					sum += term.Qty
				}
				require.Equal(t, a.ATS, sum, "the terms make the number: %v", a)
			}
		}
		had := w.bound("me", h.Line)
		c, err := inventory.ReserveIn(s, town, []inventory.Hold{h}, "doc", w.meta())
		if h.Qty > has {
			require.Equal(t, &inventory.ShortageError{Short: []inventory.Shortage{{Line: h.Line, Item: h.Item, Want: h.Qty, Have: has}}}, err)
			require.Equal(t, inventory.Changes{}, c)
			return
		}
		for k := range had {
			if _, part := w.takes(h.Item)[k.Item]; part && !h.Until.IsZero() {
				delete(had, k) // replaced, wherever it was
			}
		}
		left := h.Qty
		for _, l := range townOrder {
			at := w.tally([]inventory.Hold{h})
			at.sold = m.sold
			n := min(left, at.whole(h, l))
			m.take(h, n, l)
			left -= n
			for item, per := range w.takes(h.Item) {
				if n > 0 {
					had[inventory.Key{Item: item, Location: l}] += n * per
				}
			}
		}
		w.settle(t, c, err)
		require.Equal(t, had, w.bound("me", h.Line), "whole kits at each location, by priority and id")
	})
}

func TestRebindingMovesWholeKitsOrNothing(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		w := newBazaar(t)
		until := anyEnd(t, w.now)
		for range rapid.IntRange(1, 3).Draw(t, "holds") {
			c, _, err := inventory.ReserveAvailable(w.read("me"), []inventory.Hold{w.draw(t, "me", 1, until)}, "doc", w.meta())
			w.settle(t, c, err)
		}
		to := w.draw(t, "me", 1, until)
		from := rapid.SampledFrom(slices.DeleteFunc(slices.Clone(town.Locations), func(l string) bool { return l == to.Location })).Draw(t, "from")
		move := inventory.Rebinding{Line: 1, Item: to.Item, From: from, To: to.Location, Qty: to.Qty, State: inventory.Committed, Channel: to.Channel}
		if !until.IsZero() {
			move.State = inventory.Soft
		}
		bound := w.bound("me", 1)
		has := endless
		for item, per := range w.takes(move.Item) {
			has = min(has, bound[inventory.Key{Item: item, Location: move.From}]/per)
		}
		m := w.tally([]inventory.Hold{{Owner: "nobody", Line: 1, Item: move.Item, Location: move.To, Until: until}})
		there := m.whole(to, move.To)
		c, err := inventory.Rebind(w.read("me"), "me", move, "doc", w.meta())
		var refusal *inventory.ReservationError
		switch {
		case move.Qty > has:
			require.ErrorAs(t, err, &refusal)
			require.Equal(t, move.Item, refusal.Key.Item)
			require.Equal(t, has, refusal.Have)
		case move.Qty > there:
			require.ErrorIs(t, err, inventory.ErrShortage)
		default:
			w.settle(t, c, err)
			for item, per := range w.takes(move.Item) {
				bound[inventory.Key{Item: item, Location: move.From}] -= move.Qty * per
				bound[inventory.Key{Item: item, Location: move.To}] += move.Qty * per
			}
			maps.DeleteFunc(bound, func(_ inventory.Key, n int64) bool { return n == 0 })
		}
		if err != nil {
			require.Equal(t, inventory.Changes{}, c, "nothing changes on refusal")
		}
		require.Equal(t, bound, w.bound("me", 1), "all components of each kit, and no other unit")
	})
}
