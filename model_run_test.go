package oms_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"strconv"
	"testing"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"

	"github.com/orderkit/oms"
	"github.com/orderkit/oms/allocation"
	"github.com/orderkit/oms/fulfillment"
	"github.com/orderkit/oms/inventory"
	"github.com/orderkit/oms/order"
	"github.com/orderkit/oms/returns"
	"github.com/orderkit/oms/storage"
)

// modelSeeds and modelSteps are how much of the space of commands every test run walks.
// OMS_SEED walks one seed only, and OMS_STEPS another number of steps.
const (
	modelSeeds  = 12
	modelSteps  = 150
	serverSeeds = 2 // on a store that every statement has to travel to
)

// Random commands go to the Engine and to the model, which was written from the rules
// of the trade. Both must agree on every refusal and, after every step, on every unit
// and every cent; and the Engine's own proof must be clean. The same seeds run on every
// store.
func TestEngineAgreesWithTheModelAfterEveryStep(t *testing.T) {
	t.Parallel()
	first, last := uint64(1), uint64(modelSeeds)
	if s := os.Getenv("OMS_SEED"); s != "" {
		one, err := strconv.ParseUint(s, 10, 64)
		require.NoError(t, err, "OMS_SEED is a number")
		first, last = one, one
	}
	steps := modelSteps
	if s := os.Getenv("OMS_STEPS"); s != "" {
		var err error
		steps, err = strconv.Atoi(s)
		require.NoError(t, err, "OMS_STEPS is a number")
	}
	for _, st := range stores {
		t.Run(st.name, func(t *testing.T) {
			t.Parallel()
			accepted, refused, last := 0, 0, last
			if st.name == "postgres" || st.name == "mysql" {
				last = min(last, first+serverSeeds-1)
			}
			for seed := first; seed <= last; seed++ {
				store, _ := st.open(t)
				d := newDriver(t, store, seed)
				for step := range steps {
					d.at = fmt.Sprintf("OMS_SEED=%d, step %d", seed, step)
					d.step()
				}
				accepted, refused = accepted+d.accepted, refused+d.refused
			}
			require.Greater(t, accepted, refused/8, "the walk does things, and not only tries them")
			require.Positive(t, refused)
			t.Logf("seeds %d to %d: %d commands accepted, %d refused alike", first, last, accepted, refused)
		})
	}
}

// driver gives the same commands to both sides.
type driver struct {
	*testing.T
	ctx      context.Context
	kit      *oms.Engine
	model    *model
	rand     *rand.Rand
	at       string // for failures
	orders   []order.ID
	parcels  []fulfillment.ShipmentID
	returns  []returns.ID
	accepted int
	refused  int
}

var modelItems = []string{"tee", "mug"}

func newDriver(t *testing.T, store storage.Store, seed uint64) *driver {
	t.Helper()
	d := &driver{T: t, ctx: t.Context(), kit: oms.New(store, oms.WithStrategy(allocation.Priority())), model: newModel(), rand: rand.New(rand.NewPCG(seed, 7))} //nolint:gosec // a test wants to be repeated
	for i, at := range shopLocations {
		require.NoError(t, d.kit.Stock.AddLocation(d.ctx, inventory.Location{ID: at, Priority: i}))
	}
	for _, item := range modelItems {
		require.NoError(t, d.kit.Stock.AddItem(d.ctx, inventory.Item{ID: item}))
	}
	return d
}

func (d *driver) qty(most int64) int64  { return 1 + d.rand.Int64N(most) }
func (d *driver) oneIn(n int) bool      { return d.rand.IntN(n) == 0 }
func pick[T any](d *driver, from []T) T { return from[d.rand.IntN(len(from))] }

// told compares what both sides said to a command.
func (d *driver) told(what string, ok bool, err error) {
	d.Helper()
	if !ok {
		require.Error(d, err, "%s: %s: the model refuses, the engine does not", d.at, what)
		require.NotErrorIs(d, err, storage.ErrConflict, "%s: %s: nobody else is here", d.at, what)
		require.NotErrorIs(d, err, storage.ErrCorrupt, "%s: %s", d.at, what)
		d.refused++
	} else {
		require.NoError(d, err, "%s: %s: the model accepts, the engine does not", d.at, what)
		d.accepted++
	}
	d.at += ": " + what
	d.compare()
}

// step gives one random command. Groups come up as often as they have work.
func (d *driver) step() {
	d.Helper()
	groups := []func(){d.stockStep, d.placeStep}
	if len(d.orders) > 0 {
		groups = append(groups, d.orderStep, d.orderStep, d.moneyStep)
	}
	if len(d.model.work) > 0 {
		groups = append(groups, d.workStep, d.workStep)
	}
	if len(d.parcels) > 0 {
		groups = append(groups, d.parcelStep)
	}
	if len(d.returns) > 0 {
		groups = append(groups, d.returnStep, d.returnStep)
	}
	pick(d, groups)()
}

func (d *driver) stockStep() {
	item, at, q := pick(d, modelItems), pick(d, shopLocations), d.qty(12)
	switch d.rand.IntN(4) {
	case 0, 1:
		_, err := d.kit.Stock.Receive(d.ctx, inventory.Receipt{Item: item, Location: at, Qty: q})
		d.model.put(item, at, "free", q)
		d.told("receive", true, err)
	case 2:
		_, err := d.kit.Stock.Adjust(d.ctx, inventory.Adjustment{Item: item, Location: at, Delta: -q, Reason: inventory.ReasonLost})
		ok := d.model.has(item, at, "free") >= q
		if ok {
			d.model.put(item, at, "free", -q)
		}
		d.told("lose", ok, err)
	case 3:
		from, to := shopLocations[0], shopLocations[1]
		_, err := d.kit.Stock.Transfer(d.ctx, inventory.Shift{Item: item, From: from, To: to, Qty: q})
		ok := d.model.has(item, from, "free") >= q
		if ok {
			d.model.put(item, from, "free", -q)
			d.model.put(item, to, "free", q)
		}
		d.told("transfer", ok, err)
	}
}

func (d *driver) placeStep() {
	eur := order.MustCurrency("EUR")
	draft := order.Draft{Currency: eur}
	var lines []*position
	for range d.qty(3) {
		item, q, cents := pick(d, modelItems), d.qty(6), d.qty(1999)
		patient := d.oneIn(3)
		draft.Lines = append(draft.Lines, order.DraftLine{Item: item, Qty: q, UnitPrice: decimal.New(cents, -3), Backorder: patient})
		total := (q*cents + 5) / 10 // tenths of a cent, half up
		lines = append(lines, &position{item: item, ordered: q, total: total, patient: patient})
	}
	shipping := d.rand.Int64N(500)
	if shipping > 0 {
		price, err := order.Minor(shipping, eur)
		require.NoError(d, err)
		draft.Charges = []order.DraftCharge{{Kind: order.Shipping, Price: price}}
	}
	o, err := d.kit.Orders.Place(d.ctx, draft)
	ok := d.model.place(lines, shipping)
	if err == nil {
		d.orders = append(d.orders, o.ID)
	}
	d.told("place", ok, err)
}

func (d *driver) orderStep() {
	i := d.rand.IntN(len(d.orders))
	id, sale := d.orders[i], d.model.orders[i]
	line := d.rand.IntN(len(sale.lines))
	q := d.qty(4)
	var err error
	switch d.rand.IntN(11) {
	case 0, 1, 2:
		_, err = d.kit.Orders.Confirm(d.ctx, id)
		d.told("confirm", d.model.confirm(i), err)
	case 3:
		_, err = d.kit.Orders.Allocate(d.ctx, id)
		d.told("allocate", d.model.allocate(i), err)
	case 4:
		_, err = d.kit.Orders.Cancel(d.ctx, id, order.CancelCustomer)
		d.told("cancel", d.model.cancel(i), err)
	case 5, 6:
		_, err = d.kit.Orders.CancelUnits(d.ctx, id, []order.LineQty{{Line: line + 1, Qty: q}}, order.CancelStaff)
		d.told("cancel units", d.model.cancelUnits(i, line, q), err)
	case 7:
		_, err = d.kit.Orders.Hold(d.ctx, id, order.Hold{Owner: "shop", Handle: "h", Reason: order.HoldReview})
		d.told("hold", d.model.hold(i, true), err)
	case 8:
		_, err = d.kit.Orders.Release(d.ctx, id, "shop", "h")
		d.told("release", d.model.hold(i, false), err)
	case 9:
		_, err = d.kit.Orders.Close(d.ctx, id)
		d.told("close", d.model.close(i), err)
	case 10:
		if d.oneIn(2) {
			_, err = d.kit.Orders.Reopen(d.ctx, id)
			d.told("reopen", d.model.reopen(i), err)
			return
		}
		d.requestStep(i, line, q)
	}
}

func (d *driver) requestStep(i, line int, q int64) {
	r, err := d.kit.Returns.Request(d.ctx, d.orders[i], []returns.Wanted{{Line: line + 1, Qty: q, Reason: returns.Unwanted}}, "")
	if err == nil {
		d.returns = append(d.returns, r.ID)
	}
	d.told("request return", d.model.request(i, line, q), err)
}

func (d *driver) moneyStep() {
	i := d.rand.IntN(len(d.orders))
	s := d.model.orders[i]
	cents := d.qty(3000)
	if due := s.due(); due > 0 && d.oneIn(2) {
		cents = due
	}
	amount, err := order.Minor(cents, order.MustCurrency("EUR"))
	require.NoError(d, err)
	if d.oneIn(4) {
		_, err = d.kit.Payments.Refund(d.ctx, d.orders[i], amount, nil)
		d.told("give back", d.model.giveBack(i, cents), err)
		return
	}
	_, err = d.kit.Payments.Record(d.ctx, d.orders[i], order.Operation{Kind: order.Capture, Amount: amount})
	d.told("capture", d.model.capture(i, cents), err)
}

// job finds the fulfillment order of the model's job: the k-th of its order on both sides.
func (d *driver) job(j int) fulfillment.ID {
	d.Helper()
	o := d.model.work[j].order
	k := 0
	for _, other := range d.model.work[:j] {
		if other.order == o {
			k++
		}
	}
	all, err := d.kit.Fulfillment.OfOrder(d.ctx, d.orders[o])
	require.NoError(d, err)
	require.Greater(d, len(all), k, "%s: order %d has fewer fulfillment orders than jobs", d.at, o)
	require.Equal(d, d.model.work[j].at, all[k].Location, "%s: order %d, fulfillment order %d", d.at, o, k)
	return all[k].ID
}

func (d *driver) workStep() {
	j := d.rand.IntN(len(d.model.work))
	id := d.job(j)
	line := d.rand.IntN(len(d.model.orders[d.model.work[j].order].lines))
	q := d.qty(4)
	units := []order.LineQty{{Line: line + 1, Qty: q}}
	parcels := []fulfillment.Parcel{{Carrier: "dhl", Tracking: "1", Contents: units}}
	switch d.rand.IntN(6) {
	case 0, 1:
		_, err := d.kit.Fulfillment.Pick(d.ctx, id, units)
		d.told("pick", d.model.pick(j, line, q), err)
	case 2:
		s, err := d.kit.Fulfillment.Pack(d.ctx, id, parcels)
		d.packed("pack", d.model.pack(j, map[int]int64{line: q}), s, err)
	case 3:
		s, err := d.kit.Fulfillment.Ship(d.ctx, id, parcels)
		ok := d.model.pack(j, map[int]int64{line: q}) && d.model.handOver(len(d.model.parcels)-1)
		d.packed("ship", ok, s, err)
	case 4:
		s, err := d.kit.Fulfillment.Ship(d.ctx, id, nil)
		all := map[int]int64{}
		for line, t := range d.model.work[j].lines {
			if t.open+t.picked > 0 {
				all[line] = t.open + t.picked
			}
		}
		ok := len(all) > 0 && d.model.pack(j, all) && d.model.handOver(len(d.model.parcels)-1)
		d.packed("ship all", ok, s, err)
	case 5:
		_, err := d.kit.Fulfillment.ShortPick(d.ctx, id, units)
		d.told("short pick", d.model.shortPick(j, line, q), err)
	}
}

func (d *driver) packed(what string, ok bool, s fulfillment.Shipment, err error) {
	d.Helper()
	if err == nil {
		d.parcels = append(d.parcels, s.ID)
	}
	d.told(what, ok, err)
}

func (d *driver) parcelStep() {
	i := d.rand.IntN(len(d.parcels))
	var err error
	switch d.rand.IntN(3) {
	case 0:
		_, err = d.kit.Fulfillment.HandOver(d.ctx, d.parcels[i])
		d.told("hand over", d.model.handOver(i), err)
	case 1:
		_, err = d.kit.Fulfillment.Void(d.ctx, d.parcels[i])
		d.told("void", d.model.void(i), err)
	case 2:
		_, err = d.kit.Fulfillment.Deliver(d.ctx, d.parcels[i])
		d.told("deliver", d.model.deliver(i), err)
	}
}

func (d *driver) returnStep() {
	i := d.rand.IntN(len(d.returns))
	id, q := d.returns[i], d.qty(3)
	units := []order.LineQty{{Line: 1, Qty: q}}
	var err error
	switch d.rand.IntN(8) {
	case 0, 1:
		_, err = d.kit.Returns.Approve(d.ctx, id)
		d.told("approve", d.model.approve(i), err)
	case 2:
		_, err = d.kit.Returns.Cancel(d.ctx, id)
		d.told("cancel return", d.model.drop(i), err)
	case 3, 4:
		at := pick(d, shopLocations)
		_, err = d.kit.Returns.Receive(d.ctx, id, at, units)
		d.told("receive return", d.model.receive(i, at, q), err)
	case 5:
		as := pick(d, []returns.Disposition{returns.Restock, returns.Damage, returns.Scrap, returns.Reject})
		_, err = d.kit.Returns.Inspect(d.ctx, id, []returns.Disposed{{Line: 1, Qty: q, As: as}})
		d.told("inspect "+string(as), d.model.inspect(i, string(as), q), err)
	case 6:
		_, err = d.kit.Returns.Refund(d.ctx, id, oms.Payout{Units: units})
		d.told("refund", d.model.refund(i, q), err)
	case 7:
		_, err = d.kit.Returns.Close(d.ctx, id)
		d.told("close return", d.model.closeReturn(i), err)
	}
}

// compare holds everything that both sides know against each other, and asks the
// Engine for its proof.
func (d *driver) compare() {
	d.Helper()
	for _, item := range modelItems {
		rows, err := d.kit.Stock.Balances(d.ctx, item)
		require.NoError(d, err)
		have := map[string]*inventory.Balance{}
		for i := range rows {
			have[rows[i].Location] = &rows[i]
		}
		for _, at := range shopLocations {
			for _, s := range inventory.LocationStates() {
				var got int64
				if b := have[at]; b != nil {
					got = b.Of(s)
				}
				require.Equal(d, d.model.has(item, at, s.String()), got, "%s: %s of %s at %s", d.at, s, item, at)
			}
		}
	}
	for i, s := range d.model.orders {
		d.compareOrder(i, s)
	}
	found, err := d.kit.Verify(d.ctx)
	require.NoError(d, err)
	require.Empty(d, found, "%s: the books", d.at)
}

func (d *driver) compareOrder(i int, s *sale) {
	d.Helper()
	o, err := d.kit.Orders.Get(d.ctx, d.orders[i])
	require.NoError(d, err)
	require.Equal(d, s.state, string(o.State), "%s: state of order %d", d.at, i)
	for k, p := range s.lines {
		require.Equal(d, p.String(), counted(&o.Lines[k]), "%s: order %d line %d", d.at, i, k+1)
	}
	b := o.Books()
	for what, pair := range map[string][2]int64{
		"owed": {s.owed(), b.Owed.MinorUnits()}, "captured": {s.captured, b.Captured.MinorUnits()},
		"refunded": {s.refunded, b.Refunded.MinorUnits()}, "due": {s.due(), b.Due.MinorUnits()},
	} {
		require.Equal(d, pair[0], pair[1], "%s: %s of order %d", d.at, what, i)
	}
}

// counted writes a line of the library the way the model writes its own.
func counted(l *order.Line) string {
	at := func(q int64) map[string]int64 { return map[string]int64{"": q} }
	p := position{
		item: l.Item, ordered: l.Ordered, unreserved: l.Unreserved, waiting: l.Backordered,
		reserved: at(l.Reserved), picked: at(l.Picked), packed: at(l.Packed), shipped: l.Shipped, cancelled: l.Cancelled,
		delivered: l.Delivered, coming: l.ReturnOpen, returned: l.Returned, restocked: l.Restocked, writtenOff: l.WrittenOff,
		creditedIn: l.RefundedUnits,
	}
	return p.String()
}
