package oms

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/orderkit/oms/inventory"
	"github.com/orderkit/oms/inventory/purchasing"
	"github.com/orderkit/oms/inventory/sheet"
	"github.com/orderkit/oms/storage"
)

// Imports bring in CSV files, see package sheet. A row that is wrong is told of, and the
// others go on. Each row is a command of its own under an idempotency key that is made of
// the file's name and of what the row is about, so that the same file again changes
// nothing; a row that says something else than it did is a *KeyError, for opening stock
// is not counted twice because a line was put right. Give a file that corrects another
// one a name of its own.
type Imports struct{ e *Engine }

// File is what an import reads.
type File struct {
	Name string    // 1 to 64 bytes; what makes a second run harmless
	CSV  io.Reader // read once, from front to back
	Rows int       // in one transaction; 100 unless set
	sheet.Options
}

// Imported is what became of a file.
type Imported struct {
	Rows  int     // that were right
	Done  int     // of them: brought in, now or before
	Wrong []error // each a *sheet.CellError, in the order of the file
}

// maxFileName leaves room for the fingerprint of a row in an idempotency key.
const maxFileName = 64

// Items adds items, or changes their definitions: what the sheet has columns for is as the file
// says, also where it says nothing. Kits, bills, units, costing and serial numbers stay as they are.
func (g Imports) Items(ctx context.Context, f File, opts ...CallOption) (Imported, error) {
	return importFile(ctx, g.e, f, sheet.Items(), opts, func(ctx context.Context, k *Engine, i inventory.Item, opts []CallOption) error {
		return k.Stock.addItem(ctx, "import item", i, keepRest, opts)
	})
}

// keepRest takes over what the sheet of items has no columns for.
func keepRest(s *attempt, i *inventory.Item) error {
	snap, err := s.tx.Stock().Load(s, inventory.Need{Items: []string{i.ID}})
	if err != nil {
		return err
	}
	for k := range snap.Items { // it, if it is there, and its components
		if had := &snap.Items[k]; had.ID == i.ID {
			i.Kit, i.Bill, i.Units, i.Costing, i.Serials = had.Kit, had.Bill, had.Units, had.Costing, had.Serials
		}
	}
	return nil
}

// Locations adds locations, or changes their definitions.
func (g Imports) Locations(ctx context.Context, f File, opts ...CallOption) (Imported, error) {
	return importFile(ctx, g.e, f, sheet.Locations(), opts, func(ctx context.Context, k *Engine, l inventory.Location, opts []CallOption) error {
		return k.Stock.AddLocation(ctx, l, opts...)
	})
}

// Opening brings in stock that was there before the ledger. Postings name the file as
// their document. A row with an expiry is refused: a lot gets that when it is received.
func (g Imports) Opening(ctx context.Context, f File, opts ...CallOption) (Imported, error) {
	return importFile(ctx, g.e, f, sheet.Opening(), opts, func(ctx context.Context, k *Engine, s sheet.Stock, opts []CallOption) error {
		if !s.Expires.IsZero() {
			return fmt.Errorf("%w: lot %q of item %q gets its expiry when it is received, not from opening stock", sheet.ErrValue, s.Lot, s.Item)
		}
		_, err := k.Stock.Adjust(ctx, s.Adjustment(f.Name), opts...)
		return err
	})
}

// importing is a file on its way in.
type importing[T any] struct {
	e    *Engine
	file File
	opts []CallOption
	run  func(context.Context, *Engine, T, []CallOption) error
	out  Imported
}

func importFile[T any](ctx context.Context, e *Engine, f File, s sheet.Sheet[T], opts []CallOption,
	run func(context.Context, *Engine, T, []CallOption) error,
) (Imported, error) {
	if f.Name == "" || len(f.Name) > maxFileName {
		return Imported{}, fmt.Errorf("%w: name %q of a file; 1 to %d bytes", ErrOption, f.Name, maxFileName)
	}
	if f.Rows <= 0 {
		f.Rows = 100
	}
	im := importing[T]{e: e, file: f, opts: opts, run: run}
	batch := make([]sheet.Row[T], 0, f.Rows)
	for row, err := range s.Read(f.CSV, f.Options) {
		if err != nil {
			if _, told := errors.AsType[*sheet.CellError](err); !told {
				return im.out, err
			}
			im.out.Wrong = append(im.out.Wrong, err)
			continue
		}
		im.out.Rows++
		if batch = append(batch, row); len(batch) == f.Rows {
			if err := im.take(ctx, batch); err != nil {
				return im.out, err
			}
			batch = batch[:0]
		}
	}
	err := im.take(ctx, batch)
	slices.SortStableFunc(im.out.Wrong, func(a, b error) int { return lineOf(a) - lineOf(b) })
	return im.out, err
}

func lineOf(err error) int {
	p, _ := errors.AsType[*sheet.CellError](err)
	return p.Line
}

// take brings in a batch in one transaction. Should that be refused as a whole, since a
// store may find out about a row only when it writes, each row gets one of its own.
func (im *importing[T]) take(ctx context.Context, batch []sheet.Row[T]) error {
	if len(batch) == 0 {
		return nil
	}
	wrong, err := im.together(ctx, batch)
	if refusal(err) && len(batch) > 1 {
		for i := range batch {
			if err := im.take(ctx, batch[i:i+1]); err != nil {
				return err
			}
		}
		return nil
	}
	if refusal(err) {
		wrong, err = []error{problemOf(batch[0].Line, err)}, nil
	}
	if err != nil {
		return err
	}
	im.out.Wrong = append(im.out.Wrong, wrong...)
	im.out.Done += len(batch) - len(wrong)
	return nil
}

func (im *importing[T]) together(ctx context.Context, batch []sheet.Row[T]) (wrong []error, err error) {
	err = im.e.Atomically(ctx, func(ctx context.Context, k *Engine) error {
		wrong = nil // it may run again
		for _, row := range batch {
			opts := append(slices.Clip(im.opts), Key("import "+im.file.Name+" "+row.Key))
			switch err := im.run(ctx, k, row.Value, opts); {
			case refusal(err):
				wrong = append(wrong, problemOf(row.Line, err))
			case err != nil:
				return err
			}
		}
		return nil
	})
	return wrong, err
}

// refusals are the causes for which a row is refused: they are about what it says. Every
// other error is about the store or the context, and ends the import.
var refusals = []error{
	inventory.ErrID, inventory.ErrItem, inventory.ErrUnknownItem, inventory.ErrUnknownLocation, inventory.ErrUntracked, inventory.ErrQuantity,
	inventory.ErrState, inventory.ErrReason, inventory.ErrShortage, inventory.ErrCost, sheet.ErrValue, ErrKey,
	inventory.ErrKit, inventory.ErrUnit, inventory.ErrUnstocked, inventory.ErrLocation, inventory.ErrLot, inventory.ErrSerial,
	purchasing.ErrUnknownSupplier, purchasing.ErrQuantity, purchasing.ErrTerms, purchasing.ErrAmount,
}

func refusal(err error) bool {
	return err != nil && !errors.Is(err, storage.ErrConflict) &&
		slices.ContainsFunc(refusals, func(kind error) bool { return errors.Is(err, kind) })
}

// problemOf says where a refused row stands.
func problemOf(line int, err error) error {
	p := &sheet.CellError{Line: line, Err: err}
	switch {
	case errors.Is(err, inventory.ErrUnknownItem), errors.Is(err, inventory.ErrUntracked), errors.Is(err, inventory.ErrKit):
		p.Column = "item"
	case errors.Is(err, inventory.ErrUnknownLocation), errors.Is(err, inventory.ErrUnstocked):
		p.Column = "location"
	case errors.Is(err, purchasing.ErrUnknownSupplier):
		p.Column = "supplier"
	}
	return p
}
