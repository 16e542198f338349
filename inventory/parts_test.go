package inventory_test

import (
	"encoding/json"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/orderkit/oms/inventory"
)

func TestAnItemThatContradictsItselfIsRefusedByItsField(t *testing.T) {
	t.Parallel()
	two := []inventory.Component{{Item: "mug", Qty: 2}, {Item: "tee", Qty: 1}}
	many, cases := []inventory.Component{}, []inventory.Unit{}
	for n := range inventory.MaxParts + 1 {
		many = append(many, inventory.Component{Item: fmt.Sprint("i", n), Qty: 1})
		cases = append(cases, inventory.Unit{Code: fmt.Sprint("u", n), Qty: 1})
	}
	for name, c := range map[string]struct {
		field string
		item  inventory.Item
	}{
		"unknown picking":             {"Picking", inventory.Item{Picking: "lifo"}},
		"picking without stock":       {"Picking", inventory.Item{Picking: inventory.FEFO, Untracked: true}},
		"picking of a kit":            {"Picking", inventory.Item{Picking: inventory.FIFO, Kit: two}},
		"kit and bill":                {"Kit", inventory.Item{Kit: two, Bill: two}},
		"untracked kit":               {"Kit", inventory.Item{Kit: two, Untracked: true}},
		"backordered kit":             {"Kit", inventory.Item{Kit: two, Backorder: true}},
		"safety of a kit":             {"Kit", inventory.Item{Kit: two, Safety: 1}},
		"scale of a kit":              {"Kit", inventory.Item{Kit: two, Scale: 1}},
		"kit of itself":               {"Kit", inventory.Item{Kit: []inventory.Component{{Item: "x", Qty: 1}}}},
		"kit of nothing":              {"Kit", inventory.Item{Kit: []inventory.Component{{Item: "mug"}}}},
		"kit of a negative":           {"Kit", inventory.Item{Kit: []inventory.Component{{Item: "mug", Qty: -1}}}},
		"kit of too much":             {"Kit", inventory.Item{Kit: []inventory.Component{{Item: "mug", Qty: inventory.MaxQty + 1}}}},
		"kit of the same twice":       {"Kit", inventory.Item{Kit: []inventory.Component{two[0], two[0]}}},
		"kit of a nameless item":      {"Kit", inventory.Item{Kit: []inventory.Component{{Qty: 1}}}},
		"kit of too many":             {"Kit", inventory.Item{Kit: many}},
		"bill of nothing on stock":    {"Bill", inventory.Item{Bill: two, Untracked: true}},
		"bill of itself":              {"Bill", inventory.Item{Bill: []inventory.Component{{Item: "x", Qty: 1}}}},
		"a unit without a code":       {"Units", inventory.Item{Units: []inventory.Unit{{Qty: 1}}}},
		"a unit with a spaced code":   {"Units", inventory.Item{Units: []inventory.Unit{{Code: " case", Qty: 1}}}},
		"a unit of nothing":           {"Units", inventory.Item{Units: []inventory.Unit{{Code: "case"}}}},
		"a unit of too much":          {"Units", inventory.Item{Units: []inventory.Unit{{Code: "case", Qty: inventory.MaxQty + 1}}}},
		"a unit with two quantities":  {"Units", inventory.Item{Units: []inventory.Unit{{Code: "case", Qty: 6}, {Code: "case", Qty: 12}}}},
		"more units than anybody has": {"Units", inventory.Item{Units: cases}},
	} {
		c.item.ID = "x"
		var bad *inventory.ItemError
		require.ErrorAs(t, c.item.Validate(), &bad, name)
		require.Equal(t, c.field, bad.Field, name)
		require.Equal(t, "x", bad.Item, name)
		require.ErrorIs(t, bad, inventory.ErrItem, name)
		require.NotEmpty(t, bad.Rule, name)
	}
	for _, good := range []inventory.Item{
		{Picking: inventory.FEFO, Bill: two, Units: []inventory.Unit{{Code: "case", Qty: 12}, {Code: "each", Qty: 1}}},
		{Kit: two, Units: []inventory.Unit{{Code: "case", Qty: 12}}},
		{Untracked: true, Units: []inventory.Unit{{Code: "hour", Qty: 60}}},
		{Kit: many[1:], Units: cases[1:]},
	} {
		good.ID = "x"
		require.NoError(t, good.Validate())
	}
}

func TestAPlainItemIsWrittenAsBefore(t *testing.T) {
	t.Parallel()
	text, err := json.Marshal(inventory.Item{ID: "tee", SKU: "T", Safety: 2})
	require.NoError(t, err)
	require.JSONEq(t, `{"ID":"tee","SKU":"T","Name":"","Scale":0,"Untracked":false,"Backorder":false,"Safety":2}`, string(text),
		"an idempotency key taken before still stands for the same item")
}

func TestACloneOfAnItemSharesNothing(t *testing.T) { //nolint:paralleltest // counts allocations
	i := inventory.Item{ID: "set", Kit: []inventory.Component{{Item: "a", Qty: 1}}, Bill: []inventory.Component{{Item: "b", Qty: 1}}, Units: []inventory.Unit{{Code: "c", Qty: 1}}}
	c := i.Clone()
	require.Equal(t, i, c)
	c.Kit[0].Qty, c.Bill[0].Qty, c.Units[0].Qty = 9, 9, 9
	require.EqualValues(t, 1, i.Kit[0].Qty)
	require.EqualValues(t, 1, i.Bill[0].Qty)
	require.EqualValues(t, 1, i.Units[0].Qty)
	require.Zero(t, testing.AllocsPerRun(100, func() { _ = inventory.Item{ID: "tee"}.Clone() }))
}
