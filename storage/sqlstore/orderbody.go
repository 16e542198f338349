package sqlstore

import (
	"bytes"
	"encoding/json"
	"strconv"
	"time"

	"github.com/shopspring/decimal"

	"github.com/orderkit/oms/order"
)

// encode writes a value as JSON text. It refuses text that is not UTF-8, which
// encoding/json would silently replace.
func encode(v any) (string, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return "", err
	}
	text := b.Bytes()[:b.Len()-1] // without the line break
	for rest := text; ; {
		i := bytes.Index(rest, []byte(`\ufffd`)) // how bytes that are not UTF-8 are written
		if i < 0 {
			return string(text), nil
		}
		backslashes := len(rest[:i]) - len(bytes.TrimRight(rest[:i], `\`))
		if backslashes%2 == 0 {
			return "", &TextError{Bytes: len(text), Rule: "not UTF-8; convert it first, storing it would change it"}
		}
		rest = rest[i+1:]
	}
}

// digits writes a decimal exactly; zero is empty.
func digits(d decimal.Decimal) string {
	if d.IsZero() {
		return ""
	}
	return d.String()
}

func micros(t time.Time) *int64 {
	if t.IsZero() {
		return nil
	}
	n := t.UnixMicro()
	return &n
}

// encodeOrder writes what is stored of an order as JSON: what nobody searches for. The
// names are the format of stored data, and [decodeOrder] reads them. Amounts are minor
// units of the order's currency, and null for the Money without currency; times are
// microseconds since 1970. What is empty is left out. It refuses an amount of another
// currency, and text that is not UTF-8.
func encodeOrder(o *order.Order) (string, error) {
	w := &jsonWriter{b: make([]byte, 0, 1024), currency: o.Currency}
	w.object(func() {
		w.flag("tax_included", o.TaxIncluded)
		w.int("rounding", int64(o.Rules.Rounding))
		w.int("tax_level", int64(o.Rules.Tax))
		w.int("remainder", int64(o.Rules.Remainder))
		w.int("reserve_at", int64(o.ReserveAt))
		list(w, "charges", o.Charges, w.charge)
		list(w, "discounts", o.Discounts, w.discount)
		list(w, "kits", kitsOf(o.Lines), w.kit)
		list(w, "payments", o.Payments, w.payment)
		list(w, "holds", o.Holds, w.hold)
		if a := &o.ShipTo; len(a.Street) > 0 || a.At != nil || a.Name+a.Company+a.City+a.Region+a.PostalCode+a.Country+a.Phone+a.Email != "" {
			w.name("ship_to")
			w.address(a)
		}
		w.text("note", o.Note)
		list(w, "tags", o.Tags, func(tag *string) { w.string(*tag) })
		if len(o.Metadata) > 0 {
			w.name("metadata")
			w.any(o.Metadata)
		}
		w.time("confirmed_at", o.ConfirmedAt)
		w.time("closed_at", o.ClosedAt)
		w.time("cancelled_at", o.CancelledAt)
		w.text("cancel_reason", string(o.CancelReason))
	})
	if w.err != nil {
		return "", w.err
	}
	return string(w.b), nil
}

func (w *jsonWriter) charge(c *order.Charge) {
	w.object(func() {
		w.always("kind", string(c.Kind))
		w.text("title", c.Title)
		w.money("price", c.Price)
		w.text("tax_rate", digits(c.TaxRate))
		shares, err := encodeShares(c.Shares, w.currency)
		w.fail(err)
		if text, ok := shares.(string); ok {
			w.text("shares", text) // as in order_lines
		}
		w.money("net", c.Net)
		w.money("tax", c.Tax)
		w.money("total", c.Total)
		w.money("credited", c.Credited)
	})
}

func (w *jsonWriter) discount(d *order.Discount) {
	w.object(func() {
		w.text("code", d.Code)
		w.text("title", d.Title)
		w.money("amount", d.Amount)
		w.text("percent", digits(d.Percent))
		list(w, "lines", d.Lines, func(n *int) { w.number(int64(*n)) })
		w.flag("on_charges", d.OnCharges)
		w.money("given", d.Given)
	})
}

// soldKit is what is stored of a kit, and which lines are its components. It is in the body
// of the order, so that the lines of orders without kits carry nothing of it.
type soldKit struct {
	order.KitPart
	parts string // "1:2 4:1": two units of line 1 in one kit, one of line 4
}

func kitsOf(lines []order.Line) []soldKit {
	type head struct {
		line                    int
		item, sku, title, price string
	}
	var out []soldKit
	var at map[head]int
	for i := range lines {
		k := lines[i].Kit
		if k == nil {
			continue
		}
		if at == nil {
			at = make(map[head]int)
		}
		of := head{k.Line, k.Item, k.SKU, k.Title, k.UnitPrice.String()}
		n, known := at[of]
		if !known {
			n = len(out)
			at[of] = n
			out = append(out, soldKit{KitPart: *k})
		} else {
			out[n].parts += " "
		}
		out[n].parts += strconv.Itoa(i+1) + ":" + strconv.FormatInt(k.Per, 10)
	}
	return out
}

func (w *jsonWriter) kit(k *soldKit) {
	w.object(func() {
		w.int("line", int64(k.Line))
		w.always("item", k.Item)
		w.text("sku", k.SKU)
		w.text("title", k.Title)
		w.text("price", digits(k.UnitPrice))
		w.always("parts", k.parts)
	})
}

func (w *jsonWriter) payment(p *order.Operation) {
	w.object(func() {
		w.always("id", p.ID)
		w.always("kind", string(p.Kind))
		w.always("status", string(p.Status))
		w.money("amount", p.Amount)
		w.text("parent", p.Parent)
		w.text("tender", p.Tender)
		w.text("reference", p.Reference)
		w.text("return", p.Return)
		w.time("at", p.At)
		w.time("settled_at", p.SettledAt)
	})
}

func (w *jsonWriter) hold(h *order.Hold) {
	w.object(func() {
		w.always("owner", h.Owner)
		w.always("handle", h.Handle)
		w.always("reason", string(h.Reason))
		w.int("line", int64(h.Line))
		w.text("note", h.Note)
		w.time("at", h.At)
	})
}

func (w *jsonWriter) address(a *order.Address) {
	w.object(func() {
		w.text("name", a.Name)
		w.text("company", a.Company)
		list(w, "street", a.Street, func(s *string) { w.string(*s) })
		w.text("city", a.City)
		w.text("region", a.Region)
		w.text("postal_code", a.PostalCode)
		w.text("country", a.Country)
		w.text("phone", a.Phone)
		w.text("email", a.Email)
		if a.At != nil {
			w.name("at")
			w.object(func() {
				w.name("lat")
				w.any(a.At.Lat)
				w.name("lng")
				w.any(a.At.Lng)
			})
		}
	})
}
