package count

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/orderkit/oms/inventory"
)

// Plan is what to count, and how.
type Plan struct {
	Reference string
	Blind     bool       // counters do not see what the books expect
	Scope     Scope      // empty means OnHand
	Tolerance *Tolerance // nil: no variance needs approval
	Places    []Place

	// Location stands for Places: every item and lot of which the books have units of the
	// scope there when the count is opened. Whatever else lies there is added as it is found.
	Location string `json:",omitempty"`
}

// Tally is what a counter found on a line.
type Tally struct {
	Line int   `json:"line"`
	Qty  int64 `json:"qty"`
}

// New opens a count. Its items must be known and tracked, its locations known.
func (f *Flow) New(s inventory.Snapshot, id ID, p Plan, now time.Time) (Count, []Event, error) {
	c := Count{ID: id, Reference: p.Reference, State: StateOpen, Blind: p.Blind, Scope: cmp.Or(p.Scope, OnHand), Tolerance: p.Tolerance, CreatedAt: now, UpdatedAt: now}
	if err := inventory.CheckNote("reference", p.Reference); err != nil {
		return Count{}, nil, err
	}
	if c.Scope != OnHand && c.Scope != Shelf {
		return Count{}, nil, fmt.Errorf("%w: %q; one of %q, %q", ErrScope, p.Scope, OnHand, Shelf)
	}
	if t := p.Tolerance; t != nil && (t.Units < 0 || t.Percent.IsNegative()) {
		return Count{}, nil, fmt.Errorf("%w: %d units, %s percent; neither may be negative", ErrScope, t.Units, t.Percent)
	}
	places := slices.Clone(p.Places)
	if p.Location != "" {
		if len(places) > 0 {
			return Count{}, nil, fmt.Errorf("%w: all of %q, and %d places; name one or the other", ErrScope, p.Location, len(places))
		}
		if err := s.CheckLocation(p.Location); err != nil {
			return Count{}, nil, err
		}
		places = c.Scope.at(&s, p.Location)
	}
	if err := c.list(&s, places, false); err != nil {
		return Count{}, nil, err
	}
	return c, []Event{Opened{Count: id, Reference: p.Reference, Blind: p.Blind, Scope: c.Scope, Places: places}}, nil
}

// at are the places of a location that have units of the scope, by item and lot.
func (s Scope) at(snap *inventory.Snapshot, location string) []Place {
	var out []Place
	for i := range snap.Balances {
		if b := &snap.Balances[i]; b.Location == location && s.of(b) > 0 {
			out = append(out, Place{Item: b.Item, Lot: b.Lot, Location: location})
		}
	}
	return out
}

// list adds lines.
func (c *Count) list(s *inventory.Snapshot, places []Place, found bool) error {
	if n := len(c.Lines) + len(places); len(places) == 0 || n > MaxLines {
		return fmt.Errorf("%w: %d lines; name at least one, a count has at most %d", ErrQuantity, n, MaxLines)
	}
	listed := make(map[Place]int, len(c.Lines)+len(places))
	for _, l := range c.Lines {
		listed[l.Place] = l.No
	}
	for _, p := range places {
		if err := errors.Join(s.CheckItem(p.Item), s.CheckLocation(p.Location), inventory.CheckLot(p.Lot)); err != nil {
			return err
		}
		if had := listed[p]; had > 0 {
			return fmt.Errorf("%w: item %q lot %q at %q is line %d", ErrDuplicate, p.Item, p.Lot, p.Location, had)
		}
		c.Lines = append(c.Lines, Line{No: len(c.Lines) + 1, Place: p, Found: found, Round: 1})
		listed[p] = len(c.Lines)
	}
	return nil
}

// Add lists places where a counter found units that nobody had listed: another lot,
// another item. The lot may be one that the books never had.
func (f *Flow) Add(c Count, s inventory.Snapshot, places []Place, now time.Time) (Count, []Event, error) {
	n := c.next(now)
	err := f.fire(&n, ActionAdd, now)
	if err == nil {
		err = n.list(&s, places, true)
	}
	if err != nil {
		return c, nil, err
	}
	return n, []Event{Added{Count: c.ID, Places: slices.Clone(places)}}, nil
}

// Record keeps what a counter, the actor, found, beside what the books have at this
// moment. A counter who records a line again corrects the own entry; those of others
// stand beside it, and must agree with it before the count can be submitted.
func (f *Flow) Record(c Count, s inventory.Snapshot, tallies []Tally, m inventory.Meta) (Count, []Event, error) {
	n := c.next(m.Now)
	if err := f.fire(&n, ActionRecord, m.Now); err != nil {
		return c, nil, err
	}
	if len(tallies) == 0 {
		return c, nil, fmt.Errorf("%w: nothing was counted; name at least one line", ErrQuantity)
	}
	if err := inventory.CheckNote("counter", m.Actor); err != nil {
		return c, nil, err
	}
	for _, t := range tallies {
		l, err := n.line(t.Line)
		if err != nil {
			return c, nil, err
		}
		if t.Qty < 0 || t.Qty > inventory.MaxQty {
			return c, nil, &inventory.QuantityError{Item: l.Item, Qty: t.Qty, Rule: "a shelf has between 0 and MaxQty units"}
		}
		l.Entries = append(l.Entries, Entry{Round: l.Round, By: m.Actor, Qty: t.Qty, Expected: n.books(&s, l.Place), At: m.Now})
	}
	return n, []Event{Recorded{Count: c.ID, Tallies: slices.Clone(tallies)}}, nil
}

func (c *Count) line(no int) (*Line, error) {
	l, ok := c.Line(no)
	if !ok {
		return nil, fmt.Errorf("%w: %d of count %s, which has 1 to %d", ErrUnknownLine, no, c.ID, len(c.Lines))
	}
	return l, nil
}

// Submit ends the counting: every line is counted, and its counters agree.
func (f *Flow) Submit(c Count, now time.Time) (Count, []Event, error) {
	n := c.next(now)
	if err := f.fire(&n, ActionSubmit, now); err != nil {
		return c, nil, err
	}
	return n, []Event{Submitted{Count: c.ID}}, nil
}

// Recount asks for lines to be counted again. What was found before stays in the
// document, and counts for nothing; an approval is void.
func (f *Flow) Recount(c Count, lines []int, now time.Time) (Count, []Event, error) {
	n := c.next(now)
	if err := f.fire(&n, ActionRecount, now); err != nil {
		return c, nil, err
	}
	if len(lines) == 0 {
		return c, nil, fmt.Errorf("%w: nothing to recount; name at least one line", ErrQuantity)
	}
	lines = slices.Compact(slices.Sorted(slices.Values(lines)))
	for _, no := range lines {
		l, err := n.line(no)
		if err != nil {
			return c, nil, err
		}
		l.Round++
		l.Approved = ""
	}
	return n, []Event{RecountRequested{Count: c.ID, Lines: lines}}, nil
}

// Approve stands for the variances of lines beyond the tolerance: those that are named,
// or all. It needs a name.
func (f *Flow) Approve(c Count, lines []int, m inventory.Meta) (Count, []Event, error) {
	n := c.next(m.Now)
	if err := f.fire(&n, ActionApprove, m.Now); err != nil {
		return c, nil, err
	}
	if m.Actor == "" {
		return c, nil, fmt.Errorf("%w: nobody approves count %s; name the actor", ErrApproval, c.ID)
	}
	if len(lines) == 0 {
		for i := range n.Lines {
			if e, _ := n.Lines[i].Result(); !n.Tolerance.Allows(e.Variance(), e.Expected) {
				lines = append(lines, i+1)
			}
		}
	}
	if len(lines) == 0 {
		return c, nil, fmt.Errorf("%w: no variance of count %s needs it", ErrQuantity, c.ID)
	}
	for _, no := range lines {
		l, err := n.line(no)
		if err != nil {
			return c, nil, err
		}
		l.Approved = m.Actor
	}
	return n, []Event{Approved{Count: c.ID, Lines: slices.Clone(lines), By: m.Actor}}, nil
}

// Cancel gives a count up. It corrects nothing.
func (f *Flow) Cancel(c Count, why string, now time.Time) (Count, []Event, error) {
	n := c.next(now)
	err := f.fire(&n, ActionCancel, now)
	if err == nil {
		err = inventory.CheckNote("reason", why)
	}
	if err != nil {
		return c, nil, err
	}
	return n, []Event{Cancelled{Count: c.ID, Why: why}}, nil
}

// Correction is how a count is posted.
type Correction struct {
	// Rebase posts lines whose books changed since they were counted, if the movements
	// since explain the change and corrected nothing; see the package documentation.
	Rebase bool
}

// Post books every variance in one posting: SHRINK → FREE for units that were found,
// FREE → SHRINK for those that are missing. Nothing is posted for lines that agree with
// the books. Each line whose books changed since is a *StaleCountError; the error has
// all of them. Units that are reserved cannot be counted away: *ReservedError.
//
// Since is only looked at by a rebase: the postings from the first entry on that have
// movements of the items.
func (f *Flow) Post(c Count, s inventory.Snapshot, how Correction, since []inventory.Posting, m inventory.Meta) (Count, inventory.Changes, []Event, error) {
	n := c.next(m.Now)
	if err := f.fire(&n, ActionPost, m.Now); err != nil {
		return c, inventory.Changes{}, nil, err
	}
	rebased, err := n.fresh(&s, how, since)
	if err != nil {
		return c, inventory.Changes{}, nil, err
	}
	var moves []inventory.Movement
	v := Variance{Count: c.ID, Posting: m.ID, Rebased: rebased}
	for i := range n.Lines {
		l := &n.Lines[i]
		e, _ := l.Result()
		l.Posted = e.Variance()
		if l.Posted == 0 {
			continue
		}
		mv, err := l.correct(&s, m.Now)
		if err != nil {
			return c, inventory.Changes{}, nil, err
		}
		moves = append(moves, mv)
		v.Differences = append(v.Differences, Difference{Line: l.No, Place: l.Place, Counted: e.Qty, Expected: e.Expected, Variance: l.Posted})
	}
	events := []Event{Posted{Count: c.ID, Accuracy: n.Accuracy()}}
	if len(moves) == 0 {
		return n, inventory.Changes{}, events, nil
	}
	changes, err := inventory.Move(s, moves, inventory.ReasonCount, c.Document(), m)
	if err != nil {
		return c, inventory.Changes{}, nil, err
	}
	n.Posting = m.ID
	return n, changes, append([]Event{v}, events...), nil
}

// correct is the movement that makes the books agree with the shelf.
func (l *Line) correct(s *inventory.Snapshot, now time.Time) (inventory.Movement, error) {
	mv := inventory.Movement{Item: l.Item, Lot: l.Lot, From: inventory.Outside(inventory.Shrink), To: inventory.At(l.Location, inventory.Free), Qty: l.Posted}
	if l.Posted > 0 {
		return mv, nil
	}
	mv.From, mv.To, mv.Qty = mv.To, mv.From, -mv.Qty
	b := balance(s, l.Place)
	free := b.Of(inventory.Free)
	for i := range s.Expired {
		if r := &s.Expired[i]; r.Balance() == l.Key() && r.Expired(now) {
			free += r.Soft // nobody's any more
		}
	}
	if free < mv.Qty {
		return mv, &ReservedError{Line: l.No, Key: l.Key(), Missing: mv.Qty, Free: free}
	}
	return mv, nil
}

// fresh refuses lines whose books changed since they were counted, and tells whether
// any was let pass by a rebase.
func (c *Count) fresh(s *inventory.Snapshot, how Correction, since []inventory.Posting) (bool, error) {
	var stale []error
	rebased := false
	for i := range c.Lines {
		l := &c.Lines[i]
		e, _ := l.Result()
		bad := &StaleCountError{Line: l.No, Key: l.Key(), Expected: e.Expected, Actual: c.books(s, l.Place)}
		moved, corrected := c.movedSince(l, e.At, since)
		switch {
		case !how.Rebase && bad.Actual == bad.Expected:
		case how.Rebase && corrected == uuid.Nil && moved == bad.Actual-bad.Expected:
			rebased = rebased || moved != 0
		default:
			bad.Corrected = corrected
			stale = append(stale, bad)
		}
	}
	return rebased, errors.Join(stale...)
}

// movedSince sums what the postings after a moment changed of a line's books, and names
// one that was a correction itself.
func (c *Count) movedSince(l *Line, at time.Time, since []inventory.Posting) (int64, uuid.UUID) {
	var sum int64
	var corrected uuid.UUID
	for i := range since {
		p := &since[i]
		if !p.At.After(at) {
			continue
		}
		for _, m := range p.Movements {
			if m.Item != l.Item || m.Lot != l.Lot {
				continue
			}
			var by int64
			if m.To.Location == l.Location && c.Scope.has(m.To) {
				by += m.Qty
			}
			if m.From.Location == l.Location && c.Scope.has(m.From) {
				by -= m.Qty
			}
			sum += by
			if by != 0 && correction(p.Reason) {
				corrected = p.ID
			}
		}
	}
	return sum, corrected
}

// correction tells whether a posting made the books agree with what somebody saw, so
// that the error it corrected may be the one that was counted.
func correction(r inventory.Reason) bool {
	switch r {
	case inventory.ReasonCount, inventory.ReasonFound, inventory.ReasonLost, inventory.ReasonOpening, inventory.ReasonShort,
		inventory.ReasonDamage, inventory.ReasonWriteOff:
		return true
	}
	return false
}
