package sqlstore

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/orderkit/oms/order"
	"github.com/orderkit/oms/storage"
)

// lineRows writes the lines of an order as rows.
func (t *tx) lineRows(id string, o *order.Order) (all []any, lines [][]any, err error) {
	width := len(orderLinesTable.columns)
	all = make([]any, 0, width*len(o.Lines))
	lines = make([][]any, len(o.Lines))
	for i := range o.Lines {
		if all, err = t.appendLine(all, id, i, &o.Lines[i], o.Currency); err != nil {
			return nil, nil, fmt.Errorf("line %d: %w", i+1, err)
		}
		lines[i] = all[i*width : (i+1)*width : (i+1)*width]
	}
	return all, lines, orderLinesTable.check(all)
}

func (t *tx) appendLine(row []any, id string, i int, l *order.Line, currency order.Currency) ([]any, error) {
	if l.No != i+1 {
		return nil, fmt.Errorf("it has number %d; line n of an order stands at index n-1", l.No)
	}
	row = append(row, t.tenant, id, int64(l.No), l.Item, l.SKU, l.Title, l.UnitPrice.String(), l.TaxRate.String(), flag(l.Stocked), flag(l.Backorder))
	for _, m := range [...]order.Money{l.Amount, l.Net, l.Tax, l.Total} {
		cell, err := amount(m, currency)
		if err != nil {
			return nil, err
		}
		row = append(row, cell)
	}
	c := &l.Counters
	row = append(row, c.Ordered, c.Unreserved, c.Reserved, c.Backordered, c.Picked, c.Packed, c.Shipped, c.Cancelled,
		c.Delivered, c.ReturnOpen, c.Returned, c.Lost, c.Restocked, c.WrittenOff, c.RefundedUnits)
	shares, err := encodeShares(l.Shares, currency)
	if err != nil || len(l.Metadata) == 0 {
		return append(row, shares, nil), err
	}
	metadata, err := encode(l.Metadata)
	return append(row, shares, metadata), err
}

// saveLines buffers the lines that differ from those before.
func (t *tx) saveLines(next, had *loadedOrder) {
	if len(had.lines) == 0 && len(next.lines) > 0 {
		t.buffer.insert(orderLinesTable, next.all)
		return
	}
	for i, row := range next.lines {
		if i < len(had.lines) {
			t.buffer.replace(orderLinesTable, row, had.lines[i])
		} else {
			t.buffer.insert(orderLinesTable, row)
		}
	}
	for i := len(next.lines); i < len(had.lines); i++ {
		t.buffer.remove(orderLinesTable, had.lines[i])
	}
}

var orderLinesSQL = "SELECT " + orderLinesTable.selected("") + " FROM {order_lines} WHERE tenant = ? AND order_id = ? ORDER BY line_no"

var manyOrderLinesSQL = "SELECT " + orderLinesTable.selected("") + " FROM {order_lines} WHERE tenant = ? AND order_id IN ({list}) ORDER BY order_id, line_no"

var linesBetweenSQL = "SELECT " + orderLinesTable.selected("") + " FROM {order_lines} WHERE tenant = ? AND order_id >= ? AND order_id <= ? ORDER BY order_id, line_no"

// readLinesBetween adds the lines to orders that were read, newest first, between which
// there are no others: one range of the table, rather than a search for each order.
func (t *tx) readLinesBetween(ctx context.Context, page []order.Order) error {
	byID := make(map[string]*order.Order, len(page))
	for i := range page {
		byID[page[i].ID.String()] = &page[i]
	}
	args := []any{t.tenant, page[len(page)-1].ID.String(), page[0].ID.String()}
	hint := 4
	return t.scan(ctx, t.fixed(linesBetweenSQL), args, len(orderLinesTable.columns)-1, func(row []any) error {
		id, _ := row[1].(string)
		if o := byID[id]; o != nil { // or it came in between, in a transaction without a snapshot
			return t.readLine(row, o, &hint)
		}
		return nil
	})
}

// readLines adds the lines to orders that were read.
func (t *tx) readLines(ctx context.Context, page []order.Order) error {
	width, hint := len(orderLinesTable.columns)-1, 4
	if len(page) == 1 {
		o := &page[0]
		return t.lookup(ctx, t.fixed(orderLinesSQL), []any{t.tenant, o.ID.String()}, width, func(row []any) error {
			return t.readLine(row, o, &hint)
		})
	}
	const most = 128 // orders in one query
	for len(page) > 0 {
		part := page[:min(len(page), most)]
		ids := make([]string, len(part))
		byID := make(map[string]*order.Order, len(part))
		for i := range part {
			ids[i] = part[i].ID.String()
			byID[ids[i]] = &part[i]
		}
		text, size := t.list(manyOrderLinesSQL, len(ids))
		args := padded(append(make([]any, 0, size+1), t.tenant), ids, size)
		err := t.lookup(ctx, text, args, width, func(row []any) error {
			id, _ := row[1].(string)
			o := byID[id]
			if o == nil {
				return fmt.Errorf("%w: line of order %q", storage.ErrCorrupt, id)
			}
			return t.readLine(row, o, &hint)
		})
		if err != nil {
			return err
		}
		page = page[len(part):]
	}
	return nil
}

// readLine adds a line to an order. Hint is how many lines the order before had: mostly
// this one has as many.
func (t *tx) readLine(row []any, o *order.Order, hint *int) error {
	if o.Lines == nil {
		o.Lines = make([]order.Line, 0, max(*hint, 1))
	}
	o.Lines = append(o.Lines, order.Line{})
	*hint = len(o.Lines)
	l := &o.Lines[len(o.Lines)-1]
	c := cells{row: row, at: 2}
	l.No, l.Item, l.SKU, l.Title = int(c.int()), c.text(), c.text(), c.text()
	l.UnitPrice, l.TaxRate, l.Stocked, l.Backorder = c.decimal(), c.decimal(), c.flag(), c.flag()
	l.Amount, l.Net, l.Tax, l.Total = c.money(o.Currency), c.money(o.Currency), c.money(o.Currency), c.money(o.Currency)
	for _, n := range [...]*int64{
		&l.Ordered, &l.Unreserved, &l.Reserved, &l.Backordered, &l.Picked, &l.Packed, &l.Shipped, &l.Cancelled,
		&l.Delivered, &l.ReturnOpen, &l.Returned, &l.Lost, &l.Restocked, &l.WrittenOff, &l.RefundedUnits,
	} {
		*n = c.int()
	}
	l.Kit = t.kits[o.ID][l.No]
	shares, metadata := c.text(), c.text()
	if c.err != nil {
		return c.err
	}
	if l.No != len(o.Lines) {
		return fmt.Errorf("%w: order %s has line %d in place %d", storage.ErrCorrupt, o.ID, l.No, len(o.Lines))
	}
	var err error
	if l.Shares, err = decodeShares(shares, o.Currency); err == nil && metadata != "" {
		err = json.Unmarshal([]byte(metadata), &l.Metadata)
	}
	if err != nil {
		return fmt.Errorf("%w: order %s line %d: %w", storage.ErrCorrupt, o.ID, l.No, err)
	}
	if !t.readOnly {
		loaded := t.loaded[o.ID]
		loaded.lines = append(loaded.lines, append([]any(nil), row...))
	}
	return nil
}

// encodeShares writes "0:199 2:50": 199 minor units of discount 0, 50 of discount 2.
func encodeShares(in []order.Share, currency order.Currency) (any, error) {
	if len(in) == 0 {
		return nil, nil //nolint:nilnil // NULL
	}
	b := make([]byte, 0, 16*len(in))
	for i, s := range in {
		cell, err := amount(s.Amount, currency)
		if err != nil {
			return nil, err
		}
		if i > 0 {
			b = append(b, ' ')
		}
		b = append(strconv.AppendInt(b, int64(s.Discount), 10), ':')
		if n, ok := cell.(int64); ok { // nothing follows for the Money without currency
			b = strconv.AppendInt(b, n, 10)
		}
	}
	return string(b), nil
}

func decodeShares(text string, currency order.Currency) ([]order.Share, error) {
	if text == "" {
		return nil, nil
	}
	out := make([]order.Share, 0, strings.Count(text, " ")+1)
	for part := range strings.SplitSeq(text, " ") {
		discount, minor, found := strings.Cut(part, ":")
		n, err := strconv.Atoi(discount)
		if err != nil || !found {
			return nil, errors.Join(errBody, err)
		}
		s := order.Share{Discount: n}
		if minor != "" {
			units, err := strconv.ParseInt(minor, 10, 64)
			if err != nil {
				return nil, err
			}
			if s.Amount, err = order.Minor(units, currency); err != nil && units != 0 {
				return nil, err
			}
		}
		out = append(out, s)
	}
	return out, nil
}
