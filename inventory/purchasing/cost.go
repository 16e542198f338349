package purchasing

import (
	"cmp"
	"errors"
	"fmt"
	"math/big"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/shopspring/decimal"

	"github.com/orderkit/oms/inventory"
)

// CostKind says what a landed cost is for.
type CostKind string

// The kinds of landed costs.
const (
	Freight   CostKind = "freight"
	Duty      CostKind = "duty"
	Insurance CostKind = "insurance"
	Handling  CostKind = "handling"
	OtherCost CostKind = "other"
)

// Basis says by what a landed cost is spread over lines.
type Basis string

// The bases.
const (
	ByValue    Basis = "value"    // unit cost × units
	ByQuantity Basis = "quantity" // units
	ByWeight   Basis = "weight"   // the line's weight × units
)

// DraftCost is a cost of getting goods here that is not the supplier's price for them.
type DraftCost struct {
	Kind   CostKind        `json:"kind"`
	Amount decimal.Decimal `json:"amount"`
	Basis  Basis           `json:"basis,omitempty"` // empty is ByValue
	Ref    string          `json:"ref,omitempty"`   // the bill it is on
}

// Cost is a landed cost of an order, and what has borne how much of it so far.
type Cost struct {
	No int `json:"no"` // 1, 2, … in the order added
	DraftCost
	Landed []Share `json:"landed,omitempty"` // added to what accepted units are worth, by line and receipt
}

// Share is what the accepted units of a line bear that came with one receipt.
type Share struct {
	Line    int             `json:"line"`
	Receipt string          `json:"receipt"` // its reference
	Amount  decimal.Decimal `json:"amount"`
}

// Borne is the part of a cost that has been added to what accepted units are worth.
func (c *Cost) Borne() decimal.Decimal {
	var sum decimal.Decimal
	for _, s := range c.Landed {
		sum = sum.Add(s.Amount)
	}
	return sum
}

// Landing is an amount by which the worth of the accepted units of a line changes that
// came with one receipt.
type Landing struct {
	Cost int      `json:"cost"` // its number
	Kind CostKind `json:"kind"`
	Item string   `json:"item"`
	Share
	Posting uuid.UUID `json:"posting"` // the one by which the ledger took the units in
}

// AddCost adds a landed cost, before or after goods came; [Order.Land] then tells how it
// falls on those that have.
func (f *Flow) AddCost(o Order, c DraftCost, now time.Time) (Order, []Event, error) {
	if err := f.costable(&o); err != nil {
		return o, nil, err
	}
	n := o.next(now)
	if err := n.addCost(c); err != nil {
		return o, nil, err
	}
	added := n.Costs[len(n.Costs)-1]
	return n, []Event{CostAdded{Order: o.ID, Cost: added.No, DraftCost: added.DraftCost}}, nil
}

// costable refuses costs of an order of which nothing came or will come.
func (f *Flow) costable(o *Order) error {
	if f.Incoming(o.State) || o.accepted() > 0 {
		return nil
	}
	return f.refuse(o, ActionAddCost)
}

func (o *Order) accepted() int64 {
	var sum int64
	for i := range o.Lines {
		sum += o.Lines[i].Accepted
	}
	return sum
}

func (o *Order) addCost(c DraftCost) error {
	c.Basis = cmp.Or(c.Basis, ByValue)
	switch {
	case !slices.Contains([]CostKind{Freight, Duty, Insurance, Handling, OtherCost}, c.Kind):
		return fmt.Errorf("%w: cost of kind %q; freight, duty, insurance, handling or other", ErrReason, c.Kind)
	case !slices.Contains([]Basis{ByValue, ByQuantity, ByWeight}, c.Basis):
		return fmt.Errorf("%w: basis %q; value, quantity or weight", ErrReason, c.Basis)
	case c.Amount.IsZero():
		return &AmountError{What: string(c.Kind), Amount: c.Amount, Rule: "must be above zero"}
	}
	if err := checkAmount(string(c.Kind), c.Amount); err != nil {
		return err
	}
	if err := inventory.CheckNote("bill", c.Ref); err != nil {
		return err
	}
	added := Cost{No: len(o.Costs) + 1, DraftCost: c}
	if _, err := added.shares(o.Lines, (*Line).ordered); err != nil {
		return err
	}
	o.Costs = append(o.Costs, added)
	return nil
}

// ordered is the number of units that a line is to have in the end.
func (l *Line) ordered() int64 { return max(l.Qty-l.Cancelled, l.Received()) }

func (l *Line) accepted() int64 { return l.Accepted }

// Land brings what the units of each line and receipt have borne of each cost in step with
// what has come, and tells the differences: the amounts by which that stock is worth more.
// While units are expected, a line bears its share of a cost in proportion to what came of
// it; once none are, the whole cost falls on the accepted units. The shares of a cost then
// add up to it exactly.
func (o Order) Land() (Order, []Landing, error) {
	if len(o.Costs) == 0 {
		return o, nil, nil
	}
	n := o.Clone()
	var out []Landing
	for i := range n.Costs {
		c := &n.Costs[i]
		due, err := n.due(c)
		if err != nil {
			return o, nil, err
		}
		shares, err := n.spread(due)
		if err != nil {
			return o, nil, err
		}
		for _, s := range difference(c.Landed, shares) {
			r, _ := n.Receipt(s.Receipt)
			out = append(out, Landing{Cost: c.No, Kind: c.Kind, Item: n.Lines[s.Line-1].Item, Share: s, Posting: r.Posting})
		}
		c.Landed = shares
	}
	return n, out, nil
}

// spread divides what each line has to bear over its receipts, by accepted units.
func (o *Order) spread(due []decimal.Decimal) ([]Share, error) {
	units := make([][]decimal.Decimal, len(o.Lines))
	refs := make([][]string, len(o.Lines))
	for _, r := range o.Receipts {
		for _, l := range r.Lines {
			if l.Accepted == 0 {
				continue
			}
			i, q := l.Line-1, decimal.NewFromInt(l.Accepted)
			if n := len(refs[i]); n > 0 && refs[i][n-1] == r.Ref { // another lot
				units[i][n-1] = units[i][n-1].Add(q)
				continue
			}
			units[i], refs[i] = append(units[i], q), append(refs[i], r.Ref)
		}
	}
	var out []Share
	for i, d := range due {
		if d.IsZero() {
			continue
		}
		parts, err := Apportion(d, units[i])
		if err != nil {
			return nil, err
		}
		for j, p := range parts {
			out = append(out, Share{Line: i + 1, Receipt: refs[i][j], Amount: p})
		}
	}
	return out, nil
}

// difference is what shares have beyond those that were there.
func difference(was, is []Share) []Share {
	type key struct {
		line    int
		receipt string
	}
	had := make(map[key]decimal.Decimal, len(was))
	for _, s := range was {
		had[key{s.Line, s.Receipt}] = s.Amount
	}
	var out []Share
	for _, s := range is {
		k := key{s.Line, s.Receipt}
		s.Amount = s.Amount.Sub(had[k])
		delete(had, k)
		if !s.Amount.IsZero() {
			out = append(out, s)
		}
	}
	for _, s := range was { // what bears nothing any more
		if _, left := had[key{s.Line, s.Receipt}]; left && !s.Amount.IsZero() {
			s.Amount = s.Amount.Neg()
			out = append(out, s)
		}
	}
	return out
}

// due is what each line has to bear of a cost now.
func (o *Order) due(c *Cost) ([]decimal.Decimal, error) {
	switch {
	case o.accepted() == 0:
		return make([]decimal.Decimal, len(o.Lines)), nil
	case o.expected() == 0:
		shares, err := c.shares(o.Lines, (*Line).accepted)
		if errors.Is(err, ErrApportion) { // only lines came that have nothing of its basis
			by := Cost{DraftCost: DraftCost{Amount: c.Amount, Basis: ByQuantity}}
			return by.shares(o.Lines, (*Line).accepted)
		}
		return shares, err
	}
	shares, err := c.shares(o.Lines, (*Line).ordered)
	if err != nil {
		return nil, err
	}
	for i := range shares {
		l := &o.Lines[i]
		if l.Accepted == 0 {
			shares[i] = decimal.Zero
			continue
		}
		part := shares[i].Mul(decimal.NewFromInt(l.Accepted))
		shares[i] = part.DivRound(decimal.NewFromInt(l.ordered()), CostPlaces)
	}
	return shares, nil
}

// shares spreads a cost over lines by its basis and a number of units of each.
func (c *Cost) shares(lines []Line, units func(*Line) int64) ([]decimal.Decimal, error) {
	weights := make([]decimal.Decimal, len(lines))
	for i := range lines {
		l := &lines[i]
		q := decimal.NewFromInt(units(l))
		switch c.Basis {
		case ByQuantity:
			weights[i] = q
		case ByWeight:
			weights[i] = q.Mul(decimal.NewFromInt(l.Weight))
		default:
			weights[i] = q.Mul(l.UnitCost)
		}
	}
	return Apportion(c.Amount, weights)
}

// Apportion splits an amount over weights in proportion, by largest remainder at
// CostPlaces decimal places, ties to the earlier position. The parts add up to the amount
// exactly; a weight of zero gets nothing. An amount with more decimal places, a negative
// weight, and weights that are all zero are refused with ErrApportion.
func Apportion(amount decimal.Decimal, weights []decimal.Decimal) ([]decimal.Decimal, error) {
	if !amount.Equal(amount.Truncate(CostPlaces)) {
		return nil, fmt.Errorf("%w: %s has more than %d decimal places", ErrApportion, amount, CostPlaces)
	}
	scaled, sum := make([]*big.Int, len(weights)), new(big.Int)
	for i, w := range weights {
		switch {
		case w.IsNegative():
			return nil, fmt.Errorf("%w: weight %s at position %d is below zero", ErrApportion, w, i)
		case !w.Equal(w.Truncate(CostPlaces)):
			return nil, fmt.Errorf("%w: weight %s at position %d has more than %d decimal places", ErrApportion, w, i, CostPlaces)
		}
		scaled[i] = w.Shift(CostPlaces).BigInt()
		sum.Add(sum, scaled[i])
	}
	if sum.Sign() == 0 {
		return nil, fmt.Errorf("%w: %s over weights that are all zero; choose a basis that the lines have", ErrApportion, amount)
	}
	total := amount.Shift(CostPlaces).BigInt()
	parts, cuts, first := make([]*big.Int, len(weights)), make([]*big.Int, len(weights)), make([]int, len(weights))
	rest := new(big.Int).Abs(total)
	for i, w := range scaled {
		parts[i], cuts[i] = new(big.Int).QuoRem(new(big.Int).Mul(new(big.Int).Abs(total), w), sum, new(big.Int))
		rest.Sub(rest, parts[i])
		first[i] = i
	}
	slices.SortStableFunc(first, func(a, b int) int { return cuts[b].Cmp(cuts[a]) })
	for _, i := range first[:rest.Int64()] { // fewer than there are weights with a remainder
		parts[i].Add(parts[i], big.NewInt(1))
	}
	out := make([]decimal.Decimal, len(weights))
	for i, p := range parts {
		if total.Sign() < 0 {
			p.Neg(p)
		}
		out[i] = decimal.NewFromBigInt(p, -CostPlaces)
	}
	return out, nil
}
