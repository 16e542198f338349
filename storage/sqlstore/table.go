package sqlstore

import (
	"fmt"
	"slices"
	"strings"

	"github.com/orderkit/oms/fulfillment"
	"github.com/orderkit/oms/inventory"
	"github.com/orderkit/oms/order"
	"github.com/orderkit/oms/returns"
	"github.com/orderkit/oms/storage"
)

// table is a table whose rows this package has in hand as []any, in the order of the
// columns: int64, string, float64, or nil for NULL. Such rows are what is written,
// what is read, and what tells the columns that changed from those that did not.
type table struct {
	place   int // in tables
	name    string
	keys    int // the first columns are the primary key, beginning with the tenant
	columns []string
	version int // the place of the column that guards updates; 0 without one
	blanks  blanks

	taken error // what a new row is refused with if its key exists
	stale error // what a later version is refused with if the stored one is another
}

// The places of the tables are the order in which the writes of a transaction are
// sent, and so the order in which rows are locked. Idempotency keys come first: who
// comes second with a command has to learn that before anything else.
const (
	commandsPlace = iota
	ordersPlace
	orderLinesPlace
	levelsPlace
	balancesPlace
	reservationsPlace
	movementsPlace
	fulfillmentsPlace
	shipmentsPlace
	returnsPlace
	eventsPlace
	cursorsPlace
	lettersPlace
	documentsPlace
	places
)

func columns(names string) []string { return strings.Fields(names) }

// blanks are the columns that say nothing in almost every new row, and what SQL writes
// there: by their places, "" for the others. Where no row of an INSERT says anything in any
// of them they are no arguments, which are what an INSERT of many columns costs.
type blanks []string

// blank finds the places of columns that are given with their literals, "qty=0 lot=”".
func (t *table) blank(pairs string) *table {
	t.blanks = make(blanks, len(t.columns))
	for pair := range strings.FieldsSeq(pairs) {
		name, literal, _ := strings.Cut(pair, "=")
		t.blanks[slices.Index(t.columns, name)] = literal
	}
	return t
}

// are tells whether rows say nothing in the columns.
func (b blanks) are(rows []any) bool {
	if b == nil {
		return false
	}
	for i, cell := range rows {
		switch b[i%len(b)] {
		case "":
		case "0":
			if cell != int64(0) {
				return false
			}
		case "''":
			if cell != "" {
				return false
			}
		case "NULL":
			if cell != nil {
				return false
			}
		}
	}
	return true
}

// others are the arguments of rows whose blanks are not: the tenant once, and all that is
// not blank.
func (b blanks) others(rows []any) []any {
	out := append(make([]any, 0, len(rows)), rows[0])
	for i, cell := range rows {
		if place := i % len(b); place > 0 && b[place] == "" {
			out = append(out, cell)
		}
	}
	return out
}

var (
	commandsTable = &table{
		place: commandsPlace, name: "commands", keys: 2,
		columns: columns("tenant id command hash result at"),
		taken:   storage.ErrConflict,
	}
	ordersTable = (&table{
		place: ordersPlace, name: "orders", keys: 2, version: 3,
		columns: columns(`tenant id number version state channel customer currency total due
			payment fulfillment returns on_hold pay_by placed_at updated_at body`),
		taken: order.ErrExists, stale: storage.Stale(order.ErrStale),
	}).blank("on_hold=0 pay_by=NULL")
	orderLinesTable = (&table{
		place: orderLinesPlace, name: "order_lines", keys: 3,
		columns: columns(`tenant order_id line_no item sku title unit_price tax_rate stocked backorder
			amount net tax total ordered unreserved reserved backordered picked packed shipped cancelled
			delivered return_open returned lost restocked written_off refunded_units shares metadata`),
		taken: storage.ErrCorrupt, stale: storage.ErrCorrupt,
	}).blank(`backorder=0 unreserved=0 backordered=0 picked=0 packed=0 shipped=0 cancelled=0 delivered=0
		return_open=0 returned=0 lost=0 restocked=0 written_off=0 refunded_units=0 metadata=NULL`)
	levelsTable = &table{
		place: levelsPlace, name: "levels", keys: 3, version: 7,
		columns: columns("tenant item location safety frozen untracked unstocked version"),
		taken:   storage.Stale(inventory.ErrStale), stale: storage.Stale(inventory.ErrStale),
	}
	balancesTable = &table{
		place: balancesPlace, name: "stock_balances", keys: 4,
		columns: columns("tenant item location lot free soft committed picked packed qc damaged held"),
		taken:   storage.Stale(inventory.ErrStale),
	}
	reservationsTable = (&table{
		place: reservationsPlace, name: "reservations", keys: 6, version: 14,
		columns: columns(`tenant owner line item location lot soft committed picked packed shipped released
			open_units soft_until version`),
		taken: storage.Stale(inventory.ErrStale), stale: storage.Stale(inventory.ErrStale),
	}).blank("lot='' picked=0 packed=0 shipped=0 released=0")
	movementsTable = (&table{
		place: movementsPlace, name: "stock_movements", keys: 3,
		columns: columns(`tenant posting n reason document actor at item lot
			from_location from_state to_location to_state qty`),
		taken: storage.ErrConflict,
	}).blank("lot=''")
	fulfillmentsTable = &table{
		place: fulfillmentsPlace, name: "fulfillments", keys: 2, version: 6,
		columns: columns("tenant id order_id location work live version body"),
		taken:   storage.Stale(fulfillment.ErrStale), stale: storage.Stale(fulfillment.ErrStale),
	}
	shipmentsTable = &table{
		place: shipmentsPlace, name: "shipments", keys: 2, version: 6,
		columns: columns("tenant id order_id fulfillment_id location state version body"),
		taken:   storage.Stale(fulfillment.ErrStale), stale: storage.Stale(fulfillment.ErrStale),
	}
	returnsTable = &table{
		place: returnsPlace, name: "returns", keys: 2, version: 5,
		columns: columns("tenant id order_id customer state version body"),
		taken:   storage.Stale(returns.ErrStale), stale: storage.Stale(returns.ErrStale),
	}
	eventsTable = (&table{
		place: eventsPlace, name: "events", keys: 4,
		columns: columns("tenant aggregate version id seq kind at actor data"),
		taken:   storage.ErrConflict,
	}).blank("seq=0")

	cursorsTable = &table{
		place: cursorsPlace, name: "cursors", keys: 3, version: 10,
		columns: columns("tenant consumer shard shards done_to letters claims careful owner lease_until version"),
		taken:   storage.ErrConflict, stale: storage.ErrConflict,
	}
	lettersTable = &table{
		place: lettersPlace, name: "letters", keys: 4, version: 10,
		columns: columns("tenant consumer shard aggregate seq attempts error at due dead version"),
		taken:   storage.ErrConflict, stale: storage.ErrConflict,
	}

	documentsTable = &table{
		place: documentsPlace, name: "documents", keys: 3, version: 6,
		columns: columns("tenant kind id parent ord live version body"),
		taken:   storage.ErrConflict, stale: storage.ErrConflict,
	}

	itemsTable     = &table{name: "items", keys: 2, columns: columns("tenant id sku name scale untracked backorder safety body")}
	locationsTable = &table{name: "locations", keys: 2, columns: columns("tenant id name priority lat lng country inactive")}
)

// tables are the tables with buffered writes, by place.
var tables = [places]*table{
	commandsTable, ordersTable, orderLinesTable, levelsTable, balancesTable, reservationsTable, movementsTable,
	fulfillmentsTable, shipmentsTable, returnsTable, eventsTable, cursorsTable, lettersTable,
	documentsTable,
}

// describe names a row by its key, for the text of an error.
func (t *table) describe(key []any) string {
	return strings.TrimSuffix(fmt.Sprintln(append([]any{t.name}, key[1:t.keys]...)...), "\n")
}

// selected lists columns of a table for a SELECT, from the second on: the tenant is
// known.
func (t *table) selected(alias string) string {
	return alias + strings.Join(t.columns[1:], ", "+alias)
}
