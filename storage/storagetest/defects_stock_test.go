package storagetest_test

import (
	"context"
	"errors"
	"iter"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/orderkit/oms/inventory"
	"github.com/orderkit/oms/storage"
)

// stock is a ledger with other ways to do some things, where they are set.
type stock struct {
	inventory.Repository

	load         func(context.Context, inventory.Need) (inventory.Snapshot, error)
	scan         func(context.Context, inventory.Need, func(inventory.FreeUnits)) (inventory.Snapshot, error)
	apply        func(context.Context, inventory.Changes) error
	putItem      func(context.Context, inventory.Item) error
	putLevel     func(context.Context, inventory.Level) error
	items        func(iter.Seq2[inventory.Item, error]) iter.Seq2[inventory.Item, error]
	postings     func(inventory.PostingFilter, []inventory.Posting) []inventory.Posting
	reservations func(inventory.ReservationFilter) inventory.ReservationFilter
	movements    func(inventory.MovementFilter) inventory.MovementFilter
	span         func(inventory.Span) inventory.Span
	restate      func(context.Context, []inventory.Restated) error
}

func (r *stock) ListMovements(ctx context.Context, f inventory.MovementFilter) iter.Seq2[inventory.Logged, error] {
	if r.movements != nil {
		f = r.movements(f)
	}
	return r.Repository.ListMovements(ctx, f)
}

func (r *stock) SumMovements(ctx context.Context, item string, s inventory.Span) (inventory.Flow, error) {
	if r.span != nil {
		s = r.span(s)
	}
	return r.Repository.SumMovements(ctx, item, s)
}

func (r *stock) Restate(ctx context.Context, rows []inventory.Restated) error {
	if r.restate == nil {
		return r.Repository.Restate(ctx, rows)
	}
	return r.restate(ctx, rows)
}

func (r *stock) Load(ctx context.Context, n inventory.Need) (inventory.Snapshot, error) {
	if r.load == nil {
		return r.Repository.Load(ctx, n)
	}
	return r.load(ctx, n)
}

func (r *stock) ScanFree(ctx context.Context, n inventory.Need, visit func(inventory.FreeUnits)) (inventory.Snapshot, error) {
	if r.scan == nil {
		return r.Repository.ScanFree(ctx, n, visit)
	}
	return r.scan(ctx, n, visit)
}

func (r *stock) Apply(ctx context.Context, c inventory.Changes) error {
	if r.apply == nil {
		return r.Repository.Apply(ctx, c)
	}
	return r.apply(ctx, c)
}

func (r *stock) PutItem(ctx context.Context, i inventory.Item) error {
	if r.putItem == nil {
		return r.Repository.PutItem(ctx, i)
	}
	return r.putItem(ctx, i)
}

func (r *stock) PutLevel(ctx context.Context, l inventory.Level) error {
	if r.putLevel == nil {
		return r.Repository.PutLevel(ctx, l)
	}
	return r.putLevel(ctx, l)
}

func (r *stock) ListItems(ctx context.Context) iter.Seq2[inventory.Item, error] {
	if r.items == nil {
		return r.Repository.ListItems(ctx)
	}
	return r.items(r.Repository.ListItems(ctx))
}

func (r *stock) ListPostings(ctx context.Context, f inventory.PostingFilter) iter.Seq2[inventory.Posting, error] {
	if r.postings == nil {
		return r.Repository.ListPostings(ctx, f)
	}
	return func(yield func(inventory.Posting, error) bool) {
		var all []inventory.Posting
		for p, err := range r.Repository.ListPostings(ctx, f) {
			if err != nil {
				yield(p, err)
				return
			}
			all = append(all, p)
		}
		for _, p := range r.postings(f, all) {
			if !yield(p, nil) {
				return
			}
		}
	}
}

func (r *stock) ListReservations(ctx context.Context, f inventory.ReservationFilter) iter.Seq2[inventory.Reservation, error] {
	if r.reservations != nil {
		f = r.reservations(f)
	}
	return r.Repository.ListReservations(ctx, f)
}

func inStock(twist func(r *stock)) func(storage.Store) storage.Store {
	return inTx(func(tx storage.Tx) storage.Tx {
		r := &stock{Repository: tx.Stock()}
		twist(r)
		return twistedTx{Tx: tx, stock: r}
	})
}

// misloads changes each snapshot after it was read.
func misloads(fn func(n inventory.Need, s *inventory.Snapshot)) func(storage.Store) storage.Store {
	return inStock(func(r *stock) {
		r.load = func(ctx context.Context, n inventory.Need) (inventory.Snapshot, error) {
			s, err := r.Repository.Load(ctx, n)
			fn(n, &s)
			return s, err
		}
	})
}

// misapplies changes each change before it is applied.
func misapplies(fn func(c *inventory.Changes)) func(storage.Store) storage.Store {
	return inStock(func(r *stock) {
		r.apply = func(ctx context.Context, c inventory.Changes) error {
			c.Posting.Movements = slices.Clone(c.Posting.Movements)
			c.Reservations = slices.Clone(c.Reservations)
			fn(&c)
			return r.Repository.Apply(ctx, c)
		}
	})
}

// unguarded applies what fits of a change and says that all is well. Its Load answers
// with what it read first, so that everybody believes to be the first.
func unguarded(inner storage.Store) storage.Store {
	first := &sync.Map{}
	return inStock(func(r *stock) {
		r.load = func(ctx context.Context, n inventory.Need) (inventory.Snapshot, error) {
			s, err := r.Repository.Load(ctx, n)
			if len(s.Balances) == 0 {
				return s, err
			}
			had, _ := first.LoadOrStore(strings.Join(n.Items, ","), s)
			return had.(inventory.Snapshot), err
		}
		r.apply = func(ctx context.Context, c inventory.Changes) error {
			return swallow(r.Repository.Apply(ctx, c), inventory.ErrStale)
		}
	})(inner)
}

var stockDefects = []defect{
	{"lets a balance go below zero", []string{"stock/guard", "race/last-unit", "model/3"}, unguarded},
	{"applies a change in parts", []string{"stock/net", "stock/guard"}, inStock(func(r *stock) {
		r.apply = func(ctx context.Context, c inventory.Changes) error {
			for _, m := range c.Posting.Movements {
				part := c
				part.Posting.Movements, part.Reservations = []inventory.Movement{m}, nil
				if err := r.Repository.Apply(ctx, part); err != nil {
					return err
				}
			}
			c.Posting.Movements = nil
			return r.Repository.Apply(ctx, c)
		}
	})},
	{"knows no floor but zero", []string{"stock/floor"}, inStock(func(r *stock) {
		r.apply = func(ctx context.Context, c inventory.Changes) error {
			c.Floors = nil
			return r.Repository.Apply(ctx, c)
		}
	})},
	{"skips the version check of reservations", []string{"stock/reservation-version"}, inStock(func(r *stock) {
		r.apply = func(ctx context.Context, c inventory.Changes) error {
			c.Reservations = slices.Clone(c.Reservations)
			for i := range c.Reservations {
				c.Reservations[i].Version = 1
				for had := range r.Repository.ListReservations(ctx, inventory.ReservationFilter{Owner: c.Reservations[i].Owner}) {
					if had.ReservationKey == c.Reservations[i].ReservationKey {
						c.Reservations[i].Version = had.Version + 1
					}
				}
			}
			return r.Repository.Apply(ctx, c)
		}
	})},
	{"leaves a trace of nothing", []string{"stock/nothing"}, inStock(func(r *stock) {
		r.apply = func(ctx context.Context, c inventory.Changes) error {
			if c.Empty() {
				return r.PutLocation(ctx, inventory.Location{ID: "trace"})
			}
			return r.Repository.Apply(ctx, c)
		}
	})},
	{"lets a tracked item become untracked", []string{"stock/untracked"}, inStock(func(r *stock) {
		r.putItem = func(ctx context.Context, i inventory.Item) error {
			return swallow(r.Repository.PutItem(ctx, i), inventory.ErrUntracked)
		}
	})},
	{"lets what was posted be counted in other units", []string{"stock/untracked"}, inStock(func(r *stock) {
		r.putItem = func(ctx context.Context, i inventory.Item) error {
			return swallow(r.Repository.PutItem(ctx, i), inventory.ErrItem)
		}
	})},
	{"loses a movement", []string{"stock/books", "iterate/long"}, misapplies(func(c *inventory.Changes) {
		if n := len(c.Posting.Movements); n > 3 {
			c.Posting.Movements = c.Posting.Movements[:n-1]
		}
	})},
	{"turns a posting around", []string{"stock/postings"}, misapplies(func(c *inventory.Changes) { slices.Reverse(c.Posting.Movements) })},
	{"forgets what a reservation has shipped", []string{"stock/reservations"}, misapplies(func(c *inventory.Changes) {
		for i := range c.Reservations {
			c.Reservations[i].Shipped = 0
		}
	})},
	{"forgets the scale of an item", []string{"stock/definitions"}, inStock(func(r *stock) {
		r.putItem = func(ctx context.Context, i inventory.Item) error {
			i.Scale = 0
			return r.Repository.PutItem(ctx, i)
		}
	})},
	{"forgets what a kit consists of", []string{"stock/definitions"}, inStock(func(r *stock) {
		r.putItem = func(ctx context.Context, i inventory.Item) error {
			i.Kit = nil
			return r.Repository.PutItem(ctx, i)
		}
	})},
	{"forgets that units of an item have serial numbers", []string{"stock/definitions"}, inStock(func(r *stock) {
		r.putItem = func(ctx context.Context, i inventory.Item) error {
			i.Serials = inventory.NoSerials
			return r.Repository.PutItem(ctx, i)
		}
	})},
	{"forgets reservations that are over", []string{"stock/life"}, misloads(func(_ inventory.Need, s *inventory.Snapshot) {
		s.Reservations = slices.DeleteFunc(s.Reservations, func(r inventory.Reservation) bool { return r.Open() == 0 })
	})},
	{"loads no location without stock", []string{"load/complete"}, misloads(func(_ inventory.Need, s *inventory.Snapshot) {
		s.Locations = slices.DeleteFunc(s.Locations, func(l inventory.Location) bool {
			return !slices.ContainsFunc(s.Balances, func(b inventory.Balance) bool { return b.Location == l.ID })
		})
	})},
	{"sorts like a dictionary", []string{"load/order"}, misloads(func(_ inventory.Need, s *inventory.Snapshot) {
		slices.SortFunc(s.Items, func(a, b inventory.Item) int { return strings.Compare(strings.ToLower(a.ID), strings.ToLower(b.ID)) })
	})},
	{"ends holds a moment late", []string{"load/expired"}, misloads(func(n inventory.Need, s *inventory.Snapshot) {
		s.Expired = slices.DeleteFunc(s.Expired, func(r inventory.Reservation) bool { return r.Until.Equal(n.Now) })
	})},
	{"loads a kit without its components", []string{"load/parts"}, misloads(func(n inventory.Need, s *inventory.Snapshot) {
		s.Items = slices.DeleteFunc(s.Items, func(i inventory.Item) bool { return !slices.Contains(n.Items, i.ID) })
	})},
	{"loads a thousand items at most", []string{"load/many"}, inStock(func(r *stock) {
		r.load = func(ctx context.Context, n inventory.Need) (inventory.Snapshot, error) {
			n.Items = n.Items[:min(len(n.Items), 1000)]
			return r.Repository.Load(ctx, n)
		}
	})},
	{"scans locations that were not named", []string{"load/scan"}, inStock(func(r *stock) {
		r.scan = func(ctx context.Context, n inventory.Need, visit func(inventory.FreeUnits)) (inventory.Snapshot, error) {
			all := n
			all.Locations = nil
			if _, err := r.Repository.ScanFree(ctx, all, visit); err != nil {
				return inventory.Snapshot{}, err
			}
			return r.Repository.ScanFree(ctx, n, func(inventory.FreeUnits) {})
		}
	})},
	{"scans no lots", []string{"load/scan"}, inStock(func(r *stock) {
		r.scan = func(ctx context.Context, n inventory.Need, visit func(inventory.FreeUnits)) (inventory.Snapshot, error) {
			return r.Repository.ScanFree(ctx, n, func(u inventory.FreeUnits) {
				if u.Lot == "" {
					visit(u)
				}
			})
		}
	})},
	{"scans as if holds never expired", []string{"load/scan"}, inStock(func(r *stock) {
		r.scan = func(ctx context.Context, n inventory.Need, visit func(inventory.FreeUnits)) (inventory.Snapshot, error) {
			s, err := r.Repository.ScanFree(ctx, n, visit)
			s.Expired = nil
			return s, err
		}
	})},
	{"lists postings by date", []string{"history/postings"}, inStock(func(r *stock) {
		r.postings = func(_ inventory.PostingFilter, all []inventory.Posting) []inventory.Posting {
			slices.SortFunc(all, func(a, b inventory.Posting) int { return a.At.Compare(b.At) })
			return all
		}
	})},
	{"lists movements by the second", []string{"history/movements"}, inStock(func(r *stock) {
		r.movements = func(f inventory.MovementFilter) inventory.MovementFilter {
			f.Before = f.Before.Truncate(time.Hour)
			return f
		}
	})},
	{"sums what stands at the beginning", []string{"history/sums"}, inStock(func(r *stock) {
		r.span = func(s inventory.Span) inventory.Span {
			s.After.N--
			return s
		}
	})},
	{"restates whatever is there", []string{"stock/restate"}, inStock(func(r *stock) {
		r.restate = func(ctx context.Context, rows []inventory.Restated) error {
			for _, row := range rows {
				if err := r.Repository.Restate(ctx, []inventory.Restated{row}); err != nil && !errors.Is(err, inventory.ErrStale) {
					return err
				}
			}
			return nil
		}
	})},
	{"lists reservations that are over as open", []string{"history/reservations"}, inStock(func(r *stock) {
		r.reservations = func(f inventory.ReservationFilter) inventory.ReservationFilter {
			f.Open = false
			return f
		}
	})},
	{"iterates once", []string{"iterate/break"}, inStock(func(r *stock) {
		r.items = func(inner iter.Seq2[inventory.Item, error]) iter.Seq2[inventory.Item, error] {
			used := false
			return func(yield func(inventory.Item, error) bool) {
				if !used {
					used = true
					inner(yield)
				}
			}
		}
	})},
	{"holds its connection while it iterates", []string{"iterate/write", "iterate/within"}, inTx(func(tx storage.Tx) storage.Tx {
		busy := false
		r := &stock{Repository: tx.Stock()}
		r.items = func(inner iter.Seq2[inventory.Item, error]) iter.Seq2[inventory.Item, error] {
			return func(yield func(inventory.Item, error) bool) {
				if busy {
					yield(inventory.Item{}, errBusy)
					return
				}
				busy = true
				defer func() { busy = false }()
				inner(yield)
			}
		}
		return twistedTx{Tx: tx, stock: r, commands: busyCommands{tx.Commands(), &busy}}
	})},
	{"repeats its errors", []string{"iterate/error"}, inStock(func(r *stock) {
		r.items = func(inner iter.Seq2[inventory.Item, error]) iter.Seq2[inventory.Item, error] {
			return func(yield func(inventory.Item, error) bool) {
				for i, err := range inner {
					if !yield(i, err) || err != nil && !yield(i, err) {
						return
					}
				}
			}
		}
	})},
	{"forgets that stock is frozen", []string{"stock/levels"}, inStock(func(r *stock) {
		r.putLevel = func(ctx context.Context, l inventory.Level) error {
			l.Frozen = false
			return r.Repository.PutLevel(ctx, l)
		}
	})},
	{"saves any version of a level", []string{"stock/levels"}, inStock(func(r *stock) {
		r.putLevel = func(ctx context.Context, l inventory.Level) error {
			return swallow(r.Repository.PutLevel(ctx, l), inventory.ErrStale)
		}
	})},
	{"does not load levels", []string{"stock/levels"}, misloads(func(_ inventory.Need, s *inventory.Snapshot) { s.Levels = nil })},
}

// busyCommands cannot write while an iteration runs.
type busyCommands struct {
	storage.Commands

	busy *bool
}

func (c busyCommands) Put(ctx context.Context, k storage.Command) error {
	if *c.busy {
		return errBusy
	}
	return c.Commands.Put(ctx, k)
}
