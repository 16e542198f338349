package storagetest_test

import (
	"bytes"
	"context"
	"encoding/json"
	"iter"
	"slices"
	"strings"
	"sync/atomic"

	"github.com/orderkit/oms/fulfillment"
	"github.com/orderkit/oms/order"
	"github.com/orderkit/oms/returns"
	"github.com/orderkit/oms/storage"
)

// works is a fulfillment repository that changes what it is given, where that is set.
type works struct {
	fulfillment.Repository

	save     func(*fulfillment.Order)
	shipment func(*fulfillment.Shipment)
	filter   func(*fulfillment.Filter)
}

func (r *works) Save(ctx context.Context, o fulfillment.Order) error {
	if r.save != nil {
		r.save(&o)
	}
	return r.Repository.Save(ctx, o)
}

func (r *works) SaveShipment(ctx context.Context, s fulfillment.Shipment) error {
	if r.shipment != nil {
		r.shipment(&s)
	}
	return r.Repository.SaveShipment(ctx, s)
}

func (r *works) Page(ctx context.Context, f fulfillment.Filter) ([]fulfillment.Order, error) {
	if r.filter != nil {
		r.filter(&f)
	}
	return r.Repository.Page(ctx, f)
}

func inWorks(r works) func(storage.Store) storage.Store {
	return inTx(func(tx storage.Tx) storage.Tx {
		mine := r
		mine.Repository = tx.Fulfillments()
		return twistedTx{Tx: tx, fulfillments: &mine}
	})
}

// rmas is a return repository that changes what it is given, where that is set.
type rmas struct {
	returns.Repository

	save    func(*returns.Return)
	filter  func(*returns.Filter)
	ignore  error
	ofOrder bool // finds nothing
}

func (r *rmas) Save(ctx context.Context, x returns.Return) error {
	if r.save != nil {
		r.save(&x)
	}
	err := r.Repository.Save(ctx, x)
	if r.ignore != nil {
		return swallow(err, r.ignore)
	}
	return err
}

func (r *rmas) Page(ctx context.Context, f returns.Filter) ([]returns.Return, error) {
	if r.filter != nil {
		r.filter(&f)
	}
	return r.Repository.Page(ctx, f)
}

func (r *rmas) OfOrder(ctx context.Context, id order.ID) ([]returns.Return, error) {
	if r.ofOrder {
		return nil, nil
	}
	return r.Repository.OfOrder(ctx, id)
}

func inReturns(r rmas) func(storage.Store) storage.Store {
	return inTx(func(tx storage.Tx) storage.Tx {
		mine := r
		mine.Repository = tx.Returns()
		return twistedTx{Tx: tx, returns: &mine}
	})
}

// log is an event log with other ways to do some things, where they are set.
type log struct {
	storage.Events

	append func([]storage.Event) []storage.Event
	from   func(seq int64) int64
	page   func([]storage.Event) []storage.Event
	prefix bool // takes the beginning of a name for the name
}

func (l *log) Append(ctx context.Context, events []storage.Event) error {
	if l.append != nil {
		events = l.append(slices.Clone(events))
	}
	return l.Events.Append(ctx, events)
}

func (l *log) Since(ctx context.Context, seq int64, limit int) ([]storage.Event, error) {
	if l.from != nil {
		seq = l.from(seq)
	}
	page, err := l.Events.Since(ctx, seq, limit)
	if l.page != nil {
		page = l.page(page)
	}
	return page, err
}

func (l *log) Of(ctx context.Context, aggregate string) iter.Seq2[storage.Event, error] {
	if !l.prefix {
		return l.Events.Of(ctx, aggregate)
	}
	return func(yield func(storage.Event, error) bool) {
		all, err := l.Events.Since(ctx, 0, 1000)
		if err != nil {
			yield(storage.Event{}, err)
			return
		}
		for _, e := range all {
			if strings.HasPrefix(e.Aggregate, aggregate) && !yield(e, nil) {
				return
			}
		}
	}
}

func inLog(l log) func(storage.Store) storage.Store {
	return inTx(func(tx storage.Tx) storage.Tx {
		mine := l
		mine.Events = tx.Events()
		return twistedTx{Tx: tx, events: &mine}
	})
}

// keys is a record of commands that changes keys, or ignores refusals.
type keys struct {
	storage.Commands

	fold   func(string) string
	ignore error
	hash   bool // is dropped
}

func (k *keys) Find(ctx context.Context, key string) (storage.Command, bool, error) {
	if k.fold != nil {
		key = k.fold(key)
	}
	c, ok, err := k.Commands.Find(ctx, key)
	if k.ignore != nil {
		err = swallow(err, k.ignore)
	}
	return c, ok, err
}

func (k *keys) Put(ctx context.Context, c storage.Command) error {
	if k.fold != nil {
		c.Key = k.fold(c.Key)
	}
	if k.hash {
		c.Hash = ""
	}
	err := k.Commands.Put(ctx, c)
	if k.ignore != nil {
		return swallow(err, k.ignore)
	}
	return err
}

func inKeys(k keys) func(storage.Store) storage.Store {
	return inTx(func(tx storage.Tx) storage.Tx {
		mine := k
		mine.Commands = tx.Commands()
		return twistedTx{Tx: tx, commands: &mine}
	})
}

func compact(events []storage.Event) []storage.Event {
	for i := range events {
		var b bytes.Buffer
		if json.Compact(&b, events[i].Data) == nil {
			events[i].Data = b.Bytes()
		}
	}
	return events
}

func reversed(events []storage.Event) []storage.Event {
	slices.Reverse(events)
	return events
}

func level(events []storage.Event) []storage.Event {
	for i := range events {
		events[i].Seq = 1
	}
	return events
}

func unversioned(events []storage.Event) []storage.Event {
	for i := range events {
		events[i].Version = 0
	}
	return events
}

// renumbered gives other positions in every page.
func renumbered() func([]storage.Event) []storage.Event {
	var page atomic.Int64
	return func(events []storage.Event) []storage.Event {
		by := 1000 * page.Add(1)
		for i := range events {
			events[i].Seq += by
		}
		return events
	}
}

var otherDefects = []defect{
	{"loses a counter of work", []string{"fulfillment/round-trip"}, inWorks(works{save: func(o *fulfillment.Order) { *o = o.Clone(); o.Lines[0].Short = 0 }})},
	{"loses parcels", []string{"shipment/round-trip"}, inWorks(works{shipment: func(s *fulfillment.Shipment) { s.Parcels = s.Parcels[:1] }})},
	{"loses verdicts", []string{"return/round-trip"}, inReturns(rmas{save: func(r *returns.Return) { r.Verdicts = nil }})},
	{"ignores a stale return", []string{"refuse/stale-work"}, inReturns(rmas{ignore: returns.ErrStale})},
	{"ignores the location of work", []string{"page/fulfillment"}, inWorks(works{filter: func(f *fulfillment.Filter) { f.Location = "" }})},
	{"ignores the state of returns", []string{"page/returns"}, inReturns(rmas{filter: func(f *returns.Filter) { f.States = nil }})},
	{"cannot find the returns of an order", []string{"update/own-writes"}, inReturns(rmas{ofOrder: true})},
	{"tidies the data of events", []string{"events/round-trip"}, inLog(log{append: compact})},
	{"appends backwards", []string{"events/order"}, inLog(log{append: reversed})},
	{"takes the beginning of a name for the name", []string{"events/of"}, inLog(log{prefix: true})},
	{"reads the last event again", []string{"events/since", "race/tail"}, inLog(log{from: func(seq int64) int64 { return max(0, seq-1) }})},
	{"forgets the versions of events", []string{"events/versions"}, inLog(log{append: unversioned})},
	{"gives new positions with every page", []string{"events/kept-position"}, inLog(log{page: renumbered()})},
	{"gives every event one position", []string{"tenant/positions"}, inLog(log{page: level})},
	{"forgets the hash of a command", []string{"commands/round-trip"}, inKeys(keys{hash: true})},
	{"ignores that a key is taken", []string{"commands/duplicate"}, inKeys(keys{ignore: storage.ErrConflict})},
	{"folds the case of keys", []string{"refuse/bytes"}, inKeys(keys{fold: strings.ToLower})},
	{"answers after the end", []string{"tx/done"}, inKeys(keys{ignore: storage.ErrDone})},
}
