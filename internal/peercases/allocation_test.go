package peercases_test

import (
	"encoding/json"
	"slices"
	"strings"

	"github.com/stretchr/testify/require"

	"github.com/orderkit/oms"
	"github.com/orderkit/oms/allocation"
	"github.com/orderkit/oms/fulfillment"
	"github.com/orderkit/oms/inventory"
	"github.com/orderkit/oms/order"
)

// routing are the kinds of allocation.json.
var routing = mappers{
	"allocate.all_or_nothing":         allocateAllOrNothing,
	"allocate.eligible_locations":     eligibleLocations,
	"allocate.on_hand_then_backorder": onHandThenBackorder,
	"allocate.order_queue":            orderQueue,
	"allocate.ordered_sources":        orderedSources,
	"availability.total":              availabilityTotal,
	"fulfillment.move_units":          moveUnits,
	"fulfillment_order.move":          moveWork,
	"geo.distance":                    geoDistance,
	"ledger.sequence":                 ledgerOfMany,
	"package.prioritize":              packagePrioritize,
	"package.split":                   packageSplit,
	"rank.locations":                  rankLocations,
	"rank.reduce":                     rankReduce,
	"rank.score":                      rankScore,
	"stock.list_in_stock":             listInStock,
}

type site struct {
	ID            string
	Enabled       *bool
	Priority      int
	Backorderable bool
	Default       bool
	Distance      *float64 `json:"distance_m"`
}

// closed lists the locations that are switched off.
func closed(sites []site) []string {
	var out []string
	for _, l := range sites {
		if l.Enabled != nil && !*l.Enabled {
			out = append(out, l.ID)
		}
	}
	return out
}

// request is what is wanted, and from which sources in which order.
type request struct {
	Sources []string `json:"source_order"`
	Lines   []struct {
		SKU string
		Qty dec
	}
	Strategy string
	Partial  string
	SKUMatch string `json:"sku_match"`
	Respect  *bool  `json:"respect_reservations"`
	Zone     *bool  `json:"require_zone"`
}

// items are those that a request names; one may be backordered if it may at any location.
func (q request) items(rows []row) []inventory.Item {
	var out []inventory.Item
	for _, l := range q.Lines {
		backorder := slices.ContainsFunc(rows, func(r row) bool { return r.SKU == l.SKU && r.Backorderable })
		if !slices.ContainsFunc(out, func(i inventory.Item) bool { return i.ID == l.SKU }) {
			out = append(out, inventory.Item{ID: l.SKU, Backorder: backorder})
		}
	}
	return out
}

func (s *shop) draft(q request) order.Draft {
	s.t.Helper()
	d := order.Draft{Currency: euro}
	for _, l := range q.Lines {
		d.Lines = append(d.Lines, want(l.SKU, s.units(l.Qty)))
	}
	return d
}

// scaleOf is enough decimal places for a table and a request.
func scaleOf(rows []row, q request) int32 {
	var qs []dec
	for _, r := range rows {
		qs = append(qs, r.OnHand, r.Reserved)
	}
	for _, l := range q.Lines {
		qs = append(qs, l.Qty)
	}
	return places(qs...)
}

type pick struct {
	location, sku string
	qty           dec
}

func picksOf(picks []pick) []map[string]any {
	out := []map[string]any{}
	for _, p := range picks {
		out = append(out, map[string]any{"location": p.location, "sku": p.sku, "qty": p.qty})
	}
	return out
}

// highestFirst orders locations by what they have, whoever holds it in a cart.
func highestFirst(sources []string, rows []row) []string {
	has := map[string]dec{}
	for _, r := range rows {
		has[r.Location] = has[r.Location].Add(r.OnHand)
	}
	out := slices.Clone(sources)
	slices.SortStableFunc(out, func(a, b string) int { return has[b].Cmp(has[a]) })
	return out
}

// allocateAllOrNothing places an order: it gets all it wants, or the refusal names every short line and
// nothing is kept.
func allocateAllOrNothing(c *peerCase) facts {
	g := given[struct {
		Locations []site
		Stock     []row
		Zones     *[]string `json:"channel_zones"`
	}](c)
	w := when[request](c)
	s := open(c)
	s.scale = scaleOf(g.Stock, w)
	if w.Respect != nil && !*w.Respect {
		for i := range g.Stock {
			g.Stock[i].Reserved = dec{}
		}
	}
	s.fill(g.Stock, w.items(g.Stock), closed(g.Locations)...)
	s.only = slices.Clone(w.Sources)
	switch w.Strategy {
	case "", "sort_order":
	case "highest_stock":
		s.only = highestFirst(w.Sources, g.Stock)
	default:
		c.unknown("strategy", w.Strategy)
	}
	if s.only == nil || g.Zones != nil && len(*g.Zones) == 0 && (w.Zone == nil || *w.Zone) {
		s.only = []string{}
	}
	o, err := s.promise(s.draft(w).Lines...)
	if err != nil {
		var short *inventory.ShortageError
		require.ErrorAs(c.t, err, &short)
		var skus []string
		for _, x := range short.Short {
			skus = append(skus, x.Item)
		}
		var committed int64
		for _, l := range w.Lines {
			committed += s.state(l.SKU, "", inventory.Committed)
		}
		return facts{"ok": false, "error": err, "error_skus": skus, "allocated_units": committed}
	}
	if units(o).Backordered > 0 {
		c.differs(placedBackorder, "picks", "packages", "backordered")
	}
	work, err := s.Fulfillment.OfOrder(s.ctx, o.ID)
	s.do(err)
	slices.SortStableFunc(work, func(a, b fulfillment.Order) int {
		return slices.Index(s.only, a.Location) - slices.Index(s.only, b.Location)
	})
	var picks []pick
	for _, fo := range work {
		for _, l := range fo.Lines {
			picks = append(picks, pick{fo.Location, l.Item, s.qty(l.Qty)})
		}
	}
	return facts{"ok": true, "picks": picksOf(picks), "packages": len(work), "units": s.qty(s.promised(o)), "allocated_units": s.qty(s.promised(o))}
}

// orderedSources asks for the plan of a draft, which may be partial and says what is missing.
func orderedSources(c *peerCase) facts {
	g := given[struct {
		Locations []site
		Stock     []row
		Nearest   []string `json:"nearest_first_to_customer"`
	}](c)
	w := when[request](c)
	for _, l := range w.Lines {
		exact := func(r row) bool { return r.SKU == l.SKU }
		folded := func(r row) bool { return strings.EqualFold(r.SKU, l.SKU) }
		if w.SKUMatch == "case_insensitive" && slices.ContainsFunc(g.Stock, folded) && !slices.ContainsFunc(g.Stock, exact) {
			c.differs(foldsCase, "picks", "short", "complete")
		}
	}
	var s *shop
	d := order.Draft{}
	switch w.Strategy {
	case "", "priority", "sort_order":
		s = open(c)
		s.only = w.Sources
	case "distance":
		s = open(c, oms.WithStrategy(allocation.Nearest()))
		d.ShipTo.At = &order.Point{}
	default:
		c.unknown("strategy", w.Strategy)
	}
	s.scale = scaleOf(g.Stock, w)
	s.fill(g.Stock, w.items(g.Stock), closed(g.Locations)...)
	for i, l := range g.Nearest { // the host knows where its locations are
		s.do(s.Stock.AddLocation(s.ctx, inventory.Location{ID: l, At: &inventory.Point{Lng: float64(i + 1)}}))
	}
	d.Currency, d.Lines = euro, s.draft(w).Lines
	plan, err := s.Orders.Plan(s.ctx, d)
	s.do(err)
	var picks []pick
	for _, a := range plan.Assignments {
		picks = append(picks, pick{a.Location, a.Item, s.qty(a.Qty)})
	}
	short := map[string]dec{}
	for _, u := range plan.Unassigned {
		short[u.Item] = short[u.Item].Add(s.qty(u.Missing()))
	}
	return facts{"picks": picksOf(picks), "short": short, "complete": plan.Complete()}
}

func onHandThenBackorder(c *peerCase) facts {
	g := given[struct {
		Locations []site
		Stock     []row
	}](c)
	w := when[request](c)
	s := open(c)
	s.scale = scaleOf(g.Stock, w)
	items := w.items(g.Stock)
	s.fill(g.Stock, items, closed(g.Locations)...)
	s.only = w.Sources
	plan, err := s.Orders.Plan(s.ctx, s.draft(w))
	s.do(err)
	var onHand []pick
	for _, a := range plan.Assignments {
		onHand = append(onHand, pick{a.Location, a.Item, s.qty(a.Qty)})
	}
	waiting, short := []map[string]any{}, map[string]dec{}
	for _, u := range plan.Unassigned {
		if slices.ContainsFunc(items, func(i inventory.Item) bool { return i.ID == u.Item && i.Backorder }) {
			waiting = append(waiting, map[string]any{"sku": u.Item, "qty": s.qty(u.Missing())}) // at no location
		} else {
			short[u.Item] = s.qty(u.Missing())
		}
	}
	if len(waiting) > 0 {
		c.differs(placedBackorder, "backordered")
	}
	o, err := s.Orders.Place(s.ctx, s.draft(w))
	require.Equal(c.t, len(short) == 0, err == nil, "an order is placed if every line is covered or may wait")
	if err == nil {
		var backordered int64
		for _, l := range o.Lines {
			backordered += l.Backordered
		}
		require.Equal(c.t, plan.Missing(), backordered)
	}
	return facts{"on_hand": picksOf(onHand), "backordered": waiting, "short": short}
}

// orderQueue: the host decides who comes first, the library that each order gets all or nothing.
func orderQueue(c *peerCase) facts {
	type queued struct {
		ID, Service string
		Lines       []struct {
			SKU string
			Qty dec
		}
	}
	g := given[struct {
		Stock  []row
		Orders []queued
	}](c)
	_ = when[struct{ Rule string }](c)
	s := open(c)
	s.fill(g.Stock, nil)
	slices.SortStableFunc(g.Orders, func(a, b queued) int {
		first := func(q queued) int {
			if q.Service == "Expedited" {
				return 0
			}
			return 1
		}
		return first(a) - first(b)
	})
	filled, unfilled := []string{}, []string{}
	for _, q := range g.Orders {
		_, err := s.promise(s.draft(request{Lines: q.Lines}).Lines...)
		if err == nil {
			filled = append(filled, q.ID)
			continue
		}
		require.ErrorIs(c.t, err, inventory.ErrShortage)
		unfilled = append(unfilled, q.ID)
	}
	remaining := map[string]int64{}
	for _, r := range g.Stock {
		remaining[r.SKU] = s.sellable(r.SKU, "")
	}
	return facts{"filled": filled, "unfilled": unfilled, "remaining": remaining}
}

// eligibleLocations: a channel with a list of locations is an Engine over the same store, whose strategy
// sees only those.
func eligibleLocations(c *peerCase) facts {
	g := given[struct {
		Locations []site
		Channel   struct {
			ID        string
			Locations []string
		}
	}](c)
	w := when[struct {
		Channel string `json:"order_channel"`
	}](c)
	s := open(c)
	s.item(inventory.Item{ID: "V"})
	if w.Channel == g.Channel.ID {
		s.only = g.Channel.Locations
	}
	for i, l := range g.Locations {
		s.do(s.Stock.AddLocation(s.ctx, inventory.Location{ID: l.ID, Priority: i, Inactive: l.Enabled != nil && !*l.Enabled}))
		s.receive("V", l.ID, 1)
	}
	plan, err := s.Orders.Plan(s.ctx, order.Draft{Currency: euro, Lines: []order.DraftLine{want("V", int64(len(g.Locations)))}})
	s.do(err)
	eligible, never := []string{}, []string{}
	for _, x := range plan.Explanation.Considered {
		eligible = append(eligible, x.Location)
	}
	for _, l := range g.Locations {
		if !slices.Contains(eligible, l.ID) {
			never = append(never, l.ID)
		}
	}
	return facts{"eligible": eligible, "never": never}
}

func availabilityTotal(c *peerCase) facts {
	g := given[struct{ Stock []row }](c)
	w := when[struct{ Scopes [][]string }](c)
	s := open(c)
	s.fill(g.Stock, nil)
	available := []int64{}
	for _, scope := range w.Scopes {
		var units int64
		for _, l := range scope {
			units += s.sellable(g.Stock[0].SKU, l)
		}
		available = append(available, units)
	}
	return facts{"available": available}
}

func geoDistance(c *peerCase) facts {
	g := given[struct{ From, To allocation.Point }](c)
	w := when[struct {
		Formula string
		Radius  int `json:"radius_m"`
	}](c)
	require.Equal(c.t, 6371000, w.Radius, "the library has one earth")
	e := read[struct {
		Meters    float64 `json:"metres"` //nolint:misspell // the case's word
		Tolerance float64 `json:"tolerance_m"`
	}](c, "expect", c.Expect)
	//nolint:misspell // the case's word
	return facts{"metres": near{allocation.Distance(g.From, g.To), e.Tolerance}, "tolerance_m": near{e.Tolerance, 0}}
}

func ledgerOfMany(c *peerCase) facts {
	g := given[struct{ Stock []row }](c)
	w := when[struct{ Ops []step }](c)
	s := open(c)
	s.fill(g.Stock, nil)
	accounts := map[string]*account{}
	after := map[int]facts{}
	for i, x := range w.Ops {
		key := x.Location + "/" + x.SKU
		if accounts[key] == nil {
			accounts[key] = &account{}
		}
		s.do(s.run(accounts[key], x))
		after[i] = facts{"op": i}
		for _, r := range g.Stock {
			onHand, allocated, _ := s.shelf(r.SKU, r.Location)
			after[i][r.Location+"/"+r.SKU] = []int64{onHand, allocated}
		}
	}
	return facts{"after": lookedAt(c, after)}
}

// lookedAt picks the steps that a case looks at.
func lookedAt(c *peerCase, after map[int]facts) []facts {
	var e struct{ After []struct{ Op int } }
	require.NoError(c.t, json.Unmarshal(c.Expect, &e))
	out := []facts{}
	for _, x := range e.After {
		out = append(out, after[x.Op])
	}
	return out
}

// listInStock lists what can be sold, by source.
func listInStock(c *peerCase) facts {
	g := given[struct {
		Locations []site
		Stock     []row
	}](c)
	w := when[struct {
		SKUs    []string
		Sources []string `json:"source_order"`
	}](c)
	s := open(c)
	s.scale = scaleOf(g.Stock, request{})
	s.fill(g.Stock, nil, closed(g.Locations)...)
	rows := []map[string]any{}
	for _, l := range w.Sources {
		for _, sku := range w.SKUs {
			if units := s.sellable(sku, l); units > 0 {
				rows = append(rows, map[string]any{"location": l, "sku": sku, "on_hand": s.qty(units)})
			}
		}
	}
	for _, r := range g.Stock {
		flagged := r.InStock == nil || *r.InStock
		if r.OnHand.IsZero() && flagged && slices.Contains(w.Sources, r.Location) && slices.Contains(w.SKUs, r.SKU) {
			c.differs(storedFlag, "rows")
		}
	}
	return facts{"rows": rows}
}
