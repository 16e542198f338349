package sqlstore_test

import (
	"context"
	"fmt"
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
	s := newStore(t)
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
}

func TestTextThatLooksLikeAnEscapeIsKept(t *testing.T) {
	t.Parallel()
	s := newStore(t)
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
}

func TestTheHalfOfATextThatIsNotUTF8IsFoundBehindOneThatLooksLikeIt(t *testing.T) {
	t.Parallel()
	o := smallOrder("A-1")
	o.Note, o.Tags = `\ufffd`, []string{"\xff"}
	require.ErrorContains(t, newStore(t).Update(t.Context(), "t", saving(o)), "UTF-8")
}

func TestDataThatNobodyWroteIsCorrupt(t *testing.T) {
	t.Parallel()
	for _, damage := range []string{
		"UPDATE oms_orders SET currency = 'XXX'",
		"UPDATE oms_orders SET body = '{'",
		`UPDATE oms_orders SET body = '{"charges":[{"price":9999999999999999}]}'`,
		`UPDATE oms_orders SET body = '{"charges":[{"tax_rate":"a"}]}'`,
		`UPDATE oms_orders SET body = '{"charges":[{"shares":"a:1"}]}'`,
		"UPDATE oms_orders SET version = 'one'",
		"UPDATE oms_orders SET pay_by = 'noon'",
		"UPDATE oms_order_lines SET unit_price = 'a'",
		"UPDATE oms_order_lines SET amount = 9999999999999999",
		"UPDATE oms_order_lines SET amount = 'a'",
		"UPDATE oms_order_lines SET title = x'00ff'",
		"UPDATE oms_order_lines SET shares = '0'||':a'",
		"UPDATE oms_order_lines SET shares = '0:9999999999999999'",
		"UPDATE oms_order_lines SET metadata = '{'",
		"UPDATE oms_order_lines SET line_no = 2",
	} {
		db := host(t, "")
		s, err := sqlstore.Open(db, sqlstore.SQLite)
		require.NoError(t, err)
		o := smallOrder("A-1")
		require.NoError(t, s.Update(t.Context(), "t", saving(o)))
		_, err = db.ExecContext(t.Context(), damage)
		require.NoError(t, err, damage)
		read := func(ctx context.Context, tx storage.Tx) error { _, err := tx.Orders().Get(ctx, o.ID); return err }
		require.ErrorIs(t, s.View(t.Context(), "t", read), storage.ErrCorrupt, damage)
		require.ErrorIs(t, s.Update(t.Context(), "t", read), storage.ErrCorrupt, damage)
	}
}

func TestDamagedStockIsCorrupt(t *testing.T) {
	t.Parallel()
	for damage, read := range map[string]func(context.Context, storage.Tx) error{
		"UPDATE oms_stock_movements SET to_state = 'gone'": func(ctx context.Context, tx storage.Tx) error {
			return drain(tx.Stock().ListPostings(ctx, inventory.PostingFilter{}))
		},
		"UPDATE oms_stock_movements SET posting = 'x'": func(ctx context.Context, tx storage.Tx) error {
			return drain(tx.Stock().ListPostings(ctx, inventory.PostingFilter{}))
		},
		"UPDATE oms_items SET safety = 'some'": func(ctx context.Context, tx storage.Tx) error {
			_, err := tx.Stock().Load(ctx, inventory.Need{Items: []string{"tee"}})
			return err
		},
		"UPDATE oms_locations SET lat = 'north'": func(ctx context.Context, tx storage.Tx) error {
			return drain(tx.Stock().ListLocations(ctx))
		},
		"UPDATE oms_fulfillments SET body = '['": func(ctx context.Context, tx storage.Tx) error {
			_, err := tx.Fulfillments().Page(ctx, fulfillment.Filter{})
			return err
		},
	} {
		db := host(t, "")
		s, err := sqlstore.Open(db, sqlstore.SQLite)
		require.NoError(t, err)
		stockUp(t, s, 1)
		require.NoError(t, s.Update(t.Context(), "t", everyWriteOnce))
		_, err = db.ExecContext(t.Context(), damage)
		require.NoError(t, err, damage)
		require.ErrorIs(t, s.View(t.Context(), "t", read), storage.ErrCorrupt, damage)
	}
}

func everyWriteOnce(ctx context.Context, tx storage.Tx) error {
	if err := tx.Stock().PutLocation(ctx, inventory.Location{ID: "ber"}); err != nil {
		return err
	}
	return tx.Fulfillments().Save(ctx, fulfillment.Order{ID: fulfillment.ID{UUID: uuid.New()}, Version: 1, CreatedAt: noon})
}

func TestPagesOutsideTheirBoundsAreRefused(t *testing.T) {
	t.Parallel()
	s := newStore(t)
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
}

func TestManyStatesInAFilterAreNoBranchesEach(t *testing.T) {
	t.Parallel()
	s := newStore(t)
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
}

func TestTimesOfAFilterNeedNotBeWholeMicroseconds(t *testing.T) {
	t.Parallel()
	s := newStore(t)
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
