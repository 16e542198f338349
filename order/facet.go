package order

import (
	"errors"
	"slices"
	"time"
)

// Facets are what can be derived of an order: pure functions of line counters and
// money operations, so they can never disagree with them.
type Facets struct {
	Payment     PaymentFacet
	Fulfillment FulfillmentFacet
	Return      ReturnFacet
	OnHold      bool // at least one hold
	Backordered bool // at least one unit waits for stock
}

// PaymentFacet sums up the money of an order.
type PaymentFacet string

// The payment facets.
const (
	PaymentNone             PaymentFacet = "none"
	PaymentFree             PaymentFacet = "nothing_due" // nothing was ever owed or paid
	PaymentPartlyAuthorized PaymentFacet = "partly_authorized"
	PaymentAuthorized       PaymentFacet = "authorized"
	PaymentPartlyPaid       PaymentFacet = "partly_paid"
	PaymentPaid             PaymentFacet = "paid"
	PaymentOverpaid         PaymentFacet = "overpaid"
	PaymentPartlyRefunded   PaymentFacet = "partly_refunded"
	PaymentRefunded         PaymentFacet = "refunded"
	PaymentDisputed         PaymentFacet = "disputed"
	PaymentUnknown          PaymentFacet = "unknown" // an operation's outcome is in doubt
)

// FulfillmentFacet sums up where the units are.
type FulfillmentFacet string

// The fulfillment facets.
const (
	FulfillmentNone    FulfillmentFacet = "none"    // nothing has shipped
	FulfillmentPartial FulfillmentFacet = "partial" // some units have shipped, others have not
	FulfillmentFull    FulfillmentFacet = "full"    // every unit that was not cancelled has shipped
	FulfillmentDone    FulfillmentFacet = "delivered"
)

// ReturnFacet sums up what came back.
type ReturnFacet string

// The return facets.
const (
	ReturnNone    ReturnFacet = "none"
	ReturnOpen    ReturnFacet = "open"    // units are announced or on their way
	ReturnPartial ReturnFacet = "partial" // some shipped units came back
	ReturnFull    ReturnFacet = "full"    // every shipped unit came back
)

// Facets derives them.
func (o *Order) Facets() Facets {
	var sum Counters
	for i := range o.Lines {
		sum.add(o.Lines[i].Counters)
	}
	return Facets{
		Payment:     o.paymentFacet(),
		Fulfillment: sum.fulfillment(),
		Return:      sum.returns(),
		OnHold:      len(o.Holds) > 0,
		Backordered: sum.Backordered > 0,
	}
}

func (c Counters) fulfillment() FulfillmentFacet {
	live := c.Ordered - c.Cancelled
	switch {
	case c.Shipped == 0:
		return FulfillmentNone
	case c.Shipped < live:
		return FulfillmentPartial
	case c.Delivered == live:
		return FulfillmentDone
	}
	return FulfillmentFull
}

func (c Counters) returns() ReturnFacet {
	switch {
	case c.ReturnOpen > 0:
		return ReturnOpen
	case c.Returned == 0:
		return ReturnNone
	case c.Returned < c.Shipped:
		return ReturnPartial
	}
	return ReturnFull
}

func (o *Order) paymentFacet() PaymentFacet {
	has := func(match func(Operation) bool) bool { return slices.ContainsFunc(o.Payments, match) }
	switch {
	case has(func(op Operation) bool { return op.Status == Unknown }):
		return PaymentUnknown
	case has(func(op Operation) bool { return op.Kind == Chargeback && op.Status == Succeeded }):
		return PaymentDisputed
	}
	b := o.Books()
	kept := b.Captured.minor - b.Refunded.minor
	switch {
	case b.Captured.IsPositive() && kept <= 0:
		return PaymentRefunded
	case kept > b.Owed.minor:
		return PaymentOverpaid
	case b.Refunded.IsPositive():
		return PaymentPartlyRefunded
	case kept > 0 && kept == b.Owed.minor:
		return PaymentPaid
	case kept > 0:
		return PaymentPartlyPaid
	}
	return o.authorizedFacet(b)
}

func (o *Order) authorizedFacet(b Books) PaymentFacet {
	var open int64
	for i := range o.Payments {
		open += o.Capturable(o.Payments[i].ID).minor
	}
	switch {
	case open == 0 && b.Owed.IsZero():
		return PaymentFree
	case open == 0:
		return PaymentNone
	case open < b.Owed.minor:
		return PaymentPartlyAuthorized
	}
	return PaymentAuthorized
}

// Possibility tells whether an action is possible now and, where it is not, why.
type Possibility struct {
	Action  Action
	Allowed bool
	Reasons []string // empty exactly when Allowed
}

// AllowedActions lists every action with the reasons why it is not possible now. It
// asks the same guards as the commands, so it cannot promise what they would refuse.
func (f *Flow) AllowedActions(o Order, p PaymentPolicy, now time.Time) []Possibility {
	var out []Possibility
	add := func(a Action, err error) {
		ps := Possibility{Action: a, Allowed: err == nil}
		if err != nil {
			ps.Reasons = reasons(err)
		}
		out = append(out, ps)
	}
	for _, a := range f.actions() {
		err := f.machine.Check(o.State, a, Attempt{Order: o, Action: a, Now: now})
		switch {
		case err != nil:
			err = f.refusal(o, a, err)
		case a == ActionPlace:
			err = o.payable(now)
		case a == ActionConfirm:
			if missing := p.missing(&o); missing != "" {
				err = errors.New(missing)
			}
		}
		add(a, err)
	}
	add(ActionCancelUnits, f.canCancelUnits(o))
	add(ActionHold, f.inClass(o, ActionHold, ClassLive))
	add(ActionRelease, o.anyHold())
	add(ActionShip, f.canShipAny(o))
	return out
}

// actions lists the actions with an edge anywhere, each once, in a stable order.
func (f *Flow) actions() []Action {
	var out []Action
	for _, e := range f.machine.Edges() {
		if !slices.Contains(out, e.Event) {
			out = append(out, e.Event)
		}
	}
	return out
}

func (f *Flow) inClass(o Order, a Action, c Class) error {
	if f.ClassOf(o.State) != c {
		return &TransitionError{Order: o.ID, From: o.State, Event: a, Allowed: f.events(o.State)}
	}
	return nil
}

func (f *Flow) canCancelUnits(o Order) error {
	if !f.Can(o.State, Cancellable) {
		return &TransitionError{Order: o.ID, From: o.State, Event: ActionCancelUnits, Allowed: f.events(o.State)}
	}
	if !slices.ContainsFunc(o.Lines, func(l Line) bool { return l.Open() > l.Packed }) {
		return errors.New("every unit is packed, has shipped or is cancelled")
	}
	return nil
}

func (o *Order) anyHold() error {
	if len(o.Holds) == 0 {
		return errors.New("the order has no hold")
	}
	return nil
}

func (f *Flow) canShipAny(o Order) error {
	if err := f.CanShip(o); err != nil {
		return err
	}
	var ready []int
	for i := range o.Lines {
		if l := &o.Lines[i]; l.Reserved+l.Picked+l.Packed > 0 || !l.Stocked && l.Open() > 0 {
			ready = append(ready, l.No)
		}
	}
	if len(ready) == 0 {
		return errors.New("no unit is reserved, picked or packed")
	}
	if slices.ContainsFunc(ready, func(no int) bool { return f.CanShip(o, no) == nil }) {
		return nil
	}
	return f.CanShip(o, ready...)
}

func reasons(err error) []string {
	if b, ok := err.(*BlockedError); ok { //nolint:errorlint // refusal returns it unwrapped
		return b.Reasons
	}
	return []string{err.Error()}
}
