package purchasing

import (
	"fmt"
	"slices"
	"time"

	"github.com/shopspring/decimal"

	"github.com/orderkit/oms/inventory"
)

// Supplier is who goods are bought from.
type Supplier struct {
	ID       string         `json:"id"`
	Name     string         `json:"name,omitempty"`
	LeadTime time.Duration  `json:"lead_time,omitempty"` // from issuing to arrival, unless the item says otherwise
	Items    []SupplierItem `json:"items,omitempty"`
	Version  int64          `json:"version"` // counts the changes; 1 when first saved
}

// SupplierItem is on what terms a supplier sells an item.
type SupplierItem struct {
	Item     string          `json:"item"`
	SKU      string          `json:"sku,omitempty"` // the supplier's name for it
	Price    decimal.Decimal `json:"price"`         // of one base unit; at most CostPlaces decimal places
	MinQty   int64           `json:"min_qty,omitempty"`
	Multiple int64           `json:"multiple,omitempty"`  // units of a pack: only whole packs are sold; zero is any number
	LeadTime time.Duration   `json:"lead_time,omitempty"` // zero is that of the supplier
}

// MaxLeadTime is the longest lead time.
const MaxLeadTime = 10 * 366 * 24 * time.Hour

// Validate refuses a supplier that nothing could be bought from.
func (s Supplier) Validate() error {
	if err := inventory.CheckID("supplier", s.ID); err != nil {
		return err
	}
	if err := inventory.CheckNote("name", s.Name); err != nil {
		return err
	}
	if s.LeadTime < 0 || s.LeadTime > MaxLeadTime {
		return fmt.Errorf("%w: lead time %v of supplier %q; at most %v", ErrQuantity, s.LeadTime, s.ID, MaxLeadTime)
	}
	seen := make(map[string]bool, len(s.Items))
	for _, i := range s.Items {
		if seen[i.Item] {
			return fmt.Errorf("%w: supplier %q sells item %q twice; state its terms once", ErrQuantity, s.ID, i.Item)
		}
		seen[i.Item] = true
		if err := i.check(); err != nil {
			return fmt.Errorf("supplier %q, item %q: %w", s.ID, i.Item, err)
		}
	}
	return nil
}

func (i SupplierItem) check() error {
	if err := inventory.CheckID("item", i.Item); err != nil {
		return err
	}
	if err := inventory.CheckNote("SKU", i.SKU); err != nil {
		return err
	}
	for what, q := range map[string]int64{"smallest order": i.MinQty, "pack": i.Multiple} {
		if q < 0 || q > inventory.MaxQty {
			return fmt.Errorf("%w: %s of %d units; must be between 0 and %d", ErrQuantity, what, q, int64(inventory.MaxQty))
		}
	}
	if i.LeadTime < 0 || i.LeadTime > MaxLeadTime {
		return fmt.Errorf("%w: lead time %v; at most %v", ErrQuantity, i.LeadTime, MaxLeadTime)
	}
	return checkAmount("price", i.Price)
}

// Item finds the terms of an item.
func (s *Supplier) Item(id string) (SupplierItem, bool) {
	i := slices.IndexFunc(s.Items, func(i SupplierItem) bool { return i.Item == id })
	if i < 0 {
		return SupplierItem{}, false
	}
	return s.Items[i], true
}

// Lead is how long the supplier takes to deliver an item.
func (s *Supplier) Lead(item string) time.Duration {
	if i, ok := s.Item(item); ok && i.LeadTime > 0 {
		return i.LeadTime
	}
	return s.LeadTime
}

// Fit is the smallest number of units, not less than qty, that the terms allow.
func (i SupplierItem) Fit(qty int64) int64 {
	qty = max(qty, i.MinQty)
	if i.Multiple > 1 {
		qty = (qty + i.Multiple - 1) / i.Multiple * i.Multiple
	}
	return qty
}

// terms refuses a quantity that the supplier does not sell. An item without terms may be
// bought in any.
func (s *Supplier) terms(line int, item string, qty int64) error {
	i, ok := s.Item(item)
	if ok && i.Fit(qty) != qty {
		return &TermsError{Supplier: s.ID, Line: line, Item: item, Qty: qty, Fit: i.Fit(qty), MinQty: i.MinQty, Multiple: i.Multiple}
	}
	return nil
}
