package faults_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"

	"github.com/orderkit/oms"
	"github.com/orderkit/oms/inventory"
	"github.com/orderkit/oms/order"
	"github.com/orderkit/oms/returns"
	"github.com/orderkit/oms/storage"
)

// story is the life of one order, told by commands that each have an idempotency key.
// It can be told again from its beginning at any time, and must then go on where it was
// left.
type story struct {
	name  string // begins every key
	order order.ID
	back  returns.ID
}

// step is one command of a story. It gives the id of what it made or changed.
type step func(context.Context, *oms.Engine, *story, oms.CallOption) (fmt.Stringer, error)

var (
	euro  = order.MustCurrency("EUR")
	price = decimal.New(10, 0)
)

// steps are the commands of every story. What they are given depends on no result that
// changes later, since a repeat must have the same input.
var steps = []step{
	func(ctx context.Context, k *oms.Engine, s *story, key oms.CallOption) (fmt.Stringer, error) {
		p, err := k.Stock.Receive(ctx, inventory.Receipt{Item: "tee", Location: "ber", Qty: 3, Ref: s.name}, key)
		return p.ID, err
	},
	func(ctx context.Context, k *oms.Engine, s *story, key oms.CallOption) (fmt.Stringer, error) {
		o, err := k.Orders.Place(ctx, order.Draft{Currency: euro, Customer: "c-1", Channel: "web", Lines: []order.DraftLine{
			{Item: "tee", Qty: 2, UnitPrice: price}, {Item: "mug", Qty: 1, UnitPrice: price},
		}}, key)
		s.order = o.ID
		return o.ID, err
	},
	onOrder(func(ctx context.Context, k *oms.Engine, id order.ID, key oms.CallOption) (order.Order, error) {
		return k.Orders.Confirm(ctx, id, key)
	}),
	onOrder(func(ctx context.Context, k *oms.Engine, id order.ID, key oms.CallOption) (order.Order, error) {
		amount, err := order.ParseMoney("30.00", "EUR")
		if err != nil {
			return order.Order{}, err
		}
		return k.Payments.Record(ctx, id, order.Operation{ID: "cap-1", Kind: order.Capture, Amount: amount, Tender: "card"}, key)
	}),
	func(ctx context.Context, k *oms.Engine, s *story, key oms.CallOption) (fmt.Stringer, error) {
		work, err := k.Fulfillment.OfOrder(ctx, s.order)
		if err == nil && len(work) != 1 {
			err = fmt.Errorf("%d fulfillment orders instead of one", len(work))
		}
		if err != nil {
			return nil, err
		}
		sent, err := k.Fulfillment.Ship(ctx, work[0].ID, nil, key)
		return sent.ID, err
	},
	func(ctx context.Context, k *oms.Engine, s *story, key oms.CallOption) (fmt.Stringer, error) {
		r, err := k.Returns.Request(ctx, s.order, []returns.Wanted{{Line: 1, Qty: 1, Reason: returns.Unwanted}}, s.name, key)
		s.back = r.ID
		return r.ID, err
	},
	onReturn(func(ctx context.Context, k *oms.Engine, id returns.ID, key oms.CallOption) (returns.Return, error) {
		return k.Returns.Approve(ctx, id, key)
	}),
	onReturn(func(ctx context.Context, k *oms.Engine, id returns.ID, key oms.CallOption) (returns.Return, error) {
		return k.Returns.Receive(ctx, id, "ber", []order.LineQty{{Line: 1, Qty: 1}}, key)
	}),
	onReturn(func(ctx context.Context, k *oms.Engine, id returns.ID, key oms.CallOption) (returns.Return, error) {
		return k.Returns.Inspect(ctx, id, []returns.Disposed{{Line: 1, Qty: 1, As: returns.Restock}}, key)
	}),
	onReturn(func(ctx context.Context, k *oms.Engine, id returns.ID, key oms.CallOption) (returns.Return, error) {
		return k.Returns.Refund(ctx, id, oms.Payout{Units: []order.LineQty{{Line: 1, Qty: 1}}}, key)
	}),
	onReturn(func(ctx context.Context, k *oms.Engine, id returns.ID, key oms.CallOption) (returns.Return, error) {
		return k.Returns.Close(ctx, id, key)
	}),
}

// What a finished story leaves of each item: three tees came, two went, one came back.
const (
	teesOfStory = +2
	mugsOfStory = -1
)

func onOrder(run func(context.Context, *oms.Engine, order.ID, oms.CallOption) (order.Order, error)) step {
	return func(ctx context.Context, k *oms.Engine, s *story, key oms.CallOption) (fmt.Stringer, error) {
		o, err := run(ctx, k, s.order, key)
		return o.ID, err
	}
}

func onReturn(run func(context.Context, *oms.Engine, returns.ID, oms.CallOption) (returns.Return, error)) step {
	return func(ctx context.Context, k *oms.Engine, s *story, key oms.CallOption) (fmt.Stringer, error) {
		r, err := run(ctx, k, s.back, key)
		return r.ID, err
	}
}

func keyOf(name string, no int) string { return fmt.Sprintf("%s/%d", name, no) }

// run runs one step, again if it loses against others.
func (s *story) run(ctx context.Context, k *oms.Engine, no int) (result string, err error) {
	var lost int
	err = again(&lost, func() error {
		id, err := steps[no](ctx, k, s, oms.Key(keyOf(s.name, no)))
		if err == nil {
			result = id.String()
		}
		return err
	})
	return result, err
}

// tell tells a story to its end, and reports each step that is done.
func tell(ctx context.Context, k *oms.Engine, name string, did func(no int, result string) error) error {
	s := &story{name: name}
	for no := range steps {
		result, err := s.run(ctx, k, no)
		if err == nil {
			err = did(no, result)
		}
		if err != nil {
			return fmt.Errorf("step %d of %s: %w", no, name, err)
		}
	}
	return nil
}

// page is what the database knows of a story, read in one snapshot.
type page struct {
	results []string // of the steps whose keys are there
	picture string   // of the order and all that belongs to it
}

func (s *shop) page(tb testing.TB, name string) page {
	tb.Helper()
	var p page
	err := s.store.View(tb.Context(), "", func(ctx context.Context, tx storage.Tx) error {
		for no := range steps {
			c, found, err := tx.Commands().Find(ctx, keyOf(name, no))
			if err != nil {
				return err
			}
			if found && len(p.results) < no {
				return fmt.Errorf("step %d of %s is there without step %d", no, name, len(p.results))
			}
			if found {
				p.results = append(p.results, c.Result)
			}
		}
		if len(p.results) < 2 {
			return nil // there is no order yet
		}
		id, err := order.ParseID(p.results[1])
		if err != nil {
			return err
		}
		p.picture, err = picture(ctx, tx, id)
		return err
	})
	require.NoError(tb, err)
	return p
}

// picture is all that is stored of an order, without what differs between two orders
// with the same life.
func picture(ctx context.Context, tx storage.Tx, id order.ID) (string, error) {
	var out strings.Builder
	var errs []error
	add := func(v any, err error) { errs = append(errs, err, json.NewEncoder(&out).Encode(v)) }
	add(tx.Orders().Get(ctx, id))
	add(tx.Fulfillments().OfOrder(ctx, id))
	add(tx.Fulfillments().ShipmentsOf(ctx, id))
	add(tx.Returns().OfOrder(ctx, id))
	for r, err := range tx.Stock().ListReservations(ctx, inventory.ReservationFilter{Owner: "order/" + id.String()}) {
		add(r, err)
	}
	for e, err := range tx.Events().Of(ctx, "order/"+id.String()) {
		e.Seq = 0
		add(e, err)
	}
	return individual.ReplaceAllString(out.String(), "*"), errors.Join(errs...)
}

// individual matches ids, order numbers, times, the names of stories and fingerprints of
// the stock that was there.
var individual = regexp.MustCompile(`[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4}|\d{4}-\d\d-\d\dT[0-9:.]+Z|story-[a-z0-9-]+|"fingerprint":"[0-9a-f]+"`)

// album has the picture of a story after each number of its steps, told undisturbed.
func (s *shop) album(tb testing.TB) []string {
	tb.Helper()
	const name = "story-undisturbed"
	pictures := []string{s.page(tb, name).picture}
	require.NoError(tb, tell(tb.Context(), s.Engine, name, func(int, string) error {
		pictures = append(pictures, s.page(tb, name).picture)
		return nil
	}))
	return pictures
}

// finish tells stories to their end, twice, and fails the test unless each then looks
// as if nothing had ever disturbed it.
func (s *shop) finish(tb testing.TB, names []string, album []string) {
	tb.Helper()
	for range 2 {
		for _, name := range names {
			had := s.page(tb, name).results
			require.NoError(tb, tell(tb.Context(), s.Engine, name, func(no int, result string) error {
				if no < len(had) && had[no] != result {
					return fmt.Errorf("a repeat gives %s instead of %s", result, had[no])
				}
				return nil
			}))
			require.Equal(tb, album[len(steps)], s.page(tb, name).picture, "%s, told to its end", name)
		}
	}
}

// count fails the test unless the stock is what so many finished stories leave.
func (s *shop) count(tb testing.TB, stories int) {
	tb.Helper()
	require.EqualValues(tb, initial+teesOfStory*stories, s.free(tb, "tee"), "tees after %d stories", stories)
	require.EqualValues(tb, initial+mugsOfStory*stories, s.free(tb, "mug"), "mugs after %d stories", stories)
}
