package oms_test

import (
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/require"

	"github.com/orderkit/oms"
	"github.com/orderkit/oms/inventory/purchasing"
)

func TestSuppliersTheirTermsAndOrdersComeInByFile(t *testing.T) {
	t.Parallel()
	onStores(t, func(s *shop) {
		file := func(text string) oms.File { return oms.File{Name: "spring", CSV: strings.NewReader(text)} }
		bring := func() (all []oms.Imported) {
			return append(all,
				must(s.Imports.Suppliers(s.ctx, file("id,name,lead_days\nacme,Acme,14\nbest,,\nacme,twice,1\n")))(s),
				must(s.Imports.Terms(s.ctx, file("supplier,item,price,multiple\nacme,tee,4.50,6\nacme,mug,2,\nnone,tee,1,\nacme,hat,1,\n")))(s),
				must(s.Imports.Purchases(s.ctx, file(strings.Join([]string{
					"number,line,supplier,item,location,qty,unit_cost,due",
					"po-1,1,acme,tee,ber,12,4.50,2026-04-01",
					"po-1,2,acme,mug,ber,5,2,",
					"po-2,1,acme,tee,ber,7,4.50,", // no whole packs
					"po-3,1,acme,tee,ber,6,4.50,",
					"po-3,2,acme,mug,ber,none,2,", // half an order
					"po-4,1,acme,tee,ber,6,4.50,", // beside it
					"po-5,1,best,mug,ham,1,1,",
					"po-6,1,best,mug,ham,1,1,",
					"po-6,2,acme,mug,ham,1,1,",
				}, "\n"))))(s))
		}
		got := bring()
		require.Equal(s.t, []int{2, 2, 3}, []int{got[0].Done, got[1].Done, got[2].Done})
		require.Len(s.t, got[0].Wrong, 1)
		require.Len(s.t, got[1].Wrong, 2)
		require.ErrorIs(s.t, got[1].Wrong[0], purchasing.ErrUnknownSupplier)
		var where []string
		for _, text := range told(got[2].Wrong) {
			where = append(where, text[:6])
		}
		require.Equal(s.t, []string{"line 4", "line 5", "line 6", "line 7", "line 9"}, where, strings.Join(told(got[2].Wrong), "\n"))
		require.Len(s.t, must(s.Purchasing.Page(s.ctx, oms.PurchaseFilter{}))(s), 2)
		acme := must(s.Purchasing.Supplier(s.ctx, "acme"))(s)
		require.Len(s.t, acme.Items, 2)

		before := s.dump()
		bring()
		require.Equal(s.t, before, s.dump(), "the same files again change nothing")
		require.Equal(s.t, acme.Version, must(s.Purchasing.Supplier(s.ctx, "acme"))(s).Version)
	})
}

func TestAnOrderWhoseRowsDoNotFollowEachOtherIsNotDraftedInHalves(t *testing.T) {
	t.Parallel()
	onStores(t, func(s *shop) {
		must(s.Purchasing.PutSupplier(s.ctx, purchasing.Supplier{ID: "acme"}))(s)
		text := "qty,number,line,supplier,item,location,unit_cost\n" +
			"1,po-1,1,acme,tee,ber,1\n" +
			"2,po-2,20,acme,tee,ber,1\n" +
			"3,po-2,10,acme,mug,ber,1\n" +
			"4,po-1,2,acme,mug,ber,1\n"
		got := must(s.Imports.Purchases(s.ctx, oms.File{Name: "p", CSV: strings.NewReader(text)}))(s)
		require.Equal(s.t, 2, got.Done)
		require.Len(s.t, got.Wrong, 2)
		require.ErrorContains(s.t, got.Wrong[0], `line 2, column number, "po-1": `)
		require.ErrorContains(s.t, got.Wrong[0], "it goes on in line 5")
		all := must(s.Purchasing.Page(s.ctx, oms.PurchaseFilter{}))(s)
		require.Len(s.t, all, 1)
		require.Equal(s.t, []string{"mug", "tee"}, []string{all[0].Lines[0].Item, all[0].Lines[1].Item}, "by the numbers of the lines")

		pulled := errors.New("cable pulled")
		half := io.MultiReader(strings.NewReader(strings.ReplaceAll(text, "po-2", "po-3")), iotest.ErrReader(pulled))
		_, err := s.Imports.Purchases(s.ctx, oms.File{Name: "q", CSV: half})
		require.ErrorIs(s.t, err, pulled)
		require.Len(s.t, must(s.Purchasing.Page(s.ctx, oms.PurchaseFilter{}))(s), 1, "none of a file that ends too soon")
	})
}
