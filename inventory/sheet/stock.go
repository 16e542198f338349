package sheet

import (
	"fmt"
	"time"

	"github.com/shopspring/decimal"

	"github.com/orderkit/oms/inventory"
)

// Items is the sheet of items: id, and whatever else their definition says. Rows are told apart
// by id.
func Items() Sheet[inventory.Item] {
	type item = inventory.Item
	return Sheet[item]{
		columns: []column[item]{
			id("id", func(i *item) *string { return &i.ID }).needed().keyed(),
			text("sku", func(i *item) *string { return &i.SKU }),
			text("name", func(i *item) *string { return &i.Name }),
			whole("scale", 0, 9, func(i *item) *int { return &i.Scale }),
			flag("untracked", func(i *item) *bool { return &i.Untracked }),
			flag("backorder", func(i *item) *bool { return &i.Backorder }),
			whole("backorder_limit", 0, inventory.MaxQty, func(i *item) *int64 { return &i.BackorderLimit }),
			whole("safety", 0, inventory.MaxQty, func(i *item) *int64 { return &i.Safety }),
			choice("picking", func(i *item) *inventory.Picking { return &i.Picking }, inventory.FEFO, inventory.FIFO),
		},
		check: inventory.Item.Validate,
	}
}

// Locations is the sheet of locations: id, and whatever else their definition says. Rows are told
// apart by id.
func Locations() Sheet[inventory.Location] {
	type place = inventory.Location
	return Sheet[place]{
		columns: []column[place]{
			id("id", func(l *place) *string { return &l.ID }).needed().keyed(),
			text("name", func(l *place) *string { return &l.Name }),
			whole("priority", -1_000_000, 1_000_000, func(l *place) *int { return &l.Priority }),
			text("country", func(l *place) *string { return &l.Country }),
			position("position", func(l *place) **inventory.Point { return &l.At }),
			flag("inactive", func(l *place) *bool { return &l.Inactive }),
		},
		check: inventory.Location.Validate,
	}
}

// Stock is a row of opening stock: units that were there before the ledger.
type Stock struct {
	Item     string
	Location string
	Lot      string
	State    inventory.State     // free, qc, damaged or held; zero where the cell is blank, which means free
	Qty      int64               // base units, at least 1
	Expires  time.Time           // day on which the lot expires; zero for none
	UnitCost decimal.NullDecimal // of one base unit, in the tenant's base currency; not valid where the cell is blank
}

// Adjustment is the command that brings the units into the ledger, for the reason
// opening.
func (s Stock) Adjustment(ref string) inventory.Adjustment {
	return inventory.Adjustment{
		Item: s.Item, Lot: s.Lot, Location: s.Location, State: s.State,
		Delta: s.Qty, Reason: inventory.ReasonOpening, Ref: ref, UnitCost: s.UnitCost,
	}
}

// Opening is the sheet of opening stock. Rows are told apart by item, location, lot and
// state.
func Opening() Sheet[Stock] {
	return Sheet[Stock]{
		columns: []column[Stock]{
			id("item", func(s *Stock) *string { return &s.Item }).needed().keyed().of("item"),
			id("location", func(s *Stock) *string { return &s.Location }).needed().keyed().of("location"),
			id("lot", func(s *Stock) *string { return &s.Lot }).keyed(),
			stateOf("state", func(s *Stock) *inventory.State { return &s.State },
				inventory.Free, inventory.QC, inventory.Damaged, inventory.Held).keyed(),
			whole("qty", 1, inventory.MaxQty, func(s *Stock) *int64 { return &s.Qty }).needed(),
			day("expires", func(s *Stock) *time.Time { return &s.Expires }),
			cost("unit_cost", func(s *Stock) *decimal.NullDecimal { return &s.UnitCost }),
		},
		check: func(s Stock) error {
			if !s.Expires.IsZero() && s.Lot == "" {
				return fmt.Errorf("%w: lots expire, and the row names none", ErrValue)
			}
			return nil
		},
	}
}

// Count is a row of a stock count: what somebody counted.
type Count struct {
	Item     string
	Location string
	Lot      string
	Qty      int64 // base units that are there, 0 or more
}

// Counts is the sheet of stock counts. Rows are told apart by item, location and lot.
func Counts() Sheet[Count] {
	return Sheet[Count]{
		columns: []column[Count]{
			id("item", func(c *Count) *string { return &c.Item }).needed().keyed().of("item"),
			id("location", func(c *Count) *string { return &c.Location }).needed().keyed().of("location"),
			id("lot", func(c *Count) *string { return &c.Lot }).keyed(),
			whole("qty", 0, inventory.MaxQty, func(c *Count) *int64 { return &c.Qty }).needed().always("0"),
		},
	}
}
