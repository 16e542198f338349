package inventory_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/orderkit/oms/inventory"
)

// registry is the least that a register can be.
type registry map[string]inventory.Serial

// moved is the decision on one movement of phones, followed from receipt on.
func (r registry) moved(m inventory.Movement, named ...inventory.NamedUnit) (inventory.Registered, error) {
	return r.post("doc", inventory.SerialsAtReceipt, []inventory.Movement{m}, named...)
}

func (r registry) post(document string, policy inventory.SerialPolicy, moves []inventory.Movement, named ...inventory.NamedUnit) (inventory.Registered, error) {
	var known []inventory.Serial
	for _, u := range named {
		if s, ok := r[u.Serial]; ok {
			known = append(known, s)
		}
	}
	out, err := inventory.Register(inventory.Registering{
		Posting: inventory.Posting{ID: uuid.New(), Document: document, At: noon, Movements: moves},
		Items:   []inventory.SerialItem{{Item: "phone", Policy: policy}}, Known: known, Named: named,
	})
	for _, s := range out.Serials {
		r[s.ID] = s
	}
	return out, err
}

func phones(lot string, serials ...string) []inventory.NamedUnit {
	var named []inventory.NamedUnit
	for _, s := range serials {
		named = append(named, inventory.NamedUnit{Item: "phone", Lot: lot, Serial: s})
	}
	return named
}

// A random walk of units between accounts is allowed exactly where a naive register, a map
// from number to place, allows it.
func TestRegisterAllowsWhatANaiveRegisterAllows(t *testing.T) {
	t.Parallel()
	accounts := []inventory.Account{
		inventory.At("ams", inventory.Free), inventory.At("ber", inventory.Free), inventory.At("ber", inventory.QC),
		inventory.Outside(inventory.Supplier), inventory.Outside(inventory.Customer), inventory.Outside(inventory.Shrink),
		inventory.Outside(inventory.Scrap), inventory.Outside(inventory.Production), inventory.Outside(inventory.InTransit),
	}
	place := func(a inventory.Account) string {
		if a.State.AtLocation() {
			return a.Location
		}
		return a.State.String()
	}
	enters := []string{"supplier", "shrink", "production"}
	for seed := range uint64(300) {
		r, random := registry{}, rand.New(rand.NewPCG(seed, 1))
		where, lots, steps := map[string]string{}, map[string]string{}, map[string]int64{}
		allowed := 0
		for range 120 {
			from, to := accounts[random.IntN(len(accounts))], accounts[random.IntN(len(accounts))]
			lot := []string{"", "a"}[random.IntN(2)]
			var serials []string
			for range random.IntN(3) {
				if s := fmt.Sprint("s", random.IntN(8)); !slices.Contains(serials, s) {
					serials = append(serials, s)
				}
			}
			qty := int64(1 + random.IntN(2))
			fits := func(s string) bool {
				if at, ok := where[s]; ok {
					return at == place(from) && (lots[s] == lot || at == "production")
				}
				return slices.Contains(enters, place(from))
			}
			n := int64(0)
			for _, s := range serials {
				if fits(s) {
					n++
				}
			}
			out, err := r.moved(inventory.Movement{Item: "phone", Lot: lot, From: from, To: to, Qty: qty}, phones("", serials...)...)
			switch {
			case place(from) == place(to):
				require.NoError(t, err, "seed %d", seed)
				require.Empty(t, out.Steps)
				require.Len(t, out.Left, len(serials))
			case n < qty:
				require.ErrorIs(t, err, inventory.ErrSerial, "seed %d", seed)
				require.Empty(t, out)
			default:
				require.NoError(t, err, "seed %d", seed)
				require.Len(t, out.Serials, int(qty))
				require.Len(t, out.Left, len(serials)-int(qty))
				for _, s := range out.Serials {
					where[s.ID], lots[s.ID] = place(to), lot
					steps[s.ID]++
					require.Equal(t, steps[s.ID], s.Version)
					require.Equal(t, steps[s.ID], s.Steps)
					require.Equal(t, to.State.AtLocation(), s.OnHand())
				}
				allowed++
			}
		}
		require.Positive(t, allowed)
	}
}

func TestRegisterTakesUnitsByTheirLot(t *testing.T) {
	t.Parallel()
	free, gone := inventory.At("ber", inventory.Free), inventory.Outside(inventory.Supplier)
	two := []inventory.Movement{
		{Item: "phone", Lot: "a", From: gone, To: free, Qty: 1}, {Item: "phone", Lot: "b", From: gone, To: free, Qty: 1},
	}
	r := registry{}
	_, err := r.post("po", inventory.SerialsAtReceipt, two, phones("", "1", "2")...)
	require.ErrorIs(t, err, inventory.ErrSerial, "which of them is of which lot?")
	require.Empty(t, r)
	require.ErrorContains(t, err, "it could be of this or of that movement")
	_, err = registry{}.post("po", inventory.SerialsAtReceipt, two, append(phones("", "1"), phones("b", "2")...)...)
	require.NoError(t, err, "the other one is of the other lot")
	_, err = r.post("po", inventory.SerialsAtReceipt, two, append(phones("a", "1"), phones("b", "2")...)...)
	require.NoError(t, err)
	require.Equal(t, "a", r["1"].Lot)
	require.Equal(t, "b", r["2"].Lot)
	for i := range two {
		two[i].From, two[i].To = free, inventory.Outside(inventory.Customer)
	}
	out, err := r.post("so", inventory.SerialsAtReceipt, two, phones("", "2", "1")...)
	require.NoError(t, err, "those that are known are told apart")
	require.Equal(t, []string{"1"}, out.Moved[0].Serials)
	require.Equal(t, []string{"2"}, out.Moved[1].Serials)
	require.Equal(t, "stock.serials_moved", out.Moved[0].Kind())
}

func TestRegisterPutsWhatIsRelabeledIntoTheOtherLot(t *testing.T) {
	t.Parallel()
	free, made := inventory.At("ber", inventory.Free), inventory.Outside(inventory.Production)
	r := registry{}
	for _, m := range []inventory.Movement{{From: inventory.Outside(inventory.Supplier), To: free}, {From: free, To: made}} {
		m.Item, m.Qty = "phone", 1
		_, err := r.moved(m, phones("", "used")...)
		require.NoError(t, err)
	}
	_, err := r.moved(inventory.Movement{Item: "phone", Lot: "a", From: inventory.Outside(inventory.Supplier), To: free, Qty: 1}, phones("", "1")...)
	require.NoError(t, err)
	out, err := r.post("", inventory.SerialsAtReceipt, []inventory.Movement{
		{Item: "phone", Lot: "a", From: free, To: made, Qty: 1}, {Item: "phone", Lot: "b", From: made, To: free, Qty: 1},
	}, phones("", "used", "1")...)
	require.NoError(t, err)
	require.Equal(t, "b", r["1"].Lot)
	require.EqualValues(t, 3, r["1"].Steps)
	require.EqualValues(t, 2, r["1"].Version, "it is saved once")
	require.Equal(t, phones("", "used"), out.Left)
}

func TestRegisterTellsWhyItRefuses(t *testing.T) {
	t.Parallel()
	free, customer, road := inventory.At("ber", inventory.Free), inventory.Outside(inventory.Customer), inventory.Outside(inventory.InTransit)
	r := registry{}
	move := func(document string, from, to inventory.Account, serials ...string) error {
		_, err := r.post(document, inventory.SerialsAtReceipt, []inventory.Movement{{Item: "phone", From: from, To: to, Qty: int64(len(serials))}}, phones("", serials...)...)
		return err
	}
	require.NoError(t, move("po-1", inventory.Outside(inventory.Supplier), free, "1", "2", "3"))
	require.NoError(t, move("so-1", free, customer, "1"))
	require.NoError(t, move("t-1", free, road, "2"))
	for text, err := range map[string]error{
		`"1" of item "phone": it exists already: customer, with document "so-1" since 2026-03-01T12:00:00Z`:                   move("po-2", inventory.Outside(inventory.Supplier), free, "1"),
		`"1" of item "phone": it is not at free@ber: it is customer, with document "so-1" since 2026-03-01T12:00:00Z`:         move("so-2", free, customer, "1"),
		`"2" of item "phone": it travels with "t-1", not with "t-2"`:                                                          move("t-2", road, free, "2"),
		`"9" of item "phone": it is unknown; it has to be named when it comes in`:                                             move("so-2", free, customer, "9"),
		`"9" of item "phone": it is unknown; no customer was ever sent it`:                                                    move("r-1", customer, free, "9"),
		`"3" of item "phone": it is not at customer: it is on hand at "ber", with document "po-1" since 2026-03-01T12:00:00Z`: move("r-1", customer, free, "3"),
	} {
		require.ErrorContains(t, err, text)
		var told *inventory.SerialError
		require.ErrorAs(t, err, &told)
		require.Equal(t, r[told.Serial], told.Known, "the error carries what is known")
	}
	require.ErrorIs(t, inventory.CheckNamed(phones("", "1", "1")), inventory.ErrSerial)
	require.ErrorIs(t, inventory.CheckNamed(phones("", " 1")), inventory.ErrID)
	require.ErrorIs(t, inventory.SerialPolicy("later").Validate(), inventory.ErrSerial)
}

func TestRegisterFromPackingOnLooksOnlyAtCustomers(t *testing.T) {
	t.Parallel()
	r := registry{}
	post := func(from, to inventory.Account, serials ...string) error {
		_, err := r.post("so", inventory.SerialsAtPack, []inventory.Movement{{Item: "phone", From: from, To: to, Qty: 1}}, phones("", serials...)...)
		return err
	}
	ber, ams, customer := inventory.At("ber", inventory.Free), inventory.At("ams", inventory.Free), inventory.Outside(inventory.Customer)
	require.NoError(t, post(inventory.Outside(inventory.Supplier), ber))
	require.NoError(t, post(ber, ams))
	require.ErrorIs(t, post(ams, customer), inventory.ErrSerial)
	require.NoError(t, post(ams, customer, "1"))
	require.ErrorIs(t, post(ams, customer, "1"), inventory.ErrSerial)
	require.NoError(t, post(customer, ber, "1"))
	require.Equal(t, "ber", r["1"].Location)
	require.NoError(t, post(ams, customer, "1"), "nobody looked when it was carried there")
}
