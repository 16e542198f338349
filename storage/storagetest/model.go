package storagetest

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/orderkit/oms/fulfillment"
	"github.com/orderkit/oms/inventory"
	"github.com/orderkit/oms/order"
	"github.com/orderkit/oms/returns"
	"github.com/orderkit/oms/storage"
)

var models = []rule{
	{name: "model/1", run: modelRun(1), text: modelRule},
	{name: "model/2", run: modelRun(2), text: modelRule},
	{name: "model/3", run: modelRun(3), text: modelRule},
}

const modelRule = "Whatever sequence of transactions runs, of several tenants, committed, refused or rolled back, each reads as a plain map would, inside and afterwards."

// errAgain ends a transaction that a store runs again although it can only fail again.
var errAgain = errors.New("the transaction would fail again")

// model is a tenant's data in plain maps. Values in it are never changed in place.
type model struct {
	orders       map[order.ID]order.Order
	works        map[fulfillment.ID]fulfillment.Order
	shipments    map[fulfillment.ShipmentID]fulfillment.Shipment
	returns      map[returns.ID]returns.Return
	items        map[string]inventory.Item
	locations    map[string]inventory.Location
	balances     map[account]int64
	postings     []inventory.Posting
	reservations map[inventory.ReservationKey]inventory.Reservation
	events       []storage.Event
	commands     map[string]storage.Command
	past         []inventory.Changes // what was applied, to try again when it no longer fits
}

func newModel() model {
	return model{
		orders: map[order.ID]order.Order{}, works: map[fulfillment.ID]fulfillment.Order{}, shipments: map[fulfillment.ShipmentID]fulfillment.Shipment{},
		returns: map[returns.ID]returns.Return{}, items: map[string]inventory.Item{}, locations: map[string]inventory.Location{}, balances: map[account]int64{},
		reservations: map[inventory.ReservationKey]inventory.Reservation{}, commands: map[string]storage.Command{},
	}
}

func (m model) clone() model {
	m.orders, m.works, m.shipments, m.returns = maps.Clone(m.orders), maps.Clone(m.works), maps.Clone(m.shipments), maps.Clone(m.returns)
	m.items, m.locations, m.balances = maps.Clone(m.items), maps.Clone(m.locations), maps.Clone(m.balances)
	m.reservations, m.commands = maps.Clone(m.reservations), maps.Clone(m.commands)
	m.postings, m.events, m.past = slices.Clip(m.postings), slices.Clip(m.events), slices.Clip(m.past)
	return m
}

// values of a map, sorted.
func values[K comparable, V any](m map[K]V, compare func(a, b V) int) []V {
	return slices.SortedFunc(maps.Values(m), compare)
}

func (m model) allOrders() []order.Order {
	return values(m.orders, func(a, b order.Order) int { return slices.Compare(a.ID.UUID[:], b.ID.UUID[:]) })
}

func (m model) allReservations() []inventory.Reservation {
	return values(m.reservations, func(a, b inventory.Reservation) int {
		return slices.Compare([]string{a.Owner, fmt.Sprintf("%09d", a.Line), a.Item, a.Location, a.Lot}, []string{b.Owner, fmt.Sprintf("%09d", b.Line), b.Item, b.Location, b.Lot})
	})
}

func (m model) world() world {
	w := world{
		Orders: expected(m.allOrders(), order.Filter{}), Balances: rows(m.balances), Postings: m.postings, Reservations: m.allReservations(),
		Works:     values(m.works, func(a, b fulfillment.Order) int { return slices.Compare(b.ID.UUID[:], a.ID.UUID[:]) }),
		Returns:   values(m.returns, func(a, b returns.Return) int { return slices.Compare(b.ID.UUID[:], a.ID.UUID[:]) }),
		Items:     values(m.items, func(a, b inventory.Item) int { return strings.Compare(a.ID, b.ID) }),
		Locations: values(m.locations, func(a, b inventory.Location) int { return strings.Compare(a.ID, b.ID) }),
		Events:    m.events,
		Commands:  values(m.commands, func(a, b storage.Command) int { return strings.Compare(a.Key, b.Key) }),
	}
	shipments := values(m.shipments, func(a, b fulfillment.Shipment) int { return slices.Compare(a.ID.UUID[:], b.ID.UUID[:]) })
	for _, o := range w.Orders {
		for _, s := range shipments {
			if s.Order == o.ID {
				w.Shipments = append(w.Shipments, s)
			}
		}
	}
	return w
}

// snapshot is what Load reads.
func (m model) snapshot(n inventory.Need) inventory.Snapshot {
	var s inventory.Snapshot
	places := slices.Clone(n.Locations)
	for _, b := range rows(m.balances) {
		if slices.Contains(n.Items, b.Item) {
			s.Balances = append(s.Balances, b)
			places = append(places, b.Location)
		}
	}
	for _, i := range m.world().Items {
		if slices.Contains(n.Items, i.ID) {
			s.Items = append(s.Items, i)
		}
	}
	for _, l := range m.world().Locations {
		if slices.Contains(places, l.ID) {
			s.Locations = append(s.Locations, l)
		}
	}
	for _, r := range m.allReservations() {
		if n.Owner != "" && r.Owner == n.Owner {
			s.Reservations = append(s.Reservations, r)
		}
		if slices.Contains(n.Items, r.Item) && r.Soft > 0 && !r.Until.After(n.Now) {
			s.Expired = append(s.Expired, r)
		}
	}
	return s
}

// apply books a change and says whether it fits.
func (m *model) apply(change inventory.Changes) bool {
	after := maps.Clone(m.balances)
	if !book(after, change.Posting) {
		return false
	}
	for _, r := range change.Reservations {
		if m.reservations[r.ReservationKey].Version != r.Version-1 {
			return false
		}
	}
	m.balances = after
	if len(change.Posting.Movements) > 0 {
		m.postings = append(m.postings, change.Posting)
	}
	for _, r := range change.Reservations {
		m.reservations[r.ReservationKey] = r
	}
	m.past = append(m.past, change)
	return true
}

// step is one thing that a transaction does. Only the last step of a script may be
// refused.
type step struct {
	what string
	want error
	run  func(u unit) error
}

// script draws what a transaction does, and does it to the model.
func (c *check) script(m *model, n int, refusals bool) []step {
	var steps []step
	for len(steps) < n {
		var st step
		if refusals && c.rand.IntN(12) == 0 {
			st = c.misdeed(m)
		} else {
			st = c.deed(m)
		}
		if st.run == nil {
			continue // not possible now
		}
		steps = append(steps, st)
		if st.want != nil {
			break
		}
		if c.rand.IntN(4) == 0 {
			want := m.clone().world()
			steps = append(steps, step{what: "look", run: func(u unit) error {
				c.same("what the transaction sees", want, u.look())
				return nil
			}})
		}
	}
	return steps
}

func modelRun(n uint64) func(*check) {
	return func(c *check) {
		c.rand = newRand(c.seed, n)
		tenants := []storage.Tenant{home, "other"}
		now := map[storage.Tenant]model{home: newModel(), "other": newModel()}
		for round := range 70 {
			t := pick(&c.maker, tenants...)
			m := now[t].clone()
			steps := c.script(&m, 1+c.rand.IntN(6), true)
			end := maybe(&c.maker, errPlain)
			c.trail = fmt.Sprintf("round %d of model %d, tenant %q, ends with %v:", round, n, t, end)
			for _, st := range steps {
				c.trail += "\n\t" + st.what
			}
			if c.perform(t, steps, end) {
				now[t] = m
			}
			for _, t := range tenants {
				c.same(fmt.Sprintf("the data of tenant %q", t), now[t].world(), c.look(t))
			}
		}
	}
}

// perform runs a script in one Update and says whether it was committed.
func (c *check) perform(t storage.Tenant, steps []step, end error) bool {
	c.Helper()
	outcome := end
	if refusal := steps[len(steps)-1].want; refusal != nil {
		end, outcome = refusal, nil // a store that buffers refuses at the commit
	}
	runs := 0
	err := c.try(t, func(u unit) error {
		if runs++; runs > 1 && end != nil {
			return errAgain
		}
		for _, st := range steps {
			if err := st.run(u); err != nil {
				return err
			}
		}
		return outcome
	})
	if end == nil {
		require.NoError(c, err)
		return true
	}
	require.True(c, errors.Is(err, end) || errors.Is(err, errAgain), "want %v, got %v", end, err)
	return false
}

// need draws what a stock command loads.
func (c *check) need() inventory.Need {
	return inventory.Need{
		Items: pick(&c.maker, []string{"tee"}, []string{"mug", "tee"}, []string{"cap"}, []string{"tee", "none", "cap", "mug"}),
		Owner: maybe(&c.maker, owners...), Now: maybe(&c.maker, at(5), at(20)),
		Locations: []string{"ber", "ham"}, // all, since rows of no units may bring theirs or not
	}
}

var owners = []string{"cart-1", "order-1", "order-2"}

// decision draws a stock command.
func (c *check) decision(s inventory.Snapshot, n inventory.Need) (inventory.Changes, string) {
	item, place, m := pick(&c.maker, n.Items...), pick(&c.maker, "ber", "ham"), c.meta(c.rand.IntN(30))
	qty := 1 + c.rand.Int64N(5)
	owner := n.Owner
	if owner == "" {
		owner = owners[0]
	}
	var change inventory.Changes
	var err error
	what := pick(&c.maker, "receive", "receive", "adjust", "transfer", "return", "reserve", "reserve", "hold", "commit", "release", "ship", "sweep", "pick")
	switch what {
	case "receive":
		change, err = inventory.Receive(s, inventory.Receipt{Item: item, Location: place, Lot: maybe(&c.maker, "lot"), Qty: pick(&c.maker, qty, 10*qty), Ref: "po"}, m)
	case "adjust":
		change, err = inventory.Adjust(s, inventory.Adjustment{Item: item, Location: place, Delta: qty - 6, Reason: inventory.ReasonLost}, m)
	case "transfer":
		change, err = inventory.Transfer(s, inventory.Shift{Item: item, From: "ber", To: "ham", Qty: qty}, m)
	case "return":
		change, err = inventory.Return(s, []inventory.GoodsBack{{Item: item, Location: place, Qty: qty}}, "rma", m)
	case "reserve", "hold":
		h := inventory.Hold{Owner: owner, Line: c.rand.IntN(2), Item: item, Location: place, Qty: qty}
		if what == "hold" {
			h.Until = m.Now.Add(time.Duration(1+c.rand.IntN(20)) * time.Minute)
		}
		change, err = inventory.Reserve(s, []inventory.Hold{h}, owner, m)
	case "commit":
		change, err = inventory.Commit(s, owner, owner, m)
	case "release":
		change, err = inventory.Release(s, owner, owner, m)
	case "ship":
		change, err = inventory.Ship(s, owner, owner, m)
	case "sweep":
		change, err = inventory.Sweep(s, m)
	case "pick":
		for _, r := range s.Reservations {
			if r.Committed > 0 {
				change, err = inventory.Progress(s, []inventory.Step{{Key: r.ReservationKey, From: inventory.Committed, To: inventory.Picked, Qty: r.Committed}}, owner, m)
			}
		}
	}
	if err != nil {
		return inventory.Changes{}, ""
	}
	return change, what
}
