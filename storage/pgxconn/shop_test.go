package pgxconn_test

import (
	"context"
	"fmt"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"

	"github.com/orderkit/oms"
	"github.com/orderkit/oms/internal/engines"
	"github.com/orderkit/oms/inventory"
	"github.com/orderkit/oms/order"
	"github.com/orderkit/oms/storage"
	"github.com/orderkit/oms/storage/pgxconn"
	"github.com/orderkit/oms/storage/sqlstore"
)

const shopItems = 200

var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

func itemID(n int) string { return fmt.Sprintf("item-%04d", n%shopItems) }

func newID() string { return uuid.Must(uuid.NewV7()).String() }

// pastID is the id of an order that was there before.
func pastID(n int) string { return fmt.Sprintf("%08x-0000-7000-8000-000000000000", n) }

// newPool is a pool on a database with past orders, and 200 items in stock.
func newPool(tb testing.TB, l load) *pgxpool.Pool {
	tb.Helper()
	pool := engines.DurablePostgres(tb).Pgx(tb, int32(l.connections)) //nolint:gosec // small
	require.NoError(tb, pgxconn.Migrate(tb.Context(), pool))
	for _, text := range []string{
		`INSERT INTO oms_locations VALUES ('t', 'ber', 'Berlin', 0, NULL, NULL, 'DE', 0)`,
		`INSERT INTO oms_items SELECT 't', 'item-' || lpad(n::text, 4, '0'), 'sku', 'An item', 0, 0, 0, 0 FROM generate_series(0, 199) n`,
		`INSERT INTO oms_stock_balances SELECT 't', 'item-' || lpad(n::text, 4, '0'), 'ber', '', 500000000000, 0, 0, 0, 0, 0, 0, 0 FROM generate_series(0, 199) n`,
	} {
		_, err := pool.Exec(tb.Context(), text)
		require.NoError(tb, err)
	}
	const id = `lpad(to_hex(n), 8, '0') || '-0000-7000-8000-000000000000'`
	for _, text := range []string{
		`INSERT INTO oms_orders SELECT 't', ` + id + `, 'P-' || n, 1, 'closed', 'web', 'c-' || n % 1000, 'EUR', 5863, 0, 'none', 'full', 'none', 0, NULL, 1772366400000000, 1772366400000000, '` + floorBody + `'
			FROM generate_series(1, $1::bigint) n`,
		`INSERT INTO oms_order_lines SELECT 't', ` + id + `, l, 'item-' || lpad(((n * 7 + l * 61) % 200)::text, 4, '0'), 'TEE-M-BLUE', 'T-shirt, medium, blue', '19.9', '0.19', 1, 0, 1990, 1505, 286, 1791,
			1, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, '0:199', NULL FROM generate_series(1, $1::bigint) n, generate_series(1, 3) l`,
		`INSERT INTO oms_reservations SELECT 't', 'order/' || ` + id + `, l, 'item-' || lpad(((n * 7 + l * 61) % 200)::text, 4, '0'), 'ber', '', 0, 0, 0, 0, 1, 0, 0, NULL, 2
			FROM generate_series(1, $1::bigint) n, generate_series(1, 3) l`,
		`INSERT INTO oms_stock_movements SELECT 't', ` + id + `, l, 'reserve', ` + id + `, '', 1772366400000000, 'item-' || lpad(((n * 7 + l * 61) % 200)::text, 4, '0'), '', 'ber', 'free', 'ber', 'committed', 1
			FROM generate_series(1, $1::bigint) n, generate_series(1, 3) l`,
		`INSERT INTO oms_events SELECT 't', 'order/' || ` + id + `, 1, ` + id + `, n, 'order.placed', 1772366400000000, 'shop', '{}' FROM generate_series(1, $1::bigint) n`,
		`INSERT INTO oms_commands SELECT 't', 'past-' || n, 'orders.place', 'hash', ` + id + `, 1772366400000000 FROM generate_series(1, $1::bigint) n`,
	} {
		_, err := pool.Exec(tb.Context(), text, past(tb))
		require.NoError(tb, err)
	}
	_, err := pool.Exec(tb.Context(), "ANALYZE")
	require.NoError(tb, err)
	return pool
}

// shop is the library at work.
type shop struct {
	pool  *pgxpool.Pool
	store *sqlstore.Store
	kit   *oms.Engine
	like  order.Order // what every order looks like
	past  int
	made  atomic.Int64
}

func newShop(tb testing.TB, l load, opts ...sqlstore.Option) *shop {
	tb.Helper()
	pool := newPool(tb, l)
	s, err := pgxconn.Open(pool, opts...)
	require.NoError(tb, err)
	o, err := order.New(order.ID{}, draft(0), noon)
	require.NoError(tb, err)
	o.State, o.PlacedAt, o.Version = order.StatePlaced, noon, 1
	return &shop{pool: pool, store: s, kit: oms.New(s).Tenant("t"), like: o, past: past(tb)}
}

// draft is a usual order: three lines, an address, shipping, a voucher.
func draft(n int) order.Draft {
	d := order.Draft{
		Channel: "web", Customer: fmt.Sprint("c-", n%100), Currency: order.MustCurrency("EUR"), TaxIncluded: true,
		Charges:   []order.DraftCharge{{Kind: order.Shipping, Title: "Standard", Price: order.MustMoney("4.90", "EUR"), TaxRate: decimal.RequireFromString("0.19")}},
		Discounts: []order.Discount{{Code: "SPRING", Title: "Spring sale", Percent: decimal.NewFromInt(10)}},
		ShipTo: order.Address{
			Name: "Ada Lovelace", Street: []string{"Unter den Linden 1"}, City: "Berlin", PostalCode: "10117", Country: "DE", Email: "ada@example.org",
		},
	}
	for i := range 3 {
		d.Lines = append(d.Lines, order.DraftLine{
			Item: itemID(n*7 + i*61), SKU: "TEE-M-BLUE", Title: "T-shirt, medium, blue", Qty: 1, UnitPrice: decimal.RequireFromString("19.90"), TaxRate: decimal.RequireFromString("0.19"),
		})
	}
	return d
}

// addLocations spreads the items over n locations, one each.
func (s *shop) addLocations(tb testing.TB, n int) { tb.Helper(); addLocations(tb, s.pool, n) }

func addLocations(tb testing.TB, pool *pgxpool.Pool, n int) {
	tb.Helper()
	for _, text := range []string{
		`INSERT INTO oms_locations SELECT 't', 'loc-' || n, 'A shop', 0, NULL, NULL, 'DE', 0 FROM generate_series(0, $1::int - 1) n`,
		`UPDATE oms_stock_balances SET location = 'loc-' || right(item, 4)::int % $1::int`,
	} {
		_, err := pool.Exec(tb.Context(), text, n)
		require.NoError(tb, err)
	}
}

func (s *shop) placeByEngine(ctx context.Context) error {
	n := int(s.made.Add(1))
	_, err := s.kit.Orders.Place(ctx, draft(n), oms.Key(fmt.Sprint("key-", n)))
	return err
}

// place is one transaction of the store: what placing an order of three lines reads and writes.
func (s *shop) place(ctx context.Context) error {
	n := int(s.made.Add(1))
	o := s.like
	o.ID = order.ID{UUID: uuid.Must(uuid.NewV7())}
	o.Number, o.Customer = fmt.Sprint("A-", n), fmt.Sprint("c-", n%100)
	o.Lines = slices.Clone(o.Lines)
	for i := range o.Lines {
		o.Lines[i].Item, o.Lines[i].Counters = itemID(n*7+i*61), order.Counters{Ordered: 1, Reserved: 1}
	}
	return s.store.Update(ctx, "t", func(ctx context.Context, tx storage.Tx) error { return placeIn(ctx, tx, o) })
}

func placeIn(ctx context.Context, tx storage.Tx, o order.Order) error {
	id := o.ID.String()
	items := []string{o.Lines[0].Item, o.Lines[1].Item, o.Lines[2].Item}
	if err := reserveIn(ctx, tx, id, items); err != nil {
		return err
	}
	if err := tx.Orders().Save(ctx, o); err != nil {
		return err
	}
	if err := tx.Events().Append(ctx, []storage.Event{event(id, "order.placed"), event(id, "order.allocated")}); err != nil {
		return err
	}
	return tx.Commands().Put(ctx, storage.Command{Key: "key-" + o.Number, Name: "orders.place", Hash: "2c26b46b68ffc68f", Result: id, At: noon})
}

func event(id, kind string) storage.Event {
	return storage.Event{ID: uuid.Must(uuid.NewV7()), Aggregate: "order/" + id, Version: 1, Kind: kind, At: noon, Actor: "shop", Data: []byte(floorData)}
}

func reserveIn(ctx context.Context, tx storage.Tx, id string, items []string) error {
	snap, err := tx.Stock().Load(ctx, inventory.Need{Items: items, Now: noon})
	if err != nil || len(snap.Balances) != len(items) {
		return fmt.Errorf("%d balances: %w", len(snap.Balances), err)
	}
	c := inventory.Changes{Posting: inventory.Posting{ID: uuid.Must(uuid.NewV7()), Reason: inventory.ReasonReserve, Document: id, Actor: "shop", At: noon}}
	for i, item := range items {
		c.Posting.Movements = append(c.Posting.Movements, inventory.Movement{
			Item: item, From: inventory.At("ber", inventory.Free), To: inventory.At("ber", inventory.Committed), Qty: 1,
		})
		c.Reservations = append(c.Reservations, inventory.Reservation{
			ReservationKey: inventory.ReservationKey{Owner: id, Line: i + 1, Item: item, Location: "ber"}, Committed: 1, Version: 1,
		})
	}
	return tx.Stock().Apply(ctx, c)
}

func (s *shop) reserve(ctx context.Context) error {
	id := newID()
	return s.store.Update(ctx, "t", func(ctx context.Context, tx storage.Tx) error {
		if err := reserveIn(ctx, tx, id, []string{"item-0000"}); err != nil {
			return err
		}
		return tx.Events().Append(ctx, []storage.Event{event(id, "stock.reserved")})
	})
}

func (s *shop) get(ctx context.Context) error {
	id := order.ID{UUID: uuid.MustParse(pastID(1 + int(s.made.Add(1))*7919%s.past))}
	o, err := s.kit.Orders.Get(ctx, id)
	if err == nil && len(o.Lines) != 3 {
		err = fmt.Errorf("%d lines", len(o.Lines))
	}
	return err
}

func (s *shop) page(ctx context.Context) error {
	return s.store.View(ctx, "t", func(ctx context.Context, tx storage.Tx) error {
		page, err := tx.Orders().Page(ctx, order.Filter{Limit: 100})
		if err == nil && len(page) != 100 {
			err = fmt.Errorf("%d orders", len(page))
		}
		return err
	})
}
