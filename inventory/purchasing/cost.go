package purchasing

import (
	"cmp"
	"errors"
	"fmt"
	"math/big"
	"slices"
	"time"

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

// Cost is a landed cost of an order, and how much of it each line has borne so far.
type Cost struct {
	No int `json:"no"` // 1, 2, … in the order added
	DraftCost
	Landed []decimal.Decimal `json:"landed"` // for each line, added to what its accepted units are worth
}

// Landing is an amount by which the worth of a line's accepted units changes.
type Landing struct {
	Cost   int             `json:"cost"` // its number
	Kind   CostKind        `json:"kind"`
	Line   int             `json:"line"`
	Item   string          `json:"item"`
	Amount decimal.Decimal `json:"amount"` // negative where a line had borne more
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
	added := Cost{No: len(o.Costs) + 1, DraftCost: c, Landed: make([]decimal.Decimal, len(o.Lines))}
	if _, err := added.shares(o.Lines, (*Line).ordered); err != nil {
		return err
	}
	o.Costs = append(o.Costs, added)
	return nil
}

// ordered is the number of units that a line is to have in the end.
func (l *Line) ordered() int64 { return max(l.Qty-l.Cancelled, l.Received()) }

func (l *Line) accepted() int64 { return l.Accepted }

// Land brings what each line has borne of each cost in step with what has come, and tells
// the differences: the amounts by which the stock of these lines is worth more. While
// units are expected, a line bears its share of a cost in proportion to what came of it;
// once none are, the whole cost falls on the accepted units. The shares of a cost then
// add up to it exactly.
func (o Order) Land() (Order, []Landing, error) {
	n := o.Clone()
	var out []Landing
	for i := range n.Costs {
		c := &n.Costs[i]
		due, err := n.due(c)
		if err != nil {
			return o, nil, err
		}
		for j := range n.Lines {
			if more := due[j].Sub(c.Landed[j]); !more.IsZero() {
				out = append(out, Landing{Cost: c.No, Kind: c.Kind, Line: j + 1, Item: n.Lines[j].Item, Amount: more})
				c.Landed[j] = due[j]
			}
		}
	}
	return n, out, nil
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
