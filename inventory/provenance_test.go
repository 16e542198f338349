package inventory_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/orderkit/oms/inventory"
)

// told is a path for a person: "supplier →po-1 free@ber →o-7 customer".
func told(v inventory.Interval) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%d: %s", v.Qty, v.Path[0].From)
	for _, s := range v.Path {
		fmt.Fprintf(&b, " →%s %s", s.Document, s.To)
	}
	return b.String()
}

func posted(at int, document string, moves ...inventory.Movement) []inventory.Logged {
	var out []inventory.Logged
	id := uuid.Must(uuid.NewV7())
	for n, m := range moves {
		m.Item = "tee"
		out = append(out, inventory.Logged{Place: inventory.Place{At: time.Unix(int64(at), 0).UTC(), Posting: id, N: n}, Document: document, Movement: m})
	}
	return out
}

func TestUnitsAreFollowedFromTheirReceiptToTheCustomerAndBack(t *testing.T) {
	t.Parallel()
	ber := func(s inventory.State) inventory.Account { return inventory.At("ber", s) }
	supplier, customer := inventory.Outside(inventory.Supplier), inventory.Outside(inventory.Customer)
	var trace inventory.Trace
	for i, p := range [][]inventory.Logged{
		posted(1, "po-1", inventory.Movement{From: supplier, To: ber(inventory.Free), Qty: 5}),
		posted(2, "po-2", inventory.Movement{From: supplier, To: ber(inventory.Free), Qty: 5}),
		posted(3, "o-1", inventory.Movement{From: ber(inventory.Free), To: ber(inventory.Committed), Qty: 4}),
		posted(4, "o-2", inventory.Movement{From: ber(inventory.Free), To: ber(inventory.Committed), Qty: 3}),
		posted(5, "o-2", inventory.Movement{From: ber(inventory.Committed), To: customer, Qty: 3}), // before o-1
		posted(6, "rma-1", inventory.Movement{From: customer, To: ber(inventory.QC), Qty: 2}),
		posted(7, "t-1", inventory.Movement{From: ber(inventory.Free), To: inventory.At("ham", inventory.Free), Qty: 2}),
	} {
		trace.Add(p)
		_ = i
	}
	var all []string
	for _, v := range trace.Units(inventory.Whereabouts{}) {
		all = append(all, told(v))
	}
	require.Equal(t, []string{
		"1: supplier →po-2 free@ber →o-2 committed@ber →o-2 customer",
		"1: supplier →po-2 free@ber",
		"4: supplier →po-1 free@ber →o-1 committed@ber",
		"1: supplier →po-1 free@ber →o-2 committed@ber →o-2 customer →rma-1 qc@ber",
		"1: supplier →po-2 free@ber →o-2 committed@ber →o-2 customer →rma-1 qc@ber",
		"2: supplier →po-2 free@ber →t-1 free@ham",
	}, all)
	var recalled int64
	for _, v := range trace.Units(inventory.Whereabouts{Document: "po-1"}) {
		require.Equal(t, "po-1", v.Path[0].Document)
		recalled += v.Qty
	}
	require.EqualValues(t, 5, recalled, "every unit of the receipt is somewhere")
}

func TestEveryUnitHasExactlyOnePathWhateverMovedInWhateverOrder(t *testing.T) {
	t.Parallel()
	for seed := range uint64(60) {
		r := rand.New(rand.NewPCG(seed, 3))
		places := []inventory.Account{
			inventory.Outside(inventory.Supplier), inventory.Outside(inventory.Customer), inventory.Outside(inventory.Shrink), inventory.Outside(inventory.InTransit),
			inventory.At("ber", inventory.Free), inventory.At("ber", inventory.Committed), inventory.At("ham", inventory.Free), inventory.At("ham", inventory.QC),
		}
		balances := inventory.Tally{}
		var log [][]inventory.Logged
		for i := range 120 {
			var moves []inventory.Movement
			for range 1 + r.IntN(3) {
				m := inventory.Movement{Lot: []string{"", "a"}[r.IntN(2)], From: places[r.IntN(len(places))], To: places[r.IntN(len(places))], Qty: 1 + r.Int64N(6)}
				if m.From != m.To {
					moves = append(moves, m)
				}
			}
			after := inventory.Tally{}
			for a, q := range balances {
				after[a] = q
			}
			after.Forward(moves)
			sound := true
			for a, q := range after {
				sound = sound && (q >= 0 || !a.State.AtLocation())
			}
			if !sound || len(moves) == 0 {
				continue
			}
			balances = after
			at := i
			if r.IntN(5) == 0 {
				at -= r.IntN(20) // committed later than it is dated
			}
			log = append(log, posted(at, fmt.Sprint("d-", r.IntN(9)), moves...))
		}
		slices.SortStableFunc(log, func(a, b []inventory.Logged) int { return a[0].Compare(b[0].Place) })
		var trace inventory.Trace
		for _, p := range log {
			trace.Add(p)
		}
		have := inventory.Tally{}
		for _, v := range trace.Units(inventory.Whereabouts{}) {
			require.Positive(t, v.Qty)
			require.Equal(t, v.In, v.Path[len(v.Path)-1].To, "seed %d: a path ends where its units are", seed)
			for i := 1; i < len(v.Path); i++ {
				require.Equal(t, v.Path[i-1].To, v.Path[i].From, "seed %d: a path has no gap", seed)
			}
			if v.In.State.AtLocation() {
				have.Forward([]inventory.Movement{{Lot: v.Lot, From: inventory.Outside(inventory.Supplier), To: v.In, Qty: v.Qty}})
			}
		}
		require.True(t, balances.Equal(have), "seed %d: %v, not %v", seed, have, balances)
	}
}
