package transfer

import (
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/orderkit/oms/inventory"
)

// OwnerPrefix begins the names under which transfers reserve stock; no one else may
// use it.
const OwnerPrefix = "transfer/"

// MaxLines is the largest number of lines of a transfer.
const MaxLines = 1000

// ID identifies a transfer.
type ID struct{ uuid.UUID }

// ParseID reads the canonical form.
func ParseID(s string) (ID, error) {
	u, err := uuid.Parse(s)
	return ID{u}, err
}

// Transfer is goods on their way from one location to another.
type Transfer struct {
	ID        ID        `json:"id"`
	Reference string    `json:"reference,omitempty"` // the host's document, for people
	State     State     `json:"state"`
	From      string    `json:"from"`
	To        string    `json:"to"`
	Expected  time.Time `json:"expected,omitzero"` // when it should arrive; zero is unknown
	Lines     []Line    `json:"lines"`

	Dispatches []Dispatch `json:"dispatches,omitempty"` // what left the origin, in order
	Receipts   []Receipt  `json:"receipts,omitempty"`   // what became of it, in order
	Why        string     `json:"why,omitempty"`        // it was cancelled or closed with a variance

	CreatedAt time.Time `json:"created_at"`
	UpdatedAt time.Time `json:"updated_at"`
	ClosedAt  time.Time `json:"closed_at,omitzero"` // nothing is left to do since
	Version   int64     `json:"version"`            // counts the changes; 1 when first saved
}

// Line is units of an item, and where each of them is.
type Line struct {
	No        int    `json:"no"` // 1, 2, … within the transfer
	Item      string `json:"item"`
	Lot       string `json:"lot,omitempty"` // the only lot to take from; empty takes what the ledger picks
	Qty       int64  `json:"qty"`           // all that is to be moved
	Open      int64  `json:"open,omitempty"`
	Cancelled int64  `json:"cancelled,omitempty"` // will not be moved
	Parts     []Part `json:"parts,omitempty"`     // the others by lot, once they are ready
}

// Part is the units of a line that are of one lot, by where they are.
type Part struct {
	Lot       string `json:"lot,omitempty"`
	Ready     int64  `json:"ready,omitempty"`      // committed at the origin
	InTransit int64  `json:"in_transit,omitempty"` // at no location
	Received  int64  `json:"received,omitempty"`   // accepted at the destination
	Rejected  int64  `json:"rejected,omitempty"`   // damaged at the destination
	Returned  int64  `json:"returned,omitempty"`   // back at the origin
	Lost      int64  `json:"lost,omitempty"`       // never arrived
}

// Shipped is the number of units that left the origin, wherever they are now.
func (p *Part) Shipped() int64 {
	return p.InTransit + p.Received + p.Rejected + p.Returned + p.Lost
}

func (p *Part) all() int64 { return p.Ready + p.Shipped() }

// Sum adds up the parts of a line.
func (l *Line) Sum() Part {
	sum := Part{Lot: l.Lot}
	for _, p := range l.Parts {
		sum.Ready += p.Ready
		sum.InTransit += p.InTransit
		sum.Received += p.Received
		sum.Rejected += p.Rejected
		sum.Returned += p.Returned
		sum.Lost += p.Lost
	}
	return sum
}

// Check is the law of a line: none of its counters is negative, and
//
//	open + cancelled + ready + in_transit + received + rejected + returned + lost = qty
func (l *Line) Check() error {
	sum := l.Sum()
	ok := min(l.Open, l.Cancelled) >= 0 && l.Open+l.Cancelled+sum.all() == l.Qty
	for _, p := range l.Parts {
		ok = ok && min(p.Ready, p.InTransit, p.Received, p.Rejected, p.Returned, p.Lost) >= 0
	}
	if !ok {
		return &LineError{Err: ErrQuantity, Facts: *l}
	}
	return nil
}

// part finds the units of a lot, adding none if there are none.
func (l *Line) part(lot string) *Part {
	i := slices.IndexFunc(l.Parts, func(p Part) bool { return p.Lot == lot })
	if i < 0 {
		return nil
	}
	return &l.Parts[i]
}

// Line finds a line by its number.
func (t *Transfer) Line(no int) (*Line, bool) {
	if no < 1 || no > len(t.Lines) {
		return nil, false
	}
	return &t.Lines[no-1], true
}

// Owner is the name under which the transfer reserves stock, and the document of its
// postings.
func (t *Transfer) Owner() string { return OwnerPrefix + t.ID.String() }

// Open tells whether something is left to do.
func (t *Transfer) Open() bool { return t.ClosedAt.IsZero() }

// Sum adds up the parts of all lines.
func (t *Transfer) Sum() Part {
	var sum Part
	for i := range t.Lines {
		s := t.Lines[i].Sum()
		sum.Ready += s.Ready
		sum.InTransit += s.InTransit
		sum.Received += s.Received
		sum.Rejected += s.Rejected
		sum.Returned += s.Returned
		sum.Lost += s.Lost
	}
	return sum
}

// InTransit is the number of units on the road by what they are; Location is empty, as
// they are at none.
func (t *Transfer) InTransit() map[inventory.Key]int64 {
	out := make(map[inventory.Key]int64)
	for i := range t.Lines {
		for _, p := range t.Lines[i].Parts {
			if p.InTransit != 0 {
				out[inventory.Key{Item: t.Lines[i].Item, Lot: p.Lot}] += p.InTransit
			}
		}
	}
	return out
}

// Items are the items of the lines, each once.
func (t *Transfer) Items() []string {
	items := make([]string, 0, len(t.Lines))
	for _, l := range t.Lines {
		items = append(items, l.Item)
	}
	slices.Sort(items)
	return slices.Compact(items)
}

// Clone returns a copy that shares nothing that can change.
func (t Transfer) Clone() Transfer {
	t.Lines = slices.Clone(t.Lines)
	for i := range t.Lines {
		t.Lines[i].Parts = slices.Clone(t.Lines[i].Parts)
	}
	t.Dispatches = slices.Clone(t.Dispatches) // what is in them never changes
	t.Receipts = slices.Clone(t.Receipts)
	return t
}

func (t Transfer) next(now time.Time) Transfer {
	t = t.Clone()
	t.UpdatedAt = now
	return t
}

// Draft is what to move.
type Draft struct {
	Reference string
	From      string
	To        string
	Expected  time.Time
	Lines     []DraftLine
}

// DraftLine wants units of an item; of one lot, if it names one.
type DraftLine struct {
	Item string
	Lot  string
	Qty  int64
}

// Units are units of one lot of a line. The lot may be left out where the line has only
// one that they can be of, or where they are all that it has.
type Units struct {
	Line int    `json:"line"`
	Lot  string `json:"lot,omitempty"`
	Qty  int64  `json:"qty"`
}

// Shipping is what leaves the origin: everything that is ready if it names no units.
type Shipping struct {
	Ref      string    // the host's document, such as the number of a truck
	Expected time.Time // when it should arrive, where that is known only now; zero changes nothing
	Units    []Units
}

// Dispatch is what left the origin at once.
type Dispatch struct {
	Ref   string    `json:"ref,omitempty"`
	At    time.Time `json:"at"`
	Actor string    `json:"actor,omitempty"`
	Units []Units   `json:"units"`
}

// Outcome is what became of units in transit.
type Outcome string

// The outcomes.
const (
	Accepted Outcome = "accepted" // at the destination, FREE or QC
	Rejected Outcome = "rejected" // at the destination, DAMAGED
	Returned Outcome = "returned" // back at the origin: QC, FREE, DAMAGED or HELD
)

// Arrival is what became of units of one lot of a line.
type Arrival struct {
	Line int             `json:"line"`
	Lot  string          `json:"lot,omitempty"` // as in Units
	Qty  int64           `json:"qty"`
	As   Outcome         `json:"as,omitempty"`   // empty means Accepted
	Into inventory.State `json:"into,omitempty"` // zero means the first that the outcome lists
	Why  string          `json:"why,omitempty"`  // for people
}

// Receiving is what arrived at once.
type Receiving struct {
	// Ref names the receipt within the transfer: the number of a delivery note. A second
	// receipt with the same name and content does nothing, so a scan that was sent twice
	// cannot bring goods in twice. Without a name only an idempotency key protects.
	Ref      string
	Arrivals []Arrival
}

// Receipt is what arrived at once, as it was booked.
type Receipt struct {
	Ref      string    `json:"ref,omitempty"`
	At       time.Time `json:"at"`
	Actor    string    `json:"actor,omitempty"`
	Asked    []Arrival `json:"asked,omitempty"` // as it was told, by which a repeat is known; only with a Ref
	Arrivals []Arrival `json:"arrivals"`        // one for each lot, with everything that was left out
}
