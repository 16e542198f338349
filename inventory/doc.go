// Package inventory is a double-entry ledger of goods.
//
// Every unit is in exactly one account, and every change moves units from one
// account to another. An account is a [State] at a location ([Free], [Committed],
// [Picked], …) or one of the accounts outside every location ([Supplier],
// [Customer], [Shrink], …). A [Movement] takes a positive quantity from one account
// to another; a [Posting] is a group of movements that is applied whole or not at
// all. Balances are sums of movements, so stock cannot appear, vanish or be sold
// twice without a line in the log that says so.
//
// The package is pure. [Receive], [Adjust], [Reserve], [Commit], [Release], [Ship],
// [Transfer], [Return] and [Move] are functions of what was read (a [Snapshot]), a
// command and the moment; they return the [Changes] to save, or an error and
// nothing. A [Repository] reads snapshots and applies changes; storage adapters
// provide it, and the Engine of the root package puts the two together:
//
//	kit.Stock.AddItem(ctx, inventory.Item{ID: "tee-m", Name: "T-shirt, M"})
//	kit.Stock.AddLocation(ctx, inventory.Location{ID: "ber", Name: "Berlin"})
//	kit.Stock.Receive(ctx, inventory.Receipt{Item: "tee-m", Location: "ber", Qty: 40, Ref: "po-17"})
//	kit.Stock.Reserve(ctx, inventory.Hold{Owner: "cart-7", Item: "tee-m", Location: "ber", Qty: 1, Until: inTenMinutes})
//
// # Kits and assembled items
//
// An item with a [Item.Kit] keeps no stock: there are as many as its components make, and
// a hold of it holds those. What is in one kit is at one location: a [Group] has the kits
// that each of its locations makes, and [Rebind] moves whole ones. An order of a kit has a
// line for each component, with its part ([Component.Share]) of the price of the kit. An
// item with a [Item.Bill] keeps stock of its own, which [Assemble] makes.
//
// # Serial numbers
//
// Units of an item with a [SerialPolicy] are known one by one: [Register] decides which of
// them a posting moves. What a unit is doing at a location is not followed, since nobody
// looks at its number when it is promised or put aside.
//
// # Below this package
//
// Package purchasing has suppliers, purchase orders, what is expected of them and who
// waits for it; package transfer has goods on their way between locations, package count
// the shelf against the books, package costing what stock is worth, package forecast what
// will be wanted, and package sheet the CSV files that all of it comes in.
//
// # Reservations
//
// A [Reservation] belongs to an owner (a cart, an order) and says where each of its
// units is: soft → committed → picked → packed → shipped, or released. A soft
// reservation has an expiry, and expiry is lazy: from that moment on its units count
// as available in every answer, whether or not anything has tidied them up.
//
// # Quantities
//
// Quantities are whole numbers of an item's base unit, at most [MaxQty]. Goods sold
// by weight or length declare a finer base unit ([Item.Scale] says how many decimal
// places of the sales unit it has); there are no fractions anywhere in the ledger.
//
// # What may be promised
//
// [Availability] is what an item has at a location, or everywhere, with a [Term] for each
// part of the number. It leaves out safety stock, lots that are expired or blocked, and
// what a [Level] says is frozen or not kept there. A [Group] is locations that promise
// together; a [Channel] sees what it may sell, less the buffer and the cap of its
// [Listing]. Beyond that, an item with [Item.Backorder] may be sold before it is there; no
// more units wait at once than its BackorderLimit, and how many more may is told beside.
package inventory
