package memory

import (
	"cmp"
	"sync"

	"github.com/google/uuid"

	"github.com/orderkit/oms/fulfillment"
	"github.com/orderkit/oms/inventory"
	"github.com/orderkit/oms/order"
	"github.com/orderkit/oms/returns"
	"github.com/orderkit/oms/storage"
)

// tables are the rows of a tenant, beside the lists of its state.
type tables struct {
	orders    *table[uuid.UUID, orderRow]
	numbers   *table[string, order.ID]
	customers *index[link] // customer → orders
	states    *index[link] // state → orders

	items        *table[string, inventory.Item]
	locations    *table[string, inventory.Location]
	levels       *table[levelKey, inventory.Level]
	balances     *table[inventory.Key, inventory.Balance]
	reservations *table[holder, units]
	soft         *index[expiry]         // item → reservations with soft units, the first to expire first
	postings     *table[uuid.UUID, int] // places in the list

	works          *table[uuid.UUID, workRow]
	orderWorks     *index[pair] // order → fulfillment orders
	worksIn        *index[link] // work state → fulfillment orders
	shipments      *table[uuid.UUID, fulfillment.Shipment]
	orderShipments *index[pair] // order → shipments

	returns         *table[uuid.UUID, returns.Return]
	orderReturns    *index[pair] // order → returns
	customerReturns *index[link] // customer → returns
	returnsIn       *index[link] // state → returns

	trail    *index[place] // aggregate → events
	commands *table[string, storage.Command]

	cursors *table[shardKey, storage.Cursor]
	letters *table[letterKey, storage.Letter]

	documents *table[documentKey, storage.Document]
	ranked    *index[documentPlace] // by kind and parent
	live      *index[documentPlace] // those that are live
}

func newTables() *tables {
	latch := new(sync.RWMutex)
	links := func() *index[link] { return newIndex(latch, (*link).compare) }
	pairs := func() *index[pair] { return newIndex(latch, (*pair).compare) }
	return &tables{
		orders:    newTable[uuid.UUID, orderRow](latch, compareIDs),
		numbers:   newTable[string, order.ID](latch, nil).forSteady().byBlock(),
		customers: links(),
		states:    links(),

		items:        newTable[string, inventory.Item](latch, compareStrings).byBlock(),
		locations:    newTable[string, inventory.Location](latch, compareStrings),
		levels:       newTable[levelKey, inventory.Level](latch, (*levelKey).compare),
		balances:     newTable[inventory.Key, inventory.Balance](latch, compareKeys).byBlock(),
		reservations: newTable[holder, units](latch, (*holder).compare).byBlock(),
		soft:         newIndex(latch, (*expiry).compare).byBlock(),
		postings:     newTable[uuid.UUID, int](latch, compareIDs).forSteady().byBlock(),

		works:          newTable[uuid.UUID, workRow](latch, compareIDs),
		orderWorks:     pairs(),
		worksIn:        links(),
		shipments:      newTable[uuid.UUID, fulfillment.Shipment](latch, compareIDs),
		orderShipments: pairs(),

		returns:         newTable[uuid.UUID, returns.Return](latch, compareIDs),
		orderReturns:    pairs(),
		customerReturns: links(),
		returnsIn:       links(),

		trail:    newIndex(latch, (*place).compare).byBlock(),
		commands: newTable[string, storage.Command](latch, nil).forSteady().byBlock(),

		cursors: newTable[shardKey, storage.Cursor](latch, (*shardKey).compare),
		letters: newTable[letterKey, storage.Letter](latch, (*letterKey).compare),

		documents: newTable[documentKey, storage.Document](latch, (*documentKey).compare),
		ranked:    newIndex(latch, (*documentPlace).compare),
		live:      newIndex(latch, (*documentPlace).compare),
	}
}

func compareStrings(a, b *string) int { return cmp.Compare(*a, *b) }
