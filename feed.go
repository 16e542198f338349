package oms

import (
	"context"
	"maps"
	"slices"

	"github.com/orderkit/oms/inventory"
	"github.com/orderkit/oms/storage"
)

// The documents that feeds are kept in: what each channel was last told of each item, found
// by sequence number, and the number that each channel has come to.
var (
	told = shelf[inventory.Published]{kind: "published", none: ErrNoChannel, place: func(p *inventory.Published) storage.Document {
		return storage.Document{ID: listingName(p.Channel, p.Item), Parent: p.Channel, Rank: p.Seq, Live: true, Version: p.Version}
	}}
	feeds = shelf[feed]{kind: "feed", none: ErrNoChannel, place: func(f *feed) storage.Document {
		return storage.Document{ID: f.Channel, Live: true, Version: f.Version}
	}}
)

// feed is how far the sequence of a channel has come.
type feed struct {
	Channel string `json:"channel"`
	Seq     int64  `json:"seq"`
	Version int64  `json:"version"`
}

// Publish looks at every item that a channel lists and puts the numbers that changed on its
// feed, each under the next sequence number and with an event of channel.availability. It
// returns those: ATS, without what may be sold beyond it and wait (Channels.Availability tells
// that). As with Alerts.Check the host looks as often as it likes, and the feed sees
// whatever changes what can be sold. Between two looks a number may have changed twice: that
// is one change, and none if it is as it was. Each page of listings is a transaction of its
// own; two looks at once tell everything once.
func (g Channels) Publish(ctx context.Context, channel string) ([]inventory.Published, error) {
	var changed []inventory.Published
	var after *storage.Document
	for {
		page, err := do(ctx, g.e, nil, command[published]{
			name: "publish channel",
			run:  func(s *attempt) (published, error) { return s.publish(channel, after) },
		})
		if err != nil {
			return changed, err
		}
		changed = append(changed, page.changed...)
		if page.last == nil {
			return changed, nil
		}
		after = page.last
	}
}

// published is what came of a page of listings.
type published struct {
	changed []inventory.Published
	last    *storage.Document // nil behind the last page
}

func (s *attempt) publish(channel string, after *storage.Document) (published, error) {
	var out published
	c, err := channelNow(s, s.tx, channel)
	if err != nil {
		return out, err
	}
	page, err := listings.list(s, s.tx, storage.DocumentFilter{Parents: []string{channel}, After: after, Limit: alertPage})
	if err != nil || len(page) == 0 {
		return out, err
	}
	numbers, err := s.numbers(c, page)
	if err != nil {
		return out, err
	}
	if out.changed, err = s.tell(channel, numbers); err != nil {
		return out, err
	}
	if len(page) == alertPage {
		last := listings.place(&page[len(page)-1])
		last.Kind = listings.kind
		out.last = &last
	}
	return out, nil
}

// numbers are what a channel may sell of each item of a page of its listings.
func (s *attempt) numbers(c inventory.Channel, page []inventory.Listing) (map[string]int64, error) {
	need := inventory.Need{Owner: c.Owner(), Now: s.now}
	for i := range page {
		need.Items = append(need.Items, page[i].Item)
	}
	snap, err := loadStock(s, s.tx, need.Distinct())
	if err != nil {
		return nil, err
	}
	snap.Channel = &inventory.Selling{Channel: c, Listings: page, Pools: snap.Reservations}
	if len(snap.Items) > len(page) { // components of kits may be listed on another page
		if snap.Channel.Listings, err = listed(s, s.tx, c, &snap); err != nil {
			return nil, err
		}
	}
	numbers := make(map[string]int64, len(page))
	for i := range page {
		numbers[page[i].Item] = snap.Available(page[i].Item, "", "", s.now)
	}
	return numbers, nil
}

// tell puts the numbers that differ from those told last on the feed of a channel.
func (s *attempt) tell(channel string, numbers map[string]int64) ([]inventory.Published, error) {
	items := slices.Sorted(maps.Keys(numbers))
	names := make([]string, len(items))
	for i, item := range items {
		names[i] = listingName(channel, item)
	}
	had, err := told.find(s, s.tx, names...)
	if err != nil {
		return nil, err
	}
	last := make(map[string]inventory.Published, len(had))
	for _, p := range had {
		last[p.Item] = p
	}
	var changed []inventory.Published
	for _, item := range items {
		p, ok := last[item]
		if ok && p.Qty == numbers[item] {
			continue
		}
		p.Channel, p.Item, p.Qty, p.At = channel, item, numbers[item], s.now
		changed = append(changed, p)
	}
	if len(changed) == 0 {
		return nil, nil
	}
	at, err := feeds.find(s, s.tx, channel)
	if err != nil {
		return nil, err
	}
	f := feed{Channel: channel}
	if len(at) > 0 {
		f = at[0]
	}
	events := make([]inventory.Event, len(changed))
	for i := range changed {
		f.Seq++
		changed[i].Seq = f.Seq
		changed[i].Version++
		if err := told.save(s, s.tx, &changed[i]); err != nil {
			return nil, err
		}
		events[i] = inventory.Told{Published: changed[i]}
	}
	f.Version++
	if err := feeds.save(s, s.tx, &f); err != nil {
		return nil, err
	}
	return changed, emit(s, inventory.ChannelOwner+channel, 0, events)
}

// Feed reads the numbers of a channel that were published after a sequence number, in that
// order, at most as many as storage.MaxDocuments. A number that was replaced by a later one
// is left out: who reads on from the last Seq that it was given misses nothing and is told
// nothing twice.
func (g Channels) Feed(ctx context.Context, channel string, after int64) ([]inventory.Published, error) {
	return reading(ctx, g.e, func(ctx context.Context, tx storage.Tx) ([]inventory.Published, error) {
		if _, err := channels.get(ctx, tx, channel); err != nil {
			return nil, err
		}
		return told.list(ctx, tx, storage.DocumentFilter{Parents: []string{channel}, From: max(0, after) + 1})
	})
}

// Reconcile publishes, and compares all that a storefront shows, by item, with what it
// should show. It returns what has to be corrected there, by sequence number: an item that
// it does not name is shown as none, and one that the channel does not list should be, which
// has no sequence number.
func (g Channels) Reconcile(ctx context.Context, channel string, shown map[string]int64) ([]inventory.Published, error) {
	if _, err := g.Publish(ctx, channel); err != nil {
		return nil, err
	}
	all, err := reading(ctx, g.e, func(ctx context.Context, tx storage.Tx) ([]inventory.Published, error) {
		return every(ctx, tx, told, storage.DocumentFilter{Parents: []string{channel}})
	})
	if err != nil {
		return nil, err
	}
	listed := make(map[string]bool, len(all))
	for i := range all {
		listed[all[i].Item] = true
	}
	var wrong []inventory.Published
	for _, item := range slices.Sorted(maps.Keys(shown)) {
		if !listed[item] && shown[item] != 0 {
			wrong = append(wrong, inventory.Published{Channel: channel, Item: item})
		}
	}
	for i := range all {
		if shown[all[i].Item] != all[i].Qty {
			wrong = append(wrong, all[i])
		}
	}
	return wrong, nil
}

// Unlist takes an item off a channel's list, and tells its feed that none is to be shown.
// It may still be sold there, without buffer and cap.
func (g Channels) Unlist(ctx context.Context, channel, item string, opts ...CallOption) error {
	id := listingName(channel, item)
	_, err := do(ctx, g.e, opts, command[string]{
		name: "unlist item", input: id,
		id: func(id string) string { return id }, load: func(_ *attempt, id string) (string, error) { return id, nil },
		run: func(s *attempt) (string, error) {
			if _, err := listings.get(s, s.tx, id); err != nil {
				return "", err
			}
			if err := s.tx.Documents().Drop(s, listings.kind, id); err != nil {
				return "", err
			}
			had, err := told.find(s, s.tx, id)
			if err != nil {
				return "", err
			}
			if err := emit(s, inventory.ChannelOwner+channel, 0, []inventory.Event{inventory.Unlisted{Channel: channel, Item: item}}); err != nil || len(had) == 0 {
				return id, err
			}
			_, err = s.tell(channel, map[string]int64{item: 0})
			return id, err
		},
	})
	return err
}
