package memory

import (
	"maps"
	"slices"
	"time"
	"unique"

	"github.com/shopspring/decimal"

	"github.com/orderkit/oms/order"
)

// orderRow is an order as it is kept. Lines are most of the data, so they are kept in
// two parts: what was agreed, which the versions of an order share, and the counters,
// which are many, small and mostly zero.
type orderRow struct {
	order.Order // without lines
	lines       []line
	counts      counts
	facets      order.Facets
}

// line is what was agreed about an order line. Amounts are minor units of the order's
// currency.
type line struct {
	no                      int
	item, sku, title        unique.Handle[string]
	price, rate             decimal.Decimal
	amount, net, tax, total int64
	stocked, backorder      bool
	more                    *lineMore // nil for most
}

type lineMore struct {
	shares   []order.Share
	metadata map[string]string
	kit      *order.KitPart
	money    *[4]order.Money // amount, net, tax and total, if one is not in the order's currency
}

// row copies an order in. Prev is the row that it replaces, or nil.
func (t *tenant) row(o order.Order, prev *orderRow) orderRow {
	r := orderRow{facets: o.Facets()}
	if prev != nil && prev.shares(&o) {
		r.lines = prev.lines
	} else if o.Lines != nil {
		r.lines = make([]line, len(o.Lines))
		for i := range o.Lines {
			r.lines[i] = keep(&o.Lines[i], o.Currency)
		}
	}
	packed := t.scratch[:0]
	for i := range o.Lines {
		for _, n := range counters(&o.Lines[i].Counters) {
			packed = packed.add(*n)
		}
	}
	r.counts, t.scratch = slices.Clone(packed), packed
	o.Lines = nil
	r.Order = o.Clone()
	r.normalize()
	return r
}

func (r *orderRow) normalize() {
	for _, t := range []*time.Time{&r.PayBy, &r.PlacedAt, &r.ConfirmedAt, &r.ClosedAt, &r.CancelledAt, &r.UpdatedAt} {
		*t = utc(*t)
	}
	for i := range r.Payments {
		op := &r.Payments[i]
		op.At, op.SettledAt = utc(op.At), utc(op.SettledAt)
	}
	for i := range r.Holds {
		r.Holds[i].At = utc(r.Holds[i].At)
	}
}

// order copies the order out.
func (r *orderRow) order() order.Order {
	o := r.Clone()
	if r.lines == nil {
		return o
	}
	o.Lines = make([]order.Line, len(r.lines))
	rest := r.counts
	for i := range r.lines {
		l := &o.Lines[i]
		r.lines[i].fill(l, o.Currency)
		for _, n := range counters(&l.Counters) {
			*n, rest = rest.next()
		}
	}
	return o
}

// shares tells whether an order agrees with the row in all that line keeps.
func (r *orderRow) shares(o *order.Order) bool {
	if len(r.lines) != len(o.Lines) || r.Currency != o.Currency {
		return false
	}
	for i := range r.lines {
		if !r.lines[i].same(&o.Lines[i], o.Currency) {
			return false
		}
	}
	return true
}

// keep copies what was agreed in.
func keep(l *order.Line, c order.Currency) line {
	item := unique.Make(l.Item)
	sku := item
	if l.SKU != l.Item {
		sku = unique.Make(l.SKU)
	}
	k := line{
		no: l.No, item: item, sku: sku, title: unique.Make(l.Title),
		price: l.UnitPrice, rate: l.TaxRate, stocked: l.Stocked, backorder: l.Backorder,
		amount: l.Amount.MinorUnits(), net: l.Net.MinorUnits(), tax: l.Tax.MinorUnits(), total: l.Total.MinorUnits(),
	}
	money := [4]order.Money{l.Amount, l.Net, l.Tax, l.Total}
	foreign := slices.ContainsFunc(money[:], func(m order.Money) bool { return m.Currency() != c })
	if foreign || l.Shares != nil || l.Metadata != nil || l.Kit != nil {
		k.more = &lineMore{shares: slices.Clone(l.Shares), metadata: maps.Clone(l.Metadata), kit: ofKit(l.Kit)}
		if foreign {
			own := money
			k.more.money = &own
		}
	}
	return k
}

// same tells whether keep would make the same of a line. It compares decimals by their
// pointers: those of an order that was read here come back unless they were changed.
func (k *line) same(l *order.Line, c order.Currency) bool {
	if k.no != l.No || k.item.Value() != l.Item || k.sku.Value() != l.SKU || k.title.Value() != l.Title ||
		k.price != l.UnitPrice || k.rate != l.TaxRate || k.stocked != l.Stocked || k.backorder != l.Backorder {
		return false
	}
	for i, m := range [4]order.Money{l.Amount, l.Net, l.Tax, l.Total} {
		if k.money(i, c) != m {
			return false
		}
	}
	if k.more == nil {
		return l.Shares == nil && l.Metadata == nil && l.Kit == nil
	}
	return slices.Equal(k.more.shares, l.Shares) && maps.Equal(k.more.metadata, l.Metadata) &&
		(k.more.kit == nil) == (l.Kit == nil) && (l.Kit == nil || *k.more.kit == *l.Kit)
}

func ofKit(k *order.KitPart) *order.KitPart {
	if k == nil {
		return nil
	}
	part := *k
	return &part
}

func (k *line) money(i int, c order.Currency) order.Money {
	if k.more != nil && k.more.money != nil {
		return k.more.money[i]
	}
	m, _ := order.Minor([4]int64{k.amount, k.net, k.tax, k.total}[i], c) // it was a Money of c
	return m
}

// fill copies what was agreed out.
func (k *line) fill(l *order.Line, c order.Currency) {
	l.No, l.Item, l.SKU, l.Title = k.no, k.item.Value(), k.sku.Value(), k.title.Value()
	l.UnitPrice, l.TaxRate, l.Stocked, l.Backorder = k.price, k.rate, k.stocked, k.backorder
	l.Amount, l.Net, l.Tax, l.Total = k.money(0, c), k.money(1, c), k.money(2, c), k.money(3, c)
	if k.more != nil {
		l.Shares, l.Metadata, l.Kit = slices.Clone(k.more.shares), maps.Clone(k.more.metadata), ofKit(k.more.kit)
	}
}

// counters lists the counters of a line in the order in which they are packed.
func counters(c *order.Counters) [15]*int64 {
	return [...]*int64{
		&c.Ordered, &c.Unreserved, &c.Reserved, &c.Backordered, &c.Picked, &c.Packed, &c.Shipped, &c.Cancelled,
		&c.Delivered, &c.ReturnOpen, &c.Returned, &c.Lost, &c.Restocked, &c.WrittenOff, &c.RefundedUnits,
	}
}
