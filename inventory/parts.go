package inventory

import (
	"fmt"
	"slices"
)

// Picking says which lot of an item a hold takes from that names none.
type Picking string

// The orders in which lots are taken. Lots that are equal in it are taken by ID.
const (
	ByLot Picking = ""     // by the ID of the lot
	FEFO  Picking = "fefo" // first expired, first out; lots without an expiry come last
	FIFO  Picking = "fifo" // first received, first out
)

// Component is a part of a kit, or of an assembled item.
type Component struct {
	Item string `json:"item"`
	Qty  int64  `json:"qty"` // base units that one base unit of the whole takes

	// Share is the part of a kit's price that falls on the component, in proportion to the
	// shares of the others: list prices in minor units, say, or percents. 0 to MaxQty.
	// Where no component declares one the price is spread by quantity.
	Share int64 `json:"share,omitempty"`
}

// Unit is a unit that an item is bought or sold in beside its base unit, such as a case.
type Unit struct {
	Code string `json:"code"`
	Qty  int64  `json:"qty"` // base units in one of it
}

// MaxParts is the most components of a kit or of a bill of materials, and the most
// units, of one item.
const MaxParts = 100

// Stocked tells whether stock is kept of the item: it is tracked and not a kit.
func (i *Item) Stocked() bool { return !i.Untracked && len(i.Kit) == 0 }

// Replaces refuses a definition in place of one under which units were posted, if under it
// the log would tell of other units: whether stock is kept of an item stays, with
// ErrUntracked, and so does its Scale, with *ItemError.
func (i *Item) Replaces(had *Item) error {
	switch {
	case had.Stocked() != i.Stocked():
		return fmt.Errorf("%w: item %q has postings, so it cannot change that; add another item", ErrUntracked, i.ID)
	case had.Scale != i.Scale:
		return &ItemError{Item: i.ID, Field: "Scale", Rule: fmt.Sprintf("is %d, and all that was posted counts units of that; add another item for units of scale %d", had.Scale, i.Scale)}
	}
	return nil
}

// Clone is the item with slices of its own.
func (i Item) Clone() Item {
	i.Kit, i.Bill, i.Units = slices.Clone(i.Kit), slices.Clone(i.Bill), slices.Clone(i.Units)
	return i
}

// checkParts refuses what an item says about lots, components and units.
func (i *Item) checkParts() error {
	refuse := func(field, rule string) error { return &ItemError{Item: i.ID, Field: field, Rule: rule} }
	kept := i.Stocked()
	switch {
	case i.Picking != ByLot && i.Picking != FEFO && i.Picking != FIFO:
		return refuse("Picking", fmt.Sprintf("%q is unknown; it is empty, fefo or fifo", i.Picking))
	case i.Picking != ByLot && !kept:
		return refuse("Picking", "only an item that stock is kept of has lots")
	case len(i.Kit) > 0 && len(i.Bill) > 0:
		return refuse("Kit", "a kit is put together when it is sold, an assembled item before; it has a kit or a bill, not both")
	case len(i.Kit) > 0 && i.Untracked:
		return refuse("Kit", "a kit is as available as its components; it cannot be untracked")
	case len(i.Kit) > 0 && (i.Backorder || i.Safety != 0 || i.Scale != 0):
		return refuse("Kit", "no stock is kept of a kit: backorder, safety stock and scale are those of its components")
	case len(i.Bill) > 0 && i.Untracked:
		return refuse("Bill", "an assembled item is put on stock; it cannot be untracked")
	}
	if rule := partsProblem(i.ID, i.Kit); rule != "" {
		return refuse("Kit", rule)
	}
	if rule := partsProblem(i.ID, i.Bill); rule != "" {
		return refuse("Bill", rule)
	}
	if slices.ContainsFunc(i.Bill, func(c Component) bool { return c.Share != 0 }) {
		return refuse("Bill", "gives a component a share of the price; only a kit is sold as its components")
	}
	if rule := unitsProblem(i.Units); rule != "" {
		return refuse("Units", rule)
	}
	return nil
}

func partsProblem(whole string, parts []Component) string {
	if len(parts) > MaxParts {
		return fmt.Sprintf("has %d components; at most %d", len(parts), MaxParts)
	}
	for n, p := range parts {
		if err := checkID("component", p.Item); err != nil {
			return err.Error()
		}
		switch {
		case p.Item == whole:
			return "contains itself"
		case p.Qty < 1 || p.Qty > MaxQty:
			return fmt.Sprintf("takes %d of %q; it must be 1 to MaxQty", p.Qty, p.Item)
		case p.Share < 0 || p.Share > MaxQty:
			return fmt.Sprintf("gives %q a share of %d; it must be 0 to MaxQty", p.Item, p.Share)
		case slices.ContainsFunc(parts[:n], func(o Component) bool { return o.Item == p.Item }):
			return fmt.Sprintf("names %q twice; give one quantity", p.Item)
		}
	}
	return ""
}

func unitsProblem(units []Unit) string {
	if len(units) > MaxParts {
		return fmt.Sprintf("has %d units; at most %d", len(units), MaxParts)
	}
	for n, u := range units {
		if err := checkID("unit", u.Code); err != nil {
			return err.Error()
		}
		switch {
		case u.Qty < 1 || u.Qty > MaxQty:
			return fmt.Sprintf("of %d in %q; it must be 1 to MaxQty", u.Qty, u.Code)
		case slices.ContainsFunc(units[:n], func(o Unit) bool { return o.Code == u.Code }):
			return fmt.Sprintf("names %q twice; a code has one quantity", u.Code)
		}
	}
	return ""
}
