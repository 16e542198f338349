package peercases_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/shopspring/decimal"

	"github.com/orderkit/oms/allocation"
	"github.com/orderkit/oms/fulfillment"
	"github.com/orderkit/oms/inventory"
	"github.com/orderkit/oms/order"
	"github.com/orderkit/oms/returns"
)

// facts is what the library answered, by the words of the case. A case may ask for some of them; maps
// of other types are compared whole.
type facts map[string]any

// near is a number that may be off by a stated amount.
type near struct{ value, within float64 }

// refusals says which errors of the library stand for a peer's word.
var refusals = map[string][]error{
	"insufficient_stock":         {inventory.ErrShortage, fulfillment.ErrQuantity, fulfillment.ErrNotFound},
	"insufficient_on_hand":       {fulfillment.ErrQuantity, fulfillment.ErrNotFound},
	"not_enough_stock":           {inventory.ErrShortage},
	"not_enough_stock_at_target": {allocation.ErrInvalidPlan, fulfillment.ErrQuantity},
	"not_enough_on_hold":         {fulfillment.ErrQuantity, fulfillment.ErrNotFound, order.ErrQuantity, order.ErrNotFound},
	"not_enough_on_hand":         {fulfillment.ErrQuantity, fulfillment.ErrNotFound},
	"negative_stock":             {inventory.ErrShortage, inventory.ErrQuantity},
	"exceeds_refundable":         {order.ErrCap},
	"incomplete_reimbursement":   {order.ErrCap},
	"payment_order_mismatch":     {order.ErrPayment},
	"quantity_exceeds_available": {order.ErrQuantity},
	"shipping_already_granted":   {order.ErrCap},
	"not_shipped":                {returns.ErrNotShipped},
	"already_reimbursed":         {returns.ErrNotShipped},
	"rma_required":               {returns.ErrTransition},
	"outside_return_window":      {returns.ErrPolicy},
	"exceeds_requested":          {returns.ErrQuantity},
	"item_not_found":             {returns.ErrUnknownLine},
	"exceeds_fulfilled":          {returns.ErrNotShipped, order.ErrInvariant},
	"already_fulfilled":          {order.ErrQuantity},
	"items_already_fulfilled":    {fulfillment.ErrQuantity},
	"empty_selection":            {fulfillment.ErrParcel},
	"order_still_active":         {order.ErrTransition},
}

// sentinels are the errors that count as a refusal where a word is not in the table above.
var sentinels = []error{
	inventory.ErrShortage, inventory.ErrQuantity, inventory.ErrReservation, inventory.ErrExpiry, inventory.ErrUntracked,
	inventory.ErrUnknownItem, inventory.ErrUnknownLocation, inventory.ErrID, inventory.ErrOwner,
	order.ErrDraft, order.ErrQuantity, order.ErrTransition, order.ErrBlocked, order.ErrPayment, order.ErrCap,
	order.ErrInvariant, order.ErrUnknownLine, order.ErrNotFound, order.ErrApportion,
	fulfillment.ErrQuantity, fulfillment.ErrTransition, fulfillment.ErrParcel, fulfillment.ErrUnknownLine, fulfillment.ErrNotFound,
	allocation.ErrInvalidPlan,
	returns.ErrNotShipped, returns.ErrQuantity, returns.ErrTransition, returns.ErrPolicy, returns.ErrUnknownLine,
}

// looseWord returns the word of a refusal that the table refusals lacks.
func looseWord(expect json.RawMessage) (string, bool) {
	var e struct{ Error string }
	if json.Unmarshal(expect, &e) != nil || e.Error == "" || refusals[e.Error] != nil {
		return "", false
	}
	return e.Error, true
}

// compare lists where an answer is not what a case wants. Every member of want needs an answer.
func compare(path string, want, got any) []string {
	bad := func() []string { return []string{fmt.Sprintf("%s: want %v, got %v", path, want, got)} }
	if err, ok := got.(error); ok {
		return compareError(path, want, err)
	}
	switch w := want.(type) {
	case map[string]any:
		return compareMap(path, w, got)
	case []any:
		return compareList(path, w, got)
	case nil:
		if got != nil {
			return bad()
		}
	case bool:
		if got != w {
			return bad()
		}
	case json.Number:
		if !sameNumber(w.String(), got) {
			return bad()
		}
	case string:
		if s, ok := got.(string); ok && s != w || !ok && !sameNumber(w, got) {
			return bad()
		}
	}
	return nil
}

func compareError(path string, want any, got error) []string {
	word, _ := want.(string)
	allowed := refusals[word]
	if allowed == nil && word != "" {
		allowed = sentinels
	}
	if !slices.ContainsFunc(allowed, func(s error) bool { return errors.Is(got, s) }) {
		return []string{fmt.Sprintf("%s: want %v, refused with: %v", path, want, got)}
	}
	return nil
}

func compareMap(path string, want map[string]any, got any) []string {
	members := map[string]any{}
	v := reflect.ValueOf(got)
	if v.Kind() != reflect.Map {
		return []string{fmt.Sprintf("%s: want %v, got %v", path, want, got)}
	}
	for it := v.MapRange(); it.Next(); {
		members[it.Key().String()] = it.Value().Interface()
	}
	var out []string
	for key, w := range want {
		name := strings.TrimSuffix(key, "_approx")
		g, ok := members[name]
		if !ok {
			out = append(out, fmt.Sprintf("%s.%s: want %v, no answer", path, key, w))
			continue
		}
		out = append(out, compare(path+"."+key, w, g)...)
	}
	if _, open := got.(facts); !open && len(members) != len(want) {
		out = append(out, fmt.Sprintf("%s: want %v, got %v", path, want, got))
	}
	return out
}

func compareList(path string, want []any, got any) []string {
	v := reflect.ValueOf(got)
	if v.Kind() != reflect.Slice || v.Len() != len(want) {
		return []string{fmt.Sprintf("%s: want %v, got %v", path, want, got)}
	}
	var out []string
	for i := range want {
		out = append(out, compare(fmt.Sprintf("%s[%d]", path, i), want[i], v.Index(i).Interface())...)
	}
	return out
}

// sameNumber compares amounts of money at the minor unit, since some peers keep fractions of it, and
// everything else exactly.
func sameNumber(want string, got any) bool {
	w, err := decimal.NewFromString(want)
	if err != nil {
		return false
	}
	switch g := got.(type) {
	case order.Money:
		rounded, err := order.RoundTo(w, g.Currency(), order.HalfUp)
		return err == nil && rounded == g
	case decimal.Decimal:
		return g.Equal(w)
	case int:
		return decimal.NewFromInt(int64(g)).Equal(w)
	case int64:
		return decimal.NewFromInt(g).Equal(w)
	case near:
		diff := w.InexactFloat64() - g.value
		return -g.within <= diff && diff <= g.within
	}
	return false
}

// isRefusal tells a refusal, which is an answer, from a failure, which is not.
func isRefusal(err error) bool {
	return slices.ContainsFunc(sentinels, func(s error) bool { return errors.Is(err, s) })
}
