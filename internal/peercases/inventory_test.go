package peercases_test

import (
	"cmp"
	"context"
	"errors"
	"maps"
	"slices"

	"github.com/stretchr/testify/require"

	"github.com/orderkit/oms"
	"github.com/orderkit/oms/allocation"
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

// fill adds the items, locations and stock of a table. What a peer flags as not in stock is frozen: it is
// there and promised to nobody. closed locations keep their stock and promise none of it.
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
		if r.InStock != nil && !*r.InStock {
			_, err := s.Stock.Freeze(s.ctx, r.SKU, r.Location)
			s.do(err)
		}
		if r.Reserved.IsPositive() {
			_, err := s.Stock.Reserve(s.ctx, []inventory.Hold{{Owner: "another cart", Item: r.SKU, Location: r.Location,
				Qty: s.units(r.Reserved), Until: s.now.Add(inventory.MaxHold)}})
			s.do(err)
		}
	}
}

// canSupply: a number below zero is demand that waits, so what a peer adds up to is what there is to
// promise without what is owed.
func canSupply(c *peerCase) facts {
	g := given[struct {
		Levels []struct {
			Location      string
			OnHand        int64 `json:"on_hand"`
			Active        *bool
			Backorderable bool
		}
		Only    string `json:"only_location"`
		Tracked *bool
	}](c)
	w := when[struct {
		Ask      []int64
		Positive bool `json:"positive_stock"`
	}](c)
	s := open(c)
	var backorder bool
	var owed int64
	active := func(flag *bool) bool { return flag == nil || *flag }
	for _, l := range g.Levels {
		backorder = backorder || l.Backorderable && (g.Only == l.Location || g.Only == "" && active(l.Active))
	}
	s.item(inventory.Item{ID: "V", Backorder: backorder, Untracked: g.Tracked != nil && !*g.Tracked})
	for _, l := range g.Levels {
		s.do(s.Stock.AddLocation(s.ctx, inventory.Location{ID: l.Location, Inactive: !active(l.Active)}))
		switch {
		case g.Tracked != nil && !*g.Tracked:
		case l.OnHand < 0:
			owed -= l.OnHand
		default:
			s.receive("V", l.Location, l.OnHand)
		}
		if l.Location == g.Only && !active(l.Active) && len(w.Ask) > 0 && slices.Min(w.Ask) <= l.OnHand {
			c.differs(inactiveByName, "can")
		}
	}
	if g.Only != "" {
		s.only = []string{g.Only}
	}
	s.allocated(owed)
	can := []bool{}
	for _, q := range w.Ask {
		can = append(can, s.sells(want("V", q)))
	}
	if g.Tracked != nil && !*g.Tracked {
		return facts{"can": can}
	}
	ats := s.sellable("V", g.Only)
	return facts{"can": can, "total_on_hand": ats - s.waiting("V"), "positive_on_hand": ats}
}

// pooled is a table of stock with pools of locations, as Magento has them.
type pooled struct {
	Stock []row
	Pools map[string][]string
}

// open makes a channel of each pool.
func (p pooled) open(c *peerCase, scale int32, item inventory.Item, options ...oms.Option) *shop {
	c.t.Helper()
	s := open(c, append(options, oms.WithChannels())...)
	s.scale = scale
	s.fill(p.Stock, []inventory.Item{item})
	known := map[string]bool{}
	for _, r := range p.Stock {
		known[r.Location] = true
	}
	for _, name := range slices.Sorted(maps.Keys(p.Pools)) {
		require.NotEmpty(c.t, p.Pools[name], "a channel of no locations would sell from all")
		for _, l := range p.Pools[name] {
			if !known[l] {
				known[l] = true
				s.location(l)
			}
		}
		_, err := s.Channels.Set(s.ctx, inventory.Channel{ID: name, Locations: p.Pools[name]})
		s.do(err)
	}
	return s
}

// scale is enough decimal places for the stock and what is asked.
func (p pooled) scale(qs ...dec) int32 {
	for _, r := range p.Stock {
		qs = append(qs, r.OnHand, r.Reserved)
	}
	return places(qs...)
}

// availabilityPool asks a channel; a group of the same locations has to agree with it.
func availabilityPool(c *peerCase) facts {
	g := given[pooled](c)
	w := when[struct{ SKU, Pool string }](c)
	require.Contains(c.t, g.Pools, w.Pool)
	s := g.open(c, g.scale(), inventory.Item{ID: w.SKU})
	a, err := s.Channels.Availability(s.ctx, w.Pool, w.SKU, "", "")
	s.do(err)
	_, err = s.Stock.PutGroup(s.ctx, inventory.Group{ID: w.Pool, Locations: g.Pools[w.Pool]})
	s.do(err)
	b, err := s.Stock.AvailabilityIn(s.ctx, w.Pool, w.SKU, "")
	s.do(err)
	require.Equal(c.t, a.ATS, b.ATS)
	return facts{"salable": s.qty(a.ATS)}
}

// canSell: how much of an item one order may take is a guard that the host adds to the flow of orders. A
// buffer that several locations keep together is a strategy of the host: the library's own is kept at each.
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
	require.Contains(c.t, g.Pools, w.Pool)
	scale := g.scale(w.Qty, w.Rules.Buffer)
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
	buffer := w.Rules.Buffer.Shift(scale).IntPart()
	s := g.open(c, scale, inventory.Item{ID: w.SKU}, withFlow(flow), oms.WithStrategy(keeping(buffer)))
	s.channel = w.Pool
	return facts{"salable": s.sells(want(w.SKU, s.units(w.Qty)))}
}

// keeping plans what is left when a buffer is kept back once, wherever there is most.
func keeping(buffer int64) allocation.Strategy {
	return allocation.Func(func(ctx context.Context, r allocation.Request) (allocation.Plan, error) {
		seen := r
		seen.Candidates = slices.Clone(r.Candidates)
		for i := range r.Items {
			slices.SortStableFunc(seen.Candidates, func(a, b allocation.Candidate) int { return cmp.Compare(b.Available[i], a.Available[i]) })
			left := buffer
			for k := range seen.Candidates {
				x := &seen.Candidates[k]
				kept := min(left, max(0, x.Available[i]))
				x.Available = slices.Clone(x.Available)
				x.Available[i] -= kept
				left -= kept
			}
		}
		return allocation.Priority().Plan(ctx, seen)
	})
}

// availabilityThreshold: a cart takes what there is. A threshold below zero lets so many units wait.
func availabilityThreshold(c *peerCase) facts {
	g := given[struct {
		OnHand    int64 `json:"on_hand"`
		Allocated int64
		Threshold int64
		Tracked   *bool
		InCart    int64 `json:"in_cart"`
	}](c)
	w := when[struct {
		Add int64 `json:"add_to_cart"`
	}](c)
	tracked := g.Tracked == nil || *g.Tracked
	s := open(c)
	s.item(inventory.Item{
		ID: "V", Untracked: !tracked, Safety: max(0, g.Threshold),
		Backorder: g.Threshold < 0, BackorderLimit: max(0, -g.Threshold),
	})
	s.location("L")
	if !tracked {
		require.True(c.t, s.sells(want("V", g.InCart+w.Add)))
		return facts{"added": w.Add}
	}
	s.receive("V", "L", g.OnHand)
	s.allocated(g.Allocated)
	hold := func(units int64) inventory.Hold {
		return inventory.Hold{Owner: "cart", Item: "V", Location: "L", Qty: units, Until: s.now.Add(inventory.MaxHold)}
	}
	all := g.InCart + w.Add
	if g.Threshold < 0 {
		_, err := s.Orders.Place(s.ctx, order.Draft{Currency: euro, Lines: []order.DraftLine{want("V", all)}})
		if err == nil {
			return facts{"added": w.Add}
		}
		var short *inventory.ShortageError
		require.ErrorAs(c.t, err, &short)
		more := max(0, short.Short[0].Have+short.Short[0].Room-g.InCart)
		return facts{"added": more, "available": more, "error": err}
	}
	if g.InCart > 0 {
		_, err := s.Stock.Reserve(s.ctx, []inventory.Hold{hold(g.InCart)})
		s.do(err)
	}
	_, err := s.Preview(s.ctx, func(ctx context.Context, k *oms.Engine) error {
		_, err := k.Stock.Reserve(ctx, []inventory.Hold{hold(all)})
		return err
	})
	_, took, available := s.Stock.ReserveAvailable(s.ctx, []inventory.Hold{hold(all)})
	s.do(available)
	if err == nil {
		return facts{"added": took[0] - g.InCart}
	}
	require.ErrorIs(c.t, err, inventory.ErrShortage)
	more := took[0] - g.InCart
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

// stockDeduct: a flag that a peer stores is here whether a unit can be sold. One that is off, and that no
// stock turns on by itself, is a frozen level.
func stockDeduct(c *peerCase) facts {
	g := given[struct {
		OnHand     dec `json:"on_hand"`
		MinQty     dec `json:"min_qty"`
		Backorders bool
		Flag       *bool `json:"flagged_in_stock"`
		Auto       bool  `json:"auto_back_in_stock"`
	}](c)
	w := when[struct{ Deduct dec }](c)
	s := open(c)
	s.scale = places(g.OnHand, g.MinQty, w.Deduct)
	off := g.Flag != nil && !*g.Flag
	enough := g.OnHand.Sub(w.Deduct).GreaterThan(g.MinQty)
	if off && g.Auto && g.Backorders && !enough {
		c.differs(storedFlag, "flagged_in_stock")
	}
	s.item(inventory.Item{ID: "V", Safety: max(0, s.units(g.MinQty)), Backorder: g.Backorders})
	s.location("L")
	s.receive("V", "L", s.units(g.OnHand))
	if off && !g.Auto {
		_, err := s.Stock.Freeze(s.ctx, "V", "L")
		s.do(err)
	}
	err := s.adjust(-s.units(w.Deduct))
	level, found := s.Stock.Level(s.ctx, "V", "L")
	s.do(found)
	return facts{"error": err, "on_hand": s.qty(s.onHand("V", "L")), "flagged_in_stock": !level.Frozen && s.sells(want("V", 1))}
}

// stockHoldOp: undoing follows the unit. What was only held is cancelled, what was sold has left and
// comes back by a return, whatever the state of the payment.
func stockHoldOp(c *peerCase) facts {
	g := given[struct {
		OnHand  int64 `json:"on_hand"`
		OnHold  int64 `json:"on_hold"`
		Tracked *bool
	}](c)
	w := when[struct {
		Op      string
		Qty     int64
		Payment string `json:"payment_state"`
	}](c)
	if g.Tracked != nil && !*g.Tracked { // no stock is kept, so no number moves
		s := open(c)
		s.item(inventory.Item{ID: "V", Untracked: true})
		_, err := s.promise(want("V", w.Qty))
		s.do(err)
		require.Empty(c.t, s.postings("V"))
		return facts{"ok": true, "on_hand": g.OnHand, "on_hold": g.OnHold}
	}
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
		more := s.allocated(w.Qty) // the peer asks whether there is enough before, and elsewhere
		return facts{"ok": true, "on_hand": s.onHand("V", "L"), "on_hold": s.promised(o, more)}
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
