package faults_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/orderkit/oms"
	"github.com/orderkit/oms/inventory"
	"github.com/orderkit/oms/order"
	"github.com/orderkit/oms/storage"
	"github.com/orderkit/oms/storage/sqlstore"
)

// opposing has many buyers take two items at the same time, one half in one order and
// the other half in the other. run takes one unit of each.
func opposing(t *testing.T, rounds int, run func(ctx context.Context, buyer string, items []string) error) (lost int) {
	t.Helper()
	var mu sync.Mutex
	var failed error
	var wg sync.WaitGroup
	for b := range buyers {
		wg.Go(func() {
			items := []string{"tee", "mug"}
			if b%2 == 1 {
				slices.Reverse(items)
			}
			for n := range rounds {
				conflicts := 0
				err := again(&conflicts, func() error { return run(t.Context(), fmt.Sprintf("buyer-%d-%d", b, n), items) })
				mu.Lock()
				lost += conflicts
				failed = errors.Join(failed, err)
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	require.NoError(t, failed)
	return lost
}

const buyers = 8

// TestOpposingOrdersAllEnd has transactions lock the same rows in opposite orders: by
// several commands in one transaction, and by orders whose lines are turned around.
func TestOpposingOrdersAllEnd(t *testing.T) {
	t.Parallel()
	onStores(t, func(t *testing.T, s *shop) {
		rounds := (times(t, 48) + buyers - 1) / buyers
		lost := opposing(t, rounds, func(ctx context.Context, buyer string, items []string) error {
			return s.Atomically(ctx, func(ctx context.Context, k *oms.Engine) error { return takeEach(ctx, k, buyer, items) })
		})
		lost += opposing(t, rounds, func(ctx context.Context, buyer string, items []string) error {
			d := order.Draft{Currency: euro, Channel: "web"}
			for _, item := range items {
				d.Lines = append(d.Lines, order.DraftLine{Item: item, Qty: 1, UnitPrice: price})
			}
			o, err := s.Orders.Place(ctx, d, oms.Key(buyer+"/place"))
			if err == nil {
				_, err = s.Orders.Confirm(ctx, o.ID, oms.Key(buyer+"/confirm"))
			}
			return err
		})
		for _, item := range []string{"tee", "mug"} {
			require.EqualValues(t, initial-2*buyers*rounds, s.free(t, item), "%s: each buyer has one unit, and only one", item)
		}
		t.Logf("%s: opposite lock orders: %d buyers with %d transactions, %d came back as a conflict and ran anew, 0 lost, 0 done twice", t.Name(), buyers, 2*buyers*rounds, lost)
	})
}

// takeEach reserves one unit of each item, one command after the other.
func takeEach(ctx context.Context, k *oms.Engine, buyer string, items []string) error {
	for _, item := range items {
		hold := inventory.Hold{Owner: buyer, Item: item, Location: "ber", Qty: 1}
		if _, err := k.Stock.Reserve(ctx, []inventory.Hold{hold}, oms.Key(buyer+"/"+item)); err != nil {
			return err
		}
	}
	return nil
}

// TestOpposingOrdersInTheHostsTransaction does so in transactions of the host, which
// begins each anew when a command, or its own COMMIT, meets a conflict.
func TestOpposingOrdersInTheHostsTransaction(t *testing.T) {
	t.Parallel()
	for _, level := range []sql.IsolationLevel{sql.LevelDefault, sql.LevelSerializable} {
		t.Run(level.String(), func(t *testing.T) {
			t.Parallel()
			onBackends(t, func(t *testing.T, b backend) {
				db := b.open(t, b.blank(t))
				s := b.shop(t, db)
				s.furnish(t)
				rounds := (times(t, 32) + buyers - 1) / buyers
				lost := opposing(t, rounds, func(ctx context.Context, buyer string, items []string) error {
					tx, err := db.BeginTx(ctx, &sql.TxOptions{Isolation: level})
					if err != nil {
						return err
					}
					defer func() { _ = tx.Rollback() }()
					if err := takeEach(ctx, s.In(sqlstore.Join(tx, b.dialect)), buyer, items); err != nil {
						return err
					}
					err = tx.Commit()
					if err != nil && (strings.Contains(err.Error(), "40001") || strings.Contains(err.Error(), "locked")) {
						err = storage.Stale(err) // as the host would know it
					}
					return err
				})
				for _, item := range []string{"tee", "mug"} {
					require.EqualValues(t, initial-buyers*rounds, s.free(t, item), "%s: each buyer has one unit, and only one", item)
				}
				s.verify(t)
				t.Logf("opposite lock orders in the host's %s transactions on %s: %d transactions, %d met a conflict and ran anew, 0 lost, 0 done twice", level, b.name, buyers*rounds, lost)
			})
		})
	}
}
