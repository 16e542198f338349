package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/orderkit/oms"
	"github.com/orderkit/oms/examples/replay/retail"
	"github.com/orderkit/oms/fulfillment"
	"github.com/orderkit/oms/inventory"
	"github.com/orderkit/oms/storage"
)

// warehouse is the one location of the shop.
const warehouse = "warehouse"

// shop replays a ledger through an engine.
type shop struct {
	file  string
	year  *retail.Year
	store storage.Store
	kit   *oms.Engine
	clock *clock

	there   []bool    // by step: replayed, now or by an earlier run
	applied int       // steps replayed now
	idle    int       // steps that ask for nothing
	shipped time.Time // orders of the days before this midnight have left the house
}

// clock is the time of the ledger. It never stands still, so that no two events of the
// replay happen at once, though many invoices carry the same minute.
type clock struct{ time time.Time }

func (c *clock) now() time.Time {
	c.time = c.time.Add(time.Microsecond)
	return c.time
}

// advance moves on to a time, if it is not past.
func (c *clock) advance(to time.Time) {
	if to.After(c.time) {
		c.time = to
	}
}

func newShop(file string, year *retail.Year, store storage.Store) *shop {
	c := new(clock)
	return &shop{file: file, year: year, store: store, clock: c, kit: oms.New(store, oms.WithClock(c.now))}
}

// errOtherLedger is a database that another file was replayed into.
var errOtherLedger = errors.New("the database holds the replay of another ledger; give this one a -db of its own")

// open stocks the shop up and finds out what an earlier run has done.
func (s *shop) open(ctx context.Context, t terminal) error {
	began := time.Now()
	if err := s.stockUp(ctx); err != nil {
		return fmt.Errorf("opening stock: %w", err)
	}
	if err := s.survey(ctx); err != nil {
		return err
	}
	var units, items int64
	for _, level := range s.year.Stock(retail.Physical) {
		units += level.Opening
		items += min(level.Opening, 1)
	}
	t.tellf(began, "opening", "%s units of %s items in stock", comma(units), comma(items))
	return nil
}

// trade replays up to limit invoices, all when it is zero, and tells how it goes.
func (s *shop) trade(ctx context.Context, limit int, t terminal) error {
	began := time.Now()
	if limit == 0 || limit > len(s.year.Steps) {
		limit = len(s.year.Steps)
	}
	already := 0
	for _, there := range s.there[:limit] {
		if there {
			already++
		}
	}
	bar := t.progress(already, limit)
	err := s.run(ctx, limit, bar.step)
	bar.end()
	if err != nil {
		return err
	}
	t.tellf(began, "replay", "%s invoices already there, %s applied", comma(int64(already)), comma(int64(s.applied)))
	if s.idle > 0 {
		t.notef("%s without effect: they correct services, which have no stock", comma(int64(s.idle)))
	}
	return nil
}

// stockUp adds everything the ledger names and receives what the shop must have had
// when its year began. A second run finds all of it done by the keys; another ledger
// is told by the first of them, whose input names the ledger.
func (s *shop) stockUp(ctx context.Context) error {
	if len(s.year.Steps) == 0 {
		return nil
	}
	first, last := &s.year.Steps[0], &s.year.Steps[len(s.year.Steps)-1]
	s.clock.advance(first.At.Add(-24 * time.Hour))
	err := s.kit.Atomically(ctx, func(ctx context.Context, kit *oms.Engine) error {
		at := inventory.Location{ID: warehouse, Name: fmt.Sprintf("invoices %s to %s, %d rows", first.Invoice, last.Invoice, s.year.Reference.Total.Net().Lines)}
		if err := kit.Stock.AddLocation(ctx, at, oms.Key("ledger")); err != nil {
			return err
		}
		for _, item := range s.year.Items {
			i := inventory.Item{ID: item.ID, Name: item.Description, Untracked: !item.Stocked}
			if err := kit.Stock.AddItem(ctx, i, oms.Key("item "+i.ID)); err != nil {
				return err
			}
		}
		for _, level := range s.year.Stock(retail.Physical) {
			if level.Opening == 0 {
				continue
			}
			opening := inventory.Adjustment{Item: level.Item.ID, Location: warehouse, Delta: level.Opening, Reason: inventory.ReasonOpening, Ref: "opening stock"}
			if _, err := kit.Stock.Adjust(ctx, opening, oms.Key("opening "+level.Item.ID)); err != nil {
				return err
			}
		}
		return nil
	})
	if errors.Is(err, oms.ErrKey) {
		return errOtherLedger
	}
	return err
}

// survey finds out which steps an earlier run has replayed. The commands of an invoice
// are one transaction, so the key of the first one speaks for all of them.
func (s *shop) survey(ctx context.Context) error {
	s.there = make([]bool, len(s.year.Steps))
	return s.store.View(ctx, "", func(ctx context.Context, tx storage.Tx) error {
		for i := range s.year.Steps {
			var err error
			if _, s.there[i], err = tx.Commands().Find(ctx, commandKey(s.year.Steps[i].Invoice, 1)); err != nil {
				return err
			}
		}
		return nil
	})
}

// run replays the first steps of the ledger, up to a limit, leaving out those that are
// there already.
func (s *shop) run(ctx context.Context, limit int, told func(done int, at time.Time)) error {
	for i := range limit {
		step := &s.year.Steps[i]
		switch {
		case s.there[i]:
			continue
		case idle(step):
			s.there[i] = true
			s.idle++
			continue
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := s.shipBefore(ctx, midnight(step.At)); err != nil {
			return err
		}
		if err := s.book(ctx, step); err != nil {
			return fmt.Errorf("%s:%d: invoice %s: %w", s.file, firstRow(step), step.Invoice, err)
		}
		s.there[i] = true
		s.applied++
		told(i+1, step.At)
	}
	return s.shipBefore(ctx, s.openDay())
}

// openDay is the midnight before the first step that is still to be replayed, or after
// the last one of the ledger: a limit may end a run in the middle of a day, whose
// evening is then left to the next run.
func (s *shop) openDay() time.Time {
	var day time.Time
	for i := range s.year.Steps {
		day = midnight(s.year.Steps[i].At)
		if !s.there[i] {
			return day
		}
	}
	return day.AddDate(0, 0, 1)
}

func midnight(t time.Time) time.Time { return t.Truncate(24 * time.Hour) }

// closing is when the parcels of a day leave.
const closing = 22 * time.Hour

// shipBefore ships all open work of the days before a midnight, each order in one
// transaction. It asks the engine for its work list, so it needs no memory of its own
// of what an earlier run has shipped.
func (s *shop) shipBefore(ctx context.Context, midnight time.Time) error {
	if !s.shipped.Before(midnight) {
		return nil
	}
	work, err := s.worklist(ctx)
	if err != nil {
		return err
	}
	for _, fo := range work {
		if !fo.CreatedAt.Before(midnight) {
			break
		}
		s.clock.advance(fo.CreatedAt.Truncate(24 * time.Hour).Add(closing))
		if err := s.ship(ctx, fo.ID); err != nil {
			return fmt.Errorf("ship order %s: %w", fo.Order, err)
		}
	}
	s.shipped = midnight
	return nil
}

// worklist reads the open work of the warehouse, oldest first.
func (s *shop) worklist(ctx context.Context) ([]fulfillment.Order, error) {
	filter := fulfillment.Filter{Location: warehouse, Work: []fulfillment.WorkState{fulfillment.WorkOpen, fulfillment.WorkInProgress}}
	var all []fulfillment.Order
	for {
		page, err := s.kit.Fulfillment.Page(ctx, filter)
		if err != nil {
			return nil, err
		}
		all = append(all, page...)
		if len(page) < fulfillment.MaxPage {
			slices.Reverse(all)
			return all, nil
		}
		filter.After = page[len(page)-1].ID
	}
}

// ship sends one order off and records its arrival, which the ledger is silent about.
func (s *shop) ship(ctx context.Context, id fulfillment.ID) error {
	return s.kit.Atomically(ctx, func(ctx context.Context, kit *oms.Engine) error {
		shipment, err := kit.Fulfillment.Ship(ctx, id, nil)
		if err != nil {
			return err
		}
		_, err = kit.Fulfillment.Deliver(ctx, shipment.ID)
		return err
	})
}

// idle tells that a step asks for nothing: it corrects services only, of which there is
// no stock to correct.
func idle(step *retail.Step) bool {
	return len(step.Sale)+len(step.Returns)+len(step.Adjustments) == 0 &&
		!slices.ContainsFunc(step.Corrections, func(l retail.Line) bool { return l.Item.Stocked })
}

// firstRow is the line of the file where an invoice begins.
func firstRow(step *retail.Step) int {
	rows := []int{}
	for _, part := range [][]retail.Line{step.Sale, step.Corrections, step.Adjustments} {
		for _, l := range part {
			rows = append(rows, l.Row)
		}
	}
	for _, r := range step.Returns {
		rows = append(rows, r.Row)
	}
	return slices.Min(rows)
}
