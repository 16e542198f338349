package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"slices"
	"sync"
	"time"

	"github.com/orderkit/oms"
	"github.com/orderkit/oms/inventory"
	"github.com/orderkit/oms/inventory/purchasing"
	"github.com/orderkit/oms/inventory/sheet"
	"github.com/orderkit/oms/storage"
)

// dock is where goods arrive; the shelves they are carried to are in no file.
const dock = "dock"

// works is the company at work.
type works struct {
	files *files
	kit   *oms.Engine
	clock *clock
}

// clock is the time of the files: it only goes forward.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) read() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) advance(to time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if to.After(c.now) {
		c.now = to
	}
}

func newWorks(f *files, store storage.Store) *works {
	c := &clock{now: time.Date(2022, 1, 1, 0, 0, 0, 0, time.UTC)}
	return &works{files: f, kit: oms.New(store, oms.WithClock(c.read)), clock: c}
}

// found brings in what the company begins with: all of it by the files that any company
// could bring in, written and read again.
func (w *works) found(ctx context.Context) error {
	locations := append(slices.Clip(w.files.locations), inventory.Location{ID: dock, Name: "Receiving dock"})
	err := errors.Join(
		bringIn(ctx, "products", sheet.Items(), w.files.items, w.kit.Imports.Items),
		bringIn(ctx, "locations", sheet.Locations(), locations, w.kit.Imports.Locations),
	)
	if err != nil {
		return err
	}
	if err := bringIn(ctx, "opening", sheet.Opening(), w.files.opening, w.kit.Imports.Opening); err != nil {
		return err
	}
	for _, s := range w.files.suppliers {
		if _, err := w.kit.Purchasing.PutSupplier(ctx, s, oms.Key("supplier "+s.ID)); err != nil {
			return err
		}
	}
	return nil
}

func bringIn[T any](ctx context.Context, name string, s sheet.Sheet[T], rows []T,
	run func(context.Context, oms.File, ...oms.CallOption) (oms.Imported, error),
) error {
	var file bytes.Buffer
	if err := s.Write(&file, all(rows)); err != nil {
		return err
	}
	got, err := run(ctx, oms.File{Name: name, CSV: io.Reader(&file), Rows: 500})
	return errors.Join(append(got.Wrong, err)...)
}

func all[T any](rows []T) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		for _, row := range rows {
			if !yield(row, nil) {
				return
			}
		}
	}
}

// buy runs one purchase order from its draft to the last unit that came of it, in one
// transaction.
func (w *works) buy(ctx context.Context, p *purchase) error {
	w.clock.advance(p.ordered)
	d := purchasing.Draft{Number: p.id, Supplier: p.supplier, Currency: "USD", Tax: p.tax,
		Costs: []purchasing.DraftCost{{Kind: purchasing.Freight, Amount: p.freight}}}
	for _, l := range p.lines {
		d.Lines = append(d.Lines, purchasing.DraftLine{Item: l.item, Location: dock, Qty: l.qty, UnitCost: l.price, Due: l.due})
	}
	err := w.kit.Atomically(ctx, func(ctx context.Context, k *oms.Engine) error {
		step := 0
		key := func() oms.CallOption {
			step++
			return oms.Key(fmt.Sprintf("purchase order %s/%d", p.id, step))
		}
		o, err := k.Purchasing.Draft(ctx, d, key())
		if err != nil {
			return err
		}
		if _, err := k.Purchasing.Issue(ctx, o.ID, key()); err != nil {
			return err
		}
		for i, l := range p.lines {
			for _, r := range []purchasing.Receipt{
				{Ref: l.no + " kept", Lines: []purchasing.ReceiptLine{{Line: i + 1, Accepted: l.received - l.rejected}}},
				{Ref: l.no + " rejected", Lines: []purchasing.ReceiptLine{{
					Line: i + 1, Rejected: l.rejected, Reason: purchasing.RejectDefective, Fate: purchasing.SentBack,
				}}},
			} {
				if r.Lines[0].Accepted+r.Lines[0].Rejected == 0 {
					continue
				}
				if _, err := k.Purchasing.Receive(ctx, o.ID, r, key()); err != nil {
					return err
				}
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("purchase order %s: %w", p.id, err)
	}
	return nil
}

// end closes what was complete, and what the supplier rejected: of both nothing more
// will come. Pending and approved orders stay open.
func (w *works) end(ctx context.Context, p *purchase, o *purchasing.Order) error {
	if p.status != complete && p.status != rejected {
		return nil
	}
	key := oms.Key("purchase order " + p.id + "/end")
	due := slices.ContainsFunc(o.Lines, func(l purchasing.Line) bool { return l.Expected() > 0 || l.Cancelled > 0 })
	var err error
	if due {
		_, err = w.kit.Purchasing.CloseShort(ctx, o.ID, "nothing more will come", key)
	} else {
		_, err = w.kit.Purchasing.Close(ctx, o.ID, key)
	}
	return err
}

// orders yields all purchase orders that the engine has.
func (w *works) orders(ctx context.Context) iter.Seq2[*purchasing.Order, error] {
	return func(yield func(*purchasing.Order, error) bool) {
		for f := (oms.PurchaseFilter{}); ; {
			page, err := w.kit.Purchasing.Page(ctx, f)
			if err != nil {
				yield(nil, err)
				return
			}
			if len(page) == 0 {
				return
			}
			for i := range page {
				if !yield(&page[i], nil) {
					return
				}
			}
			f.After = &page[len(page)-1]
		}
	}
}
