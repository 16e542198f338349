package sqlstore_test

import (
	"context"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/orderkit/oms/inventory"
	"github.com/orderkit/oms/storage"
)

// What is looked for in a list may be any text, also what an engine has a meaning for.
func TestListsKeepTheirTexts(t *testing.T) {
	t.Parallel()
	ids := []string{`"`, `\`, `\"`, `a,b`, `{a}`, `NULL`, ` `, ` a `, `'`, `$1`, `?`, "line\nbreak", `é`, `{"x","y"}`, `\\`}
	onBackends(t, func(t *testing.T, b backend) {
		t.Helper()
		require.NoError(t, b.store(t).Update(t.Context(), "t", func(ctx context.Context, tx storage.Tx) error {
			for _, id := range ids {
				if err := tx.Stock().PutItem(ctx, inventory.Item{ID: id}); err != nil {
					return err
				}
			}
			for n := range ids {
				snap, err := tx.Stock().Load(ctx, inventory.Need{Items: ids[n:]})
				if err != nil {
					return err
				}
				var got []string
				for _, i := range snap.Items {
					got = append(got, i.ID)
				}
				require.Equal(t, slices.Sorted(slices.Values(ids[n:])), got)
			}
			return nil
		}))
	})
}
