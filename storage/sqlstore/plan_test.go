package sqlstore_test

import (
	"context"
	"database/sql"
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/orderkit/oms/fulfillment"
	"github.com/orderkit/oms/inventory"
	"github.com/orderkit/oms/order"
	"github.com/orderkit/oms/returns"
	"github.com/orderkit/oms/storage"
	"github.com/orderkit/oms/storage/sqlstore"
)

// heard collects the statements that run while fn does.
type heard struct {
	texts []string
	seen  map[string]bool
}

func (h *heard) hear(text string, _ []any) {
	if !h.seen[text] && !strings.Contains(text, "SAVEPOINT") {
		h.seen[text] = true
		h.texts = append(h.texts, text)
	}
}

// plan asks SQLite how it would run a statement.
func plan(t *testing.T, db *sql.DB, text string) []string {
	t.Helper()
	rows, err := db.QueryContext(t.Context(), "EXPLAIN QUERY PLAN "+text, make([]any, strings.Count(text, "?"))...)
	require.NoError(t, err, text)
	defer func() { require.NoError(t, rows.Close()) }()
	var steps []string
	for rows.Next() {
		var id, parent, unused int
		var step string
		require.NoError(t, rows.Scan(&id, &parent, &unused, &step))
		steps = append(steps, step)
	}
	require.NoError(t, rows.Err())
	return steps
}

// wide is a step that reads a table, or all that a tenant has in it.
var wide = regexp.MustCompile(`^(SCAN oms_|SCAN [a-z]$|SCAN \w+ USING|SEARCH .*\(tenant=\?\)$)`)

func TestNothingThatACommandDoesReadsMoreThanItNeeds(t *testing.T) {
	t.Parallel()
	db := newDB(t, "")
	require.NoError(t, sqlstore.Migrate(t.Context(), db, sqlstore.SQLite))
	h := &heard{seen: map[string]bool{}}
	s, err := sqlstore.OpenRecorded(db, sqlstore.SQLite, h.hear)
	require.NoError(t, err)
	stockUp(t, s, 600)
	for name, work := range hotPaths() {
		h.texts, h.seen = nil, map[string]bool{}
		require.NoError(t, s.Update(t.Context(), "t", work), name)
		require.Greater(t, len(h.texts), 1, "%s runs no statement", name)
		for _, text := range h.texts[1:] { // the first takes the lock
			for _, step := range plan(t, db, text) {
				if strings.Contains(text, "oms_feeds") {
					continue // a tenant has one row there
				}
				require.NotRegexp(t, wide, step, "%s: %s", name, text)
			}
		}
	}
}

// stockUp makes n postings of one movement, and a reservation each, of one item.
func stockUp(t *testing.T, s storage.Store, n int) {
	t.Helper()
	require.NoError(t, s.Update(t.Context(), "t", func(ctx context.Context, tx storage.Tx) error {
		for i := range n {
			c := inventory.Changes{Posting: inventory.Posting{ID: uuid.Must(uuid.NewV7()), Reason: inventory.ReasonFound, Document: "doc", At: noon, Movements: []inventory.Movement{
				{Item: "tee", From: inventory.Outside(inventory.Shrink), To: inventory.At("ber", inventory.Soft), Qty: 1},
			}}, Reservations: []inventory.Reservation{
				{ReservationKey: inventory.ReservationKey{Owner: fmt.Sprintf("cart-%04d", i), Item: "tee", Location: "ber"}, Soft: 1, Until: noon, Version: 1},
			}}
			if err := tx.Stock().Apply(ctx, c); err != nil {
				return err
			}
			if err := tx.Stock().PutLevel(ctx, inventory.Level{Item: fmt.Sprintf("item-%04d", i), Location: "ber", Version: 1}); err != nil {
				return err
			}
			if err := tx.Events().Append(ctx, []storage.Event{{ID: uuid.Must(uuid.NewV7()), Aggregate: "stock/tee", Kind: "k", At: noon}}); err != nil {
				return err
			}
		}
		if err := tx.Stock().PutItem(ctx, inventory.Item{ID: "tee"}); err != nil {
			return err
		}
		return tx.Stock().PutLevel(ctx, inventory.Level{Item: "tee", Location: "ham", Version: 1})
	}))
}

func hotPaths() map[string]func(context.Context, storage.Tx) error {
	paths := map[string]func(context.Context, storage.Tx) error{
		"Load": func(ctx context.Context, tx storage.Tx) error {
			snap, err := tx.Stock().Load(ctx, inventory.Need{Items: []string{"tee", "mug", "cap"}, Owner: "cart-0001", Locations: []string{"ber"}, Now: noon})
			if err == nil && len(snap.Expired) != 600 {
				err = fmt.Errorf("%d expired", len(snap.Expired))
			}
			return err
		},
		"ScanFree":         scanning(3, 1),
		"ScanFree of many": scanning(32, 17),
		"Find": func(ctx context.Context, tx storage.Tx) error {
			_, _, err := tx.Commands().Find(ctx, "key")
			return err
		},
		"Since": func(ctx context.Context, tx storage.Tx) error {
			_, err := tx.Events().Since(ctx, 3, 10)
			return err
		},
		"After": func(ctx context.Context, tx storage.Tx) error {
			_, err := tx.Events().After(ctx, "stock/tee", 3, 10)
			return err
		},
		"Deliveries": func(ctx context.Context, tx storage.Tx) error {
			if _, err := tx.Deliveries().Cursors(ctx, "mailer"); err != nil {
				return err
			}
			_, err := tx.Deliveries().Letters(ctx, "mailer", 0)
			return err
		},
		"Documents": func(ctx context.Context, tx storage.Tx) error {
			if _, err := tx.Documents().Find(ctx, "plan", "a", "b"); err != nil {
				return err
			}
			last := storage.Document{Parent: "tee", Rank: 1, ID: "a"}
			for _, f := range []storage.DocumentFilter{
				{Live: true}, {Parents: []string{"tee"}, Live: true, Before: 9}, {Parents: []string{"tee"}, Last: true, Limit: 1}, {Parents: []string{"a", "b"}, After: &last},
			} {
				if _, err := tx.Documents().List(ctx, "plan", f); err != nil {
					return err
				}
			}
			return nil
		},
		"Of": func(ctx context.Context, tx storage.Tx) error { return drain(tx.Events().Of(ctx, "stock/tee")) },
		"PutItem": func(ctx context.Context, tx storage.Tx) error {
			err := tx.Stock().PutItem(ctx, inventory.Item{ID: "tee", Untracked: true})
			if err == nil {
				return fmt.Errorf("untracked with postings")
			}
			return nil
		},
		"Posting": func(ctx context.Context, tx storage.Tx) error {
			_, err := tx.Stock().Posting(ctx, uuid.New())
			return ignore(err, inventory.ErrNotFound)
		},
		"postings of an item": func(ctx context.Context, tx storage.Tx) error {
			return drain(tx.Stock().ListPostings(ctx, inventory.PostingFilter{Item: "tee", Until: noon}))
		},
		"postings of a document": func(ctx context.Context, tx storage.Tx) error {
			return drain(tx.Stock().ListPostings(ctx, inventory.PostingFilter{Document: "doc", Item: "tee"}))
		},
		"movements of an item": func(ctx context.Context, tx storage.Tx) error {
			last := inventory.Place{At: noon, Posting: uuid.New()}
			for _, f := range []inventory.MovementFilter{
				{Item: "tee", Last: true, Limit: 50}, {Item: "tee", After: &last, Last: true, Location: "ber", State: inventory.Free, From: noon, Limit: 50},
				{Item: "tee", Document: "doc", Before: noon, After: &last}, {Item: "tee", After: &inventory.Place{}},
			} {
				if err := drain(tx.Stock().ListMovements(ctx, f)); err != nil {
					return err
				}
			}
			return nil
		},
		"sums of movements": func(ctx context.Context, tx storage.Tx) error {
			for _, s := range []inventory.Span{{Until: inventory.EndOf(noon)}, {After: inventory.EndOf(noon), Until: inventory.EndOf(noon)}, {}} {
				if _, err := tx.Stock().SumMovements(ctx, "tee", s); err != nil {
					return err
				}
			}
			return nil
		},
		"reservations of an owner": func(ctx context.Context, tx storage.Tx) error {
			return drain(tx.Stock().ListReservations(ctx, inventory.ReservationFilter{Owner: "cart-0001", Open: true}))
		},
		"Returns": func(ctx context.Context, tx storage.Tx) error {
			_, err := tx.Returns().OfOrder(ctx, order.ID{UUID: uuid.New()})
			return err
		},
		"Fulfillments": func(ctx context.Context, tx storage.Tx) error {
			if _, err := tx.Fulfillments().OfOrder(ctx, order.ID{UUID: uuid.New()}); err != nil {
				return err
			}
			_, err := tx.Fulfillments().ShipmentsOf(ctx, order.ID{UUID: uuid.New()})
			return err
		},
		"ids": func(ctx context.Context, tx storage.Tx) error {
			_, err := tx.Orders().Get(ctx, order.ID{UUID: uuid.New()})
			if err = ignore(err, order.ErrNotFound); err != nil {
				return err
			}
			_, err = tx.Orders().ByNumber(ctx, "A-1")
			return ignore(err, order.ErrNotFound)
		},
		"writes": everyWrite,
	}
	addPages(paths)
	return paths
}

// scanning reads the free units of items, most of which are not there, at some locations.
func scanning(items, places int) func(context.Context, storage.Tx) error {
	n := inventory.Need{Items: []string{"tee"}, Locations: []string{"ber"}, Now: noon}
	for i := range items - 1 {
		n.Items = append(n.Items, fmt.Sprint("none-", i))
	}
	for i := range places - 1 {
		n.Locations = append(n.Locations, fmt.Sprint("nowhere-", i))
	}
	return func(ctx context.Context, tx storage.Tx) error {
		snap, err := tx.Stock().ScanFree(ctx, n, func(inventory.FreeUnits) {})
		if err == nil && len(snap.Expired) != 600 {
			err = fmt.Errorf("%d expired", len(snap.Expired))
		}
		return err
	}
}

func addPages(paths map[string]func(context.Context, storage.Tx) error) {
	open, several := []order.State{order.StateOpen}, []order.State{order.StatePlaced, order.StateOpen}
	for _, f := range []order.Filter{
		{}, {States: open}, {States: several}, {States: open, PayBefore: noon}, {States: several, PayBefore: noon}, {PayBefore: noon},
		{Customer: "c"}, {Customer: "c", States: several}, {Item: "x"}, {Item: "x", States: several, Customer: "c"},
		{Payment: order.PaymentPaid}, {Payment: order.PaymentNone, States: open}, {OnHold: true}, {OnHold: true, States: several},
		{Fulfillment: order.FulfillmentPartial}, {Fulfillment: order.FulfillmentNone}, {Return: order.ReturnOpen}, {Return: order.ReturnNone, States: open},
		{PlacedFrom: noon}, {PlacedTo: noon}, {PlacedFrom: noon, PlacedTo: noon.Add(time.Hour)}, {PlacedFrom: noon, PlacedTo: noon.Add(time.Hour), States: several},
	} {
		paths[fmt.Sprintf("page of orders %+v", f)] = func(ctx context.Context, tx storage.Tx) error { _, err := tx.Orders().Page(ctx, f); return err }
	}
	for _, f := range []fulfillment.Filter{
		{}, {Location: "ber"}, {Work: []fulfillment.WorkState{"open", "packing"}}, {Location: "ber", Work: []fulfillment.WorkState{"open", "done"}},
	} {
		paths[fmt.Sprintf("page of work %+v", f)] = func(ctx context.Context, tx storage.Tx) error { _, err := tx.Fulfillments().Page(ctx, f); return err }
	}
	for _, f := range []returns.Filter{{}, {Customer: "c"}, {States: []returns.State{"requested", "approved"}}, {Customer: "c", States: []returns.State{"requested"}}} {
		paths[fmt.Sprintf("page of returns %+v", f)] = func(ctx context.Context, tx storage.Tx) error { _, err := tx.Returns().Page(ctx, f); return err }
	}
}

// restatements are one of a row that is not there, and then of that row.
func restatements(version int64) []inventory.Restated {
	r := inventory.Restated{Have: inventory.Balance{Key: inventory.Key{Item: "lost", Location: "ber"}}}
	r.Want = r.Have
	r.Have.Set(inventory.Held, version-1)
	r.Want.Set(inventory.Held, version)
	return []inventory.Restated{r}
}

// everyWrite adds one of each aggregate and changes it.
func everyWrite(ctx context.Context, tx storage.Tx) error {
	o := order.Order{ID: order.ID{UUID: uuid.Must(uuid.NewV7())}, Number: "N-1", Currency: order.MustCurrency("EUR"), Lines: []order.Line{{No: 1, Item: "tee"}}}
	w := fulfillment.Order{ID: fulfillment.ID{UUID: uuid.Must(uuid.NewV7())}, Order: o.ID}
	p := fulfillment.Shipment{ID: fulfillment.ShipmentID{UUID: uuid.Must(uuid.NewV7())}, Order: o.ID}
	r := returns.Return{ID: returns.ID{UUID: uuid.Must(uuid.NewV7())}, Order: o.ID}
	key := inventory.ReservationKey{Owner: o.ID.String(), Item: "tee", Location: "ber"}
	for version := int64(1); version < 3; version++ {
		o.Version, w.Version, p.Version, r.Version = version, version, version, version
		o.Lines[0].Ordered, o.Lines[0].Unreserved = version, version
		c := inventory.Changes{Posting: inventory.Posting{ID: uuid.Must(uuid.NewV7()), At: noon, Movements: []inventory.Movement{
			{Item: "tee", From: inventory.At("ber", inventory.Soft), To: inventory.At("ber", inventory.Committed), Qty: 1},
		}}, Reservations: []inventory.Reservation{{ReservationKey: key, Committed: version, Version: version}}}
		for _, write := range []func() error{
			func() error { return tx.Orders().Save(ctx, o) },
			func() error { return tx.Fulfillments().Save(ctx, w) },
			func() error { return tx.Fulfillments().SaveShipment(ctx, p) },
			func() error { return tx.Returns().Save(ctx, r) },
			func() error { return tx.Stock().Apply(ctx, c) },
			func() error { return tx.Stock().PutLocation(ctx, inventory.Location{ID: "ber"}) },
			func() error { return tx.Stock().Restate(ctx, restatements(version)) },
			func() error {
				return tx.Stock().PutLevel(ctx, inventory.Level{Item: "tee", Location: "ber", Version: version})
			},
			func() error {
				return tx.Events().Append(ctx, []storage.Event{{Aggregate: "a", Version: version, Kind: "k"}})
			},
			func() error { return tx.Commands().Put(ctx, storage.Command{Key: fmt.Sprint("key-", version)}) },
			func() error {
				return tx.Deliveries().SaveCursor(ctx, storage.Cursor{Consumer: "mailer", Shards: 1, Version: version})
			},
			func() error {
				return tx.Deliveries().SaveLetter(ctx, storage.Letter{Consumer: "mailer", Aggregate: "a", Version: version})
			},
		} {
			if err := write(); err != nil {
				return err
			}
		}
	}
	o.Version, o.Lines = 3, nil
	if err := tx.Deliveries().DropLetter(ctx, "mailer", 0, "a"); err != nil {
		return err
	}
	return tx.Orders().Save(ctx, o)
}
