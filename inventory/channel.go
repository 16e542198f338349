package inventory

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
)

// ErrChannel is a channel that does not do what was asked of it: it is unknown, or does not
// sell from there.
var ErrChannel = errors.New("inventory: channel refused")

// ChannelOwner begins the names under which units are ring-fenced for a channel; no one
// else may use it.
const ChannelOwner = "channel/"

// Channel is where goods are sold: a shop, a marketplace, a counter.
type Channel struct {
	ID string `json:"id"`

	// Locations are those that it sells from. None named, and no group, is all that are active.
	Locations []string `json:"locations,omitempty"`

	// Group is a group of locations that it sells from, whichever those are at the moment. It
	// stands for Locations: before a decision the Engine puts them there.
	Group string `json:"group,omitempty"`

	Version int64 `json:"version"` // counts the changes; 1 when first saved
}

// Owner is the name under which units are ring-fenced for the channel.
func (c *Channel) Owner() string { return ChannelOwner + c.ID }

// SellsFrom tells whether the channel sells what lies at a location.
func (c *Channel) SellsFrom(location string) bool {
	return len(c.Locations) == 0 && c.Group == "" || slices.Contains(c.Locations, location)
}

// Validate refuses a channel that could not be kept.
func (c *Channel) Validate() error {
	if err := checkID("channel", c.ID); err != nil {
		return err
	}
	if c.Group != "" {
		if len(c.Locations) > 0 {
			return fmt.Errorf("%w: %q names group %q and locations; name one or the other", ErrChannel, c.ID, c.Group)
		}
		return checkID("group", c.Group)
	}
	for i, l := range c.Locations {
		if err := checkID("location", l); err != nil {
			return err
		}
		if slices.Contains(c.Locations[:i], l) {
			return fmt.Errorf("%w: %q names location %q twice", ErrChannel, c.ID, l)
		}
	}
	return nil
}

// Listing is what holds for one item on one channel. It also puts the item on the feed of
// the channel.
type Listing struct {
	Channel string `json:"channel"`
	Item    string `json:"item"`

	// Buffer is free units that the channel leaves at each location, so that it stops to
	// sell before the shelf is empty. It counts where it is more than the safety stock.
	Buffer int64 `json:"buffer,omitempty"`

	// Cap is the most units that the channel shows, and that one order or one call can
	// take. It is no quota: it is there again for the next one.
	Cap *int64 `json:"cap,omitempty"`

	Version int64 `json:"version"` // counts the changes; 1 when first saved
}

// Validate refuses a listing that could not hold.
func (l *Listing) Validate() error {
	if err := checkID("channel", l.Channel); err != nil {
		return err
	}
	if err := checkID("item", l.Item); err != nil {
		return err
	}
	if l.Buffer < 0 || l.Buffer > MaxQty {
		return &QuantityError{Item: l.Item, Qty: l.Buffer, Rule: "a buffer must be between 0 and MaxQty"}
	}
	if l.Cap != nil && (*l.Cap < 0 || *l.Cap > MaxQty) {
		return &QuantityError{Item: l.Item, Qty: *l.Cap, Rule: "a cap must be between 0 and MaxQty"}
	}
	return nil
}

// Clone is a copy that shares nothing.
func (l Listing) Clone() Listing {
	if l.Cap != nil {
		most := *l.Cap
		l.Cap = &most
	}
	return l
}

// Selling is what a decision for a channel has to know of it.
type Selling struct {
	Channel
	Listings []Listing     // of the items of the snapshot, sorted by item
	Pools    []Reservation // what is ring-fenced for it of those items, sorted by key
}

// listing finds what holds for an item.
func (c *Selling) listing(item string) *Listing {
	i, ok := slices.BinarySearchFunc(c.Listings, item, func(l Listing, item string) int { return strings.Compare(l.Item, item) })
	if !ok {
		return &unlisted
	}
	return &c.Listings[i]
}

var unlisted Listing

// Capped is no more units of an item than the channel asked for shows.
func (s *Snapshot) Capped(item string, qty int64) int64 {
	if s.Channel == nil {
		return qty
	}
	if most := s.Channel.listing(item).Cap; most != nil {
		return min(qty, *most)
	}
	return qty
}

// sold is how a channel sees what was measured.
func (s *Snapshot) sold(m *measured, item, location string, until time.Time) {
	c := s.Channel
	if m.shut == "" && !c.SellsFrom(location) {
		m.shut = "not sold from here"
	}
	m.buffer = max(0, c.listing(item).Buffer-m.safety)
	for i := range c.Pools {
		if p := &c.Pools[i]; p.Item == item && p.Location == location && s.good(item, p.Lot, until) {
			m.pool += p.Committed
		}
	}
}

// SoldOn is the channel that a decision is for, if it is for one.
func (s *Snapshot) SoldOn() string {
	if s.Channel == nil {
		return ""
	}
	return s.Channel.ID
}

// Quota is units at a location that are ring-fenced for a channel.
type Quota struct {
	Item     string `json:"item"`
	Location string `json:"location"`
	Qty      int64  `json:"qty"`
}

// quotas refuses what a channel cannot have a pool of.
func (s *Snapshot) quotas(c Channel, all []Quota) error {
	if len(all) == 0 {
		return fmt.Errorf("%w: no units named", ErrQuantity)
	}
	for _, q := range all {
		if err := s.Stocks(q.Item, q.Location); err != nil {
			return err
		}
		if err := checkQty(q.Item, q.Qty); err != nil {
			return err
		}
		if !c.SellsFrom(q.Location) {
			return fmt.Errorf("%w: %q does not sell from %q", ErrChannel, c.ID, q.Location)
		}
	}
	return nil
}

// RingFence decides that free units become the pool of a channel, all or nothing. The
// snapshot has what it owns. From then on only that channel can promise them.
func RingFence(s Snapshot, c Channel, all []Quota, m Meta) (Changes, error) {
	if err := s.quotas(c, all); err != nil {
		return Changes{}, err
	}
	holds := make([]Hold, len(all))
	for i, q := range all {
		holds[i] = Hold{Owner: c.Owner(), Item: q.Item, Location: q.Location, Qty: q.Qty}
	}
	s.Channel = nil // the pool is taken from what is there for everybody
	return Reserve(s, holds, c.Owner(), m)
}

// GiveBack decides that ring-fenced units become free again, all or nothing. The snapshot
// has what the channel owns.
func GiveBack(s Snapshot, c Channel, all []Quota, m Meta) (Changes, error) {
	return repool(s, c, all, m, ReasonRelease, func(l *ledger, pool ReservationKey, qty int64) { l.unpool(pool, qty) })
}

// Reallocate decides that ring-fenced units become the pool of another channel, in one
// posting, all or nothing. The snapshot has what both own.
func Reallocate(s Snapshot, from, to Channel, all []Quota, m Meta) (Changes, error) {
	if from.ID == to.ID {
		return Changes{}, fmt.Errorf("%w: %q has them already", ErrChannel, to.ID)
	}
	if err := s.quotas(to, all); err != nil {
		return Changes{}, err
	}
	return repool(s, from, all, m, ReasonReserve, func(l *ledger, pool ReservationKey, qty int64) {
		key := pool
		key.Owner = to.Owner()
		l.claim(pool, key, qty)
	})
}

// repool takes units from the pool of a channel.
func repool(s Snapshot, c Channel, all []Quota, m Meta, reason Reason, take func(*ledger, ReservationKey, int64)) (Changes, error) {
	if len(all) == 0 {
		return Changes{}, fmt.Errorf("%w: no units named", ErrQuantity)
	}
	l := newLedger(s, m, reason, c.Owner())
	for _, q := range all {
		if err := checkQty(q.Item, q.Qty); err != nil {
			return Changes{}, err
		}
		left := q.Qty
		for _, p := range l.running(s.Reservations) {
			if p.Owner == c.Owner() && p.Item == q.Item && p.Location == q.Location {
				if qty := min(left, p.Committed); qty > 0 {
					take(&l, p.ReservationKey, qty)
					left -= qty
				}
			}
		}
		if left > 0 {
			l.short = append(l.short, Shortage{Item: q.Item, Location: q.Location, Want: q.Qty, Have: q.Qty - left})
		}
	}
	return l.done()
}

// running are reservations as this decision has left them.
func (l *ledger) running(all []Reservation) []Reservation {
	if len(l.touched) == 0 {
		return all
	}
	now := slices.Clone(all)
	for i := range now {
		if at := l.find(now[i].ReservationKey); at >= 0 {
			now[i] = l.touched[at]
		}
	}
	return now
}

// selling is how the channel of a hold sees the running balances, with the units of its
// pool that the hold can have.
func (l *ledger) selling(h Hold) *Selling {
	if l.snap.Channel == nil {
		return nil
	}
	now := *l.snap.Channel
	now.Pools = l.pools(h)
	return &now
}

// pools are what is ring-fenced for the channel of a hold, as far as the hold can have it.
// A soft one can have nothing: what a cart gives up is free for all, so that the pool would
// drain away.
func (l *ledger) pools(h Hold) []Reservation {
	if l.snap.Channel == nil || !h.Until.IsZero() {
		return nil
	}
	var out []Reservation
	for _, p := range l.running(l.snap.Channel.Pools) {
		if l.fits(&h, &p) {
			out = append(out, p)
		}
	}
	return out
}

// uncapped is what the cap leaves of have, after what this call has taken.
func (l *ledger) uncapped(item string, have int64) int64 {
	if l.snap.Channel == nil {
		return have
	}
	most := l.snap.Channel.listing(item).Cap
	if most == nil {
		return have
	}
	taken := l.kits[item]
	for _, mv := range l.posting.Movements {
		if mv.Item == item && mv.From.State == Free && (mv.To.State == Soft || mv.To.State == Committed) {
			taken += mv.Qty
		}
	}
	return min(have, max(0, *most-taken))
}

// fromPool commits ring-fenced units to a hold, as many as there are of those it wants,
// and tells how many.
func (l *ledger) fromPool(h Hold) int64 {
	var got int64
	for _, p := range l.pools(h) {
		if qty := min(h.Qty-got, p.Committed); qty > 0 {
			key := p.ReservationKey
			key.Owner, key.Line = h.Owner, h.Line
			l.claim(p.ReservationKey, key, qty)
			got += qty
		}
	}
	return got
}

// fits tells whether units of a reservation are what a hold asks for.
func (l *ledger) fits(h *Hold, p *Reservation) bool {
	return p.Item == h.Item && p.Location == h.Location && (h.Lot == "" || h.Lot == p.Lot) &&
		l.snap.good(p.Item, p.Lot, l.meta.Now.Add(h.Life))
}

// pooled is how many ring-fenced units a hold can have.
func (l *ledger) pooled(h Hold) int64 {
	var sum int64
	for _, p := range l.pools(h) {
		sum += p.Committed
	}
	return sum
}

// claim hands committed units of a pool to another reservation of the same row.
func (l *ledger) claim(pool, key ReservationKey, qty int64) {
	l.unpool(pool, qty)
	l.book(Movement{Item: key.Item, Lot: key.Lot, From: At(key.Location, Free), To: At(key.Location, Committed), Qty: qty})
	l.reservation(key).Committed += qty
}

func (l *ledger) unpool(pool ReservationKey, qty int64) {
	l.book(Movement{Item: pool.Item, Lot: pool.Lot, From: At(pool.Location, Committed), To: At(pool.Location, Free), Qty: qty})
	r := l.reservation(pool)
	r.Committed -= qty
	r.Released += qty
}

// Published is what a channel was last told of an item.
type Published struct {
	Channel string    `json:"channel"`
	Item    string    `json:"item"`
	Qty     int64     `json:"qty"` // available to sell; [Unlimited] if its stock is not tracked
	Seq     int64     `json:"seq"` // grows with every change on the channel, from 1
	At      time.Time `json:"at"`
	Version int64     `json:"version"`
}

// ChannelSet is a channel as it is from now on.
type ChannelSet struct {
	Channel Channel `json:"channel"`
}

// Kind is "channel.set".
func (ChannelSet) Kind() string { return "channel.set" }

// ListingSet is what holds for an item on a channel from now on.
type ListingSet struct {
	Listing Listing `json:"listing"`
}

// Kind is "channel.listing_set".
func (ListingSet) Kind() string { return "channel.listing_set" }

// Unlisted is an item that a channel no longer lists.
type Unlisted struct {
	Channel string `json:"channel"`
	Item    string `json:"item"`
}

// Kind is "channel.unlisted".
func (Unlisted) Kind() string { return "channel.unlisted" }

// Told is a number that a channel has to show from now on.
type Told struct {
	Published
}

// Kind is "channel.availability".
func (Told) Kind() string { return "channel.availability" }
