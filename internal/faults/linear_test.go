package faults_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"github.com/anishathalye/porcupine"
	"github.com/stretchr/testify/require"

	"github.com/orderkit/oms/inventory"
)

// deed is a command or a question about one item; its outcome is what came back.
type deed struct {
	kind string // "receive", "reserve", "release", "free"
	qty  int64  // received, reserved or released
}

type outcome struct {
	short bool  // a reservation was refused
	free  int64 // what the refusal, or the answer, says was free
}

// shelf is the law of one item, as one deed after the other sees it: the state is the
// number of free units.
var shelf = porcupine.Model{
	Init: func() any { return int64(0) },
	Step: func(state, input, output any) (bool, any) {
		free, in, out := state.(int64), input.(deed), output.(outcome)
		switch {
		case in.kind == "free":
			return out.free == free, free
		case in.kind != "reserve":
			return true, free + in.qty
		case out.short:
			return free < in.qty && out.free == free, free
		}
		return free >= in.qty, free - in.qty
	},
	DescribeOperation: func(input, output any) string { return fmt.Sprintf("%v -> %v", input, output) },
}

// TestStockIsLinearizable has customers reserve, release, receive and count one item at
// the same time. There must be an order of what they did, one after the other and each
// between its call and its return, that explains every answer.
func TestStockIsLinearizable(t *testing.T) {
	t.Parallel()
	const customers, deeds = 6, 12
	onStores(t, func(t *testing.T, s *shop) {
		histories, operations, short, lost := times(t, 10), 0, 0, 0
		for n := range histories {
			item := fmt.Sprint("item-", n)
			require.NoError(t, s.Stock.AddItem(t.Context(), inventory.Item{ID: item}))
			history, conflicts := s.history(t, item, customers, deeds)
			lost += conflicts
			operations += len(history)
			for _, o := range history {
				if o.Output.(outcome).short {
					short++
				}
			}
			require.Equal(t, porcupine.Ok, porcupine.CheckOperationsTimeout(shelf, history, time.Minute), "a history without an order: %v", history)
		}
		t.Logf("%s: %d histories of %d customers with %d operations, %d refused for a shortage, %d run anew after a conflict: all linearizable",
			t.Name(), histories, customers, operations, short, lost)
		require.Positive(t, short, "some reservations came too late")
	})
}

// history lets customers work on an item. Each holds at most one reservation.
func (s *shop) history(t *testing.T, item string, customers, deeds int) (all []porcupine.Operation, conflicts int) {
	t.Helper()
	began := time.Now()
	var mu sync.Mutex
	var wg sync.WaitGroup
	var failed error
	for c := range customers {
		wg.Go(func() {
			owner, held := fmt.Sprintf("%s/customer-%d", item, c), int64(0)
			for range deeds {
				d := choose(held)
				var out outcome
				var lost int
				call := time.Since(began)
				err := again(&lost, func() error {
					var err error
					out, err = s.perform(t.Context(), item, owner, d)
					return err
				})
				back := time.Since(began)
				if d.kind == "reserve" && !out.short {
					held = d.qty
				} else if d.kind == "release" {
					held = 0
				}
				mu.Lock()
				all = append(all, porcupine.Operation{ClientId: c, Input: d, Call: int64(call), Output: out, Return: int64(back)})
				failed = errors.Join(failed, err)
				conflicts += lost
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	require.NoError(t, failed)
	return all, conflicts
}

func choose(held int64) deed {
	switch n := rand.IntN(10); {
	case n < 2:
		return deed{"free", 0}
	case n < 4:
		return deed{"receive", 1 + rand.Int64N(3)}
	case held > 0:
		return deed{"release", held}
	}
	return deed{"reserve", 1 + rand.Int64N(3)}
}

func (s *shop) perform(ctx context.Context, item, owner string, d deed) (outcome, error) {
	var err error
	switch d.kind {
	case "free":
		a, err := s.Stock.Availability(ctx, item, "ber", "")
		return outcome{free: a.ATS}, err
	case "receive":
		_, err = s.Stock.Receive(ctx, inventory.Receipt{Item: item, Location: "ber", Qty: d.qty, Ref: "po"})
	case "release":
		_, err = s.Stock.Release(ctx, owner)
	case "reserve":
		_, err = s.Stock.Reserve(ctx, []inventory.Hold{{Owner: owner, Item: item, Location: "ber", Qty: d.qty}})
	}
	var short *inventory.ShortageError
	if errors.As(err, &short) {
		return outcome{short: true, free: short.Short[0].Have}, nil
	}
	return outcome{}, err
}

// TestTheCheckerKnowsABrokenShelf shows that it does not accept whatever happens.
func TestTheCheckerKnowsABrokenShelf(t *testing.T) {
	t.Parallel()
	at := func(call, back int64, d deed, out outcome) porcupine.Operation {
		return porcupine.Operation{Input: d, Output: out, Call: call, Return: back}
	}
	receive := at(1, 2, deed{"receive", 3}, outcome{})
	for name, rest := range map[string][]porcupine.Operation{
		"oversold":                         {at(3, 6, deed{"reserve", 2}, outcome{}), at(4, 5, deed{"reserve", 2}, outcome{})},
		"a shortage that there was not":    {at(3, 4, deed{"reserve", 2}, outcome{short: true, free: 1})},
		"an answer from before the change": {at(3, 4, deed{"reserve", 2}, outcome{}), at(5, 6, deed{"free", 0}, outcome{free: 3})},
		"a release that was lost":          {at(3, 4, deed{"reserve", 2}, outcome{}), at(5, 6, deed{"release", 2}, outcome{}), at(7, 8, deed{"free", 0}, outcome{free: 1})},
	} {
		require.False(t, porcupine.CheckOperations(shelf, append(rest, receive)), name)
	}
	require.True(t, porcupine.CheckOperations(shelf, []porcupine.Operation{
		receive, at(3, 6, deed{"reserve", 2}, outcome{}), at(4, 5, deed{"free", 0}, outcome{free: 3}),
	}), "what is under way may be seen or not")
}
