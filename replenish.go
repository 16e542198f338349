package oms

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/orderkit/oms/inventory"
	"github.com/orderkit/oms/inventory/forecast"
	"github.com/orderkit/oms/inventory/purchasing"
	"github.com/orderkit/oms/storage"
)

// Replenishment says for what and how [Purchasing.Suggest] looks. Location and
// Rules.Service must be set.
type Replenishment struct {
	Location string           // where goods arrive, and whose demand and stock are looked at
	Items    []string         // none: everything that some supplier sells
	Weeks    int              // of shipments to learn from; 52 unless set
	Season   int              // weeks in a season; 0 for none
	Rules    purchasing.Rules // the Period is a week, whatever it says
}

const (
	week       = 7 * 24 * time.Hour
	usualWeeks = 52
	mostWeeks  = 1000
)

// Suggest tells what to buy now, for each item that a supplier sells, by item: from the
// shipments of the last whole weeks, forecast as far as an order must cover; the stock at
// the location and what is promised of it; the supply that is on its way there; and the
// terms of the supplier with the best price. It changes nothing. What was shipped is what
// was sold only where stock did not run out.
//
// An item with less than three weeks since its first shipment has no forecast: only what
// is owed is suggested.
func (g Purchasing) Suggest(ctx context.Context, r Replenishment) ([]purchasing.Suggestion, error) {
	if r.Weeks == 0 {
		r.Weeks = usualWeeks
	}
	if r.Weeks < 1 || r.Weeks > mostWeeks {
		return nil, fmt.Errorf("suggest: %w: %d weeks; 1 to %d", purchasing.ErrQuantity, r.Weeks, mostWeeks)
	}
	r.Rules.Period = week
	now := moment(g.e.cfg.now())
	return reading(ctx, g.e, func(ctx context.Context, tx storage.Tx) ([]purchasing.Suggestion, error) {
		sellers, err := every(ctx, tx, suppliers, storage.DocumentFilter{})
		if err != nil {
			return nil, err
		}
		items := sorted(slices.Clone(r.Items))
		if len(items) == 0 {
			for i := range sellers {
				for _, t := range sellers[i].Items {
					items = append(items, t.Item)
				}
			}
			items = sorted(items)
		}
		var out []purchasing.Suggestion
		for page := range slices.Chunk(items, alertPage) {
			more, err := r.suggest(ctx, tx, sellers, page, now)
			if err != nil {
				return nil, fmt.Errorf("suggest: %w", err)
			}
			out = append(out, more...)
		}
		return out, nil
	})
}

func (r *Replenishment) suggest(ctx context.Context, tx storage.Tx, sellers []purchasing.Supplier, items []string, now time.Time) ([]purchasing.Suggestion, error) {
	snap, err := loadStock(ctx, tx, inventory.Need{Items: items, Locations: []string{r.Location}, Now: now})
	if err != nil {
		return nil, err
	}
	if err := snap.CheckLocation(r.Location); err != nil {
		return nil, err
	}
	coming, err := expected(ctx, tx, items...)
	if err != nil {
		return nil, err
	}
	owed, err := waiting(ctx, tx, items...)
	if err != nil {
		return nil, err
	}
	var out []purchasing.Suggestion
	for _, item := range items {
		if err := snap.CheckItem(item); err != nil {
			return nil, err
		}
		seller := purchasing.Choose(sellers, item)
		if seller == nil {
			return nil, fmt.Errorf("%w: nobody sells item %q", purchasing.ErrUnknownSupplier, item)
		}
		def, _ := snap.Item(item)
		o := purchasing.Outlook{Item: item, Location: r.Location, Floor: def.Safety, Position: r.position(&snap, item, coming, owed, now)}
		if o.Demand, err = r.demand(ctx, tx, item, seller.Lead(item), now); err != nil {
			return nil, fmt.Errorf("item %q: %w", item, err)
		}
		s, err := purchasing.Suggest(seller, o, r.Rules, now)
		if err != nil {
			return nil, fmt.Errorf("item %q: %w", item, err)
		}
		out = append(out, s)
	}
	return out, nil
}

// position is what there is of an item at the location. Units in inspection, damaged or
// set aside are not there; holds that expired are free again.
func (r *Replenishment) position(snap *inventory.Snapshot, item string, coming []inventory.Supply, owed []purchasing.Demand, now time.Time) forecast.Position {
	var at forecast.Position
	rows := snap.Of(item)
	for i := range rows {
		if b := &rows[i]; b.Location == r.Location {
			promised := b.Of(inventory.Soft) + b.Of(inventory.Committed) + b.Of(inventory.Picked) + b.Of(inventory.Packed)
			at.OnHand += b.Of(inventory.Free) + promised
			at.Committed += promised
		}
	}
	for i := range snap.Expired {
		if e := &snap.Expired[i]; e.Item == item && e.Location == r.Location && e.Expired(now) {
			at.Committed -= e.Soft
		}
	}
	for i := range coming {
		if s := &coming[i]; s.Item == item && s.Location == r.Location {
			at.Incoming += s.Qty
		}
	}
	for i := range owed {
		if owed[i].Item == item {
			at.Committed += owed[i].Qty
		}
	}
	return at
}

// demand forecasts what the customers will want of an item in a week, from what went to
// them from the location: read off the log of the item, and only of those weeks.
func (r *Replenishment) demand(ctx context.Context, tx storage.Tx, item string, lead time.Duration, now time.Time) (forecast.Demand, error) {
	to := time.Date(now.Year(), now.Month(), now.Day(), 0, 0, 0, 0, time.UTC)
	from := to.Add(-time.Duration(r.Weeks) * week)
	var sold []forecast.Sale
	first := to
	f := inventory.MovementFilter{Item: item, State: inventory.Customer, From: from, Before: to}
	for m, err := range tx.Stock().ListMovements(ctx, f) {
		if err != nil {
			return forecast.Demand{}, err
		}
		if m.To.State == inventory.Customer && m.From.Location == r.Location {
			sold = append(sold, forecast.Sale{At: m.At, Qty: m.Qty})
			if m.At.Before(first) {
				first = m.At
			}
		}
	}
	if len(sold) == 0 {
		return forecast.Demand{}, nil
	}
	from = from.Add(first.Sub(from).Truncate(week)) // the week in which it was first sold
	series, err := forecast.Bucket(sold, from, to, forecast.Week)
	if err != nil {
		return forecast.Demand{}, err
	}
	cover := (lead + r.Rules.Review + week - 1) / week
	horizon := min(max(int(cover), 1), forecast.MaxHorizon)
	out, err := forecast.Run(series, forecast.Options{Horizon: horizon, Season: r.Season})
	if errors.Is(err, forecast.ErrShort) {
		return forecast.Demand{}, nil
	}
	return out.Demand(), err
}

// DraftSuggested drafts purchase orders of suggestions, one for each supplier, in one
// transaction. Nothing is ordered before they are issued. With a Key a repeat gives the
// same drafts.
func (g Purchasing) DraftSuggested(ctx context.Context, suggestions []purchasing.Suggestion, opts ...CallOption) ([]purchasing.Order, error) {
	var given call
	for _, o := range opts {
		o(&given)
	}
	var out []purchasing.Order
	err := g.e.Atomically(ctx, func(ctx context.Context, k *Engine) error {
		out = nil
		for n, d := range purchasing.Drafts(suggestions) {
			opts := opts
			if given.keyed {
				opts = append(slices.Clip(opts), Key(fmt.Sprintf("%s/%d", given.key, n)))
			}
			o, err := k.Purchasing.Draft(ctx, d, opts...)
			if err != nil {
				return err
			}
			out = append(out, o)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}
