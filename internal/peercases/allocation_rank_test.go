package peercases_test

import (
	"context"
	"maps"
	"math"
	"slices"
	"strconv"

	"github.com/stretchr/testify/require"

	"github.com/orderkit/oms"
	"github.com/orderkit/oms/allocation"
	sourcing "github.com/orderkit/oms/allocation/rule"
	"github.com/orderkit/oms/fulfillment"
	"github.com/orderkit/oms/inventory"
	"github.com/orderkit/oms/order"
)

// packagePrioritize: packages are locations, and each unit is a demand that the first location with
// stock for it serves.
func packagePrioritize(c *peerCase) facts {
	g := given[struct {
		Units    []int
		Packages [][]struct {
			Unit  int
			State string
		} `json:"candidate_packages"`
	}](c)
	_ = when[struct{ Rule string }](c)
	var demands []allocation.Demand
	for _, u := range g.Units {
		demands = append(demands, allocation.Demand{Line: u, Item: strconv.Itoa(u), Qty: 1})
	}
	r := allocation.NewRequest(demands...)
	r.AllowPartial = true
	waits := map[int]bool{}
	for i, p := range g.Packages {
		has := map[string]int64{}
		for _, u := range p {
			if u.State == "on_hand" {
				has[strconv.Itoa(u.Unit)] = 1
			} else {
				waits[u.Unit] = true
			}
		}
		r.Add(allocation.Candidate{Location: strconv.Itoa(i), Priority: i}, has)
	}
	plan, err := allocation.Priority().Plan(c.t.Context(), r)
	require.NoError(c.t, err)
	require.NoError(c.t, allocation.Validate(r, plan))
	for _, u := range plan.Unassigned {
		if waits[u.Line] {
			c.differs(placedBackorder, "packages")
		}
	}
	packages := []map[string]any{}
	for i := range g.Packages {
		n := 0
		for _, a := range plan.Assignments {
			if a.Location == strconv.Itoa(i) {
				n++
			}
		}
		if n > 0 {
			packages = append(packages, map[string]any{"from": i, "on_hand": n, "backordered": 0})
		}
	}
	return facts{"packages": packages}
}

// packageSplit: units that are there leave now; those that wait get a fulfillment order of their own when
// their stock has come. What goes into one parcel is the host's to say.
func packageSplit(c *peerCase) facts {
	type unit struct {
		SKU, Category, State string
		Qty                  int64
	}
	splitter := c.names("splitter")
	if splitter != "backordered" && splitter != "category" {
		return c.notMapped(noSplitter)
	}
	g := given[struct{ Packages []struct{ Units []unit } }](c)
	s := open(c)
	s.location("L")
	packages := [][]map[string]any{}
	quantities := []int64{}
	for n, p := range g.Packages {
		var lines []order.DraftLine
		var class []string
		backordered := map[string]int64{}
		for _, u := range p.Units {
			item := strconv.Itoa(n) + "/" + u.SKU
			if !slices.ContainsFunc(lines, func(l order.DraftLine) bool { return l.Item == item }) {
				s.item(inventory.Item{ID: item})
				lines = append(lines, order.DraftLine{Item: item, SKU: u.SKU, Free: true, Backorder: true})
				class = append(class, u.Category)
			}
			lines[slices.IndexFunc(lines, func(l order.DraftLine) bool { return l.Item == item })].Qty += u.Qty
			if u.State == "backordered" {
				backordered[item] += u.Qty
			} else {
				s.receive(item, "L", u.Qty)
			}
		}
		o, err := s.promise(lines...)
		s.do(err)
		now, err := s.Fulfillment.OfOrder(s.ctx, o.ID)
		s.do(err)
		for _, item := range slices.Sorted(maps.Keys(backordered)) {
			s.receive(item, "L", backordered[item])
		}
		o, err = s.Orders.Allocate(s.ctx, o.ID)
		s.do(err)
		all, err := s.Fulfillment.OfOrder(s.ctx, o.ID)
		s.do(err)
		for i, fo := range all {
			state := "on_hand"
			if i >= len(now) {
				state = "backordered"
			}
			var parcels []fulfillment.Parcel
			at := map[string]int{}
			for _, l := range fo.Lines {
				k, ok := at[class[l.Line-1]]
				if splitter == "backordered" {
					k, ok = 0, len(parcels) > 0
				}
				if !ok {
					k = len(parcels)
					parcels = append(parcels, fulfillment.Parcel{})
				}
				at[class[l.Line-1]] = k
				parcels[k].Contents = append(parcels[k].Contents, order.LineQty{Line: l.Line, Qty: l.Qty})
			}
			sh, err := s.Fulfillment.Pack(s.ctx, fo.ID, parcels)
			s.do(err)
			for _, p := range sh.Parcels {
				var content []map[string]any
				var total int64
				for _, x := range p.Contents {
					content = append(content, map[string]any{"sku": o.Lines[x.Line-1].SKU, "state": state, "qty": x.Qty})
					total += x.Qty
				}
				packages, quantities = append(packages, content), append(quantities, total)
			}
		}
	}
	return facts{"packages": packages, "package_quantities": quantities}
}

// rankLocations looks at the order in which a strategy prefers its candidates.
func rankLocations(c *peerCase) facts {
	g := given[struct{ Locations []site }](c)
	w := when[struct{ Strategy string }](c)
	strategy := map[string]allocation.Strategy{"distance": allocation.Nearest(), "priority": allocation.Priority()}[w.Strategy]
	if strategy == nil {
		c.unknown("strategy", w.Strategy)
	}
	r := allocation.NewRequest(allocation.Demand{Line: 1, Item: "V", Qty: 1})
	r.Destination = &allocation.Point{}
	for _, l := range g.Locations {
		if l.Enabled != nil && !*l.Enabled {
			continue // an inactive location is no candidate
		}
		x := allocation.Candidate{Location: l.ID, Priority: l.Priority}
		if l.Distance != nil {
			x.At = &allocation.Point{Lng: *l.Distance / 6371000 * 180 / math.Pi} // along the equator
		}
		r.Add(x, map[string]int64{"V": 1})
	}
	plan, err := strategy.Plan(c.t.Context(), r)
	require.NoError(c.t, err)
	ranked := []string{}
	for _, x := range plan.Explanation.Considered {
		ranked = append(ranked, x.Location)
	}
	return facts{"order": ranked}
}

// rankReduce: a host's strategy that ranks by rules in turn, as a Func over the standard one.
func rankReduce(c *peerCase) facts {
	g := given[struct {
		Locations []site
		Rules     []map[string]*int
	}](c)
	_ = when[struct{ Rule string }](c)
	s := open(c, oms.WithStrategy(allocation.Func(func(ctx context.Context, r allocation.Request) (allocation.Plan, error) {
		ranked := r
		ranked.Candidates = slices.Clone(r.Candidates)
		best := survivors(g.Locations, g.Rules)
		for i := range ranked.Candidates {
			ranked.Candidates[i].Priority = 1
			if ranked.Candidates[i].Location == best {
				ranked.Candidates[i].Priority = 0
			}
		}
		return allocation.Priority().Plan(ctx, ranked)
	})))
	s.item(inventory.Item{ID: "V"})
	for _, l := range g.Locations {
		s.location(l.ID)
		s.receive("V", l.ID, 1)
	}
	plan, err := s.Orders.Plan(s.ctx, order.Draft{Currency: euro, Lines: []order.DraftLine{want("V", 1)}})
	s.do(err)
	if len(plan.Assignments) == 0 {
		return facts{"picked": nil}
	}
	return facts{"picked": plan.Assignments[0].Location}
}

// survivors is the peer's rule: each table of ranks keeps the best of those left, a missing rank abstains.
func survivors(sites []site, rules []map[string]*int) string {
	left := slices.Clone(sites)
	for _, ranks := range rules {
		lowest := math.MaxInt
		for _, l := range left {
			if n := ranks[l.ID]; n != nil {
				lowest = min(lowest, *n)
			}
		}
		if lowest < math.MaxInt {
			left = slices.DeleteFunc(left, func(l site) bool { return ranks[l.ID] == nil || *ranks[l.ID] > lowest })
		}
	}
	slices.SortStableFunc(left, func(a, b site) int {
		switch {
		case a.Default && !b.Default:
			return -1
		case b.Default && !a.Default:
			return 1
		}
		return 0
	})
	if len(left) == 0 {
		return ""
	}
	return left[0].ID
}

// rankScore: how many lines a location can serve by itself, and which one sends the fewest shipments.
func rankScore(c *peerCase) facts {
	switch name := c.names("rule"); name {
	case "minimize_splits":
	case "preferred_location":
		return rankPreferred(c)
	default:
		c.unknown("rule", name)
	}
	g := given[struct {
		Locations []site
		Stock     []row
		Lines     []struct {
			SKU string
			Qty dec
		}
	}](c)
	var demands []allocation.Demand
	for i, l := range g.Lines {
		demands = append(demands, allocation.Demand{Line: i + 1, Item: l.SKU, Qty: l.Qty.IntPart()})
	}
	all := allocation.NewRequest(demands...)
	all.AllowPartial = true
	rank := map[string]int{}
	for _, l := range g.Locations {
		has := map[string]int64{}
		for _, r := range g.Stock {
			if r.Location == l.ID {
				has[r.SKU] += r.OnHand.IntPart()
			}
		}
		alone := allocation.NewRequest(demands...)
		alone.AllowPartial = true
		alone.Add(allocation.Candidate{Location: l.ID}, has)
		all.Add(allocation.Candidate{Location: l.ID}, has)
		plan, err := allocation.Priority().Plan(c.t.Context(), alone)
		require.NoError(c.t, err)
		rank[l.ID] = len(plan.Unassigned) - len(demands)
	}
	plan, err := allocation.FewestShipments().Plan(c.t.Context(), all)
	require.NoError(c.t, err)
	var best any
	if len(plan.Assignments) > 0 {
		best = plan.Assignments[0].Location
	}
	return facts{"rank": rank, "best": best}
}

// rankPreferred: an order that prefers a location is planned by a rule that prices all others; without a
// preference there is no such rule, and no location has a rank by it.
func rankPreferred(c *peerCase) facts {
	g := given[struct {
		Locations []site
		Order     struct {
			Preferred *string `json:"preferred_location"`
		}
	}](c)
	set := sourcing.Set{Objective: sourcing.LeastCost, Alternatives: true}
	if g.Order.Preferred != nil {
		set.Rules = append(set.Rules, sourcing.Prefer{Where: sourcing.Where{Locations: []string{*g.Order.Preferred}}, Cost: 1})
	}
	r := allocation.NewRequest(allocation.Demand{Line: 1, Item: "V", Qty: 1})
	for _, l := range g.Locations {
		r.Add(allocation.Candidate{Location: l.ID}, map[string]int64{"V": 1})
	}
	plan, err := set.Plan(c.t.Context(), r)
	require.NoError(c.t, err)
	rank, best := map[string]any{}, any(nil)
	for _, x := range plan.Explanation.Considered {
		rank[x.Location] = nil
		for _, term := range x.Judgement.Terms {
			rank[x.Location], best = term.Amount, plan.Assignments[0].Location
		}
	}
	return facts{"rank": rank, "best": best}
}
