package oms_test

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/require"

	"github.com/orderkit/oms"
	"github.com/orderkit/oms/inventory"
	"github.com/orderkit/oms/inventory/sheet"
)

func told(wrong []error) []string {
	out := make([]string, len(wrong))
	for i, err := range wrong {
		out[i] = err.Error()
	}
	return out
}

func TestABadRowIsToldOfAndTheOthersComeIn(t *testing.T) {
	t.Parallel()
	for _, rows := range []int{0, 1, 3} { // in one transaction
		onStores(t, func(s *shop) {
			text := "item,location,qty,unit_cost\ntee,ber,5,4.5\nhat,ber,1,\nwrap,ber,1,\ntee,ber,1,\ntee,x,2,\ntee,ham,one,\nmug,ham,3,\nmug,ber,1000000000000,\n"
			file := func() oms.File { return oms.File{Name: "2026", CSV: strings.NewReader(text), Rows: rows} }
			got := must(s.Imports.Opening(s.ctx, file(), oms.By("ann")))(s)
			require.Equal(s.t, []string{
				`line 3, column item: adjust: inventory: unknown item: "hat"; add it first`,
				`line 4, column item: adjust: inventory: item is not tracked: "wrap" keeps no stock`,
				`line 5: sheet: row is there twice: line 2 has the same item, location, lot, state`,
				`line 6, column location: adjust: inventory: unknown location: "x"; add it first`,
				`line 7, column qty, "one": sheet: value refused: it must be a whole number in plain digits, such as 12`,
				`line 9: adjust: inventory: quantity refused: 1000000000000 of item "mug": "ber" would have more than 1000000000000 on hand`,
			}, told(got.Wrong))
			require.Equal(s.t, 6, got.Rows)
			require.Equal(s.t, 2, got.Done)
			require.Equal(s.t, "free 15", s.shelf("tee", "ber"))
			require.Equal(s.t, "free 3", s.shelf("mug", "ham"))

			before := s.dump()
			again := must(s.Imports.Opening(s.ctx, file(), oms.By("ann")))(s)
			require.Equal(s.t, got.Done, again.Done)
			require.Equal(s.t, before, s.dump(), "the same file again changes nothing")

			text = strings.Replace(text, "tee,ber,5", "tee,ber,6", 1)
			changed := must(s.Imports.Opening(s.ctx, file()))(s)
			require.Equal(s.t, 1, changed.Done)
			require.ErrorIs(s.t, changed.Wrong[0], oms.ErrKey)
			require.Equal(s.t, before, s.dump(), "a row that says something else is not booked on top")

			must(s.Stock.Balances(s.ctx, "tee"))(s)
		})
	}
}

func TestItemsAndLocationsComeInByFile(t *testing.T) {
	t.Parallel()
	onStores(t, func(s *shop) {
		var text strings.Builder
		text.WriteString("id;name;scale;untracked\n")
		for n := range 250 {
			fmt.Fprintf(&text, "i-%d;Item %d;%d;\n", n, n, n%4)
		}
		text.WriteString("tee;T-shirt;0;true\n") // it has been posted for, and so stays tracked
		got := must(s.Imports.Items(s.ctx, oms.File{Name: "items", CSV: strings.NewReader(text.String())}))(s)
		require.Equal(s.t, 250, got.Done)
		require.Len(s.t, got.Wrong, 1)
		require.ErrorIs(s.t, got.Wrong[0], inventory.ErrUntracked)
		where, ok := errors.AsType[*sheet.CellError](got.Wrong[0])
		require.True(s.t, ok)
		require.Equal(s.t, 252, where.Line)

		places := must(s.Imports.Locations(s.ctx, oms.File{Name: "p", CSV: strings.NewReader("id,position\nmuc,48.137 11.575\nbad,91 0\n")}))(s)
		require.Equal(s.t, 1, places.Done)
		require.Len(s.t, places.Wrong, 1)
		s.receive("i-249", "muc", 4)
		require.Equal(s.t, "free 4", s.shelf("i-249", "muc"))
	})
}

func TestAnImportWithoutANameOrWithABrokenReaderEnds(t *testing.T) {
	t.Parallel()
	onStores(t, func(s *shop) {
		for _, name := range []string{"", strings.Repeat("x", 65)} {
			s.refuses(oms.ErrOption, func() error {
				return errOf(s.Imports.Items(s.ctx, oms.File{Name: name, CSV: strings.NewReader("id\nx\n")}))
			})
		}
		pulled := errors.New("cable pulled")
		s.refuses(pulled, func() error {
			return errOf(s.Imports.Items(s.ctx, oms.File{Name: "x", CSV: iotest.ErrReader(pulled)}))
		})
		got := must(s.Imports.Opening(s.ctx, oms.File{Name: "y", CSV: strings.NewReader("item,location,lot,qty,expires\ntee,ber,l,1,2027-01-01\n")}))(s)
		require.Zero(s.t, got.Done)
		require.ErrorIs(s.t, got.Wrong[0], sheet.ErrValue)
		half := io.MultiReader(strings.NewReader("item,location,qty\ntee,ber,1\ntee,ham,1\nmug,ham,1\n"), iotest.ErrReader(pulled))
		got, err := s.Imports.Opening(s.ctx, oms.File{Name: "z", CSV: half, Rows: 2})
		require.ErrorIs(s.t, err, pulled)
		require.Equal(s.t, 2, got.Done, "what was brought in stays, and the file can be brought in again")
	})
}

func TestARowThatNoItemOrLevelAllowsIsToldOfAndTheOthersComeIn(t *testing.T) {
	t.Parallel()
	onStores(t, func(s *shop) {
		s.do(s.Stock.AddItem(s.ctx, inventory.Item{ID: "set", Kit: []inventory.Component{{Item: "tee", Qty: 1}}}))
		must(s.Stock.SetLevel(s.ctx, inventory.Level{Item: "mug", Location: "ham", Unstocked: true}))(s)
		before := s.shelf("tee", "ham")
		got := must(s.Imports.Opening(s.ctx, oms.File{Name: "o", CSV: strings.NewReader("\ufeffqty,location,item\r\n1,ham,set\r\n1,ham,mug\r\n\"2\",\"ham\",\"tee\"\r\n")}))(s)
		require.Equal(s.t, 1, got.Done)
		require.Len(s.t, got.Wrong, 2)
		require.ErrorContains(s.t, got.Wrong[0], "line 2, column item: ")
		require.ErrorIs(s.t, got.Wrong[0], inventory.ErrKit)
		require.ErrorContains(s.t, got.Wrong[1], "line 3, column location: ")
		require.ErrorIs(s.t, got.Wrong[1], inventory.ErrUnstocked)
		require.NotEqual(s.t, before, s.shelf("tee", "ham"))
	})
}

func TestAFileOfItemsKeepsWhatItHasNoColumnsFor(t *testing.T) {
	t.Parallel()
	onStores(t, func(s *shop) {
		set := inventory.Item{ID: "set", SKU: "S", Name: "Set", Kit: []inventory.Component{{Item: "tee", Qty: 2}}, Units: []inventory.Unit{{Code: "case", Qty: 12}}}
		s.do(s.Stock.AddItem(s.ctx, set))
		before := must(s.Stock.Availability(s.ctx, "set", "", ""))(s)
		require.Positive(s.t, before.ATS)
		got := must(s.Imports.Items(s.ctx, oms.File{Name: "i", CSV: strings.NewReader("id,name,sku\nset,Gift set,S\n")}))(s)
		require.Equal(s.t, 1, got.Done, told(got.Wrong))
		after := must(s.Stock.Availability(s.ctx, "set", "", ""))(s)
		require.Equal(s.t, before.ATS, after.ATS, "it is a kit still")
	})
}
