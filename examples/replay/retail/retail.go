// Package retail reads a shop's sales ledger in the shape of the UCI Online Retail file and turns it
// into a plan: one step per invoice, in order of time, ready to be replayed against an order system.
//
// The ledger has one row per invoice line and eight columns: InvoiceNo, StockCode, Description,
// Quantity, InvoiceDate, UnitPrice, CustomerID, Country. It says nothing of stock on hand, and its
// cancellations do not say which sale they undo; the package derives both. The package itself knows no
// order engine: it is data, and the same file always gives the same plan.
//
//	year, err := retail.Load("online_retail.csv.gz")
//	for _, level := range year.Stock(retail.Physical) { ... } // receive the opening stock
//	for _, step := range year.Steps { ... }                   // replay
//	year.Reference.Total.Net().Exact                          // what the books must say at the end
//
// # What becomes of a row
//
// An invoice number that begins with C is a cancellation, with A an adjustment of the ledger, and
// anything else a sale. Every row of an invoice then lands in one part of its [Step]:
//
//	in an A invoice                                  Adjustments   money without goods
//	outside C, price 0, quantity < 0                 Corrections   write-off
//	outside C, price 0, quantity > 0, no customer    Corrections   find
//	price < 0                                        Adjustments   and, for an item kept in stock, its
//	                                                               goods in Sale or Returns at price 0
//	quantity > 0                                     Sale          price 0 is a gift; also in a C invoice
//	quantity < 0                                     Returns       also in a sale invoice (a credit line)
//
// Repeated rows are kept, since they are real lines. An invoice whose rows carry several times keeps the
// earliest, and one whose rows are scattered over the file is one step. An invoice of two customers or
// two countries is refused. Wall-clock times are taken as UTC, for the file names no zone: so a month
// of the plan is a month of the file.
//
// # Stock
//
// An item is the stock code without surrounding blanks, in upper case. It is kept in stock when it is
// merchandise, five digits and up to two letters; every other code is a service (postage, a bank
// charge, a voucher), which moves no stock. The parts of a step take effect in the order of the fields
// of [Step]: the sale ships, returned goods come back (whether a sale was found for them or not), then
// corrections move stock one by one as [StockRule] says. Adjustments never do.
package retail

import (
	"fmt"
	"io"
	"strings"
	"time"
)

// Year is a whole ledger, planned. It need not span exactly a year.
type Year struct {
	Steps     []Step    // one per invoice, by time and then by place in the file
	Items     []*Item   // everything the ledger names, by id
	Reference Reference // totals of the raw rows, computed without the plan
}

// Item is something the shop invoices.
type Item struct {
	ID          string // the stock code, upper-cased
	Description string // the most usual one on paid sale lines, else on any row, else the id
	Stocked     bool   // merchandise; a service is never counted

	index int // place in Year.Items
}

// Step is one invoice. Its number is unique in the ledger, which makes it an idempotency key. An empty
// part is nil; at least one is not.
type Step struct {
	Invoice  string
	At       time.Time // wall clock of the shop, as UTC
	Customer string    // empty when the ledger names none
	Country  string

	Sale        []Line   // an order: quantity > 0, price >= 0
	Returns     []Return // goods that come back, money that is refunded
	Corrections []Line   // stock corrections: quantity < 0 a write-off, > 0 a find; price 0
	Adjustments []Line   // ledger entries without goods; quantity and price signed as in the file
}

// Kind says what the invoice number makes of the step.
func (s *Step) Kind() Kind { return KindOf(s.Invoice) }

// Line is one row of the ledger within a step.
type Line struct {
	Item        *Item
	Description string // of this very row: often the reason of a correction; may be empty
	Qty         int64  // units
	Price       Amount // per unit
	Row         int    // physical line in the file
}

// Amount is quantity times price, unrounded.
func (l Line) Amount() Amount { return Amount(l.Qty) * l.Price }

// Return is a line that comes back: Qty is above zero, and its amount is what is refunded. The matches
// and the unmatched quantity add up to Qty.
type Return struct {
	Line
	Matches   []Match // newest sale first
	Unmatched int64   // units for which the ledger holds no open sale
}

// Match names sold units that a return takes back.
type Match struct {
	Invoice string // the step whose Sale holds the line
	Line    int    // index into that Sale
	Qty     int64  // above zero
}

// Kind is what an invoice number says about its invoice.
type Kind int

// The kinds of invoices, told by the first letter of their number.
const (
	Sale         Kind = iota // no special letter
	Cancellation             // C
	Adjustment               // A
)

// KindOf reads the kind off an invoice number.
func KindOf(invoice string) Kind {
	switch {
	case strings.HasPrefix(invoice, "C"):
		return Cancellation
	case strings.HasPrefix(invoice, "A"):
		return Adjustment
	default:
		return Sale
	}
}

// String returns the kind as a word.
func (k Kind) String() string {
	switch k {
	case Sale:
		return "sale"
	case Cancellation:
		return "cancellation"
	case Adjustment:
		return "adjustment"
	default:
		return fmt.Sprintf("Kind(%d)", int(k))
	}
}

// Load plans the ledger at path. It stops at the first row that cannot be used, with a [*RowError];
// see [Open] for the other errors. To list all bad rows, range over [File.Rows].
func Load(path string) (*Year, error) {
	f, err := Open(path)
	if err != nil {
		return nil, err
	}
	year, err := f.plan()
	if closeErr := f.Close(); err == nil && closeErr != nil {
		return nil, closeErr
	}
	return year, err
}

// Read plans the ledger that r holds, plain or gzipped; name stands for the file in errors. Errors are
// those of [Load].
func Read(r io.Reader, name string) (*Year, error) {
	f, err := newFile(r, name)
	if err != nil {
		return nil, err
	}
	return f.plan()
}

// plan reads all rows once, feeding the plan and the reference side by side.
func (f *File) plan() (*Year, error) {
	b := newBuilder(f.name)
	ref := newTally()
	for row, err := range f.Rows() {
		if err != nil {
			return nil, err
		}
		if err := b.add(row); err != nil {
			return nil, err
		}
		ref.add(row)
	}
	year := b.build()
	match(year.Steps)
	year.Reference = ref.reference()
	return year, nil
}
