package oms

import (
	"context"
	"errors"
	"fmt"

	"github.com/orderkit/oms/inventory"
	"github.com/orderkit/oms/storage"
)

// Alerts are the commands and queries on who wants to hear that stock is low, out, or
// back.
//
// Nothing of it is work for the commands that move stock. [Alerts.Check] looks at what
// the alerts are about, all of it, as often as the host likes: every minute, or after a
// batch. So it sees whatever changes what can be sold, also what no command did, such as
// a hold or a lot that expired. Between two looks stock may have been out and come back:
// that is no news.
type Alerts struct{ e *Engine }

// ErrNoAlert is an alert that was never set, or was dropped.
var ErrNoAlert = errors.New("oms: no such alert")

var alerts = shelf[inventory.Alert]{
	kind: "alert", none: ErrNoAlert,
	place: func(a *inventory.Alert) storage.Document {
		return storage.Document{ID: alertName(a), Parent: a.Item, Live: true, Version: a.Version}
	},
}

// alertName names an alert: ids have no control characters.
func alertName(a *inventory.Alert) string {
	name := a.Item + "\n" + a.Location
	if a.Channel != "" {
		name += "\n" + a.Channel
	}
	return name
}

// Set adds an alert for an item at a location, or over all when it is empty, on a channel
// or for everybody, or changes its bounds. Each channel has alerts of its own. What it has told stays told. Its State and all that follows are ignored.
func (g Alerts) Set(ctx context.Context, a inventory.Alert, opts ...CallOption) (inventory.Alert, error) {
	a = inventory.Alert{Item: a.Item, Location: a.Location, Channel: a.Channel, Low: a.Low, Clear: a.Clear, Back: a.Back}
	return do(ctx, g.e, opts, command[inventory.Alert]{
		name: "set alert", input: a,
		id:   func(a inventory.Alert) string { return alertName(&a) },
		load: func(s *attempt, id string) (inventory.Alert, error) { return alerts.get(s, s.tx, id) },
		run: func(s *attempt) (inventory.Alert, error) {
			n, err := a.Settled()
			if err != nil {
				return n, err
			}
			need := inventory.Need{Items: []string{n.Item}, Now: s.now}
			if n.Location != "" {
				need.Locations = []string{n.Location}
			}
			snap, err := loadStock(s, s.tx, need)
			if err != nil {
				return n, err
			}
			if def, ok := snap.Item(n.Item); !ok || def.Untracked {
				return n, alertless(n.Item, ok)
			}
			if _, ok := snap.Location(n.Location); !ok && n.Location != "" {
				return n, fmt.Errorf("%w: %q; add it first", inventory.ErrUnknownLocation, n.Location)
			}
			if n.Channel != "" {
				c, err := channelNow(s, s.tx, n.Channel)
				if err != nil {
					return n, err
				}
				if n.Location != "" && !c.SellsFrom(n.Location) {
					return n, fmt.Errorf("%w: %q does not sell from %q", inventory.ErrChannel, c.ID, n.Location)
				}
			}
			had, err := alerts.find(s, s.tx, alertName(&n))
			if err != nil {
				return n, err
			}
			n.Since = s.now
			if len(had) > 0 {
				n.State, n.ATS, n.Since, n.Version = had[0].State, had[0].ATS, had[0].Since, had[0].Version
			}
			n.Version++
			return n, alerts.save(s, s.tx, &n)
		},
	})
}

// alertless says why an item can have no alert.
func alertless(item string, known bool) error {
	if known {
		return fmt.Errorf("%w: %q never runs out", inventory.ErrUntracked, item)
	}
	return fmt.Errorf("%w: %q; add it first", inventory.ErrUnknownItem, item)
}

// Drop removes the alert of an Item at a Location on a Channel. Nothing else of it matters.
func (g Alerts) Drop(ctx context.Context, a inventory.Alert, opts ...CallOption) error {
	id := alertName(&a)
	_, err := do(ctx, g.e, opts, command[string]{
		name: "drop alert", input: id,
		id: func(id string) string { return id }, load: func(_ *attempt, id string) (string, error) { return id, nil },
		run: func(s *attempt) (string, error) {
			if _, err := alerts.get(s, s.tx, id); err != nil {
				return "", err
			}
			return id, s.tx.Documents().Drop(s, alerts.kind, id)
		},
	})
	return err
}

// Of reads the alerts of an item, by location and channel.
func (g Alerts) Of(ctx context.Context, item string) ([]inventory.Alert, error) {
	return reading(ctx, g.e, func(ctx context.Context, tx storage.Tx) ([]inventory.Alert, error) {
		return alerts.list(ctx, tx, storage.DocumentFilter{Parents: []string{item}})
	})
}

// alertPage is how many alerts are looked at in one transaction.
const alertPage = 200

// Check looks at every alert and tells of each crossing: one event of stock.low,
// stock.out or stock.back_in in the log of the item. It returns the alerts whose state
// changed. Each page of alerts is a transaction of its own; two checks at once tell
// everything once.
func (g Alerts) Check(ctx context.Context) ([]inventory.Alert, error) {
	var changed []inventory.Alert
	var after *storage.Document
	for {
		page, err := do(ctx, g.e, nil, command[alertsSeen]{
			name: "check alerts",
			run:  func(s *attempt) (alertsSeen, error) { return s.lookAt(after) },
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

// alertsSeen is a page of alerts.
type alertsSeen struct {
	changed []inventory.Alert
	last    *storage.Document // nil behind the last page

	channels map[string]*inventory.Selling // as they were read
}

// on is how a channel sees a snapshot; nil is how everybody does.
func (p *alertsSeen) on(s *attempt, channel string, snap *inventory.Snapshot) (*inventory.Selling, error) {
	if had := p.channels[channel]; had != nil || channel == "" {
		return had, nil
	}
	c, err := channelNow(s, s.tx, channel)
	if err != nil {
		return nil, err
	}
	sold := &inventory.Selling{Channel: c}
	if sold.Listings, err = listed(s, s.tx, c, snap); err != nil {
		return nil, err
	}
	sold.Pools, err = pools(s, s.tx, inventory.ReservationFilter{Owner: c.Owner()})
	p.channels[channel] = sold
	return sold, err
}

func (s *attempt) lookAt(after *storage.Document) (alertsSeen, error) {
	var seen alertsSeen
	page, err := alerts.list(s, s.tx, storage.DocumentFilter{Live: true, After: after, Limit: alertPage})
	if err != nil || len(page) == 0 {
		return seen, err
	}
	need := inventory.Need{Now: s.now}
	for i := range page {
		need.Items = append(need.Items, page[i].Item)
	}
	snap, err := loadStock(s, s.tx, need.Distinct())
	if err != nil {
		return seen, err
	}
	seen.channels = make(map[string]*inventory.Selling)
	for i := range page {
		a := &page[i]
		if snap.Channel, err = seen.on(s, a.Channel, &snap); err != nil {
			return seen, err
		}
		next, event := a.Look(snap.Available(a.Item, a.Location, "", s.now), s.now)
		if next == *a {
			continue
		}
		next.Version++
		if err := alerts.save(s, s.tx, &next); err != nil {
			return seen, err
		}
		seen.changed = append(seen.changed, next)
		if event == nil {
			continue
		}
		if err := emit(s, "stock/"+a.Item, 0, []inventory.Event{event}); err != nil {
			return seen, err
		}
	}
	if len(page) == alertPage {
		last := alerts.place(&page[len(page)-1])
		last.Kind = alerts.kind
		seen.last = &last
	}
	return seen, nil
}
