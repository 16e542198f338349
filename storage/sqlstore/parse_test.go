package sqlstore

import (
	"encoding/json"
	"testing"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/orderkit/oms/order"
)

var eur = order.MustCurrency("EUR")

// orderBody is what encoding/json knows of the format.
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

// anyBody draws an order with everything that its body holds.
func anyBody(t *rapid.T) order.Order {
	text := rapid.String()
	money := rapid.Custom(func(t *rapid.T) order.Money {
		if rapid.Bool().Draw(t, "none") {
			return order.Money{}
		}
		m, _ := order.Minor(rapid.Int64Range(-order.MaxMinor, order.MaxMinor).Draw(t, "minor"), eur)
		return m
	})
	rate := rapid.Custom(func(t *rapid.T) decimal.Decimal {
		return decimal.New(rapid.Int64().Draw(t, "digits"), rapid.Int32Range(-9, 3).Draw(t, "exponent"))
	})
	list := func(name string) int { return rapid.IntRange(0, 3).Draw(t, name) }
	o := order.Order{Currency: eur, TaxIncluded: rapid.Bool().Draw(t, "tax"), Note: text.Draw(t, "note"), ReserveAt: order.OnConfirm,
		Rules: order.PriceRules{Rounding: order.Down, Tax: order.TaxPerUnit, Remainder: order.LastTakesRest}, CancelReason: order.CancelReason(text.Draw(t, "reason"))}
	for range list("charges") {
		o.Charges = append(o.Charges, order.Charge{Kind: order.Shipping, Title: text.Draw(t, "title"), Price: money.Draw(t, "price"), TaxRate: rate.Draw(t, "rate"),
			Net: money.Draw(t, "net"), Shares: []order.Share{{Discount: 1, Amount: money.Draw(t, "share")}, {Amount: money.Draw(t, "share")}}})
	}
	for range list("discounts") {
		o.Discounts = append(o.Discounts, order.Discount{Code: text.Draw(t, "code"), Percent: rate.Draw(t, "percent"), Amount: money.Draw(t, "amount"), Lines: []int{3, 1}, OnCharges: true})
	}
	for range list("payments") {
		o.Payments = append(o.Payments, order.Operation{ID: text.Draw(t, "id"), Kind: order.Capture, Status: order.Unknown, Amount: money.Draw(t, "amount"), Reference: text.Draw(t, "ref")})
	}
	for range list("holds") {
		o.Holds = append(o.Holds, order.Hold{Owner: text.Draw(t, "owner"), Line: rapid.Int().Draw(t, "line"), Reason: order.HoldFraud})
	}
	o.ShipTo = order.Address{Name: text.Draw(t, "name"), Street: rapid.SliceOf(text).Draw(t, "street"), Email: text.Draw(t, "email")}
	if rapid.Bool().Draw(t, "at") {
		o.ShipTo.At = &order.Point{Lat: rapid.Float64().Draw(t, "lat"), Lng: rapid.Float64().Draw(t, "lng")}
	}
	o.Tags, o.Metadata = rapid.SliceOf(text).Draw(t, "tags"), rapid.MapOf(text, text).Draw(t, "metadata")
	return o
}

func TestABodyIsReadAsItWasWritten(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		o := anyBody(t)
		text, err := encodeOrder(&o)
		require.NoError(t, err)
		read := order.Order{Currency: eur}
		require.NoError(t, decoded(text, &read), text)
		again, err := encodeOrder(&read)
		require.NoError(t, err)
		require.Equal(t, text, again)

		var reference orderBody // the parser reads what encoding/json reads
		require.NoError(t, json.Unmarshal([]byte(text), &reference))
		same, err := encode(&reference)
		require.NoError(t, err)
		require.Equal(t, text, same)
		require.Equal(t, reference.Note, read.Note)
		require.Len(t, read.Charges, len(reference.Charges))
		require.Len(t, read.Metadata, len(reference.Metadata))
	})
}

func decoded(text string, o *order.Order) error {
	_, err := decodeOrder(text, o)
	return err
}

func TestLaterFieldsOfABodyAreLeftOut(t *testing.T) {
	t.Parallel()
	o := order.Order{Currency: eur}
	require.NoError(t, decoded(` { "later" : [ 1 , { "a" : "b\"}" , "c" : [ ] , "d" : { } } , null , -1.5e3 ] , "note" : "kept" ,
		"charges":[{"kind":"fee","later":{"x":[true]}}],"ship_to":{"later":"x","at":{"lat":1,"lng":2,"alt":3}},"holds":[{"later":0}],
		"payments":[{"later":0}],"discounts":[{"later":0}],"kits":[{"later":0}]} `, &o))
	require.Equal(t, "kept", o.Note)
	require.Equal(t, order.Fee, o.Charges[0].Kind)
	require.Equal(t, &order.Point{Lat: 1, Lng: 2}, o.ShipTo.At)
}

func TestAMalformedBodyIsRefused(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		"", " ", "{", "}", "[]", "null", "{}x", `{"note"}`, `{"note":}`, `{"note":"x"`, `{"note":"x",}`, `{"note":"x" "tags":[]}`, `{"note":1}`, `{"note":"x\q"}`, `{"note":"x\"`, `{"note":"x\`,
		`{"tags":[}`, `{"tags":["a",]}`, `{"tags":["a" "b"]}`, `{"tags":[`, `{"tax_included":1}`, `{"rounding":256}`, `{"rounding":-1}`, `{"confirmed_at":"x"}`, `{"confirmed_at":1.5}`,
		`{"charges":[{"price":1.5}]}`, `{"charges":[{"price":nil}]}`, `{"charges":[{"price":9999999999999999}]}`, `{"charges":[{"tax_rate":"x"}]}`, `{"charges":[{"shares":"1"}]}`,
		`{"ship_to":{"at":{"lat":"x"}}}`, `{"later":}`, `{"later":[}`, `{"later":"`, `{"metadata":{"a":1}}`, `{"kits":[{"parts":"1"}]}`, `{"kits":[{"parts":"x:1"}]}`, `{"kits":[{"price":"x"}]}`, `{note:"x"}`,
	} {
		o := order.Order{Currency: eur}
		require.Error(t, decoded(text, &o), text)
	}
}

func FuzzBodiesNeverPanicAndSettle(f *testing.F) {
	f.Add(`{"note":"a\u00e9\n","tags":["x"],"metadata":{"a":"b"},"confirmed_at":-1}`)
	f.Add(`{"charges":[{"kind":"shipping","price":490,"tax_rate":"0.19","shares":"0:1 2:","net":null}],"ship_to":{"street":["1"],"at":{"lat":1.5,"lng":-0}}}`)
	f.Add(`{"kits":[{"line":1,"item":"set","sku":"S","title":"A set","price":"19.9","parts":"1:2 4:1"}]}`)
	f.Add(`{"discounts":[{"percent":"10","lines":[2,1],"on_charges":true}],"payments":[{"id":"p","at":1}],"holds":[{"line":3}],"later":[{}]}`)
	f.Fuzz(func(t *testing.T, text string) {
		o := order.Order{Currency: eur}
		if decoded(text, &o) != nil {
			return
		}
		first, err := encodeOrder(&o)
		if err != nil {
			return // text that is not UTF-8, or a coordinate that is no number
		}
		again := order.Order{Currency: eur}
		require.NoError(t, decoded(first, &again), first)
		second, err := encodeOrder(&again)
		require.NoError(t, err)
		require.Equal(t, first, second)
	})
}

func FuzzSharesNeverPanicAndSettle(f *testing.F) {
	for _, s := range []string{"", "0:199", "0:199 2:50", "1:", "a:1", "0:x", "0:-5", " "} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		shares, err := decodeShares(text, eur)
		if err != nil {
			return
		}
		cell, err := encodeShares(shares, eur)
		require.NoError(t, err)
		written, _ := cell.(string)
		again, err := decodeShares(written, eur)
		require.NoError(t, err)
		require.Equal(t, shares, again)
	})
}
