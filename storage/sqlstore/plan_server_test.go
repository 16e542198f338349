package sqlstore_test

import (
	"context"
	"database/sql"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/orderkit/oms/fulfillment"
	"github.com/orderkit/oms/inventory"
	"github.com/orderkit/oms/order"
	"github.com/orderkit/oms/returns"
	"github.com/orderkit/oms/storage"
	"github.com/orderkit/oms/storage/sqlstore"
)

// pastDay is what a tenant has collected: n of everything, nearly all of it over.
func pastDay(t *testing.T, s storage.Store, n int) {
	t.Helper()
	const each = 500
	for first := 0; first < n; first += each {
		require.NoError(t, s.Update(t.Context(), "t", func(ctx context.Context, tx storage.Tx) error {
			for i := first; i < first+each; i++ {
				if err := pastOrder(ctx, tx, i); err != nil {
					return err
				}
			}
			return nil
		}))
	}
}

func pastOrder(ctx context.Context, tx storage.Tx, i int) error {
	item := fmt.Sprintf("item-%d", i)
	o := smallOrder(fmt.Sprint("P-", i))
	o.State, o.Customer, o.PlacedAt, o.Lines[0].Item = order.StateClosed, fmt.Sprint("c-", i%300), noon.AddDate(0, 0, -i), item
	if i%200 == 0 {
		o.State, o.PayBy = order.StateOpen, noon
		o.Holds = []order.Hold{{Owner: "o", Handle: "h", Reason: order.HoldFraud}}
	}
	work := fulfillment.Order{ID: fulfillment.ID{UUID: uuid.Must(uuid.NewV7())}, Order: o.ID, Location: fmt.Sprint("loc-", i%50), Work: fulfillment.WorkDone, Version: 1}
	parcel := fulfillment.Shipment{ID: fulfillment.ShipmentID{UUID: uuid.Must(uuid.NewV7())}, Order: o.ID, Version: 1}
	back := returns.Return{ID: returns.ID{UUID: uuid.Must(uuid.NewV7())}, Order: o.ID, Customer: o.Customer, State: returns.StateClosed, Version: 1}
	c := inventory.Changes{Posting: inventory.Posting{ID: uuid.Must(uuid.NewV7()), Reason: inventory.ReasonShip, Document: o.Number, At: noon, Movements: []inventory.Movement{
		{Item: item, From: inventory.Outside(inventory.Supplier), To: inventory.At("ber", inventory.Free), Qty: 1},
	}}, Reservations: []inventory.Reservation{
		{ReservationKey: inventory.ReservationKey{Owner: o.ID.String(), Item: item, Location: "ber"}, Released: 1, Version: 1},
	}}
	for _, write := range []func() error{
		func() error { return tx.Stock().PutItem(ctx, inventory.Item{ID: item}) },
		func() error { return tx.Stock().PutLocation(ctx, inventory.Location{ID: fmt.Sprint("loc-", i)}) },
		func() error { return tx.Orders().Save(ctx, o) },
		func() error { return tx.Fulfillments().Save(ctx, work) },
		func() error { return tx.Fulfillments().SaveShipment(ctx, parcel) },
		func() error { return tx.Returns().Save(ctx, back) },
		func() error { return tx.Stock().Apply(ctx, c) },
		func() error {
			return tx.Events().Append(ctx, []storage.Event{{ID: uuid.Must(uuid.NewV7()), Aggregate: "order/" + o.ID.String(), Kind: "k"}})
		},
		func() error { return tx.Commands().Put(ctx, storage.Command{Key: fmt.Sprint("past-", i)}) },
	} {
		if err := write(); err != nil {
			return err
		}
	}
	return nil
}

// said is a statement with its arguments.
type said struct {
	text string
	args []any
}

// literal writes the arguments into the text: not every engine explains with arguments.
func (s said) literal() string {
	n := 0
	return regexp.MustCompile(`\?|\$\d+`).ReplaceAllStringFunc(s.text, func(mark string) string {
		i := n
		if number, err := strconv.Atoi(strings.TrimPrefix(mark, "$")); err == nil {
			i = number - 1
		}
		n++
		switch v := s.args[i].(type) {
		case nil:
			return "NULL"
		case string:
			return "'" + strings.ReplaceAll(v, "'", "''") + "'"
		default:
			return fmt.Sprint(v)
		}
	})
}

// wideSteps are the steps of a plan that read a whole table, or all that a tenant has in
// it without an order that ends a page early.
var wideSteps = map[string]func(t *testing.T, db *sql.DB, text string) []string{
	"postgres": func(t *testing.T, db *sql.DB, text string) []string {
		t.Helper()
		var wide []string
		for _, step := range column(t, db, "EXPLAIN (COSTS OFF) "+text) {
			if regexp.MustCompile(`Seq Scan on|Index Cond: \(+tenant = '[^']*'::text\)+$`).MatchString(step) {
				wide = append(wide, step)
			}
		}
		return wide
	},
	"mysql": func(t *testing.T, db *sql.DB, text string) []string {
		t.Helper()
		rows, err := db.QueryContext(t.Context(), "EXPLAIN "+text)
		require.NoError(t, err, text)
		defer func() { require.NoError(t, rows.Close()) }()
		var wide []string
		for rows.Next() {
			var id, kind, table, access, possible, key, length, ref, estimate, extra sql.NullString
			require.NoError(t, rows.Scan(&id, &kind, &table, &access, &possible, &key, &length, &ref, &estimate, &extra))
			derived := strings.HasPrefix(table.String, "<") || table.String == "" // of rows that other steps have read
			if !derived && (access.String == "ALL" || access.String == "index" || access.String == "ref" && ref.String == "const") {
				wide = append(wide, fmt.Sprint(table.String, " ", access.String, " ", key.String, " ", extra.String))
			}
		}
		require.NoError(t, rows.Err())
		return wide
	},
}

func TestNothingThatACommandDoesReadsMoreThanItNeedsOnServers(t *testing.T) {
	t.Parallel()
	onBackends(t, func(t *testing.T, b backend) {
		t.Helper()
		wideSteps := wideSteps[b.name]
		if wideSteps == nil {
			return // plan_test.go asks SQLite
		}
		db := b.migrated(t)(t)
		var heard []said
		s, err := sqlstore.OpenRecorded(db, b.dialect, func(text string, args []any) { heard = append(heard, said{text, args}) })
		require.NoError(t, err)
		pastDay(t, s, 6000)
		for last, page := int64(0), []storage.Event(nil); ; last = page[len(page)-1].Seq { // somebody follows the log
			require.NoError(t, s.Update(t.Context(), "t", func(ctx context.Context, tx storage.Tx) (err error) {
				page, err = tx.Events().Since(ctx, last, 1000)
				return err
			}))
			if len(page) < 1000 {
				break
			}
		}
		stockUp(t, s, 600)
		tables := column(t, db, map[string]string{
			"postgres": "SELECT table_name FROM information_schema.tables WHERE table_schema = current_schema()",
			"mysql":    "SELECT table_name FROM information_schema.tables WHERE table_schema = database()",
		}[b.name])
		for _, table := range tables {
			_, err := db.ExecContext(t.Context(), map[string]string{"postgres": "ANALYZE ", "mysql": "ANALYZE TABLE "}[b.name]+table)
			require.NoError(t, err)
		}
		asked := map[string]bool{}
		for name, work := range hotPaths() {
			heard = nil
			require.NoError(t, s.Update(t.Context(), "t", work), name)
			for _, h := range heard {
				switch {
				case asked[h.text], strings.Contains(h.text, "SAVEPOINT"), strings.HasPrefix(h.text, "INSERT"),
					strings.Contains(h.text, "_feeds"),               // of which a tenant has one row
					strings.HasPrefix(h.text, "SELECT posting FROM"): // any one posting, of an item that has many
					continue
				}
				asked[h.text] = true
				require.Empty(t, wideSteps(t, db, h.literal()), "%s: %s", name, h.literal())
			}
		}
		require.Greater(t, len(asked), 40)
	})
}
