package oms_test

import (
	"context"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/orderkit/oms"
	"github.com/orderkit/oms/fulfillment"
	"github.com/orderkit/oms/inventory"
	"github.com/orderkit/oms/order"
	"github.com/orderkit/oms/returns"
	"github.com/orderkit/oms/storage"
)

// busy is a shop in the middle of its work: one order with units everywhere.
func busy(s *shop) order.Order {
	s.t.Helper()
	s.receive("book", "ber", 8)
	d := odd()
	d.Lines = append(d.Lines, line("book", 10))
	o := must(s.Orders.Place(s.ctx, d))(s)
	must(s.Orders.Confirm(s.ctx, o.ID))(s)
	s.pay(o.ID)
	id := s.work(o.ID)[0].ID
	must(s.Fulfillment.Ship(s.ctx, id, []fulfillment.Parcel{boxOf(order.LineQty{Line: 1, Qty: 5}, order.LineQty{Line: 2, Qty: 2})}))(s)
	must(s.Fulfillment.Pack(s.ctx, id, []fulfillment.Parcel{boxOf(units(2, 1)...)}))(s)
	must(s.Fulfillment.Pick(s.ctx, id, units(2, 2)))(s)
	must(s.Orders.CancelUnits(s.ctx, o.ID, units(2, 1), order.CancelStaff))(s)
	r := s.back(o.ID, 3)
	must(s.Returns.Receive(s.ctx, r.ID, "ham", units(1, 2)))(s)
	must(s.Returns.Inspect(s.ctx, r.ID, []returns.Disposed{{Line: 1, Qty: 1, As: returns.Restock}}))(s)
	must(s.Returns.Refund(s.ctx, r.ID, oms.Payout{Units: units(1, 1)}))(s)
	s.verify()
	return s.order(o.ID)
}

// plant writes past the Engine, straight into the store.
func (s *shop) plant(write func(ctx context.Context, tx storage.Tx) error) {
	s.t.Helper()
	s.do(s.store.Update(s.ctx, "", write))
}

// change saves an order changed at its next version, with an event that tells of it.
func (s *shop) change(o order.Order, how func(o *order.Order)) {
	s.t.Helper()
	o = o.Clone()
	o.Version++
	how(&o)
	s.plant(func(ctx context.Context, tx storage.Tx) error {
		err := tx.Events().Append(ctx, []storage.Event{{ID: uuid.New(), Aggregate: "order/" + o.ID.String(), Version: o.Version, Kind: "planted", At: s.clock.read(), Data: []byte("{}")}})
		if err != nil {
			return err
		}
		return tx.Orders().Save(ctx, o)
	})
}

// laws are the laws that Verify finds broken.
func (s *shop) laws() []string {
	s.t.Helper()
	var out []string
	for _, d := range must(s.Verify(s.ctx))(s) {
		require.NotEmpty(s.t, d.Subject)
		require.NotEqual(s.t, d.Want, d.Have)
		require.Contains(s.t, d.String(), d.Subject)
		out = append(out, d.Law)
	}
	return out
}

func TestVerifyFindsWhatIsWrongWithAnOrder(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		law string
		how func(o *order.Order)
	}{
		"a reserved unit too many": {"reserved units have their reservations", func(o *order.Order) {
			o.Lines[1].Reserved++
			o.Lines[1].Ordered++
		}},
		"a unit that is nowhere":        {"the law of line counters", func(o *order.Order) { o.Lines[1].Ordered++ }},
		"a unit shipped on paper":       {"shipped units left the stock", func(o *order.Order) { o.Lines[0].Shipped++; o.Lines[0].Reserved-- }},
		"a delivery nobody made":        {"delivered units are in a delivered parcel", func(o *order.Order) { o.Lines[0].Delivered++ }},
		"a return nobody asked for":     {"units on their way back have a return", func(o *order.Order) { o.Lines[0].ReturnOpen++ }},
		"a unit returned twice":         {"returned units have a return", func(o *order.Order) { o.Lines[0].Returned++; o.Lines[0].ReturnOpen-- }},
		"a unit restocked twice":        {"restocked units have a return", func(o *order.Order) { o.Lines[0].Restocked++ }},
		"a unit written off":            {"written-off units have a return", func(o *order.Order) { o.Lines[0].WrittenOff++ }},
		"a unit refunded twice":         {"refunded units have a return", func(o *order.Order) { o.Lines[0].RefundedUnits++ }},
		"a total that grew":             {"net + tax = total", func(o *order.Order) { o.Lines[0].Total = eur("99.00") }},
		"a charge that grew":            {"net + tax = total", func(o *order.Order) { o.Charges[0].Total = eur("99.00") }},
		"a discount that grew":          {"the shares of a discount sum to it", func(o *order.Order) { o.Discounts[0].Given = eur("9.00") }},
		"a share of no discount":        {"shares are of a discount of the order", func(o *order.Order) { o.Lines[0].Shares = []order.Share{{Discount: 7, Amount: eur("1.00")}} }},
		"a refund that shrank":          {"a return was paid what its refunds say", func(o *order.Order) { o.Payments[1].Amount = eur("0.01") }},
		"a refund of more than came in": {"refunded ≤ captured", func(o *order.Order) { o.Payments[0].Amount = eur("0.01") }},
		"a picked unit that is packed":  {"packed units are in a parcel", func(o *order.Order) { o.Lines[1].Packed++; o.Lines[1].Picked-- }},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, st := range stores {
				s := newShop(t, st.open)
				s.furnish()
				o := busy(s)
				s.change(o, c.how)
				require.Contains(t, s.laws(), c.law, st.name)
			}
		})
	}
}

func TestVerifyFindsWhatIsWrongWithWorkAndParcels(t *testing.T) {
	t.Parallel()
	work := func(how func(fo *fulfillment.Order)) func(s *shop, o order.Order) {
		return func(s *shop, o order.Order) {
			fo := s.work(o.ID)[0]
			fo.Version++
			how(&fo)
			s.plant(func(ctx context.Context, tx storage.Tx) error { return tx.Fulfillments().Save(ctx, fo) })
		}
	}
	box := func(i int, how func(sh *fulfillment.Shipment)) func(s *shop, o order.Order) {
		return func(s *shop, o order.Order) {
			sh := must(s.Fulfillment.Shipments(s.ctx, o.ID))(s)[i]
			sh.Version++
			how(&sh)
			s.plant(func(ctx context.Context, tx storage.Tx) error { return tx.Fulfillments().SaveShipment(ctx, sh) })
		}
	}
	back := func(how func(r *returns.Return)) func(s *shop, o order.Order) {
		return func(s *shop, o order.Order) {
			r := must(s.Returns.OfOrder(s.ctx, o.ID))(s)[0]
			r.Version++
			how(&r)
			s.plant(func(ctx context.Context, tx storage.Tx) error { return tx.Returns().Save(ctx, r) })
		}
	}
	for name, c := range map[string]struct {
		law   string
		plant func(s *shop, o order.Order)
	}{
		"work that picked more":      {"a location works on what is reserved there", work(func(fo *fulfillment.Order) { fo.Lines[1].Picked++ })},
		"work that forgot a unit":    {"a location works on what is reserved there", work(func(fo *fulfillment.Order) { fo.Lines[1].Cancelled++ })},
		"work that shipped more":     {"shipped units have a fulfillment order", work(func(fo *fulfillment.Order) { fo.Lines[0].Shipped++ })},
		"work that moved elsewhere":  {"a location works on what is reserved there", work(func(fo *fulfillment.Order) { fo.Location = "ham" })},
		"work on no line":            {"documents name lines of their order", work(func(fo *fulfillment.Order) { fo.Lines[1].Line = 9 })},
		"a parcel with less":         {"shipped units are in a parcel", box(0, func(sh *fulfillment.Shipment) { sh.Parcels[0].Contents[0].Qty-- })},
		"a parcel that stayed":       {"shipped units are in a parcel", box(0, func(sh *fulfillment.Shipment) { sh.ShippedAt = time.Time{} })},
		"a parcel that arrived":      {"delivered units are in a delivered parcel", box(0, func(sh *fulfillment.Shipment) { sh.DeliveredAt = sh.ShippedAt })},
		"a packed parcel with more":  {"packed units are in a parcel", box(1, func(sh *fulfillment.Shipment) { sh.Parcels[0].Contents[0].Qty++ })},
		"a parcel of no line":        {"documents name lines of their order", box(1, func(sh *fulfillment.Shipment) { sh.Parcels[0].Contents[0].Line = 0 })},
		"a return that got more":     {"returned units have a return", back(func(r *returns.Return) { r.Lines[0].Received++ })},
		"a return that paid more":    {"a return was paid what its refunds say", back(func(r *returns.Return) { r.Refunded = eur("99.00") })},
		"a return that counted more": {"refunded units have a return", back(func(r *returns.Return) { r.Lines[0].RefundedUnits++ })},
		"a return of no line":        {"documents name lines of their order", back(func(r *returns.Return) { r.Lines[0].Line = 99 })},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, st := range stores {
				s := newShop(t, st.open)
				s.furnish()
				c.plant(s, busy(s))
				require.Contains(t, s.laws(), c.law, st.name)
			}
		})
	}
}

func TestVerifyFindsWhatIsWrongWithTheLedger(t *testing.T) {
	t.Parallel()
	reservation := func(owner string, line int) inventory.Changes {
		return inventory.Changes{Reservations: []inventory.Reservation{{
			ReservationKey: inventory.ReservationKey{Owner: owner, Line: line, Item: "tee", Location: "ber"}, Committed: 2, Version: 1,
		}}}
	}
	for name, c := range map[string]struct {
		law   string
		plant func(s *shop, o order.Order) inventory.Changes
	}{
		"a hold without units": {"committed is the sum of its reservations", func(*shop, order.Order) inventory.Changes { return reservation("job", 0) }},
		"a hold of no order": {"what an order holds is held by one that exists", func(*shop, order.Order) inventory.Changes {
			return reservation("order/"+uuid.New().String(), 1)
		}},
		"a hold of no line":   {"documents name lines of their order", func(_ *shop, o order.Order) inventory.Changes { return reservation("order/"+o.ID.String(), 9) }},
		"a hold of line zero": {"documents name lines of their order", func(_ *shop, o order.Order) inventory.Changes { return reservation("order/"+o.ID.String(), 0) }},
		"units that nobody holds": {"committed is the sum of its reservations", func(s *shop, _ order.Order) inventory.Changes {
			return inventory.Changes{Posting: inventory.Posting{ID: uuid.New(), Reason: inventory.ReasonReserve, At: s.clock.read(), Movements: []inventory.Movement{
				{Item: "mug", From: inventory.At("ber", inventory.Free), To: inventory.At("ber", inventory.Committed), Qty: 1},
			}}}
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, st := range stores {
				s := newShop(t, st.open)
				s.furnish()
				o := busy(s)
				s.plant(func(ctx context.Context, tx storage.Tx) error { return tx.Stock().Apply(ctx, c.plant(s, o)) })
				require.Contains(t, s.laws(), c.law, st.name)
			}
		})
	}
}

func TestVerifyFindsAnEventThatIsMissing(t *testing.T) {
	t.Parallel()
	for _, st := range stores {
		s := newShop(t, st.open)
		s.furnish()
		o := busy(s)
		o.Version++
		s.plant(func(ctx context.Context, tx storage.Tx) error { return tx.Orders().Save(ctx, o) })
		require.Equal(t, []string{"the last event tells of the last version"}, s.laws(), st.name)
	}
}

func TestVerifyFindsABalanceThatNothingExplains(t *testing.T) {
	t.Parallel()
	s := newShop(t, openSQLite)
	s.furnish()
	o := s.place(line("tee", 3))
	res, err := s.db.ExecContext(s.ctx, "UPDATE oms_stock_balances SET free = free + 1 WHERE item = 'mug'")
	s.do(err)
	require.Equal(t, int64(1), must(res.RowsAffected())(s))
	found := must(s.Verify(s.ctx))(s)
	require.Equal(t, []oms.Difference{{Law: "free is the sum of its movements", Subject: `item "mug" at "ber"`, Want: "10", Have: "11"}}, found)
	require.Equal(t, `item "mug" at "ber": free is the sum of its movements: want 10, have 11`, found[0].String())
	_, err = s.db.ExecContext(s.ctx, "UPDATE oms_stock_balances SET free = 10 WHERE item = 'mug'")
	s.do(err)
	_, err = s.db.ExecContext(s.ctx, "DELETE FROM oms_stock_balances WHERE item = 'tee' AND location = 'ber'")
	s.do(err)
	require.Contains(t, s.laws(), "units that moved have a balance")
	require.Contains(t, s.laws(), "units that are reserved have a balance")
	require.Equal(t, "reserved 3", s.places(o.ID, 1))
}

func TestVerifyReadsATransactionThatIsUnderWay(t *testing.T) {
	t.Parallel()
	onStores(t, func(s *shop) {
		busy(s)
		s.refuses(errHost, func() error {
			return s.Atomically(s.ctx, func(ctx context.Context, k *oms.Engine) error {
				in := s.with(ctx, k)
				in.place(line("mug", 2))
				in.verify()
				return errHost
			})
		})
	})
}
