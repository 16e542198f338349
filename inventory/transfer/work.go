package transfer

import (
	"fmt"
	"slices"
	"time"

	"github.com/orderkit/oms/inventory"
)

// New drafts a transfer. Its locations must be two, known and active, its items known
// and tracked. Nothing moves.
func (f *Flow) New(s inventory.Snapshot, id ID, d Draft, now time.Time) (Transfer, []Event, error) {
	t := Transfer{ID: id, State: StateDraft, CreatedAt: now, UpdatedAt: now}
	if err := t.plan(&s, d); err != nil {
		return Transfer{}, nil, err
	}
	return t, []Event{t.drafted()}, nil
}

// Edit replaces the plan of a transfer that is still a draft.
func (f *Flow) Edit(t Transfer, s inventory.Snapshot, d Draft, now time.Time) (Transfer, []Event, error) {
	if err := f.editable(&t); err != nil {
		return t, nil, err
	}
	n := t.next(now)
	if err := n.plan(&s, d); err != nil {
		return t, nil, err
	}
	return n, []Event{Edited{n.drafted()}}, nil
}

func (t *Transfer) drafted() Drafted {
	return Drafted{Transfer: t.ID, Reference: t.Reference, From: t.From, To: t.To, Expected: t.Expected, Lines: slices.Clone(t.Lines)}
}

// plan takes over a draft after checking all of it.
func (t *Transfer) plan(s *inventory.Snapshot, d Draft) error {
	if err := inventory.CheckNote("reference", d.Reference); err != nil {
		return err
	}
	if err := checkRoute(s, d.From, d.To); err != nil {
		return err
	}
	if n := len(d.Lines); n == 0 || n > MaxLines {
		return fmt.Errorf("%w: %d lines; a transfer has 1 to %d", ErrQuantity, n, MaxLines)
	}
	if err := checkDate(d.Expected); err != nil {
		return err
	}
	lines := make([]Line, 0, len(d.Lines))
	for i, l := range d.Lines {
		err := s.CheckItem(l.Item)
		if err == nil {
			err = inventory.CheckQty(l.Item, l.Qty)
		}
		if err == nil {
			err = inventory.CheckLot(l.Lot)
		}
		if err != nil {
			return fmt.Errorf("line %d: %w", i+1, err)
		}
		lines = append(lines, Line{No: i + 1, Item: l.Item, Lot: l.Lot, Qty: l.Qty, Open: l.Qty})
	}
	t.Reference, t.From, t.To, t.Expected, t.Lines = d.Reference, d.From, d.To, d.Expected, lines
	return nil
}

// checkDate refuses an arrival that no calendar of supply has.
func checkDate(at time.Time) error {
	if !at.IsZero() && (at.Year() < 1970 || at.Year() > 9999) {
		return fmt.Errorf("%w: expected at %s; between the years 1970 and 9999, or zero where it is unknown", ErrDate, at)
	}
	return nil
}

func checkRoute(s *inventory.Snapshot, from, to string) error {
	if from == to {
		return &LocationError{From: from, To: to}
	}
	for _, id := range []string{from, to} {
		if err := s.CheckLocation(id); err != nil {
			return err
		}
		if l, _ := s.Location(id); l.Inactive {
			return &LocationError{From: from, To: to, Inactive: id}
		}
	}
	return nil
}

// Ready commits the stock of the whole transfer at its origin, all or nothing, from the
// lots that the ledger picks. What is missing is *inventory.ShortageError with every
// short line. The snapshot has the reservations of the transfer's Owner.
func (f *Flow) Ready(t Transfer, s inventory.Snapshot, m inventory.Meta) (Transfer, inventory.Changes, []Event, error) {
	n := t.next(m.Now)
	if err := f.fire(&n, ActionReady, m.Now); err != nil {
		return t, inventory.Changes{}, nil, err
	}
	if err := checkRoute(&s, t.From, t.To); err != nil {
		return t, inventory.Changes{}, nil, err
	}
	holds := make([]inventory.Hold, 0, len(n.Lines))
	for _, l := range n.Lines {
		holds = append(holds, inventory.Hold{Owner: t.Owner(), Line: l.No, Item: l.Item, Lot: l.Lot, Location: t.From, Qty: l.Open})
	}
	changes, err := inventory.Reserve(s, holds, t.Owner(), m)
	if err != nil {
		return t, inventory.Changes{}, nil, err
	}
	units := make([]Units, 0, len(n.Lines))
	for _, r := range changes.Reservations {
		l, ok := n.Line(r.Line)
		if r.Owner != t.Owner() || !ok {
			continue // an expired hold that stood in the way
		}
		l.Parts = append(l.Parts, Part{Lot: r.Lot, Ready: r.Committed})
		l.Open -= r.Committed
		units = append(units, Units{Line: r.Line, Lot: r.Lot, Qty: r.Committed})
	}
	return t.becomes(n, changes, MadeReady{Transfer: t.ID, From: t.From, Units: units})
}

// Ship sends ready units on their way: those that are named, or all of them.
func (f *Flow) Ship(t Transfer, s inventory.Snapshot, c Shipping, m inventory.Meta) (Transfer, inventory.Changes, []Event, error) {
	n := t.next(m.Now)
	if err := f.fire(&n, ActionShip, m.Now); err != nil {
		return t, inventory.Changes{}, nil, err
	}
	units, err := n.take(c.Units, ErrQuantity, ready)
	if err == nil {
		err = inventory.CheckNote("dispatch", c.Ref)
	}
	if err == nil {
		err = checkDate(c.Expected)
	}
	if err != nil {
		return t, inventory.Changes{}, nil, err
	}
	for _, u := range units {
		n.Lines[u.Line-1].part(u.Lot).InTransit += u.Qty
	}
	changes, err := inventory.Progress(s, n.steps(units, inventory.InTransit), t.Owner(), m)
	if err != nil {
		return t, inventory.Changes{}, nil, err
	}
	if !c.Expected.IsZero() {
		n.Expected = c.Expected
	}
	n.Dispatches = append(n.Dispatches, Dispatch{Ref: c.Ref, At: m.Now, Actor: m.Actor, Units: units})
	return t.becomes(n, changes, Shipped{Transfer: t.ID, Ref: c.Ref, From: t.From, To: t.To, Expected: n.Expected, Units: units})
}

// Withdraw frees ready units that will not be shipped: those that are named, or all of
// them. Before anything was shipped, Cancel does that for the whole transfer.
func (f *Flow) Withdraw(t Transfer, s inventory.Snapshot, us []Units, m inventory.Meta) (Transfer, inventory.Changes, []Event, error) {
	n := t.next(m.Now)
	if err := f.fire(&n, ActionWithdraw, m.Now); err != nil {
		return t, inventory.Changes{}, nil, err
	}
	units, err := n.take(us, ErrQuantity, ready)
	if err != nil {
		return t, inventory.Changes{}, nil, err
	}
	for _, u := range units {
		n.Lines[u.Line-1].Cancelled += u.Qty
	}
	changes, err := inventory.Progress(s, n.steps(units, inventory.Free), t.Owner(), m)
	if err == nil {
		err = f.settle(&n, m.Now)
	}
	if err != nil {
		return t, inventory.Changes{}, nil, err
	}
	return t.becomes(n, changes, Withdrawn{Transfer: t.ID, From: t.From, Units: units, Complete: !n.Open()})
}

// Cancel ends a transfer of which nothing was shipped, and frees what it holds.
func (f *Flow) Cancel(t Transfer, s inventory.Snapshot, why string, m inventory.Meta) (Transfer, inventory.Changes, []Event, error) {
	n := t.next(m.Now)
	n.Why = why
	err := f.fire(&n, ActionCancel, m.Now)
	if err == nil {
		err = inventory.CheckNote("reason", why)
	}
	if err != nil {
		return t, inventory.Changes{}, nil, err
	}
	var changes inventory.Changes
	if n.Sum().Ready > 0 {
		if changes, err = inventory.Release(s, t.Owner(), t.Owner(), m); err != nil {
			return t, inventory.Changes{}, nil, err
		}
	}
	for i := range n.Lines {
		l := &n.Lines[i]
		l.Cancelled, l.Open, l.Parts = l.Qty, 0, nil
	}
	return t.becomes(n, changes, Cancelled{Transfer: t.ID, Why: why})
}

// Close ends a transfer of which units will never arrive, and books them as lost. It
// needs a reason, for people.
func (f *Flow) Close(t Transfer, s inventory.Snapshot, why string, m inventory.Meta) (Transfer, inventory.Changes, []Event, error) {
	n := t.next(m.Now)
	n.Why = why
	err := f.fire(&n, ActionClose, m.Now)
	if err == nil && why == "" {
		err = fmt.Errorf("%w: no reason; say why units of transfer %s are lost", ErrReason, t.ID)
	}
	if err == nil {
		err = inventory.CheckNote("reason", why)
	}
	if err != nil {
		return t, inventory.Changes{}, nil, err
	}
	var lost []Units
	var moves []inventory.Movement
	for i := range n.Lines {
		for j := range n.Lines[i].Parts {
			l, p := &n.Lines[i], &n.Lines[i].Parts[j]
			if p.InTransit == 0 {
				continue
			}
			lost = append(lost, Units{Line: l.No, Lot: p.Lot, Qty: p.InTransit})
			moves = append(moves, inventory.Movement{Item: l.Item, Lot: p.Lot, From: inventory.Outside(inventory.InTransit), To: inventory.Outside(inventory.Shrink), Qty: p.InTransit})
			p.InTransit, p.Lost = 0, p.Lost+p.InTransit
		}
	}
	changes, err := inventory.Move(s, moves, inventory.ReasonLost, t.Owner(), m)
	if err != nil {
		return t, inventory.Changes{}, nil, err
	}
	return t.becomes(n, changes, Variance{Transfer: t.ID, From: t.From, To: t.To, Lost: lost, Why: why})
}

// ready is the counter that shipping and withdrawing take from, inTransit the one that
// receiving does.
func ready(p *Part) *int64     { return &p.Ready }
func inTransit(p *Part) *int64 { return &p.InTransit }

// take takes units from a counter of their parts: those that are named, or all. It
// returns them one for each lot. Too many are refused with what is given.
func (t *Transfer) take(us []Units, tooMany error, of func(*Part) *int64) ([]Units, error) {
	if len(us) == 0 {
		for i := range t.Lines {
			if sum := t.Lines[i].has(of); sum > 0 {
				us = append(us, Units{Line: i + 1, Qty: sum})
			}
		}
	}
	if len(us) == 0 {
		return nil, fmt.Errorf("%w: no unit of transfer %s, which is %s, waits for this", ErrQuantity, t.ID, t.State)
	}
	out := make([]Units, 0, len(us))
	for _, u := range us {
		l, ok := t.Line(u.Line)
		if !ok {
			return nil, fmt.Errorf("%w: %d of transfer %s, which has 1 to %d", ErrUnknownLine, u.Line, t.ID, len(t.Lines))
		}
		if err := inventory.CheckQty(l.Item, u.Qty); err != nil {
			return nil, fmt.Errorf("line %d: %w", u.Line, err)
		}
		taken, err := l.take(u, tooMany, of)
		if err != nil {
			return nil, err
		}
		out = append(out, taken...)
	}
	return out, nil
}

// has sums a counter of the parts of a line.
func (l *Line) has(of func(*Part) *int64) int64 {
	var sum int64
	for i := range l.Parts {
		sum += *of(&l.Parts[i])
	}
	return sum
}

// take takes units from a counter of the parts of a line: of the lot that is named, of
// the only one there is, or of all lots where it is all of them.
func (l *Line) take(u Units, tooMany error, of func(*Part) *int64) ([]Units, error) {
	var lots []string
	var all []*Part
	for i := range l.Parts {
		if p := &l.Parts[i]; *of(p) > 0 && (u.Lot == "" || u.Lot == p.Lot) {
			all = append(all, p)
		}
		lots = append(lots, l.Parts[i].Lot)
	}
	if u.Lot != "" && l.part(u.Lot) == nil {
		return nil, &LotError{Line: l.No, Lot: u.Lot, Lots: lots}
	}
	var have int64
	for _, p := range all {
		have += *of(p)
	}
	switch {
	case u.Qty > have:
		return nil, &LineError{Want: u.Qty, Have: have, Err: tooMany, Facts: *l}
	case u.Qty < have && len(all) > 1:
		return nil, &LotError{Line: l.No, Lots: lots}
	}
	out := make([]Units, 0, len(all))
	for _, p := range all {
		qty := min(u.Qty, *of(p))
		*of(p) -= qty
		out = append(out, Units{Line: l.No, Lot: p.Lot, Qty: qty})
	}
	return out, nil
}

// steps move committed units of the transfer's own reservations.
func (t *Transfer) steps(units []Units, to inventory.State) []inventory.Step {
	steps := make([]inventory.Step, 0, len(units))
	for _, u := range units {
		key := inventory.ReservationKey{Owner: t.Owner(), Line: u.Line, Item: t.Lines[u.Line-1].Item, Lot: u.Lot, Location: t.From}
		steps = append(steps, inventory.Step{Key: key, From: inventory.Committed, To: to, Qty: u.Qty})
	}
	return steps
}

// settle completes a transfer whose units all have their outcome.
func (f *Flow) settle(t *Transfer, now time.Time) error {
	if sum := t.Sum(); sum.Ready+sum.InTransit > 0 {
		return nil
	}
	return f.fire(t, ActionComplete, now)
}

// becomes is the outcome of a decision, provided that every line obeys its law.
func (t Transfer) becomes(n Transfer, c inventory.Changes, e Event) (Transfer, inventory.Changes, []Event, error) {
	for i := range n.Lines {
		if err := n.Lines[i].Check(); err != nil {
			return t, inventory.Changes{}, nil, err
		}
	}
	return n, c, []Event{e}, nil
}
