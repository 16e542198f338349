package sqlstore

import (
	"context"
	"database/sql"
	"maps"
	"regexp"
	"slices"
	"strings"
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

// Sure is the form of an UPDATE or DELETE of one row that a commit may travel behind; the
// statement itself where the engine has none.
func (d Dialect) Sure(text string) string {
	if d.engine.sure == nil {
		return text
	}
	return d.engine.sure(text, 1)
}

// Holds are the statements of a dialect that lock the rows which an Update has lost.
func (d Dialect) Holds() []string {
	x := &texts{engine: d.engine, prefix: "oms_"}
	var all []string
	for _, t := range tables {
		if t.version > 0 || t == orderLinesTable || t == balancesTable {
			all = append(all, x.fixed(t.held(d.engine.lock)))
		}
	}
	return all
}

// OpenWritten is OpenRecorded of a SQLite file that is written to as if it were another
// engine: hear gets the statements of d, which need no server of it that way.
func OpenWritten(db *sql.DB, d Dialect, hear func(text string)) (*Store, error) {
	e := *SQLite.engine
	e.numbered, e.lock, e.index, e.unindexed = d.engine.numbered, d.engine.lock, d.engine.index, d.engine.unindexed
	e.tuples, e.rows, e.upsert, e.whole, e.gathers = d.engine.tuples, d.engine.rows, d.engine.upsert, d.engine.whole, d.engine.gathers
	x, err := newTexts(Dialect{&e}, nil)
	if err != nil {
		return nil, err
	}
	return newStore(x, writtenConnector{newPool(db, x.engine), x.fixed(e.claim), hear}, nil), nil
}

type writtenConnector struct {
	Connector
	claim string // which no other engine has
	hear  func(string)
}

func (w writtenConnector) Query(ctx context.Context, text string, args []any) (Rows, error) {
	return w.Connector.Query(ctx, w.understood(text), args)
}

func (w writtenConnector) Begin(ctx context.Context, readOnly bool) (Transaction, error) {
	tx, err := w.Connector.Begin(ctx, readOnly)
	if err != nil {
		return nil, err
	}
	return written{tx, w}, nil
}

type written struct {
	Transaction
	of writtenConnector
}

func (w written) Exec(ctx context.Context, text string, args []any) (int64, error) {
	return w.Transaction.Exec(ctx, w.of.understood(text), args)
}

func (w written) Query(ctx context.Context, text string, args []any) (Rows, error) {
	return w.Transaction.Query(ctx, w.of.understood(text), args)
}

var (
	valuesOf = regexp.MustCompile(`VALUES\((\w+)\)`)
	hints    = regexp.MustCompile(` FORCE INDEX \(\w+\)| FOR UPDATE$`)
)

// understood hears a text and writes what SQLite does not know in its own way.
func (w writtenConnector) understood(text string) string {
	if text != w.claim {
		w.hear(text)
	}
	text = strings.Replace(text, "ON DUPLICATE KEY UPDATE", "ON CONFLICT DO UPDATE SET", 1)
	return hints.ReplaceAllString(valuesOf.ReplaceAllString(text, "excluded.$1"), "")
}
