package order

import (
	"fmt"
	"time"
)

// Counters say where the units of a line are. After every command each ordered unit
// is in exactly one of the first seven places:
//
//	unreserved + reserved + backordered + picked + packed + shipped + cancelled = ordered
//	delivered ≤ shipped
//	return_open + returned ≤ shipped
//	restocked + written_off ≤ returned + lost
//	refunded_units + cancelled ≤ ordered
type Counters struct {
	Ordered     int64 `json:"ordered"`
	Unreserved  int64 `json:"unreserved,omitempty"`  // no stock taken: not yet, or there is none to take
	Reserved    int64 `json:"reserved,omitempty"`    // committed at a location
	Backordered int64 `json:"backordered,omitempty"` // waiting for stock
	Picked      int64 `json:"picked,omitempty"`
	Packed      int64 `json:"packed,omitempty"`
	Shipped     int64 `json:"shipped,omitempty"`
	Cancelled   int64 `json:"cancelled,omitempty"`

	Delivered  int64 `json:"delivered,omitempty"`
	ReturnOpen int64 `json:"return_open,omitempty"` // announced to come back
	Returned   int64 `json:"returned,omitempty"`    // came back
	Lost       int64 `json:"lost,omitempty"`        // will not come back, or never arrived
	Restocked  int64 `json:"restocked,omitempty"`
	WrittenOff int64 `json:"written_off,omitempty"`

	RefundedUnits int64 `json:"refunded_units,omitempty"`
}

// Check returns *InvariantError for the first law that the counters break.
func (c Counters) Check() error {
	for _, q := range []int64{
		c.Ordered, c.Unreserved, c.Reserved, c.Backordered, c.Picked, c.Packed, c.Shipped, c.Cancelled,
		c.Delivered, c.ReturnOpen, c.Returned, c.Lost, c.Restocked, c.WrittenOff, c.RefundedUnits,
	} {
		if q < 0 || q > MaxQty {
			return &InvariantError{Law: fmt.Sprintf("0 ≤ every counter ≤ %d", int64(MaxQty)), Counters: c}
		}
	}
	switch {
	case c.Unreserved+c.Reserved+c.Backordered+c.Picked+c.Packed+c.Shipped+c.Cancelled != c.Ordered:
		return &InvariantError{Law: "unreserved + reserved + backordered + picked + packed + shipped + cancelled = ordered", Counters: c}
	case c.Delivered > c.Shipped:
		return &InvariantError{Law: "delivered ≤ shipped", Counters: c}
	case c.ReturnOpen+c.Returned > c.Shipped:
		return &InvariantError{Law: "return_open + returned ≤ shipped", Counters: c}
	case c.Restocked+c.WrittenOff > c.Returned+c.Lost:
		return &InvariantError{Law: "restocked + written_off ≤ returned + lost", Counters: c}
	case c.RefundedUnits+c.Cancelled > c.Ordered:
		return &InvariantError{Law: "refunded_units + cancelled ≤ ordered", Counters: c}
	}
	return nil
}

// Open is the number of units that still have a way to go: neither shipped nor
// cancelled.
func (c Counters) Open() int64 { return c.Ordered - c.Shipped - c.Cancelled }

// Returnable is the number of units that a return may still ask for.
func (c Counters) Returnable() int64 { return c.Shipped - c.ReturnOpen - c.Returned }

// credited is the number of units that the buyer no longer pays for.
func (c Counters) credited() int64 { return c.Cancelled + c.RefundedUnits }

func (c *Counters) add(d Counters) {
	c.Ordered += d.Ordered
	c.Unreserved += d.Unreserved
	c.Reserved += d.Reserved
	c.Backordered += d.Backordered
	c.Picked += d.Picked
	c.Packed += d.Packed
	c.Shipped += d.Shipped
	c.Cancelled += d.Cancelled
	c.Delivered += d.Delivered
	c.ReturnOpen += d.ReturnOpen
	c.Returned += d.Returned
	c.Lost += d.Lost
	c.Restocked += d.Restocked
	c.WrittenOff += d.WrittenOff
	c.RefundedUnits += d.RefundedUnits
}

// LineDelta is the change of one line's counters. Every command that moves units,
// in whatever package, speaks to an order in these.
type LineDelta struct {
	Line int
	By   Counters
}

// LineQty names a number of units of a line.
type LineQty struct {
	Line int   `json:"line"`
	Qty  int64 `json:"qty"`
}

// Count applies deltas and checks every law; if one would break, nothing changes.
func (o Order) Count(now time.Time, deltas ...LineDelta) (Order, error) {
	n := o.next(now)
	for _, d := range deltas {
		l, ok := n.Line(d.Line)
		if !ok {
			return o, &LineError{Order: o.ID, Line: d.Line, Err: ErrUnknownLine}
		}
		l.add(d.By)
		if err := l.Check(); err != nil {
			return o, &LineError{Order: o.ID, Line: d.Line, Err: err}
		}
	}
	return n, nil
}

// sumUnits folds repeated lines together and refuses unknown lines and quantities
// that are not positive.
func (o *Order) sumUnits(units []LineQty) ([]LineQty, error) {
	if len(units) == 0 {
		return nil, fmt.Errorf("%w: no units named", ErrQuantity)
	}
	sum := make(map[int]int, len(units))
	var out []LineQty
	for _, u := range units {
		if _, ok := o.Line(u.Line); !ok {
			return nil, &LineError{Order: o.ID, Line: u.Line, Err: ErrUnknownLine}
		}
		if u.Qty <= 0 || u.Qty > MaxQty {
			return nil, &LineError{Order: o.ID, Line: u.Line, Err: fmt.Errorf("%w: %d units; must be 1 to %d", ErrQuantity, u.Qty, int64(MaxQty))}
		}
		if at, ok := sum[u.Line]; ok {
			out[at].Qty += u.Qty
			continue
		}
		sum[u.Line] = len(out)
		out = append(out, u)
	}
	return out, nil
}
