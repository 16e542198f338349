package sqlstore_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/orderkit/oms/storage"
	"github.com/orderkit/oms/storage/sqlstore"
)

// TestManyFollowTheLogWhileManyWriteIt has consumers that place events at the same time:
// each of them sees every event once, at the positions that the others see.
func TestManyFollowTheLogWhileManyWriteIt(t *testing.T) {
	t.Parallel()
	onBackends(t, func(t *testing.T, b backend) {
		t.Helper()
		pool := b.migrated(t)
		const writers, each, consumers = 4, 15, 3
		stores := make([]*sqlstore.Store, 2)
		for i := range stores {
			s, err := sqlstore.Open(pool(t), b.dialect)
			require.NoError(t, err)
			stores[i] = s
		}
		var wg sync.WaitGroup
		errs := make([]error, writers+consumers)
		seen := make([][]storage.Event, consumers)
		for w := range writers {
			wg.Go(func() {
				for n := range each {
					e := storage.Event{ID: uuid.Must(uuid.NewV7()), Aggregate: fmt.Sprint("order/", w), Version: int64(n + 1), Kind: "k"}
					errs[w] = errors.Join(errs[w], stores[w%2].Update(t.Context(), "t", func(ctx context.Context, tx storage.Tx) error {
						return tx.Events().Append(ctx, []storage.Event{e})
					}))
				}
			})
		}
		for c := range consumers {
			wg.Go(func() {
				for last := int64(0); len(seen[c]) < writers*each && errs[writers+c] == nil; {
					var page []storage.Event
					err := stores[c%2].Update(t.Context(), "t", func(ctx context.Context, tx storage.Tx) (err error) {
						page, err = tx.Events().Since(ctx, last, 7)
						return err
					})
					if errors.Is(err, storage.ErrConflict) {
						continue
					}
					errs[writers+c] = err
					if len(page) > 0 {
						seen[c], last = append(seen[c], page...), page[len(page)-1].Seq
					}
				}
			})
		}
		wg.Wait()
		require.NoError(t, errors.Join(errs...))
		for c := range consumers {
			require.Equal(t, seen[0], seen[c], "all consumers see one log")
		}
		versions := map[string]int64{}
		for i, e := range seen[0] {
			require.EqualValues(t, i+1, e.Seq, "positions have no holes")
			require.Equal(t, versions[e.Aggregate]+1, e.Version, "the versions of %s", e.Aggregate)
			versions[e.Aggregate] = e.Version
		}
	})
}
