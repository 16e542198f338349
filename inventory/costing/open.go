package costing

import (
	"github.com/shopspring/decimal"

	"github.com/orderkit/oms/inventory"
)

// Opening begins the books of an item.
type Opening struct {
	Item     string
	Method   inventory.CostMethod
	UnitCost decimal.NullDecimal // of the units that are owned already; needed if there are any
	Ref      string
}

// Open decides the beginning of an item's books. Head is what there is of them: its
// Version is 0 when there is nothing. Owned is the number of units that the tenant has.
// Books that have an entry keep their method for good.
func Open(h Head, o Opening, owned int64, m Meta) (Changes, error) {
	refuse := func(rule string) (Changes, error) {
		return Changes{}, &MethodError{Item: o.Item, Method: o.Method, Has: h.Method, Owned: owned, Rule: rule}
	}
	if err := o.Method.Validate(); err != nil {
		return Changes{}, err
	}
	switch {
	case h.Method == o.Method && (h.Version > 0 || o.Method == inventory.NotCosted):
		if o.UnitCost.Valid {
			return refuse("its books are open, and its units have a cost")
		}
		return Changes{}, nil
	case h.Seq > 0:
		return refuse("the method is settled with the first entry")
	case owned > 0 && !o.UnitCost.Valid:
		return refuse("say with Costs.Open what the units cost that are there already")
	}
	h.Item, h.Method, h.At = o.Item, o.Method, m.Now
	if owned == 0 {
		h.Version++
		return Changes{Heads: []Head{h}}, nil
	}
	if err := inventory.CheckUnitCost(o.Item, o.UnitCost.Decimal); err != nil {
		return Changes{}, err
	}
	d := newDesk([]Book{{Head: h}}, m)
	if err := d.in(&d.books[0], Opened, 0, owned, o.UnitCost); err != nil {
		return Changes{}, err
	}
	return d.done(), nil
}
