package sqlstore

import (
	"context"
	"sync"

	"github.com/orderkit/oms/storage"
)

// turns lets the Updates of a tenant that have lost run one after the other, first come,
// first served. Each holds rows, and may come to want others than before: several at once
// would lock them in all orders.
type turns struct {
	mu    sync.Mutex
	lanes map[storage.Tenant]*lane // of the tenants of which somebody is there
}

type lane struct {
	turn  chan struct{} // full while somebody has it
	users int
}

// take waits for the turn, which is to be given back.
func (q *turns) take(ctx context.Context, t storage.Tenant) (giveBack func(), err error) {
	q.mu.Lock()
	l := q.lanes[t]
	if l == nil {
		l = &lane{turn: make(chan struct{}, 1)}
		q.lanes[t] = l
	}
	l.users++
	q.mu.Unlock()
	select {
	case l.turn <- struct{}{}:
		return func() { <-l.turn; q.leave(t, l) }, nil
	case <-ctx.Done():
		q.leave(t, l)
		return nil, ctx.Err()
	}
}

func (q *turns) leave(t storage.Tenant, l *lane) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if l.users--; l.users == 0 {
		delete(q.lanes, t)
	}
}
