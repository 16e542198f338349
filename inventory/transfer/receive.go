package transfer

import (
	"fmt"
	"slices"

	"github.com/orderkit/oms/inventory"
)

// Receive books what became of units in transit: accepted or rejected at the
// destination, or back at the origin. It may be done in parts; the last completes the
// transfer. A repeat of a receipt, known by its name, returns the transfer as it is,
// with nothing to save or to tell.
//
// A destination that is inactive still receives: the goods stand at its dock, and the
// books say so.
func (f *Flow) Receive(t Transfer, s inventory.Snapshot, c Receiving, m inventory.Meta) (Transfer, inventory.Changes, []Event, error) {
	if had, err := t.repeated(c); had || err != nil {
		return t, inventory.Changes{}, nil, err
	}
	n := t.next(m.Now)
	if err := f.fire(&n, ActionReceive, m.Now); err != nil {
		return t, inventory.Changes{}, nil, err
	}
	booked, moves, err := n.arrive(c)
	if err != nil {
		return t, inventory.Changes{}, nil, err
	}
	changes, err := inventory.Move(s, moves, inventory.ReasonTransfer, t.Owner(), m)
	if err == nil {
		err = f.settle(&n, m.Now)
	}
	if err != nil {
		return t, inventory.Changes{}, nil, err
	}
	receipt := Receipt{Ref: c.Ref, At: m.Now, Actor: m.Actor, Arrivals: booked}
	if c.Ref != "" {
		receipt.Asked = slices.Clone(c.Arrivals)
	}
	n.Receipts = append(n.Receipts, receipt)
	return t.becomes(n, changes, Received{Transfer: t.ID, Ref: c.Ref, From: t.From, To: t.To, Arrivals: booked, Complete: !n.Open()})
}

// repeated tells whether a receipt of the name was booked, and refuses one that says
// something else.
func (t *Transfer) repeated(c Receiving) (bool, error) {
	if c.Ref == "" {
		return false, nil
	}
	i := slices.IndexFunc(t.Receipts, func(r Receipt) bool { return r.Ref == c.Ref })
	switch {
	case i < 0:
		return false, nil
	case !slices.Equal(t.Receipts[i].Asked, c.Arrivals):
		return false, &ReceiptError{Ref: c.Ref, At: t.Receipts[i].At}
	}
	return true, nil
}

// arrive takes arrivals out of transit and gives the movements that they are.
func (t *Transfer) arrive(c Receiving) ([]Arrival, []inventory.Movement, error) {
	if err := inventory.CheckNote("receipt", c.Ref); err != nil {
		return nil, nil, err
	}
	if len(c.Arrivals) == 0 {
		return nil, nil, fmt.Errorf("%w: nothing arrived; name at least one line", ErrQuantity)
	}
	var booked []Arrival
	var moves []inventory.Movement
	for _, a := range c.Arrivals {
		a, to, err := t.outcome(a)
		if err != nil {
			return nil, nil, err
		}
		units, err := t.take([]Units{{Line: a.Line, Lot: a.Lot, Qty: a.Qty}}, ErrOverReceipt, inTransit)
		if err != nil {
			return nil, nil, err
		}
		for _, u := range units {
			l := &t.Lines[u.Line-1]
			*l.part(u.Lot).outcome(a.As) += u.Qty
			a.Lot, a.Qty = u.Lot, u.Qty
			booked = append(booked, a)
			moves = append(moves, inventory.Movement{Item: l.Item, Lot: u.Lot, From: inventory.Outside(inventory.InTransit), To: to, Qty: u.Qty})
		}
	}
	return booked, moves, nil
}

// outcome fills in what an arrival leaves out, and tells where its units go.
func (t *Transfer) outcome(a Arrival) (Arrival, inventory.Account, error) {
	var at string
	var into []inventory.State
	switch a.As {
	case "", Accepted:
		a.As, at, into = Accepted, t.To, []inventory.State{inventory.Free, inventory.QC}
	case Rejected:
		at, into = t.To, []inventory.State{inventory.Damaged}
	case Returned:
		at, into = t.From, []inventory.State{inventory.QC, inventory.Free, inventory.Damaged, inventory.Held}
	default:
		return a, inventory.Account{}, fmt.Errorf("%w: %q; one of %q, %q, %q", ErrOutcome, a.As, Accepted, Rejected, Returned)
	}
	if a.Into == 0 {
		a.Into = into[0]
	}
	if !slices.Contains(into, a.Into) {
		return a, inventory.Account{}, fmt.Errorf("%w: %s units go into one of %v, not into %s", ErrOutcome, a.As, into, a.Into)
	}
	return a, inventory.At(at, a.Into), inventory.CheckNote("reason", a.Why)
}

// outcome is the counter of an outcome.
func (p *Part) outcome(o Outcome) *int64 {
	switch o {
	case Rejected:
		return &p.Rejected
	case Returned:
		return &p.Returned
	default:
		return &p.Received
	}
}
