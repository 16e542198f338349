package storagetest

import (
	"context"
	"fmt"
	"iter"

	"github.com/stretchr/testify/require"

	"github.com/orderkit/oms/fulfillment"
	"github.com/orderkit/oms/inventory"
	"github.com/orderkit/oms/order"
	"github.com/orderkit/oms/returns"
	"github.com/orderkit/oms/storage"
)

// world is all that can be seen of a tenant. The positions of events are left out: how
// they grow is a rule of its own.
type world struct {
	Orders       []order.Order          // newest first
	Works        []fulfillment.Order    // newest first
	Shipments    []fulfillment.Shipment // by order, newest first
	Returns      []returns.Return       // newest first
	Items        []inventory.Item
	Locations    []inventory.Location
	Levels       []inventory.Level
	Balances     []inventory.Balance // without rows of no units
	Postings     []inventory.Posting
	Reservations []inventory.Reservation
	Events       []storage.Event
	Commands     []storage.Command  // of commandKeys
	Cursors      []storage.Cursor   // of consumer
	Letters      []storage.Letter   // of the first two shards
	Documents    []storage.Document // of kind paper
}

// look reads the world of a tenant, once every event in it has a position.
func (c *check) look(t storage.Tenant) world {
	c.Helper()
	var w world
	c.updateOf(t, func(u unit) { u.since(0, everyEvent) })
	c.viewOf(t, func(u unit) { w = u.look() })
	return w
}

// everyEvent is more events than any case appends.
const everyEvent = 100_000

// unchanged fails if the world of a tenant is not as it was.
func (c *check) unchanged(t storage.Tenant, before world, what string) {
	c.Helper()
	c.same("the data of the tenant after "+what, before, c.look(t))
}

func (u unit) look() world {
	u.c.Helper()
	var w world
	for o, err := range u.orders(order.MaxPage) {
		u.ok(err)
		w.Orders = append(w.Orders, o)
		shipments, err := u.Fulfillments().ShipmentsOf(u.ctx, o.ID)
		u.ok(err)
		w.Shipments = append(w.Shipments, shipments...)
	}
	var err error
	w.Works, err = u.Fulfillments().Page(u.ctx, fulfillment.Filter{})
	u.ok(err)
	w.Returns, err = u.Returns().Page(u.ctx, returns.Filter{})
	u.ok(err)
	stock := u.Stock()
	w.Items = every(u, stock.ListItems(u.ctx))
	w.Locations = every(u, stock.ListLocations(u.ctx))
	w.Levels = every(u, stock.ListLevels(u.ctx))
	w.Balances = withUnits(every(u, stock.ListBalances(u.ctx)))
	w.Postings = every(u, stock.ListPostings(u.ctx, inventory.PostingFilter{}))
	w.Reservations = every(u, stock.ListReservations(u.ctx, inventory.ReservationFilter{}))
	w.Events = noSeq(u.since(0, everyEvent))
	for _, key := range commandKeys {
		found, ok, err := u.Commands().Find(u.ctx, key)
		u.ok(err)
		if ok {
			w.Commands = append(w.Commands, found)
		}
	}
	w.Cursors = u.cursors(consumer)
	w.Letters = append(u.letters(consumer, 0), u.letters(consumer, 1)...)
	w.Documents = u.documents(paper, storage.DocumentFilter{})
	return w
}

// orders yields all orders, from pages of the given size.
func (u unit) orders(size int) iter.Seq2[order.Order, error] { return allOrders(u.ctx, u.Tx, size) }

func allOrders(ctx context.Context, tx storage.Tx, size int) iter.Seq2[order.Order, error] {
	return func(yield func(order.Order, error) bool) {
		order.Pages(order.Filter{Limit: size}, func(f order.Filter) ([]order.Order, error) { return tx.Orders().Page(ctx, f) })(yield)
	}
}

// every collects what an iterator yields, which has to be without error.
func every[T any](u unit, seq iter.Seq2[T, error]) []T {
	u.c.Helper()
	out, err := collect(seq)
	u.ok(err)
	return out
}

// collect reads an iterator to its end. An error that is not the last thing yielded is
// an error of its own.
func collect[T any](seq iter.Seq2[T, error]) ([]T, error) {
	var out []T
	var failed error
	for v, err := range seq {
		if failed != nil {
			return out, fmt.Errorf("the iterator went on after its error %w", failed)
		}
		if failed = err; err == nil {
			out = append(out, v)
		}
	}
	return out, failed
}

// withUnits leaves out the rows of no units, which a store may keep or drop.
func withUnits(rows []inventory.Balance) []inventory.Balance {
	var out []inventory.Balance
	for _, b := range rows {
		if b != (inventory.Balance{Key: b.Key}) {
			out = append(out, b)
		}
	}
	return out
}

func noSeq(events []storage.Event) []storage.Event {
	for i := range events {
		events[i].Seq = 0
	}
	return events
}

// growing fails unless the positions of events grow from above zero.
func (c *check) growing(events []storage.Event) {
	c.Helper()
	last := int64(0)
	for _, e := range events {
		require.Greater(c, e.Seq, last, "event %s is at position %d, after one at %d", e.Kind, e.Seq, last)
		last = e.Seq
	}
}

// probe is one call of one method of one repository.
type probe struct {
	name  string
	write bool
	call  func(ctx context.Context, tx storage.Tx) error
}

// probes calls every method there is with the ids of a shop. Reads that find nothing
// answer with the error of their contract; the others hand what they found to found.
func (s shop) probes(found func(name string, n int)) []probe {
	return append(s.readProbes(found), s.writeProbes()...)
}

func (s shop) writeProbes() []probe {
	write := func(name string, call func(context.Context, storage.Tx) error) probe { return probe{name, true, call} }
	version2 := next(s.orders[0], func(*order.Order) {})
	receipt := inventory.Changes{Posting: inventory.Posting{ID: s.metas[7].ID, Reason: inventory.ReasonReceipt, At: at(1),
		Movements: []inventory.Movement{{Item: "tee", From: inventory.Outside(inventory.Supplier), To: inventory.At("ham", inventory.Free), Qty: 1}}}}
	return []probe{
		write("Orders.Save", func(ctx context.Context, tx storage.Tx) error { return tx.Orders().Save(ctx, version2) }),
		write("Stock.PutItem", func(ctx context.Context, tx storage.Tx) error { return tx.Stock().PutItem(ctx, item("probe")) }),
		write("Stock.PutLocation", func(ctx context.Context, tx storage.Tx) error { return tx.Stock().PutLocation(ctx, location("probe")) }),
		write("Stock.Apply", func(ctx context.Context, tx storage.Tx) error { return tx.Stock().Apply(ctx, receipt) }),
		write("Fulfillments.Save", func(ctx context.Context, tx storage.Tx) error {
			w := s.works[0].Clone()
			w.Version = 2
			return tx.Fulfillments().Save(ctx, w)
		}),
		write("Fulfillments.SaveShipment", func(ctx context.Context, tx storage.Tx) error {
			p := s.shipments[0].Clone()
			p.Version = 2
			return tx.Fulfillments().SaveShipment(ctx, p)
		}),
		write("Returns.Save", func(ctx context.Context, tx storage.Tx) error {
			r := s.returns[0].Clone()
			r.Version = 2
			return tx.Returns().Save(ctx, r)
		}),
		write("Events.Append", func(ctx context.Context, tx storage.Tx) error {
			return tx.Events().Append(ctx, []storage.Event{s.spare})
		}),
		write("Commands.Put", func(ctx context.Context, tx storage.Tx) error { return tx.Commands().Put(ctx, command("key-7")) }),
		write("Deliveries.SaveCursor", func(ctx context.Context, tx storage.Tx) error {
			cur := s.cursors[0]
			cur.Version = 2
			return tx.Deliveries().SaveCursor(ctx, cur)
		}),
		write("Deliveries.SaveLetter", func(ctx context.Context, tx storage.Tx) error {
			return tx.Deliveries().SaveLetter(ctx, newLetter(0, "order/probe"))
		}),
		write("Deliveries.DropLetter", func(ctx context.Context, tx storage.Tx) error {
			return tx.Deliveries().DropLetter(ctx, consumer, 0, s.letters[0].Aggregate)
		}),
		write("Documents.Save", func(ctx context.Context, tx storage.Tx) error {
			d := s.documents[0]
			d.Version = 2
			return tx.Documents().Save(ctx, d)
		}),
		write("Documents.Drop", func(ctx context.Context, tx storage.Tx) error {
			return tx.Documents().Drop(ctx, paper, s.documents[1].ID)
		}),
	}
}

func (s shop) readProbes(found func(name string, n int)) []probe {
	var out []probe
	add := func(name string, call func(ctx context.Context, tx storage.Tx) (int, error)) {
		out = append(out, probe{name, false, func(ctx context.Context, tx storage.Tx) error {
			n, err := call(ctx, tx)
			if err == nil {
				found(name, n)
			}
			return err
		}})
	}
	type ctx = context.Context
	o, w := s.orders[0], s.works[0]
	add("Orders.Get", func(ctx ctx, tx storage.Tx) (int, error) { return one(tx.Orders().Get(ctx, o.ID)) })
	add("Orders.ByNumber", func(ctx ctx, tx storage.Tx) (int, error) { return one(tx.Orders().ByNumber(ctx, o.Number)) })
	add("Orders.Page", func(ctx ctx, tx storage.Tx) (int, error) { return many(tx.Orders().Page(ctx, order.Filter{})) })
	add("Orders.Page after", func(ctx ctx, tx storage.Tx) (int, error) {
		return many(tx.Orders().Page(ctx, order.Filter{Customer: s.orders[0].Customer, After: s.orders[1].ID}))
	})
	add("Fulfillments.Get", func(ctx ctx, tx storage.Tx) (int, error) { return one(tx.Fulfillments().Get(ctx, w.ID)) })
	add("Fulfillments.OfOrder", func(ctx ctx, tx storage.Tx) (int, error) { return many(tx.Fulfillments().OfOrder(ctx, o.ID)) })
	add("Fulfillments.Page", func(ctx ctx, tx storage.Tx) (int, error) {
		return many(tx.Fulfillments().Page(ctx, fulfillment.Filter{}))
	})
	add("Fulfillments.Shipment", func(ctx ctx, tx storage.Tx) (int, error) {
		return one(tx.Fulfillments().Shipment(ctx, s.shipments[0].ID))
	})
	add("Fulfillments.ShipmentsOf", func(ctx ctx, tx storage.Tx) (int, error) {
		return many(tx.Fulfillments().ShipmentsOf(ctx, o.ID))
	})
	add("Returns.Get", func(ctx ctx, tx storage.Tx) (int, error) { return one(tx.Returns().Get(ctx, s.returns[0].ID)) })
	add("Returns.OfOrder", func(ctx ctx, tx storage.Tx) (int, error) { return many(tx.Returns().OfOrder(ctx, o.ID)) })
	add("Returns.Page", func(ctx ctx, tx storage.Tx) (int, error) { return many(tx.Returns().Page(ctx, returns.Filter{})) })
	add("Stock.Load", func(ctx ctx, tx storage.Tx) (int, error) {
		n, err := tx.Stock().Load(ctx, inventory.Need{Items: []string{"mug", "tee"}, Locations: []string{"ber"}, Owner: o.Number, Now: at(10_000)})
		return len(n.Items) + len(n.Locations) + len(n.Balances) + len(n.Reservations) + len(n.Expired), err
	})
	add("Stock.ScanFree", func(ctx ctx, tx storage.Tx) (int, error) {
		units := 0
		n, err := tx.Stock().ScanFree(ctx, inventory.Need{Items: []string{"mug", "tee"}, Now: at(10_000)}, func(inventory.FreeUnits) { units++ })
		return len(n.Items) + len(n.Locations) + units, err
	})
	add("Stock.ListItems", func(ctx ctx, tx storage.Tx) (int, error) { return many(collect(tx.Stock().ListItems(ctx))) })
	add("Stock.ListLocations", func(ctx ctx, tx storage.Tx) (int, error) { return many(collect(tx.Stock().ListLocations(ctx))) })
	add("Stock.ListBalances", func(ctx ctx, tx storage.Tx) (int, error) { return many(collect(tx.Stock().ListBalances(ctx))) })
	add("Stock.Posting", func(ctx ctx, tx storage.Tx) (int, error) { return one(tx.Stock().Posting(ctx, s.metas[0].ID)) })
	add("Stock.ListPostings", func(ctx ctx, tx storage.Tx) (int, error) {
		return many(collect(tx.Stock().ListPostings(ctx, inventory.PostingFilter{Item: "tee", Document: "po-1"})))
	})
	add("Stock.ListMovements", func(ctx ctx, tx storage.Tx) (int, error) {
		return many(collect(tx.Stock().ListMovements(ctx, inventory.MovementFilter{Item: "tee"})))
	})
	add("Stock.SumMovements", func(ctx ctx, tx storage.Tx) (int, error) {
		f, err := tx.Stock().SumMovements(ctx, "tee", inventory.Span{Until: inventory.EndOf(at(10_000))})
		return int(f.Count), err
	})
	add("Stock.ListReservations", func(ctx ctx, tx storage.Tx) (int, error) {
		return many(collect(tx.Stock().ListReservations(ctx, inventory.ReservationFilter{Owner: o.Number})))
	})
	add("Events.Of", func(ctx ctx, tx storage.Tx) (int, error) {
		return many(collect(tx.Events().Of(ctx, s.events[0].Aggregate)))
	})
	add("Events.Since", func(ctx ctx, tx storage.Tx) (int, error) { return many(tx.Events().Since(ctx, 0, 10)) })
	add("Events.After", func(ctx ctx, tx storage.Tx) (int, error) {
		return many(tx.Events().After(ctx, s.events[0].Aggregate, 0, 10))
	})
	add("Deliveries.Cursors", func(ctx ctx, tx storage.Tx) (int, error) { return many(tx.Deliveries().Cursors(ctx, consumer)) })
	add("Deliveries.Letters", func(ctx ctx, tx storage.Tx) (int, error) { return many(tx.Deliveries().Letters(ctx, consumer, 0)) })
	add("Documents.Find", func(ctx ctx, tx storage.Tx) (int, error) {
		return many(tx.Documents().Find(ctx, paper, s.documents[0].ID))
	})
	add("Documents.List", func(ctx ctx, tx storage.Tx) (int, error) {
		return many(tx.Documents().List(ctx, paper, storage.DocumentFilter{Parents: []string{s.documents[0].Parent}, Live: true}))
	})
	add("Commands.Find", func(ctx ctx, tx storage.Tx) (int, error) {
		_, ok, err := tx.Commands().Find(ctx, "key-0")
		if !ok {
			return 0, err
		}
		return 1, err
	})
	return out
}

func one[T any](_ T, err error) (int, error) { return 1, err }

func many[T any](s []T, err error) (int, error) { return len(s), err }
