package faults_test

import (
	"context"
	"crypto/rand"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/go-sql-driver/mysql"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/stretchr/testify/require"

	"github.com/orderkit/oms"
	"github.com/orderkit/oms/internal/engines"
	"github.com/orderkit/oms/inventory"
	"github.com/orderkit/oms/order"
	"github.com/orderkit/oms/storage"
)

// everything is all that the tenant has, as text.
func (s *shop) everything(t *testing.T) string {
	t.Helper()
	var out strings.Builder
	err := s.store.View(t.Context(), "", func(ctx context.Context, tx storage.Tx) error {
		var errs []error
		add := func(v any, err error) { errs = append(errs, err, json.NewEncoder(&out).Encode(v)) }
		for v, err := range tx.Stock().ListBalances(ctx) {
			add(fmt.Sprint(v), err)
		}
		for v, err := range tx.Stock().ListReservations(ctx, inventory.ReservationFilter{}) {
			add(v, err)
		}
		for v, err := range tx.Stock().ListPostings(ctx, inventory.PostingFilter{}) {
			add(v, err)
		}
		for o, err := range order.Pages(order.Filter{}, func(f order.Filter) ([]order.Order, error) { return tx.Orders().Page(ctx, f) }) {
			add(o, err)
			add(picture(ctx, tx, o.ID))
		}
		return errors.Join(errs...)
	})
	require.NoError(t, err)
	return out.String()
}

// refused fails the test unless an error is the database's own refusal: neither a
// conflict, which would be tried again, nor one that leaves the outcome open.
func refused(t *testing.T, err error, why string) {
	t.Helper()
	require.ErrorContains(t, err, why)
	require.NotErrorIs(t, err, storage.ErrConflict)
	require.NotErrorIs(t, err, storage.ErrUnknown)
}

// TestAFullDiskRefusesAndForgives lets SQLite files grow by a few pages only. A command
// that has no room is refused whole; with room again it is done under the same key.
func TestAFullDiskRefusesAndForgives(t *testing.T) {
	t.Parallel()
	if !engines.Wanted("sqlite") {
		return
	}
	const perFile = 6
	full := 0
	for total := times(t, perFile); full < total; {
		full += fillDisk(t, min(perFile, total-full))
	}
	t.Logf("full disk on sqlite: %d commands refused whole, each done once there was room, 0 lost, 0 done twice", full)
}

// fillDisk has at least so many commands meet the limit of one file.
func fillDisk(t *testing.T, faults int) (full int) {
	t.Helper()
	b := backends[0]
	db := b.open(t, b.blank(t))
	db.SetMaxOpenConns(1) // the limit is that of a connection
	s := b.shop(t, db)
	s.furnish(t)
	album := s.album(t)
	limit := func(pages int) {
		var now int
		require.NoError(t, db.QueryRowContext(t.Context(), "PRAGMA page_count").Scan(&now))
		var got int
		require.NoError(t, db.QueryRowContext(t.Context(), fmt.Sprintf("PRAGMA max_page_count(%d)", now+pages)).Scan(&got))
		require.Equal(t, now+pages, got)
	}
	var names []string
	for full < faults {
		limit(full % 4)
		name := fmt.Sprintf("story-full-%d", len(names))
		names = append(names, name)
		st := &story{name: name}
		for no := range steps {
			before := s.everything(t)
			_, err := st.run(t.Context(), s.Engine, no)
			if err == nil {
				continue
			}
			full++
			refused(t, err, "full")
			require.Equal(t, before, s.everything(t), "a refused command leaves no trace")
			err = s.Atomically(t.Context(), func(ctx context.Context, k *oms.Engine) error {
				for i := range 100 { // some of them find room
					if _, err := k.Stock.Receive(ctx, inventory.Receipt{Item: "tee", Location: "ber", Qty: 1, Ref: fmt.Sprint(i)}); err != nil {
						return err
					}
				}
				return nil
			})
			refused(t, err, "full")
			require.Equal(t, before, s.everything(t), "nor do several in one transaction")
			s.verify(t)
			limit(1000)
			_, err = st.run(t.Context(), s.Engine, no)
			require.NoError(t, err, "there is room again")
			limit(full % 4)
		}
		limit(1000)
	}
	s.finish(t, names, album)
	s.count(t, 1+len(names))
	s.verify(t)
	return full
}

// TestAReadOnlyDatabaseRefusesAndForgives opens a database such that nobody may write.
func TestAReadOnlyDatabaseRefusesAndForgives(t *testing.T) {
	t.Parallel()
	why := map[string]string{"sqlite": "readonly", "postgres": "read-only", "mysql": "denied"}
	onBackends(t, func(t *testing.T, b backend) {
		dsn := b.blank(t)
		open := b.shop(t, b.open(t, dsn))
		open.furnish(t)
		album := open.album(t)
		closed, end, err := b.shopOver(readOnly(t, b, dsn))
		require.NoError(t, err)
		t.Cleanup(end)
		st := &story{name: "story-read-only"}
		for no := range steps {
			before := open.everything(t)
			_, err := st.run(t.Context(), closed.Engine, no)
			refused(t, err, why[b.engine])
			require.Equal(t, before, open.everything(t), "a refused command leaves no trace")
			require.Equal(t, before, closed.everything(t), "reading goes on")
			closed.verify(t)
			_, err = st.run(t.Context(), open.Engine, no)
			require.NoError(t, err)
		}
		open.finish(t, []string{st.name}, album)
		closed.count(t, 2)
		t.Logf("%s read-only: %d commands refused whole, each done once writing was allowed", b.name, len(steps))
	})
}

// readOnly opens a pool on a database that may only read.
func readOnly(t *testing.T, b backend, dsn string) *sql.DB {
	t.Helper()
	switch b.engine {
	case "sqlite":
		return b.open(t, dsn+"&mode=ro")
	case "postgres":
		config, err := pgx.ParseConfig(dsn)
		require.NoError(t, err)
		config.RuntimeParams["default_transaction_read_only"] = "on"
		db := stdlib.OpenDB(*config)
		t.Cleanup(func() { _ = db.Close() })
		return db
	}
	config, err := mysql.ParseDSN(dsn)
	require.NoError(t, err)
	user, admin := "oms_"+strings.ToLower(rand.Text()[:12]), b.open(t, dsn)
	run := func(statement string) {
		_, err := admin.ExecContext(context.WithoutCancel(t.Context()), statement)
		require.NoError(t, err)
	}
	run("CREATE USER " + user + " IDENTIFIED BY 'reader'")
	t.Cleanup(func() { run("DROP USER " + user) })
	run("GRANT SELECT ON " + config.DBName + ".* TO " + user)
	config.User, config.Passwd = user, "reader"
	return b.open(t, config.FormatDSN())
}
