package sqlstore

import (
	"context"
	"sync"
)

// How many round trips are under way at most, and how many reads travel in one.
const (
	maxTrips     = 4
	maxTripReads = 64
)

// trips sends reads that wait at the same time in one round trip. Nobody waits for
// company: a read that finds a trip to go on goes at once.
type trips struct {
	connector BatchConnector

	mu       sync.Mutex
	waiting  []*travelingRead
	underWay int
}

// travelingRead is a read whose caller waits for it.
type travelingRead struct {
	Statement

	width int
	rows  [][]any
	ok    bool            // the rows are all
	done  chan struct{}   // closed when it is back
	gone  <-chan struct{} // the caller does not wait any more
}

// read gives all rows of a read. It is not ok if the read has to be made alone: another
// one of its trip went wrong, or itself.
func (t *trips) read(ctx context.Context, s Statement, width int) (rows [][]any, ok bool) {
	r := &travelingRead{Statement: s, width: width, done: make(chan struct{}), gone: ctx.Done()}
	t.mu.Lock()
	t.waiting = append(t.waiting, r)
	begin := t.underWay < maxTrips
	if begin {
		t.underWay++
	}
	t.mu.Unlock()
	if begin {
		go t.run(context.WithoutCancel(ctx))
	}
	select {
	case <-r.done:
		return r.rows, r.ok
	case <-ctx.Done():
		return nil, false
	}
}

// run makes trips until no read waits.
func (t *trips) run(ctx context.Context) {
	for {
		all := t.take()
		if all == nil {
			return
		}
		t.travel(ctx, all)
	}
}

func (t *trips) take() []*travelingRead {
	t.mu.Lock()
	defer t.mu.Unlock()
	n := min(len(t.waiting), maxTripReads)
	if n == 0 {
		t.underWay--
		return nil
	}
	all := make([]*travelingRead, n)
	copy(all, t.waiting)
	t.waiting = t.waiting[:copy(t.waiting, t.waiting[n:])]
	return all
}

// travel makes a trip, which is cut off when nobody waits for it any more.
func (t *trips) travel(ctx context.Context, all []*travelingRead) {
	ctx, cancel := context.WithCancel(ctx)
	back := make(chan struct{})
	defer func() { // also when the driver panics
		close(back)
		cancel()
		for _, r := range all {
			close(r.done)
		}
	}()
	go func() {
		for _, r := range all {
			select {
			case <-r.gone:
			case <-back:
				return
			}
		}
		cancel()
	}()
	statements := make([]Statement, len(all))
	for i, r := range all {
		statements[i] = r.Statement
	}
	err := t.connector.QueryAll(ctx, statements, func(i int, rows Rows) (err error) {
		all[i].rows, err = copied(rows, all[i].width)
		return err
	})
	for _, r := range all {
		r.ok = err == nil
	}
}
