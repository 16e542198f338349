package order_test

import (
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/orderkit/oms/order"
	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"
)

// whole is a draft that uses every field.
func whole() order.Draft {
	return order.Draft{
		Number: "1001", Channel: "web", Customer: "c-7", Currency: order.MustCurrency("EUR"), TaxIncluded: true,
		Rules: order.PriceRules{Rounding: order.HalfEven, Tax: order.TaxPerUnit, Remainder: order.LastTakesRest},
		Lines: []order.DraftLine{
			{Item: "tee", SKU: "TEE-M", Title: "T-shirt", Qty: 2, UnitPrice: num("10"), TaxRate: num("0.19"), Backorder: true, Metadata: map[string]string{"color": "red"}},
			{Item: "gift-wrap", Qty: 1, Free: true, Service: true},
		},
		Charges:   []order.DraftCharge{{Kind: order.Shipping, Title: "DHL", Price: eur("4.90"), TaxRate: num("0.19")}},
		Discounts: []order.Discount{{Code: "TEN", Title: "Ten", Percent: num("10"), Lines: []int{1}}, {Amount: eur("1"), OnCharges: true}},
		ShipTo:    order.Address{Name: "Ann", Street: []string{"Road 1"}, Country: "DE", At: &order.Point{Lat: 52.5, Lng: 13.4}},
		Note:      "ring twice", Tags: []string{"vip"}, Metadata: map[string]string{"source": "ad"},
		ReserveAt: order.OnConfirm, PayBy: later,
	}
}

func TestNewKeepsWhatTheDraftSays(t *testing.T) {
	t.Parallel()
	d := whole()
	o, err := order.New(anID, d, noon)
	require.NoError(t, err)
	require.Equal(t, anID, o.ID)
	require.Equal(t, order.StateDraft, o.State)
	require.Zero(t, o.Version)
	require.Equal(t, []any{d.Number, d.Channel, d.Customer, d.Currency, true, d.Rules, d.ShipTo, d.Note, d.Tags, d.Metadata, d.ReserveAt, d.PayBy, noon},
		[]any{o.Number, o.Channel, o.Customer, o.Currency, o.TaxIncluded, o.Rules, o.ShipTo, o.Note, o.Tags, o.Metadata, o.ReserveAt, o.PayBy, o.UpdatedAt})
	l := o.Lines[0]
	require.Equal(t, []any{1, "tee", "TEE-M", "T-shirt", true, true, d.Lines[0].Metadata}, []any{l.No, l.Item, l.SKU, l.Title, l.Stocked, l.Backorder, l.Metadata})
	require.Equal(t, order.Counters{Ordered: 2, Unreserved: 2}, l.Counters)
	l = o.Lines[1]
	require.Equal(t, "gift-wrap", l.SKU, "the item id is the label where no other is given")
	require.False(t, l.Stocked)
	require.True(t, l.Total.IsZero())
	require.Equal(t, order.Shipping, o.Charges[0].Kind)
	require.Equal(t, eur("3.90"), o.Charges[0].Total)
	require.Equal(t, eur("2.00"), o.Discounts[0].Given)
}

func TestAnOrderSharesNothingWithItsDraft(t *testing.T) {
	t.Parallel()
	d := whole()
	o := drafted(t, d)
	want := o.Clone()
	d.Lines[0].Metadata["color"], d.Metadata["source"], d.Tags[0] = "blue", "?", "?"
	d.Discounts[0].Lines[0], d.ShipTo.Street[0], d.ShipTo.At.Lat = 2, "?", 0
	d.Charges[0].Title, d.Lines[0].Title = "?", "?"
	require.Equal(t, want, o)
}

func TestACloneSharesNothingWithItsOrder(t *testing.T) {
	t.Parallel()
	build := func() order.Order {
		o := paid(t, placed(t, whole()), capture("c-1", "1.00"))
		o, _, err := flow(t).Hold(o, order.Hold{Owner: "ann", Handle: "1", Reason: order.HoldOther}, noon)
		require.NoError(t, err)
		return o
	}
	o, again := build(), build()
	n := o.Clone()
	require.Equal(t, o, n)
	n.Lines[0].Metadata["color"], n.Metadata["source"], n.Tags[0] = "blue", "?", "?"
	n.Lines[0].Shares[0].Discount, n.Charges[0].Shares[0].Discount, n.Discounts[0].Lines[0] = 9, 9, 9
	n.Lines[0].Cancelled, n.Charges[0].Title, n.Payments[0].ID, n.Holds[0].Handle = 1, "?", "?", "?"
	n.ShipTo.Street[0], n.ShipTo.At.Lat = "?", 0
	require.Equal(t, again, o)
}

func TestADraftIsRefusedWithTheFieldAtFault(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		spoil func(*order.Draft)
		want  order.DraftError
	}{
		"no currency":              {func(d *order.Draft) { *d = order.Draft{Lines: d.Lines} }, order.DraftError{Field: "Currency", Problem: "missing"}},
		"no lines":                 {func(d *order.Draft) { d.Lines, d.Discounts = nil, nil }, order.DraftError{Field: "Lines", Problem: "at least one"}},
		"too many lines":           {func(d *order.Draft) { d.Lines = slices.Repeat(d.Lines, order.MaxLines/2+1) }, order.DraftError{Field: "Lines", Problem: "at most 100000"}},
		"space around the number":  {func(d *order.Draft) { d.Number = " 1" }, order.DraftError{Field: "Number", Problem: "space"}},
		"bytes for a number":       {func(d *order.Draft) { d.Number = "\xff" }, order.DraftError{Field: "Number", Problem: "UTF-8"}},
		"a number without end":     {func(d *order.Draft) { d.Number = strings.Repeat("1", order.MaxIDLen+1) }, order.DraftError{Field: "Number", Problem: "at most 128"}},
		"a line break in a number": {func(d *order.Draft) { d.Number = "1\n2" }, order.DraftError{Field: "Number", Problem: "control"}},
		"bytes for a channel":      {func(d *order.Draft) { d.Channel = "\xff" }, order.DraftError{Field: "Channel", Problem: "UTF-8"}},
		"bytes for a customer":     {func(d *order.Draft) { d.Customer = "\xff" }, order.DraftError{Field: "Customer", Problem: "UTF-8"}},
		"space around an item":     {func(d *order.Draft) { d.Lines[0].Item = "tee " }, order.DraftError{Line: 1, Field: "Item", Problem: "space"}},
		"bytes for a SKU":          {func(d *order.Draft) { d.Lines[0].SKU = "\xff" }, order.DraftError{Line: 1, Field: "SKU", Problem: "UTF-8"}},
		"NUL in a title":           {func(d *order.Draft) { d.Lines[0].Title = "a\x00b" }, order.DraftError{Line: 1, Field: "Title", Problem: "NUL"}},
		"bytes in line metadata":   {func(d *order.Draft) { d.Lines[1].Metadata = map[string]string{"\xff": ""} }, order.DraftError{Line: 2, Field: "Metadata", Problem: "UTF-8"}},
		"bytes in metadata":        {func(d *order.Draft) { d.Metadata = map[string]string{"k": "\xff"} }, order.DraftError{Field: "Metadata", Problem: "UTF-8"}},
		"bytes in a tag":           {func(d *order.Draft) { d.Tags = []string{"ok", "\xff"} }, order.DraftError{Field: "Tags", Problem: "UTF-8"}},
		"a book for a note":        {func(d *order.Draft) { d.Note = strings.Repeat("x", order.MaxTextLen+1) }, order.DraftError{Field: "Note", Problem: "at most 65536"}},
		"bytes in a street":        {func(d *order.Draft) { d.ShipTo.Street = []string{"\xff"} }, order.DraftError{Field: "ShipTo", Problem: "UTF-8"}},
		"nowhere on earth":         {func(d *order.Draft) { d.ShipTo.At = &order.Point{Lat: math.NaN()} }, order.DraftError{Field: "ShipTo", Problem: "latitude"}},
		"beyond the poles":         {func(d *order.Draft) { d.ShipTo.At = &order.Point{Lat: 999} }, order.DraftError{Field: "ShipTo", Problem: "latitude"}},
		"bytes in a charge":        {func(d *order.Draft) { d.Charges[0].Title = "\xff" }, order.DraftError{Field: "Charges[0].Title", Problem: "UTF-8"}},
		"bytes in a discount":      {func(d *order.Draft) { d.Discounts[0].Code = "\xff" }, order.DraftError{Field: "Discounts[0]", Problem: "UTF-8"}},
		"a cart left behind":       {func(d *order.Draft) { d.Cart, d.ReserveAt = "cart-1", order.OnConfirm }, order.DraftError{Field: "Cart", Problem: "given up"}},
		"unknown reserve moment":   {func(d *order.Draft) { d.ReserveAt = 2 }, order.DraftError{Field: "ReserveAt", Problem: "neither"}},
		"unknown rounding":         {func(d *order.Draft) { d.Rules.Rounding = order.Up + 1 }, order.DraftError{Field: "Rules"}},
		"unknown tax level":        {func(d *order.Draft) { d.Rules.Tax = 2 }, order.DraftError{Field: "Rules"}},
		"unknown remainder":        {func(d *order.Draft) { d.Rules.Remainder = 3 }, order.DraftError{Field: "Rules"}},
		"no item":                  {func(d *order.Draft) { d.Lines[1].Item = "" }, order.DraftError{Line: 2, Field: "Item", Problem: "missing"}},
		"no units":                 {func(d *order.Draft) { d.Lines[0].Qty = 0 }, order.DraftError{Line: 1, Field: "Qty", Problem: "1 to 1000000000"}},
		"negative units":           {func(d *order.Draft) { d.Lines[0].Qty = math.MinInt64 }, order.DraftError{Line: 1, Field: "Qty"}},
		"too many units":           {func(d *order.Draft) { d.Lines[0].Qty = order.MaxQty + 1 }, order.DraftError{Line: 1, Field: "Qty"}},
		"negative price":           {func(d *order.Draft) { d.Lines[0].UnitPrice = num("-1") }, order.DraftError{Line: 1, Field: "UnitPrice", Problem: "by a discount"}},
		"no price and not a gift":  {func(d *order.Draft) { d.Lines[1].Free = false }, order.DraftError{Line: 2, Field: "UnitPrice", Problem: "set Free"}},
		"a gift with a price":      {func(d *order.Draft) { d.Lines[0].Free = true }, order.DraftError{Line: 1, Field: "Free"}},
		"too fine a price":         {func(d *order.Draft) { d.Lines[0].UnitPrice = num("0.0000001") }, order.DraftError{Line: 1, Field: "UnitPrice", Problem: "6 decimal places"}},
		"negative tax rate":        {func(d *order.Draft) { d.Lines[0].TaxRate = num("-0.01") }, order.DraftError{Line: 1, Field: "TaxRate", Problem: "fraction"}},
		"a percentage as tax rate": {func(d *order.Draft) { d.Lines[0].TaxRate = num("19") }, order.DraftError{Line: 1, Field: "TaxRate", Problem: "fraction"}},
		"too fine a tax rate":      {func(d *order.Draft) { d.Lines[0].TaxRate = num("0.0000001") }, order.DraftError{Line: 1, Field: "TaxRate"}},
		"unknown charge":           {func(d *order.Draft) { d.Charges[0].Kind = "tip" }, order.DraftError{Field: "Charges[0].Kind", Problem: `"tip"`}},
		"negative charge":          {func(d *order.Draft) { d.Charges[0].Price = eur("-1") }, order.DraftError{Field: "Charges[0].Price", Problem: "negative"}},
		"charge in other money":    {func(d *order.Draft) { d.Charges[0].Price = order.MustMoney("1", "USD") }, order.DraftError{Field: "Charges[0].Price", Problem: "EUR"}},
		"charge without money":     {func(d *order.Draft) { d.Charges[0].Price = order.Money{} }, order.DraftError{Field: "Charges[0].Price"}},
		"charge with a bad rate":   {func(d *order.Draft) { d.Charges[0].TaxRate = num("19") }, order.DraftError{Field: "Charges[0].TaxRate"}},
		"empty discount":           {func(d *order.Draft) { d.Discounts[0] = order.Discount{} }, order.DraftError{Field: "Discounts[0]", Problem: "either"}},
		"discount with both":       {func(d *order.Draft) { d.Discounts[0].Amount = eur("1") }, order.DraftError{Field: "Discounts[0]", Problem: "either"}},
		"negative discount":        {func(d *order.Draft) { d.Discounts[1].Amount = eur("-1") }, order.DraftError{Field: "Discounts[1]", Problem: "positive"}},
		"negative percentage":      {func(d *order.Draft) { d.Discounts[0].Percent = num("-1") }, order.DraftError{Field: "Discounts[0]"}},
		"more than all":            {func(d *order.Draft) { d.Discounts[0].Percent = num("100.1") }, order.DraftError{Field: "Discounts[0]", Problem: "at most 100"}},
		"too fine a percentage":    {func(d *order.Draft) { d.Discounts[0].Percent = num("0.0000001") }, order.DraftError{Field: "Discounts[0]"}},
		"discount in other money":  {func(d *order.Draft) { d.Discounts[1].Amount = order.MustMoney("1", "USD") }, order.DraftError{Field: "Discounts[1].Amount"}},
		"discount on both":         {func(d *order.Draft) { d.Discounts[0].OnCharges = true }, order.DraftError{Field: "Discounts[0]", Problem: "choose one"}},
		"discount on no line":      {func(d *order.Draft) { d.Discounts[0].Lines = []int{0} }, order.DraftError{Field: "Discounts[0].Lines", Problem: "line 0"}},
		"discount beyond":          {func(d *order.Draft) { d.Discounts[0].Lines = []int{3} }, order.DraftError{Field: "Discounts[0].Lines", Problem: "line 3"}},
		"discount on a line twice": {func(d *order.Draft) { d.Discounts[0].Lines = []int{1, 1} }, order.DraftError{Field: "Discounts[0].Lines", Problem: "twice"}},
		"a line out of bounds":     {func(d *order.Draft) { d.Lines[0].UnitPrice = num("9999999999999") }, order.DraftError{Line: 1, Field: "UnitPrice", Problem: "out of bounds"}},
		"a tax out of bounds": {func(d *order.Draft) {
			d.TaxIncluded, d.Lines[0].UnitPrice, d.Lines[0].TaxRate = false, num("4999999999999"), num("10")
		}, order.DraftError{Line: 1, Field: "TaxRate", Problem: "out of bounds"}},
		"a charge out of bounds": {func(d *order.Draft) {
			d.TaxIncluded, d.Charges[0].Price, d.Discounts = false, eur("9999999999999.99"), nil
		}, order.DraftError{Field: "Charges[0]", Problem: "out of bounds"}},
		"a total out of bounds": {func(d *order.Draft) {
			d.Lines[0].UnitPrice, d.Lines[1].UnitPrice, d.Lines[1].Free, d.Discounts = num("4000000000000"), num("4000000000000"), false, nil
		}, order.DraftError{Field: "Lines", Problem: "out of bounds"}},
		"a sum before discounts out of bounds": {func(d *order.Draft) {
			d.Lines[0].UnitPrice, d.Lines[1].UnitPrice, d.Lines[1].Free = num("4000000000000"), num("4000000000000"), false
			d.Discounts = []order.Discount{{Percent: num("100"), Lines: []int{1}}, {Percent: num("100"), Lines: []int{2}}}
		}, order.DraftError{Field: "Lines", Problem: "out of bounds"}},
		"a discounted sum out of bounds": {func(d *order.Draft) {
			d.Lines[0].UnitPrice, d.Lines[1].UnitPrice, d.Lines[1].Free = num("4000000000000"), num("4000000000000"), false
			d.Discounts = []order.Discount{{Percent: num("100")}}
		}, order.DraftError{Field: "Discounts", Problem: "out of bounds"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := whole()
			c.spoil(&d)
			o, err := order.New(anID, d, noon)
			require.ErrorIs(t, err, order.ErrDraft)
			require.Equal(t, order.Order{}, o)
			var got *order.DraftError
			require.ErrorAs(t, err, &got)
			require.Equal(t, c.want.Line, got.Line)
			require.Equal(t, c.want.Field, got.Field)
			require.Contains(t, got.Problem, c.want.Problem)
			require.Contains(t, err.Error(), got.Field)
		})
	}
}

func TestEveryProblemOfADraftIsListedAtOnce(t *testing.T) {
	t.Parallel()
	_, err := order.New(anID, order.Draft{
		Lines:     []order.DraftLine{{Qty: 1, UnitPrice: num("1")}, {Item: "tee", UnitPrice: num("-1"), TaxRate: num("19")}},
		Discounts: []order.Discount{{}},
	}, noon)
	var joined interface{ Unwrap() []error }
	require.ErrorAs(t, err, &joined)
	var fields []string
	for _, problem := range joined.Unwrap() {
		var d *order.DraftError
		require.ErrorAs(t, problem, &d)
		fields = append(fields, strings.Repeat(">", d.Line)+d.Field)
	}
	require.Equal(t, []string{"Currency", ">Item", ">>Qty", ">>UnitPrice", ">>TaxRate", "Discounts[0]"}, fields)
}

func TestNumbersWithHugeExponentsAreRefusedAtOnce(t *testing.T) {
	t.Parallel()
	for _, huge := range []decimal.Decimal{
		decimal.New(1, math.MaxInt32), decimal.New(1, math.MinInt32), decimal.New(-1, math.MaxInt32), decimal.New(-1, math.MinInt32),
	} {
		for field, spoil := range map[string]func(*order.Draft){
			"UnitPrice":          func(d *order.Draft) { d.Lines[0].UnitPrice = huge },
			"TaxRate":            func(d *order.Draft) { d.Lines[0].TaxRate = huge },
			"Charges[0].TaxRate": func(d *order.Draft) { d.Charges[0].TaxRate = huge },
			"Discounts[0]":       func(d *order.Draft) { d.Discounts[0].Percent = huge },
		} {
			d := whole()
			spoil(&d)
			_, err := order.New(anID, d, noon)
			var got *order.DraftError
			require.ErrorAs(t, err, &got, field)
			require.Equal(t, field, got.Field)
			require.Less(t, len(err.Error()), 300, "and are not spelled out")
		}
	}
}

func TestHowAZeroOrAFractionIsWrittenDoesNotMatter(t *testing.T) {
	t.Parallel()
	for _, zero := range []decimal.Decimal{decimal.New(0, math.MaxInt32), decimal.New(0, math.MinInt32), num("0.000000000")} {
		d := whole()
		d.Lines[1].UnitPrice, d.Lines[1].TaxRate, d.Charges[0].TaxRate = zero, zero, zero
		o := drafted(t, d)
		require.True(t, o.Lines[1].Total.IsZero())
		require.True(t, o.Charges[0].Tax.IsZero())
	}
	d := whole()
	d.Lines[0].UnitPrice, d.Lines[0].TaxRate, d.Discounts[0].Percent = num("10.000000000"), num("0.1900000000"), decimal.New(1, 1)
	plain, written := drafted(t, whole()), drafted(t, d)
	require.Equal(t, plain.Totals(), written.Totals())
	d.Lines[0].TaxRate, d.Discounts[0].Percent = decimal.New(1, 1), decimal.New(1, 2)
	require.NoError(t, errOf(order.New(anID, d, noon)), "the largest rate and percentage")
}

func errOf(_ order.Order, err error) error { return err }
