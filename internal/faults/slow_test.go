package faults_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/orderkit/oms"
	"github.com/orderkit/oms/inventory"
	"github.com/orderkit/oms/storage"
)

// TestSlowReadersBlockNobody has readers sit in their snapshots while whole stories are
// told. Nobody waits for them, and they see until their end what they saw first.
func TestSlowReadersBlockNobody(t *testing.T) {
	t.Parallel()
	const readers = 4
	onStores(t, func(t *testing.T, s *shop) {
		album := s.album(t)
		const first = "story-seen-by-readers"
		require.NoError(t, tell(t.Context(), s.Engine, first, func(int, string) error { return nil }))
		told := make(chan struct{})
		began, ended := make(chan struct{}, readers), make(chan error, readers)
		for range readers {
			go func() {
				ended <- s.store.View(t.Context(), "", func(ctx context.Context, tx storage.Tx) error {
					before, err := free(ctx, tx)
					began <- struct{}{}
					waitFor(ctx, told)
					after, failed := free(ctx, tx)
					if before != after {
						failed = errors.Join(failed, fmt.Errorf("a snapshot had %d free units, and then %d", before, after))
					}
					return errors.Join(err, failed)
				})
			}()
		}
		for range readers {
			<-began
		}
		names := []string{first}
		for n := range times(t, 5) {
			names = append(names, fmt.Sprintf("story-beside-readers-%d", n))
		}
		s.finish(t, names, album) // hangs if anybody waits for the readers
		close(told)
		for range readers {
			require.NoError(t, <-ended)
		}
		s.count(t, 1+len(names))
		t.Logf("%s: %d readers sat in their snapshots while %d commands were done", t.Name(), readers, len(steps)*(len(names)-1))
	})
}

// waitFor waits for a signal, or for the end of a test that has failed.
func waitFor(ctx context.Context, signal <-chan struct{}) {
	select {
	case <-signal:
	case <-ctx.Done():
	}
}

func free(ctx context.Context, tx storage.Tx) (sum int64, err error) {
	for b, err := range tx.Stock().ListBalances(ctx) {
		if err != nil {
			return 0, err
		}
		sum += b.Of(inventory.Free)
	}
	return sum, nil
}

// TestDeadlinesEndTheWaitForASlowWriter has a writer keep what it has locked, and others
// come with a deadline. Each ends without a trace, or with an unknown outcome where it had
// sent its COMMIT already, and is done once under its key later.
func TestDeadlinesEndTheWaitForASlowWriter(t *testing.T) {
	t.Parallel()
	onStores(t, func(t *testing.T, s *shop) {
		locked, free, slow := make(chan struct{}), make(chan struct{}), make(chan error, 1)
		var once sync.Once
		go func() {
			slow <- s.Atomically(t.Context(), func(ctx context.Context, k *oms.Engine) error {
				if err := takeEach(ctx, k, "slow", []string{"tee"}); err != nil {
					return err
				}
				once.Do(func() { close(locked) })
				waitFor(ctx, free)
				return nil
			})
		}()
		<-locked
		late := min(times(t, 8), 100) // connections are not without end
		errs := make([]error, late)
		var wg sync.WaitGroup
		for i := range late {
			wg.Go(func() {
				ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
				defer cancel()
				errs[i] = takeEach(ctx, s.Engine, fmt.Sprint("late-", i), []string{"tee"})
			})
		}
		wg.Wait() // hangs if a deadline does not end a wait
		unknown := 0
		for _, err := range errs {
			require.ErrorIs(t, err, context.DeadlineExceeded)
			if errors.Is(err, storage.ErrUnknown) {
				unknown++
			}
		}
		if !strings.HasSuffix(t.Name(), "pgxconn") { // where COMMIT was sent already, behind the write that waited
			require.Zero(t, unknown)
		}
		close(free)
		require.NoError(t, <-slow)
		left := s.free(t, "tee")
		require.LessOrEqual(t, left, int64(initial-1))
		require.GreaterOrEqual(t, left, int64(initial-1-unknown), "who was too late took nothing, unless it was told that it may have")
		for i := range late {
			require.NoError(t, takeEach(t.Context(), s.Engine, fmt.Sprint("late-", i), []string{"tee"}), "under the same key")
		}
		require.EqualValues(t, initial-1-late, s.free(t, "tee"))
		t.Logf("%s: %d commands ended at their deadlines behind a slow writer, 0 done in part, 0 done twice", t.Name(), late)
	})
}
