package inventory

import "fmt"

// TransferAll decides several shifts in one posting, all or nothing: FREE → FREE. A
// shift takes what the ones before it have left, and the error lists every short one.
// The document is that of the call; the shifts' own does not matter.
func TransferAll(s Snapshot, shifts []Shift, ref string, m Meta) (Changes, error) {
	if len(shifts) == 0 {
		return Changes{}, fmt.Errorf("%w: nothing to transfer; name at least one shift", ErrQuantity)
	}
	l := newLedger(s, m, ReasonTransfer, ref)
	for _, c := range shifts {
		l.move(Movement{Item: c.Item, Lot: c.Lot, From: At(c.From, Free), To: At(c.To, Free), Qty: c.Qty})
	}
	return l.done()
}
