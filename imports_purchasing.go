package oms

import (
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
// lines of one. An order next to a row that is wrong is not drafted, since that may be
// one of its lines, and half an order is worse than none. Each order is told of at its
// first line; Rows and Done count lines.
func (g Imports) Purchases(ctx context.Context, f File, opts ...CallOption) (Imported, error) {
	var out Imported
	if f.Name == "" || len(f.Name) > maxFileName {
		return out, fmt.Errorf("%w: name %q of a file; 1 to %d bytes", ErrOption, f.Name, maxFileName)
	}
	var lines []sheet.Row[sheet.PurchaseLine]
	spoiled := false // by the row before the first line
	draft := func(wrong bool) error {
		rows := lines
		lines = nil
		if len(rows) == 0 {
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
	for row, err := range sheet.Purchases().Read(f.CSV, f.Options) {
		if err != nil {
			if _, told := errors.AsType[*sheet.CellError](err); !told {
				return out, err
			}
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
	err := draft(false)
	slices.SortStableFunc(out.Wrong, func(a, b error) int { return lineOf(a) - lineOf(b) })
	return out, err
}

// draft drafts the order of some rows.
func (g Imports) draft(ctx context.Context, file string, rows []sheet.Row[sheet.PurchaseLine], opts []CallOption) error {
	first := rows[0].Value
	d := purchasing.Draft{Number: first.Number, Supplier: first.Supplier, Currency: first.Currency}
	for _, r := range rows {
		if r.Value.Supplier != d.Supplier || r.Value.Currency != d.Currency {
			return fmt.Errorf("%w: line %d of the file has another supplier or currency than the order it belongs to", sheet.ErrValue, r.Line)
		}
		d.Lines = append(d.Lines, r.Value.DraftLine())
	}
	_, err := g.e.Purchasing.Draft(ctx, d, append(slices.Clip(opts), Key("import "+file+" "+rows[0].Key))...)
	return err
}
