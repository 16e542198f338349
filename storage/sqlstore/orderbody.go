package sqlstore

import (
	"bytes"
	"encoding/json"
	"time"

	"github.com/shopspring/decimal"

	"github.com/orderkit/oms/order"
)

// orderBody is what is stored of an order as JSON: what nobody searches for. The names
// are the format of stored data. Amounts are minor units of the order's currency, and
// null for the Money without currency; times are microseconds since 1970 and absent
// for none.
type orderBody struct {
	TaxIncluded  bool               `json:"tax_included,omitempty"`
	Rounding     order.Rounding     `json:"rounding,omitempty"`
	TaxLevel     order.TaxLevel     `json:"tax_level,omitempty"`
	Remainder    order.Remainder    `json:"remainder,omitempty"`
	ReserveAt    order.ReserveAt    `json:"reserve_at,omitempty"`
	Charges      []chargeBody       `json:"charges,omitempty"`
	Discounts    []discountBody     `json:"discounts,omitempty"`
	Payments     []paymentBody      `json:"payments,omitempty"`
	Holds        []holdBody         `json:"holds,omitempty"`
	ShipTo       addressBody        `json:"ship_to,omitzero"`
	Note         string             `json:"note,omitempty"`
	Tags         []string           `json:"tags,omitempty"`
	Metadata     map[string]string  `json:"metadata,omitempty"`
	ConfirmedAt  *int64             `json:"confirmed_at,omitempty"`
	ClosedAt     *int64             `json:"closed_at,omitempty"`
	CancelledAt  *int64             `json:"cancelled_at,omitempty"`
	CancelReason order.CancelReason `json:"cancel_reason,omitempty"`
}

type chargeBody struct {
	Kind     order.ChargeKind `json:"kind"`
	Title    string           `json:"title,omitempty"`
	Price    *int64           `json:"price"`
	TaxRate  string           `json:"tax_rate,omitempty"`
	Shares   string           `json:"shares,omitempty"` // as in order_lines
	Net      *int64           `json:"net"`
	Tax      *int64           `json:"tax"`
	Total    *int64           `json:"total"`
	Credited *int64           `json:"credited"`
}

type discountBody struct {
	Code      string `json:"code,omitempty"`
	Title     string `json:"title,omitempty"`
	Amount    *int64 `json:"amount"`
	Percent   string `json:"percent,omitempty"`
	Lines     []int  `json:"lines,omitempty"`
	OnCharges bool   `json:"on_charges,omitempty"`
	Given     *int64 `json:"given"`
}

type paymentBody struct {
	ID        string                `json:"id"`
	Kind      order.OperationKind   `json:"kind"`
	Status    order.OperationStatus `json:"status"`
	Amount    *int64                `json:"amount"`
	Parent    string                `json:"parent,omitempty"`
	Tender    string                `json:"tender,omitempty"`
	Reference string                `json:"reference,omitempty"`
	Return    string                `json:"return,omitempty"`
	At        *int64                `json:"at,omitempty"`
	SettledAt *int64                `json:"settled_at,omitempty"`
}

type holdBody struct {
	Owner  string           `json:"owner"`
	Handle string           `json:"handle"`
	Reason order.HoldReason `json:"reason"`
	Line   int              `json:"line,omitempty"`
	Note   string           `json:"note,omitempty"`
	At     *int64           `json:"at,omitempty"`
}

type addressBody struct {
	Name       string     `json:"name,omitempty"`
	Company    string     `json:"company,omitempty"`
	Street     []string   `json:"street,omitempty"`
	City       string     `json:"city,omitempty"`
	Region     string     `json:"region,omitempty"`
	PostalCode string     `json:"postal_code,omitempty"`
	Country    string     `json:"country,omitempty"`
	Phone      string     `json:"phone,omitempty"`
	Email      string     `json:"email,omitempty"`
	At         *pointBody `json:"at,omitempty"`
}

type pointBody struct {
	Lat float64 `json:"lat"`
	Lng float64 `json:"lng"`
}

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

// body converts what an order holds to what is stored of it. The first amount of a
// foreign currency is its error.
type body struct {
	currency order.Currency
	err      error
}

func (b *body) minor(m order.Money) *int64 {
	cell, err := amount(m, b.currency)
	if err != nil && b.err == nil {
		b.err = err
	}
	if n, ok := cell.(int64); ok {
		return &n
	}
	return nil
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

func encodeOrder(o *order.Order) (string, error) {
	b := body{currency: o.Currency}
	out := orderBody{
		TaxIncluded: o.TaxIncluded, Rounding: o.Rules.Rounding, TaxLevel: o.Rules.Tax, Remainder: o.Rules.Remainder,
		ReserveAt: o.ReserveAt, Note: o.Note, Tags: o.Tags, Metadata: o.Metadata,
		ConfirmedAt: micros(o.ConfirmedAt), ClosedAt: micros(o.ClosedAt), CancelledAt: micros(o.CancelledAt), CancelReason: o.CancelReason,
		ShipTo: addressOf(&o.ShipTo),
	}
	for _, c := range o.Charges {
		cell, err := encodeShares(c.Shares, o.Currency)
		if err != nil {
			return "", err
		}
		shares, _ := cell.(string)
		out.Charges = append(out.Charges, chargeBody{
			Kind: c.Kind, Title: c.Title, Price: b.minor(c.Price), TaxRate: digits(c.TaxRate), Shares: shares,
			Net: b.minor(c.Net), Tax: b.minor(c.Tax), Total: b.minor(c.Total), Credited: b.minor(c.Credited),
		})
	}
	for _, d := range o.Discounts {
		out.Discounts = append(out.Discounts, discountBody{
			Code: d.Code, Title: d.Title, Amount: b.minor(d.Amount), Percent: digits(d.Percent), Lines: d.Lines,
			OnCharges: d.OnCharges, Given: b.minor(d.Given),
		})
	}
	for _, p := range o.Payments {
		out.Payments = append(out.Payments, paymentBody{
			ID: p.ID, Kind: p.Kind, Status: p.Status, Amount: b.minor(p.Amount), Parent: p.Parent, Tender: p.Tender,
			Reference: p.Reference, Return: p.Return, At: micros(p.At), SettledAt: micros(p.SettledAt),
		})
	}
	for _, h := range o.Holds {
		out.Holds = append(out.Holds, holdBody{Owner: h.Owner, Handle: h.Handle, Reason: h.Reason, Line: h.Line, Note: h.Note, At: micros(h.At)})
	}
	if b.err != nil {
		return "", b.err
	}
	return encode(&out)
}

func addressOf(a *order.Address) addressBody {
	out := addressBody{a.Name, a.Company, a.Street, a.City, a.Region, a.PostalCode, a.Country, a.Phone, a.Email, nil}
	if len(out.Street) == 0 {
		out.Street = nil // an empty street is none: one order has one text
	}
	if a.At != nil {
		out.At = &pointBody{a.At.Lat, a.At.Lng}
	}
	return out
}
