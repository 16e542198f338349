package oms_test

import (
	"context"
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/orderkit/oms/inventory"
	"github.com/orderkit/oms/storage"
)

func TestVerifyFindsLotsThatAreNotRecordedOrNeverCame(t *testing.T) {
	t.Parallel()
	for _, st := range stores {
		t.Run(st.name, func(t *testing.T) {
			t.Parallel()
			s := newShop(t, st.open)
			s.furnish()
			s.milk()
			s.verify()
			s.plant(func(ctx context.Context, tx storage.Tx) error { return tx.Documents().Drop(ctx, "lot", "milk\tsoon") })
			body := must(json.Marshal(inventory.Lot{Item: "milk", ID: "ghost", Version: 1}))(s)
			s.plant(func(ctx context.Context, tx storage.Tx) error {
				return tx.Documents().Save(ctx, storage.Document{Kind: "lot", ID: "milk\tghost", Parent: "milk", Live: true, Version: 1, Body: body})
			})
			var told []string
			for _, d := range must(s.Verify(s.ctx))(s) {
				told = append(told, d.String())
			}
			require.Equal(t, []string{
				`item "milk" lot "ghost": a lot that is recorded has a balance: want a balance, have none`,
				`item "milk" lot "soon": a lot that came in is recorded: want a lot, have none`,
			}, told)
		})
	}
}
