package sqlstore

import (
	"context"
	"iter"
	"strings"

	"github.com/orderkit/oms/inventory"
)

// pageRows is how many rows a list reads at a time.
const pageRows = 500

// listing selects the rows of a tenant in the order of some columns, which tell rows
// apart.
func (t *tx) listing(of *table, from string, by ...string) selection {
	return selection{
		table: of, from: from, by: "ORDER BY " + strings.Join(by, ", "), limit: pageRows,
		where: []string{"tenant = ?"}, args: []any{t.tenant}, keys: by, tuples: t.engine.tuples,
	}
}

// after narrows a listing to the rows behind the one with these values.
func (s *selection) after(values []any) selection {
	page, than := s.clone(), ">"
	if s.back {
		than = "<"
	}
	if s.tuples {
		page.and("("+strings.Join(s.keys, ", ")+") "+than+" (?"+strings.Repeat(", ?", len(values)-1)+")", values...)
		return page
	}
	condition, args := behind(s.keys, values, than)
	page.and(condition, args...)
	return page
}

// behind is (a, b, …) > (?, ?, …), or <, for engines that use no index for that: the
// first column is compared by itself.
func behind(columns []string, values []any, than string) (string, []any) {
	column, value := columns[0], values[0]
	if len(columns) == 1 {
		return column + " " + than + " ?", []any{value}
	}
	rest, args := behind(columns[1:], values[1:], than)
	return column + " " + than + "= ? AND (" + column + " " + than + " ? OR (" + rest + "))", append([]any{value, value}, args...)
}

// rowsOf yields the rows of a listing by pages: nothing is held while the body runs.
// The key of a row is its values of the columns that the listing goes by.
func rowsOf[T any](ctx context.Context, t *tx, s selection, read func(*cells) T, key func(*T) []any) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		for page := s; ; {
			text, args := page.build()
			found, err := collect(ctx, t, t.render(text), args, len(s.table.columns)-1, read)
			if err != nil {
				var none T
				yield(none, err)
				return
			}
			for _, v := range found {
				if !yield(v, nil) {
					return
				}
			}
			if len(found) < s.limit {
				return
			}
			page = s.after(key(&found[len(found)-1]))
		}
	}
}

// collect reads a page of rows.
func collect[T any](ctx context.Context, t *tx, text string, args []any, width int, read func(*cells) T) ([]T, error) {
	if err := t.reading(ctx); err != nil {
		return nil, err
	}
	var page []T
	err := t.scan(ctx, text, args, width, func(row []any) error {
		c := cells{row: row, at: 1}
		page = append(page, read(&c))
		return c.err
	})
	return page, err
}

// ListItems yields definitions by ID.
func (x stock) ListItems(ctx context.Context) iter.Seq2[inventory.Item, error] {
	return rowsOf(ctx, x.tx, x.listing(itemsTable, "{items}", "id"), readItem, func(i *inventory.Item) []any { return []any{i.ID} })
}

// ListLocations yields definitions by ID.
func (x stock) ListLocations(ctx context.Context) iter.Seq2[inventory.Location, error] {
	return rowsOf(ctx, x.tx, x.listing(locationsTable, "{locations}", "id"), readLocation, func(l *inventory.Location) []any { return []any{l.ID} })
}

// ListBalances yields balance rows by Key.
func (x stock) ListBalances(ctx context.Context) iter.Seq2[inventory.Balance, error] {
	s := x.listing(balancesTable, "{stock_balances}", "item", "location", "lot")
	return rowsOf(ctx, x.tx, s, readBalance, func(b *inventory.Balance) []any { return []any{b.Item, b.Location, b.Lot} })
}

func readBalance(c *cells) inventory.Balance {
	b := inventory.Balance{Key: inventory.Key{Item: c.text(), Location: c.text()}}
	readUnits(c, &b)
	return b
}
