package oms

import (
	"cmp"
	"slices"
	"strings"

	"github.com/orderkit/oms/allocation"
	"github.com/orderkit/oms/fulfillment"
	"github.com/orderkit/oms/inventory"
	"github.com/orderkit/oms/inventory/transfer"
	"github.com/orderkit/oms/order"
)

// stockFor reads the stock of the items of an order's stocked lines.
func (s *attempt) stockFor(ed *edit) (inventory.Snapshot, error) {
	items := make([]string, 0, len(ed.Lines))
	for i := range ed.Lines {
		if l := &ed.Lines[i]; l.Stocked {
			items = append(items, l.Item)
		}
	}
	if len(items) == 0 {
		return inventory.Snapshot{}, nil
	}
	slices.Sort(items)
	need := inventory.Need{Items: slices.Compact(items), Now: s.now}
	if ed.loaded > 0 { // a new order cannot hold anything yet
		need.Owner = ed.ref()
	}
	snap, err := loadStock(s, s.tx, need)
	if err != nil {
		return snap, err
	}
	return snap, s.sells(ed.Channel, &snap)
}

// stocked are the items of a draft that take stock.
func stocked(d order.Draft) []string {
	items := make([]string, 0, len(d.Lines))
	for i := range d.Lines {
		l := &d.Lines[i]
		switch {
		case len(l.Kit) > 0:
			for _, c := range l.Kit {
				items = append(items, c.Item)
			}
		case !l.Service:
			items = append(items, l.Item)
		}
	}
	return items
}

// ownerPrefix begins the names under which orders reserve stock; no one else may use it.
const ownerPrefix = "order/"

// owner is the name under which an order's stock is reserved.
func owner(id order.ID) string { return orderAggregate(id) }

// notAnOrder refuses an owner that is an order, a transfer or a channel: its stock moves by
// its own commands.
func notAnOrder(owner string) error {
	if strings.HasPrefix(owner, ownerPrefix) || strings.HasPrefix(owner, transfer.OwnerPrefix) || strings.HasPrefix(owner, inventory.ChannelOwner) {
		return &inventory.OwnerError{First: owner}
	}
	return nil
}

// dropCart frees what the cart of the buyer holds softly, so that the order can take
// it, and reads the stock again.
func (s *attempt) dropCart(ed *edit, cart string, snap inventory.Snapshot) (inventory.Snapshot, error) {
	held, err := loadStock(s, s.tx, inventory.Need{Owner: cart, Now: s.now})
	if err != nil {
		return snap, err
	}
	var todo []inventory.Step
	for _, r := range held.Reservations {
		if r.Soft > 0 {
			todo = append(todo, inventory.Step{Key: r.ReservationKey, From: inventory.Soft, To: inventory.Free, Qty: r.Soft})
		}
	}
	if len(todo) == 0 {
		return snap, nil
	}
	changes, err := inventory.Progress(held, todo, ed.Number, s.meta())
	if err != nil {
		return snap, err
	}
	if err := s.post(changes); err != nil {
		return snap, err
	}
	return s.stockFor(ed)
}

// plan asks the strategy for the stock of every unit that waits for it and checks the
// answer: strategies are the host's, the guarantee is ours. Patient orders take the
// components of their kits as they come.
func (s *attempt) plan(ed *edit, snap inventory.Snapshot, cart string, patient bool) (allocation.Record, error) {
	if cart != "" {
		held, err := loadStock(s, s.tx, inventory.Need{Owner: cart, Now: s.now})
		if err != nil {
			return allocation.Record{}, err
		}
		snap.Reservations = held.Reservations
	}
	r := s.request(ed, &snap)
	for i := range ed.Lines {
		if l := &ed.Lines[i]; l.Stocked && l.Unreserved+l.Backordered > 0 {
			r.Demands = append(r.Demands, wish(l, l.Unreserved+l.Backordered, !patient))
		}
	}
	s.offer(&r, snap, cart)
	return s.ask(ed, r)
}

// offer adds the active locations with what the owner of soft reservations may have there.
func (s *attempt) offer(r *allocation.Request, snap inventory.Snapshot, cart string) {
	stock := make([]int64, len(snap.Locations)*len(r.Items))
	for i := range snap.Locations {
		l := &snap.Locations[i]
		if l.Inactive {
			continue
		}
		row := stock[i*len(r.Items) : (i+1)*len(r.Items)]
		for j, item := range r.Items {
			row[j] = snap.Available(item, l.ID, cart, s.now)
		}
		r.Candidates = append(r.Candidates, allocation.Candidate{Location: l.ID, Priority: l.Priority, At: (*allocation.Point)(l.At), Country: l.Country, Available: row})
	}
	if snap.Channel != nil {
		capped(r, &snap)
	}
}

// allocate commits stock to every unit that waits for it. What the plan cannot cover
// waits as backorder, if the line may and the limit of its item allows it, or if patient
// says that waiting is all the order has come to; otherwise the whole command is refused
// with every short line.
func (s *attempt) allocate(ed *edit, snap inventory.Snapshot, patient bool) error {
	rec, err := s.plan(ed, snap, "", patient)
	if err != nil {
		return err
	}
	plan := rec.Plan
	waiting, short := ed.shortages(&rec, patient)
	var passed []turnstile
	if !patient {
		var beyond []inventory.Shortage
		if passed, beyond, err = s.bounded(ed, &snap, rec.Plan.Unassigned); err != nil {
			return err
		}
		short = append(short, beyond...)
	}
	if len(short) > 0 {
		slices.SortStableFunc(short, func(a, b inventory.Shortage) int { return cmp.Compare(a.Line, b.Line) })
		return &inventory.ShortageError{Short: short}
	}
	got := make([]int64, len(ed.Lines))
	for _, a := range plan.Assignments {
		got[a.Line-1] += a.Qty // line n is at index n−1
	}
	deltas := ed.allocated(got)
	if len(deltas) == 0 {
		return nil
	}
	if err := s.assign(ed, snap, rec, waiting, deltas); err != nil {
		return err
	}
	return s.pass(passed)
}

// assign commits the stock of a plan and counts it on the lines of its order.
func (s *attempt) assign(ed *edit, snap inventory.Snapshot, rec allocation.Record, waiting []order.LineQty, deltas []order.LineDelta) (err error) {
	plan := rec.Plan
	holds := make([]inventory.Hold, 0, len(plan.Assignments))
	event := order.Allocated{
		Strategy: plan.Strategy, Fingerprint: plan.Fingerprint, Backordered: waiting,
		Assigned: make([]order.Assignment, 0, len(plan.Assignments)),
	}
	if event.Record, err = s.record(rec); err != nil {
		return err
	}
	for _, a := range plan.Assignments {
		holds = append(holds, inventory.Hold{Owner: ed.ref(), Line: a.Line, Item: a.Item, Location: a.Location, Qty: a.Qty, Channel: snap.SoldOn()})
		event.Assigned = append(event.Assigned, order.Assignment{Line: a.Line, Location: a.Location, Qty: a.Qty})
	}
	if len(holds) > 0 {
		changes, err := inventory.Reserve(snap, holds, ed.Number, s.meta())
		if err != nil {
			return err
		}
		if err := s.post(changes); err != nil {
			return err
		}
	}
	if err := s.count(ed, deltas); err != nil {
		return err
	}
	return emit(s, ed.ref(), ed.loaded+1, []order.Event{event})
}

// shortages are the units that the plan leaves waiting, and those that may not wait.
func (ed *edit) shortages(rec *allocation.Record, patient bool) (waiting []order.LineQty, short []inventory.Shortage) {
	for _, u := range rec.Plan.Unassigned {
		l, _ := ed.Line(u.Line) // a validated plan names lines of the request
		if patient || l.Backorder {
			waiting = append(waiting, order.LineQty{Line: u.Line, Qty: u.Want - u.Have})
		} else {
			short = append(short, ed.short(rec, u)...)
		}
	}
	return waiting, short
}

// allocated turns what each line got into counters: everything that waited is now
// reserved or backordered.
func (ed *edit) allocated(got []int64) []order.LineDelta {
	deltas := make([]order.LineDelta, 0, len(ed.Lines))
	for i := range ed.Lines {
		l := &ed.Lines[i]
		if !l.Stocked || l.Unreserved+l.Backordered == 0 {
			continue
		}
		q := got[i]
		rest := l.Unreserved + l.Backordered - q
		by := order.Counters{Unreserved: -l.Unreserved, Reserved: q, Backordered: rest - l.Backordered}
		if by != (order.Counters{}) {
			deltas = append(deltas, order.LineDelta{Line: l.No, By: by})
		}
	}
	return deltas
}

// begin fulfills the services of an order that may be fulfilled, and opens the work
// for its stock.
func (s *attempt) begin(ed *edit) error {
	if !s.orders.Can(ed.State, order.Fulfillable) {
		return nil
	}
	if err := s.count(ed, ed.services()); err != nil {
		return err
	}
	return s.openWork(ed)
}

// openWork opens fulfillment orders for committed units that no fulfillment order has
// yet: one per location.
func (s *attempt) openWork(ed *edit) error {
	held, err := s.reserved(ed)
	if err != nil {
		return err
	}
	had, err := s.tx.Fulfillments().OfOrder(s, ed.ID)
	if err != nil {
		return err
	}
	lines := make(map[string][]fulfillment.Line)
	var locations []string
	for _, r := range held {
		if r.Committed == 0 {
			continue
		}
		if _, ok := lines[r.Location]; !ok {
			locations = append(locations, r.Location)
		}
		at := lines[r.Location]
		if n := len(at); n > 0 && at[n-1].Line == r.Line { // another lot of the same line
			at[n-1].Qty += r.Committed
		} else {
			lines[r.Location] = append(at, fulfillment.Line{Line: r.Line, Item: r.Item, Qty: r.Committed})
		}
	}
	slices.Sort(locations)
	for _, location := range locations {
		work := lessOpen(lines[location], location, had)
		if len(work) == 0 {
			continue
		}
		fo, events := fulfillment.Open(fulfillment.ID{UUID: s.newID()}, ed.ID, location, work, s.now)
		if err := s.saveWork(ed, fo, events); err != nil {
			return err
		}
	}
	return nil
}

// lessOpen takes off what open fulfillment orders at a location already work on.
func lessOpen(lines []fulfillment.Line, location string, had []fulfillment.Order) []fulfillment.Line {
	out := lines[:0]
	for _, l := range lines {
		for i := range had {
			if fl, ok := had[i].Line(l.Line); ok && had[i].Location == location {
				l.Qty -= fl.Open()
			}
		}
		if l.Qty > 0 {
			out = append(out, l)
		}
	}
	return out
}

// reserved reads the reservations of an order, sorted by line and location.
func (s *attempt) reserved(ed *edit) ([]inventory.Reservation, error) {
	snap, err := loadStock(s, s.tx, inventory.Need{Owner: ed.ref(), Now: s.now})
	return snap.Reservations, err
}

// saveWork saves a fulfillment order one version later and tells of it in the order's
// timeline.
func (s *attempt) saveWork(ed *edit, fo fulfillment.Order, events []fulfillment.Event) error {
	fo.Version++
	if err := s.tx.Fulfillments().Save(s, fo); err != nil {
		return err
	}
	return emit(s, ed.ref(), ed.loaded+1, events)
}

// undo follows a cancellation to where the units were: their stock becomes free and
// their work is withdrawn. Backordered and unreserved units had neither.
func (s *attempt) undo(ed *edit, cuts []order.Cut) error {
	var all []taking
	for _, c := range cuts {
		if c.From == order.AtReserved || c.From == order.AtPicked {
			all = append(all, taking{Cut: c})
		}
	}
	return s.takeBack(ed, all)
}

// taking is reserved or picked units that an order gives up, at one location or, with
// none named, wherever they are.
type taking struct {
	order.Cut
	location string
}

// takeBack frees the stock of units and withdraws the work on them.
func (s *attempt) takeBack(ed *edit, all []taking) error {
	if len(all) == 0 {
		return nil
	}
	held, err := s.reserved(ed)
	if err != nil {
		return err
	}
	work, err := s.tx.Fulfillments().OfOrder(s, ed.ID)
	if err != nil {
		return err
	}
	var todo []inventory.Step
	var withdrawn []withdrawal
	for _, c := range all {
		from := inventory.Committed
		if c.From == order.AtPicked {
			from = inventory.Picked
		}
		left := c.Qty
		for i := range work {
			q := min(left, atWork(&work[i], c.Cut))
			if q == 0 || c.location != "" && c.location != work[i].Location {
				continue
			}
			left -= q
			if todo, err = steps(todo, held, c.Line, work[i].Location, from, inventory.Free, q); err != nil {
				return err
			}
			withdrawn = append(withdrawn, withdrawal{fo: i, units: order.LineQty{Line: c.Line, Qty: q}, picked: from == inventory.Picked})
		}
		if todo, err = steps(todo, held, c.Line, c.location, from, inventory.Free, left); err != nil {
			return err
		}
	}
	if err := s.progress(ed, held, todo); err != nil {
		return err
	}
	return s.withdraw(ed, work, withdrawn)
}

type withdrawal struct {
	fo     int
	units  order.LineQty
	picked bool
}

func atWork(fo *fulfillment.Order, c order.Cut) int64 {
	l, ok := fo.Line(c.Line)
	switch {
	case !ok:
		return 0
	case c.From == order.AtPicked:
		return l.Picked
	}
	return l.Open()
}

func (s *attempt) withdraw(ed *edit, work []fulfillment.Order, all []withdrawal) error {
	for i := range work {
		var open, picked []order.LineQty
		for _, w := range all {
			switch {
			case w.fo != i:
			case w.picked:
				picked = append(picked, w.units)
			default:
				open = append(open, w.units)
			}
		}
		if len(open)+len(picked) == 0 {
			continue
		}
		fo, events, err := s.work.Withdraw(work[i], open, picked, s.now)
		if err != nil {
			return err
		}
		if err := s.saveWork(ed, fo, events); err != nil {
			return err
		}
	}
	return nil
}

// steps appends the steps that move qty units of a line from one state to another,
// over the lots of a location (or of every location, when it is empty).
func steps(todo []inventory.Step, held []inventory.Reservation, line int, location string, from, to inventory.State, qty int64) ([]inventory.Step, error) {
	first, _ := slices.BinarySearchFunc(held, line, func(r inventory.Reservation, no int) int { return r.Line - no })
	for i := first; i < len(held) && held[i].Line == line && qty > 0; i++ {
		r := &held[i]
		if location != "" && r.Location != location {
			continue
		}
		q := min(qty, r.Of(from)-planned(todo, r.ReservationKey, from))
		if q <= 0 {
			continue
		}
		todo = append(todo, inventory.Step{Key: r.ReservationKey, From: from, To: to, Qty: q})
		qty -= q
	}
	if qty > 0 {
		return nil, &inventory.ReservationError{Key: inventory.ReservationKey{Line: line, Location: location}, Want: qty, State: from}
	}
	return todo, nil
}

// planned is what earlier steps already take from a reservation. Steps of one line lie
// together at the end.
func planned(todo []inventory.Step, key inventory.ReservationKey, from inventory.State) int64 {
	var sum int64
	for i := len(todo) - 1; i >= 0 && todo[i].Key.Line == key.Line; i-- {
		if todo[i].Key == key && todo[i].From == from {
			sum += todo[i].Qty
		}
	}
	return sum
}

// progress posts the steps of an order's reservations.
func (s *attempt) progress(ed *edit, held []inventory.Reservation, todo []inventory.Step) error {
	if len(todo) == 0 {
		return nil
	}
	changes, err := inventory.Progress(inventory.Snapshot{Reservations: held}, todo, ed.Number, s.meta())
	if err != nil {
		return err
	}
	return s.post(changes)
}
