package order

import (
	"fmt"
	"time"
)

// CreditNote is what a refund takes off an order: units, and parts of charges. A fee
// that the shop keeps for it (restocking, return shipping) becomes a charge.
type CreditNote struct {
	Return  string // the return it belongs to, if any
	Units   []LineQty
	Charges []ChargeCredit
	Fee     Money // at most the value of Units; zero for none
	FeeName string
}

// ChargeCredit gives back part of a charge.
type ChargeCredit struct {
	Index  int // into Order.Charges
	Amount Money
}

// Credit takes a credit note off what the buyer owes and returns what it comes to,
// after the fee. Its units have shipped: the others are cancelled, which takes them off
// as well. It moves no money: pay it out by the operations of PlanRefund.
func (f *Flow) Credit(o Order, c CreditNote, now time.Time) (Order, Money, []Event, error) {
	n := o.next(now)
	total := Zero(o.Currency)
	if len(c.Units) > 0 {
		units, err := o.sumUnits(c.Units)
		if err != nil {
			return o, Money{}, nil, err
		}
		c.Units = units
	}
	for _, u := range c.Units {
		l, _ := n.Line(u.Line)
		if left := l.Shipped - l.RefundedUnits; u.Qty > left {
			return o, Money{}, nil, &LineError{Order: o.ID, Line: u.Line, Err: fmt.Errorf(
				"%w: refund %d units, but only %d have shipped and are not yet refunded; cancel units that have not shipped", ErrQuantity, u.Qty, left)}
		}
		worth, err := l.Credit(u.Qty)
		if err != nil {
			return o, Money{}, nil, err
		}
		l.RefundedUnits += u.Qty
		if err := l.Check(); err != nil {
			return o, Money{}, nil, &LineError{Order: o.ID, Line: u.Line, Err: err}
		}
		total.minor += worth.Total.minor
	}
	if err := n.keepFee(c, total); err != nil {
		return o, Money{}, nil, err
	}
	total.minor -= c.Fee.minor
	for _, x := range c.Charges {
		if err := n.creditCharge(x); err != nil {
			return o, Money{}, nil, err
		}
		total.minor += x.Amount.minor
	}
	return n, total, []Event{Credited{Return: c.Return, Units: c.Units, Amount: total}}, nil
}

func (o *Order) keepFee(c CreditNote, worth Money) error {
	if c.Fee.IsZero() {
		return nil
	}
	if c.Fee.Currency() != o.Currency || c.Fee.IsNegative() {
		return fmt.Errorf("%w: fee %s; it is a positive amount in %s", ErrPayment, c.Fee, o.Currency)
	}
	if c.Fee.minor > worth.minor {
		return &CapError{What: "the value of the returned units", Cap: worth, Want: c.Fee}
	}
	o.Charges = append(o.Charges, Charge{Kind: Fee, Title: c.FeeName, Price: c.Fee, Net: c.Fee, Tax: Zero(o.Currency),
		Total: c.Fee, Credited: Zero(o.Currency)})
	return nil
}

func (o *Order) creditCharge(x ChargeCredit) error {
	if x.Index < 0 || x.Index >= len(o.Charges) {
		return fmt.Errorf("%w: there is no charge %d", ErrPayment, x.Index)
	}
	c := &o.Charges[x.Index]
	left := Money{c.Total.minor - c.Credited.minor, o.Currency}
	if x.Amount.Currency() != o.Currency || !x.Amount.IsPositive() {
		return fmt.Errorf("%w: credit %s; it is a positive amount in %s", ErrPayment, x.Amount, o.Currency)
	}
	if x.Amount.minor > left.minor {
		return &CapError{What: fmt.Sprintf("what is left of charge %d", x.Index), Cap: left, Want: x.Amount}
	}
	c.Credited.minor += x.Amount.minor
	return nil
}
