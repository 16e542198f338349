package order_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/orderkit/oms/order"
)

// breakfast is a line of sets of two mugs, a plate and a card.
func breakfast(qty int64, price string) order.DraftLine {
	return order.DraftLine{
		Item: "set", SKU: "SET", Title: "Breakfast", Qty: qty, UnitPrice: num(price), TaxRate: num("0.19"),
		Metadata: map[string]string{"for": "Ada"},
		Kit:      []order.Component{{Item: "mug", SKU: "MUG", Title: "Mug", Qty: 2, Share: 500}, {Item: "plate", Qty: 1, Share: 300}, {Item: "card", Qty: 1}},
	}
}

func TestALineOfAKitBecomesTheLinesOfItsComponents(t *testing.T) {
	t.Parallel()
	d := cart(breakfast(3, "9.99"), goods(1, "5"))
	d.Discounts = []order.Discount{{Amount: eur("3.00"), Lines: []int{2, 1}}}
	o := drafted(t, d)
	require.Len(t, o.Lines, 4, "line n of the draft is line n of the order, and two more")
	require.Equal(t, []string{"mug", "tee", "plate", "card"}, items(o))
	mug := o.Lines[0]
	require.Equal(t, "MUG Mug", mug.SKU+" "+mug.Title)
	require.EqualValues(t, 6, mug.Ordered)
	require.Equal(t, "18.73", mug.Amount.Amount().String(), "five eighths of 29.97")
	require.Equal(t, "3.121667", mug.UnitPrice.String())
	require.Equal(t, order.KitPart{Line: 1, Item: "set", SKU: "SET", Title: "Breakfast", UnitPrice: num("9.99"), Per: 2}, *mug.Kit)
	require.Equal(t, "plate", o.Lines[2].SKU)
	require.Equal(t, map[string]string{"for": "Ada"}, o.Lines[2].Metadata)
	require.Equal(t, "11.24", o.Lines[2].Amount.Amount().String())
	require.True(t, o.Lines[3].Amount.IsZero(), "the card has no share where others have one")
	require.Nil(t, o.Lines[1].Kit)
	require.Equal(t, []int{2, 1, 3, 4}, o.Discounts[0].Lines)
	require.Equal(t, []int{2, 1}, d.Discounts[0].Lines, "the draft stays as it was")

	kits := o.Kits()
	require.Len(t, kits, 1)
	k := kits[0]
	require.Equal(t, []int{1, 3, 4}, k.Lines)
	require.Equal(t, "29.97", k.Amount.Amount().String())
	require.Zero(t, k.Per)
	require.Equal(t, "9.99", k.UnitPrice.String())
	require.EqualValues(t, 3, k.Ordered)
	total := o.Lines[1].Total.MinorUnits() + k.Total.MinorUnits()
	require.Equal(t, o.Totals().Total.MinorUnits(), total)
	require.EqualValues(t, 3197, total)
}

func items(o order.Order) []string {
	var out []string
	for _, l := range o.Lines {
		out = append(out, l.Item)
	}
	return out
}

func TestAKitWithoutSharesIsSpreadByQuantity(t *testing.T) {
	t.Parallel()
	l := breakfast(1, "1.00")
	for i := range l.Kit {
		l.Kit[i].Share = 0
	}
	o := drafted(t, cart(l))
	require.Equal(t, "0.5 0.25 0.25", fmt.Sprint(o.Lines[0].Amount.Amount(), o.Lines[1].Amount.Amount(), o.Lines[2].Amount.Amount()))
	l.UnitPrice, l.Free = decimal.Zero, true
	free := drafted(t, cart(l))
	require.True(t, free.Totals().Total.IsZero())
}

func TestWholeKitsAreCountedByTheirScarcestComponent(t *testing.T) {
	t.Parallel()
	o := opened(t, cart(breakfast(4, "10"), breakfast(1, "10")))
	o.Lines[3].Stocked = false // the card is printed with the parcel
	count := func(line int, by order.Counters) { o = counted(t, o, line, by) }
	of := func() order.Kit { return o.Kits()[0] }
	require.Equal(t, []int{1, 3, 4}, of().Lines)
	require.Equal(t, []int{2, 5, 6}, o.Kits()[1].Lines)
	count(1, order.Counters{Unreserved: -7, Reserved: 7})
	require.Zero(t, of().Ready, "there are no plates")
	count(3, order.Counters{Unreserved: -4, Reserved: 4})
	require.EqualValues(t, 3, of().Ready, "seven mugs make three")
	count(1, order.Counters{Reserved: -5, Shipped: 5})
	require.EqualValues(t, 3, of().Ready)
	require.Zero(t, of().Shipped)
	count(3, order.Counters{Reserved: -2, Shipped: 2, Delivered: 2})
	count(4, order.Counters{Unreserved: -4, Shipped: 4, Delivered: 4})
	require.Equal(t, []int64{2, 1, 0}, []int64{of().Shipped, of().Ready, of().Delivered})
	count(1, order.Counters{Unreserved: -1, Cancelled: 1, Delivered: 5})
	require.Equal(t, []int64{2, 0, 0}, []int64{of().Delivered, of().Cancelled, of().Returned})
	require.Zero(t, o.Kits()[1].Shipped)
}

func TestKitsThatCouldNotBeSoldAreRefused(t *testing.T) {
	t.Parallel()
	for problem, how := range map[string]func(l *order.DraftLine){
		"has 101 components":     func(l *order.DraftLine) { l.Kit = make([]order.Component, 101) },
		"is of a service":        func(l *order.DraftLine) { l.Service = true },
		"has no item":            func(l *order.DraftLine) { l.Kit[1].Item = "" },
		"0 of \"mug\"":           func(l *order.DraftLine) { l.Kit[0].Qty = 0 },
		"together at most":       func(l *order.DraftLine) { l.Qty, l.Kit[0].Qty = 3, order.MaxQty/2 },
		"a share of -1":          func(l *order.DraftLine) { l.Kit[0].Share = -1 },
		"a share of 10000000000": func(l *order.DraftLine) { l.Kit[0].Share = order.MaxShare + 1 },
		"names \"mug\" twice":    func(l *order.DraftLine) { l.Kit[1].Item = "mug" },
		"Kit[1]: item":           func(l *order.DraftLine) { l.Kit[1].Item = " mug" },
		"Kit[0]: \"\\xff\"":      func(l *order.DraftLine) { l.Kit[0].Title = "\xff" },
		"Lines: 100098":          func(l *order.DraftLine) {},
		"line 1: UnitPrice":      func(l *order.DraftLine) { l.UnitPrice, l.Qty = decimal.New(9, 15), order.MaxQty/2 },
		"line 1: UnitPrice: is ": func(l *order.DraftLine) { l.UnitPrice = decimal.Zero },
	} {
		d := cart(breakfast(1, "10"))
		how(&d.Lines[0])
		if strings.HasPrefix(problem, "Lines") {
			d.Lines = slices.Repeat(d.Lines, order.MaxLines/3+33)
		}
		_, err := order.New(anID, d, noon)
		require.ErrorIs(t, err, order.ErrDraft, problem)
		require.ErrorContains(t, err, problem)
	}
}

// Whatever the shares, the quantities, the discounts and the taxes: what the components cost
// is what the kit costs, whatever stands beside it, and giving all of them back in whatever
// batches gives back all of it.
func TestTheComponentsOfAKitCostWhatTheKitCosts(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		kit := rapid.Custom(func(t *rapid.T) order.DraftLine {
			l := order.DraftLine{
				Item: "set", Qty: rapid.Int64Range(1, 50).Draw(t, "qty"), TaxRate: decimal.New(rapid.Int64Range(0, 25).Draw(t, "rate"), -2),
				UnitPrice: decimal.New(rapid.Int64Range(1, 1e9).Draw(t, "price"), -rapid.Int32Range(0, 6).Draw(t, "digits")),
			}
			for i := range rapid.IntRange(1, 8).Draw(t, "components") {
				l.Kit = append(l.Kit, order.Component{Item: fmt.Sprint("c", i), Qty: rapid.Int64Range(1, 9).Draw(t, "per"),
					Share: rapid.SampledFrom([]int64{0, 0, 1, 3, 999, order.MaxShare}).Draw(t, "share")})
			}
			return l
		})
		a, b := kit.Draw(t, "a kit"), kit.Draw(t, "another")
		d := cart(a, b, goods(2, "3.33"))
		d.TaxIncluded = rapid.Bool().Draw(t, "tax included")
		if rapid.Bool().Draw(t, "discount") {
			d.Discounts = []order.Discount{{Percent: num("7.5"), Lines: []int{1}}, {Amount: eur("0.99")}}
		}
		o := drafted(t, d)
		turned := d
		turned.Lines = []order.DraftLine{d.Lines[2], b, a}
		turned.Discounts = nil
		other := drafted(t, turned)
		for i, l := range []order.DraftLine{a, b} {
			want, err := order.RoundTo(l.UnitPrice.Mul(decimal.NewFromInt(l.Qty)), o.Currency, order.HalfUp)
			require.NoError(t, err)
			k, same := o.Kits()[i], other.Kits()[1-i]
			require.Equal(t, want, k.Amount)
			require.Equal(t, want, same.Amount)
			require.EqualValues(t, l.Qty, k.Ordered)
			for n := range k.Lines {
				x, y := o.Lines[k.Lines[n]-1], other.Lines[same.Lines[n]-1]
				require.Equal(t, x.Amount, y.Amount, "whatever stands before it")
				require.False(t, x.Amount.IsNegative() || x.Total.IsNegative())
			}
		}
		sum := order.Zero(o.Currency)
		for i := range o.Lines {
			l := o.Lines[i]
			for left := l.Ordered; left > 0; {
				q := rapid.Int64Range(1, left).Draw(t, "batch")
				c, err := l.Credit(q)
				require.NoError(t, err)
				sum, err = sum.Add(c.Total)
				require.NoError(t, err)
				l.Cancelled, left = l.Cancelled+q, left-q
			}
		}
		require.Equal(t, o.Totals().Total, sum)
	})
}

func ExampleOrder_Kits() {
	eur := order.MustCurrency("EUR")
	o, err := order.New(order.ID{}, order.Draft{Currency: eur, Lines: []order.DraftLine{{
		Item: "set", Title: "Breakfast for one", Qty: 3, UnitPrice: decimal.RequireFromString("9.99"),
		Kit: []order.Component{{Item: "mug", Qty: 2, Share: 500}, {Item: "plate", Qty: 1, Share: 300}},
	}}}, noon)
	if err != nil {
		panic(err)
	}
	for _, k := range o.Kits() {
		fmt.Println(k.Ordered, k.Title, "at", k.UnitPrice, "=", k.Amount)
		for _, no := range k.Lines {
			l, _ := o.Line(no)
			fmt.Println(" ", l.Ordered, l.Item, l.Amount)
		}
	}
	// Output:
	// 3 Breakfast for one at 9.99 = 29.97 EUR
	//   6 mug 18.73 EUR
	//   3 plate 11.24 EUR
}
