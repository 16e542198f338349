package purchasing_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/orderkit/oms/inventory"
	"github.com/orderkit/oms/inventory/purchasing"
)

func on(day int) time.Time { return now.AddDate(0, 0, day) }

func TestWhoIsFirstGetsWhatComesFirst(t *testing.T) {
	t.Parallel()
	supply := []inventory.Supply{{ID: "b", Item: "tee", Qty: 3, Due: on(9)}, {ID: "a", Item: "tee", Qty: 2, Due: on(4)}}
	queue := []purchasing.Demand{{ID: "1", Qty: 3}, {ID: "2", Qty: 1}, {ID: "3", Qty: 4}}
	purchasing.Rebind(supply, queue, 1, now)
	require.Equal(t, []purchasing.Promise{{Qty: 1, Due: now}, {Supply: "a", Qty: 2, Due: on(4)}}, queue[0].Promises)
	require.Equal(t, []purchasing.Promise{{Supply: "b", Qty: 1, Due: on(9)}}, queue[1].Promises)
	require.Equal(t, []purchasing.Promise{{Supply: "b", Qty: 2, Due: on(9)}}, queue[2].Promises)
	_, all := queue[2].Date()
	require.False(t, all, "two of its units have no promise")
	at, all := queue[0].Date()
	require.True(t, all)
	require.Equal(t, on(4), at)
	queue[0].Keep(1, supply)
	require.Equal(t, []int64{3, 0}, []int64{supply[0].Promised, supply[1].Promised}, "what was promised last is given up first")
	purchasing.Extend(supply, queue)
	require.Equal(t, []purchasing.Promise{{Supply: "a", Qty: 2, Due: on(4)}, {Supply: "b", Qty: 2, Due: on(9)}}, queue[2].Promises)
}

func TestTheQueueIsByPriorityAndThenByTime(t *testing.T) {
	t.Parallel()
	queue := []purchasing.Demand{
		{ID: "3", Priority: 1, Since: on(0)}, {ID: "2", Since: on(2)}, {ID: "1", Since: on(1)},
		{ID: "4", Priority: purchasing.MaxPriority, Since: time.Date(2200, 1, 1, 0, 0, 0, 0, time.UTC)}, {ID: "0", Since: time.Date(1900, 1, 1, 0, 0, 0, 0, time.UTC)},
	}
	slices.SortFunc(queue, func(a, b purchasing.Demand) int { return int(max(-1, min(1, a.Rank()-b.Rank()))) })
	for i, d := range queue {
		require.Equal(t, fmt.Sprint(i), d.ID)
		require.GreaterOrEqual(t, d.Rank(), int64(0))
	}
	require.ErrorIs(t, purchasing.CheckPriority(-1), purchasing.ErrPriority)
	require.ErrorIs(t, purchasing.CheckPriority(purchasing.MaxPriority+1), purchasing.ErrPriority)
	require.NoError(t, purchasing.CheckPriority(purchasing.MaxPriority))
}

func TestAPromiseThatMovesIsTold(t *testing.T) {
	t.Parallel()
	was := purchasing.Demand{ID: "1", Order: "o", Line: 2, Item: "tee", Qty: 2, Promises: []purchasing.Promise{{Supply: "a", Qty: 2, Due: on(4)}}}
	is := was
	is.Promises = []purchasing.Promise{{Supply: "b", Qty: 2, Due: on(4)}}
	_, told := purchasing.Change(&was, &is)
	require.False(t, told, "the day is the same")
	require.False(t, was.Same(&is), "but it is another promise")
	is.Promises = nil
	c, told := purchasing.Change(&was, &is)
	require.True(t, told)
	require.Equal(t, purchasing.PromiseChanged{Item: "tee", Order: "o", Line: 2, Qty: 2, Was: on(4)}, c)
	is.Qty = 0
	_, told = purchasing.Change(&was, &is)
	require.False(t, told, "nobody waits any more")
}

// TestPromisesAreNeverMoreThanThereIs walks random queues and supplies and proves the
// ledger of promises after every step.
func TestPromisesAreNeverMoreThanThereIs(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		var supply []inventory.Supply
		var queue []purchasing.Demand
		for step := range rapid.IntRange(1, 40).Draw(t, "steps") {
			qty := rapid.Int64Range(1, 9).Draw(t, "qty")
			switch rapid.IntRange(0, 4).Draw(t, "what") {
			case 0:
				supply = append(supply, inventory.Supply{ID: fmt.Sprint("s", step), Qty: qty, Due: on(rapid.IntRange(0, 9).Draw(t, "day"))})
				purchasing.Extend(supply, queue)
			case 1:
				queue = append(queue, purchasing.Demand{ID: fmt.Sprint(step), Qty: qty})
				purchasing.Extend(supply, queue[len(queue)-1:])
			case 2:
				if len(queue) > 0 {
					d := &queue[rapid.IntRange(0, len(queue)-1).Draw(t, "who")]
					d.Keep(min(d.Qty, qty-1), supply)
				}
			case 3:
				if len(supply) > 0 {
					s := &supply[rapid.IntRange(0, len(supply)-1).Draw(t, "which")]
					s.Qty, s.Due = qty-1, on(rapid.IntRange(0, 9).Draw(t, "day"))
					purchasing.Rebind(supply, queue, 0, now)
				}
			default:
				purchasing.Rebind(supply, queue, 0, now)
				fair(t, supply, queue)
			}
			given := map[string]int64{}
			for i := range queue {
				require.LessOrEqual(t, queue[i].Promised(), queue[i].Qty)
				for _, p := range queue[i].Promises {
					require.Positive(t, p.Qty)
					given[p.Supply] += p.Qty
				}
			}
			for _, s := range supply {
				require.Equal(t, given[s.ID], s.Promised, s.ID)
				require.LessOrEqual(t, s.Promised, s.Qty)
			}
		}
	})
}

// fair proves that nobody behind another is promised earlier units.
func fair(t *rapid.T, supply []inventory.Supply, queue []purchasing.Demand) {
	var last time.Time
	var open int64
	for _, s := range supply {
		open += s.Open()
	}
	for i := range queue {
		for _, p := range queue[i].Promises {
			require.False(t, p.Due.Before(last))
			last = p.Due
		}
		require.False(t, open > 0 && queue[i].Promised() < queue[i].Qty, "units are open and somebody has no promise")
	}
}
