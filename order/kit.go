package order

import (
	"fmt"
	"slices"

	"github.com/shopspring/decimal"
)

// MaxComponents is the largest number of components of a kit.
const MaxComponents = 100

// MaxShare is the largest share of the price that a component of a kit may declare.
const MaxShare = 1_000_000_000_000

// Component is what one unit of a kit has of an item.
type Component struct {
	Item  string
	SKU   string // optional label; defaults to the item id
	Title string
	Qty   int64 // base units in one kit, 1 to MaxQty

	// Share is the component's part of the kit's price, in proportion to the shares of
	// the others: list prices in minor units, say, or percents. 0 to MaxShare. Where no
	// component declares one the price is spread by quantity.
	Share int64
}

// KitPart says of a line that it is a component of a kit, and what was agreed on the kit.
// The lines of one kit have the same KitPart but for Per.
type KitPart struct {
	Line      int    // the line of the kit in the draft, and the first of its lines
	Item      string // immutable item id of the kit
	SKU       string
	Title     string
	UnitPrice decimal.Decimal // of one kit, as agreed
	Per       int64           // units of this line in one kit
}

// Kit is a kit that an order sold, with the lines that it became.
type Kit struct {
	KitPart       // but Per, which differs from line to line, is zero
	Lines   []int // in the order of its components

	Amount Money // what the kits cost before discounts: UnitPrice × Ordered, rounded once
	Net    Money
	Tax    Money
	Total  Money

	// Whole kits, each with every component. A kit of which only some components are
	// somewhere counts there for nothing.
	Ordered   int64
	Ready     int64 // could leave whole now: reserved, picked, packed, or in part gone ahead
	Shipped   int64
	Delivered int64
	Returned  int64
	Cancelled int64
}

// Kits are the kits of an order, in the order of the draft. Nothing is stored for them:
// they are what their lines say.
func (o *Order) Kits() []Kit {
	var out []Kit
	at := map[int]int{}
	for i := range o.Lines {
		l := &o.Lines[i]
		if l.Kit == nil || l.Kit.Per < 1 {
			continue
		}
		n, known := at[l.Kit.Line]
		if !known {
			n = len(out)
			at[l.Kit.Line] = n
			out = append(out, l.kit())
			continue
		}
		out[n].add(l)
	}
	slices.SortFunc(out, func(a, b Kit) int { return a.Line - b.Line })
	for i := range out {
		out[i].Ready -= out[i].Shipped
	}
	return out
}

// kit begins the kit of a line.
func (l *Line) kit() Kit {
	part, per, c := *l.Kit, l.Kit.Per, &l.Counters
	part.Per = 0
	ready := c.Reserved + c.Picked + c.Packed + c.Shipped
	if !l.Stocked { // always there
		ready = c.Ordered - c.Cancelled
	}
	return Kit{
		KitPart: part, Lines: []int{l.No}, Amount: l.Amount, Net: l.Net, Tax: l.Tax, Total: l.Total,
		Ordered: c.Ordered / per, Ready: ready / per, Shipped: c.Shipped / per, Delivered: c.Delivered / per,
		Returned: c.Returned / per, Cancelled: c.Cancelled / per,
	}
}

func (k *Kit) add(l *Line) {
	x := l.kit()
	k.Lines = append(k.Lines, l.No)
	for _, m := range []struct{ sum, more *Money }{{&k.Amount, &x.Amount}, {&k.Net, &x.Net}, {&k.Tax, &x.Tax}, {&k.Total, &x.Total}} {
		m.sum.minor += m.more.minor
	}
	for _, n := range []struct{ least, other *int64 }{
		{&k.Ordered, &x.Ordered}, {&k.Ready, &x.Ready}, {&k.Shipped, &x.Shipped}, {&k.Delivered, &x.Delivered},
		{&k.Returned, &x.Returned}, {&k.Cancelled, &x.Cancelled},
	} {
		*n.least = min(*n.least, *n.other)
	}
}

// lines are the lines of an order: line n of the draft is line n of the order. That of a
// kit becomes the line of its first component; the others follow after the last line of
// the draft.
func (d *Draft) lines() []Line {
	lines := make([]Line, len(d.Lines), d.size())
	for i := range d.Lines {
		l := &d.Lines[i]
		if len(l.Kit) == 0 {
			lines[i] = l.line(i+1, Component{Item: l.Item, SKU: l.SKU, Title: l.Title, Qty: 1})
			continue
		}
		for k, c := range l.Kit {
			no := i + 1
			if k > 0 {
				no = len(lines) + 1
				lines = append(lines, Line{})
			}
			lines[no-1] = l.line(no, c)
			lines[no-1].Kit = &KitPart{Line: i + 1, Item: l.Item, SKU: or(l.SKU, l.Item), Title: l.Title, UnitPrice: l.UnitPrice, Per: c.Qty}
		}
	}
	return lines
}

// size is how many lines a draft becomes.
func (d *Draft) size() int {
	n := len(d.Lines)
	for i := range d.Lines {
		n += max(0, len(d.Lines[i].Kit)-1)
	}
	return n
}

func or(label, id string) string {
	if label == "" {
		return id
	}
	return label
}

// members are the lines of each kit, by the number of its line in the draft.
func (o *Order) members() map[int][]int {
	var out map[int][]int
	for i := range o.Lines {
		if k := o.Lines[i].Kit; k != nil {
			if out == nil {
				out = make(map[int][]int)
			}
			out[k.Line] = append(out[k.Line], i+1)
		}
	}
	return out
}

// spread gives a discount on the line of a kit to the lines of all its components.
func (o *Order) spread(kits map[int][]int) {
	for i := range o.Discounts {
		d := &o.Discounts[i]
		for _, no := range slices.Clone(d.Lines) {
			if parts := kits[no]; len(parts) > 1 {
				d.Lines = append(d.Lines, parts[1:]...)
			}
		}
	}
}

// priceKit apportions what a line of the draft costs over the lines of its components.
func (o *Order) priceKit(lines []int, d *DraftLine) error {
	amount, err := o.extend(d.UnitPrice, d.Qty)
	if err != nil {
		return &DraftError{Line: lines[0], Field: "UnitPrice", Problem: err.Error()}
	}
	parts, err := Apportion(amount.minor, weights(d.Kit))
	if err != nil {
		return &DraftError{Line: lines[0], Field: "Kit", Problem: err.Error()}
	}
	for k, no := range lines {
		l := &o.Lines[no-1]
		l.Amount = Money{minor: parts[k], currency: o.Currency}
		l.UnitPrice = l.Amount.Amount().DivRound(decimal.NewFromInt(l.Ordered), MaxPriceDigits)
	}
	return nil
}

// weights are the shares that components declare, or their quantities if none does.
func weights(kit []Component) []int64 {
	w := make([]int64, len(kit))
	for i := range kit {
		w[i] = kit[i].Share
	}
	if slices.Max(w) == 0 {
		for i := range kit {
			w[i] = kit[i].Qty
		}
	}
	return w
}

// checkKit refuses a kit that could not be sold as its components.
func (l *DraftLine) checkKit(bad func(field, format string, args ...any)) {
	if len(l.Kit) > MaxComponents {
		bad("Kit", "has %d components; at most %d", len(l.Kit), MaxComponents)
	}
	if len(l.Kit) > 0 && l.Service {
		bad("Kit", "is of a service, which consists of nothing")
	}
	for i := range l.Kit {
		c := &l.Kit[i]
		field := fmt.Sprintf("Kit[%d]", i)
		switch {
		case c.Item == "":
			bad(field, "has no item")
		case c.Qty < 1 || c.Qty > MaxQty || l.Qty > 0 && c.Qty > MaxQty/l.Qty:
			bad(field, "%d of %q in each of %d; at least 1 and together at most %d", c.Qty, c.Item, l.Qty, int64(MaxQty))
		case c.Share < 0 || c.Share > MaxShare:
			bad(field, "a share of %d; it must be 0 to %d", c.Share, int64(MaxShare))
		case slices.ContainsFunc(l.Kit[:i], func(o Component) bool { return o.Item == c.Item }):
			bad(field, "names %q twice; give one quantity", c.Item)
		}
		if p := idProblem(c.Item); p != "" {
			bad(field, "item %s", p)
		}
		if p := firstProblem(c.SKU, c.Title); p != "" {
			bad(field, "%s", p)
		}
	}
}
