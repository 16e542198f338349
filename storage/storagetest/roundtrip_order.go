package storagetest

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"

	"github.com/orderkit/oms/order"
)

var orderRoundTrips = []rule{
	{
		name: "order/round-trip", run: orderRoundTrip,
		text: "An order is read as it was saved, field by field, by id, by number, in pages, and before it is committed.",
	},
	{
		name: "order/replace", run: orderReplace,
		text: "A later version replaces all of the one before: what it leaves empty is empty, whatever was there.",
	},
	{
		name: "order/prices", run: orderPrices,
		text: "Unit prices, rates and percentages keep their exact value, with six decimals and any size that money allows.",
	},
	{
		name: "order/kits", run: orderKits,
		text: "A line keeps the kit that it is a component of, whatever is agreed on it, beside the same kit sold twice and lines of none.",
	},
	{
		name: "order/currencies", run: orderCurrencies,
		text: "Money keeps every minor unit in every currency, with 0, 2, 3 or 4 decimals, up to order.MaxMinor, and 0.00 EUR is not the Money without currency.",
	},
	{
		name: "order/text", run: orderText,
		text: "Text is kept byte by byte, whatever script, sign or markup it is made of.",
	},
	{
		name: "order/times", run: orderTimes,
		text: "Times come back in UTC, cut to the microsecond; the zero time stays the zero time and the Unix epoch does not become it.",
	},
	{
		name: "order/limits", run: orderLimits,
		text: "The largest quantities, amounts and texts that the library allows are kept.",
	},
	{
		name: "order/large", run: orderLarge,
		text: "An order of 2,000 lines is kept whole, and so is a change of one of them.",
	},
}

// saved stores orders and fails unless each is read as it was.
func (c *check) saved(orders ...order.Order) {
	c.Helper()
	c.update(func(u unit) {
		u.save(orders...)
		for _, o := range orders {
			c.same("order "+o.Number+" in its own transaction", o, u.order(o.ID))
		}
	})
	c.view(func(u unit) {
		for _, o := range orders {
			c.same("order "+o.Number+" by id", o, u.order(o.ID))
			byNumber, err := u.Orders().ByNumber(u.ctx, o.Number)
			u.ok(err)
			c.same("order "+o.Number+" by number", o, byNumber)
		}
		page := u.page(order.Filter{})
		for _, o := range orders {
			i := slices.IndexFunc(page, func(p order.Order) bool { return p.ID == o.ID })
			require.GreaterOrEqual(c, i, 0, "order %s is in a page", o.Number)
			c.same("order "+o.Number+" in a page", o, page[i])
		}
	})
}

func orderRoundTrip(c *check) { c.saved(c.smallestOrder(), c.fullOrder(), c.order("tee", "mug")) }

func orderReplace(c *check) {
	small, full := c.smallestOrder(), c.fullOrder()
	c.saved(small, full)
	grown, shrunk := full.Clone(), small.Clone()
	grown.ID, grown.Number, grown.Version = small.ID, small.Number, 2
	shrunk.ID, shrunk.Number, shrunk.Version = full.ID, full.Number, 2
	c.saved(grown, shrunk)
	again := grown.Clone()
	again.Version = 3
	again.Lines = again.Lines[:1]
	again.Lines[0].Shares, again.Lines[0].Metadata = nil, nil
	again.ShipTo.At, again.Metadata = &order.Point{}, map[string]string{"": ""}
	again.Discounts, again.Payments = again.Discounts[1:], again.Payments[:1]
	c.saved(again)
}

func orderPrices(c *check) {
	var orders []order.Order
	for _, price := range []string{"0", "0.000001", "1.500000", "19.90", "33.333333", "100", "1000", "1E+3", "0.10", "999999999.999999", "9999999999999.99"} {
		o := c.order("tee")
		o.Lines[0].UnitPrice = decimal.RequireFromString(price)
		orders = append(orders, o)
	}
	for _, rate := range []string{"0", "0.000001", "0.1900", "0.077", "1", "10"} {
		o := c.order("tee")
		o.Lines[0].TaxRate = decimal.RequireFromString(rate)
		o.Charges = []order.Charge{{Kind: order.Fee, Price: eur("1.00"), TaxRate: decimal.RequireFromString(rate), Net: eur("1.00"), Tax: eur("0.00"), Total: eur("1.00"), Credited: eur("0.00")}}
		orders = append(orders, o)
	}
	for _, percent := range []string{"0.000001", "10.00", "33.333333", "100"} {
		o := c.order("tee")
		o.Discounts = []order.Discount{{Percent: decimal.RequireFromString(percent), Given: eur("0.00")}}
		orders = append(orders, o)
	}
	c.saved(orders...)
}

func orderKits(c *check) {
	part := func(line int, per int64, item, price string) *order.KitPart {
		return &order.KitPart{Line: line, Item: item, SKU: "SKU " + item, Title: texts[0], UnitPrice: decimal.RequireFromString(price), Per: per}
	}
	o := c.order("tee", "mug", "tee", "cap", "tee", "mug")
	o.Lines[0].Kit, o.Lines[4].Kit = part(1, 2, "set", "19.90"), part(1, 1, "set", "19.90")
	o.Lines[1].Kit, o.Lines[5].Kit = part(2, 2, "set", "9.950"), part(2, order.MaxQty, "set", "9.950")
	o.Lines[2].Kit = &order.KitPart{} // which no order has, and a store need not know
	c.saved(o, c.order("tee"))
	later := next(o, func(o *order.Order) {
		o.Lines[0].Kit.Title, o.Lines[1].Kit, o.Lines[3].Kit = "another", nil, part(4, 1, texts[1], "0.000001")
	})
	c.saved(later)
	c.saved(next(later, func(o *order.Order) {
		for i := range o.Lines {
			o.Lines[i].Kit = nil
		}
	}))
}

func orderCurrencies(c *check) {
	var orders []order.Order
	exponents := map[int]bool{}
	for _, currency := range order.Currencies() {
		if exponents[currency.Exponent()] && c.rand.IntN(8) > 0 {
			continue // every exponent, and some of the others
		}
		exponents[currency.Exponent()] = true
		orders = append(orders, c.orderIn(currency))
	}
	c.saved(orders...)
}

// orderIn has the smallest and the largest amounts of a currency.
func (m *maker) orderIn(currency order.Currency) order.Order {
	minor := func(n int64) order.Money {
		amount, err := order.Minor(n, currency)
		if err != nil {
			panic(err) // within MaxMinor
		}
		return amount
	}
	o := m.order("tee")
	o.Currency = currency
	l := &o.Lines[0]
	l.Amount, l.Net, l.Tax, l.Total = minor(order.MaxMinor), minor(order.MaxMinor-1), minor(1), minor(order.MaxMinor)
	o.Charges = []order.Charge{{Kind: order.Shipping, Price: minor(1005), Net: minor(1000), Tax: minor(5), Total: minor(1005), Credited: minor(0)}}
	o.Discounts = []order.Discount{
		{Code: "percent", Percent: decimal.New(1, 0), Given: minor(0)}, // its Amount has no currency
		{Code: "amount", Amount: minor(100), Given: minor(10)},
	}
	o.Payments = []order.Operation{{ID: "p", Kind: order.Authorize, Status: order.Succeeded, Amount: minor(1), At: at(1)}}
	return o
}

func orderText(c *check) {
	orders := make([]order.Order, len(texts))
	for i, text := range texts {
		o := c.fullOrder()
		o.Number, o.Channel, o.Customer, o.Note = fmt.Sprintf("№%d-%s", i, strings.TrimSpace(text)), text, text, text
		o.Tags = []string{text, "", text}
		o.Metadata = map[string]string{text: text, "": text, "k" + text: ""}
		o.Lines[0].Title, o.Lines[0].SKU, o.Lines[0].Metadata = text, text, map[string]string{text: text}
		o.Charges[0].Title, o.Discounts[0].Code, o.Discounts[0].Title = text, text, text
		o.Payments[0].ID, o.Payments[0].Reference, o.Payments[0].Tender = text, text, text
		o.Holds[0].Owner, o.Holds[0].Handle, o.Holds[0].Note = text, text, text
		o.ShipTo.Name, o.ShipTo.Street, o.ShipTo.City = text, []string{text, "", text}, text
		orders[i] = o
	}
	c.saved(orders...)
}

func orderTimes(c *check) {
	zone := time.FixedZone("somewhere", 5*3600+1800)
	moments := []time.Time{
		{},
		time.Unix(0, 0),
		time.Unix(0, 1000).UTC(),
		time.Unix(-1, 999_999_000),
		time.Date(1900, 1, 1, 0, 0, 0, 0, time.UTC),
		time.Date(2026, 3, 29, 2, 30, 0, 123_456_789, zone),
		time.Date(2026, 12, 31, 23, 59, 59, 999_999_999, time.UTC),
		time.Date(9999, 12, 31, 23, 59, 59, 999_999_000, time.UTC),
	}
	orders := make([]order.Order, len(moments))
	for i, t := range moments {
		o := c.fullOrder()
		o.PayBy, o.PlacedAt, o.ConfirmedAt, o.ClosedAt, o.CancelledAt, o.UpdatedAt = t, t, t, t, t, t
		o.Payments[0].At, o.Payments[0].SettledAt, o.Holds[0].At = t, t, t
		orders[i] = o
	}
	c.saved(orders...)
}

func orderLimits(c *check) {
	o := c.fullOrder()
	const most = order.MaxQty
	o.Lines[0].Counters = order.Counters{
		Ordered: most, Shipped: most, Delivered: most, Returned: most, Lost: most, Restocked: most, WrittenOff: most, RefundedUnits: most,
	}
	o.Lines[1].Counters = order.Counters{Ordered: most, Cancelled: most}
	o.Lines[0].Title, o.Note = strings.Repeat("ß", 1000), strings.Repeat("long text, ", 6000)
	o.Metadata = map[string]string{strings.Repeat("k", 500): strings.Repeat("v", 70_000)}
	for i := range 300 {
		o.Tags = append(o.Tags, fmt.Sprint("tag-", i))
		o.Metadata[fmt.Sprint("key-", i)] = fmt.Sprint(i)
	}
	o.ShipTo.At = &order.Point{Lat: -90, Lng: 180}
	c.saved(o)
}

func orderLarge(c *check) {
	o := c.bigOrder(2000)
	c.saved(o)
	changed := next(o, func(o *order.Order) {
		o.Lines[1234].Reserved, o.Lines[1234].Shipped, o.Lines[1234].Metadata = 0, 1, map[string]string{"row": "changed"}
		o.Lines[1999].Title = "the last"
	})
	c.saved(changed)
	c.saved(next(changed, func(o *order.Order) { o.State, o.ConfirmedAt = order.StateOpen, at(99) }))
}
