package main

import (
	"bufio"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/shopspring/decimal"

	"github.com/orderkit/oms/inventory"
	"github.com/orderkit/oms/inventory/purchasing"
	"github.com/orderkit/oms/inventory/sheet"
)

// files is AdventureWorks as far as it buys.
type files struct {
	items     []inventory.Item
	locations []inventory.Location
	opening   []sheet.Stock
	suppliers []purchasing.Supplier
	orders    []*purchase
	byID      map[string]*purchase
}

// purchase is a purchase order as the files have it, with how it ended.
type purchase struct {
	id, supplier string
	status       string
	ordered      time.Time
	shipped      time.Time

	subtotal, tax, freight, total decimal.Decimal

	lines []bought
}

// bought is a line of a purchase order.
type bought struct {
	no, item string
	due      time.Time
	qty      int64
	price    decimal.Decimal
	amount   decimal.Decimal

	received, rejected, stocked int64
}

// The statuses of purchase orders.
const (
	pending  = "1"
	approved = "2"
	rejected = "3"
	complete = "4"
)

// load reads the files of a folder. They have no header and are tab-separated; columns
// are those of instawdb.sql beside them.
func load(folder string) (*files, error) {
	f := &files{byID: map[string]*purchase{}}
	for _, part := range []struct {
		name    string
		columns int
		row     func(*reader)
	}{
		{"Product", 25, f.product}, {"Location", 5, f.location}, {"ProductInventory", 7, f.stock},
		{"Vendor", 8, f.vendor}, {"ProductVendor", 11, f.term},
		{"PurchaseOrderHeader", 13, f.header}, {"PurchaseOrderDetail", 11, f.detail},
	} {
		path := filepath.Join(folder, part.name+".csv")
		if err := each(path, part.columns, part.row); err != nil {
			return nil, err
		}
	}
	return f, nil
}

// reader is a row at work. The first thing wrong with it is kept.
type reader struct {
	cells []string
	err   error
}

const bom = "\ufeff" // with which some programs begin a file

func each(path string, columns int, row func(*reader)) error {
	text, err := os.Open(path) //nolint:gosec // the caller names the folder to read
	if errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("there is no file %s: name a folder with -data that has the CSV files of Microsoft's sample database AdventureWorks", path)
	}
	if err != nil {
		return err
	}
	start := bufio.NewReader(text)
	if mark, err := start.Peek(len(bom)); err == nil && string(mark) == bom {
		if _, err := start.Discard(len(bom)); err != nil {
			return errors.Join(err, text.Close())
		}
	}
	in := csv.NewReader(start)
	in.Comma, in.FieldsPerRecord, in.LazyQuotes = '\t', columns, true // inches are written 26"
	for {
		cells, err := in.Read()
		if errors.Is(err, io.EOF) {
			return text.Close()
		}
		r := &reader{cells: cells, err: err}
		line, _ := in.FieldPos(0)
		if err == nil {
			row(r)
		}
		if r.err != nil {
			return errors.Join(fmt.Errorf("%s:%d: %w", filepath.Base(path), line, r.err), text.Close())
		}
	}
}

func (r *reader) text(i int) string { return strings.TrimSpace(r.cells[i]) }

func (r *reader) fail(i int, want string) {
	if r.err == nil {
		r.err = fmt.Errorf("column %d: %q is no %s", i+1, r.cells[i], want)
	}
}

// amount reads 50.2600 or .00.
func (r *reader) amount(i int) decimal.Decimal {
	text := r.text(i)
	if strings.HasPrefix(text, ".") {
		text = "0" + text
	}
	d, err := decimal.NewFromString(text)
	if err != nil {
		r.fail(i, "amount")
	}
	return d
}

// units reads 12 or 3.00.
func (r *reader) units(i int) int64 {
	d := r.amount(i)
	if !d.IsInteger() || !d.BigInt().IsInt64() {
		r.fail(i, "number of units")
		return 0
	}
	return d.IntPart()
}

func (r *reader) moment(i int) time.Time {
	if r.text(i) == "" {
		return time.Time{}
	}
	at, err := time.Parse("2006-01-02 15:04:05", r.text(i))
	if err != nil {
		r.fail(i, "time")
	}
	return at
}

func (f *files) product(r *reader) {
	f.items = append(f.items, inventory.Item{ID: r.text(0), Name: r.text(1), SKU: r.text(2)})
}

func (f *files) location(r *reader) {
	f.locations = append(f.locations, inventory.Location{ID: r.text(0), Name: r.text(1)})
}

// stock leaves out the shelves that are empty: nothing opens there.
func (f *files) stock(r *reader) {
	if qty := r.units(4); qty > 0 {
		f.opening = append(f.opening, sheet.Stock{Item: r.text(0), Location: r.text(1), Qty: qty})
	}
}

func (f *files) vendor(r *reader) {
	f.suppliers = append(f.suppliers, purchasing.Supplier{ID: r.text(0), Name: r.text(2)})
}

func (f *files) term(r *reader) {
	i := slices.IndexFunc(f.suppliers, func(s purchasing.Supplier) bool { return s.ID == r.text(1) })
	days, err := strconv.Atoi(r.text(2))
	if i < 0 || err != nil {
		r.fail(1, "vendor with a lead time in days")
		return
	}
	f.suppliers[i].Items = append(f.suppliers[i].Items, purchasing.SupplierItem{
		Item: r.text(0), Price: r.amount(3), MinQty: r.units(6), LeadTime: time.Duration(days) * 24 * time.Hour,
	})
}

func (f *files) header(r *reader) {
	p := &purchase{
		id: r.text(0), status: r.text(2), supplier: r.text(4), ordered: r.moment(6), shipped: r.moment(7),
		subtotal: r.amount(8), tax: r.amount(9), freight: r.amount(10), total: r.amount(11),
	}
	if f.byID[p.id] != nil {
		r.fail(0, "purchase order of its own: it is there twice")
	}
	f.byID[p.id], f.orders = p, append(f.orders, p)
}

func (f *files) detail(r *reader) {
	p, found := f.byID[r.text(0)]
	if !found {
		r.fail(0, "purchase order")
		return
	}
	p.lines = append(p.lines, bought{
		no: r.text(1), due: r.moment(2), qty: r.units(3), item: r.text(4), price: r.amount(5), amount: r.amount(6),
		received: r.units(7), rejected: r.units(8), stocked: r.units(9),
	})
}
