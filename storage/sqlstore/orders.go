package sqlstore

import (
	"context"
	"fmt"

	"github.com/orderkit/oms/order"
	"github.com/orderkit/oms/storage"
)

// orders is order.Repository in a transaction.
type orders struct{ *tx }

// loadedOrder is an order as the database has it, or will have it with the buffered
// writes: what the next Save is compared with.
type loadedOrder struct {
	row   []any
	lines [][]any
	all   []any // the lines, one after the other, where they were just made
}

func (l *loadedOrder) version() int64 {
	v, _ := l.row[ordersTable.version].(int64)
	return v
}

var (
	orderSQL         = "SELECT " + ordersTable.selected("") + " FROM {orders} WHERE tenant = ? AND id = ?"
	orderByNumberSQL = "SELECT " + ordersTable.selected("") + " FROM {orders} WHERE tenant = ? AND number = ?"
)

// Get reads an order.
func (x orders) Get(ctx context.Context, id order.ID) (order.Order, error) {
	o, found, err := x.byID(ctx, id)
	if err == nil && !found {
		err = fmt.Errorf("%w: %s", order.ErrNotFound, id)
	}
	return o, err
}

// byID reads an order with its lines, whose key is known beforehand.
func (x orders) byID(ctx context.Context, id order.ID) (order.Order, bool, error) {
	if err := x.reading(ctx); err != nil {
		return order.Order{}, false, err
	}
	var o order.Order
	n, hint := 0, 4
	row, lines := x.byKey(id)
	row.fn = func(row []any) error {
		n++
		return x.readOrder(row, &o)
	}
	lines.fn = func(row []any) error {
		if n == 0 {
			return nil // its order came in between
		}
		return x.readLine(row, &o, &hint)
	}
	err := x.lookups(ctx, row, lines)
	if err != nil || n == 0 {
		return order.Order{}, false, err
	}
	return o, true, nil
}

// byKey are the reads of an order and of its lines, without what to do with their rows.
func (x orders) byKey(id order.ID) (row, lines keyed) {
	args := []any{x.tenant, id.String()}
	return keyed{Statement{x.fixed(orderSQL), args}, len(ordersTable.columns) - 1, nil},
		keyed{Statement{x.fixed(orderLinesSQL), args}, len(orderLinesTable.columns) - 1, nil}
}

// ByNumber reads the order with a number.
func (x orders) ByNumber(ctx context.Context, number string) (order.Order, error) {
	o, found, err := x.numbered(ctx, number)
	if err == nil && !found {
		err = fmt.Errorf("%w: number %q", order.ErrNotFound, number)
	}
	return o, err
}

func (x orders) numbered(ctx context.Context, number string) (order.Order, bool, error) {
	if err := x.reading(ctx); err != nil {
		return order.Order{}, false, err
	}
	var page [1]order.Order
	n := 0
	err := x.lookup(ctx, x.fixed(orderByNumberSQL), []any{x.tenant, number}, len(ordersTable.columns)-1, func(row []any) error {
		n++
		return x.readOrder(row, &page[0])
	})
	if err != nil || n == 0 {
		return order.Order{}, false, err
	}
	err = x.readLines(ctx, page[:])
	return page[0], err == nil, err
}

// Save stores an order at its version, and of a later version only what has changed.
func (x orders) Save(ctx context.Context, o order.Order) error {
	if err := x.writing(ctx); err != nil {
		return err
	}
	next, err := x.rows(&o)
	if err != nil {
		return fmt.Errorf("order %s: %w", o.ID, err)
	}
	had := &loadedOrder{}
	if o.Version != 1 {
		if had, err = x.before(ctx, &o); err != nil {
			return err
		}
	}
	x.buffer.replace(ordersTable, next.row, had.row)
	x.saveLines(next, had)
	x.remember(o.ID, next)
	if had.row != nil && (had.row[numberColumn] != next.row[numberColumn] || len(had.lines) > len(next.lines)) {
		return x.flush(ctx) // before another order takes the number, or a line comes back
	}
	return nil
}

// numberColumn is the place of the number in a row of orders.
const numberColumn = 2

// before finds the version that a later one replaces.
func (x orders) before(ctx context.Context, o *order.Order) (*loadedOrder, error) {
	had := x.loaded[o.ID]
	if had == nil || had.version() != o.Version-1 {
		_, _, err := x.byID(ctx, o.ID)
		if err != nil {
			return nil, err
		}
		had = x.loaded[o.ID]
	}
	switch {
	case had == nil:
		return nil, storage.Stale(&order.StaleError{Order: o.ID, Want: o.Version - 1})
	case had.version() != o.Version-1:
		return nil, storage.Stale(&order.StaleError{Order: o.ID, Want: o.Version - 1, Actual: had.version()})
	}
	return had, nil
}

// remember keeps an order as the database has it; a View has no use for that.
func (t *tx) remember(id order.ID, l *loadedOrder) {
	if t.readOnly {
		return
	}
	if t.loaded == nil {
		t.loaded = make(map[order.ID]*loadedOrder)
	}
	t.loaded[id] = l
}

// rows writes an order as rows.
func (x orders) rows(o *order.Order) (*loadedOrder, error) {
	body, err := encodeOrder(o)
	if err != nil {
		return nil, err
	}
	books, facets, totals := o.Books(), o.Facets(), o.Totals()
	id := o.ID.String()
	l := &loadedOrder{row: append(make([]any, 0, len(ordersTable.columns)),
		x.tenant, id, optional(o.Number), o.Version, string(o.State), o.Channel, o.Customer, o.Currency.Code(),
		totals.Total.MinorUnits(), books.Due.MinorUnits(),
		string(facets.Payment), string(facets.Fulfillment), string(facets.Return), flag(facets.OnHold),
		moment(o.PayBy), moment(o.PlacedAt), moment(o.UpdatedAt), body,
	)}
	if err := ordersTable.check(l.row); err != nil {
		return nil, err
	}
	l.all, l.lines, err = x.lineRows(id, o)
	return l, err
}

// readOrder reads all of an order but its lines.
func (t *tx) readOrder(row []any, o *order.Order) error {
	c := cells{row: row, at: 1}
	o.ID = order.ID{UUID: c.uuid()}
	o.Number, o.Version, o.State = c.text(), c.int(), order.State(c.text())
	o.Channel, o.Customer = c.text(), c.text()
	if err := o.Currency.UnmarshalText([]byte(c.text())); err != nil {
		return fmt.Errorf("%w: order %s: %w", storage.ErrCorrupt, o.ID, err)
	}
	c.at += 6 // total, due and the facets follow from the rest
	o.PayBy, o.PlacedAt, o.UpdatedAt = c.time(), c.time(), c.time()
	body := c.text()
	if c.err != nil {
		return c.err
	}
	kits, err := decodeOrder(body, o)
	if err != nil {
		return fmt.Errorf("%w: order %s: %w", storage.ErrCorrupt, o.ID, err)
	}
	if kits == nil {
		delete(t.kits, o.ID) // those of an earlier version
	} else {
		if t.kits == nil {
			t.kits = make(map[order.ID]map[int]*order.KitPart)
		}
		t.kits[o.ID] = kits
	}
	if !t.readOnly {
		t.remember(o.ID, &loadedOrder{row: append([]any(nil), row...)})
	}
	return nil
}
