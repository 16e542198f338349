package costing

import (
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/shopspring/decimal"

	"github.com/orderkit/oms/inventory"
)

// Kind says what an entry tells of.
type Kind string

// The kinds of entries.
const (
	Opened    Kind = "opening"         // stock that was there before the books
	Received  Kind = "receipt"         // units from a supplier
	SentBack  Kind = "supplier_return" // units to a supplier
	Shipped   Kind = "shipment"        // units to a customer: the cost of goods sold
	Returned  Kind = "return"          // units from a customer
	Found     Kind = "found"           // units that turned up
	Lost      Kind = "shrink"          // units that are gone
	Scrapped  Kind = "scrap"           // units that were destroyed
	Recovered Kind = "recovered"       // units that were thought destroyed
	Consumed  Kind = "consumed"        // units that something else was made of
	Made      Kind = "made"            // units that were made of others
	Revalued  Kind = "revaluation"     // a later cost of a receipt
)

// Account is an account of the journal.
type Account string

// The accounts. A host maps them to those of its books.
const (
	AccountStock      Account = "inventory"
	AccountOpening    Account = "opening_balance"
	AccountPurchases  Account = "purchases"
	AccountCOGS       Account = "cogs"
	AccountShrinkage  Account = "shrinkage"
	AccountScrap      Account = "scrap"
	AccountProduction Account = "production"
	AccountLanded     Account = "landed_cost"
	AccountVariance   Account = "cogs_variance"
)

// counterpart is the account that the value of stock comes from or goes to.
func (k Kind) counterpart() Account {
	switch k {
	case Opened:
		return AccountOpening
	case Received, SentBack:
		return AccountPurchases
	case Shipped, Returned:
		return AccountCOGS
	case Found, Lost:
		return AccountShrinkage
	case Scrapped, Recovered:
		return AccountScrap
	case Consumed, Made:
		return AccountProduction
	case Revalued:
	}
	return AccountLanded
}

// kindOf is the kind of entry that a movement makes, and whether it brings units in or
// takes them out. A movement that does neither makes none.
func kindOf(m *inventory.Movement, r inventory.Reason) (k Kind, in bool) {
	from, to := owned(m.From.State), owned(m.To.State)
	if from == to {
		return "", false
	}
	outside := m.From.State
	if from {
		outside = m.To.State
	}
	switch outside {
	case inventory.Supplier:
		if r == inventory.ReasonOpening {
			return Opened, to
		}
		return pick(to, Received, SentBack), to
	case inventory.Customer:
		return pick(to, Returned, Shipped), to
	case inventory.Shrink:
		return pick(to, Found, Lost), to
	case inventory.Scrap:
		return pick(to, Recovered, Scrapped), to
	default:
		return pick(to, Made, Consumed), to
	}
}

func pick(in bool, a, b Kind) Kind {
	if in {
		return a
	}
	return b
}

// owned tells whether units in a state are valued.
func owned(s inventory.State) bool { return s.AtLocation() || s == inventory.InTransit }

// Entry is one line of the journal of an item's value. It is never changed.
type Entry struct {
	ID       string          `json:"id"`
	Item     string          `json:"item"`
	Seq      int64           `json:"seq"` // from 1, without a gap
	At       time.Time       `json:"at"`
	Kind     Kind            `json:"kind"`
	Posting  uuid.UUID       `json:"posting"` // the stock posting it values; of a revaluation, the receipt
	Document string          `json:"document,omitempty"`
	Actor    string          `json:"actor,omitempty"`
	Qty      int64           `json:"qty"`               // units that came, or that left when negative
	Value    decimal.Decimal `json:"value"`             // by which the stock is worth more, or less when negative
	Variance decimal.Decimal `json:"variance,omitzero"` // what a revaluation could not put on stock

	QtyAfter   int64           `json:"qty_after"` // units owned from then on
	ValueAfter decimal.Decimal `json:"value_after"`
}

// EntryID names the entry of an item with a number. It sorts like the number.
func EntryID(item string, seq int64) string { return fmt.Sprintf("%s\t%019d", item, seq) }

// Line is one line of an accounting journal: an amount on the debit or the credit side.
type Line struct {
	Account Account         `json:"account"`
	Debit   decimal.Decimal `json:"debit,omitzero"`
	Credit  decimal.Decimal `json:"credit,omitzero"`
}

// Lines is the entry as double entry: what is debited is credited. Amounts of zero make
// no lines.
func (e *Entry) Lines() []Line {
	var out []Line
	book := func(on Account, amount decimal.Decimal) {
		switch amount.Sign() {
		case 1:
			out = append(out, Line{Account: on, Debit: amount})
		case -1:
			out = append(out, Line{Account: on, Credit: amount.Neg()})
		}
	}
	book(AccountStock, e.Value)
	book(AccountVariance, e.Variance)
	book(e.Kind.counterpart(), e.Value.Add(e.Variance).Neg())
	return out
}

// Event is something that happened to the value of stock. Kind is stable and goes on
// the wire.
type Event interface{ Kind() string }

// Posted is an entry that a stock posting made.
type Posted struct {
	Entry Entry `json:"entry"`
}

// Kind is "cost.posted".
func (Posted) Kind() string { return "cost.posted" }

// Adjusted is an entry that a later cost made.
type Adjusted struct {
	Entry Entry `json:"entry"`
}

// Kind is "cost.revalued".
func (Adjusted) Kind() string { return "cost.revalued" }

// EventOf is the event that tells of an entry.
func EventOf(e Entry) Event {
	if e.Kind == Revalued {
		return Adjusted{e}
	}
	return Posted{e}
}
