package sqlstore

import (
	"context"
	"database/sql"
	"maps"
	"slices"
)

// OpenRecorded is Open with an ear on every statement that is run.
func OpenRecorded(db *sql.DB, d Dialect, hear func(text string, args []any), opts ...Option) (*Store, error) {
	x, err := newTexts(d, opts)
	if err != nil {
		return nil, err
	}
	return newStore(x, recorder{newPool(db, x.engine), hear}, opts), nil
}

type recorder struct {
	Connector
	hear func(string, []any)
}

func (r recorder) Begin(ctx context.Context, readOnly bool) (Transaction, error) {
	tx, err := r.Connector.Begin(ctx, readOnly)
	if err != nil {
		return nil, err
	}
	return recorded{tx, r.hear}, nil
}

func (r recorder) Query(ctx context.Context, text string, args []any) (Rows, error) {
	r.hear(text, args)
	return r.Connector.Query(ctx, text, args)
}

type recorded struct {
	Transaction
	hear func(string, []any)
}

func (r recorded) Exec(ctx context.Context, text string, args []any) (int64, error) {
	r.hear(text, args)
	return r.Transaction.Exec(ctx, text, args)
}

func (r recorded) Query(ctx context.Context, text string, args []any) (Rows, error) {
	r.hear(text, args)
	return r.Transaction.Query(ctx, text, args)
}

// Elsewhere is SQLite as if it were far away: with numbered placeholders, several rows
// in an INSERT, and statements that watch their context.
var Elsewhere = Dialect{func() *engine {
	e := *SQLite.engine
	e.name, e.numbered, e.rows, e.local, e.index, e.unindexed, e.tuples = "elsewhere", true, 64, false, nil, "", false
	return &e
}()}

// Prepared is the number of statements that a store has prepared.
func (s *Store) Prepared() int {
	p, _ := s.connector.(*pool)
	p.mu.RLock()
	defer p.mu.RUnlock()
	return len(p.ready)
}

// PreparedTexts are those statements.
func (s *Store) PreparedTexts() []string {
	p, _ := s.connector.(*pool)
	p.mu.RLock()
	defer p.mu.RUnlock()
	return slices.Sorted(maps.Keys(p.ready))
}
