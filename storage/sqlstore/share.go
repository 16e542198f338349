package sqlstore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"sync"
)

// reads lets Updates that ask for the same at the same time share the answer. Of one
// statement with its arguments a single read runs, and a single one waits to run next:
// who joins that sees what was committed until it asked, as from a read of its own. Where
// the driver can, what waits to run is sent together.
type reads struct {
	connector Connector
	trips     *trips // nil where every read is a round trip of its own

	mu      sync.Mutex
	running map[string]*sharedRead
	next    map[string]*sharedRead
}

// sharedRead is a read and its rows, which are there when it is done.
type sharedRead struct {
	done chan struct{}
	rows [][]any
	err  error
}

func newReads(c Connector) *reads {
	r := &reads{connector: c, running: map[string]*sharedRead{}, next: map[string]*sharedRead{}}
	if b, ok := c.(BatchConnector); ok {
		r.trips = &trips{connector: b}
	}
	return r
}

// query runs a read, or waits for the one that is about to run. What went wrong for
// somebody else is tried again.
func (r *reads) query(ctx context.Context, text string, args []any, width int) (Rows, error) {
	key := readKey(text, args)
	r.mu.Lock()
	mine, others := r.next[key], true
	var before *sharedRead
	if mine == nil {
		mine, others = &sharedRead{done: make(chan struct{})}, false
		r.next[key] = mine
		before = r.running[key]
	}
	r.mu.Unlock()
	if !others {
		r.run(ctx, key, mine, before, func() ([][]any, error) { return r.all(ctx, text, args, width) })
		return &sharedRows{read: mine}, mine.err
	}
	select {
	case <-mine.done:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	if mine.err != nil {
		return r.connector.Query(ctx, text, args)
	}
	return &sharedRows{read: mine}, nil
}

var errUnread = errors.New("sqlstore: a shared read did not come to its end")

// run runs a read after the one before.
func (r *reads) run(ctx context.Context, key string, mine, before *sharedRead, read func() ([][]any, error)) {
	mine.err = errUnread
	defer func() { // also when the driver panics
		r.mu.Lock()
		if r.running[key] == mine {
			delete(r.running, key)
		}
		r.mu.Unlock()
		close(mine.done)
	}()
	var err error
	if before != nil {
		select {
		case <-before.done:
		case <-ctx.Done():
			err = ctx.Err()
		}
	}
	r.mu.Lock()
	delete(r.next, key) // who comes now has come too late for this one
	r.running[key] = mine
	r.mu.Unlock()
	if err == nil {
		mine.rows, err = read()
	}
	mine.err = err
}

// all reads all rows of a query.
func (r *reads) all(ctx context.Context, text string, args []any, width int) ([][]any, error) {
	if r.trips != nil {
		if all, ok := r.trips.read(ctx, Statement{text, args}, width); ok || ctx.Err() != nil {
			return all, ctx.Err()
		}
	}
	rows, err := r.connector.Query(ctx, text, args)
	if err != nil {
		return nil, err
	}
	all, err := copied(rows, width)
	if closed := rows.Close(); err == nil {
		err = closed
	}
	return all, err
}

// copied takes the rows of a read out of the driver's hands.
func copied(rows Rows, width int) ([][]any, error) {
	var all [][]any
	into := make([]any, width)
	for rows.Next() {
		row := make([]any, width)
		for i := range row {
			into[i] = &row[i]
		}
		if err := rows.Scan(into...); err != nil {
			return nil, err
		}
		all = append(all, row)
	}
	return all, rows.Err()
}

func readKey(text string, args []any) string {
	var b strings.Builder
	b.WriteString(text)
	for _, arg := range args {
		switch v := arg.(type) {
		case string:
			b.WriteByte(0) // which no text has
			b.WriteString(v)
		default:
			fmt.Fprintf(&b, "\x00\x00%T%v", v, v)
		}
	}
	return b.String()
}

// sharedRows are the rows of a shared read, from the first on.
type sharedRows struct {
	read *sharedRead
	at   int
}

// Next goes to the next row.
func (r *sharedRows) Next() bool {
	r.at++
	return r.at <= len(r.read.rows)
}

// Scan copies the cells of the row.
func (r *sharedRows) Scan(dest ...any) error {
	row := r.read.rows[r.at-1]
	if len(dest) != len(row) {
		return fmt.Errorf("sqlstore: %d cells for %d columns", len(dest), len(row))
	}
	for i := range dest {
		switch into := dest[i].(type) {
		case *any:
			*into = row[i]
		case *sql.RawBytes:
			switch text := row[i].(type) {
			case string:
				*into = sql.RawBytes(text)
			case []byte:
				*into = text
			case nil:
				*into = nil
			default:
				return fmt.Errorf("sqlstore: a %T is scanned into a %T", text, into)
			}
		case *int64:
			n, ok := row[i].(int64)
			if !ok {
				return fmt.Errorf("sqlstore: a %T is scanned into a %T", row[i], into)
			}
			*into = n
		default:
			return fmt.Errorf("sqlstore: a cell is scanned into a %T", into)
		}
	}
	return nil
}

// Err is the error that ended the rows, which was told before them.
func (r *sharedRows) Err() error { return nil }

// Close does nothing: others may have the same rows.
func (r *sharedRows) Close() error { return nil }
