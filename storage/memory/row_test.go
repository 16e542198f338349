package memory

import (
	"fmt"
	"reflect"
	"testing"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"

	"github.com/orderkit/oms/fulfillment"
	"github.com/orderkit/oms/inventory"
	"github.com/orderkit/oms/order"
)

// fill sets every field to something of its own, counting from n.
func fill(t *testing.T, v reflect.Value, n *int64) {
	t.Helper()
	*n++
	switch v.Interface().(type) {
	case decimal.Decimal:
		v.Set(reflect.ValueOf(decimal.New(*n, -4)))
		return
	case order.Money:
		m, err := order.Minor(*n, order.MustCurrency("EUR"))
		require.NoError(t, err)
		v.Set(reflect.ValueOf(m))
		return
	}
	switch v.Kind() {
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fill(t, v.Elem(), n)
	case reflect.Struct:
		for _, field := range v.Fields() {
			fill(t, field, n)
		}
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 2, 2))
		for i := range v.Len() {
			fill(t, v.Index(i), n)
		}
	case reflect.Map:
		v.Set(reflect.ValueOf(map[string]string{fmt.Sprint(*n): "value"}))
	case reflect.String:
		v.SetString(fmt.Sprint(*n))
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Int, reflect.Int64:
		v.SetInt(*n * *n * *n)
	default:
		require.Fail(t, "no sample of it", "%s", v.Type())
	}
}

// A field that is added to one of the packed types has to be added to its row too.
func TestPackedRowsKeepEveryField(t *testing.T) {
	t.Parallel()
	var n int64
	tenant := newTenant()

	o := order.Order{Currency: order.MustCurrency("EUR"), Lines: make([]order.Line, 3)}
	fill(t, reflect.ValueOf(o.Lines).Index(1), &n)
	fill(t, reflect.ValueOf(o.Lines).Index(2), &n)
	o.Lines[2].Metadata, o.Lines[2].Shares, o.Lines[2].Kit, o.Lines[2].SKU = nil, nil, nil, o.Lines[2].Item
	row := tenant.row(o, nil)
	require.Equal(t, o, row.order())
	require.Nil(t, row.lines[2].more)

	w := fulfillment.Order{Lines: make([]fulfillment.Line, 2)}
	fill(t, reflect.ValueOf(w.Lines).Index(1), &n)
	work := tenant.work(w, nil)
	require.Equal(t, w, work.order())

	var r inventory.Reservation
	fill(t, reflect.ValueOf(&r.ReservationKey).Elem(), &n)
	for _, count := range []*int64{&r.Soft, &r.Committed, &r.Picked, &r.Packed, &r.Shipped, &r.Released, &r.Version} {
		fill(t, reflect.ValueOf(count).Elem(), &n)
	}
	require.Equal(t, 9, reflect.TypeFor[inventory.Reservation]().NumField(), "a new field?")
	key := r.Balance()
	kept := keepUnits(&r)
	require.Equal(t, r, (&holder{r.Owner, r.Line, &key}).reservation(&kept))
}

func TestVersionsOfAnOrderShareWhatWasAgreed(t *testing.T) {
	t.Parallel()
	var n int64
	tenant := newTenant()
	o := order.Order{Currency: order.MustCurrency("EUR"), Lines: make([]order.Line, 40)}
	for i := range o.Lines {
		fill(t, reflect.ValueOf(o.Lines).Index(i), &n)
	}
	first := tenant.row(o, nil)

	next := first.order()
	next.Lines[7].Shipped++
	second := tenant.row(next, &first)
	require.Same(t, &first.lines[0], &second.lines[0])
	require.Equal(t, next, second.order())

	for name, edit := range map[string]func(*order.Line){
		"Title":     func(l *order.Line) { l.Title = "another" },
		"Kit":       func(l *order.Line) { l.Kit.Title = "another" },
		"UnitPrice": func(l *order.Line) { l.UnitPrice = l.UnitPrice.Add(decimal.New(1, 0)) },
		"Total":     func(l *order.Line) { l.Total = order.Zero(order.MustCurrency("EUR")) },
		"Metadata":  func(l *order.Line) { l.Metadata["more"] = "" },
		"Shares":    func(l *order.Line) { l.Shares = l.Shares[:1] },
	} {
		edited := second.order()
		edit(&edited.Lines[39])
		third := tenant.row(edited, &second)
		require.NotSame(t, &second.lines[0], &third.lines[0], name)
		require.Equal(t, edited, third.order(), name)
		require.Equal(t, next, second.order(), name)
	}
}

func TestALineMayCarryMoneyOfAnyCurrency(t *testing.T) {
	t.Parallel()
	o := order.Order{Currency: order.MustCurrency("EUR"), Lines: []order.Line{
		{Amount: order.MustMoney("1.50", "EUR")}, // its other amounts have no currency
		{Amount: order.MustMoney("1.50", "USD"), Net: order.MustMoney("1", "JPY"), Tax: order.MustMoney("2", "EUR"), Total: order.MustMoney("3", "EUR")},
	}}
	row := newTenant().row(o, nil)
	require.Equal(t, o, row.order())
	o.Currency = order.Currency{}
	row = newTenant().row(o, &row)
	require.Equal(t, o, row.order())
}
