package purchasing_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/orderkit/oms/inventory"
	"github.com/orderkit/oms/inventory/forecast"
	"github.com/orderkit/oms/inventory/purchasing"
)

const oneDay = 24 * time.Hour

func seller(terms purchasing.SupplierItem) *purchasing.Supplier {
	terms.Item = "tee"
	return &purchasing.Supplier{ID: "acme", LeadTime: 5 * oneDay, Items: []purchasing.SupplierItem{terms}}
}

// 5.2 units a day with deviation 2, five days of lead time, service 95 %: 26 units are
// sold until an order arrives, and 1.645 · 2 · √5 = 7.4 more keep the service level.
func TestASuggestionIsTheTextbooksNumberAndSaysWhy(t *testing.T) {
	t.Parallel()
	rules := purchasing.Rules{Period: oneDay, Service: 0.95}
	outlook := purchasing.Outlook{
		Item: "tee", Location: "ber", Demand: forecast.Demand{Mean: 5.2, Deviation: 2},
		Position: forecast.Position{OnHand: 20, Incoming: 6, Committed: 9},
	}
	now := time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		terms  purchasing.SupplierItem
		floor  int64
		late   time.Duration
		onHand int64
		want   string
	}{
		{want: "tee at ber: 17 from acme = +26 demand until an order of the next look arrives; +8 safety stock; -20 on hand; -6 incoming; +9 committed"},
		{terms: purchasing.SupplierItem{MinQty: 20, Multiple: 12}, want: "tee at ber: 24 from acme = +26 demand until an order of the next look arrives; +8 safety stock; -20 on hand; -6 incoming; +9 committed; +3 smallest order; +4 whole packs"},
		{floor: 15, want: "tee at ber: 24 from acme = +26 demand until an order of the next look arrives; +15 safety stock; -20 on hand; -6 incoming; +9 committed"},
		{late: 36 * time.Hour, want: "tee at ber: 24 from acme = +26 demand until an order of the next look arrives; +15 safety stock; -20 on hand; -6 incoming; +9 committed"},
		{onHand: 90, want: "tee at ber: 0 from acme = +26 demand until an order of the next look arrives; +8 safety stock; -90 on hand; -6 incoming; +9 committed; +53 enough"},
	} {
		o, r := outlook, rules
		o.Floor, r.Late = c.floor, c.late
		if c.onHand > 0 {
			o.Position.OnHand = c.onHand
		}
		s, err := purchasing.Suggest(seller(c.terms), o, r, now)
		require.NoError(t, err)
		require.Equal(t, c.want, s.String())
		require.Equal(t, now.Add(5*oneDay), s.Due)
	}
}

func TestTheTermsOfASuggestionAddUpAndKeepTheSuppliersTerms(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		units := rapid.Int64Range(0, 1000)
		terms := purchasing.SupplierItem{Item: "tee", MinQty: units.Draw(t, "min"), Multiple: rapid.Int64Range(0, 60).Draw(t, "pack")}
		s := purchasing.Supplier{ID: "acme", LeadTime: time.Duration(rapid.IntRange(0, 90).Draw(t, "lead")) * oneDay, Items: []purchasing.SupplierItem{terms}}
		o := purchasing.Outlook{
			Item: "tee", Location: "ber", Floor: units.Draw(t, "floor"),
			Demand:   forecast.Demand{Mean: rapid.Float64Range(0, 200).Draw(t, "mean"), Deviation: rapid.Float64Range(0, 200).Draw(t, "deviation")},
			Position: forecast.Position{OnHand: units.Draw(t, "here"), Incoming: units.Draw(t, "incoming"), Committed: units.Draw(t, "committed")},
		}
		r := purchasing.Rules{Period: 7 * oneDay, Review: time.Duration(rapid.IntRange(0, 30).Draw(t, "review")) * oneDay, Service: 0.9}
		got, err := purchasing.Suggest(&s, o, r, time.Time{})
		require.NoError(t, err)
		var sum int64
		for _, term := range got.Terms {
			sum += term.Qty
		}
		require.Equal(t, got.Qty, sum)
		position := o.Position.OnHand + o.Position.Incoming - o.Position.Committed
		require.Equal(t, got.Qty > 0, position < got.ReorderPoint)
		if got.Qty > 0 {
			require.GreaterOrEqual(t, position+got.Qty, got.ReorderPoint)
			require.Equal(t, terms.Fit(got.Qty), got.Qty)
			smaller := got.Qty - max(terms.Multiple, 1)
			require.True(t, smaller < terms.MinQty || position+smaller < got.ReorderPoint, "no smaller order would do")
		}
	})
}

func TestABestSupplierIsChosenAndEachGetsOneOrder(t *testing.T) {
	t.Parallel()
	item := func(id, price string) purchasing.SupplierItem {
		return purchasing.SupplierItem{Item: id, Price: decimal.RequireFromString(price)}
	}
	all := []purchasing.Supplier{
		{ID: "slow", LeadTime: 9 * oneDay, Items: []purchasing.SupplierItem{item("tee", "2"), item("cap", "1")}},
		{ID: "fast", LeadTime: 2 * oneDay, Items: []purchasing.SupplierItem{item("tee", "2.00")}},
		{ID: "dear", LeadTime: oneDay, Items: []purchasing.SupplierItem{item("tee", "2.01")}},
	}
	require.Equal(t, "fast", purchasing.Choose(all, "tee").ID)
	require.Equal(t, "slow", purchasing.Choose(all, "cap").ID)
	require.Nil(t, purchasing.Choose(all, "hat"))

	drafts := purchasing.Drafts([]purchasing.Suggestion{
		{Item: "tee", Supplier: "b", Location: "x", Qty: 2}, {Item: "cap", Supplier: "b", Location: "x", Qty: 1},
		{Item: "mug", Supplier: "a", Location: "x", Qty: 3}, {Item: "hat", Supplier: "c", Location: "x"},
	})
	require.Len(t, drafts, 2)
	require.Equal(t, "a", drafts[0].Supplier)
	require.Equal(t, "cap", drafts[1].Lines[0].Item)
}

func TestASuggestionOfWhatCannotBeBoughtIsRefused(t *testing.T) {
	t.Parallel()
	good := purchasing.Outlook{Item: "tee", Location: "ber"}
	rules := purchasing.Rules{Period: oneDay, Service: 0.95}
	for name, c := range map[string]struct {
		spoil func(*purchasing.Outlook, *purchasing.Rules)
		err   error
	}{
		"no item":              {func(o *purchasing.Outlook, _ *purchasing.Rules) { o.Item = "" }, inventory.ErrID},
		"no location":          {func(o *purchasing.Outlook, _ *purchasing.Rules) { o.Location = "" }, inventory.ErrID},
		"an item not sold":     {func(o *purchasing.Outlook, _ *purchasing.Rules) { o.Item = "hat" }, purchasing.ErrUnknownLine},
		"a period of nothing":  {func(_ *purchasing.Outlook, r *purchasing.Rules) { r.Period = 0 }, purchasing.ErrQuantity},
		"a floor below zero":   {func(o *purchasing.Outlook, _ *purchasing.Rules) { o.Floor = -1 }, inventory.ErrQuantity},
		"a service of always":  {func(_ *purchasing.Outlook, r *purchasing.Rules) { r.Service = 1 }, forecast.ErrValue},
		"demand below nothing": {func(o *purchasing.Outlook, _ *purchasing.Rules) { o.Demand.Mean = -1 }, forecast.ErrValue},
		"stock below nothing":  {func(o *purchasing.Outlook, _ *purchasing.Rules) { o.Position.OnHand = -1 }, forecast.ErrValue},
	} {
		o, r := good, rules
		c.spoil(&o, &r)
		_, err := purchasing.Suggest(seller(purchasing.SupplierItem{}), o, r, time.Time{})
		require.ErrorIs(t, err, c.err, name)
	}
}

func ExampleSuggest() {
	acme := purchasing.Supplier{ID: "acme", LeadTime: 5 * oneDay, Items: []purchasing.SupplierItem{{Item: "tee", Multiple: 12}}}
	s, err := purchasing.Suggest(&acme, purchasing.Outlook{
		Item: "tee", Location: "ber",
		Demand:   forecast.Demand{Mean: 5.2, Deviation: 2}, // a day
		Position: forecast.Position{OnHand: 20, Incoming: 6},
	}, purchasing.Rules{Period: oneDay, Service: 0.95}, time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC))
	fmt.Println(s, err)
	// Output:
	// tee at ber: 12 from acme = +26 demand until an order of the next look arrives; +8 safety stock; -20 on hand; -6 incoming; +4 whole packs <nil>
}
