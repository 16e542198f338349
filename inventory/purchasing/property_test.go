package purchasing_test

import (
	"fmt"
	"testing"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/orderkit/oms/inventory/purchasing"
)

// TestEveryUnitOfAPurchaseIsAccountedFor gives random commands and proves after each that
// no unit and no part of a cost is lost, whatever was refused.
func TestEveryUnitOfAPurchaseIsAccountedFor(t *testing.T) {
	t.Parallel()
	f := flow(t)
	rapid.Check(t, func(t *rapid.T) {
		qty := rapid.Int64Range(1, 20)
		d := purchasing.Draft{Supplier: "acme", Tolerance: purchasing.Tolerance{
			Over: decimal.NewFromInt(rapid.Int64Range(0, 50).Draw(t, "over")), Under: decimal.NewFromInt(rapid.Int64Range(0, 50).Draw(t, "under"))}}
		for range rapid.IntRange(1, 3).Draw(t, "lines") {
			d.Lines = append(d.Lines, purchasing.DraftLine{Item: "tee", Location: "ber", Qty: qty.Draw(t, "qty"), UnitCost: decimal.New(qty.Draw(t, "cost"), -2)})
		}
		o, _, err := purchasing.New(purchasing.ID{}, d, acme, now)
		require.NoError(t, err)
		var booked, refused int64
		for step := range 12 {
			line, q := rapid.IntRange(1, len(o.Lines)).Draw(t, "line"), qty.Draw(t, "units")
			var n purchasing.Order
			var in []purchasing.Inbound
			switch rapid.IntRange(0, 8).Draw(t, "what") {
			case 0:
				n, _, err = f.Issue(o, now)
			case 1, 2, 3, 4:
				n, in, _, err = f.Receive(o, got(fmt.Sprint("dn-", step), line, q, qty.Draw(t, "rejected")-1), now)
			case 5:
				n, _, err = f.CancelUnits(o, []purchasing.LineUnits{{Line: line, Qty: q}}, "", now)
			case 6:
				n, _, err = f.AddCost(o, purchasing.DraftCost{Kind: purchasing.Freight, Amount: decimal.New(q*q, -1)}, now)
			case 7:
				n, _, err = f.Close(o, now)
			default:
				n, _, err = f.CloseShort(o, "", now)
			}
			if err != nil {
				require.Equal(t, o, n, "a refusal changes nothing")
				refused++
				continue
			}
			for _, i := range in {
				booked += i.Qty
			}
			n, _, err = n.Land()
			require.NoError(t, err)
			o = n
			accounted(t, f, &o, booked)
		}
	})
}

func accounted(t *rapid.T, f *purchasing.Flow, o *purchasing.Order, booked int64) {
	var received, expected, coming int64
	for i := range o.Lines {
		l := &o.Lines[i]
		require.NoError(t, l.Check(o.Tolerance))
		require.LessOrEqual(t, l.Received()*100, l.Qty*(100+o.Tolerance.Over.IntPart()), "received ≤ ordered · (1 + tolerance)")
		require.Equal(t, max(l.Qty, l.Received()), l.Received()+l.Cancelled+l.Expected(), "every unit is somewhere")
		received += l.Received()
		expected += l.Expected()
	}
	require.Equal(t, booked, received, "what came is what the ledger was told")
	for _, s := range f.Supplies(o) {
		coming += s.Qty
	}
	if !f.Incoming(o.State) {
		expected = 0
	}
	require.Equal(t, expected, coming)
	for _, c := range o.Costs {
		var sum decimal.Decimal
		for _, part := range c.Landed {
			require.False(t, part.Amount.IsNegative())
			sum = sum.Add(part.Amount)
		}
		require.False(t, sum.GreaterThan(c.Amount))
		var accepted int64
		for i := range o.Lines {
			accepted += o.Lines[i].Accepted
		}
		if f.Final(o.State) && accepted > 0 || o.State == purchasing.StateReceived && accepted > 0 {
			require.True(t, sum.Equal(c.Amount), "all of it fell on what came")
		}
	}
}
