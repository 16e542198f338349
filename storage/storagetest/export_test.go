package storagetest

import (
	"testing"

	"github.com/orderkit/oms/inventory"
	"github.com/orderkit/oms/storage"
)

// ReopenCases are the cases that Reopen adds.
func ReopenCases(reopen func(testing.TB, storage.Store) storage.Store) []Case {
	cfg := config{seed: defaultSeed, reopen: reopen}
	return cfg.cases()[len(Cases()):]
}

// Samples are one of each kind of data, with every field set.
func Samples() []any {
	var m maker
	m.rand = newRand(defaultSeed, 0)
	o := m.fullOrder()
	w := m.fullWork(o)
	key := inventory.ReservationKey{Owner: "o", Line: 1, Item: "i", Lot: "l", Location: "b"}
	posting := m.move(inside("tee", "ber", inventory.Free, inventory.QC, 1)).Posting
	posting.Document, posting.Movements[0].Lot = "po", "lot"
	e := m.event("order/1", "order.placed")
	e.Seq = 1 // set by the store
	return []any{o, w, m.fullShipment(w), m.fullReturn(o), fullItem("a"), fullLocation("a"), fullReservation(key), posting, e, command("k"), fullCursor(), fullLetter()}
}
