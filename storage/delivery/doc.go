// Package delivery hands the events of a store's log to the outside world: to a Go
// function, to a webhook (package webhook), to a message broker.
//
//	mails, err := delivery.New(delivery.Config{
//		Store: store, Name: "mails", Now: time.Now,
//		Handler: func(ctx context.Context, t storage.Tenant, e storage.Event) error {
//			return send(ctx, e) // an error is a failed attempt
//		},
//	})
//	err = delivery.Run(ctx, mails) // until ctx ends
//
// # What is promised
//
// Every event that is committed is handed to the consumer's handler, or ends up among
// its dead letters: none is skipped, however late its transaction commits. An event may
// be handed out more than once, since a process may die between the call and the note
// of it; [storage.Event].ID is what to recognize it by. The events of an aggregate are
// handed out in their order, one after the other; those of different aggregates in any
// order, and at the same time.
//
// A consumer is known by its name. How far it has come is kept in the store, beside
// the log, so that it goes on where it was in any process. Many processes may run it:
// its aggregates are divided into shards, and whoever holds the lease of a shard hands
// out its next events. A worker takes no more than a batch, and no transaction is open
// while a handler runs: a slow consumer holds up nobody, least of all who writes.
//
// A worker that does not come back loses its lease when that runs out. If it comes back
// after all, what it did is not noted: that is for the next one. While both are at
// work, and only then, the order within an aggregate is not kept; so handlers should
// heed their context, which ends well before the lease does.
//
// # When a handler fails
//
// An error, or a panic, is a failed attempt. The event is set aside as a letter and
// tried again, after a pause that doubles, until it is taken or all attempts are used
// up. Then it is dead. Whatever comes later of the same aggregate waits behind it, so
// that the order holds; other aggregates go on. [Consumer.Dead] lists the dead ones,
// [Consumer.Replay] tries one again, [Consumer.Discard] gives it up; after either, the
// aggregate goes on by itself. A handler says by [Permanent] that it is no use to try
// again, and by [LaterError] when.
//
// A shard with many letters ([Config].Letters) reads no further. An outage so costs a
// bounded number of letters, and nothing is lost: the log waits.
//
// # Several tenants
//
// A consumer is of one tenant; [Run] runs any number of them.
package delivery
