package retail

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// builder gathers rows into invoices.
type builder struct {
	file     string
	codes    map[string]*Item // by stock code as written
	items    map[string]*Item // by id
	invoices map[string]*invoice
	names    map[name]*votes
}

// invoice is a step under construction.
type invoice struct {
	step Step
	row  int // of its first line
}

// name is a description that some row gives an item.
type name struct {
	item *Item
	text string
}

// votes counts the rows that use a name.
type votes struct {
	paid  int // sale lines with a price
	all   int
	first int // row
}

func newBuilder(file string) *builder {
	return &builder{
		file:     file,
		codes:    make(map[string]*Item),
		items:    make(map[string]*Item),
		invoices: make(map[string]*invoice),
		names:    make(map[name]*votes),
	}
}

// add puts the row into its invoice. It refuses a row that contradicts the invoice's earlier ones.
func (b *builder) add(row Row) error {
	inv, ok := b.invoices[row.Invoice]
	if !ok {
		inv = &invoice{
			row:  row.Line,
			step: Step{Invoice: row.Invoice, At: row.At, Customer: row.Customer, Country: row.Country},
		}
		b.invoices[row.Invoice] = inv
	}
	if row.Customer != inv.step.Customer {
		return b.contradiction(row, colCustomer, row.Customer, inv.step.Customer)
	}
	if row.Country != inv.step.Country {
		return b.contradiction(row, colCountry, row.Country, inv.step.Country)
	}
	if row.At.Before(inv.step.At) {
		inv.step.At = row.At
	}
	item := b.item(row.Code)
	b.vote(item, row)
	inv.step.add(Line{Item: item, Description: row.Description, Qty: row.Qty, Price: row.Price, Row: row.Line})
	return nil
}

func (b *builder) contradiction(row Row, col int, found, earlier string) error {
	reason := fmt.Sprintf("earlier rows of invoice %s say %q: correct the row or give it an invoice of its own",
		row.Invoice, earlier)
	return &RowError{File: b.file, Line: row.Line, Column: Columns()[col], Value: found, Reason: reason}
}

// add puts a line into the part of the step where it belongs; the package comment has the table.
func (s *Step) add(line Line) {
	kind := s.Kind()
	switch {
	case kind == Adjustment:
		s.Adjustments = append(s.Adjustments, line)
	case line.Price < 0:
		s.Adjustments = append(s.Adjustments, line)
		if line.Item.Stocked {
			line.Price = 0
			s.addGoods(line)
		}
	case kind == Sale && line.Price == 0 && (line.Qty < 0 || s.Customer == ""):
		s.Corrections = append(s.Corrections, line)
	default:
		s.addGoods(line)
	}
}

// addGoods tells sold from returned by the sign of the quantity.
func (s *Step) addGoods(line Line) {
	if line.Qty > 0 {
		s.Sale = append(s.Sale, line)
		return
	}
	line.Qty = -line.Qty
	s.Returns = append(s.Returns, Return{Line: line})
}

// item returns the item of a stock code, however the code is written.
func (b *builder) item(code string) *Item {
	if item, ok := b.codes[code]; ok {
		return item
	}
	id := strings.ToUpper(code)
	item, ok := b.items[id]
	if !ok {
		item = &Item{ID: id, Stocked: merchandise(id)}
		b.items[id] = item
	}
	b.codes[code] = item
	return item
}

// merchandise is true for five digits and up to two capital letters.
func merchandise(id string) bool {
	const digits, letters = 5, 2
	if len(id) < digits || len(id) > digits+letters {
		return false
	}
	for i := range len(id) {
		low, high := byte('0'), byte('9')
		if i >= digits {
			low, high = 'A', 'Z'
		}
		if id[i] < low || id[i] > high {
			return false
		}
	}
	return true
}

// vote counts the row's description as a name of the item.
func (b *builder) vote(item *Item, row Row) {
	if row.Description == "" {
		return
	}
	key := name{item: item, text: row.Description}
	v, ok := b.names[key]
	if !ok {
		v = &votes{first: row.Line}
		b.names[key] = v
	}
	v.all++
	if KindOf(row.Invoice) == Sale && row.Qty > 0 && row.Price > 0 {
		v.paid++
	}
}

// build sorts what was gathered.
func (b *builder) build() *Year {
	year := &Year{Items: b.namedItems(), Steps: make([]Step, 0, len(b.invoices))}
	invoices := make([]*invoice, 0, len(b.invoices))
	for _, inv := range b.invoices {
		invoices = append(invoices, inv)
	}
	slices.SortFunc(invoices, func(x, y *invoice) int {
		return cmp.Or(x.step.At.Compare(y.step.At), cmp.Compare(x.row, y.row))
	})
	for _, inv := range invoices {
		year.Steps = append(year.Steps, inv.step)
	}
	return year
}

// namedItems returns the items by id, each with its most voted name.
func (b *builder) namedItems() []*Item {
	best := make(map[*Item]*votes, len(b.items))
	for key, v := range b.names {
		if lead, ok := best[key.item]; !ok || v.beats(lead) {
			best[key.item] = v
			key.item.Description = key.text
		}
	}
	items := make([]*Item, 0, len(b.items))
	for _, item := range b.items {
		if item.Description == "" {
			item.Description = item.ID
		}
		items = append(items, item)
	}
	slices.SortFunc(items, func(x, y *Item) int { return cmp.Compare(x.ID, y.ID) })
	for i, item := range items {
		item.index = i
	}
	return items
}

// beats prefers names of paid sales, since names elsewhere are often notes such as "damaged"; rows
// differ, so two names never tie.
func (v *votes) beats(w *votes) bool {
	return cmp.Or(cmp.Compare(v.paid, w.paid), cmp.Compare(v.all, w.all), cmp.Compare(w.first, v.first)) > 0
}
