package inventory

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// MaxQty is the largest quantity of one movement and of one balance, all its states
// together, in base units. It leaves room for a million such movements before a sum
// could overflow int64.
const MaxQty = 1_000_000_000_000

// MaxIDLen is the longest id of an item, location, lot or owner, and the longest
// document, actor, SKU or name, in bytes.
const MaxIDLen = 128

// Item is something that stock is kept of. Its ID never changes; the SKU is a label
// that may.
type Item struct {
	ID   string
	SKU  string // label for people; defaults to the ID
	Name string

	// Scale is the number of decimal places of the sales unit that one base unit
	// stands for: 0 for pieces, 3 when a kilogram is kept in grams. At most 9.
	Scale int

	// Untracked items (services, downloads) have no stock: they are always
	// available, and nothing is ever posted for them.
	Untracked bool

	// Backorder allows demand beyond stock; it waits, it never makes stock negative.
	Backorder bool

	// BackorderLimit is the most units that may wait for stock at once, those of all orders
	// together, wherever their stock will come from: a backorder has no location before it
	// has its stock. Zero is no limit. A sale that would let more wait is refused; what is
	// sold already, and waits because its units were lost, say, stays sold. A limit may be
	// set below what waits: then nothing more may until the queue is shorter.
	BackorderLimit int64 `json:",omitempty"`

	// Safety is the number of units kept back at each location: never promised.
	Safety int64

	// Picking says which lot is taken first where a hold names none.
	Picking Picking `json:",omitempty"`

	// Kit is what one unit consists of that is put together when it is sold. No stock is
	// kept of a kit: it is as available as its components.
	Kit []Component `json:",omitempty"`

	// Bill is the bill of materials of an item that is assembled before it is sold, and
	// put on stock like any other.
	Bill []Component `json:",omitempty"`

	// Costing says how its units are valued; the Engine has to be made with WithCosting.
	Costing CostMethod `json:",omitempty"`

	// Serials says when its units are named by serial number; the Engine has to be made
	// with WithSerials.
	Serials SerialPolicy `json:",omitempty"`

	// Units are the units it is bought or sold in beside its base unit.
	Units []Unit `json:",omitempty"`
}

// Validate refuses an item that the ledger could not keep.
func (i Item) Validate() error {
	if err := checkID("item", i.ID); err != nil {
		return err
	}
	if p := noteProblem(i.SKU); p != "" {
		return fmt.Errorf("%w: SKU %s", ErrID, p)
	}
	if p := noteProblem(i.Name); p != "" {
		return fmt.Errorf("%w: name %s", ErrID, p)
	}
	if i.Scale < 0 || i.Scale > 9 {
		return fmt.Errorf("%w: item %q has scale %d; it must be 0 to 9", ErrQuantity, i.ID, i.Scale)
	}
	if i.Safety < 0 || i.Safety > MaxQty {
		return &QuantityError{Item: i.ID, Qty: i.Safety, Rule: "safety stock must be between 0 and MaxQty"}
	}
	if err := i.checkBackorder(); err != nil {
		return err
	}
	if err := i.Costing.Validate(); err != nil {
		return err
	}
	if i.Costing != NotCosted && !i.Stocked() {
		return &ItemError{Item: i.ID, Field: "Costing", Rule: "only an item that stock is kept of is valued"}
	}
	if err := i.Serials.Validate(); err != nil {
		return err
	}
	if i.Serials != NoSerials && (!i.Stocked() || i.Scale != 0) {
		return &ItemError{Item: i.ID, Field: "Serials", Rule: "only pieces of an item that stock is kept of have serial numbers"}
	}
	return i.checkParts()
}

// Point is a position on earth in degrees (WGS 84).
type Point struct{ Lat, Lng float64 }

// Location is a place that keeps and ships stock: a warehouse, a shop, a 3PL.
type Location struct {
	ID       string
	Name     string
	Priority int    // lower ships first where a strategy asks for it
	At       *Point // position, where distance matters
	Country  string // ISO 3166-1 alpha-2, where markets matter
	Inactive bool   // keeps its stock but is promised to nobody
}

// Validate refuses a location that could not be found or measured again.
func (l Location) Validate() error {
	if err := checkID("location", l.ID); err != nil {
		return err
	}
	if p := noteProblem(l.Name); p != "" {
		return fmt.Errorf("%w: name %s", ErrID, p)
	}
	if p := noteProblem(l.Country); p != "" {
		return fmt.Errorf("%w: country %s", ErrID, p)
	}
	if l.At != nil && !(l.At.Lat >= -90 && l.At.Lat <= 90 && l.At.Lng >= -180 && l.At.Lng <= 180) {
		return fmt.Errorf("%w: location %q at %v; latitude is -90..90, longitude -180..180", ErrID, l.ID, *l.At)
	}
	return nil
}

// noteProblem says why the document or the actor of a posting, which may be empty,
// could not be kept and found again.
func noteProblem(s string) string {
	switch {
	case len(s) > MaxIDLen:
		return fmt.Sprintf("of %d bytes; at most %d", len(s), MaxIDLen)
	case !utf8.ValidString(s):
		return fmt.Sprintf("%q is not UTF-8", s)
	case strings.ContainsFunc(s, unicode.IsControl):
		return fmt.Sprintf("%q has control characters", s)
	}
	return ""
}

// checkID is the one rule for ids: 1 to MaxIDLen bytes of valid UTF-8, case
// significant, no surrounding space, no control characters. Nothing is trimmed or
// folded: " J " is refused, "J" and "j" are two ids.
func checkID(what, id string) error {
	switch problem := noteProblem(id); {
	case id == "":
		return fmt.Errorf("%w: %s id is empty", ErrID, what)
	case problem != "":
		return fmt.Errorf("%w: %s id %s", ErrID, what, problem)
	case strings.TrimSpace(id) != id:
		return fmt.Errorf("%w: %s id %q has surrounding space; ids are never trimmed, pass it exactly", ErrID, what, id)
	}
	return nil
}
