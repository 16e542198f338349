package purchasing

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/shopspring/decimal"

	"github.com/orderkit/oms/inventory"
	"github.com/orderkit/oms/inventory/forecast"
)

// Rules say how stock is replenished.
type Rules struct {
	Period  time.Duration // of the demand, such as a week
	Review  time.Duration // from one look at the stock to the next; zero where it is always watched
	Late    time.Duration // standard deviation of the lead times
	Service float64       // probability that an item does not run out before its order arrives, from 0.5 to below 1
}

// Outlook is what is known of an item at a location when somebody asks what to buy.
type Outlook struct {
	Item     string
	Location string
	Demand   forecast.Demand // per period
	Position forecast.Position
	Floor    int64 // least safety stock; zero for none
}

// Suggestion is what to buy of an item, and why. Its terms add up to Qty.
type Suggestion struct {
	Item     string          `json:"item"`
	Location string          `json:"location"`
	Supplier string          `json:"supplier"`
	Qty      int64           `json:"qty"` // zero where nothing is needed
	UnitCost decimal.Decimal `json:"unit_cost"`
	Due      time.Time       `json:"due"` // when an order of now would arrive

	ReorderPoint int64            `json:"reorder_point"` // buy when the position is here or below
	Safety       int64            `json:"safety"`        // part of it
	Terms        []inventory.Term `json:"terms"`
}

// String shows the number and its terms on one line.
func (s Suggestion) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s at %s: %d from %s", s.Item, s.Location, s.Qty, s.Supplier)
	for i, t := range s.Terms {
		sep := "; "
		if i == 0 {
			sep = " = "
		}
		fmt.Fprintf(&b, "%s%+d %s", sep, t.Qty, t.Name)
	}
	return b.String()
}

// Suggest decides what to buy of an item from a supplier: when on hand + incoming −
// committed is at the reorder point or below, as much as brings it up to that, raised to
// the supplier's smallest order and to whole packs.
//
//	reorder point = μ·(L + R) + safety stock
//	safety stock  = z·√((L + R)·σ² + μ²·σ_L²), at least Floor
//
// for demand μ ± σ per period, lead time L ± σ_L, review R, and the normal quantile z of
// the service level; see [forecast.Policy]. An item that the supplier does not sell is
// ErrUnknownLine.
func Suggest(s *Supplier, o Outlook, r Rules, now time.Time) (Suggestion, error) {
	if err := errors.Join(inventory.CheckID("item", o.Item), inventory.CheckID("location", o.Location)); err != nil {
		return Suggestion{}, err
	}
	terms, ok := s.Item(o.Item)
	if !ok {
		return Suggestion{}, fmt.Errorf("%w: supplier %q does not sell item %q", ErrUnknownLine, s.ID, o.Item)
	}
	if r.Period <= 0 {
		return Suggestion{}, fmt.Errorf("%w: a period of %v", ErrQuantity, r.Period)
	}
	if o.Floor < 0 || o.Floor > inventory.MaxQty {
		return Suggestion{}, &inventory.QuantityError{Item: o.Item, Qty: o.Floor, Rule: "least safety stock must be between 0 and MaxQty"}
	}
	periods := func(d time.Duration) float64 { return float64(d) / float64(r.Period) }
	lead := s.Lead(o.Item)
	policy := forecast.Policy{LeadTime: periods(lead), LeadTimeDeviation: periods(r.Late), Review: periods(r.Review), Service: r.Service}
	plan, err := policy.Reorder(o.Demand, o.Position)
	if err != nil {
		return Suggestion{}, err
	}
	out := Suggestion{Item: o.Item, Location: o.Location, Supplier: s.ID, UnitCost: terms.Price, Due: now.Add(lead), Safety: max(plan.Safety, o.Floor)}
	expected := plan.ReorderPoint - plan.Safety
	out.ReorderPoint = expected + out.Safety
	sum := int64(0)
	add := func(name string, qty int64) {
		if qty != 0 {
			out.Terms = append(out.Terms, inventory.Term{Name: name, Location: o.Location, Qty: qty})
			sum += qty
		}
	}
	add("demand until an order of the next look arrives", expected)
	add("safety stock", out.Safety)
	add("on hand", -o.Position.OnHand)
	add("incoming", -o.Position.Incoming)
	add("committed", o.Position.Committed)
	if sum <= 0 {
		add("enough", -sum)
		return out, nil
	}
	short := sum
	add("smallest order", max(short, terms.MinQty)-short)
	out.Qty = terms.Fit(short)
	add("whole packs", out.Qty-sum)
	if out.Qty > inventory.MaxQty {
		return Suggestion{}, &inventory.QuantityError{Item: o.Item, Qty: out.Qty, Rule: "more than can be ordered at once"}
	}
	return out, nil
}

// Choose finds the supplier to buy an item from: the one with the lowest price, of those
// the fastest, of those the first by id. It is nil where none sells the item.
func Choose(suppliers []Supplier, item string) *Supplier {
	var best *Supplier
	var price decimal.Decimal
	for i := range suppliers {
		s := &suppliers[i]
		terms, ok := s.Item(item)
		if !ok {
			continue
		}
		if best == nil || cmp.Or(terms.Price.Cmp(price), cmp.Compare(s.Lead(item), best.Lead(item)), cmp.Compare(s.ID, best.ID)) < 0 {
			best, price = s, terms.Price
		}
	}
	return best
}

// Drafts makes purchase orders of suggestions, one for each supplier, by its id: lines by
// item and location. Suggestions of nothing are left out.
func Drafts(suggestions []Suggestion) []Draft {
	todo := slices.DeleteFunc(slices.Clone(suggestions), func(s Suggestion) bool { return s.Qty == 0 })
	slices.SortStableFunc(todo, func(a, b Suggestion) int {
		return cmp.Or(cmp.Compare(a.Supplier, b.Supplier), cmp.Compare(a.Item, b.Item), cmp.Compare(a.Location, b.Location))
	})
	var out []Draft
	for _, s := range todo {
		if n := len(out); n == 0 || out[n-1].Supplier != s.Supplier || len(out[n-1].Lines) == MaxLines {
			out = append(out, Draft{Supplier: s.Supplier})
		}
		d := &out[len(out)-1]
		d.Lines = append(d.Lines, DraftLine{Item: s.Item, Location: s.Location, Qty: s.Qty, UnitCost: s.UnitCost, Due: s.Due})
	}
	return out
}
