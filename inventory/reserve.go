package inventory

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// Reserve decides holds, all or nothing. Demand is checked against what earlier
// holds of the same call have left, so two lines can never take the same unit, and
// the error lists every short hold. A hold of a kit holds its components, and the
// error names those that are short. Where expired soft units stand in the way they
// are released in the same posting. Holds of several owners are *OwnerError: the
// snapshot has the reservations of one.
func Reserve(s Snapshot, holds []Hold, document string, m Meta) (Changes, error) {
	l, err := holding(s, holds, document, m)
	if err != nil {
		return Changes{}, err
	}
	for _, h := range holds {
		l.take(h)
	}
	return l.done()
}

// holding checks holds and frees what they replace.
func holding(s Snapshot, holds []Hold, document string, m Meta) (ledger, error) {
	if len(holds) == 0 {
		return ledger{}, fmt.Errorf("%w: nothing to reserve; name at least one hold", ErrQuantity)
	}
	l := forHolds(len(holds), s, m, document)
	for _, h := range holds {
		if h.Owner != holds[0].Owner {
			return ledger{}, &OwnerError{First: holds[0].Owner, Other: h.Owner}
		}
		if err := l.check(h); err != nil {
			return ledger{}, err
		}
		if !h.Until.IsZero() {
			for part := range s.parts(h) {
				l.replace(part)
			}
		}
	}
	return l, nil
}

// check refuses a hold that could not be decided whatever stock there is.
func (l *ledger) check(h Hold) error {
	if l.snap.isKit(h.Item) {
		if err := l.snap.checkKit(h); err != nil {
			return err
		}
	}
	for part := range l.snap.parts(h) {
		if err := checkHold(&l.snap, part, l.meta.Now); err != nil {
			return err
		}
	}
	if err := checkQty(h.Item, h.Qty); err != nil {
		return err
	}
	if h.Channel != l.snap.SoldOn() {
		return fmt.Errorf("%w: %q is unknown, or not the one that the other holds of the call are for", ErrChannel, h.Channel)
	}
	return nil
}

func checkHold(s *Snapshot, h Hold, now time.Time) error {
	if err := checkID("owner", h.Owner); err != nil {
		return err
	}
	if err := s.stocked(h.Item); err != nil {
		return err
	}
	if err := s.known(h.Location); err != nil {
		return err
	}
	if h.Life < 0 || h.Life > MaxLife {
		return &LotError{Item: h.Item, Lot: h.Lot, Rule: fmt.Sprintf("a remaining life of %v; it must be 0 to %v", h.Life, MaxLife)}
	}
	if err := s.refuseLot(h, now); err != nil {
		return err
	}
	if !h.Until.IsZero() {
		if err := checkUntil(h.Until, now); err != nil {
			return err
		}
	}
	return nil
}

// take reserves what a hold asks for, of a kit so many of each component.
func (l *ledger) take(h Hold) {
	if l.snap.isKit(h.Item) {
		l.takeKit(h)
		return
	}
	l.reserve(h)
}

// reserve takes units of an item that is no kit.
func (l *ledger) reserve(h Hold) {
	to := Committed
	if !h.Until.IsZero() {
		to = Soft
	}
	want, have := h.Qty, l.available(h)
	if have < h.Qty {
		l.short = append(l.short, Shortage{Line: h.Line, Item: h.Item, Location: h.Location, Want: h.Qty, Have: have})
		return
	}
	h.Qty -= l.fromPool(h)
	keep := l.keep(h)
	if l.free(h) < h.Qty || keep > 0 && l.free(anyLot(h)) < h.Qty+keep {
		l.expire(h.Item, h.Location)
	}
	if lack := h.Qty - l.free(h); lack > 0 && l.snap.level(h.Item, h.Location).Untracked { // it comes as it is promised
		l.move(Movement{Item: h.Item, Lot: h.Lot, From: Outside(Supplier), To: At(h.Location, Free), Qty: lack})
	}
	left := h.Qty
	rows := l.lots(h) // booking from a row to itself leaves them where they are
	for i := range rows {
		row := &rows[i]
		if take := min(left, row.Of(Free)); take > 0 {
			left -= take
			key := ReservationKey{Owner: h.Owner, Line: h.Line, Item: h.Item, Lot: row.Lot, Location: h.Location}
			l.book(Movement{Item: h.Item, Lot: row.Lot, From: At(h.Location, Free), To: At(h.Location, to), Qty: take})
			r := l.reservation(key)
			*r.counter(to) += take
			if to == Soft {
				r.Until = h.Until
			}
		}
	}
	if left > 0 { // only a lot asked for by name can be short where the location is not
		l.short = append(l.short, Shortage{Line: h.Line, Item: h.Item, Location: h.Location, Want: want, Have: want - left})
	}
}

// available is ATS on the running balances: what earlier holds took is gone.
func (l *ledger) available(h Hold) int64 {
	now := Snapshot{Items: l.snap.Items, Locations: l.snap.Locations, Balances: l.balances, Levels: l.snap.Levels, Lots: l.snap.Lots, Expired: l.expired(), Channel: l.selling(h)}
	return l.uncapped(h.Item, now.available(h.Item, h.Location, Ask{Now: l.meta.Now, Life: h.Life}))
}

// keeping is free units of an item at a location that have to be left there: what a
// reservation found to be kept back, of the rows that it could have taken.
type keeping struct {
	Hold
	qty int64
}

func anyLot(h Hold) Hold {
	h.Lot = ""
	return h
}

// keep is how many free units a hold that takes some has to leave at its location. They are
// left by what is free alone: expired holds are released before they would have to count.
func (l *ledger) keep(h Hold) int64 {
	if h.Qty <= 0 {
		return 0
	}
	def, _ := l.snap.Item(h.Item)
	qty := l.snap.kept(&def, h.Location)
	if qty > 0 {
		l.left = append(l.left, keeping{anyLot(h), qty})
	}
	return qty
}

// floors are what the decision needs to be left of each row that it takes free units from.
// Where lots are kept, it counts on what the other lots have as it was read.
func (l *ledger) floors() []Floor {
	var out []Floor
	for i := range l.left {
		k := &l.left[i]
		all := l.free(k.Hold)
		rows := l.lots(k.Hold)
		for j := range rows {
			free := rows[j].Of(Free)
			floor := Floor{rows[j].Key, min(free, k.qty-(all-free))}
			if floor.Free <= 0 || !l.takesFree(floor.Key) {
				continue
			}
			at, ok := slices.BinarySearchFunc(out, floor.Key, func(f Floor, k Key) int { return f.Compare(k) })
			if !ok {
				out = slices.Insert(out, at, floor)
			}
			out[at].Free = max(out[at].Free, floor.Free)
		}
	}
	return out
}

// takesFree tells whether fewer units of a row are free than before.
func (l *ledger) takesFree(key Key) bool {
	var by int64
	for i := range l.posting.Movements {
		mv := &l.posting.Movements[i]
		if mv.Item != key.Item || mv.Lot != key.Lot {
			continue
		}
		if mv.From == At(key.Location, Free) {
			by -= mv.Qty
		}
		if mv.To == At(key.Location, Free) {
			by += mv.Qty
		}
	}
	return by < 0
}

// reach is how many units of an item that is no kit a hold can have: of a lot that it names
// no more than there are of it. Expired holds do not stand in the way.
func (l *ledger) reach(h Hold) int64 {
	have := l.available(h)
	if l.snap.level(h.Item, h.Location).Untracked { // of a lot that is named, too, it comes as it is promised
		return have
	}
	return min(have, l.free(h)+l.lapsed(h)+l.pooled(h))
}

// lapsed is how many expired soft units a hold can have.
func (l *ledger) lapsed(h Hold) int64 {
	var sum int64
	for _, r := range l.expired() {
		if l.fits(&h, &r) && r.Expired(l.meta.Now) {
			sum += r.Soft
		}
	}
	return sum
}

// expired are the expired holds that this decision has not yet released or renewed.
func (l *ledger) expired() []Reservation {
	if len(l.touched) == 0 || len(l.snap.Expired) == 0 {
		return l.snap.Expired
	}
	var rest []Reservation
	for _, r := range l.snap.Expired {
		if i := l.find(r.ReservationKey); i >= 0 {
			r = l.touched[i]
		}
		if r.Expired(l.meta.Now) {
			rest = append(rest, r)
		}
	}
	return rest
}

func (l *ledger) free(h Hold) int64 {
	var sum int64
	rows := l.lots(h)
	for i := range rows {
		sum += rows[i].Of(Free)
	}
	return sum
}

// lots are the running balances that a hold may take from, in the order in which it
// takes them.
func (l *ledger) lots(h Hold) []Balance {
	rows := rowsOf(l.balances, h.Item, h.Location)
	if h.Lot == "" {
		return l.pick(&h, rows)
	}
	i, ok := seek(rows, func(b *Balance) int { return strings.Compare(b.Lot, h.Lot) })
	if !ok {
		return nil
	}
	return rows[i : i+1]
}

// replace frees what the same owner held softly under the same key before this call,
// so that every hold of the call sees it as free.
func (l *ledger) replace(h Hold) {
	for i := range l.snap.Reservations {
		r := &l.snap.Reservations[i]
		same := r.Owner == h.Owner && r.Line == h.Line && r.Item == h.Item && r.Location == h.Location
		if same && r.Soft > 0 && (h.Lot == "" || h.Lot == r.Lot) {
			l.freeSoft(r.ReservationKey)
		}
	}
}

// expire frees the expired soft units of an item at a location.
func (l *ledger) expire(item, location string) {
	for _, r := range l.expired() {
		if r.Item == item && r.Location == location && r.Expired(l.meta.Now) {
			l.freeSoft(r.ReservationKey)
		}
	}
}

func (l *ledger) freeSoft(key ReservationKey) {
	r := l.reservation(key)
	if r.Soft == 0 {
		return
	}
	l.book(Movement{Item: key.Item, Lot: key.Lot, From: At(key.Location, Soft), To: At(key.Location, Free), Qty: r.Soft})
	r.Released += r.Soft
	r.Soft, r.Until = 0, time.Time{}
}

// Sweep decides the release of expired soft units of the snapshot. Nothing depends
// on it being run: it only tidies.
func Sweep(s Snapshot, m Meta) (Changes, error) {
	l := newLedger(s, m, ReasonExpire, "")
	for _, r := range s.Expired {
		if r.Expired(m.Now) {
			l.freeSoft(r.ReservationKey)
		}
	}
	return l.done()
}

// Commit decides that everything an owner holds softly becomes committed. Expired
// units are refused: someone else may already have been promised them. So are units of a
// lot that was blocked or has expired since they were held, with *LotError.
func Commit(s Snapshot, owner, document string, m Meta) (Changes, error) {
	var todo []Step
	for i := range s.Reservations {
		r := &s.Reservations[i]
		if r.Owner != owner || r.Soft == 0 {
			continue
		}
		todo = append(todo, Step{r.ReservationKey, Soft, Committed, r.Soft})
	}
	return progressAll(s, owner, todo, document, m)
}

// Release decides that everything an owner still holds becomes free.
func Release(s Snapshot, owner, document string, m Meta) (Changes, error) {
	return progressAll(s, owner, openSteps(s, owner, Free), document, m)
}

// Ship decides that everything an owner has committed leaves for the customer.
func Ship(s Snapshot, owner, document string, m Meta) (Changes, error) {
	todo := openSteps(s, owner, Customer)
	todo = slices.DeleteFunc(todo, func(st Step) bool { return st.From == Soft })
	return progressAll(s, owner, todo, document, m)
}

func openSteps(s Snapshot, owner string, to State) []Step {
	var out []Step
	for i := range s.Reservations {
		r := &s.Reservations[i]
		if r.Owner != owner {
			continue
		}
		for _, from := range []State{Soft, Committed, Picked, Packed} {
			if q := r.Of(from); q > 0 {
				out = append(out, Step{r.ReservationKey, from, to, q})
			}
		}
	}
	return out
}

func progressAll(s Snapshot, owner string, todo []Step, document string, m Meta) (Changes, error) {
	if len(todo) == 0 {
		return Changes{}, &ReservationError{Key: ReservationKey{Owner: owner}}
	}
	return Progress(s, todo, document, m)
}

// Progress decides steps in the life of reserved units, in one posting whose reason
// is that of the first step. A step that consumes more than its reservation has in
// that state is refused with *ReservationError, one that no reserved unit takes with
// ErrState, one that would promise expired units with *ExpiryError, and one that would
// promise units of a lot that nobody may have with *LotError.
func Progress(s Snapshot, todo []Step, document string, m Meta) (Changes, error) {
	if len(todo) == 0 {
		return Changes{}, nil
	}
	reason := steps[[2]State{todo[0].From, todo[0].To}]
	l := newLedger(s, m, reason, document)
	l.posting.Movements = make([]Movement, 0, len(todo))
	for _, st := range todo {
		if err := l.step(st); err != nil {
			return Changes{}, err
		}
	}
	return l.done()
}

func (l *ledger) step(st Step) error {
	if _, ok := steps[[2]State{st.From, st.To}]; !ok {
		return fmt.Errorf("%w: units of %s never go from %s to %s", ErrState, st.Key, st.From, st.To)
	}
	if err := checkQty(st.Key.Item, st.Qty); err != nil {
		return err
	}
	if l.find(st.Key) < 0 && !l.loaded(st.Key) {
		return &ReservationError{Key: st.Key}
	}
	r := l.reservation(st.Key)
	if st.To == Committed && st.From == Soft {
		if r.Expired(l.meta.Now) {
			return &ExpiryError{Until: r.Until, Now: l.meta.Now}
		}
		if err := l.snap.refuseLot(Hold{Item: st.Key.Item, Lot: st.Key.Lot}, l.meta.Now); err != nil {
			return err
		}
	}
	from := r.counter(st.From)
	if *from < st.Qty {
		return &ReservationError{Key: st.Key, Want: st.Qty, Have: *from, State: st.From}
	}
	*from -= st.Qty
	*r.counter(st.To) += st.Qty
	if r.Soft == 0 {
		r.Until = time.Time{}
	}
	to := Outside(st.To)
	if st.To.AtLocation() {
		to = At(st.Key.Location, st.To)
	}
	l.posting.Movements = append(l.posting.Movements,
		Movement{Item: st.Key.Item, Lot: st.Key.Lot, From: At(st.Key.Location, st.From), To: to, Qty: st.Qty})
	return nil
}

// find is the index of a touched reservation, or -1.
func (l *ledger) find(key ReservationKey) int {
	if i, ok := search(l.touched, key); ok {
		return i
	}
	return -1
}

func search(in []Reservation, key ReservationKey) (int, bool) {
	return seek(in, func(r *Reservation) int { return r.compare(&key) })
}

func (l *ledger) loaded(key ReservationKey) bool {
	_, ok := search(l.snap.Reservations, key)
	return ok
}

// reservation is the working copy of a reservation: touched, as read, or new. The
// pointer is good until the next call.
func (l *ledger) reservation(key ReservationKey) *Reservation {
	at, ok := search(l.touched, key)
	if ok {
		return &l.touched[at]
	}
	r := Reservation{ReservationKey: key}
	if i, ok := search(l.snap.Reservations, key); ok {
		r = l.snap.Reservations[i]
	} else if i, ok := search(l.snap.Expired, key); ok {
		r = l.snap.Expired[i]
	}
	if l.snap.Channel != nil && r.Version == 0 {
		if i, ok := search(l.snap.Channel.Pools, key); ok {
			r = l.snap.Channel.Pools[i]
		}
	}
	l.touched = slices.Insert(l.touched, at, r)
	return &l.touched[at]
}
