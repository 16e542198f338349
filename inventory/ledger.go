package inventory

import (
	"fmt"
	"slices"
	"time"

	"github.com/shopspring/decimal"
)

// Receipt brings units in from a supplier.
type Receipt struct {
	Item     string
	Lot      string
	Location string
	Qty      int64
	Into     State  // Free (the zero value means it) or QC
	Ref      string // the document, such as a purchase order

	// Expires is the moment from which nobody may be promised units of the lot. All units
	// of a lot expire together; left out for a lot that is known, it stays as it is.
	Expires time.Time `json:",omitzero"`

	// UnitCost is what each unit cost, in the tenant's base currency: at most CostPlaces
	// decimal places. A costed item needs it; for others it is not kept.
	UnitCost decimal.NullDecimal `json:",omitzero"`
}

// Receive decides a receipt: SUPPLIER → Into.
func Receive(s Snapshot, c Receipt, m Meta) (Changes, error) {
	into, err := oneOf(c.Into, Free, QC)
	if err != nil {
		return Changes{}, err
	}
	l := newLedger(s, m, ReasonReceipt, c.Ref)
	l.move(Movement{Item: c.Item, Lot: c.Lot, From: Outside(Supplier), To: At(c.Location, into), Qty: c.Qty})
	changes, err := l.done()
	if err != nil {
		return Changes{}, err
	}
	if c.Lot != "" || !c.Expires.IsZero() {
		if changes, err = DateLots(s, changes, []time.Time{c.Expires}); err != nil {
			return Changes{}, err
		}
	}
	return priced(changes, c.Item, c.UnitCost)
}

// Adjustment corrects stock by a signed number of units, for a stated reason.
type Adjustment struct {
	Item     string
	Lot      string
	Location string
	State    State // Free (the zero value means it), QC, Damaged or Held
	Delta    int64 // units to add, or to take when negative
	Reason   Reason
	Ref      string

	// UnitCost is what each added unit cost, like that of a Receipt. A costed item needs it
	// for ReasonOpening; units that turn up for another reason cost what the item costs now.
	UnitCost decimal.NullDecimal `json:",omitzero"`
}

// Adjust decides an adjustment. Reserved units are out of its reach: they belong to
// their reservation.
func Adjust(s Snapshot, c Adjustment, m Meta) (Changes, error) {
	state, err := oneOf(c.State, Free, QC, Damaged, Held)
	if err != nil {
		return Changes{}, err
	}
	other, ok := c.Reason.counterpart()
	if !ok {
		return Changes{}, fmt.Errorf("%w: %q; an adjustment takes opening, count, found, lost, damage or write_off", ErrReason, c.Reason)
	}
	mv := Movement{Item: c.Item, Lot: c.Lot, From: Outside(other), To: At(c.Location, state), Qty: c.Delta}
	if c.Delta < 0 {
		mv.From, mv.To, mv.Qty = mv.To, mv.From, -c.Delta
	}
	if c.Delta < 0 && c.UnitCost.Valid {
		return Changes{}, &CostError{Item: c.Item, Cost: c.UnitCost.Decimal, Rule: "units that go cost what they came in at; give a cost only to units that come"}
	}
	l := newLedger(s, m, c.Reason, c.Ref)
	l.move(mv)
	changes, err := l.done()
	if err != nil {
		return Changes{}, err
	}
	return priced(changes, c.Item, c.UnitCost)
}

// Shift carries free units from one location to another at once.
type Shift struct {
	Item string
	Lot  string
	From string
	To   string
	Qty  int64
	Ref  string
}

// Transfer decides a shift between two locations: FREE → FREE.
func Transfer(s Snapshot, c Shift, m Meta) (Changes, error) {
	l := newLedger(s, m, ReasonTransfer, c.Ref)
	l.move(Movement{Item: c.Item, Lot: c.Lot, From: At(c.From, Free), To: At(c.To, Free), Qty: c.Qty})
	return l.done()
}

// GoodsBack is units that came back from a customer.
type GoodsBack struct {
	Item     string
	Lot      string
	Location string
	Qty      int64
	Into     State // QC (the zero value means it), Free, Damaged or Held
	Ref      string
}

// Return decides units coming back: CUSTOMER → Into, in one posting.
func Return(s Snapshot, back []GoodsBack, ref string, m Meta) (Changes, error) {
	l := newLedger(s, m, ReasonReturn, ref)
	for _, c := range back {
		into := c.Into
		if into == 0 {
			into = QC
		}
		if _, err := oneOf(into, QC, Free, Damaged, Held); err != nil {
			return Changes{}, err
		}
		l.move(Movement{Item: c.Item, Lot: c.Lot, From: Outside(Customer), To: At(c.Location, into), Qty: c.Qty})
	}
	return l.done()
}

// Move decides free-hand movements between unreserved accounts, in one posting: the
// dispositions of an inspection, for example. Units in SOFT, COMMITTED, PICKED and
// PACKED move only by [Progress]. A reason that is none of the constants is ErrReason.
func Move(s Snapshot, movements []Movement, reason Reason, ref string, m Meta) (Changes, error) {
	if !reason.known() {
		return Changes{}, fmt.Errorf("%w: %q", ErrReason, reason)
	}
	if len(movements) == 0 {
		return Changes{}, fmt.Errorf("%w: nothing to move; name at least one movement", ErrQuantity)
	}
	l := newLedger(s, m, reason, ref)
	l.posting.Movements = make([]Movement, 0, len(movements))
	for _, mv := range movements {
		for _, a := range []Account{mv.From, mv.To} {
			if a.State >= Soft && a.State <= Packed {
				return Changes{}, fmt.Errorf("%w: %s belongs to a reservation", ErrState, a)
			}
		}
		l.move(mv)
	}
	return l.done()
}

// oneOf takes the first allowed state for the zero value and refuses all others.
func oneOf(s State, allowed ...State) (State, error) {
	if s == 0 {
		return allowed[0], nil
	}
	if !slices.Contains(allowed, s) {
		return 0, fmt.Errorf("%w: %s; this command takes %v", ErrState, s, allowed)
	}
	return s, nil
}

// ledger is the workspace of one decision: running balances over what was read, and
// what is to be saved.
type ledger struct {
	snap     Snapshot
	meta     Meta
	balances []Balance // copy, moved along as movements are added
	last     int       // the row that was asked for last: most often it is the next one too
	touched  []Reservation
	kits     map[string]int64 // how many of each kit were taken
	born     []Lot            // lots whose first units came in
	posting  Posting
	short    []Shortage
	left     []keeping // what reservations leave
	err      error     // the first refusal; everything after it is ignored
}

func newLedger(s Snapshot, m Meta, reason Reason, document string) ledger {
	return ledgerIn(nil, s, m, reason, document)
}

// ledgerIn is newLedger with room for the balances.
func ledgerIn(room []Balance, s Snapshot, m Meta, reason Reason, document string) ledger {
	return ledger{snap: s, meta: m, balances: append(room, s.Balances...),
		posting: Posting{ID: m.ID, Reason: reason, Document: document, Actor: m.Actor, At: m.Now}}
}

// forHolds is newLedger with room for what so many holds move and change.
func forHolds(n int, s Snapshot, m Meta, document string) ledger {
	if n == 1 {
		one := new(struct { // of most holds, in one piece
			balances  [1]Balance
			movements [1]Movement
			touched   [1]Reservation
		})
		l := ledgerIn(one.balances[:0], s, m, ReasonReserve, document)
		l.posting.Movements, l.touched = one.movements[:0], one.touched[:0]
		return l
	}
	l := newLedger(s, m, ReasonReserve, document)
	l.posting.Movements, l.touched = make([]Movement, 0, n), make([]Reservation, 0, n)
	return l
}

func (l *ledger) done() (Changes, error) {
	switch {
	case l.err != nil:
		return Changes{}, l.err
	case noteProblem(l.posting.Document) != "":
		return Changes{}, fmt.Errorf("%w: document %s", ErrID, noteProblem(l.posting.Document))
	case noteProblem(l.posting.Actor) != "":
		return Changes{}, fmt.Errorf("%w: actor %s", ErrID, noteProblem(l.posting.Actor))
	case len(l.short) > 0:
		return Changes{}, &ShortageError{Short: l.short}
	}
	for i := range l.touched {
		l.touched[i].Version++
	}
	return Changes{Posting: l.posting, Reservations: l.touched, Lots: l.born, Floors: l.floors()}, nil
}

// move checks a movement against definitions and running balances and adds it. Expired
// soft units count as free; they are released where they stand in the way.
func (l *ledger) move(mv Movement) {
	if l.err != nil {
		return
	}
	if l.err = l.admit(mv); l.err != nil {
		return
	}
	if mv.From.State.AtLocation() {
		key := Key{Item: mv.Item, Lot: mv.Lot, Location: mv.From.Location}
		if mv.From.State == Free && l.row(key).Of(Free) < mv.Qty {
			l.expire(mv.Item, mv.From.Location)
		}
		if have := l.row(key).Of(mv.From.State); have < mv.Qty {
			l.short = append(l.short, Shortage{Item: mv.Item, Location: mv.From.Location, Want: mv.Qty, Have: have})
			return
		}
	}
	l.book(mv)
}

func (l *ledger) admit(mv Movement) error {
	if mv.Lot != "" {
		if err := checkID("lot", mv.Lot); err != nil {
			return err
		}
	}
	for i, a := range [2]Account{mv.From, mv.To} {
		if i > 0 && a.Location == mv.From.Location && a.State.AtLocation() == mv.From.State.AtLocation() {
			continue // asked already
		}
		if a.Location != "" || a.State.AtLocation() {
			if err := l.snap.known(a.Location); err != nil {
				return err
			}
		}
	}
	if err := l.snap.stocked(mv.Item); err != nil {
		return err
	}
	if err := mv.Validate(); err != nil || len(l.snap.Levels) == 0 {
		return err
	}
	return l.snap.arrives(mv)
}

// book adds a movement that is known to be covered.
func (l *ledger) book(mv Movement) {
	l.enter(&mv)
	l.posting.Movements = append(l.posting.Movements, mv)
	if mv.From.State.AtLocation() {
		b := l.row(Key{Item: mv.Item, Lot: mv.Lot, Location: mv.From.Location})
		b.qty[mv.From.State-1] -= mv.Qty
	}
	if mv.To.State.AtLocation() {
		b := l.row(Key{Item: mv.Item, Lot: mv.Lot, Location: mv.To.Location})
		b.qty[mv.To.State-1] += mv.Qty
		if b.OnHand() > MaxQty { // all states together, so that every unit can always be freed
			l.fail(&QuantityError{Item: mv.Item, Qty: mv.Qty, Rule: fmt.Sprintf("%q would have more than %d on hand", mv.To.Location, int64(MaxQty))})
		}
	}
}

// fail refuses the whole decision, for the first reason that there is.
func (l *ledger) fail(err error) {
	if l.err == nil {
		l.err = err
	}
}

// row finds the running balance of a key, adding an empty one where there is none.
func (l *ledger) row(k Key) *Balance {
	if l.last < len(l.balances) && l.balances[l.last].Key == k {
		return &l.balances[l.last]
	}
	i, ok := seek(l.balances, func(b *Balance) int { return b.compare(&k) })
	if !ok {
		l.balances = slices.Insert(l.balances, i, Balance{Key: k})
	}
	l.last = i
	return &l.balances[i]
}
