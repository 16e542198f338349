// Package oms is an order management system that a Go program imports: orders, a
// double-entry stock ledger, allocation, fulfillment and returns over the program's
// own database and inside its own transactions.
//
// An [Engine] is the standard wiring of the packages below over one store. Its
// commands are grouped by noun:
//
//	kit := oms.New(memory.New()) // or the store that sqlstore.Open gives: same behavior
//	kit.Stock.Receive(ctx, inventory.Receipt{Item: "tee-m", Location: "ber", Qty: 40, Ref: "po-17"})
//	o, err := kit.Orders.Place(ctx, draft, oms.Key("checkout-8812"))
//	o, err = kit.Orders.Confirm(ctx, o.ID)
//
// Every command is one transaction: load, decide, save, and append the events that
// tell of it. Beside the ledger, Stock, there are Purchasing, Transfers, Counts, Costs,
// Channels, Alerts and Imports for who keeps more of inventory than what is sold. A command takes options: [Key] makes
// repeats harmless, [IfVersion] refuses an order that changed meanwhile, [By] names the
// actor.
//
// Four methods hand back an Engine of the same type, bound differently: [Engine.In]
// to another store (such as the host's own transaction), [Engine.Tenant] to another
// tenant, [Engine.Atomically] to one transaction around several commands, and
// [Engine.Preview] to one that is rolled back.
//
// Every change is told in a log. [Engine.Consumer] hands it on, event by event, to a
// function, a webhook or a broker.
//
// # Guarantees
//
//   - A command commits whole, with its events, or leaves no trace.
//   - Each unit is in exactly one account; stock is never negative, whatever races.
//   - What is given back over any sequence of cancels and returns is, to the minor
//     unit, what was paid for those units.
//   - [Engine.Verify] recomputes every balance, counter and amount from the logs and
//     lists what differs.
//
// The Engine reads the clock, makes ids and logs; the packages below do none of it.
// [WithClock] and [WithIDs] put tests in charge of both.
package oms
