package count

import (
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/shopspring/decimal"

	"github.com/orderkit/oms/inventory"
)

// MaxLines is the largest number of lines of a count.
const MaxLines = 5000

// ID identifies a count.
type ID struct{ uuid.UUID }

// ParseID reads the canonical form.
func ParseID(s string) (ID, error) {
	u, err := uuid.Parse(s)
	return ID{u}, err
}

// Scope says which units at a location a counter counts.
type Scope string

// The scopes.
const (
	OnHand Scope = "on_hand" // every unit that is there, in whatever state
	Shelf  Scope = "shelf"   // those that nobody has taken off: FREE, SOFT, COMMITTED
)

// of sums the states of a balance that the scope has.
func (s Scope) of(b *inventory.Balance) int64 {
	if s == Shelf {
		return b.Of(inventory.Free) + b.Of(inventory.Soft) + b.Of(inventory.Committed)
	}
	return b.OnHand()
}

func (s Scope) has(a inventory.Account) bool {
	if s == Shelf {
		return a.State == inventory.Free || a.State == inventory.Soft || a.State == inventory.Committed
	}
	return a.State.AtLocation()
}

// Tolerance is how much a line may differ without approval: up to Units, or up to
// Percent of what the books had, whichever allows more. The zero tolerance allows
// nothing.
type Tolerance struct {
	Units   int64           `json:"units"`
	Percent decimal.Decimal `json:"percent"`
}

// Allows tells whether a variance needs no approval. No tolerance allows everything.
func (t *Tolerance) Allows(variance, expected int64) bool {
	off := max(variance, -variance)
	return t == nil || off <= t.Units ||
		decimal.NewFromInt(off).Mul(decimal.New(100, 0)).LessThanOrEqual(t.Percent.Mul(decimal.NewFromInt(expected)))
}

// Count is a list of what to count, and what was found.
type Count struct {
	ID        ID         `json:"id"`
	Reference string     `json:"reference,omitempty"` // the host's document, for people
	State     State      `json:"state"`
	Blind     bool       `json:"blind,omitempty"`
	Scope     Scope      `json:"scope"`
	Tolerance *Tolerance `json:"tolerance,omitempty"`
	Lines     []Line     `json:"lines"`

	Posting   uuid.UUID `json:"posting,omitzero"` // of the variances; zero where there were none
	CreatedAt time.Time `json:"created_at"`
	UpdatedAt time.Time `json:"updated_at"`
	ClosedAt  time.Time `json:"closed_at,omitzero"` // nothing is left to do since
	Version   int64     `json:"version"`            // counts the changes; 1 when first saved
}

// Place is what a line counts.
type Place struct {
	Item     string `json:"item"`
	Lot      string `json:"lot,omitempty"`
	Location string `json:"location"`
}

// Key is the balance row of the place.
func (p Place) Key() inventory.Key {
	return inventory.Key{Item: p.Item, Lot: p.Lot, Location: p.Location}
}

// Line is one place, and every time that somebody counted it.
type Line struct {
	No int `json:"no"` // 1, 2, … within the count
	Place
	Found    bool    `json:"found,omitempty"` // added by a counter: units that nobody had listed
	Round    int     `json:"round"`           // 1, and one more with every recount
	Entries  []Entry `json:"entries,omitempty"`
	Approved string  `json:"approved,omitempty"` // who approved the variance of this round
	Posted   int64   `json:"posted,omitempty"`   // the variance as it was booked
}

// Entry is what one counter found.
type Entry struct {
	Round    int       `json:"round"`
	By       string    `json:"by,omitempty"`
	Qty      int64     `json:"qty"`
	Expected int64     `json:"expected"` // what the books had at that moment
	At       time.Time `json:"at"`
}

// Variance is what the counter found less what the books had.
func (e *Entry) Variance() int64 { return e.Qty - e.Expected }

// Current are the entries that count: of this round, the last one of each counter, in
// the order in which they were recorded.
func (l *Line) Current() []Entry {
	var out []Entry
	for _, e := range l.Entries {
		if e.Round != l.Round {
			continue
		}
		out = slices.DeleteFunc(out, func(had Entry) bool { return had.By == e.By })
		out = append(out, e)
	}
	return out
}

// Result is the last entry of the line, and whether there is one that all counters
// agree with: they found the same variance, each at the moment of their own count.
func (l *Line) Result() (Entry, bool) {
	all := l.Current()
	if len(all) == 0 {
		return Entry{}, false
	}
	last := all[len(all)-1]
	for i := range all {
		if all[i].Variance() != last.Variance() {
			return last, false
		}
	}
	return last, true
}

// Line finds a line by its number.
func (c *Count) Line(no int) (*Line, bool) {
	if no < 1 || no > len(c.Lines) {
		return nil, false
	}
	return &c.Lines[no-1], true
}

// Document is the name of the count in its posting and among events.
func (c *Count) Document() string { return "count/" + c.ID.String() }

// Open tells whether something is left to do.
func (c *Count) Open() bool { return c.ClosedAt.IsZero() }

// Items are the items of the lines, Locations their locations, each once.
func (c *Count) Items() []string { return c.each(func(l *Line) string { return l.Item }) }

// Locations are the locations of the lines, each once.
func (c *Count) Locations() []string { return c.each(func(l *Line) string { return l.Location }) }

func (c *Count) each(of func(*Line) string) []string {
	var out []string
	for i := range c.Lines {
		out = append(out, of(&c.Lines[i]))
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// Clone returns a copy that shares nothing that can change.
func (c Count) Clone() Count {
	c.Lines = slices.Clone(c.Lines)
	for i := range c.Lines {
		c.Lines[i].Entries = slices.Clone(c.Lines[i].Entries)
	}
	return c
}

func (c Count) next(now time.Time) Count {
	c = c.Clone()
	c.UpdatedAt = now
	return c
}

// Accuracy is how well the books told what was there.
type Accuracy struct {
	Counted  int64 `json:"counted"`  // units that were found
	Variance int64 `json:"variance"` // units that were off, either way
}

// Rate is the stock accuracy, 1 − |variance| ÷ counted, to six decimals, and false
// where nothing was found. It is negative where more was off than found.
func (a Accuracy) Rate() (decimal.Decimal, bool) {
	if a.Counted == 0 {
		return decimal.Zero, false
	}
	return decimal.New(1, 0).Sub(decimal.NewFromInt(a.Variance).DivRound(decimal.NewFromInt(a.Counted), 6)), true
}

// Plus adds the units of another figure, so that the rate is that of all of them.
func (a Accuracy) Plus(b Accuracy) Accuracy {
	return Accuracy{Counted: a.Counted + b.Counted, Variance: a.Variance + b.Variance}
}

// Accuracy sums the lines whose counters agree.
func (c *Count) Accuracy() Accuracy {
	var a Accuracy
	for i := range c.Lines {
		if e, ok := c.Lines[i].Result(); ok {
			a.Counted += e.Qty
			a.Variance += max(e.Variance(), -e.Variance())
		}
	}
	return a
}

// Sheet is what a counter sees: what to count, and without Expected in a blind count.
type Sheet struct {
	Count     ID          `json:"count"`
	Reference string      `json:"reference,omitempty"`
	State     State       `json:"state"`
	Scope     Scope       `json:"scope"`
	Lines     []SheetLine `json:"lines"`
}

// SheetLine is one place to count.
type SheetLine struct {
	No int `json:"no"`
	Place
	Round    int    `json:"round"`              // above 1 it is a recount
	Counted  bool   `json:"counted"`            // somebody has, in this round
	Expected *int64 `json:"expected,omitempty"` // what the books have now; nil in a blind count
}

// Sheet is the list for the counters.
func (c *Count) Sheet(s inventory.Snapshot) Sheet {
	out := Sheet{Count: c.ID, Reference: c.Reference, State: c.State, Scope: c.Scope}
	for i := range c.Lines {
		l := &c.Lines[i]
		row := SheetLine{No: l.No, Place: l.Place, Round: l.Round, Counted: len(l.Current()) > 0}
		if !c.Blind {
			expected := c.books(&s, l.Place)
			row.Expected = &expected
		}
		out.Lines = append(out.Lines, row)
	}
	return out
}

// books is what the books have of a place, within the scope.
func (c *Count) books(s *inventory.Snapshot, p Place) int64 {
	b := balance(s, p)
	return c.Scope.of(&b)
}

func balance(s *inventory.Snapshot, p Place) inventory.Balance {
	for _, b := range s.Of(p.Item) {
		if b.Key == p.Key() {
			return b
		}
	}
	return inventory.Balance{Key: p.Key()}
}
