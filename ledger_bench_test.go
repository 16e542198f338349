package oms_test

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/orderkit/oms"
	"github.com/orderkit/oms/internal/benchfloor"
	"github.com/orderkit/oms/inventory"
	"github.com/orderkit/oms/storage"
	"github.com/orderkit/oms/storage/memory"
)

// BenchmarkLedger runs commands on the ledger through the Engine, and one without it, in
// memory, beside the same facts kept by hand in maps. The floor has no transactions, no
// snapshots and no checks but those of stock and version. The times are medians over rounds.
func BenchmarkLedger(b *testing.B) {
	until := time.Now().Add(time.Hour)
	hold := func(i int) []inventory.Hold {
		return []inventory.Hold{{Owner: fmt.Sprint("cart-", i), Item: benchItem(i), Location: "ber", Qty: 1, Until: until}}
	}
	b.Run("reserve", func(b *testing.B) {
		kit, byHand := benchShop(b, memory.New(), 0), newMapLedger()
		turns(b, hold, func(_ int, h []inventory.Hold) error {
			_, err := kit.Stock.Reserve(b.Context(), h)
			return err
		}, func(_ int, h []inventory.Hold) error { return byHand.reserve("", h) })
	})
	b.Run("reserve-alone", func(b *testing.B) { // the ledger without the Engine, which also tells of the posting
		store, byHand := memory.New(), newMapLedger()
		benchShop(b, store, 0)
		byHand.events = nil
		turns(b, hold, func(_ int, h []inventory.Hold) error { return reserveIn(b.Context(), store, h[0]) },
			func(_ int, h []inventory.Hold) error { return byHand.reserve("", h) })
	})
	b.Run("reserve-keyed", func(b *testing.B) {
		kit, byHand := benchShop(b, memory.New(), 0), newMapLedger()
		turns(b, hold, func(_ int, h []inventory.Hold) error {
			_, err := kit.Stock.Reserve(b.Context(), h, oms.Key(h[0].Owner))
			return err
		}, func(_ int, h []inventory.Hold) error { return byHand.reserve(h[0].Owner, h) })
	})
	b.Run("post-10", func(b *testing.B) {
		kit, byHand := benchShop(b, memory.New(), 0), newMapLedger()
		turns(b, func(i int) []inventory.Movement {
			var out []inventory.Movement
			for k := range 10 {
				out = append(out, inventory.Movement{Item: benchItem(i + k), From: inventory.At("ber", inventory.Free), To: inventory.At("ber", inventory.QC), Qty: 1})
			}
			return out
		}, func(_ int, mv []inventory.Movement) error {
			_, err := kit.Stock.Move(b.Context(), mv, inventory.ReasonInspect, "qc-1")
			return err
		}, func(_ int, mv []inventory.Movement) error { return byHand.post(inventory.ReasonInspect, "qc-1", mv) })
	})
}

// reserveIn reserves as a program does that has a store and no Engine: read, decide, apply.
func reserveIn(ctx context.Context, store storage.Store, h inventory.Hold) error {
	return store.Update(ctx, "", func(ctx context.Context, tx storage.Tx) error {
		id, err := uuid.NewV7()
		if err != nil {
			return err
		}
		now := time.Now()
		snap, err := tx.Stock().Load(ctx, inventory.Need{Items: []string{h.Item}, Locations: []string{h.Location}, Owner: h.Owner, Now: now})
		if err != nil {
			return err
		}
		changes, err := inventory.Reserve(snap, []inventory.Hold{h}, h.Owner, inventory.Meta{ID: id, Now: now})
		if err != nil {
			return err
		}
		return tx.Stock().Apply(ctx, changes)
	})
}

// turns runs both sides in turns on inputs that are made beforehand.
func turns[In any](b *testing.B, input func(i int) In, engine, byHand func(i int, in In) error) {
	b.Helper()
	in := make([]In, 64)
	benchfloor.Turns{
		Round: len(in),
		Prepare: func(first, n int) {
			for i := range n {
				in[i] = input(first + i)
			}
		},
		Ours:  func(i int) error { return engine(i, in[i%len(in)]) },
		Floor: func(i int) error { return byHand(i, in[i%len(in)]) },
	}.Run(b)
}

// mapLedger is the floor: every fact that the ledger keeps of a command, and no more.
type mapLedger struct {
	mu           sync.Mutex
	balances     map[inventory.Key]*inventory.Balance
	reservations map[inventory.ReservationKey]*inventory.Reservation
	postings     []inventory.Posting
	keys         map[string]uuid.UUID
	events       map[string][]string // nil where none are told
}

func newMapLedger() *mapLedger {
	l := &mapLedger{
		balances:     map[inventory.Key]*inventory.Balance{},
		reservations: map[inventory.ReservationKey]*inventory.Reservation{},
		keys:         map[string]uuid.UUID{}, events: map[string][]string{},
	}
	for i := range benchItems {
		b := &inventory.Balance{Key: inventory.Key{Item: benchItem(i), Location: "ber"}}
		b.Set(inventory.Free, 1_000_000_000)
		l.balances[b.Key] = b
	}
	return l
}

func (l *mapLedger) reserve(key string, holds []inventory.Hold) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if _, ok := l.keys[key]; ok && key != "" {
		return nil
	}
	moves := make([]inventory.Movement, 0, len(holds))
	for _, h := range holds {
		moves = append(moves, inventory.Movement{Item: h.Item, From: inventory.At(h.Location, inventory.Free), To: inventory.At(h.Location, inventory.Soft), Qty: h.Qty})
	}
	id, err := l.move(inventory.ReasonReserve, holds[0].Owner, moves)
	if err != nil {
		return err
	}
	for _, h := range holds {
		k := inventory.ReservationKey{Owner: h.Owner, Line: h.Line, Item: h.Item, Location: h.Location}
		l.reservations[k] = &inventory.Reservation{ReservationKey: k, Soft: h.Qty, Until: h.Until, Version: 1}
	}
	if key != "" {
		l.keys[key] = id
	}
	return nil
}

func (l *mapLedger) post(reason inventory.Reason, document string, moves []inventory.Movement) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	_, err := l.move(reason, document, slices.Clone(moves))
	return err
}

// move appends the posting, with its event if any are told, and moves the balances.
func (l *mapLedger) move(reason inventory.Reason, document string, moves []inventory.Movement) (uuid.UUID, error) {
	for _, m := range moves {
		b := l.balances[inventory.Key{Item: m.Item, Location: m.From.Location}]
		if b == nil || b.Of(m.From.State) < m.Qty {
			return uuid.UUID{}, inventory.ErrShortage
		}
	}
	for _, m := range moves {
		b := l.balances[inventory.Key{Item: m.Item, Location: m.From.Location}]
		b.Set(m.From.State, b.Of(m.From.State)-m.Qty)
		b.Set(m.To.State, b.Of(m.To.State)+m.Qty)
	}
	id, err := uuid.NewV7()
	if err != nil {
		return id, err
	}
	l.postings = append(l.postings, inventory.Posting{ID: id, Reason: reason, Document: document, At: time.Now(), Movements: moves})
	if l.events == nil {
		return id, nil
	}
	of := "stock/" + moves[0].Item
	data := make([]byte, 0, 256)
	data = append(data, `{"posting":"`...)
	data = append(data, id.String()...)
	data = append(data, `","reason":"`...)
	data = append(data, reason...)
	for _, m := range moves {
		data = append(data, m.Item...)
		data = append(data, m.From.State.String()...)
		data = append(data, m.To.State.String()...)
	}
	l.events[of] = append(l.events[of], string(data))
	return id, nil
}

// The floor is only one while it keeps what the Engine keeps.
func TestMapLedger(t *testing.T) {
	floor := newMapLedger()
	hold := []inventory.Hold{{Owner: "cart-1", Item: benchItem(1), Location: "ber", Qty: 2}}
	require.NoError(t, floor.reserve("k", hold))
	require.NoError(t, floor.reserve("k", hold))
	require.Len(t, floor.postings, 1)
	b := floor.balances[inventory.Key{Item: benchItem(1), Location: "ber"}]
	require.EqualValues(t, 1_000_000_000-2, b.Of(inventory.Free))
	require.EqualValues(t, 2, b.Of(inventory.Soft))
	hold[0].Qty = 1_000_000_000
	require.ErrorIs(t, floor.reserve("", hold), inventory.ErrShortage)
	require.Len(t, floor.events["stock/"+benchItem(1)], 1)
}
