package oms

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/orderkit/oms/inventory/purchasing"
	"github.com/orderkit/oms/inventory/sheet"
)

// Suppliers adds suppliers, or changes their names and lead times. What they sell stays
// as it is. A row that says what is known changes nothing.
func (g Imports) Suppliers(ctx context.Context, f File, opts ...CallOption) (Imported, error) {
	return importFile(ctx, g.e, f, sheet.Suppliers(), nil, func(ctx context.Context, k *Engine, s sheet.Supplier, _ []CallOption) error {
		had, err := k.Purchasing.Supplier(ctx, s.ID)
		if err != nil && !errors.Is(err, purchasing.ErrUnknownSupplier) {
			return err
		}
		n := had
		n.ID, n.Name, n.LeadTime = s.ID, s.Name, time.Duration(s.LeadDays)*24*time.Hour
		if had.Version > 0 && n.Name == had.Name && n.LeadTime == had.LeadTime {
			return nil
		}
		_, err = k.Purchasing.PutSupplier(ctx, n, opts...)
		return err
	})
}

// Terms adds what suppliers sell, or changes on what terms. A row that says what is known
// changes nothing.
func (g Imports) Terms(ctx context.Context, f File, opts ...CallOption) (Imported, error) {
	return importFile(ctx, g.e, f, sheet.Terms(), nil, func(ctx context.Context, k *Engine, t sheet.Term, _ []CallOption) error {
		s, err := k.Purchasing.Supplier(ctx, t.Supplier)
		if err != nil {
			return err
		}
		n := t.SupplierItem()
		i := slices.IndexFunc(s.Items, func(i purchasing.SupplierItem) bool { return i.Item == n.Item })
		if i < 0 {
			s.Items = append(slices.Clip(s.Items), n)
		} else {
			had := s.Items[i]
			if had.Price.Equal(n.Price) {
				n.Price = had.Price
			}
			if had.SKU == n.SKU && had.MinQty == n.MinQty && had.Multiple == n.Multiple && had.LeadTime == n.LeadTime && had.Price.Equal(n.Price) {
				return nil
			}
			s.Items = slices.Clone(s.Items)
			s.Items[i] = n
		}
		_, err = k.Purchasing.PutSupplier(ctx, s, opts...)
		return err
	})
}

// Purchases drafts purchase orders: rows of one number that follow each other are the
// lines of one, in the order of their line numbers. An order next to a row that is wrong
// is not drafted, since that may be one of its lines, and half an order is worse than
// none; neither is one whose rows do not follow each other. Each order is told of at its
// first line; Rows and Done count lines. The rows of the file are held in memory, and none
// is drafted should it not be readable to its end.
func (g Imports) Purchases(ctx context.Context, f File, opts ...CallOption) (Imported, error) {
	var out Imported
	if f.Name == "" || len(f.Name) > maxFileName {
		return out, fmt.Errorf("%w: name %q of a file; 1 to %d bytes", ErrOption, f.Name, maxFileName)
	}
	all, err := purchaseRows(f)
	if err != nil {
		return out, err
	}
	apart := ordersApart(all)
	var lines []sheet.Row[sheet.PurchaseLine]
	spoiled := false // by the row before the first line
	draft := func(wrong bool) error {
		rows := lines
		lines = nil
		if len(rows) == 0 {
			return nil
		}
		if at, ok := apart[rows[0].Value.Number]; ok {
			out.Wrong = append(out.Wrong, &sheet.CellError{Line: rows[0].Line, Column: "number", Cell: rows[0].Value.Number,
				Err: fmt.Errorf("%w: rows of this order do not follow each other: it goes on in line %d; sort the file by number", sheet.ErrValue, at)})
			return nil
		}
		if spoiled || wrong {
			out.Wrong = append(out.Wrong, &sheet.CellError{Line: rows[0].Line, Column: "number", Cell: rows[0].Value.Number,
				Err: fmt.Errorf("%w: a row beside this order is wrong, and may be one of its lines", sheet.ErrValue)})
			return nil
		}
		err := g.draft(ctx, f.Name, rows, opts)
		switch {
		case refusal(err):
			out.Wrong = append(out.Wrong, problemOf(rows[0].Line, err))
		case err != nil:
			return err
		default:
			out.Done += len(rows)
		}
		return nil
	}
	for _, x := range all {
		row, err := x.row, x.wrong
		if err != nil {
			if err := draft(true); err != nil {
				return out, err
			}
			out.Wrong, spoiled = append(out.Wrong, err), true
			continue
		}
		out.Rows++
		if len(lines) > 0 && lines[0].Value.Number != row.Value.Number {
			if err := draft(false); err != nil {
				return out, err
			}
			spoiled = false
		}
		lines = append(lines, row)
	}
	err = draft(false)
	slices.SortStableFunc(out.Wrong, func(a, b error) int { return lineOf(a) - lineOf(b) })
	return out, err
}

// purchaseRow is a row of a file of purchase orders, or what is wrong with it.
type purchaseRow struct {
	row   sheet.Row[sheet.PurchaseLine]
	wrong error
}

func purchaseRows(f File) ([]purchaseRow, error) {
	var all []purchaseRow
	for row, err := range sheet.Purchases().Read(f.CSV, f.Options) {
		if _, told := errors.AsType[*sheet.CellError](err); err != nil && !told {
			return nil, err
		}
		all = append(all, purchaseRow{row, err})
	}
	return all, nil
}

// ordersApart finds the orders with rows of other orders between theirs: by number, the line
// of the file in which each goes on.
func ordersApart(all []purchaseRow) map[string]int {
	apart, seen, last := map[string]int{}, map[string]bool{}, ""
	for _, x := range all {
		if x.wrong != nil {
			continue
		}
		number := x.row.Value.Number
		if _, known := apart[number]; number != last && seen[number] && !known {
			apart[number] = x.row.Line
		}
		seen[number], last = true, number
	}
	return apart
}

// draft drafts the order of some rows.
func (g Imports) draft(ctx context.Context, file string, rows []sheet.Row[sheet.PurchaseLine], opts []CallOption) error {
	first := rows[0].Value
	d := purchasing.Draft{Number: first.Number, Supplier: first.Supplier, Currency: first.Currency}
	key := rows[0].Key
	rows = slices.SortedStableFunc(slices.Values(rows), func(a, b sheet.Row[sheet.PurchaseLine]) int { return cmp.Compare(a.Value.Line, b.Value.Line) })
	for _, r := range rows {
		if r.Value.Supplier != d.Supplier || r.Value.Currency != d.Currency {
			return fmt.Errorf("%w: line %d of the file has another supplier or currency than the order it belongs to", sheet.ErrValue, r.Line)
		}
		d.Lines = append(d.Lines, r.Value.DraftLine())
	}
	_, err := g.e.Purchasing.Draft(ctx, d, append(slices.Clip(opts), Key("import "+file+" "+key))...)
	return err
}
