package order

import (
	"fmt"
	"slices"
	"time"
)

// Operation is one event in the money of an order, as told by the host or its
// gateway. The record is append-only; only the status moves, from requested to an
// outcome. The library never calls a gateway.
type Operation struct {
	ID        string // the host's or the Engine's; unique within the order
	Kind      OperationKind
	Status    OperationStatus
	Amount    Money  // always positive
	Parent    string // the authorization captured or voided, the capture refunded
	Tender    string // card, gift card, invoice …: the host's word
	Reference string // the gateway's
	Return    string // the return that a refund pays, if any
	At        time.Time
	SettledAt time.Time // when it succeeded or failed
}

// OperationKind says what an operation does.
type OperationKind string

// The kinds of operations.
const (
	Authorize  OperationKind = "authorize"
	Capture    OperationKind = "capture" // without a parent: a sale, or money received offline
	Void       OperationKind = "void"
	Refund     OperationKind = "refund"
	Chargeback OperationKind = "chargeback"
	Allowance  OperationKind = "allowance" // what the shop no longer asks for: a gesture, a loss written off
)

func (k OperationKind) valid() bool {
	switch k {
	case Authorize, Capture, Void, Refund, Chargeback, Allowance:
		return true
	}
	return false
}

// OperationStatus is how far an operation is.
type OperationStatus string

// The statuses of an operation. Requested and Unknown count against every cap: money
// that may be under way cannot be promised twice.
const (
	Requested OperationStatus = "requested"
	Succeeded OperationStatus = "succeeded"
	Failed    OperationStatus = "failed"
	Unknown   OperationStatus = "unknown" // asked, but the answer never came
)

func (s OperationStatus) open() bool  { return s == Requested || s == Unknown }
func (s OperationStatus) valid() bool { return s.open() || s == Succeeded || s == Failed }

// Payment finds an operation.
func (o *Order) Payment(id string) (*Operation, bool) {
	i := slices.IndexFunc(o.Payments, func(op Operation) bool { return op.ID == id })
	if i < 0 {
		return nil, false
	}
	return &o.Payments[i], true
}

// children is the sum of the operations of some kinds under a parent that have
// succeeded or may still.
func (o *Order) children(parent string, kinds ...OperationKind) Money {
	sum := Zero(o.Currency)
	for i := range o.Payments {
		op := &o.Payments[i]
		if op.Parent == parent && op.Status != Failed && slices.Contains(kinds, op.Kind) {
			sum.minor += op.Amount.minor
		}
	}
	return sum
}

// Capturable is what is left of an authorization; Refundable of a capture. Both are
// zero for an operation that has not succeeded.
func (o *Order) Capturable(authorization string) Money {
	return o.headroom(authorization, Authorize, Capture, Void)
}

// Refundable is what may still be refunded of a capture.
func (o *Order) Refundable(capture string) Money {
	return o.headroom(capture, Capture, Refund, Chargeback)
}

func (o *Order) headroom(id string, kind OperationKind, uses ...OperationKind) Money {
	left := Zero(o.Currency)
	if op, ok := o.Payment(id); ok && op.Kind == kind && op.Status == Succeeded {
		left.minor = op.Amount.minor - o.children(id, uses...).minor
	}
	return left
}

// Pay records an operation. Its caps are checked now, whatever its status:
//
//   - a capture of an authorization: what is left of the authorization;
//   - a capture without one: what the buyer still owes, less what is under way;
//   - a void: what is left of the authorization;
//   - a refund or chargeback: what is left of the capture;
//   - an allowance, which moves no money and is never under way: what the order costs.
//
// A gesture is an allowance and the refund of what it leaves due; an allowance also
// writes off what a chargeback took, so that the order can close.
//
// Repeating an operation under its ID is harmless; another operation under the same
// ID is ErrPayment, and so is the outcome of one that is open: that is for Settle.
func (f *Flow) Pay(o Order, op Operation, now time.Time) (Order, []Event, error) {
	if op.Status == "" {
		op.Status = Succeeded
	}
	if had, ok := o.Payment(op.ID); ok {
		return o, nil, had.repeatedBy(op)
	}
	if err := o.checkOperation(op); err != nil {
		return o, nil, err
	}
	if f.ClassOf(o.State) == ClassDraft && op.Kind != Authorize {
		return o, nil, &TransitionError{Order: o.ID, From: o.State, Event: ActionPay, Allowed: f.events(o.State)}
	}
	n := o.next(now)
	op.At = now
	if !op.Status.open() {
		op.SettledAt = now
	}
	n.Payments = append(n.Payments, op)
	return n, []Event{PaymentRecorded{Operation: op.ID, OpKind: op.Kind, Status: op.Status, Amount: op.Amount, Tender: op.Tender, Return: op.Return}}, nil
}

// repeatedBy refuses an operation under the same ID that is not a repetition.
func (op *Operation) repeatedBy(again Operation) error {
	switch {
	case op.Kind != again.Kind || op.Amount != again.Amount || op.Parent != again.Parent:
		return fmt.Errorf("%w: operation %q exists as %s of %s; use another id", ErrPayment, op.ID, op.Kind, op.Amount)
	case op.Status != again.Status && !again.Status.open():
		return fmt.Errorf("%w: operation %q is %s; record that it %s by Settle", ErrPayment, op.ID, op.Status, again.Status)
	}
	return nil
}

func (o *Order) checkOperation(op Operation) error {
	switch {
	case op.ID == "":
		return fmt.Errorf("%w: operation without an id", ErrPayment)
	case firstProblem(op.ID, op.Parent, op.Tender, op.Reference) != "":
		return fmt.Errorf("%w: operation %q: %s", ErrPayment, op.ID, firstProblem(op.ID, op.Parent, op.Tender, op.Reference))
	case !op.Kind.valid():
		return fmt.Errorf("%w: kind %q", ErrPayment, op.Kind)
	case !op.Status.valid():
		return fmt.Errorf("%w: status %q", ErrPayment, op.Status)
	case op.Amount.Currency() != o.Currency:
		return fmt.Errorf("%w: %s is not in the order's currency %s", ErrPayment, op.Amount, o.Currency)
	case !op.Amount.IsPositive():
		return fmt.Errorf("%w: %s; an operation has a positive amount", ErrPayment, op.Amount)
	case op.Kind == Allowance && (op.Status != Succeeded || op.Parent != ""):
		return fmt.Errorf("%w: an allowance moves no money: it has no parent and no status but %s", ErrPayment, Succeeded)
	case op.Status == Failed:
		return nil // it moved no money: nothing to cap
	}
	switch {
	case op.Kind == Authorize:
		return nil
	case op.Kind == Allowance:
		return o.capped("what the order costs", o.Books().Owed, op)
	case op.Kind == Capture && op.Parent == "":
		b := o.Books()
		b.Due.minor -= b.Pending.minor
		return o.capped("what the buyer still owes", b.Due, op)
	case op.Kind == Capture || op.Kind == Void:
		return o.capped("left of the authorization", o.Capturable(op.Parent), op)
	}
	return o.capped("left of the capture", o.Refundable(op.Parent), op)
}

func (o *Order) capped(what string, limit Money, op Operation) error {
	if op.Parent != "" {
		if _, ok := o.Payment(op.Parent); !ok {
			return fmt.Errorf("%w: %s of unknown operation %q", ErrPayment, op.Kind, op.Parent)
		}
	} else if op.Kind != Capture && op.Kind != Allowance {
		return fmt.Errorf("%w: a %s names its parent operation", ErrPayment, op.Kind)
	}
	if op.Amount.minor > limit.minor {
		return &CapError{What: what, Cap: limit, Want: op.Amount}
	}
	return nil
}

// Settle records the outcome of an operation that was requested or unknown. The same
// outcome again is harmless; another one is ErrPayment.
func (f *Flow) Settle(o Order, id string, outcome OperationStatus, reference string, now time.Time) (Order, []Event, error) {
	had, ok := o.Payment(id)
	switch {
	case !ok:
		return o, nil, fmt.Errorf("%w: there is no operation %q", ErrPayment, id)
	case !outcome.valid() || outcome == Requested:
		return o, nil, fmt.Errorf("%w: %q is not an outcome; give succeeded, failed or unknown", ErrPayment, outcome)
	case had.Status == outcome:
		return o, nil, nil
	case !had.Status.open():
		return o, nil, fmt.Errorf("%w: operation %q has already %s", ErrPayment, id, had.Status)
	}
	n := o.next(now)
	op, _ := n.Payment(id)
	op.Status = outcome
	if !outcome.open() {
		op.SettledAt = now
	}
	if reference != "" {
		op.Reference = reference
	}
	return n, []Event{PaymentRecorded{Operation: id, OpKind: op.Kind, Status: outcome, Amount: op.Amount, Tender: op.Tender, Return: op.Return}}, nil
}

// PlanRefund spreads an amount over the captures that can bear it: the preferred ones
// first, in the order named, then the others, oldest first. It returns one refund
// operation each, without ids, or *CapError when the captures cannot bear the amount.
func (o *Order) PlanRefund(amount Money, prefer ...string) ([]Operation, error) {
	if amount.Currency() != o.Currency || !amount.IsPositive() {
		return nil, fmt.Errorf("%w: %s; a refund is a positive amount in %s", ErrPayment, amount, o.Currency)
	}
	var order []string
	add := func(id string) {
		if !slices.Contains(order, id) {
			order = append(order, id)
		}
	}
	for _, id := range prefer {
		add(id)
	}
	for i := range o.Payments {
		add(o.Payments[i].ID) // only captures have anything to refund
	}
	left, all := amount, Zero(o.Currency)
	var plan []Operation
	for _, id := range order {
		limit := o.Refundable(id)
		all.minor += limit.minor
		take := min(left.minor, limit.minor)
		if take <= 0 {
			continue
		}
		left.minor -= take
		capture, _ := o.Payment(id)
		plan = append(plan, Operation{Kind: Refund, Amount: Money{take, o.Currency}, Parent: id, Tender: capture.Tender})
	}
	if left.IsPositive() {
		return nil, &CapError{What: "what was captured and not yet refunded", Cap: all, Want: amount}
	}
	return plan, nil
}
