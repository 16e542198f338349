package peercases_test

// rule names a decision that the library takes otherwise than a peer.
type rule string

// The rules. A mapper names one from what a case gives and asks, before the answer is known.
const (
	dropsAmount     rule = "an amount over nothing is dropped"
	turnsSign       rule = "the last share takes the whole rounding error"
	halfUnits       rule = "a discount is half a minor unit"
	inactiveByName  rule = "an inactive location sells when asked by name"
	negativeStock   rule = "stock may be negative"
	givesTwice      rule = "more is given back than was held"
	refusesTwoHolds rule = "a second hold for the same line is refused"
	storedFlag      rule = "being in stock is a flag beside the number"
	foldsCase       rule = "ids match whatever their case"
	placedBackorder rule = "a backorder waits at a location"
	shipsUnreserved rule = "a shipment takes more than is promised there"
	cancelsShipped  rule = "shipped units can be cancelled"
	capturesOnce    rule = "a failed capture ends its authorization"
	emptyOrder      rule = "an order may have no lines"
	samePlan        rule = "a move that moves nothing is refused"
)

// deliberate says why the library stands by each rule. A case under a rule must differ; when it
// begins to agree, the test fails and the rule goes.
var deliberate = map[rule]string{
	dropsAmount:     "An amount is never dropped: over weights of zero it is split evenly, as Vendure does.",
	turnsSign:       "No share turns the sign of the total or exceeds its line: a discount must not become a surcharge.",
	halfUnits:       "A discount is money, whole minor units, rounded once; the line is what it leaves. The peer rounds the line.",
	inactiveByName:  "One availability rule for every question: an inactive location keeps its stock and promises it to nobody.",
	negativeStock:   "A balance is a sum of movements of real units. Demand beyond stock is a backorder, never negative stock.",
	givesTwice:      "A reservation is units in an account: no row can give back what is not in it, so none is below zero.",
	refusesTwoHolds: "A second hold under the same key replaces the first: nobody is blocked by their own cart.",
	storedFlag:      "In stock is derived: units that may be sold. A flag beside the number could disagree with it.",
	foldsCase:       "Ids are exact. Folding them would make two items of one stock, or one of two.",
	placedBackorder: "A backorder is demand of the order. It gets its location with its stock, wherever that arrives.",
	shipsUnreserved: "Shipping consumes a named reservation; units of another location are another fulfillment order.",
	cancelsShipped:  "What has left the house comes back by a return, never by a cancellation.",
	capturesOnce:    "A capture that fails moved no money: its authorization is as good as before.",
	samePlan:        "Work is moved by planning its order anew. A plan that comes out as it was changes nothing and is no error.",
	emptyOrder:      "An order is a sale: it has at least one line. Nothing sold is no order, not one over zero.",
}

// reason says why a case cannot be asked.
type reason string

// The reasons that are not a whole kind.
const (
	noEdits        reason = "placed orders are not added to, repriced or sent elsewhere"
	noConditions   reason = "a discount has no condition that a change would test again"
	mixedPrices    reason = "the prices of an order are all net or all gross"
	noNegative     reason = "a negative charge at a tax rate of its own"
	someCharges    reason = "a discount takes all charges or none"
	noSplitter     reason = "which units share a parcel is the host's to say, by weight or size"
	noActionNeeded reason = "a payment that waits for its buyer is the gateway's affair"
	noStatus       reason = "a status is derived, nobody sets it"
)

// notBuilt is everything that cannot be asked, with the kinds it is asked in. A new kind, or an old one
// in a new form, fails the test until it is mapped or listed.
var notBuilt = map[reason][]string{
	noEdits:        {"order_edit.totals", "order_edit.check", "refund.across_payments", "refund.after_edit", "return.stock_effect", "order_change.summary"},
	noConditions:   {"refund.after_edit"},
	mixedPrices:    {"totals.order", "totals.tax_lines", "totals.exact"},
	noNegative:     {"totals.order"},
	someCharges:    {"totals.order"},
	noSplitter:     {"package.split"},
	noActionNeeded: {"derive.payment_status"},
	noStatus:       {"transition.check"},
}
