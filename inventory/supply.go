package inventory

import (
	"fmt"
	"time"
)

// Supply is units of an item that are expected at a location: what is left of a line of
// a purchase order, of a transfer on its way, of a production order. Nothing of it is in
// the ledger until it arrives.
type Supply struct {
	ID       string    `json:"id"`
	Item     string    `json:"item"`
	Location string    `json:"location"`
	Due      time.Time `json:"due"`
	Qty      int64     `json:"qty"`                // still expected, in base units
	Promised int64     `json:"promised,omitempty"` // of Qty: already given to demand that waits
	Document string    `json:"document"`           // what it comes by
	Line     int       `json:"line,omitempty"`     // of the document
	Version  int64     `json:"version"`            // counts the changes; 1 when first saved
}

// Open is the number of units that nobody was promised.
func (s *Supply) Open() int64 { return s.Qty - s.Promised }

// Validate refuses a supply that could not be promised.
func (s *Supply) Validate() error {
	for _, id := range []struct{ what, id string }{{"supply", s.ID}, {"item", s.Item}, {"location", s.Location}} {
		if err := checkID(id.what, id.id); err != nil {
			return err
		}
	}
	if p := noteProblem(s.Document); p != "" {
		return fmt.Errorf("%w: document %s", ErrID, p)
	}
	switch {
	case s.Qty < 0 || s.Qty > MaxQty:
		return &QuantityError{Item: s.Item, Qty: s.Qty, Rule: "expected units must be between 0 and MaxQty"}
	case s.Promised < 0 || s.Promised > s.Qty:
		return &QuantityError{Item: s.Item, Qty: s.Promised, Rule: fmt.Sprintf("of %d expected units between none and all may be promised", s.Qty)}
	}
	return nil
}

// Incoming sums the units of an item that are due by a moment at a location (at any, when
// it is empty) and that nobody was promised: what is added to ATS to get what is
// available to promise for that day. Late supply counts from when it was due: whoever
// knows better changes its Due.
func Incoming(supply []Supply, item, location string, by time.Time) int64 {
	var sum int64
	for i := range supply {
		s := &supply[i]
		if s.Item == item && (location == "" || s.Location == location) && !s.Due.After(by) {
			sum += s.Open()
		}
	}
	return sum
}
