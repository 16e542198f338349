package sqlstore_test

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"sync"
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

var update = flag.Bool("update", false, "rewrite the golden files")

// statementFiles hold what the library says to servers, in the order of the alphabet: to
// be read, and to be checked by those who know an engine. go test -run StatementFiles -update
// writes them anew.
var statementFiles = map[string]string{"postgres": "testdata/statements.postgres.sql", "mysql": "testdata/statements.mysql.sql"}

func TestTheStatementFilesAreTrue(t *testing.T) {
	t.Parallel()
	for _, d := range []sqlstore.Dialect{sqlstore.Postgres, sqlstore.MySQL} {
		t.Run(d.String(), func(t *testing.T) {
			t.Parallel()
			text := "-- The statements of the library, for " + d.String() + ". An INSERT may have more rows, a list more\n" +
				"-- values, an UPDATE another choice of columns, a page more or fewer conditions.\n\n" +
				strings.Join(spoken(t, d), ";\n\n") + ";\n"
			file := statementFiles[d.String()]
			if *update {
				require.NoError(t, os.WriteFile(file, []byte(text), 0o600))
			}
			had, err := os.ReadFile(file)
			require.NoError(t, err)
			require.Equal(t, string(had), text, "if the change is meant, run the test with -update and look at the diff")
		})
	}
}

// spoken are the statements of a dialect that all hot paths and lists make.
func spoken(t *testing.T, d sqlstore.Dialect) []string {
	t.Helper()
	db := newDB(t, "")
	require.NoError(t, sqlstore.Migrate(t.Context(), db, sqlstore.SQLite))
	texts := map[string]bool{}
	var mu sync.Mutex
	s, err := sqlstore.OpenWritten(db, d, func(text string) {
		mu.Lock()
		defer mu.Unlock()
		texts[strings.Join(strings.Fields(text), " ")] = true
	})
	require.NoError(t, err)
	stockUp(t, s, 600)
	clear(texts) // how many rows went into one INSERT there is chance
	for name, work := range maps.All(hotPaths()) {
		if name == "writes" {
			continue
		}
		require.NoError(t, s.Update(t.Context(), "t", work), name)
	}
	require.NoError(t, s.Update(t.Context(), "t", everyWrite))
	require.NoError(t, s.Update(t.Context(), "t", everyList))
	for text := range maps.Clone(texts) {
		if strings.HasPrefix(text, "UPDATE") || strings.HasPrefix(text, "DELETE") {
			texts[d.Sure(text)] = true
		}
	}
	for _, text := range d.Holds() {
		texts[text] = true
	}
	return slices.Sorted(maps.Keys(texts))
}

// everyList reads what everyWrite wrote, and lists of more than a page.
func everyList(ctx context.Context, tx storage.Tx) error {
	c := inventory.Changes{Posting: inventory.Posting{ID: uuid.Must(uuid.NewV7()), At: noon}}
	for i := range 501 {
		id := fmt.Sprintf("many-%04d", i)
		c.Posting.Movements = append(c.Posting.Movements, inventory.Movement{Item: id, From: inventory.Outside(inventory.Shrink), To: inventory.At("ber", inventory.Free), Qty: 1})
		if err := errors.Join(tx.Stock().PutItem(ctx, inventory.Item{ID: id}), tx.Stock().PutLocation(ctx, inventory.Location{ID: id})); err != nil {
			return err
		}
	}
	another := order.Order{ID: order.ID{UUID: uuid.Must(uuid.NewV7())}, Version: 1, Currency: order.MustCurrency("EUR")}
	if err := errors.Join(tx.Stock().Apply(ctx, c), tx.Orders().Save(ctx, another)); err != nil {
		return err
	}
	page, err := tx.Orders().Page(ctx, order.Filter{})
	if err != nil || len(page) != 2 {
		return fmt.Errorf("%d orders: %w", len(page), err)
	}
	if some, err := tx.Orders().Page(ctx, order.Filter{Return: order.ReturnNone}); err != nil || len(some) != 2 {
		return fmt.Errorf("%d orders without a return: %w", len(some), err)
	}
	if _, err := tx.Orders().Page(ctx, order.Filter{Channel: "web", Fulfillment: order.FulfillmentNone}); err != nil {
		return err
	}
	_, err = tx.Orders().Get(ctx, another.ID)
	_, none := tx.Fulfillments().Get(ctx, fulfillment.ID{UUID: uuid.New()})
	_, nothing := tx.Fulfillments().Shipment(ctx, fulfillment.ShipmentID{UUID: uuid.New()})
	_, neither := tx.Returns().Get(ctx, returns.ID{UUID: uuid.New()})
	return errors.Join(
		err, ignore(none, fulfillment.ErrNotFound), ignore(nothing, fulfillment.ErrNotFound), ignore(neither, returns.ErrNotFound),
		drain(tx.Stock().ListItems(ctx)), drain(tx.Stock().ListLocations(ctx)), drain(tx.Stock().ListLevels(ctx)), drain(tx.Stock().ListBalances(ctx)),
		drain(tx.Stock().ListPostings(ctx, inventory.PostingFilter{})), drain(tx.Stock().ListReservations(ctx, inventory.ReservationFilter{})),
		drain(tx.Stock().ListReservations(ctx, inventory.ReservationFilter{Item: "tee", Open: true})),
		tx.Savepoint(ctx, func(ctx context.Context) error { return tx.Stock().PutItem(ctx, inventory.Item{ID: "mug"}) }),
	)
}

// written reads the statements of a file.
func written(t *testing.T, dialect string) []string {
	t.Helper()
	if statementFiles[dialect] == "" {
		return nil // SQLite is of one machine
	}
	text, err := os.ReadFile(statementFiles[dialect])
	require.NoError(t, err)
	return split(string(text))
}

// split gives the statements of a script, each in one line.
func split(script string) []string {
	var out []string
	for s := range strings.SplitSeq(regexp.MustCompile(`(?m)^--.*$`).ReplaceAllString(script, ""), ";\n") {
		if s = strings.Join(strings.Fields(s), " "); s != "" {
			out = append(out, s)
		}
	}
	return out
}

// ends are what a savepoint may say beside the statements of the files.
var ends = []string{"ROLLBACK TO SAVEPOINT oms_savepoint_1"}
