package peercases_test

import (
	"errors"
	"maps"
	"slices"

	"github.com/stretchr/testify/require"

	"github.com/orderkit/oms/inventory"
	"github.com/orderkit/oms/order"
)

// stock are the kinds of inventory.json. What peers call allocated is what the orders have been promised:
// committed units, and demand that waits where there is not enough.
var stock = mappers{
	"availability.can_supply": canSupply,
	"availability.pool":       availabilityPool,
	"availability.threshold":  availabilityThreshold,
	"fulfil.check":            fulfilCheck,
	"ledger.sequence":         ledgerOfOne,
	"qty_rule.can_sell":       canSell,
	"release.only_allocated":  releaseOnlyAllocated,
	"reservation.can_sell":    reservationCanSell,
	"reservation.consistency": reservationConsistency,
	"reservation.expiry":      reservationExpiry,
	"reservation.idempotent":  reservationIdempotent,
	"reservation.sum":         reservationSum,
	"reservation.validate":    reservationValidate,
	"return.restock":          creditMemo,
	"stock.deduct":            stockDeduct,
	"stock.hold_op":           stockHoldOp,
	"stock.multi":             stockMulti,
	"stock.op":                stockOp,
	"stock.reserve":           stockReserve,
	"stock.set":               stockSet,
}

// row is stock of an item at a location.
type row struct {
	Location      string
	SKU           string
	OnHand        dec   `json:"on_hand"`
	Reserved      dec   // by carts
	InStock       *bool `json:"in_stock"`
	Enabled       *bool `json:"location_enabled"`
	Backorderable bool
}

// places are decimal places that hold every quantity of a case.
func places(qs ...dec) int32 {
	var n int32
	for _, q := range qs {
		if e := -q.Exponent(); e > n {
			n = e
		}
	}
	return n
}

// fill adds the items, locations and stock of a table. Units that a peer flags as not in stock are set
// aside: they are there and sold to nobody. closed locations keep their stock and promise none of it.
func (s *shop) fill(rows []row, items []inventory.Item, closed ...string) {
	s.t.Helper()
	known := map[string]bool{}
	for _, i := range items {
		s.item(i)
		known[i.ID] = true
	}
	seen := map[string]bool{}
	for _, r := range rows {
		if !known[r.SKU] {
			known[r.SKU] = true
			s.item(inventory.Item{ID: r.SKU})
		}
		if r.Enabled != nil && !*r.Enabled {
			closed = append(closed, r.Location)
		}
	}
	for _, r := range rows {
		if !seen[r.Location] {
			seen[r.Location] = true
			s.do(s.Stock.AddLocation(s.ctx, inventory.Location{ID: r.Location, Inactive: slices.Contains(closed, r.Location)}))
		}
		s.receive(r.SKU, r.Location, s.units(r.OnHand))
		if r.InStock != nil && !*r.InStock && r.OnHand.IsPositive() {
			aside := inventory.Movement{Item: r.SKU, From: inventory.At(r.Location, inventory.Free), To: inventory.At(r.Location, inventory.Held), Qty: s.units(r.OnHand)}
			_, err := s.Stock.Move(s.ctx, []inventory.Movement{aside}, inventory.ReasonInspect, "")
			s.do(err)
		}
		if r.Reserved.IsPositive() {
			_, err := s.Stock.Reserve(s.ctx, []inventory.Hold{{Owner: "another cart", Item: r.SKU, Location: r.Location,
				Qty: s.units(r.Reserved), Until: s.now.Add(inventory.MaxHold)}})
			s.do(err)
		}
	}
}

func canSupply(c *peerCase) facts {
	g := given[struct {
		Levels []struct {
			Location      string
			OnHand        int64 `json:"on_hand"`
			Active        bool
			Backorderable bool
		}
		Only string `json:"only_location"`
	}](c)
	w := when[struct {
		Ask      []int64
		Positive bool `json:"positive_stock"`
	}](c)
	s := open(c)
	var backorder bool
	for _, l := range g.Levels {
		backorder = backorder || l.Backorderable && (g.Only == l.Location || g.Only == "" && l.Active)
	}
	s.item(inventory.Item{ID: "V", Backorder: backorder})
	for _, l := range g.Levels {
		s.do(s.Stock.AddLocation(s.ctx, inventory.Location{ID: l.Location, Inactive: !l.Active}))
		s.receive("V", l.Location, max(0, l.OnHand))
		if l.OnHand < 0 { // a number below zero is demand that waits
			s.allocated(-l.OnHand)
		}
		if l.Location == g.Only && !l.Active && len(w.Ask) > 0 && slices.Min(w.Ask) <= l.OnHand {
			c.differs(inactiveByName, "can")
		}
	}
	if g.Only != "" {
		s.only = []string{g.Only}
	}
	can := []bool{}
	for _, q := range w.Ask {
		can = append(can, s.sells(want("V", q)))
	}
	ats := s.sellable("V", "")
	return facts{"can": can, "total_on_hand": ats, "positive_on_hand": ats}
}

// pooled is a table of stock with pools of locations, as Magento has them.
type pooled struct {
	Stock []row
	Pools map[string][]string
}

func (p pooled) open(c *peerCase, scale int32, items ...inventory.Item) *shop {
	s := open(c)
	s.scale = scale
	s.fill(p.Stock, items)
	return s
}

func availabilityPool(c *peerCase) facts {
	g := given[pooled](c)
	w := when[struct{ SKU, Pool string }](c)
	s := g.open(c, 1, inventory.Item{ID: w.SKU})
	var salable int64
	for _, l := range g.Pools[w.Pool] {
		salable += s.sellable(w.SKU, l)
	}
	return facts{"salable": s.qty(salable)}
}

// canSell: how much of an item one order may take is a guard that the host adds to the flow of orders.
func canSell(c *peerCase) facts {
	g := given[pooled](c)
	type quantityRules struct {
		Decimal   *bool `json:"decimal_allowed"`
		Increment dec   `json:"qty_increment"`
		Most      dec   `json:"max_sale_qty"`
		Least     dec   `json:"min_sale_qty"`
		Buffer    dec   `json:"out_of_stock_threshold"`
	}
	w := when[struct {
		SKU, Pool string
		Qty       dec
		Rules     quantityRules
	}](c)
	const scale = 1
	guard := order.WithGuard(order.ActionPlace, "quantity rules", func(a order.Attempt) error {
		q := whole(a.Order.Lines[0].Ordered).Shift(-scale)
		switch r := w.Rules; {
		case r.Decimal != nil && !*r.Decimal && !q.IsInteger():
			return errors.New("sold by the piece")
		case r.Increment.IsPositive() && !q.Mod(r.Increment).IsZero():
			return errors.New("sold in multiples of " + r.Increment.String())
		case r.Most.IsPositive() && q.GreaterThan(r.Most), q.LessThan(r.Least):
			return errors.New("too much or too little for one order")
		}
		return nil
	})
	flow, err := order.NewFlow(guard)
	require.NoError(c.t, err)
	if g.sharedBuffer(w.SKU, w.Pool, w.Qty, w.Rules.Buffer) {
		c.differs(pooledBuffer, "salable")
	}
	s := open(c, withFlow(flow))
	s.scale = scale
	s.fill(g.Stock, []inventory.Item{{ID: w.SKU, Safety: s.units(w.Rules.Buffer)}})
	s.only = g.Pools[w.Pool]
	return facts{"salable": s.sells(want(w.SKU, s.units(w.Qty)))}
}

// sharedBuffer tells whether a quantity can be sold when a buffer is kept back once, and cannot when each
// location keeps it.
func (p pooled) sharedBuffer(sku, pool string, q, buffer dec) bool {
	var once, each dec
	for _, r := range p.Stock {
		in := r.SKU == sku && slices.Contains(p.Pools[pool], r.Location)
		if in && (r.InStock == nil || *r.InStock) && (r.Enabled == nil || *r.Enabled) {
			once = once.Add(r.OnHand)
			if r.OnHand.GreaterThan(buffer) {
				each = each.Add(r.OnHand.Sub(buffer))
			}
		}
	}
	return q.LessThanOrEqual(once.Sub(buffer)) && q.GreaterThan(each)
}

// availabilityThreshold: a cart takes what it can get. The library reserves all or nothing and says how
// much there is; the host asks again for that.
func availabilityThreshold(c *peerCase) facts {
	g := given[struct {
		OnHand    int64 `json:"on_hand"`
		Allocated int64
		Threshold int64
		Tracked   bool
		InCart    int64 `json:"in_cart"`
	}](c)
	w := when[struct {
		Add int64 `json:"add_to_cart"`
	}](c)
	if g.Threshold < 0 && g.Tracked && g.InCart+w.Add > g.OnHand-g.Allocated {
		return c.notMapped(noLimit)
	}
	s := open(c)
	s.item(inventory.Item{ID: "V", Untracked: !g.Tracked, Safety: max(0, g.Threshold)})
	s.location("L")
	if !g.Tracked {
		require.True(c.t, s.sells(want("V", g.InCart+w.Add)))
		return facts{"added": w.Add}
	}
	s.receive("V", "L", g.OnHand)
	hold := func(units int64) error {
		_, err := s.Stock.Reserve(s.ctx, []inventory.Hold{{Owner: "cart", Item: "V", Location: "L", Qty: units, Until: s.now.Add(inventory.MaxHold)}})
		return err
	}
	if g.Allocated > 0 {
		_, err := s.promise(want("V", g.Allocated))
		s.do(err)
	}
	if g.InCart > 0 {
		s.do(hold(g.InCart))
	}
	err := hold(g.InCart + w.Add)
	if err == nil {
		return facts{"added": w.Add}
	}
	var short *inventory.ShortageError
	require.ErrorAs(c.t, err, &short)
	more := short.Short[0].Have - g.InCart
	if more > 0 {
		s.do(hold(short.Short[0].Have))
	}
	return facts{"added": more, "available": more, "error": err}
}

func fulfilCheck(c *peerCase) facts {
	g := given[struct {
		OnHand    int64 `json:"on_hand"`
		Allocated int64
	}](c)
	w := when[struct {
		Units int64 `json:"fulfil"` //nolint:misspell // the case's word
	}](c)
	s := one(c, g.OnHand)
	o := s.allocated(g.Allocated)
	err := s.ship(o, "", 1, w.Units)
	return facts{"ok": err == nil, "error": err, "on_hand": s.onHand("V", ""), "allocated": s.promised(o)}
}

func releaseOnlyAllocated(c *peerCase) facts {
	g := given[struct {
		OnHand    int64 `json:"on_hand"`
		Allocated int64
		Order     struct {
			State          string
			Qty, Allocated int64
		}
	}](c)
	w := when[struct{ Op string }](c)
	if w.Op != "cancel_order" {
		c.unknown("op", w.Op)
	}
	s := one(c, g.OnHand)
	others := s.allocated(g.Allocated - g.Order.Allocated)
	at := order.OnPlace
	if g.Order.Allocated == 0 {
		at = order.OnConfirm
	}
	o, err := s.Orders.Place(s.ctx, order.Draft{Currency: euro, ReserveAt: at, Lines: []order.DraftLine{want("V", g.Order.Qty)}})
	s.do(err)
	require.Equal(c.t, g.Order.Allocated, s.promised(o))
	_, err = s.Orders.Cancel(s.ctx, o.ID, order.CancelCustomer)
	s.do(err)
	return facts{"on_hand": s.onHand("V", ""), "allocated": s.promised(others, o)}
}

// creditMemo: giving money back moves no goods; the goods come back when they are received.
func creditMemo(c *peerCase) facts {
	g := given[struct {
		OnHand      int64 `json:"on_hand"`
		Refunded    int64 `json:"refunded_qty"`
		BackToStock bool  `json:"back_to_stock"`
	}](c)
	_ = when[struct{ Op string }](c)
	s := one(c, g.OnHand+g.Refunded)
	o, err := s.promise(want("V", g.Refunded))
	s.do(err)
	s.do(s.ship(o, "L", 1, g.Refunded))
	if g.BackToStock {
		s.refunded(s.sendBack(o, "L", 1, g.Refunded, "restock"), g.Refunded)
	} else {
		s.refunded(s.asked(o, 1, g.Refunded), g.Refunded)
	}
	return facts{"on_hand": s.onHand("V", "L")}
}

// stockDeduct: a flag that a peer stores is here whether a unit can be sold.
func stockDeduct(c *peerCase) facts {
	g := given[struct {
		OnHand     dec `json:"on_hand"`
		MinQty     dec `json:"min_qty"`
		Backorders bool
		Flag       bool `json:"flagged_in_stock"`
		Auto       bool `json:"auto_back_in_stock"`
	}](c)
	w := when[struct{ Deduct dec }](c)
	s := open(c)
	s.scale = places(g.OnHand, g.MinQty, w.Deduct)
	enough := g.OnHand.Sub(w.Deduct).GreaterThan(g.MinQty)
	sellable, turnedOn := enough || g.Backorders, enough && g.Auto
	if !g.Flag && sellable && !turnedOn {
		c.differs(storedFlag, "flagged_in_stock")
	}
	s.item(inventory.Item{ID: "V", Safety: max(0, s.units(g.MinQty)), Backorder: g.Backorders})
	s.location("L")
	s.receive("V", "L", s.units(g.OnHand))
	err := s.adjust(-s.units(w.Deduct))
	return facts{"error": err, "on_hand": s.qty(s.onHand("V", "L")), "flagged_in_stock": s.sells(want("V", 1))}
}

// stockHoldOp: undoing follows the unit. What was only held is cancelled, what was sold has left and
// comes back by a return, whatever the state of the payment.
func stockHoldOp(c *peerCase) facts {
	g := given[struct {
		OnHand int64 `json:"on_hand"`
		OnHold int64 `json:"on_hold"`
	}](c)
	w := when[struct {
		Op      string
		Qty     int64
		Payment string `json:"payment_state"`
	}](c)
	sold := w.Op == "cancel" && (w.Payment == "paid" || w.Payment == "refunded")
	s := one(c, g.OnHand)
	o := s.allocated(g.OnHold)
	var err error
	switch {
	case sold:
		s.receive("V", "L", w.Qty)
		gone, err := s.promise(want("V", w.Qty))
		s.do(err)
		s.do(s.ship(gone, "L", 1, w.Qty))
		require.ErrorIs(c.t, s.cancelUnits(gone, 1, w.Qty), order.ErrQuantity)
		s.sendBack(gone, "L", 1, w.Qty, "restock")
	case w.Op == "cancel" || w.Op == "release":
		err = s.cancelUnits(o, 1, w.Qty)
	case w.Op == "hold":
		var more order.Order
		if more, err = s.promise(want("V", w.Qty)); err == nil {
			return facts{"ok": true, "error": err, "on_hand": s.onHand("V", "L"), "on_hold": s.promised(o, more)}
		}
	case w.Op == "sell":
		err = s.ship(o, "L", 1, w.Qty)
	default:
		c.unknown("op", w.Op)
	}
	return facts{"ok": err == nil, "error": err, "on_hand": s.onHand("V", "L"), "on_hold": s.promised(o)}
}

// stockMulti: several lines of one order, or one line over several locations.
func stockMulti(c *peerCase) facts {
	g := given[struct {
		OnHand      int64 `json:"on_hand"`
		Stock       map[string]int64
		Allocations map[string]int64
	}](c)
	w := when[struct {
		Op       string
		Add      map[string]int64
		Location string
		Qty      int64
	}](c)
	if g.Stock == nil {
		return c.severalLines(g.OnHand, g.Allocations, w.Op, w.Add)
	}
	s := open(c, assigning(g.Allocations))
	s.item(inventory.Item{ID: "V"})
	for _, l := range slices.Sorted(maps.Keys(g.Stock)) {
		s.location(l)
		s.receive("V", l, g.Stock[l])
	}
	var total int64
	for _, q := range g.Allocations {
		total += q
	}
	o, err := s.promise(want("V", total))
	s.do(err)
	switch w.Op {
	case "ship_from":
		if w.Qty > g.Allocations[w.Location] {
			c.differs(shipsUnreserved, "ok", "error", "stock", "allocations")
		}
		err = s.ship(o, w.Location, 1, w.Qty)
	case "release_order":
		_, err = s.Orders.Cancel(s.ctx, o.ID, order.CancelCustomer)
	default:
		c.unknown("op", w.Op)
	}
	onHand, allocations := map[string]int64{}, map[string]int64{}
	for l := range g.Stock {
		onHand[l], allocations[l] = s.onHand("V", l), s.state("V", l, inventory.Committed)
	}
	return facts{"ok": err == nil, "error": err, "stock": onHand, "allocations": allocations}
}

func (c *peerCase) severalLines(onHand int64, allocations map[string]int64, op string, add map[string]int64) facts {
	if op != "allocate" {
		c.unknown("op", op)
	}
	s := one(c, onHand)
	lines := func(of map[string]int64) []order.DraftLine {
		var out []order.DraftLine
		for _, name := range slices.Sorted(maps.Keys(of)) {
			out = append(out, want("V", of[name]))
		}
		return out
	}
	_, err := s.promise(lines(allocations)...)
	s.do(err)
	_, err = s.promise(lines(add)...)
	after := maps.Clone(allocations)
	if err == nil {
		for name, q := range add {
			after[name] += q
		}
	}
	require.Equal(c.t, sum(slices.Collect(maps.Values(after))), s.state("V", "L", inventory.Committed), "all lines, or none")
	return facts{"ok": err == nil, "error": err, "on_hand": s.onHand("V", "L"), "allocations": after, "allocated": s.state("V", "L", inventory.Committed)}
}
