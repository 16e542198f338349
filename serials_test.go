package oms_test

import (
	"context"
	"database/sql"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/orderkit/oms"
	"github.com/orderkit/oms/fulfillment"
	"github.com/orderkit/oms/inventory"
	"github.com/orderkit/oms/inventory/count"
	"github.com/orderkit/oms/inventory/purchasing"
	"github.com/orderkit/oms/inventory/transfer"
	"github.com/orderkit/oms/order"
	"github.com/orderkit/oms/returns"
)

// sn names units by a list: "A1 A2".
func sn(item, list string) oms.CallOption { return oms.Serials(item, "", strings.Fields(list)...) }

// phones adds an item with serial numbers from receipt on, of which A1 and A2 came in with
// lot a, and B1 with lot b, and one, the sim, with them from packing on, of which 5 came.
func (s *shop) phones() {
	s.t.Helper()
	s.do(s.Stock.AddItem(s.ctx, inventory.Item{ID: "phone", Serials: inventory.SerialsAtReceipt}))
	s.do(s.Stock.AddItem(s.ctx, inventory.Item{ID: "sim", Serials: inventory.SerialsAtPack}))
	s.do(s.phone("a", "A1 A2"))
	s.do(s.phone("b", "B1"))
	s.receive("sim", "ber", 5)
}

// phone receives phones of a lot at Berlin.
func (s *shop) phone(lot, list string, more ...oms.CallOption) error {
	qty := int64(len(strings.Fields(list)))
	r := inventory.Receipt{Item: "phone", Lot: lot, Location: "ber", Qty: qty, Ref: "po-" + lot}
	return errOf(s.Stock.Receive(s.ctx, r, append(more, sn("phone", list))...))
}

// at lists the serial numbers that are on hand at a location: "A1 A2".
func (s *shop) at(item, location string) string {
	s.t.Helper()
	var all []string
	for _, n := range must(s.Stock.SerialsAt(s.ctx, item, location))(s) {
		all = append(all, n.ID)
	}
	return strings.Join(all, " ")
}

// life is what became of a unit: "supplier>free@ber with po-a".
func (s *shop) life(item, serial string) []string {
	s.t.Helper()
	var all []string
	for _, st := range must(s.Stock.Serial(s.ctx, item, serial))(s).Steps {
		all = append(all, st.From.String()+">"+st.To.String()+" with "+st.Document)
	}
	return all
}

// refusesSerial runs a command that must be refused with a *SerialError that names a unit
// and has a rule, and leaves no trace.
func (s *shop) refusesSerial(serial, rule string, run func() error) {
	s.t.Helper()
	before := s.dump()
	err := run()
	s.refused(inventory.ErrSerial, err, before)
	var told *inventory.SerialError
	require.ErrorAs(s.t, err, &told)
	require.Equal(s.t, serial, told.Serial)
	require.Contains(s.t, told.Rule, rule)
}

func onSerials(t *testing.T, run func(s *shop)) {
	t.Helper()
	onStores(t, func(s *shop) {
		s.phones()
		run(s)
	}, oms.WithSerials())
}

func TestAUnitIsFollowedFromReceiptToTheCustomerAndBackIntoItsLot(t *testing.T) {
	t.Parallel()
	onSerials(t, func(s *shop) {
		require.Equal(s.t, "A1 A2 B1", s.at("phone", "ber"))
		o, work := s.open(line("phone", 2))
		s.pay(o.ID)
		ship := func(opts ...oms.CallOption) error { return errOf(s.Fulfillment.Ship(s.ctx, work[0].ID, nil, opts...)) }
		s.refusesSerial("", "2 units go from committed@ber to customer, and 0 are named", func() error { return ship() })
		s.refusesSerial("", "and 1 are named", func() error { return ship(sn("phone", "A1")) })
		s.refusesSerial("B1", `it is of lot "b"`, func() error { return ship(sn("phone", "A1 B1")) })
		s.refusesSerial("X9", "it is unknown", func() error { return ship(sn("phone", "A1 X9")) })
		s.refusesSerial("A1", "twice", func() error { return ship(sn("phone", "A1"), sn("phone", "A1")) })
		s.refusesSerial("B1", "fewer than are named", func() error { return ship(sn("phone", "A1 A2 B1")) })
		s.do(ship(sn("phone", "A2 A1"), oms.Key("ship")))
		s.unchanged(func() error { return ship(sn("phone", "A2 A1"), oms.Key("ship")) })
		require.ErrorIs(s.t, ship(sn("phone", "A1 A2"), oms.Key("ship")), oms.ErrKey)

		sent := must(s.Stock.SerialsWith(s.ctx, o.Number))(s)
		require.Len(s.t, sent, 2)
		require.Equal(s.t, "B1", s.at("phone", "ber"))
		unit := must(s.Stock.Serial(s.ctx, "phone", "A1"))(s)
		require.Equal(s.t, inventory.Customer, unit.Away)
		require.Equal(s.t, o.Number, unit.Document, "a recall finds who has it")

		other, work2 := s.open(line("phone", 1))
		s.pay(other.ID)
		s.refusesSerial("A1", "it is not at", func() error { return errOf(s.Fulfillment.Ship(s.ctx, work2[0].ID, nil, sn("phone", "A1"))) })
		s.do(errOf(s.Fulfillment.Ship(s.ctx, work2[0].ID, nil, sn("phone", "B1"))))

		r := s.back(o.ID, 1)
		come := func(opts ...oms.CallOption) error {
			return errOf(s.Returns.Receive(s.ctx, r.ID, "ham", units(1, 1), opts...))
		}
		s.refusesSerial("", "0 are named", func() error { return come() })
		s.refusesSerial("B1", "it left with", func() error { return come(sn("phone", "B1")) })
		s.refusesSerial("X9", "no customer was ever sent it", func() error { return come(sn("phone", "X9")) })
		s.do(come(sn("phone", "A2")))
		require.Equal(s.t, "A2", s.at("phone", "ham"))
		require.Equal(s.t, "a", must(s.Stock.SerialsAt(s.ctx, "phone", "ham"))(s)[0].Lot)
		s.refusesSerial("A1", "it is not at", func() error {
			return errOf(s.Returns.Inspect(s.ctx, r.ID, []returns.Disposed{{Line: 1, Qty: 1, As: returns.Scrap}}, sn("phone", "A1")))
		})
		s.do(errOf(s.Returns.Inspect(s.ctx, r.ID, []returns.Disposed{{Line: 1, Qty: 1, As: returns.Restock, To: "ber"}}, sn("phone", "A2"))))
		require.Equal(s.t, []string{
			"supplier>free@ber with po-a",
			"committed@ber>customer with " + o.Number,
			"customer>qc@ham with rma-1",
			"qc@ham>free@ber with rma-1",
		}, s.life("phone", "A2"))
	})
}

func TestANumberIsOneUnit(t *testing.T) {
	t.Parallel()
	onSerials(t, func(s *shop) {
		s.refusesSerial("A1", `it exists already: on hand at "ber" in lot "a", with document "po-a"`, func() error { return s.phone("c", "C1 A1") })
		s.refusesSerial("", "2 units go from supplier to free@ber, and 1 are named", func() error {
			return errOf(s.Stock.Receive(s.ctx, inventory.Receipt{Item: "phone", Location: "ber", Qty: 2}, sn("phone", "C1")))
		})
		s.refusesSerial("C2", "fewer than are named", func() error {
			return errOf(s.Stock.Receive(s.ctx, inventory.Receipt{Item: "phone", Location: "ber", Qty: 1}, sn("phone", "C1 C2")))
		})
		s.refusesSerial("T1", "moves no such unit", func() error {
			return errOf(s.Stock.Receive(s.ctx, inventory.Receipt{Item: "tee", Location: "ber", Qty: 1}, sn("tee", "T1")))
		})
		s.refusesSerial("S1", "moves no such unit", func() error {
			return errOf(s.Stock.Receive(s.ctx, inventory.Receipt{Item: "sim", Location: "ber", Qty: 1}, sn("sim", "S1")))
		})
		for _, bad := range []string{"", " A", "A\tB", strings.Repeat("x", 129)} {
			s.refuses(inventory.ErrID, func() error {
				return errOf(s.Stock.Receive(s.ctx, inventory.Receipt{Item: "phone", Location: "ber", Qty: 1}, oms.Serials("phone", "", bad)))
			})
		}
		out := inventory.Adjustment{Item: "phone", Lot: "a", Location: "ber", Delta: -1, Reason: inventory.ReasonLost}
		s.refusesSerial("", "0 are named", func() error { return errOf(s.Stock.Adjust(s.ctx, out)) })
		s.do(errOf(s.Stock.Adjust(s.ctx, out, sn("phone", "A1"))))
		s.refusesSerial("A1", "it exists already: shrink", func() error { return s.phone("a", "A1") })
		in := inventory.Adjustment{Item: "phone", Lot: "a", Location: "ham", Delta: 1, Reason: inventory.ReasonFound}
		s.refusesSerial("A2", "it exists already", func() error { return errOf(s.Stock.Adjust(s.ctx, in, sn("phone", "A2"))) })
		s.do(errOf(s.Stock.Adjust(s.ctx, in, sn("phone", "A1"))))
		require.Equal(s.t, "A1", s.at("phone", "ham"))
		_, err := s.Stock.Serial(s.ctx, "phone", "none")
		require.ErrorIs(s.t, err, inventory.ErrSerial)
	})
}

func TestUnitsThatMoveBetweenLocationsAreNamed(t *testing.T) {
	t.Parallel()
	onSerials(t, func(s *shop) {
		shift := inventory.Shift{Item: "phone", Lot: "a", From: "ber", To: "ham", Qty: 1}
		s.refusesSerial("B1", "it is of lot", func() error { return errOf(s.Stock.Transfer(s.ctx, shift, sn("phone", "B1"))) })
		s.do(errOf(s.Stock.Transfer(s.ctx, shift, sn("phone", "A2"))))
		require.Equal(s.t, "A2", s.at("phone", "ham"))
		s.do(errOf(s.Stock.Transfer(s.ctx, inventory.Shift{Item: "sim", From: "ber", To: "ham", Qty: 1})))

		x := must(s.Transfers.Draft(s.ctx, transfer.Draft{From: "ber", To: "ham", Expected: s.day(1), Lines: []transfer.DraftLine{{Item: "phone", Lot: "a", Qty: 1}}}))(s)
		s.do(errOf(s.Transfers.Ready(s.ctx, x.ID)))
		s.refusesSerial("", "0 are named", func() error { return errOf(s.Transfers.Ship(s.ctx, x.ID, transfer.Shipping{Ref: "t"})) })
		s.do(errOf(s.Transfers.Ship(s.ctx, x.ID, transfer.Shipping{Ref: "t"}, sn("phone", "A1"))))
		require.Equal(s.t, "B1", s.at("phone", "ber"))
		got := transfer.Receiving{Arrivals: []transfer.Arrival{{Line: 1, Qty: 1}}}
		s.refusesSerial("A2", "it is not at in_transit", func() error { return errOf(s.Transfers.Receive(s.ctx, x.ID, got, sn("phone", "A2"))) })
		s.do(errOf(s.Transfers.Receive(s.ctx, x.ID, got, sn("phone", "A1"))))
		require.Equal(s.t, "A1 A2", s.at("phone", "ham"))

		label := inventory.Relabel{Item: "phone", Location: "ber", From: "b", To: "c", Qty: 1}
		s.refusesSerial("", "0 are named", func() error { return errOf(s.Stock.Relabel(s.ctx, label)) })
		s.do(errOf(s.Stock.Relabel(s.ctx, label, sn("phone", "B1"))))
		require.Equal(s.t, "c", must(s.Stock.Serial(s.ctx, "phone", "B1"))(s).Lot)
		require.Equal(s.t, []string{"supplier>free@ber with po-b", "free@ber>production with ", "production>free@ber with "}, s.life("phone", "B1"))
	})
}

func TestPurchasesNameWhatComesIn(t *testing.T) {
	t.Parallel()
	onSerials(t, func(s *shop) {
		o := s.buy("phone", 4, 7)
		r := purchasing.Receipt{Ref: "dn", Lines: []purchasing.ReceiptLine{
			{Line: 1, Accepted: 1, Lot: "c"}, {Line: 1, Accepted: 1, Lot: "d"}, {Line: 1, Rejected: 1, Reason: purchasing.RejectDamaged, Lot: "d"},
		}}
		receive := func(opts ...oms.CallOption) error { return errOf(s.Purchasing.Receive(s.ctx, o.ID, r, opts...)) }
		s.refusesSerial("", "0 are named", func() error { return receive() })
		s.refusesSerial("D1", "it could be of this or of that movement", func() error { return receive(sn("phone", "C1 D1 D2")) })
		s.refusesSerial("D1", "it is named with lot \"c\"; the units that move are of lot \"d\"", func() error { return receive(oms.Serials("phone", "c", "C1", "D1", "D2")) })
		s.do(receive(oms.Serials("phone", "d", "D1", "D2"), oms.Serials("phone", "c", "C1")))
		require.Equal(s.t, []string{"supplier>free@ber with " + o.Name()}, s.life("phone", "D1"))
		require.Equal(s.t, []string{"supplier>damaged@ber with " + o.Name()}, s.life("phone", "D2"))
		require.Equal(s.t, "c", must(s.Stock.Serial(s.ctx, "phone", "C1"))(s).Lot)
		require.Len(s.t, must(s.Stock.SerialsWith(s.ctx, o.Name()))(s), 3)
	})
}

func TestNumbersAreTakenWhenAParcelIsPackedAndLeaveWithIt(t *testing.T) {
	t.Parallel()
	onSerials(t, func(s *shop) {
		o, work := s.open(line("sim", 2), line("phone", 1))
		s.pay(o.ID)
		pack := func(opts ...oms.CallOption) (fulfillment.Shipment, error) {
			return s.Fulfillment.Pack(s.ctx, work[0].ID, nil, opts...)
		}
		s.refusesSerial("", "and 1 are named", func() error { return errOf(pack(sn("sim", "S1"))) })
		sh := must(pack(sn("sim", "S1 S2"), sn("phone", "A1")))(s)
		require.Equal(s.t, sh.ID.String(), must(s.Stock.Serial(s.ctx, "sim", "S1"))(s).Shipment)
		s.refusesSerial("A1", "it is packed", func() error {
			return errOf(s.Stock.Transfer(s.ctx, inventory.Shift{Item: "phone", Lot: "a", From: "ber", To: "ham", Qty: 1}, sn("phone", "A1")))
		})
		s.do(errOf(s.Fulfillment.Void(s.ctx, sh.ID)))
		require.Empty(s.t, must(s.Stock.Serial(s.ctx, "sim", "S1"))(s).Shipment)
		sh = must(pack(sn("sim", "S3 S2"), sn("phone", "A2")))(s)
		s.refusesSerial("S1", "fewer than are named", func() error { return errOf(s.Fulfillment.HandOver(s.ctx, sh.ID, sn("sim", "S1"))) })
		s.do(errOf(s.Fulfillment.HandOver(s.ctx, sh.ID, sn("sim", "S3"), oms.Key("out"))))
		s.unchanged(func() error { return errOf(s.Fulfillment.HandOver(s.ctx, sh.ID, sn("sim", "S3"), oms.Key("out"))) })
		require.Equal(s.t, "A1 B1", s.at("phone", "ber"))
		require.Equal(s.t, inventory.Customer, must(s.Stock.Serial(s.ctx, "phone", "A2"))(s).Away)
		require.Equal(s.t, []string{
			"committed@ber>packed@ber with " + o.Number, "packed@ber>committed@ber with " + o.Number,
			"committed@ber>packed@ber with " + o.Number, "packed@ber>customer with " + o.Number,
		}, s.life("sim", "S2"))
		require.Equal(s.t, "S1", s.at("sim", "ber"))

		second, work2 := s.open(line("sim", 1))
		s.pay(second.ID)
		s.refusesSerial("S3", "it is not at", func() error { return errOf(s.Fulfillment.Ship(s.ctx, work2[0].ID, nil, sn("sim", "S3"))) })
		sh = must(s.Fulfillment.Pack(s.ctx, work2[0].ID, nil))(s)
		s.refusesSerial("", "0 are named", func() error { return errOf(s.Fulfillment.HandOver(s.ctx, sh.ID)) })
		s.do(errOf(s.Fulfillment.HandOver(s.ctx, sh.ID, sn("sim", "S1"))))

		r := s.back(o.ID, 1)
		s.do(errOf(s.Returns.Receive(s.ctx, r.ID, "ham", units(1, 1), sn("sim", "S3"))))
		s.do(errOf(s.Returns.Inspect(s.ctx, r.ID, []returns.Disposed{{Line: 1, Qty: 1, As: returns.Restock, To: "ber"}})))
		third, work3 := s.open(line("sim", 1))
		s.pay(third.ID)
		s.do(errOf(s.Fulfillment.Ship(s.ctx, work3[0].ID, nil, sn("sim", "S3"))))
		require.Equal(s.t, third.Number, must(s.Stock.Serial(s.ctx, "sim", "S3"))(s).Document)
	})
}

func TestThePolicyOfAnItemStaysOnceUnitsMoved(t *testing.T) {
	t.Parallel()
	onSerials(t, func(s *shop) {
		s.refusesSerial("", "its policy stays", func() error { return s.Stock.AddItem(s.ctx, inventory.Item{ID: "phone"}) })
		s.refuses(inventory.ErrSerial, func() error { return s.Stock.AddItem(s.ctx, inventory.Item{ID: "new", Serials: "often"}) })
		s.refuses(inventory.ErrItem, func() error {
			return s.Stock.AddItem(s.ctx, inventory.Item{ID: "new", Serials: inventory.SerialsAtPack, Untracked: true})
		})
		s.refuses(inventory.ErrItem, func() error {
			return s.Stock.AddItem(s.ctx, inventory.Item{ID: "new", Serials: inventory.SerialsAtPack, Scale: 3})
		})
		for _, p := range []inventory.SerialPolicy{inventory.SerialsAtPack, inventory.NoSerials, inventory.SerialsAtReceipt} {
			s.do(s.Stock.AddItem(s.ctx, inventory.Item{ID: "new", Serials: p}))
		}
		s.refusesSerial("", "0 are named", func() error {
			return errOf(s.Stock.Receive(s.ctx, inventory.Receipt{Item: "new", Location: "ber", Qty: 1}))
		})

		without := s.with(s.ctx, oms.New(s.store))
		s.refuses(oms.ErrNotSerials, func() error {
			return without.Stock.AddItem(s.ctx, inventory.Item{ID: "phone", Serials: inventory.SerialsAtReceipt})
		})
		s.refuses(oms.ErrNotSerials, func() error { return without.phone("a", "A3") })
	})
}

func TestAnItemThatIsSoldAlreadyGetsItsNumbers(t *testing.T) {
	t.Parallel()
	onStores(t, func(s *shop) {
		s.do(errOf(s.Stock.Receive(s.ctx, inventory.Receipt{Item: "tee", Lot: "old", Location: "ham", Qty: 2})))
		o := s.shipped(10)
		parcel, work := s.open(line("mug", 2))
		s.pay(parcel.ID)
		s.do(errOf(s.Fulfillment.Ship(s.ctx, work[0].ID, nil)))

		numbered := inventory.Item{ID: "tee", Serials: inventory.SerialsAtReceipt}
		s.refusesSerial("", "7 units of it are here or on their way without a number", func() error { return s.Stock.AddItem(s.ctx, numbered) })
		for lot, qty := range map[string]int64{"": 5, "old": 2} {
			s.do(errOf(s.Stock.Adjust(s.ctx, inventory.Adjustment{Item: "tee", Lot: lot, Location: "ham", Delta: -qty, Reason: inventory.ReasonWriteOff})))
		}
		s.do(s.Stock.AddItem(s.ctx, numbered))
		s.verify()
		opening := inventory.Adjustment{Item: "tee", Location: "ham", Delta: 2, Reason: inventory.ReasonOpening}
		s.do(errOf(s.Stock.Adjust(s.ctx, opening, sn("tee", "T1 T2"))))

		r := s.back(o.ID, 2)
		come := func(list string) error {
			return errOf(s.Returns.Receive(s.ctx, r.ID, "ber", units(1, 2), sn("tee", list)))
		}
		s.refusesSerial("T1", "it is not at customer", func() error { return come("T1 T8") })
		s.do(come("T8 T9"))
		require.Equal(s.t, "T8 T9", s.at("tee", "ber"))
		require.Equal(s.t, []string{"customer>qc@ber with rma-1"}, s.life("tee", "T8"))
		s.verify()

		s.do(s.Stock.AddItem(s.ctx, inventory.Item{ID: "mug", Serials: inventory.SerialsAtPack}))
		s.refusesSerial("", "its policy stays", func() error { return s.Stock.AddItem(s.ctx, inventory.Item{ID: "mug"}) })
		back := func(qty int64, list string) error {
			return errOf(s.Stock.Return(s.ctx, inventory.GoodsBack{Item: "mug", Location: "ber", Qty: qty}, sn("mug", list)))
		}
		s.refusesSerial("", "3 units go from customer to qc@ber, and 2 are named", func() error { return back(3, "M1 M2 M3") })
		s.do(back(1, "M1"))
		s.do(back(1, "M2"))
		s.refusesSerial("M3", "no customer was ever sent it", func() error { return back(1, "M3") })
	}, oms.WithSerials())
}

func TestOfTwoReceiptsOfANumberOneIsRefused(t *testing.T) {
	t.Parallel()
	onSerials(t, func(s *shop) {
		for _, serial := range strings.Fields("R1 R2 R3 R4 R5") {
			won, lost := race(4, func(i int) error {
				r := inventory.Receipt{Item: "phone", Location: []string{"ber", "ham"}[i%2], Qty: 1}
				return errOf(s.Stock.Receive(s.ctx, r, sn("phone", serial)))
			})
			require.Equal(s.t, 1, won)
			for _, err := range lost {
				require.ErrorIs(s.t, err, inventory.ErrSerial)
			}
		}
	})
}

func TestOfTwoWhoShipAUnitOneIsRefused(t *testing.T) {
	t.Parallel()
	onSerials(t, func(s *shop) {
		for _, owner := range []string{"till-0", "till-1"} {
			s.do(errOf(s.Stock.Reserve(s.ctx, []inventory.Hold{{Owner: owner, Item: "phone", Lot: "a", Location: "ber", Qty: 1}})))
			s.do(errOf(s.Stock.Reserve(s.ctx, []inventory.Hold{{Owner: owner + "s", Item: "sim", Location: "ber", Qty: 1}})))
		}
		for _, c := range []struct{ more, item, serial string }{{"", "phone", "A1"}, {"s", "sim", "S1"}} {
			won, lost := race(2, func(i int) error {
				return errOf(s.Stock.Ship(s.ctx, fmt.Sprint("till-", i, c.more), sn(c.item, c.serial)))
			})
			require.Equal(s.t, 1, won)
			require.ErrorIs(s.t, lost[0], inventory.ErrSerial)
		}
	})
}

func TestTenantsPreviewsAndGroupsOfCommandsHaveTheirOwnNumbers(t *testing.T) {
	t.Parallel()
	onSerials(t, func(s *shop) {
		other := s.with(s.ctx, s.Tenant("acme"))
		s.do(other.Stock.AddLocation(s.ctx, inventory.Location{ID: "ber"}))
		s.do(other.Stock.AddItem(s.ctx, inventory.Item{ID: "phone", Serials: inventory.SerialsAtReceipt}))
		s.do(other.phone("a", "A1"))
		require.Equal(s.t, "A1", other.at("phone", "ber"))
		s.unchanged(func() error {
			p, err := s.Preview(s.ctx, func(ctx context.Context, k *oms.Engine) error {
				in := s.with(ctx, k)
				s.do(in.phone("p", "P1"))
				require.ErrorIs(s.t, in.phone("p", "P1"), inventory.ErrSerial)
				require.Equal(s.t, "A1 A2 B1 P1", in.at("phone", "ber"))
				return nil
			})
			require.Contains(s.t, kinds(p.Events), "stock.serials_moved")
			return err
		})
		s.do(s.Atomically(s.ctx, func(ctx context.Context, k *oms.Engine) error {
			in := s.with(ctx, k)
			s.do(in.phone("q", "Q1"))
			return errOf(in.Stock.Adjust(ctx, inventory.Adjustment{Item: "phone", Lot: "q", Location: "ber", Delta: -1, Reason: inventory.ReasonWriteOff}, sn("phone", "Q1")))
		}))
		require.Equal(s.t, inventory.Scrap, must(s.Stock.Serial(s.ctx, "phone", "Q1"))(s).Away)
		require.Empty(s.t, must(other.Verify(s.ctx))(s))
	})
}

func TestNumbersVanishWithTheHostsRows(t *testing.T) {
	t.Parallel()
	s := newShop(t, openSQLite, oms.WithSerials())
	s.furnish()
	s.phones()
	s.refuses(errHost, func() error {
		return s.join(func(_ *sql.Tx, in *shop) error {
			in.do(in.phone("h", "H1"))
			require.ErrorIs(t, in.phone("h", "H1"), inventory.ErrSerial, "the transaction of the host stays usable")
			require.Equal(t, "A1 A2 B1 H1", in.at("phone", "ber"))
			return errHost
		})
	})
	s.do(s.join(func(_ *sql.Tx, in *shop) error { return in.phone("h", "H1") }))
	require.Equal(t, "A1 A2 B1 H1", s.at("phone", "ber"))
	s.verify()
}

func TestKitsAndBlindReturnsNameUnits(t *testing.T) {
	t.Parallel()
	onSerials(t, func(s *shop) {
		s.do(s.Stock.AddItem(s.ctx, inventory.Item{ID: "set", Kit: []inventory.Component{{Item: "phone", Qty: 1}, {Item: "sim", Qty: 2}}}))
		s.do(errOf(s.Stock.Reserve(s.ctx, []inventory.Hold{{Owner: "web-1", Item: "set", Location: "ber", Qty: 1}})))
		s.refusesSerial("", "0 are named", func() error { return errOf(s.Stock.Ship(s.ctx, "web-1")) })
		s.do(errOf(s.Stock.Ship(s.ctx, "web-1", sn("sim", "S1 S2"), sn("phone", "A1"))))
		require.Len(s.t, must(s.Stock.SerialsWith(s.ctx, "web-1"))(s), 3)
		r := must(s.Returns.RequestBlind(s.ctx, returns.Blind{Currency: euro, Lines: []returns.BlindLine{{Item: "phone", Qty: 1, Reason: returns.Unwanted, Worth: order.Zero(euro)}}}))(s)
		s.do(errOf(s.Returns.Approve(s.ctx, r.ID)))
		s.do(errOf(s.Returns.Receive(s.ctx, r.ID, "ham", units(1, 1), sn("phone", "A1"))))
		require.Equal(s.t, "A1", s.at("phone", "ham"))
		require.Equal(s.t, "a", must(s.Stock.Serial(s.ctx, "phone", "A1"))(s).Lot)
		s.do(errOf(s.Stock.Reserve(s.ctx, []inventory.Hold{{Owner: "till", Item: "phone", Lot: "b", Location: "ber", Qty: 1}})))
		s.do(errOf(s.Stock.Ship(s.ctx, "till", sn("phone", "B1"))))
		back := inventory.GoodsBack{Item: "phone", Location: "ber", Qty: 1, Ref: "till-back"}
		s.refusesSerial("B1", "it is of lot", func() error { return errOf(s.Stock.Return(s.ctx, back, sn("phone", "B1"))) })
		back.Lot = "b"
		s.do(errOf(s.Stock.Return(s.ctx, back, sn("phone", "B1"))))
	})
}

func TestEveryCommandThatMovesUnitsNamesThem(t *testing.T) {
	t.Parallel()
	onSerials(t, func(s *shop) {
		named := func(want, list string, run func(opts ...oms.CallOption) error) {
			s.t.Helper()
			s.refusesSerial("", "0 are named", func() error { return run() })
			s.refusesSerial("Z", "it is unknown", func() error { return run(sn("phone", "Z")) })
			s.do(run(sn("phone", list)))
			require.Equal(s.t, want, s.at("phone", "ber")+"|"+s.at("phone", "ham"))
		}
		_, work := s.open(line("phone", 1))
		named("A2 B1|", "A1", func(opts ...oms.CallOption) error {
			return errOf(s.Fulfillment.ShortPick(s.ctx, work[0].ID, units(1, 1), opts...))
		})
		c := s.counting(count.Plan{Places: []count.Place{{Item: "phone", Lot: "b", Location: "ham"}}})
		c = s.found(c.ID, 1)
		s.refusesSerial("B1", "it exists already", func() error {
			return errOf(s.Counts.Post(s.ctx, c.ID, count.Correction{}, sn("phone", "B1")))
		})
		s.do(errOf(s.Counts.Post(s.ctx, c.ID, count.Correction{}, sn("phone", "H1"))))
		named("A2|H1", "B1", func(opts ...oms.CallOption) error {
			out := []inventory.Movement{{Item: "phone", Lot: "b", From: inventory.At("ber", inventory.Free), To: inventory.Outside(inventory.Supplier), Qty: 1}}
			return errOf(s.Stock.Move(s.ctx, out, inventory.ReasonWriteOff, "sent back", opts...))
		})
		s.do(s.phone("b", "B1")) // it comes again
		named("A2 B1 H1|", "H1", func(opts ...oms.CallOption) error { return errOf(s.Stock.Deactivate(s.ctx, "ham", "ber", opts...)) })
	})
}

func TestUnitsThatAreMadeOfOthersNameBoth(t *testing.T) {
	t.Parallel()
	onSerials(t, func(s *shop) {
		s.do(s.Stock.AddItem(s.ctx, inventory.Item{ID: "case", Serials: inventory.SerialsAtReceipt, Bill: []inventory.Component{{Item: "phone", Qty: 2}, {Item: "tee", Qty: 1}}}))
		a := inventory.Assembly{Item: "case", Location: "ber", Qty: 1, Ref: "job"}
		s.refusesSerial("", "2 units go from free@ber to production", func() error { return errOf(s.Stock.Assemble(s.ctx, a, sn("case", "C1"))) })
		s.refusesSerial("", "1 units go from production to free@ber", func() error { return errOf(s.Stock.Assemble(s.ctx, a, sn("phone", "A1 A2"))) })
		s.do(errOf(s.Stock.Assemble(s.ctx, a, sn("case", "C1"), sn("phone", "A1 A2"))))
		require.Equal(s.t, "B1|C1", s.at("phone", "ber")+"|"+s.at("case", "ber"))
		s.refusesSerial("B1", "it exists already", func() error { return errOf(s.Stock.Disassemble(s.ctx, a, sn("case", "C1"), sn("phone", "A1 B1"))) })
		s.do(errOf(s.Stock.Disassemble(s.ctx, a, sn("case", "C1"), sn("phone", "A1 A2"))))
		require.Equal(s.t, "A1 A2 B1|", s.at("phone", "ber")+"|"+s.at("case", "ber"))
	})
}

func TestUnitsThatAreLostOrTurnRoundOnTheirWayAreNamed(t *testing.T) {
	t.Parallel()
	onSerials(t, func(s *shop) {
		x := must(s.Transfers.Draft(s.ctx, transfer.Draft{From: "ber", To: "ham", Expected: s.day(1), Lines: []transfer.DraftLine{{Item: "phone", Lot: "a", Qty: 2}}}))(s)
		s.do(errOf(s.Transfers.Ready(s.ctx, x.ID)))
		s.do(errOf(s.Transfers.Ship(s.ctx, x.ID, transfer.Shipping{Ref: "t"}, sn("phone", "A1 A2"))))
		got := transfer.Receiving{Arrivals: []transfer.Arrival{{Line: 1, Qty: 1}}}
		s.do(errOf(s.Transfers.Receive(s.ctx, x.ID, got, sn("phone", "A2"))))
		s.refusesSerial("", "0 are named", func() error { return errOf(s.Transfers.Close(s.ctx, x.ID, "gone")) })
		s.refusesSerial("A2", "it is not at in_transit", func() error { return errOf(s.Transfers.Close(s.ctx, x.ID, "gone", sn("phone", "A2"))) })
		s.do(errOf(s.Transfers.Close(s.ctx, x.ID, "gone", sn("phone", "A1"))))
		require.Equal(s.t, inventory.Shrink, must(s.Stock.Serial(s.ctx, "phone", "A1"))(s).Away)
	})
}
