package inventory

import (
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
)

// SerialPolicy says when the units of an item get to be known one by one, by the serial
// number that each has. It is a number of the maker: it tells a unit apart from all others
// of its item, and is never given to another one.
type SerialPolicy string

// The ways to keep serial numbers.
const (
	NoSerials        SerialPolicy = ""        // units are told apart by lot alone
	SerialsAtReceipt SerialPolicy = "receipt" // from the moment they come in: all that enters, leaves or changes its location is named
	SerialsAtPack    SerialPolicy = "pack"    // from the moment they go to a customer: what is packed or shipped, and what comes back, is named
)

// Validate refuses a policy that does not exist.
func (p SerialPolicy) Validate() error {
	switch p {
	case NoSerials, SerialsAtReceipt, SerialsAtPack:
		return nil
	}
	return fmt.Errorf("%w: policy %q; known: receipt, pack, or none", ErrSerial, string(p))
}

// ErrSerial is a serial number that is not where a command says it is, that exists
// already, or that is missing.
var ErrSerial = errors.New("inventory: serial number refused")

// SerialError says what is wrong with a serial number. It matches ErrSerial.
type SerialError struct {
	Item   string
	Serial string // empty where it is the numbers that are missing
	Rule   string
	Known  Serial // what the register says of it; the zero value if that is nothing
}

// Error names the item, the number and the rule.
func (e *SerialError) Error() string {
	if e.Serial == "" {
		return fmt.Sprintf("%v: item %q: %s", ErrSerial, e.Item, e.Rule)
	}
	return fmt.Sprintf("%v: %q of item %q: %s", ErrSerial, e.Serial, e.Item, e.Rule)
}

// Is matches ErrSerial.
func (e *SerialError) Is(target error) bool { return target == ErrSerial }

// Serial is one unit of an item, and where its last step took it.
type Serial struct {
	Item     string    `json:"item"`
	ID       string    `json:"id"`
	Lot      string    `json:"lot,omitempty"`
	Location string    `json:"location,omitempty"` // where it is on hand; empty when it is away
	Away     State     `json:"away,omitzero"`      // Customer, InTransit, Scrap and so on; zero when it is on hand
	Shipment string    `json:"shipment,omitempty"` // that it is packed for, and was not handed over with yet
	Document string    `json:"document,omitempty"` // of the last step: with a customer, the number of the order
	Since    time.Time `json:"since"`              // the moment of the last step
	Steps    int64     `json:"steps"`              // taken so far
	Version  int64     `json:"version"`            // counts the changes; 1 when it was first named
}

// OnHand tells whether the unit is at a location.
func (s *Serial) OnHand() bool { return s.Location != "" }

// String says where the unit is.
func (s Serial) String() string {
	where := s.Away.String()
	if s.OnHand() {
		where = fmt.Sprintf("on hand at %q", s.Location)
	}
	if s.Lot != "" {
		where += fmt.Sprintf(" in lot %q", s.Lot)
	}
	if s.Shipment != "" {
		where += fmt.Sprintf(", packed for shipment %q", s.Shipment)
	}
	if s.Document != "" {
		where += fmt.Sprintf(", with document %q", s.Document)
	}
	return where + " since " + s.Since.Format(time.RFC3339)
}

// SerialStep is one step in the life of a unit: a movement that took it, among others or
// alone, from one account to another. Steps are never changed.
type SerialStep struct {
	Item     string    `json:"item"`
	Serial   string    `json:"serial"`
	No       int64     `json:"no"` // its place among those of the unit; the first is 1
	Lot      string    `json:"lot,omitempty"`
	From     Account   `json:"from"`
	To       Account   `json:"to"`
	Posting  uuid.UUID `json:"posting"`
	Document string    `json:"document,omitempty"`
	Reason   Reason    `json:"reason"`
	Actor    string    `json:"actor,omitempty"`
	At       time.Time `json:"at"`
}

// SerialItem is the policy that the postings of an item obey.
type SerialItem struct {
	Item    string           `json:"item"`
	Policy  SerialPolicy     `json:"policy,omitempty"`
	Unnamed map[string]int64 `json:"unnamed,omitempty"` // units by lot that customers had when the policy began, and did not bring back
	Version int64            `json:"version"`           // counts the changes; 1 when first saved
}

// Keep decides that an item has another policy. Of here units that are at locations or
// between them, and of sold units by lot that customers have, nobody knows the numbers:
// those of customers may come back and are named then, the others would never be. An item
// of which units moved under a policy keeps it.
func (h SerialItem) Keep(p SerialPolicy, moved bool, here int64, sold map[string]int64) (SerialItem, error) {
	switch {
	case moved && h.Policy != NoSerials:
		return h, &SerialError{Item: h.Item, Rule: "units of it have moved by number, so its policy stays what it is; add another item"}
	case moved && p == SerialsAtReceipt && here != 0:
		return h, &SerialError{Item: h.Item, Rule: fmt.Sprintf("%d units of it are here or on their way without a number; write them off, and bring them in by number when it has its policy", here)}
	}
	h.Policy, h.Unnamed = p, nil
	for lot, qty := range sold {
		if qty > 0 {
			if h.Unnamed == nil {
				h.Unnamed = map[string]int64{}
			}
			h.Unnamed[lot] = qty
		}
	}
	h.Version++
	return h, nil
}

// NamedUnit is one unit that a command names. With a lot it is one of that lot alone.
type NamedUnit struct {
	Item   string `json:"item"`
	Lot    string `json:"lot,omitempty"`
	Serial string `json:"serial"`
}

// CheckNamed refuses serial numbers that could not be found again, and one that is named
// twice.
func CheckNamed(named []NamedUnit) error {
	seen := make(map[[2]string]bool, len(named))
	for _, u := range named {
		if err := checkID("item", u.Item); err != nil {
			return err
		}
		if err := checkID("serial", u.Serial); err != nil {
			return err
		}
		if err := CheckLot(u.Lot); err != nil {
			return err
		}
		id := [2]string{u.Item, u.Serial}
		if seen[id] {
			return &SerialError{Item: u.Item, Serial: u.Serial, Rule: "it is named twice; it is one unit"}
		}
		seen[id] = true
	}
	return nil
}

// SerialsMoved is units, by serial number, that a posting took from one account to another.
type SerialsMoved struct {
	Item     string    `json:"item"`
	Lot      string    `json:"lot,omitempty"`
	From     Account   `json:"from"`
	To       Account   `json:"to"`
	Posting  uuid.UUID `json:"posting"`
	Document string    `json:"document,omitempty"`
	Serials  []string  `json:"serials"`
}

// Kind is "stock.serials_moved".
func (SerialsMoved) Kind() string { return "stock.serials_moved" }
