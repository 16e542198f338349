package fulfillment

import (
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/orderkit/oms/order"
)

// ID identifies a fulfillment order.
type ID struct{ uuid.UUID }

// ShipmentID identifies a shipment.
type ShipmentID struct{ uuid.UUID }

// ParseID reads the canonical form of a fulfillment order's id.
func ParseID(s string) (ID, error) {
	u, err := uuid.Parse(s)
	return ID{u}, err
}

// ParseShipmentID reads the canonical form of a shipment's id.
func ParseShipmentID(s string) (ShipmentID, error) {
	u, err := uuid.Parse(s)
	return ShipmentID{u}, err
}

// Order is the work of one location for one order.
type Order struct {
	ID        ID
	Order     order.ID
	Location  string
	Work      WorkState
	Version   int64  // counts the changes; 1 when first saved
	Lines     []Line // sorted by order line, each once
	CreatedAt time.Time
	UpdatedAt time.Time
}

// Line is the part of an order line that this location sends. Units that are none of
// the named are open: waiting to be picked.
type Line struct {
	Line      int    `json:"line"` // number of the order line
	Item      string `json:"item"`
	Qty       int64  `json:"qty"` // assigned to this location
	Picked    int64  `json:"picked,omitempty"`
	Packed    int64  `json:"packed,omitempty"`
	Shipped   int64  `json:"shipped,omitempty"`
	Short     int64  `json:"short,omitempty"` // not found on the shelf
	Cancelled int64  `json:"cancelled,omitempty"`
}

// Open is the number of units still waiting to be picked.
func (l *Line) Open() int64 {
	return l.Qty - l.Picked - l.Packed - l.Shipped - l.Short - l.Cancelled
}

// Check is the law of a line: no counter below zero, and together at most Qty.
func (l *Line) Check() error {
	if min(l.Qty, l.Picked, l.Packed, l.Shipped, l.Short, l.Cancelled, l.Open()) < 0 {
		return &LineError{Line: l.Line, Err: ErrQuantity, Facts: *l}
	}
	return nil
}

// Line finds the work on an order line.
func (o *Order) Line(no int) (*Line, bool) {
	i, ok := slices.BinarySearchFunc(o.Lines, no, func(l Line, no int) int { return l.Line - no })
	if !ok {
		return nil, false
	}
	return &o.Lines[i], true
}

// OneParcel puts everything that is open or picked into one parcel; nothing left gives
// no parcel.
func (o *Order) OneParcel() []Parcel {
	var p Parcel
	for i := range o.Lines {
		if l := &o.Lines[i]; l.Open()+l.Picked > 0 {
			p.Contents = append(p.Contents, order.LineQty{Line: l.Line, Qty: l.Open() + l.Picked})
		}
	}
	if len(p.Contents) == 0 {
		return nil
	}
	return []Parcel{p}
}

// Clone returns a copy that shares nothing that can change.
func (o Order) Clone() Order {
	o.Lines = slices.Clone(o.Lines)
	return o
}

func (o Order) next(now time.Time) Order {
	o = o.Clone()
	o.UpdatedAt = now
	return o
}

// Shipment is goods that leave, or have left, a location together.
type Shipment struct {
	ID          ShipmentID
	Fulfillment ID
	Order       order.ID
	Location    string
	State       ShipmentState
	Version     int64 // counts the changes; 1 when first saved
	Parcels     []Parcel
	PackedAt    time.Time
	ShippedAt   time.Time
	DeliveredAt time.Time
	UpdatedAt   time.Time
}

// Parcel is one box of a shipment.
type Parcel struct {
	Carrier  string          `json:"carrier,omitempty"`
	Tracking string          `json:"tracking,omitempty"`
	URL      string          `json:"url,omitempty"`
	Grams    int64           `json:"grams,omitempty"`
	Contents []order.LineQty `json:"contents"`
}

// Units sums the contents of all parcels by order line, in line order.
func (s *Shipment) Units() []order.LineQty { return units(s.Parcels) }

func units(parcels []Parcel) []order.LineQty {
	var out []order.LineQty
	for _, p := range parcels {
		out = append(out, p.Contents...)
	}
	return fold(out)
}

// fold sums repeated lines, in line order.
func fold(in []order.LineQty) []order.LineQty {
	out := slices.Clone(in)
	slices.SortStableFunc(out, func(a, b order.LineQty) int { return a.Line - b.Line })
	merged := out[:0]
	for _, u := range out {
		if n := len(merged); n > 0 && merged[n-1].Line == u.Line {
			merged[n-1].Qty += u.Qty
			continue
		}
		merged = append(merged, u)
	}
	return merged
}

// Clone returns a copy that shares nothing that can change.
func (s Shipment) Clone() Shipment {
	s.Parcels = slices.Clone(s.Parcels)
	for i := range s.Parcels {
		s.Parcels[i].Contents = slices.Clone(s.Parcels[i].Contents)
	}
	return s
}
