package peercases_test

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/orderkit/oms"
	"github.com/orderkit/oms/allocation"
	"github.com/orderkit/oms/fulfillment"
	"github.com/orderkit/oms/inventory"
	"github.com/orderkit/oms/order"
	"github.com/orderkit/oms/returns"
	"github.com/orderkit/oms/storage/memory"
)

// shop is an Engine at work on one case. When the case is over its books must balance.
type shop struct {
	*oms.Engine
	t        *testing.T
	ctx      context.Context
	store    *memory.Store
	now      time.Time
	scale    int32 // decimal places of the case's quantities
	only     []string
	channel  string // that sells places orders on
	tampered bool   // the case broke the books on purpose
}

func open(c *peerCase, options ...oms.Option) *shop {
	c.t.Helper()
	s := &shop{t: c.t, ctx: context.WithoutCancel(c.t.Context()), store: memory.New(), now: moment}
	clock := oms.WithClock(func() time.Time { return s.now })
	s.Engine = oms.New(s.store, append([]oms.Option{clock, oms.WithStrategy(s.among(allocation.Priority()))}, options...)...)
	c.t.Cleanup(func() {
		if !s.tampered && !c.t.Failed() {
			found, err := s.Verify(s.ctx)
			require.NoError(c.t, err)
			require.Empty(c.t, found, "the books must balance after the case")
		}
	})
	return s
}

// among lets a strategy see only the locations of s.only, preferred in that order; all of them when it
// is nil. That is how a host makes pools, channels and zones.
func (s *shop) among(base allocation.Strategy) allocation.Strategy {
	return allocation.Func(func(ctx context.Context, r allocation.Request) (allocation.Plan, error) {
		if s.only == nil {
			return base.Plan(ctx, r)
		}
		seen := r
		seen.Candidates = nil
		for _, x := range r.Candidates {
			if i := slices.Index(s.only, x.Location); i >= 0 {
				x.Priority = i
				seen.Candidates = append(seen.Candidates, x)
			}
		}
		return base.Plan(ctx, seen)
	})
}

func (s *shop) do(err error) {
	s.t.Helper()
	require.NoError(s.t, err)
}

// units is a quantity of the case in base units, and back.
func (s *shop) units(q dec) int64 {
	s.t.Helper()
	n := q.Shift(s.scale)
	require.True(s.t, n.IsInteger(), "%s has more decimal places than the item", q)
	return n.IntPart()
}

func (s *shop) qty(units int64) dec { return whole(units).Shift(-s.scale) }

func (s *shop) item(i inventory.Item) {
	s.t.Helper()
	i.Scale = int(s.scale)
	s.do(s.Stock.AddItem(s.ctx, i))
}

func (s *shop) location(ids ...string) {
	s.t.Helper()
	for _, id := range ids {
		s.do(s.Stock.AddLocation(s.ctx, inventory.Location{ID: id}))
	}
}

// receive brings units in, if there are any.
func (s *shop) receive(item, location string, units int64) {
	s.t.Helper()
	if units == 0 {
		return
	}
	_, err := s.Stock.Receive(s.ctx, inventory.Receipt{Item: item, Location: location, Qty: units})
	s.do(err)
}

// one is a shop with units of one item, "V", at one location, "L". The item may be backordered.
func one(c *peerCase, onHand int64, options ...oms.Option) *shop {
	c.t.Helper()
	s := open(c, options...)
	s.item(inventory.Item{ID: "V"})
	s.location("L")
	s.receive("V", "L", onHand)
	return s
}

func (s *shop) adjust(delta int64) error {
	_, err := s.Stock.Adjust(s.ctx, inventory.Adjustment{Item: "V", Location: "L", Delta: delta, Reason: inventory.ReasonCount})
	return err
}

// want is a line without a price.
func want(item string, units int64) order.DraftLine {
	return order.DraftLine{Item: item, Qty: units, Free: true}
}

// waits is a line that may wait for stock.
func waits(item string, units int64) order.DraftLine {
	return order.DraftLine{Item: item, Qty: units, Free: true, Backorder: true}
}

// promise places and confirms an order.
func (s *shop) promise(lines ...order.DraftLine) (order.Order, error) {
	o, err := s.Orders.Place(s.ctx, order.Draft{Currency: euro, Lines: lines})
	if err != nil {
		return o, err
	}
	o, err = s.Orders.Confirm(s.ctx, o.ID)
	s.do(err)
	return o, nil
}

// sells tells whether an order could be placed now. Nothing of it is kept.
func (s *shop) sells(lines ...order.DraftLine) bool {
	s.t.Helper()
	_, err := s.Preview(s.ctx, func(ctx context.Context, k *oms.Engine) error {
		_, err := k.Orders.Place(ctx, order.Draft{Channel: s.channel, Currency: euro, Lines: lines})
		return err
	})
	if err != nil {
		require.True(s.t, isRefusal(err), "neither sold nor refused: %v", err)
	}
	return err == nil
}

// allocated places an order for units of V, of which those beyond stock wait. None for zero.
func (s *shop) allocated(units int64) order.Order {
	s.t.Helper()
	if units == 0 {
		return order.Order{}
	}
	o, err := s.promise(waits("V", units))
	s.do(err)
	return o
}

// get reads an order again.
func (s *shop) get(o order.Order) order.Order {
	s.t.Helper()
	o, err := s.Orders.Get(s.ctx, o.ID)
	s.do(err)
	return o
}

// promised is what the orders have been promised and not yet got: at a location, or when stock comes.
func (s *shop) promised(orders ...order.Order) int64 {
	s.t.Helper()
	var units int64
	for _, o := range orders {
		if o.Number == "" {
			continue
		}
		for _, l := range s.get(o).Lines {
			units += l.Reserved + l.Backordered + l.Picked + l.Packed
		}
	}
	return units
}

// waiting is the demand for an item that has no stock yet.
func (s *shop) waiting(item string) int64 {
	s.t.Helper()
	all, err := s.Stock.Backorders(s.ctx, item)
	s.do(err)
	var units int64
	for i := range all {
		units += all[i].Qty
	}
	return units
}

// onHand is what is physically there.
func (s *shop) onHand(item, location string) int64 {
	s.t.Helper()
	a, err := s.Stock.Availability(s.ctx, item, location, "")
	s.do(err)
	return a.OnHand
}

// sellable is what may be promised.
func (s *shop) sellable(item, location string) int64 {
	s.t.Helper()
	a, err := s.Stock.Availability(s.ctx, item, location, "")
	s.do(err)
	return a.ATS
}

// state is the units of an item at a location in a state.
func (s *shop) state(item, location string, st inventory.State) int64 {
	s.t.Helper()
	rows, err := s.Stock.Balances(s.ctx, item)
	s.do(err)
	var units int64
	for i := range rows {
		if location == "" || rows[i].Location == location {
			units += rows[i].Of(st)
		}
	}
	return units
}

// work finds the fulfillment order of an order at a location, or the first that still has units of a
// line to send.
func (s *shop) work(o order.Order, location string, line int) (fulfillment.Order, error) {
	s.t.Helper()
	all, err := s.Fulfillment.OfOrder(s.ctx, o.ID)
	s.do(err)
	for _, fo := range all {
		l, ok := fo.Line(line)
		if ok && (fo.Location == location || location == "" && l.Open() > 0) {
			return fo, nil
		}
	}
	return fulfillment.Order{}, fmt.Errorf("%w: there is no work on line %d at %q", fulfillment.ErrNotFound, line, location)
}

func parcel(line int, units int64) []fulfillment.Parcel {
	return []fulfillment.Parcel{{Contents: []order.LineQty{{Line: line, Qty: units}}}}
}

// ship sends units of a line from a location, or from wherever they are promised.
func (s *shop) ship(o order.Order, location string, line int, units int64) error {
	s.t.Helper()
	fo, err := s.work(o, location, line)
	if err != nil {
		return err
	}
	_, err = s.Fulfillment.Ship(s.ctx, fo.ID, parcel(line, units))
	return err
}

func (s *shop) cancelUnits(o order.Order, line int, units int64) error {
	_, err := s.Orders.CancelUnits(s.ctx, o.ID, []order.LineQty{{Line: line, Qty: units}}, order.CancelCustomer)
	return err
}

// sendBack returns shipped units of a line to a location, with what becomes of them there.
func (s *shop) sendBack(o order.Order, location string, line int, units int64, as returns.Disposition) returns.Return {
	s.t.Helper()
	r, err := s.Returns.Request(s.ctx, o.ID, []returns.Wanted{{Line: line, Qty: units, Reason: returns.Unwanted}}, "")
	s.do(err)
	_, err = s.Returns.Approve(s.ctx, r.ID)
	s.do(err)
	_, err = s.Returns.Receive(s.ctx, r.ID, location, []order.LineQty{{Line: 1, Qty: units}})
	s.do(err)
	r, err = s.Returns.Inspect(s.ctx, r.ID, []returns.Disposed{{Line: 1, Qty: units, As: as}})
	s.do(err)
	return r
}

// postings counts the groups of movements of an item.
func (s *shop) postings(item string) []inventory.Posting {
	s.t.Helper()
	all, err := s.Stock.Postings(s.ctx, inventory.PostingFilter{Item: item})
	s.do(err)
	return all
}
