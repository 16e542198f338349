package sqlstore_test

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/orderkit/oms/storage"
	"github.com/orderkit/oms/storage/sqlstore"
)

// tallies makes documents that everybody wants to change.
func tallies(t *testing.T, s *sqlstore.Store, tenant storage.Tenant, ids ...string) {
	t.Helper()
	require.NoError(t, s.Update(t.Context(), tenant, func(ctx context.Context, tx storage.Tx) error {
		var errs []error
		for _, id := range ids {
			errs = append(errs, tx.Documents().Save(ctx, storage.Document{Kind: "tally", ID: id, Version: 1, Body: json.RawMessage("{}")}))
		}
		return errors.Join(errs...)
	}))
}

func tally(ctx context.Context, tx storage.Tx, id string) (storage.Document, error) {
	found, err := tx.Documents().Find(ctx, "tally", id)
	if err != nil || len(found) == 0 {
		return storage.Document{}, errors.Join(errors.New("no tally "+id), err)
	}
	return found[0], nil
}

// raise saves documents one version later than they were read.
func raise(ids ...string) func(context.Context, storage.Tx) error {
	return func(ctx context.Context, tx storage.Tx) error {
		for _, id := range ids {
			d, err := tally(ctx, tx, id)
			if err != nil {
				return err
			}
			d.Version++
			if err := tx.Documents().Save(ctx, d); err != nil {
				return err
			}
		}
		return nil
	}
}

// outrun is an Update that loses its first run to another one, and then goes on with next.
func outrun(t *testing.T, s *sqlstore.Store, tenant storage.Tenant, id string, next func(context.Context, storage.Tx) error) func(context.Context, storage.Tx) error {
	t.Helper()
	runs := 0
	return func(ctx context.Context, tx storage.Tx) error {
		if runs++; runs > 1 {
			return next(ctx, tx)
		}
		d, err := tally(ctx, tx, id)
		if err != nil {
			return err
		}
		if err := s.Update(t.Context(), tenant, raise(id)); err != nil {
			return err
		}
		d.Version++
		return tx.Documents().Save(ctx, d)
	}
}

func TestEverybodyWhoChangesTheSameComesThrough(t *testing.T) {
	t.Parallel()
	onBackends(t, func(t *testing.T, b backend) {
		t.Helper()
		for name, of := range map[string]struct {
			processes int
			opts      []sqlstore.Option
		}{
			"one process":            {1, nil},
			"in groups":              {1, []sqlstore.Option{sqlstore.GroupCommit()}},
			"three processes":        {3, nil},
			"in groups of all three": {3, []sqlstore.Option{sqlstore.GroupCommit()}},
		} {
			t.Run(name, func(t *testing.T) {
				const callers, each = 48, 5
				pool := b.migrated(t)
				stores := opened(t, &b, pool, of.processes, of.opts...)
				tallies(t, stores[0], "t", "one")
				errs, most := make([]error, callers), make([]int, callers)
				var wg sync.WaitGroup
				for i := range callers {
					wg.Go(func() {
						for n := 0; n < each && errs[i] == nil; n++ {
							runs := 0
							errs[i] = stores[i%len(stores)].Update(t.Context(), "t", func(ctx context.Context, tx storage.Tx) error {
								runs++
								return raise("one")(ctx, tx)
							})
							most[i] = max(most[i], runs)
						}
					})
				}
				wg.Wait()
				require.NoError(t, errors.Join(errs...))
				require.LessOrEqual(t, slices.Max(most), 3, "runs of one Update: it loses once")
				require.NoError(t, stores[0].View(t.Context(), "t", func(ctx context.Context, tx storage.Tx) error {
					d, err := tally(ctx, tx, "one")
					require.EqualValues(t, 1+callers*each, d.Version)
					return err
				}))
			})
		}
	})
}

// opened are stores of some processes on one database.
func opened(t *testing.T, b *backend, pool func(testing.TB) *sql.DB, n int, opts ...sqlstore.Option) []*sqlstore.Store {
	t.Helper()
	var stores []*sqlstore.Store
	for range n {
		s, err := sqlstore.Open(pool(t), b.dialect, opts...)
		require.NoError(t, err)
		stores = append(stores, s)
	}
	return stores
}

func TestWhoHasLostIsRefusedForWhatWasThereAtOneMoment(t *testing.T) {
	t.Parallel()
	onServers(t, func(t *testing.T, b backend) {
		t.Helper()
		stores := opened(t, &b, b.migrated(t), 2)
		s, other := stores[0], stores[1]
		tallies(t, s, "t", "one", "left", "right")
		errRefused, errHalf := errors.New("refused"), errors.New("half of what another one did was seen")
		err := s.Update(t.Context(), "t", outrun(t, other, "t", "one", func(ctx context.Context, tx storage.Tx) error {
			left, err := tally(ctx, tx, "left")
			if err != nil {
				return err
			}
			if err := other.Update(t.Context(), "t", raise("left", "right")); err != nil {
				return err
			}
			right, err := tally(ctx, tx, "right")
			if err == nil && left.Version != right.Version {
				return errHalf
			}
			return errors.Join(errRefused, err)
		}))
		require.ErrorIs(t, err, errRefused)
		require.NotErrorIs(t, err, errHalf)
	})
}

func TestWhoWaitsForTheTurnCanLeaveAndOtherTenantsDoNotWait(t *testing.T) {
	t.Parallel()
	onServers(t, func(t *testing.T, b backend) {
		t.Helper()
		stores := opened(t, &b, b.migrated(t), 2)
		s, other := stores[0], stores[1]
		for _, tenant := range []storage.Tenant{"t", "u"} {
			tallies(t, s, tenant, "one", "two")
		}
		has, goOn, done := make(chan struct{}), make(chan struct{}), make(chan error, 1)
		first := outrun(t, other, "t", "one", func(ctx context.Context, tx storage.Tx) error {
			close(has)
			<-goOn
			return raise("one")(ctx, tx)
		})
		go func() { done <- s.Update(t.Context(), "t", first) }()
		<-has
		ctx, cancel := context.WithCancel(t.Context())
		second := outrun(t, other, "t", "two", func(context.Context, storage.Tx) error { panic("it is not its turn") })
		err := s.Update(ctx, "t", func(ctx context.Context, tx storage.Tx) error {
			defer time.AfterFunc(20*time.Millisecond, cancel)
			return second(ctx, tx)
		})
		require.ErrorIs(t, err, context.Canceled)
		require.NoError(t, s.Update(t.Context(), "u", outrun(t, other, "u", "two", raise("two"))))
		close(goOn)
		require.NoError(t, <-done)
		require.NoError(t, s.Update(t.Context(), "t", outrun(t, other, "t", "two", raise("two"))), "the turn is given back")
	})
}
