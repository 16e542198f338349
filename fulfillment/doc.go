// Package fulfillment is the work of getting goods out of the door: fulfillment
// orders (what one location has to send for one order) and shipments (what left, in
// which parcels, with which tracking).
//
// The package is pure. A [Flow] holds the states of a fulfillment order, and its
// methods are the decisions: they return the next state, the events, and the
// [order.LineDelta]s by which the order's counters follow. Moving the stock is the
// Engine's part, in the same transaction.
//
//	fo, events := fulfillment.Open(id, o.ID, "ber", lines, now)
//	fo, shipment, deltas, events, err := flow.Pack(fo, shipmentID, parcels, now)
//	shipment, deltas, events, err := flow.Ship(fo, shipment, now)
//
// A unit of a fulfillment order line is open, picked, packed, shipped, short (the shelf
// was empty) or cancelled; [Line.Check] states the law.
package fulfillment
