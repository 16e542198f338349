package sqlstore

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/require"
)

// line is a database whose reads answer with their own argument. It is slow: no trip ends
// before it may.
type line struct {
	may   chan struct{}
	trips atomic.Int64
	now   atomic.Int64
	most  atomic.Int64
}

var errRefused = errors.New("refused")

func (l *line) QueryAll(ctx context.Context, all []Statement, fn func(int, Rows) error) error {
	l.trips.Add(1)
	l.most.Store(max(l.most.Load(), l.now.Add(1)))
	defer l.now.Add(-1)
	select {
	case <-l.may:
	case <-ctx.Done():
		return ctx.Err()
	}
	for i, s := range all {
		if s.Text == "bad" {
			return errRefused
		}
		if err := fn(i, &sharedRows{read: &sharedRead{rows: [][]any{{s.Args[0]}}}}); err != nil {
			return err
		}
	}
	return nil
}

func TestReadsThatWaitTravelTogether(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := &line{may: make(chan struct{})}
		way := &trips{connector: l}
		var wg sync.WaitGroup
		for i := range 200 {
			wg.Go(func() {
				rows, ok := way.read(t.Context(), Statement{"good", []any{int64(i)}}, 1)
				require.True(t, ok)
				require.Equal(t, [][]any{{int64(i)}}, rows, "each gets its own answer")
			})
		}
		synctest.Wait()
		require.EqualValues(t, maxTrips, l.trips.Load(), "those under way, and everybody else waits")
		close(l.may)
		wg.Wait()
		synctest.Wait() // the trips end after their answers
		require.LessOrEqual(t, l.trips.Load(), int64(2*maxTrips+(200+maxTripReads-1)/maxTripReads))
		require.EqualValues(t, maxTrips, l.most.Load())
		require.Zero(t, way.underWay)
	})
}

func TestATripThatFailsIsNobodysAnswer(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := &line{may: make(chan struct{})}
		way := &trips{connector: l}
		var wg sync.WaitGroup
		answers := make([]bool, maxTrips+10)
		for i := range answers {
			text := "good"
			if i == maxTrips+5 {
				text = "bad"
			}
			wg.Go(func() { _, answers[i] = way.read(t.Context(), Statement{text, []any{int64(i)}}, 1) })
			synctest.Wait() // the first travel alone, the others wait and go together
		}
		close(l.may)
		wg.Wait()
		for i, ok := range answers {
			require.Equal(t, i < maxTrips, ok, "read %d: an answer for those who did not travel with the bad one", i)
		}
		synctest.Wait() // the trips end after their answers
		require.Zero(t, way.underWay)
	})
}

// Who leaves gets an answer at once, and the trip goes on for the others; when all have
// left it is cut off, so that a server that fell silent holds no connection.
func TestATripEndsWhenNobodyWaits(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := &line{may: make(chan struct{})}
		way := &trips{connector: l}
		var wg sync.WaitGroup
		var leave []context.CancelFunc
		for i := range 10 {
			ctx, cancel := context.WithCancel(t.Context())
			leave = append(leave, cancel)
			wg.Go(func() {
				_, ok := way.read(ctx, Statement{"good", []any{fmt.Sprint(i)}}, 1)
				require.False(t, ok)
			})
		}
		synctest.Wait()
		for _, cancel := range slices.Backward(leave) {
			require.NotZero(t, l.now.Load())
			cancel()
		}
		wg.Wait()
		synctest.Wait()
		require.Zero(t, l.now.Load())
		require.Zero(t, way.underWay)
	})
}
