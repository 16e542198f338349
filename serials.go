package oms

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/orderkit/oms/fulfillment"
	"github.com/orderkit/oms/inventory"
	"github.com/orderkit/oms/storage"
)

// ErrNotSerials is a serial number, or an item with them, given to an Engine that was made
// without WithSerials.
var ErrNotSerials = errors.New("oms: this Engine keeps no serial numbers; make it with WithSerials")

// WithSerials keeps a register of units by serial number, for the items that have a policy
// (inventory.Item.Serials). It makes each posting by which units come, go or change their
// location look for the policies of its items: one query, and one more where units are
// named. Every Engine over a store that has such items must have it, or what it moves is
// missing in the register; Verify tells.
func WithSerials() Option { return func(c *config) { c.serials = true } }

// Serials names the units of an item that a command moves, by serial number; give it again
// for another item. With a lot they are of that lot; it is needed only where a command
// brings in, or first packs, units of several. What a command brings in by several postings
// takes them in the order in which they are named: accepted units of a delivery before
// rejected ones.
//
// A command that moves units of an item with a policy and is not given the number of each,
// or is given one that it does not move, is refused with inventory.ErrSerial. It is part of
// what an idempotency key stands for.
func Serials(item, lot string, serials ...string) CallOption {
	return func(c *call) {
		for _, id := range serials {
			c.named = append(c.named, inventory.NamedUnit{Item: item, Lot: lot, Serial: id})
		}
	}
}

// The documents of the register.
var (
	serialItems = shelf[inventory.SerialItem]{kind: "serial_item", none: inventory.ErrSerial, place: func(h *inventory.SerialItem) storage.Document {
		return storage.Document{ID: h.Item, Live: h.Policy != inventory.NoSerials, Version: h.Version}
	}}
	serialShelf = shelf[inventory.Serial]{kind: "serial", none: inventory.ErrSerial, place: func(n *inventory.Serial) storage.Document {
		parent := lotID(n.Item, n.Location)
		if !n.OnHand() {
			parent += "\t" + n.Away.String()
		}
		return storage.Document{ID: serialID(n.Item, n.ID), Parent: parent, Live: n.OnHand(), Version: n.Version}
	}}
	serialSteps = shelf[inventory.SerialStep]{kind: "serial_step", none: inventory.ErrSerial, place: func(st *inventory.SerialStep) storage.Document {
		return storage.Document{ID: stepID(st.Item, st.Serial, st.No), Parent: st.Document, Rank: max(st.At.UnixMicro(), 0), Version: 1}
	}}
)

// serialID names a unit among those of all items. No id has a control character.
func serialID(item, serial string) string { return item + "\t" + serial }

func stepID(item, serial string, no int64) string {
	return fmt.Sprintf("%s\t%s\t%09d", item, serial, no)
}

// beginSerials keeps the policy of an item where postings find it.
func (s *attempt) beginSerials(i inventory.Item) error {
	if !s.serials {
		if i.Serials != inventory.NoSerials {
			return fmt.Errorf("%w: item %q is to have them", ErrNotSerials, i.ID)
		}
		return nil
	}
	h := inventory.SerialItem{Item: i.ID}
	if heads, err := serialItems.find(s, s.tx, i.ID); err != nil {
		return err
	} else if len(heads) > 0 {
		h = heads[0]
	}
	if h.Policy == i.Serials {
		return nil
	}
	var moved bool
	var here int64
	sold := make(map[string]int64)
	for m, err := range s.tx.Stock().ListMovements(s, inventory.MovementFilter{Item: i.ID}) {
		if err != nil {
			return err
		}
		moved = true
		for _, end := range [...]struct {
			state inventory.State
			qty   int64
		}{{m.To.State, m.Qty}, {m.From.State, -m.Qty}} {
			switch {
			case end.state == inventory.Customer:
				sold[m.Lot] += end.qty
			case end.state.AtLocation(), end.state == inventory.InTransit:
				here += end.qty
			}
		}
	}
	h, err := h.Keep(i.Serials, moved, here, sold)
	if err != nil {
		return err
	}
	return serialItems.save(s, s.tx, &h)
}

// register decides and saves which units a posting moves, by serial number.
func (s *attempt) register(p inventory.Posting) error {
	items := inventory.SerialItems(p.Movements)
	for i := range s.named {
		if item := s.named[i].Item; !slices.Contains(items, item) {
			items = append(items, item)
		}
	}
	if len(items) == 0 {
		return nil
	}
	heads, err := serialItems.find(s, s.tx, items...)
	if err != nil || len(heads) == 0 {
		return err
	}
	known, err := s.knownSerials()
	if err != nil {
		return err
	}
	r := inventory.Registering{
		Posting: p, Origin: s.origin, Shipment: s.shipment, Items: heads, Known: known, Named: s.named,
	}
	out, err := inventory.Register(r)
	if err != nil {
		return err
	}
	s.named = out.Left
	return s.saveSerials(&out)
}

// knownSerials is what the register says of the units that the command still names.
func (s *attempt) knownSerials() ([]inventory.Serial, error) {
	if len(s.named) == 0 {
		return nil, nil
	}
	ids := make([]string, len(s.named))
	for i, u := range s.named {
		ids[i] = serialID(u.Item, u.Serial)
	}
	return serialShelf.find(s, s.tx, ids...)
}

func (s *attempt) saveSerials(r *inventory.Registered) error {
	for i := range r.Items {
		if err := serialItems.save(s, s.tx, &r.Items[i]); err != nil {
			return err
		}
	}
	for i := range r.Serials {
		if err := serialShelf.save(s, s.tx, &r.Serials[i]); err != nil {
			return err
		}
	}
	for i := range r.Steps {
		if err := serialSteps.save(s, s.tx, &r.Steps[i]); err != nil {
			return err
		}
	}
	for i := range r.Moved {
		if err := emit(s, "stock/"+r.Moved[i].Item, 0, r.Moved[i:i+1]); err != nil {
			return err
		}
	}
	return nil
}

// leftover refuses a command that names units which it did not move.
func (s *attempt) leftover() error {
	if len(s.named) == 0 {
		return nil
	}
	known, err := s.knownSerials()
	if err != nil {
		return err
	}
	u := s.named[0]
	refused := &inventory.SerialError{Item: u.Item, Serial: u.Serial, Rule: "the command moves no such unit, or fewer than are named; it is unknown"}
	for _, k := range known {
		if k.Item == u.Item && k.ID == u.Serial {
			refused.Known = k
			refused.Rule = "the command moves no such unit, or fewer than are named; it is " + k.String()
		}
	}
	return refused
}

// unparcel names the units of a shipment that were named when it was packed.
func (s *attempt) unparcel(number string, id fulfillment.ShipmentID) error {
	if !s.serials {
		return nil
	}
	s.shipment = id.String()
	var packed []string
	for st, err := range serialSteps.all(s, s.tx, storage.DocumentFilter{Parents: []string{number}}) {
		if err != nil {
			return err
		}
		if st.To.State == inventory.Packed {
			packed = append(packed, serialID(st.Item, st.Serial))
		}
	}
	if len(packed) == 0 {
		return nil
	}
	known, err := serialShelf.find(s, s.tx, packed...)
	var named []inventory.NamedUnit
	for _, k := range known {
		if k.Shipment == s.shipment {
			named = append(named, inventory.NamedUnit{Item: k.Item, Serial: k.ID})
		}
	}
	for _, u := range s.named { // it does no harm to look at one again
		if !slices.ContainsFunc(named, func(p inventory.NamedUnit) bool { return p.Item == u.Item && p.Serial == u.Serial }) {
			named = append(named, u)
		}
	}
	s.named = named
	return err
}

// lotsNamed are the lots of the units of an item that the command names, each as often as
// a unit of it is.
func (s *attempt) lotsNamed(item string) ([]lotUnits, error) {
	if !slices.ContainsFunc(s.named, func(u inventory.NamedUnit) bool { return u.Item == item }) {
		return nil, nil
	}
	known, err := s.knownSerials()
	if err != nil {
		return nil, err
	}
	var lots []lotUnits
	for _, u := range s.named {
		i := slices.IndexFunc(known, func(k inventory.Serial) bool { return k.Item == u.Item && k.ID == u.Serial })
		if u.Item == item && i >= 0 {
			lots = append(lots, lotUnits{item: item, lot: known[i].Lot, qty: 1})
		}
	}
	slices.SortStableFunc(lots, byLot)
	return lots, nil
}

// SerialHistory is one unit, and every step that it took.
type SerialHistory struct {
	inventory.Serial

	Steps []inventory.SerialStep // oldest first
}

// Serial tells where a unit is and how it came there: with which documents it came in,
// went to a customer, came back. One that nobody ever named is inventory.ErrSerial.
func (g Stock) Serial(ctx context.Context, item, serial string) (SerialHistory, error) {
	return reading(ctx, g.e, func(ctx context.Context, tx storage.Tx) (SerialHistory, error) {
		var h SerialHistory
		found, err := serialShelf.find(ctx, tx, serialID(item, serial))
		if err != nil {
			return h, err
		}
		if len(found) == 0 {
			return h, &inventory.SerialError{Item: item, Serial: serial, Rule: "it is unknown"}
		}
		h.Serial = found[0]
		ids := make([]string, h.Serial.Steps)
		for i := range ids {
			ids[i] = stepID(item, serial, int64(i)+1)
		}
		h.Steps, err = serialSteps.find(ctx, tx, ids...)
		return h, err
	})
}

// SerialsAt reads the units of an item that are on hand at a location, by serial number.
// Of an item with inventory.SerialsAtPack these are the ones that are in a parcel or came
// back, where they did; those that were never packed have no number yet.
func (g Stock) SerialsAt(ctx context.Context, item, location string) ([]inventory.Serial, error) {
	return reading(ctx, g.e, func(ctx context.Context, tx storage.Tx) ([]inventory.Serial, error) {
		return every(ctx, tx, serialShelf, storage.DocumentFilter{Parents: []string{lotID(item, location)}, Live: true})
	})
}

// SerialsWith reads the steps that units took with a document, by time: what an order (its
// number) was sent, what came in with a purchase order or back with a return.
func (g Stock) SerialsWith(ctx context.Context, document string) ([]inventory.SerialStep, error) {
	return reading(ctx, g.e, func(ctx context.Context, tx storage.Tx) ([]inventory.SerialStep, error) {
		return every(ctx, tx, serialSteps, storage.DocumentFilter{Parents: []string{document}})
	})
}
