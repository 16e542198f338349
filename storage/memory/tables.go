package memory

import (
	"strings"

	"github.com/google/uuid"

	"github.com/orderkit/oms/fulfillment"
	"github.com/orderkit/oms/inventory"
	"github.com/orderkit/oms/returns"
	"github.com/orderkit/oms/storage"
)

// tables is everything that a tenant has.
type tables struct {
	orders    table[uuid.UUID, orderRow]
	numbers   tree[link] // number → order
	customers tree[link] // customer → orders
	states    tree[link] // state → orders

	items        table[string, inventory.Item]
	locations    table[string, inventory.Location]
	balances     table[*inventory.Key, inventory.Balance]
	reservations table[*holder, units]
	soft         tree[expiry] // item → reservations with soft units, the first to expire first
	postings     list[posting]
	postingIDs   table[uuid.UUID, int]
	movements    list[movement] // of all postings, one after another

	works          table[uuid.UUID, workRow]
	orderWorks     tree[pair] // order → fulfillment orders
	worksIn        tree[link] // work state → fulfillment orders
	shipments      table[uuid.UUID, fulfillment.Shipment]
	orderShipments tree[pair] // order → shipments

	returns         table[uuid.UUID, returns.Return]
	orderReturns    tree[pair] // order → returns
	customerReturns tree[link] // customer → returns
	returnsIn       tree[link] // state → returns

	events   list[event]
	trail    tree[place] // aggregate → events
	commands table[string, storage.Command]
}

func newTables() *tables {
	return &tables{
		orders:    newTable[uuid.UUID, orderRow](compareIDs),
		numbers:   newTree(link.less),
		customers: newTree(link.less),
		states:    newTree(link.less),

		items:        newTable[string, inventory.Item](strings.Compare),
		locations:    newTable[string, inventory.Location](strings.Compare),
		balances:     newTable[*inventory.Key, inventory.Balance](compareKeys),
		reservations: newTable[*holder, units]((*holder).compare),
		soft:         newTree(expiry.less),
		postingIDs:   newTable[uuid.UUID, int](compareIDs),

		works:          newTable[uuid.UUID, workRow](compareIDs),
		orderWorks:     newTree(pair.less),
		worksIn:        newTree(link.less),
		shipments:      newTable[uuid.UUID, fulfillment.Shipment](compareIDs),
		orderShipments: newTree(pair.less),

		returns:         newTable[uuid.UUID, returns.Return](compareIDs),
		orderReturns:    newTree(pair.less),
		customerReturns: newTree(link.less),
		returnsIn:       newTree(link.less),

		trail:    newTree(place.less),
		commands: newTable[string, storage.Command](strings.Compare),
	}
}
