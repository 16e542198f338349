package oms

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/orderkit/oms/allocation"
	"github.com/orderkit/oms/inventory"
	"github.com/orderkit/oms/storage"
)

// Channels are the commands and queries on where goods are sold: which locations a channel
// sells from, how much of an item it leaves and shows, what is ring-fenced for it, and the
// feed of numbers that it has to show.
type Channels struct{ e *Engine }

// ErrNoChannel is a channel, or a listing on one, that was never set.
var ErrNoChannel = errors.New("oms: no such channel")

// WithChannels lets orders be placed by the rules of the channel that they name: its
// locations, buffers and caps, and its pools first. It makes each command that looks for
// stock for an order with a channel look for that: one query, three more if it exists, and
// one more for its group.
// A channel that was never set sells everything.
func WithChannels() Option { return func(c *config) { c.perChannel = true } }

// The documents that channels are kept in.
var (
	channels = shelf[inventory.Channel]{kind: "channel", none: ErrNoChannel, place: func(c *inventory.Channel) storage.Document {
		return storage.Document{ID: c.ID, Live: true, Version: c.Version}
	}}
	listings = shelf[inventory.Listing]{kind: "listing", none: ErrNoChannel, place: func(l *inventory.Listing) storage.Document {
		return storage.Document{ID: listingName(l.Channel, l.Item), Parent: l.Channel, Live: true, Version: l.Version}
	}}
)

// listingName names an item on a channel: ids have no control characters.
func listingName(channel, item string) string { return channel + "\n" + item }

// Set adds a channel, or changes it. A group that it names has to be there: see
// Stock.PutGroup.
func (g Channels) Set(ctx context.Context, c inventory.Channel, opts ...CallOption) (inventory.Channel, error) {
	c = inventory.Channel{ID: c.ID, Locations: slices.Clone(c.Locations), Group: c.Group}
	return do(ctx, g.e, opts, command[inventory.Channel]{
		name: "set channel", input: c,
		id:   func(c inventory.Channel) string { return c.ID },
		load: func(s *attempt, id string) (inventory.Channel, error) { return channels.get(s, s.tx, id) },
		run: func(s *attempt) (inventory.Channel, error) {
			n := c
			if err := n.Validate(); err != nil {
				return n, err
			}
			snap, err := s.tx.Stock().Load(s, inventory.Need{Locations: n.Locations}.Distinct())
			if err != nil {
				return n, err
			}
			for _, l := range n.Locations {
				if _, ok := snap.Location(l); !ok {
					return n, fmt.Errorf("%w: %q; add it first", inventory.ErrUnknownLocation, l)
				}
			}
			if _, err := within(s, s.tx, n); err != nil {
				return n, err
			}
			had, err := channels.find(s, s.tx, n.ID)
			if err != nil {
				return n, err
			}
			if len(had) > 0 {
				n.Version = had[0].Version
			}
			n.Version++
			if err := channels.save(s, s.tx, &n); err != nil {
				return n, err
			}
			return n, emit(s, n.Owner(), 0, []inventory.Event{inventory.ChannelSet{Channel: n}})
		},
	})
}

// within is a channel as it sells now: from the locations of its group, if it names one.
func within(ctx context.Context, tx storage.Tx, c inventory.Channel) (inventory.Channel, error) {
	if c.Group == "" {
		return c, nil
	}
	in, err := groupShelf.get(ctx, tx, c.Group)
	c.Locations = in.Locations
	return c, err
}

// channelNow reads a channel as it sells now.
func channelNow(ctx context.Context, tx storage.Tx, id string) (inventory.Channel, error) {
	c, err := channels.get(ctx, tx, id)
	if err != nil {
		return c, err
	}
	return within(ctx, tx, c)
}

// Get reads a channel.
func (g Channels) Get(ctx context.Context, id string) (inventory.Channel, error) {
	return reading(ctx, g.e, func(ctx context.Context, tx storage.Tx) (inventory.Channel, error) {
		return channels.get(ctx, tx, id)
	})
}

// List says what holds for an item on a channel, in place of all that was said before, and
// puts the item on its feed.
func (g Channels) List(ctx context.Context, l inventory.Listing, opts ...CallOption) (inventory.Listing, error) {
	l = l.Clone()
	l.Version = 0
	return do(ctx, g.e, opts, command[inventory.Listing]{
		name: "list item", input: l,
		id:   func(l inventory.Listing) string { return listingName(l.Channel, l.Item) },
		load: func(s *attempt, id string) (inventory.Listing, error) { return listings.get(s, s.tx, id) },
		run: func(s *attempt) (inventory.Listing, error) {
			n := l.Clone()
			if err := n.Validate(); err != nil {
				return n, err
			}
			if _, err := channels.get(s, s.tx, n.Channel); err != nil {
				return n, err
			}
			snap, err := s.tx.Stock().Load(s, inventory.Need{Items: []string{n.Item}})
			if err != nil {
				return n, err
			}
			def, ok := snap.Item(n.Item)
			switch {
			case !ok || def.Untracked:
				return n, alertless(n.Item, ok)
			case len(def.Kit) > 0 && n.Buffer > 0:
				return n, &inventory.ItemError{Item: n.Item, Field: "Kit", Rule: "no stock is kept of a kit; give the buffer to its components"}
			}
			had, err := listings.find(s, s.tx, listingName(n.Channel, n.Item))
			if err != nil {
				return n, err
			}
			if len(had) > 0 {
				n.Version = had[0].Version
			}
			n.Version++
			if err := listings.save(s, s.tx, &n); err != nil {
				return n, err
			}
			return n, emit(s, inventory.ChannelOwner+n.Channel, 0, []inventory.Event{inventory.ListingSet{Listing: n}})
		},
	})
}

// Listing reads what holds for an item on a channel.
func (g Channels) Listing(ctx context.Context, channel, item string) (inventory.Listing, error) {
	return reading(ctx, g.e, func(ctx context.Context, tx storage.Tx) (inventory.Listing, error) {
		return listings.get(ctx, tx, listingName(channel, item))
	})
}

// Availability tells how many units of an item the channel may promise at a location (or
// over all, when it is empty) and what the number is made of. An owner sees its own soft
// holds as available. How many more may be sold and wait is told as by Stock.Availability:
// caps and buffers of a channel are of what there is.
func (g Channels) Availability(ctx context.Context, channel, item, location, owner string) (inventory.Availability, error) {
	now := moment(g.e.cfg.now())
	return reading(ctx, g.e, func(ctx context.Context, tx storage.Tx) (inventory.Availability, error) {
		snap, err := loadStock(ctx, tx, inventory.Need{Items: []string{item}, Owner: owner, Now: now})
		if err != nil {
			return inventory.Availability{}, err
		}
		if err := soldOn(ctx, tx, channel, &snap); err != nil {
			return inventory.Availability{}, err
		}
		return explain(ctx, tx, snap, item, location, owner, now)
	})
}

// Pools reads what is ring-fenced for a channel.
func (g Channels) Pools(ctx context.Context, channel string) ([]inventory.Reservation, error) {
	return reading(ctx, g.e, func(ctx context.Context, tx storage.Tx) ([]inventory.Reservation, error) {
		return pools(ctx, tx, inventory.ReservationFilter{Owner: inventory.ChannelOwner + channel})
	})
}

// RingFence puts free units aside for a channel, all of them or none. Only its orders can
// take them. What such an order gives up is free for all.
func (g Channels) RingFence(ctx context.Context, channel string, all []inventory.Quota, opts ...CallOption) (inventory.Posting, error) {
	return g.pool(ctx, opts, "ring-fence", []any{channel, all}, channel, "", all,
		func(snap inventory.Snapshot, c, _ inventory.Channel, m inventory.Meta) (inventory.Changes, error) {
			return inventory.RingFence(snap, c, all, m)
		})
}

// GiveBack makes ring-fenced units of a channel free again, all of them or none.
func (g Channels) GiveBack(ctx context.Context, channel string, all []inventory.Quota, opts ...CallOption) (inventory.Posting, error) {
	return g.pool(ctx, opts, "give back", []any{channel, all}, channel, "", all,
		func(snap inventory.Snapshot, c, _ inventory.Channel, m inventory.Meta) (inventory.Changes, error) {
			return inventory.GiveBack(snap, c, all, m)
		})
}

// Reallocate hands ring-fenced units of one channel to another, all of them or none. At no
// moment are they free.
func (g Channels) Reallocate(ctx context.Context, from, to string, all []inventory.Quota, opts ...CallOption) (inventory.Posting, error) {
	return g.pool(ctx, opts, "reallocate pool", []any{from, to, all}, from, to, all,
		func(snap inventory.Snapshot, from, to inventory.Channel, m inventory.Meta) (inventory.Changes, error) {
			return inventory.Reallocate(snap, from, to, all, m)
		})
}

// pool is a command on the pools of one or two channels.
func (g Channels) pool(ctx context.Context, opts []CallOption, name string, input any, from, to string, all []inventory.Quota,
	decide func(snap inventory.Snapshot, from, to inventory.Channel, m inventory.Meta) (inventory.Changes, error),
) (inventory.Posting, error) {
	need := inventory.Need{Owner: inventory.ChannelOwner + from}
	for _, q := range all {
		need.Items, need.Locations = append(need.Items, q.Item), append(need.Locations, q.Location)
	}
	return stockDecision(ctx, g.e, opts, name, input, need.Distinct(), func(s *attempt, snap inventory.Snapshot) (inventory.Changes, error) {
		a, err := channelNow(s, s.tx, from)
		if err != nil || to == "" {
			return decided(decide, snap, a, inventory.Channel{}, s.meta(), err)
		}
		b, err := channelNow(s, s.tx, to)
		if err != nil {
			return inventory.Changes{}, err
		}
		more, err := s.tx.Stock().Load(s, inventory.Need{Owner: b.Owner(), Now: s.now})
		snap.Reservations = append(snap.Reservations, more.Reservations...)
		slices.SortFunc(snap.Reservations, byKey)
		return decided(decide, snap, a, b, s.meta(), err)
	})
}

func decided(decide func(snap inventory.Snapshot, from, to inventory.Channel, m inventory.Meta) (inventory.Changes, error),
	snap inventory.Snapshot, from, to inventory.Channel, m inventory.Meta, err error,
) (inventory.Changes, error) {
	if err != nil {
		return inventory.Changes{}, err
	}
	return decide(snap, from, to, m)
}

func byKey(a, b inventory.Reservation) int { return a.Compare(b.ReservationKey) }

// pools reads the open reservations that a filter selects, by key.
func pools(ctx context.Context, tx storage.Tx, f inventory.ReservationFilter) ([]inventory.Reservation, error) {
	f.Open = true
	all, err := collect(tx.Stock().ListReservations(ctx, f))
	slices.SortFunc(all, byKey)
	return all, err
}

// sells lets a snapshot be seen by the channel of an order, if that was ever set.
func (s *attempt) sells(channel string, snap *inventory.Snapshot) error {
	if !s.perChannel || channel == "" || len(snap.Items) == 0 {
		return nil
	}
	found, err := channels.find(s, s.tx, channel)
	if err != nil || len(found) == 0 {
		return err
	}
	c, err := within(s, s.tx, found[0])
	if err != nil {
		return err
	}
	snap.Channel, err = selling(s, s.tx, c, snap)
	return err
}

// holdsOn lets a snapshot be seen by the channel that holds are for.
func (s *attempt) holdsOn(holds []inventory.Hold, snap *inventory.Snapshot) error {
	i := slices.IndexFunc(holds, func(h inventory.Hold) bool { return h.Channel != "" })
	if i < 0 {
		return nil
	}
	return soldOn(s, s.tx, holds[i].Channel, snap)
}

// soldOn lets a snapshot be seen by a channel.
func soldOn(ctx context.Context, tx storage.Tx, channel string, snap *inventory.Snapshot) error {
	c, err := channelNow(ctx, tx, channel)
	if err != nil {
		return err
	}
	snap.Channel, err = selling(ctx, tx, c, snap)
	return err
}

// selling reads what a channel says of the items of a snapshot, and its pools of them.
func selling(ctx context.Context, tx storage.Tx, c inventory.Channel, snap *inventory.Snapshot) (*inventory.Selling, error) {
	sold := &inventory.Selling{Channel: c}
	if len(snap.Items) == 0 {
		return sold, nil
	}
	var err error
	if sold.Listings, err = listed(ctx, tx, c, snap); err != nil {
		return nil, err
	}
	for i := range snap.Items {
		more, err := pools(ctx, tx, inventory.ReservationFilter{Owner: c.Owner(), Item: snap.Items[i].ID})
		if err != nil {
			return nil, err
		}
		sold.Pools = append(sold.Pools, more...)
	}
	slices.SortFunc(sold.Pools, byKey)
	return sold, nil
}

// listed reads what a channel says of the items of a snapshot, by item.
func listed(ctx context.Context, tx storage.Tx, c inventory.Channel, snap *inventory.Snapshot) ([]inventory.Listing, error) {
	names := make([]string, len(snap.Items))
	for i := range snap.Items {
		names[i] = listingName(c.ID, snap.Items[i].ID)
	}
	found, err := listings.find(ctx, tx, names...)
	slices.SortFunc(found, func(a, b inventory.Listing) int { return strings.Compare(a.Item, b.Item) })
	return found, err
}

// capped keeps what is offered of each item within the cap of the channel, where more than
// that is demanded: the locations that come first by priority keep theirs.
func capped(r *allocation.Request, snap *inventory.Snapshot) {
	order := make([]int, len(r.Candidates))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(r.Candidates[a].Priority, r.Candidates[b].Priority) })
	demanded := make(map[string]int64)
	for _, d := range r.Demands {
		demanded[d.Item] += d.Qty
	}
	for _, item := range slices.Sorted(maps.Keys(demanded)) {
		left := snap.Capped(item, demanded[item])
		if left == demanded[item] {
			continue
		}
		j := slices.Index(r.Items, item)
		for _, i := range order {
			have := &r.Candidates[i].Available[j]
			*have = min(*have, left)
			left -= *have
		}
	}
}
