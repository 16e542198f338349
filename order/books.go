package order

// Totals are the amounts of an order as sold.
type Totals struct {
	Items    Money // lines before discounts
	Discount Money // what all discounts came to, on lines and charges
	Charges  Money // charges without tax, after discounts
	Net      Money // lines and charges without tax
	Tax      Money
	Total    Money // Net + Tax: what the buyer agreed to pay
}

// Totals sums the stored amounts; nothing is computed anew.
func (o *Order) Totals() Totals {
	t := Totals{Items: Zero(o.Currency), Discount: Zero(o.Currency), Charges: Zero(o.Currency),
		Net: Zero(o.Currency), Tax: Zero(o.Currency), Total: Zero(o.Currency)}
	for i := range o.Lines {
		l := &o.Lines[i]
		t.Items.minor += l.Amount.minor
		t.Net.minor += l.Net.minor
		t.Tax.minor += l.Tax.minor
		t.Total.minor += l.Total.minor
	}
	for i := range o.Charges {
		c := &o.Charges[i]
		t.Charges.minor += c.Net.minor
		t.Net.minor += c.Net.minor
		t.Tax.minor += c.Tax.minor
		t.Total.minor += c.Total.minor
	}
	for i := range o.Discounts {
		t.Discount.minor += o.Discounts[i].Given.minor
	}
	return t
}

// bounded refuses an order whose lines and charges, before discounts or with tax, add
// up to more than a Money holds. Every other sum over an order is a part of these two
// and needs no check of its own.
func (o *Order) bounded() error {
	before, after := Zero(o.Currency), Zero(o.Currency)
	add := func(amount, total Money) (err error) {
		if before, err = before.Add(amount); err == nil {
			after, err = after.Add(total)
		}
		return err
	}
	for i := range o.Lines {
		if err := add(o.Lines[i].Amount, o.Lines[i].Total); err != nil {
			return err
		}
	}
	for i := range o.Charges {
		if err := add(o.Charges[i].Price, o.Charges[i].Total); err != nil {
			return err
		}
	}
	return nil
}

// Credit is what the next qty units of a line are worth to the buyer when they are
// cancelled or refunded.
type Credit struct {
	Net   Money
	Tax   Money
	Total Money
}

// Credit values the next qty units by cumulative difference:
//
//	round(Total × after ÷ ordered) − round(Total × before ÷ ordered)
//
// so that any batching of all units gives back exactly Total, and exactly Tax.
func (l *Line) Credit(qty int64) (Credit, error) {
	before := l.credited()
	total, err := l.Total.Share(before, before+qty, l.Ordered)
	if err != nil {
		return Credit{}, err
	}
	tax, err := l.Tax.Share(before, before+qty, l.Ordered)
	if err != nil {
		return Credit{}, err
	}
	net := total
	net.minor -= tax.minor
	return Credit{Net: net, Tax: tax, Total: total}, nil
}

// kept is what the buyer still pays for a line.
func (l *Line) kept() Credit {
	total, _ := l.Total.Share(l.credited(), l.Ordered, l.Ordered) // credited ≤ ordered is a law
	tax, _ := l.Tax.Share(l.credited(), l.Ordered, l.Ordered)
	net := total
	net.minor -= tax.minor
	return Credit{Net: net, Tax: tax, Total: total}
}

// Books are the money of an order, as of now. They balance by construction of the
// record and Verify checks it:
//
//	Captured − Refunded + Due = Goods + GoodsTax + Charges + ChargesTax − Allowed
type Books struct {
	Captured   Money // received from the buyer
	Refunded   Money // given back, chargebacks included
	Pending    Money // captures under way or of unknown outcome
	Returning  Money // refunds under way or of unknown outcome
	Goods      Money // kept for lines, without tax
	GoodsTax   Money
	Charges    Money // kept for charges, without tax
	ChargesTax Money
	Allowed    Money // allowances, as far as there is something kept to take them off; gross
	Owed       Money // what the buyer pays in the end: goods, charges and their tax, less Allowed
	Due        Money // Owed − (Captured − Refunded): negative when the shop owes
}

// Books computes the money record.
func (o *Order) Books() Books {
	z := Zero(o.Currency)
	b := Books{Captured: z, Refunded: z, Pending: z, Returning: z, Goods: z, GoodsTax: z, Charges: z, ChargesTax: z, Allowed: z, Owed: z, Due: z}
	for i := range o.Lines {
		k := o.Lines[i].kept()
		b.Goods.minor += k.Net.minor
		b.GoodsTax.minor += k.Tax.minor
	}
	for i := range o.Charges {
		c := &o.Charges[i]
		tax, _ := c.Tax.Share(c.Credited.minor, c.Total.minor, max(c.Total.minor, 1)) // credited ≤ total is a law
		b.ChargesTax.minor += tax.minor
		b.Charges.minor += c.Total.minor - c.Credited.minor - tax.minor
	}
	for i := range o.Payments {
		op := &o.Payments[i]
		switch {
		case op.Status == Succeeded && op.Kind == Capture:
			b.Captured.minor += op.Amount.minor
		case op.Status == Succeeded && (op.Kind == Refund || op.Kind == Chargeback):
			b.Refunded.minor += op.Amount.minor
		case op.Status.open() && op.Kind == Capture:
			b.Pending.minor += op.Amount.minor
		case op.Status.open() && op.Kind == Refund:
			b.Returning.minor += op.Amount.minor
		case op.Kind == Allowance:
			b.Allowed.minor += op.Amount.minor
		}
	}
	kept := b.Goods.minor + b.GoodsTax.minor + b.Charges.minor + b.ChargesTax.minor
	b.Allowed.minor = min(b.Allowed.minor, kept) // goods may have come back since
	b.Owed.minor = kept - b.Allowed.minor
	b.Due.minor = b.Owed.minor - b.Captured.minor + b.Refunded.minor
	return b
}
