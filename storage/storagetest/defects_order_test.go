package storagetest_test

import (
	"context"
	"errors"
	"html"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/orderkit/oms/order"
	"github.com/orderkit/oms/storage"
)

// orders is an order repository with other ways to save, get and page, where they are set.
type orders struct {
	order.Repository

	save func(context.Context, order.Order) error
	get  func(context.Context, order.ID) (order.Order, error)
	page func(context.Context, order.Filter) ([]order.Order, error)
}

func (r *orders) Save(ctx context.Context, o order.Order) error {
	if r.save == nil {
		return r.Repository.Save(ctx, o)
	}
	return r.save(ctx, o)
}

func (r *orders) Get(ctx context.Context, id order.ID) (order.Order, error) {
	if r.get == nil {
		return r.Repository.Get(ctx, id)
	}
	return r.get(ctx, id)
}

func (r *orders) Page(ctx context.Context, f order.Filter) ([]order.Order, error) {
	if r.page == nil {
		return r.Repository.Page(ctx, f)
	}
	return r.page(ctx, f)
}

func inOrders(twist func(r *orders)) func(storage.Store) storage.Store {
	return inTx(func(tx storage.Tx) storage.Tx {
		r := &orders{Repository: tx.Orders()}
		twist(r)
		return twistedTx{Tx: tx, orders: r}
	})
}

// damages changes a copy of each order on its way into the store.
func damages(fn func(o *order.Order)) func(storage.Store) storage.Store {
	return inOrders(func(r *orders) {
		r.save = func(ctx context.Context, o order.Order) error {
			o = o.Clone()
			fn(&o)
			return r.Repository.Save(ctx, o)
		}
	})
}

// misreads changes the filter of each page.
func misreads(fn func(f *order.Filter)) func(storage.Store) storage.Store {
	return inOrders(func(r *orders) {
		r.page = func(ctx context.Context, f order.Filter) ([]order.Order, error) {
			fn(&f)
			return r.Repository.Page(ctx, f)
		}
	})
}

// repages changes each page after it was read.
func repages(fn func(f order.Filter, page []order.Order) []order.Order) func(storage.Store) storage.Store {
	return inOrders(func(r *orders) {
		r.page = func(ctx context.Context, f order.Filter) ([]order.Order, error) {
			page, err := r.Repository.Page(ctx, f)
			return fn(f, page), err
		}
	})
}

// skipsVersions stores whatever version comes.
func skipsVersions(r *orders) {
	r.save = func(ctx context.Context, o order.Order) error {
		had, err := r.Repository.Get(ctx, o.ID)
		if err == nil {
			o.Version = had.Version + 1
		}
		return r.Repository.Save(ctx, o)
	}
}

// shared remembers the very orders that were passed and returned.
type shared struct {
	mu   sync.Mutex
	byID map[order.ID]order.Order
}

func (s *shared) swap(id order.ID, o order.Order) (had order.Order, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	had, ok = s.byID[id]
	s.byID[id] = o
	return had, ok
}

// shares returns the very slices that it was given, and writes over those it has returned.
func shares(overwrite bool) func(storage.Store) storage.Store {
	return func(inner storage.Store) storage.Store {
		kept := &shared{byID: map[order.ID]order.Order{}}
		return inOrders(func(r *orders) {
			r.save = func(ctx context.Context, o order.Order) error {
				if err := r.Repository.Save(ctx, o); err != nil {
					return err
				}
				if had, ok := kept.swap(o.ID, o); ok && overwrite {
					copy(had.Tags, []string{"overwritten"})
				}
				return nil
			}
			r.get = func(ctx context.Context, id order.ID) (order.Order, error) {
				stored, err := r.Repository.Get(ctx, id)
				if had, ok := kept.swap(id, stored); ok && had.Version == stored.Version {
					kept.swap(id, had)
					return had, err
				}
				return stored, err
			}
		})(inner)
	}
}

// outdated answers each Get with what it read first.
func outdated(inner storage.Store) storage.Store {
	first := &sync.Map{}
	return inOrders(func(r *orders) {
		skipsVersions(r)
		r.get = func(ctx context.Context, id order.ID) (order.Order, error) {
			stored, err := r.Repository.Get(ctx, id)
			had, _ := first.LoadOrStore(id, stored)
			o := had.(order.Order).Clone()
			o.Version = stored.Version
			return o, err
		}
	})(inner)
}

var orderDefects = []defect{
	{"drops a field", []string{"order/round-trip"}, damages(func(o *order.Order) { o.ShipTo.Region = "" })},
	{"merges what was there before", []string{"order/replace"}, inOrders(func(r *orders) {
		r.save = func(ctx context.Context, o order.Order) error {
			if had, err := r.Repository.Get(ctx, o.ID); err == nil && o.Metadata == nil {
				o.Metadata = had.Metadata
			}
			return r.Repository.Save(ctx, o)
		}
	})},
	{"rounds prices to four decimals", []string{"order/prices"}, damages(func(o *order.Order) { o.Lines[0].UnitPrice = o.Lines[0].UnitPrice.Round(4) })},
	{"forgets kits", []string{"order/kits"}, damages(func(o *order.Order) {
		for i := range o.Lines {
			o.Lines[i].Kit = nil
		}
	})},
	{"takes the same kit sold twice for one", []string{"order/kits"}, damages(func(o *order.Order) {
		for i := range o.Lines {
			if k := o.Lines[i].Kit; k != nil && k.Line > 1 {
				k.Line = 1
			}
		}
	})},
	{"gives money without currency one", []string{"order/currencies"}, damages(func(o *order.Order) {
		for i := range o.Discounts {
			if o.Discounts[i].Amount.IsZero() {
				o.Discounts[i].Amount = order.Zero(o.Currency)
			}
		}
	})},
	{"escapes text", []string{"order/text"}, damages(func(o *order.Order) { o.Note = html.EscapeString(o.Note) })},
	{"trims text", []string{"order/text"}, damages(func(o *order.Order) { o.Holds = trimmed(o.Holds) })},
	{"takes the epoch for no time", []string{"order/times"}, damages(func(o *order.Order) {
		if o.PayBy.Equal(time.Unix(0, 0)) {
			o.PayBy = time.Time{}
		}
	})},
	{"returns times of a local zone", []string{"order/times"}, inOrders(func(r *orders) {
		r.get = func(ctx context.Context, id order.ID) (order.Order, error) {
			o, err := r.Repository.Get(ctx, id)
			o.PlacedAt = o.PlacedAt.In(time.FixedZone("", 0))
			return o, err
		}
	})},
	{"cuts long text", []string{"order/limits"}, damages(func(o *order.Order) { o.Note = o.Note[:min(len(o.Note), 65_535)] })},
	{"keeps a thousand lines", []string{"order/large"}, damages(func(o *order.Order) { o.Lines = o.Lines[:min(len(o.Lines), 1000)] })},
	{"invents orders", []string{"refuse/not-found"}, inOrders(func(r *orders) {
		r.get = func(ctx context.Context, id order.ID) (order.Order, error) {
			o, err := r.Repository.Get(ctx, id)
			return o, swallow(err, order.ErrNotFound)
		}
	})},
	{"ignores that a number is taken", []string{"refuse/exists", "race/number", "model/1"}, inOrders(func(r *orders) {
		r.save = func(ctx context.Context, o order.Order) error {
			return swallow(r.Repository.Save(ctx, o), order.ErrExists)
		}
	})},
	{"skips the version check", []string{"refuse/stale-order", "update/swallowed", "model/2"}, inOrders(skipsVersions)},
	{"reads what is outdated", []string{"race/lost-update"}, outdated},
	{"ignores a filter", []string{"page/filters"}, misreads(func(f *order.Filter) { f.Channel = "" })},
	{"takes no hold for any", []string{"page/filters"}, misreads(func(f *order.Filter) { f.OnHold = false })},
	{"has an index that lags behind", []string{"page/filters-follow"}, repages(func(f order.Filter, page []order.Order) []order.Order {
		return slices.DeleteFunc(page, func(o order.Order) bool { return f.Item != "" && o.Version > 1 })
	})},
	{"lists the oldest first", []string{"page/keyset"}, repages(func(_ order.Filter, page []order.Order) []order.Order {
		slices.Reverse(page)
		return page
	})},
	{"has small pages", []string{"page/default-limit"}, misreads(func(f *order.Filter) {
		if f.Limit == 0 {
			f.Limit = 100
		}
	})},
	{"shares what it returns and what it is given", []string{"own/returned", "own/passed"}, shares(false)},
	{"writes over what it has returned", []string{"own/kept"}, shares(true)},
	{"finds no key and ignores that it is taken", []string{"race/key"}, inTx(func(tx storage.Tx) storage.Tx {
		return twistedTx{Tx: tx, commands: forgetful{tx.Commands()}}
	})},
}

func trimmed(holds []order.Hold) []order.Hold {
	for i := range holds {
		holds[i].Note = strings.TrimSpace(holds[i].Note)
	}
	return holds
}

// forgetful finds no key.
type forgetful struct{ storage.Commands }

func (forgetful) Find(context.Context, string) (storage.Command, bool, error) {
	return storage.Command{}, false, nil
}

func (f forgetful) Put(ctx context.Context, c storage.Command) error {
	return swallow(f.Commands.Put(ctx, c), storage.ErrConflict)
}

var errBusy = errors.New("busy")
