package inventory

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/google/uuid"
)

// ReasonRepair is the reason of postings that make the books agree again.
const ReasonRepair Reason = "repair"

// Books are everything that is stored of one item, read at one moment.
type Books struct {
	Item         string
	Log          Tally         // the sum of its movements
	Balances     []Balance     // by Key
	Reservations []Reservation // those that hold units, by key

	// Orphan tells of an owner that it does not exist any more; Bound that its
	// reservations are also counted elsewhere, so that only stock may be changed.
	Orphan, Bound func(owner string) bool
}

// Repair is what would make the books of an item agree, as data to look at. The log is
// the truth: a balance that differs from it is restated; what the log itself has wrong is
// put right by movements; a reservation is changed only where no unit can be found for it.
type Repair struct {
	Item         string        `json:"item"`
	Restated     []Restated    `json:"restated,omitempty"`     // from what is there now to what is there in the end
	Movements    []Movement    `json:"movements,omitempty"`    // one posting, of reason repair
	Reservations []Reservation `json:"reservations,omitempty"` // as they will be
	Why          []string      `json:"why"`                    // a sentence for each
}

// Empty tells that there is nothing to repair.
func (r *Repair) Empty() bool {
	return len(r.Restated)+len(r.Movements)+len(r.Reservations) == 0
}

// Changes is the posting and the reservations of a repair.
func (r *Repair) Changes(document string, m Meta) (Changes, error) {
	if p := noteProblem(document); p != "" {
		return Changes{}, fmt.Errorf("%w: document %s", ErrID, p)
	}
	return Changes{
		Posting:      Posting{ID: m.ID, Reason: ReasonRepair, Document: document, Actor: m.Actor, At: m.Now, Movements: r.Movements},
		Reservations: r.Reservations,
	}, nil
}

// Rows are the restatements around the posting of a repair. The first make room in the
// rows for its movements, which may be such as the row could not make as it is; the
// others go from there to the end.
func (r *Repair) Rows() (first, then []Restated) {
	made := map[Key]Delta{}
	for _, d := range deltas(nil, r.Movements) {
		made[d.Key] = d
	}
	for _, row := range r.Restated {
		room := Balance{Key: row.Want.Key}
		after := room
		for i, by := range made[row.Want.Key].By {
			room.qty[i], after.qty[i] = max(0, -by), max(0, by)
		}
		if made[row.Want.Key].Key == (Key{}) { // nothing moves
			then = append(then, row)
			continue
		}
		first = append(first, Restated{Have: row.Have, Want: room})
		then = append(then, Restated{Have: after, Want: row.Want})
	}
	return first, then
}

// ProposeRepair decides what would make the books of an item agree:
//
//   - what the log has below zero turned up: SHRINK → the account;
//   - units held for an owner that does not exist become free, and its reservations end;
//   - units held for nobody become free;
//   - a reservation without units gets them from free stock; if there are none it is
//     reduced, unless it is bound: then they come from SHRINK, for a count to correct;
//   - a balance that is not what its movements say is set to that.
func ProposeRepair(b Books) Repair {
	p := proposer{Repair: Repair{Item: b.Item}, books: b, tally: maps.Clone(b.Log)}
	if p.tally == nil {
		p.tally = Tally{}
	}
	p.negative()
	p.orphans()
	for _, a := range p.held() {
		p.hold(a)
	}
	p.restate()
	return p.Repair
}

type proposer struct {
	Repair

	books Books
	tally Tally // as the movements so far leave it
}

func (p *proposer) move(lot string, from, to Account, qty int64, why string) {
	for qty > 0 {
		part := min(qty, MaxQty)
		m := Movement{Item: p.books.Item, Lot: lot, From: from, To: to, Qty: part}
		p.Movements, qty = append(p.Movements, m), qty-part
		p.tally.Forward([]Movement{m})
		p.Why = append(p.Why, fmt.Sprintf("%d from %s to %s: %s", part, from, to, why))
	}
}

func (p *proposer) negative() {
	for _, a := range p.accounts() {
		if q := p.tally[a]; q < 0 {
			p.move(a.Lot, Outside(Shrink), a.Account, -q, fmt.Sprintf("the log takes %d more from it than it ever had", -q))
		}
	}
}

// accounts are those at locations, in order.
func (p *proposer) accounts() []LotAccount {
	all := slices.SortedFunc(maps.Keys(p.tally), compareAccounts)
	return slices.DeleteFunc(all, func(a LotAccount) bool { return !a.State.AtLocation() })
}

func compareAccounts(a, b LotAccount) int {
	return cmp.Or(a.compare(b.Account), strings.Compare(a.Lot, b.Lot))
}

// change is the working copy of a reservation.
func (p *proposer) change(r Reservation) *Reservation {
	for i := range p.Reservations {
		if p.Reservations[i].ReservationKey == r.ReservationKey {
			return &p.Reservations[i]
		}
	}
	r.Version++
	p.Reservations = append(p.Reservations, r)
	return &p.Reservations[len(p.Reservations)-1]
}

func (p *proposer) current(r Reservation) Reservation {
	for _, changed := range p.Reservations {
		if changed.ReservationKey == r.ReservationKey {
			return changed
		}
	}
	return r
}

// release takes units out of a reservation.
func (p *proposer) release(r Reservation, s State, qty int64, why string) {
	c := p.change(r)
	*c.counter(s) -= qty
	c.Released += qty
	if c.Soft == 0 {
		c.Until = Reservation{}.Until
	}
	p.Why = append(p.Why, fmt.Sprintf("%d %s of reservation %s end: %s", qty, s, r.ReservationKey, why))
}

func (p *proposer) orphans() {
	for _, r := range p.books.Reservations {
		if p.books.Orphan == nil || !p.books.Orphan(r.Owner) {
			continue
		}
		for s := Soft; s <= Packed; s++ {
			if q := r.Of(s); q > 0 {
				p.release(r, s, q, "its owner does not exist")
			}
		}
	}
}

// held are the accounts of held units: those that have some, and those that should.
func (p *proposer) held() []LotAccount {
	all := map[LotAccount]bool{}
	for a := range p.tally {
		if a.State >= Soft && a.State <= Packed {
			all[a] = true
		}
	}
	for _, r := range p.books.Reservations {
		for s := Soft; s <= Packed; s++ {
			if r.Of(s) > 0 {
				all[LotAccount{r.Lot, At(r.Location, s)}] = true
			}
		}
	}
	return slices.SortedFunc(maps.Keys(all), compareAccounts)
}

// hold makes the units of an account those of its reservations.
func (p *proposer) hold(a LotAccount) {
	var want int64
	var here []Reservation
	for _, r := range p.books.Reservations {
		if r.Lot == a.Lot && r.Location == a.Location {
			now := p.current(r)
			want += now.Of(a.State)
			here = append(here, now)
		}
	}
	free := At(a.Location, Free)
	have := p.tally[a]
	if have > want {
		p.move(a.Lot, a.Account, free, have-want, "no reservation holds them")
		return
	}
	missing := want - have
	if take := min(missing, p.tally[LotAccount{a.Lot, free}]); take > 0 {
		p.move(a.Lot, free, a.Account, take, "reservations hold more than lies there")
		missing -= take
	}
	for i := len(here) - 1; i >= 0 && missing > 0; i-- {
		r := here[i]
		if take := min(missing, r.Of(a.State)); take > 0 && (p.books.Bound == nil || !p.books.Bound(r.Owner)) {
			p.release(r, a.State, take, "there is no unit for it")
			missing -= take
		}
	}
	if missing > 0 {
		p.move(a.Lot, Outside(Shrink), a.Account, missing, "an order holds them and no unit can be found; count what is there")
	}
}

// restate sets those balances to the sum of their movements that the movements of the
// repair alone do not bring there.
func (p *proposer) restate() {
	final := p.tally.Balances(p.books.Item)
	made := map[Key]Delta{}
	for _, d := range deltas(nil, p.Movements) {
		made[d.Key] = d
	}
	keys := map[Key]*Restated{}
	row := func(k Key) *Restated {
		if keys[k] == nil {
			keys[k] = &Restated{Have: Balance{Key: k}, Want: Balance{Key: k}}
		}
		return keys[k]
	}
	for i := range p.books.Balances {
		row(p.books.Balances[i].Key).Have = p.books.Balances[i]
	}
	for i := range final {
		row(final[i].Key).Want = final[i]
	}
	for _, k := range slices.SortedFunc(maps.Keys(keys), Key.Compare) {
		r := keys[k]
		after := r.Have // as the movements would leave it
		if err := after.Apply(made[k]); err != nil || after != r.Want {
			p.Restated = append(p.Restated, *r)
			p.Why = append(p.Why, r.String()+": so its movements say")
		}
	}
}

// Repaired is an item whose books were made to agree.
type Repaired struct {
	Posting  uuid.UUID `json:"posting"` // zero if nothing moved
	Document string    `json:"document"`
	Repair   Repair    `json:"repair"`
}

// Kind is "stock.repaired".
func (Repaired) Kind() string { return "stock.repaired" }

// MarshalJSON writes the key and the units of each state.
func (b Balance) MarshalJSON() ([]byte, error) {
	return json.Marshal(balanceJSON{b.Item, b.Lot, b.Location, b.qty})
}

// UnmarshalJSON reads what MarshalJSON writes.
func (b *Balance) UnmarshalJSON(text []byte) error {
	var j balanceJSON
	if err := json.Unmarshal(text, &j); err != nil {
		return err
	}
	*b = Balance{Key{Item: j.Item, Lot: j.Lot, Location: j.Location}, j.Qty}
	return nil
}

// balanceJSON is a balance in JSON.
type balanceJSON struct {
	Item     string                `json:"item"`
	Lot      string                `json:"lot,omitempty"`
	Location string                `json:"location"`
	Qty      [locationStates]int64 `json:"qty"` // as LocationStates
}
