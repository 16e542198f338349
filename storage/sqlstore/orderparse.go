package sqlstore

import (
	"strconv"
	"strings"

	"github.com/orderkit/oms/order"
)

// decodeOrder reads a body into an order whose currency is known, and which lines are
// components of kits. Names that it does not know are left out.
func decodeOrder(text string, o *order.Order) (kits map[int]*order.KitPart, err error) {
	p := &parser{text: text, currency: o.Currency}
	p.object(func(name string) {
		switch name {
		case "tax_included":
			o.TaxIncluded = p.flag()
		case "rounding":
			o.Rules.Rounding = order.Rounding(p.byte())
		case "tax_level":
			o.Rules.Tax = order.TaxLevel(p.byte())
		case "remainder":
			o.Rules.Remainder = order.Remainder(p.byte())
		case "reserve_at":
			o.ReserveAt = order.ReserveAt(p.byte())
		case "charges":
			p.list(func() { o.Charges = append(o.Charges, p.charge()) })
		case "discounts":
			p.list(func() { o.Discounts = append(o.Discounts, p.discount()) })
		case "kits":
			kits = make(map[int]*order.KitPart)
			p.list(func() { p.kit(kits) })
		case "payments":
			p.list(func() { o.Payments = append(o.Payments, p.payment()) })
		case "holds":
			p.list(func() { o.Holds = append(o.Holds, p.hold()) })
		case "ship_to":
			p.address(&o.ShipTo)
		case "note":
			o.Note = p.string()
		case "tags":
			o.Tags = p.strings()
		case "metadata":
			o.Metadata = p.metadata()
		case "confirmed_at":
			o.ConfirmedAt = p.time()
		case "closed_at":
			o.ClosedAt = p.time()
		case "cancelled_at":
			o.CancelledAt = p.time()
		case "cancel_reason":
			o.CancelReason = order.CancelReason(p.string())
		default:
			p.skip()
		}
	})
	return kits, p.end()
}

func (p *parser) kit(kits map[int]*order.KitPart) {
	var k order.KitPart
	var parts string
	p.object(func(name string) {
		switch name {
		case "line":
			k.Line = int(p.int())
		case "item":
			k.Item = p.string()
		case "sku":
			k.SKU = p.string()
		case "title":
			k.Title = p.string()
		case "price":
			k.UnitPrice = p.decimal()
		case "parts":
			parts = p.string()
		default:
			p.skip()
		}
	})
	for part := range strings.FieldsSeq(parts) {
		line, per, _ := strings.Cut(part, ":")
		no, err := strconv.Atoi(line)
		if err == nil {
			k.Per, err = strconv.ParseInt(per, 10, 64)
		}
		if err != nil {
			p.fail(err)
			return
		}
		of := k
		kits[no] = &of
	}
}

func (p *parser) charge() (c order.Charge) {
	p.object(func(name string) {
		switch name {
		case "kind":
			c.Kind = order.ChargeKind(p.string())
		case "title":
			c.Title = p.string()
		case "price":
			c.Price = p.money()
		case "tax_rate":
			c.TaxRate = p.decimal()
		case "shares":
			c.Shares = p.shares()
		case "net":
			c.Net = p.money()
		case "tax":
			c.Tax = p.money()
		case "total":
			c.Total = p.money()
		case "credited":
			c.Credited = p.money()
		default:
			p.skip()
		}
	})
	return c
}

func (p *parser) discount() (d order.Discount) {
	p.object(func(name string) {
		switch name {
		case "code":
			d.Code = p.string()
		case "title":
			d.Title = p.string()
		case "amount":
			d.Amount = p.money()
		case "percent":
			d.Percent = p.decimal()
		case "lines":
			p.list(func() { d.Lines = append(d.Lines, int(p.int())) })
		case "on_charges":
			d.OnCharges = p.flag()
		case "given":
			d.Given = p.money()
		default:
			p.skip()
		}
	})
	return d
}

func (p *parser) payment() (op order.Operation) {
	p.object(func(name string) {
		switch name {
		case "id":
			op.ID = p.string()
		case "kind":
			op.Kind = order.OperationKind(p.string())
		case "status":
			op.Status = order.OperationStatus(p.string())
		case "amount":
			op.Amount = p.money()
		case "parent":
			op.Parent = p.string()
		case "tender":
			op.Tender = p.string()
		case "reference":
			op.Reference = p.string()
		case "return":
			op.Return = p.string()
		case "at":
			op.At = p.time()
		case "settled_at":
			op.SettledAt = p.time()
		default:
			p.skip()
		}
	})
	return op
}

func (p *parser) hold() (h order.Hold) {
	p.object(func(name string) {
		switch name {
		case "owner":
			h.Owner = p.string()
		case "handle":
			h.Handle = p.string()
		case "reason":
			h.Reason = order.HoldReason(p.string())
		case "line":
			h.Line = int(p.int())
		case "note":
			h.Note = p.string()
		case "at":
			h.At = p.time()
		default:
			p.skip()
		}
	})
	return h
}

func (p *parser) address(a *order.Address) {
	p.object(func(name string) {
		switch name {
		case "name":
			a.Name = p.string()
		case "company":
			a.Company = p.string()
		case "street":
			a.Street = p.strings()
		case "city":
			a.City = p.string()
		case "region":
			a.Region = p.string()
		case "postal_code":
			a.PostalCode = p.string()
		case "country":
			a.Country = p.string()
		case "phone":
			a.Phone = p.string()
		case "email":
			a.Email = p.string()
		case "at":
			a.At = p.point()
		default:
			p.skip()
		}
	})
}

func (p *parser) point() *order.Point {
	at := &order.Point{}
	p.object(func(name string) {
		switch name {
		case "lat":
			at.Lat = p.real()
		case "lng":
			at.Lng = p.real()
		default:
			p.skip()
		}
	})
	return at
}
