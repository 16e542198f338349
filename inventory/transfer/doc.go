// Package transfer moves goods between two locations when that takes time.
//
// A [Transfer] is drafted, made ready (its stock is committed at the origin, lot by lot),
// shipped in one or several dispatches, and received in one or several receipts. On the
// way its units are at no location: they are in the account inventory.InTransit, which
// is at any moment the sum of what is in transit by the transfers.
//
//	ready     FREE → COMMITTED at the origin, as reservations of "transfer/<id>"
//	ship      COMMITTED → IN_TRANSIT
//	receive   IN_TRANSIT → FREE or QC at the destination
//	reject    IN_TRANSIT → DAMAGED at the destination, or back to the origin
//	close     IN_TRANSIT → SHRINK, for what will never arrive
//
// The package is pure: the methods of a [Flow] are functions of a transfer, of what was
// read of the stock, a command and the moment; they return the transfer and the stock
// changes to save together, and what to tell. The Engine of the root package runs them:
//
//	t, err := kit.Transfers.Draft(ctx, transfer.Draft{From: "ber", To: "ham", Lines: []transfer.DraftLine{{Item: "tee-m", Qty: 40}}})
//	t, err = kit.Transfers.Ready(ctx, t.ID)
//	t, err = kit.Transfers.Ship(ctx, t.ID, transfer.Shipping{})
//	t, err = kit.Transfers.Receive(ctx, t.ID, transfer.Receiving{Ref: "dock-4", Arrivals: []transfer.Arrival{{Line: 1, Qty: 40}}})
//
// Goods that need no time on the road move by inventory.Transfer, in one step.
package transfer
