package sqlstore_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
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

func TestWhatWouldChangeByBeingStoredIsRefused(t *testing.T) {
	t.Parallel()
	onBackends(t, func(t *testing.T, b backend) {
		t.Helper()
		s := b.store(t)
		for says, spoil := range map[string]func(*order.Order){
			"not UTF-8": func(o *order.Order) { o.Note = "M\xfcller" },
			"order: USD and EUR do not mix": func(o *order.Order) {
				o.Charges = []order.Charge{{Kind: order.Fee, Price: order.MustMoney("1.00", "USD")}}
			},
			"line 1: order: JPY and EUR do not mix": func(o *order.Order) { o.Lines[0].Total = order.MustMoney("1", "JPY") },
			"line 1: order: GBP and EUR do not mix": func(o *order.Order) {
				o.Lines[0].Shares = []order.Share{{Amount: order.MustMoney("1.00", "GBP")}}
			},
			"line 1: it has number 7": func(o *order.Order) { o.Lines[0].No = 7 },
			"metadata":                func(o *order.Order) { o.Lines[0].Metadata = map[string]string{"metadata": "\xff"} },
		} {
			o := smallOrder("A-1")
			spoil(&o)
			err := s.Update(t.Context(), "t", saving(o))
			require.ErrorContains(t, err, o.ID.String(), says)
			if says != "metadata" {
				require.ErrorContains(t, err, says)
			}
		}
		require.NoError(t, s.Update(t.Context(), "t", func(ctx context.Context, tx storage.Tx) error {
			work := fulfillment.Order{Version: 1, Lines: []fulfillment.Line{{Item: "\xff"}}}
			require.ErrorContains(t, tx.Fulfillments().Save(ctx, work), "UTF-8")
			parcel := fulfillment.Shipment{Version: 1, Parcels: []fulfillment.Parcel{{Tracking: "\xff"}}}
			require.ErrorContains(t, tx.Fulfillments().SaveShipment(ctx, parcel), "UTF-8")
			require.ErrorContains(t, tx.Returns().Save(ctx, returns.Return{Version: 1, Ref: "\xff"}), "UTF-8")
			return nil
		}), "what was refused is not there, and the rest goes on")
	})
}

// TestTextThatAnEngineCannotKeepIsRefusedByAll is about ids that PostgreSQL refuses or
// MySQL cuts off: the same are refused everywhere, before they are sent.
func TestTextThatAnEngineCannotKeepIsRefusedByAll(t *testing.T) {
	t.Parallel()
	onBackends(t, func(t *testing.T, b backend) {
		t.Helper()
		s := b.store(t)
		longest := strings.Repeat("ä", 256)
		for name, bad := range map[string]string{"a zero byte": "a\x00b", "not UTF-8": "\xff", "too long": longest + "x"} {
			require.NoError(t, s.Update(t.Context(), "t", func(ctx context.Context, tx storage.Tx) error {
				numbered, sold := smallOrder(bad), smallOrder(name)
				sold.Lines[0].Item = bad
				posting := inventory.Posting{ID: uuid.New(), At: noon, Movements: []inventory.Movement{
					{Item: "tee", Lot: bad, From: inventory.Outside(inventory.Supplier), To: inventory.At("ber", inventory.Free), Qty: 1},
				}}
				reservation := inventory.Reservation{ReservationKey: inventory.ReservationKey{Owner: bad, Item: "tee", Location: "ber"}, Version: 1}
				for column, err := range map[string]error{
					"orders.number":         tx.Orders().Save(ctx, numbered),
					"order_lines.item":      tx.Orders().Save(ctx, sold),
					"stock_movements.lot":   tx.Stock().Apply(ctx, inventory.Changes{Posting: posting}),
					"reservations.owner":    tx.Stock().Apply(ctx, inventory.Changes{Reservations: []inventory.Reservation{reservation}}),
					"items.id":              tx.Stock().PutItem(ctx, inventory.Item{ID: bad}),
					"locations.id":          tx.Stock().PutLocation(ctx, inventory.Location{ID: bad}),
					"fulfillments.location": tx.Fulfillments().Save(ctx, fulfillment.Order{Version: 1, Location: bad}),
					"shipments.state":       tx.Fulfillments().SaveShipment(ctx, fulfillment.Shipment{Version: 1, State: fulfillment.ShipmentState(bad)}),
					"returns.customer":      tx.Returns().Save(ctx, returns.Return{Version: 1, Customer: bad}),
					"events.aggregate":      tx.Events().Append(ctx, []storage.Event{{Aggregate: bad}}),
					"commands.id":           tx.Commands().Put(ctx, storage.Command{Key: bad}),
				} {
					var refusal *sqlstore.TextError
					require.ErrorAs(t, err, &refusal, "%s: %s", name, column)
					require.ErrorIs(t, err, sqlstore.ErrText)
					require.Equal(t, len(bad), refusal.Bytes)
					if !strings.HasSuffix(column, ".id") || name == "too long" { // an item is looked for first
						require.Equal(t, column, refusal.Column)
					}
				}
				if name != "too long" {
					_, err := tx.Orders().ByNumber(ctx, bad)
					require.ErrorIs(t, err, sqlstore.ErrText)
				}
				return tx.Commands().Put(ctx, storage.Command{Key: name, Hash: strings.Repeat("h", 1000)})
			}), "what was refused is not there, and the rest goes on")
			if name != "too long" {
				bad += "x"
			}
			require.ErrorIs(t, s.Update(t.Context(), storage.Tenant(bad), saving(smallOrder("A-1"))), sqlstore.ErrText, "a tenant, %s", name)
		}
		o := smallOrder(longest)
		o.Customer, o.Channel, o.Lines[0].Item, o.Lines[0].Title = longest, longest, longest, strings.Repeat("t", 100_000)
		key := inventory.Key{Item: longest, Location: longest, Lot: longest}
		require.NoError(t, s.Update(t.Context(), storage.Tenant(longest), func(ctx context.Context, tx storage.Tx) error {
			c := inventory.Changes{Posting: inventory.Posting{ID: uuid.New(), At: noon, Document: longest, Movements: []inventory.Movement{
				{Item: key.Item, Lot: key.Lot, From: inventory.Outside(inventory.Supplier), To: inventory.At(key.Location, inventory.Committed), Qty: 1},
			}}, Reservations: []inventory.Reservation{{
				ReservationKey: inventory.ReservationKey{Owner: longest, Item: key.Item, Location: key.Location, Lot: key.Lot}, Committed: 1, Version: 1,
			}}}
			return errors.Join(tx.Orders().Save(ctx, o), tx.Stock().Apply(ctx, c), tx.Events().Append(ctx, []storage.Event{{Aggregate: longest}}))
		}), "the longest text fits into every key")
		require.NoError(t, s.View(t.Context(), storage.Tenant(longest), func(ctx context.Context, tx storage.Tx) error {
			got, err := tx.Orders().ByNumber(ctx, longest)
			require.Equal(t, o.Lines[0].Title, got.Lines[0].Title)
			return err
		}))
	})
}

func TestTextThatLooksLikeAnEscapeIsKept(t *testing.T) {
	t.Parallel()
	onBackends(t, func(t *testing.T, b backend) {
		t.Helper()
		s := b.store(t)
		for i, note := range []string{`\ufffd`, `\\ufffd`, `\\\ufffd`, "\ufffd", `"\ufffd"`, `\\"`} {
			o := smallOrder(fmt.Sprint("A-", i))
			o.Note = note
			require.NoError(t, s.Update(t.Context(), "t", saving(o)), note)
			require.NoError(t, s.View(t.Context(), "t", func(ctx context.Context, tx storage.Tx) error {
				got, err := tx.Orders().Get(ctx, o.ID)
				require.Equal(t, note, got.Note)
				return err
			}))
		}
	})
}

func TestTheHalfOfATextThatIsNotUTF8IsFoundBehindOneThatLooksLikeIt(t *testing.T) {
	t.Parallel()
	onBackends(t, func(t *testing.T, b backend) {
		t.Helper()
		o := smallOrder("A-1")
		o.Note, o.Tags = `\ufffd`, []string{"\xff"}
		require.ErrorContains(t, b.store(t).Update(t.Context(), "t", saving(o)), "UTF-8")
	})
}

func TestDataThatNobodyWroteIsCorrupt(t *testing.T) {
	t.Parallel()
	damages := []string{
		"UPDATE oms_orders SET currency = 'XXX'",
		"UPDATE oms_orders SET body = '{'",
		`UPDATE oms_orders SET body = '{"charges":[{"price":9999999999999999}]}'`,
		`UPDATE oms_orders SET body = '{"charges":[{"tax_rate":"a"}]}'`,
		`UPDATE oms_orders SET body = '{"charges":[{"shares":"a:1"}]}'`,
		"UPDATE oms_order_lines SET unit_price = 'a'",
		"UPDATE oms_order_lines SET amount = 9999999999999999",
		"UPDATE oms_order_lines SET shares = '0:a'",
		"UPDATE oms_order_lines SET shares = '0:9999999999999999'",
		"UPDATE oms_order_lines SET metadata = '{'",
		"UPDATE oms_order_lines SET line_no = 2",
	}
	loose := []string{ // where a column holds values of any type
		"UPDATE oms_orders SET version = 'one'",
		"UPDATE oms_orders SET pay_by = 'noon'",
		"UPDATE oms_order_lines SET amount = 'a'",
		"UPDATE oms_order_lines SET title = x'00ff'",
	}
	onBackends(t, func(t *testing.T, b backend) {
		t.Helper()
		all := damages
		if b.name == "sqlite" {
			all = slices.Concat(damages, loose)
		}
		db := b.migrated(t)(t)
		s, err := sqlstore.Open(db, b.dialect)
		require.NoError(t, err)
		for i, damage := range all {
			o, tenant := smallOrder("A-1"), storage.Tenant(fmt.Sprint("t-", i))
			require.NoError(t, s.Update(t.Context(), tenant, saving(o)))
			_, err := db.ExecContext(t.Context(), fmt.Sprintf("%s WHERE tenant = '%s'", damage, tenant))
			require.NoError(t, err, damage)
			read := func(ctx context.Context, tx storage.Tx) error { _, err := tx.Orders().Get(ctx, o.ID); return err }
			require.ErrorIs(t, s.View(t.Context(), tenant, read), storage.ErrCorrupt, damage)
			require.ErrorIs(t, s.Update(t.Context(), tenant, read), storage.ErrCorrupt, damage)
		}
	})
}

func TestDamagedStockIsCorrupt(t *testing.T) {
	t.Parallel()
	postings := func(ctx context.Context, tx storage.Tx) error {
		return drain(tx.Stock().ListPostings(ctx, inventory.PostingFilter{}))
	}
	onBackends(t, func(t *testing.T, b backend) {
		t.Helper()
		for _, damage := range []struct {
			text  string
			loose bool
			read  func(context.Context, storage.Tx) error
		}{
			{"UPDATE oms_stock_movements SET to_state = 'gone'", false, postings},
			{"UPDATE oms_stock_movements SET posting = 'x' WHERE n = 0", false, postings},
			{"UPDATE oms_items SET safety = 'some'", true, func(ctx context.Context, tx storage.Tx) error {
				_, err := tx.Stock().Load(ctx, inventory.Need{Items: []string{"tee"}})
				return err
			}},
			{"UPDATE oms_locations SET lat = 'north'", true, func(ctx context.Context, tx storage.Tx) error {
				return drain(tx.Stock().ListLocations(ctx))
			}},
			{"UPDATE oms_stock_balances SET free = 'some'", true, func(ctx context.Context, tx storage.Tx) error {
				_, err := tx.Stock().ScanFree(ctx, inventory.Need{Items: []string{"tee"}}, func(inventory.FreeUnits) {})
				return err
			}},
			{"UPDATE oms_fulfillments SET body = '['", false, func(ctx context.Context, tx storage.Tx) error {
				_, err := tx.Fulfillments().Page(ctx, fulfillment.Filter{})
				return err
			}},
		} {
			if damage.loose && b.name != "sqlite" {
				continue // a column has a type there
			}
			db := b.migrated(t)(t)
			s, err := sqlstore.Open(db, b.dialect)
			require.NoError(t, err)
			stockUp(t, s, 1)
			require.NoError(t, s.Update(t.Context(), "t", everyWriteOnce))
			_, err = db.ExecContext(t.Context(), damage.text)
			require.NoError(t, err, damage.text)
			require.ErrorIs(t, s.View(t.Context(), "t", damage.read), storage.ErrCorrupt, damage.text)
		}
	})
}

func everyWriteOnce(ctx context.Context, tx storage.Tx) error {
	if err := tx.Stock().PutLocation(ctx, inventory.Location{ID: "ber"}); err != nil {
		return err
	}
	return tx.Fulfillments().Save(ctx, fulfillment.Order{ID: fulfillment.ID{UUID: uuid.New()}, Version: 1, CreatedAt: noon})
}

func TestPagesOutsideTheirBoundsAreRefused(t *testing.T) {
	t.Parallel()
	onBackends(t, func(t *testing.T, b backend) {
		t.Helper()
		s := b.store(t)
		require.NoError(t, s.View(t.Context(), "t", func(ctx context.Context, tx storage.Tx) error {
			for _, limit := range []int{-1, order.MaxPage + 1} {
				_, err := tx.Orders().Page(ctx, order.Filter{Limit: limit})
				require.ErrorContains(t, err, "ask for 1 to 500")
				_, err = tx.Fulfillments().Page(ctx, fulfillment.Filter{Limit: limit})
				require.ErrorContains(t, err, "ask for 1 to 500")
				_, err = tx.Returns().Page(ctx, returns.Filter{Limit: limit})
				require.ErrorContains(t, err, "ask for 1 to 500")
			}
			return nil
		}))
	})
}

func TestManyStatesInAFilterAreNoBranchesEach(t *testing.T) {
	t.Parallel()
	onBackends(t, func(t *testing.T, b backend) {
		t.Helper()
		s := b.store(t)
		o := smallOrder("A-1")
		r := returns.Return{ID: returns.ID{UUID: uuid.New()}, Version: 1, State: "s-999"}
		o.State = "s-999"
		require.NoError(t, s.Update(t.Context(), "t", func(ctx context.Context, tx storage.Tx) error {
			if err := tx.Returns().Save(ctx, r); err != nil {
				return err
			}
			return tx.Orders().Save(ctx, o)
		}))
		var states []order.State
		var of []returns.State
		for i := range 1000 {
			states, of = append(states, order.State(fmt.Sprint("s-", i))), append(of, returns.State(fmt.Sprint("s-", i)))
		}
		require.NoError(t, s.View(t.Context(), "t", func(ctx context.Context, tx storage.Tx) error {
			page, err := tx.Orders().Page(ctx, order.Filter{States: states})
			require.NoError(t, err)
			require.Len(t, page, 1)
			rs, err := tx.Returns().Page(ctx, returns.Filter{States: of})
			require.Len(t, rs, 1)
			return err
		}))
	})
}

func TestTimesOfAFilterNeedNotBeWholeMicroseconds(t *testing.T) {
	t.Parallel()
	onBackends(t, func(t *testing.T, b backend) {
		t.Helper()
		s := b.store(t)
		o := smallOrder("A-1")
		o.PlacedAt = noon
		require.NoError(t, s.Update(t.Context(), "t", saving(o)))
		for _, c := range []struct {
			f    order.Filter
			want int
		}{
			{order.Filter{PlacedFrom: noon}, 1},
			{order.Filter{PlacedFrom: noon.Add(1)}, 0},
			{order.Filter{PlacedFrom: noon.Add(-1)}, 1},
			{order.Filter{PlacedTo: noon}, 0},
			{order.Filter{PlacedTo: noon.Add(1)}, 1},
			{order.Filter{PlacedFrom: noon.Add(-time.Microsecond), PlacedTo: noon.Add(1)}, 1},
		} {
			require.NoError(t, s.View(t.Context(), "t", func(ctx context.Context, tx storage.Tx) error {
				page, err := tx.Orders().Page(ctx, c.f)
				require.Len(t, page, c.want, "%+v", c.f)
				return err
			}))
		}
	})
}

// TestAnUpdateWritesOnlyWhatChanged counts what is written of an order of many lines.
func TestAnUpdateWritesOnlyWhatChanged(t *testing.T) {
	t.Parallel()
	db := newDB(t, "")
	require.NoError(t, sqlstore.Migrate(t.Context(), db, sqlstore.SQLite))
	var texts []string
	s, err := sqlstore.OpenRecorded(db, sqlstore.SQLite, func(text string, _ []any) { texts = append(texts, text) })
	require.NoError(t, err)
	o := smallOrder("A-1")
	for i := range 49 {
		l := o.Lines[0]
		l.No = i + 2
		o.Lines = append(o.Lines, l)
	}
	require.NoError(t, s.Update(t.Context(), "t", saving(o)))
	texts = nil
	require.NoError(t, s.Update(t.Context(), "t", bump(o.ID)))
	require.Equal(t, []string{
		"DELETE FROM oms_commands WHERE tenant = ? AND 1 = 0",
		texts[1], texts[2], // the order and its lines are read
		"UPDATE oms_orders SET version = ? WHERE tenant = ? AND id = ? AND version = ?",
		"UPDATE oms_order_lines SET ordered = ?, unreserved = ? WHERE tenant = ? AND order_id = ? AND line_no = ?",
	}, texts)
	require.Regexp(t, "^SELECT .* FROM oms_order_lines", texts[2])
}
