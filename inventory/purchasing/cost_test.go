package purchasing_test

import (
	"testing"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/orderkit/oms/inventory/purchasing"
)

// landed is what the lines have borne of all costs together.
func landed(o *purchasing.Order) []string {
	out := make([]string, len(o.Lines))
	for i := range o.Lines {
		var sum decimal.Decimal
		for _, c := range o.Costs {
			for _, s := range c.Landed {
				if s.Line == i+1 {
					sum = sum.Add(s.Amount)
				}
			}
		}
		out[i] = sum.String()
	}
	return out
}

func TestFreightRaisesWhatGoodsAreWorth(t *testing.T) {
	t.Parallel()
	f := flow(t)
	d := draft()
	d.Lines = d.Lines[:1]
	d.Lines[0].Qty = 100
	o := receive(t, f, issued(t, f, d), got("dn-1", 1, 100, 0))
	o, events, err := f.AddCost(o, purchasing.DraftCost{Kind: purchasing.Freight, Amount: dec("60"), Ref: "bill-7"}, now)
	require.NoError(t, err)
	require.Equal(t, "purchase.cost_added", events[0].Kind())
	o, shares, err := o.Land()
	require.NoError(t, err)
	require.Len(t, shares, 1)
	require.Equal(t, "60", shares[0].Amount.String())
	require.Equal(t, "4.6", o.Worth().Div(decimal.NewFromInt(100)).String(), "100 at 4.00 and 60 of freight")
	o, shares, err = o.Land()
	require.NoError(t, err)
	require.Empty(t, shares, "it falls on them once")
	require.Equal(t, []string{"60"}, landed(&o))
}

func TestCostsFallOnWhatHasCome(t *testing.T) {
	t.Parallel()
	f := flow(t)
	for basis, want := range map[purchasing.Basis][2][]string{
		purchasing.ByValue:    {{"3.636364", "0"}, {"7.272727", "2.727273"}}, // 40 : 15
		purchasing.ByQuantity: {{"3.125", "0"}, {"6.25", "3.75"}},            // 10 : 6
		purchasing.ByWeight:   {{"2.631579", "0"}, {"5.263158", "4.736842"}}, // 2000 : 1800
	} {
		d := draft()
		d.Costs = []purchasing.DraftCost{{Kind: purchasing.Freight, Basis: basis, Amount: dec("10")}}
		o := receive(t, f, issued(t, f, d), got("dn-1", 1, 5, 0))
		o, _, err := o.Land()
		require.NoError(t, err)
		require.Equal(t, want[0], landed(&o), "half of its share: %s", basis)
		o = receive(t, f, receive(t, f, o, got("dn-2", 1, 5, 0)), got("dn-3", 2, 6, 0))
		o, _, err = o.Land()
		require.NoError(t, err)
		require.Equal(t, want[1], landed(&o), basis)
	}
}

func TestCostsOfWhatNeverCameFallOnTheRest(t *testing.T) {
	t.Parallel()
	f := flow(t)
	d := draft()
	d.Lines[0].UnitCost = decimal.Zero // free of charge
	d.Costs = []purchasing.DraftCost{{Kind: purchasing.Duty, Amount: dec("10")}}
	o := receive(t, f, issued(t, f, d), got("dn-1", 1, 4, 1))
	o, shares, err := o.Land()
	require.NoError(t, err)
	require.Empty(t, shares, "by value, what is free bears nothing")
	o, _, err = f.CloseShort(o, "", now)
	require.NoError(t, err)
	o, _, err = o.Land()
	require.NoError(t, err)
	require.Equal(t, []string{"10", "0"}, landed(&o), "nothing else is there to bear it")
	_, _, err = f.AddCost(o, purchasing.DraftCost{Kind: purchasing.Duty, Amount: dec("-1")}, now)
	require.ErrorIs(t, err, purchasing.ErrAmount)
	gone, _, err := f.Cancel(issued(t, f, draft()), "", now)
	require.NoError(t, err)
	_, _, err = f.AddCost(gone, purchasing.DraftCost{Kind: purchasing.Duty, Amount: dec("1")}, now)
	require.ErrorIs(t, err, purchasing.ErrTransition)
}

func TestApportioningRefusesWhatItCannotSplit(t *testing.T) {
	t.Parallel()
	one := []decimal.Decimal{dec("1")}
	for name, c := range map[string]struct {
		amount  string
		weights []decimal.Decimal
	}{
		"too many digits":     {"0.0000001", one},
		"nothing to bear it":  {"1", nil},
		"only zeros":          {"1", []decimal.Decimal{dec("0"), dec("0")}},
		"a weight below zero": {"1", []decimal.Decimal{dec("2"), dec("-1")}},
		"a weight too fine":   {"1", []decimal.Decimal{dec("0.0000001")}},
	} {
		_, err := purchasing.Apportion(dec(c.amount), c.weights)
		require.ErrorIs(t, err, purchasing.ErrApportion, name)
	}
}

func TestThePartsOfACostAddUpToIt(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		amount := decimal.New(rapid.Int64Range(-1e15, 1e15).Draw(t, "amount"), -purchasing.CostPlaces)
		raw := rapid.SliceOfN(rapid.Int64Range(0, 1e12), 1, 12).Draw(t, "weights")
		raw[0]++
		weights, sum := make([]decimal.Decimal, len(raw)), decimal.Zero
		for i, w := range raw {
			weights[i] = decimal.New(w, -3)
			sum = sum.Add(weights[i])
		}
		parts, err := purchasing.Apportion(amount, weights)
		require.NoError(t, err)
		var total decimal.Decimal
		for i, p := range parts {
			total = total.Add(p)
			exact := amount.Mul(weights[i]).DivRound(sum, 20)
			require.True(t, p.Sub(exact).Abs().LessThan(decimal.New(1, -purchasing.CostPlaces)), "within one of the last place: %s for %s", p, exact)
			require.True(t, weights[i].IsPositive() || p.IsZero())
		}
		require.True(t, total.Equal(amount), "%s of %s", total, amount)
	})
}
