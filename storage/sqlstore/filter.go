package sqlstore

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/orderkit/oms/order"
)

// errLimit is a page size that no page has.
var errLimit = errors.New("sqlstore: page size refused")

// pageSize reads the limit of a filter.
func pageSize(limit, most int) (int, error) {
	switch {
	case limit == 0:
		return most, nil
	case limit < 0 || limit > most:
		return 0, fmt.Errorf("%w: %d; ask for 1 to %d, or for 0 to get the most", errLimit, limit, most)
	}
	return limit, nil
}

// before is the upper bound of a keyset page: everything is older than a zero id.
func before(after uuid.UUID) string {
	if after == uuid.Nil {
		return "g" // behind every hexadecimal digit
	}
	return after.String()
}

// selection is a SELECT of a page, newest first. With branches the conditions hold for
// each of some values of one column: each branch is read in order from an index that
// begins with that column, and the engine merges them.
type selection struct {
	table    *table
	alias    string // "o.", or nothing
	from     string
	where    []string
	args     []any
	by       string // "ORDER BY …"
	branch   string // the column, if there are branches
	branches []any
	limit    int

	keys   []string // of a listing: the columns that it goes by
	tuples bool     // and whether the engine compares several at once
	back   bool     // from the last row to the first
}

func (s *selection) and(condition string, args ...any) {
	s.where = append(s.where, condition)
	s.args = append(s.args, args...)
}

// clone is a copy that may be narrowed further.
func (s *selection) clone() selection {
	c := *s
	c.where, c.args = slices.Clip(c.where), slices.Clip(c.args)
	return c
}

// in narrows to some values of a column.
func in[T ~string](s *selection, column string, values []T) {
	if len(values) == 0 {
		return
	}
	s.and(column + " IN (?" + strings.Repeat(", ?", len(values)-1) + ")")
	for _, v := range values {
		s.args = append(s.args, string(v))
	}
}

// maxBranches is the most branches that are better than looking at every row.
const maxBranches = 8

// branch narrows to some values of a column by branches.
func branch[T ~string](s *selection, column string, values []T) {
	distinct := slices.Compact(slices.Sorted(slices.Values(values)))
	s.branch, s.branches = column, make([]any, len(distinct))
	for i, v := range distinct {
		s.branches[i] = string(v)
	}
}

// build gives the statement and its arguments.
func (s *selection) build() (string, []any) {
	base := "SELECT " + s.table.selected(s.alias) + " FROM " + s.from + " WHERE " + strings.Join(s.where, " AND ")
	end := " " + s.by + " LIMIT ?"
	if s.branch == "" {
		return base + end, append(s.args, s.limit)
	}
	base += " AND " + s.branch + " = ?" + end
	if len(s.branches) == 1 {
		return base, append(s.args, s.branches[0], s.limit)
	}
	var b strings.Builder
	var args []any
	for i, v := range s.branches {
		if i > 0 {
			b.WriteString(" UNION ALL ")
		}
		fmt.Fprintf(&b, "SELECT %s FROM (%s) AS b%d", s.table.selected(""), base, i)
		args = append(append(args, s.args...), v, s.limit)
	}
	b.WriteString(" ORDER BY id DESC LIMIT ?")
	return b.String(), append(args, s.limit)
}

// Page reads the orders that a filter selects, newest first.
func (x orders) Page(ctx context.Context, f order.Filter) ([]order.Order, error) {
	if err := x.reading(ctx); err != nil {
		return nil, err
	}
	limit, err := pageSize(f.Limit, order.MaxPage)
	if err != nil {
		return nil, err
	}
	s := x.selectOrders(&f)
	s.limit = limit
	text, args := s.build()
	page := make([]order.Order, 0, min(limit, 64))
	err = x.scan(ctx, x.render(text), args, len(ordersTable.columns)-1, func(row []any) error {
		page = append(page, order.Order{})
		return x.readOrder(row, &page[len(page)-1])
	})
	if err != nil || len(page) == 0 {
		return nil, err
	}
	if s.branch == "" && len(s.where) == 2 && f.Item == "" { // of the tenant, from a place on
		return page, x.readLinesBetween(ctx, page)
	}
	return page, x.readLines(ctx, page)
}

// selectOrders writes a filter as conditions, and chooses the index: that of the field
// which leaves the fewest orders to look at. Without one that has an index, orders are
// looked at from the newest on.
func (t *tx) selectOrders(f *order.Filter) *selection {
	s := &selection{
		table: ordersTable, alias: "o.", from: "{orders} o", by: "ORDER BY o.id DESC",
		where: []string{"o.tenant = ?"}, args: []any{t.tenant},
	}
	if f.Item == "" {
		s.and("o.id < ?", before(f.After.UUID))
	}
	branched, between := false, !f.PlacedFrom.IsZero() && !f.PlacedTo.IsZero()
	switch {
	case f.Item != "":
		s.soldItem(f)
	case f.Customer != "":
		s.from += "{@orders_customer}"
	case f.OnHold:
		s.from += "{@orders_on_hold}"
	case f.Return != "" && f.Return != order.ReturnNone:
		s.from += "{@orders_returns}"
	case f.Fulfillment == order.FulfillmentPartial:
		s.from += "{@orders_partial}"
	case len(f.States) > 0 && len(f.States) <= maxBranches:
		branched = true
		branch(s, "o.state", f.States)
		if f.PayBefore.IsZero() {
			s.from += "{@orders_state}"
		} else {
			s.from += "{@orders_pay_by}"
		}
	case f.Payment != "":
		s.from += "{@orders_payment}"
	case between:
		s.from += "{@orders_placed}"
	}
	if !branched {
		in(s, "o.state", f.States)
	}
	s.facets(f)
	s.times(f, t.engine.unindexed)
	return s
}

// soldItem begins with the lines of an item; the first of an order stands for it.
func (s *selection) soldItem(f *order.Filter) {
	s.from = "{order_lines} l{@order_lines_item} JOIN {orders} o ON o.tenant = l.tenant AND o.id = l.order_id"
	s.by = "ORDER BY l.order_id DESC"
	s.where[0] = "l.tenant = ?"
	s.and("l.item = ? AND l.order_id < ?", f.Item, before(f.After.UUID))
	s.and(`NOT EXISTS (SELECT 1 FROM {order_lines} e{@order_lines_item} WHERE e.tenant = l.tenant AND e.item = l.item
		AND e.order_id = l.order_id AND e.line_no < l.line_no)`)
}

// facets adds the fields that are compared. A condition on a constant says that the
// index which has only such rows is good for it.
func (s *selection) facets(f *order.Filter) {
	if f.Customer != "" {
		s.and("o.customer = ? AND o.customer <> ''", f.Customer)
	}
	if f.Channel != "" {
		s.and("o.channel = ?", f.Channel)
	}
	if f.Payment != "" {
		s.and("o.payment = ?", string(f.Payment))
	}
	switch f.Fulfillment {
	case "":
	case order.FulfillmentPartial:
		s.and("o.fulfillment = 'partial'")
	default:
		s.and("o.fulfillment = ?", string(f.Fulfillment))
	}
	switch f.Return {
	case "":
	case order.ReturnNone:
		s.and("o.returns = 'none'")
	default:
		s.and("o.returns = ? AND o.returns <> 'none'", string(f.Return))
	}
	if f.OnHold {
		s.and("o.on_hold = 1")
	}
}

// times adds the fields that are ranges. The index on placing is good for a range with
// two ends; with one, the order of ids finds a page sooner.
func (s *selection) times(f *order.Filter, unindexed string) {
	from, to := !f.PlacedFrom.IsZero(), !f.PlacedTo.IsZero()
	if from && to {
		unindexed = ""
	}
	if from {
		s.and(unindexed+"o.placed_at >= ?", bound(f.PlacedFrom))
	}
	if to {
		s.and(unindexed+"o.placed_at < ?", bound(f.PlacedTo))
	}
	if !f.PayBefore.IsZero() {
		s.and("o.pay_by < ?", bound(f.PayBefore))
	}
}

// bound is the first stored time that is not before t. Stored times are whole
// microseconds; t need not be.
func bound(t time.Time) int64 { return t.Add(time.Microsecond - 1).UnixMicro() }
