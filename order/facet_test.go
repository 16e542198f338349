package order_test

import (
	"testing"

	"github.com/orderkit/oms/order"
	"github.com/stretchr/testify/require"
)

func TestThePaymentFacetSumsUpTheMoney(t *testing.T) {
	t.Parallel()
	op := func(id string, kind order.OperationKind, status order.OperationStatus, amount, parent string) order.Operation {
		return order.Operation{ID: id, Kind: kind, Status: status, Amount: eur(amount), Parent: parent}
	}
	authorized := op("a-1", order.Authorize, "", "100", "")
	for name, c := range map[string]struct {
		ops    []order.Operation
		cancel int64 // units of two that are cancelled afterwards
		want   order.PaymentFacet
	}{
		"nothing":                                {nil, 0, order.PaymentNone},
		"a failed capture":                       {[]order.Operation{op("c", order.Capture, order.Failed, "100", "")}, 0, order.PaymentNone},
		"a capture under way":                    {[]order.Operation{op("c", order.Capture, order.Requested, "100", "")}, 0, order.PaymentNone},
		"authorized":                             {[]order.Operation{authorized}, 0, order.PaymentAuthorized},
		"authorized in two parts":                {[]order.Operation{op("a", order.Authorize, "", "60", ""), op("b", order.Authorize, "", "40", "")}, 0, order.PaymentAuthorized},
		"authorized in part":                     {[]order.Operation{op("a", order.Authorize, "", "40", "")}, 0, order.PaymentPartlyAuthorized},
		"authorized in part, the rest under way": {[]order.Operation{op("a", order.Authorize, "", "40", ""), op("b", order.Authorize, order.Requested, "60", "")}, 0, order.PaymentPartlyAuthorized},
		"voided":                                 {[]order.Operation{authorized, op("v", order.Void, "", "100", "a-1")}, 0, order.PaymentNone},
		"paid":                                   {[]order.Operation{op("c", order.Capture, "", "100", "")}, 0, order.PaymentPaid},
		"paid in two parts":                      {[]order.Operation{op("c", order.Capture, "", "60", ""), op("d", order.Capture, "", "40", "")}, 0, order.PaymentPaid},
		"paid in part":                           {[]order.Operation{op("c", order.Capture, "", "99.99", "")}, 0, order.PaymentPartlyPaid},
		"paid in part, the rest authorized":      {[]order.Operation{authorized, op("c", order.Capture, "", "40", "a-1")}, 0, order.PaymentPartlyPaid},
		"paid, then one unit cancelled":          {[]order.Operation{op("c", order.Capture, "", "100", "")}, 1, order.PaymentOverpaid},
		"paid, then all units cancelled":         {[]order.Operation{op("c", order.Capture, "", "100", "")}, 2, order.PaymentOverpaid},
		"refunded in part":                       {[]order.Operation{op("c", order.Capture, "", "100", ""), refund("r", "c", "1")}, 0, order.PaymentPartlyRefunded},
		"refunded for a cancelled unit":          {[]order.Operation{op("c", order.Capture, "", "100", ""), refund("r", "c", "50")}, 1, order.PaymentPartlyRefunded},
		"refunded too little for the unit":       {[]order.Operation{op("c", order.Capture, "", "100", ""), refund("r", "c", "49")}, 1, order.PaymentOverpaid},
		"refunded":                               {[]order.Operation{op("c", order.Capture, "", "100", ""), refund("r", "c", "100")}, 2, order.PaymentRefunded},
		"refunded and still owed":                {[]order.Operation{op("c", order.Capture, "", "100", ""), refund("r", "c", "100")}, 0, order.PaymentRefunded},
		"a refund under way":                     {[]order.Operation{op("c", order.Capture, "", "100", ""), op("r", order.Refund, order.Requested, "100", "c")}, 0, order.PaymentPaid},
		"disputed":                               {[]order.Operation{op("c", order.Capture, "", "100", ""), op("b", order.Chargeback, "", "10", "c")}, 0, order.PaymentDisputed},
		"a dispute that failed":                  {[]order.Operation{op("c", order.Capture, "", "100", ""), op("b", order.Chargeback, order.Failed, "10", "c")}, 0, order.PaymentPaid},
		"in doubt, whatever else":                {[]order.Operation{op("c", order.Capture, "", "90", ""), op("d", order.Capture, order.Unknown, "10", "")}, 0, order.PaymentUnknown},
		"an authorization in doubt":              {[]order.Operation{op("a", order.Authorize, order.Unknown, "10", "")}, 0, order.PaymentUnknown},
		"cancelled and never paid":               {nil, 2, order.PaymentFree},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := bought(t)
			for _, op := range c.ops {
				o = paid(t, o, op)
			}
			if c.cancel > 0 {
				var err error
				o, _, _, err = flow(t).CancelUnits(o, []order.LineQty{{Line: 1, Qty: c.cancel}}, order.CancelCustomer, noon)
				require.NoError(t, err)
			}
			require.Equal(t, c.want, o.Facets().Payment)
		})
	}
	free := placed(t, cart(order.DraftLine{Item: "tee", Qty: 1, Free: true}))
	require.Equal(t, order.PaymentFree, free.Facets().Payment)
}

func TestTheFulfillmentAndReturnFacetsCountUnits(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		by   []order.Counters // per line of five
		want order.Facets
	}{
		"nothing yet":                       {nil, order.Facets{Fulfillment: order.FulfillmentNone, Return: order.ReturnNone}},
		"picked and packed is not shipped":  {[]order.Counters{{Picked: 2, Packed: 3}}, order.Facets{Fulfillment: order.FulfillmentNone, Return: order.ReturnNone}},
		"some shipped":                      {[]order.Counters{{Shipped: 5}}, order.Facets{Fulfillment: order.FulfillmentPartial, Return: order.ReturnNone}},
		"some shipped, the rest backorder":  {[]order.Counters{{Shipped: 5}, {Backordered: 5}}, order.Facets{Fulfillment: order.FulfillmentPartial, Return: order.ReturnNone, Backordered: true}},
		"some shipped, the rest cancelled":  {[]order.Counters{{Shipped: 5}, {Cancelled: 5}}, order.Facets{Fulfillment: order.FulfillmentFull, Return: order.ReturnNone}},
		"all shipped":                       {[]order.Counters{{Shipped: 5}, {Shipped: 5}}, order.Facets{Fulfillment: order.FulfillmentFull, Return: order.ReturnNone}},
		"some delivered":                    {[]order.Counters{{Shipped: 5, Delivered: 5}, {Shipped: 5}}, order.Facets{Fulfillment: order.FulfillmentFull, Return: order.ReturnNone}},
		"all delivered":                     {[]order.Counters{{Shipped: 5, Delivered: 5}, {Shipped: 4, Delivered: 4, Cancelled: 1}}, order.Facets{Fulfillment: order.FulfillmentDone, Return: order.ReturnNone}},
		"all cancelled":                     {[]order.Counters{{Cancelled: 5}, {Cancelled: 5}}, order.Facets{Fulfillment: order.FulfillmentNone, Return: order.ReturnNone}},
		"announced back":                    {[]order.Counters{{Shipped: 5, ReturnOpen: 1}}, order.Facets{Fulfillment: order.FulfillmentPartial, Return: order.ReturnOpen}},
		"some back, some announced":         {[]order.Counters{{Shipped: 5, Returned: 4, ReturnOpen: 1}}, order.Facets{Fulfillment: order.FulfillmentPartial, Return: order.ReturnOpen}},
		"some back":                         {[]order.Counters{{Shipped: 5, Returned: 4}}, order.Facets{Fulfillment: order.FulfillmentPartial, Return: order.ReturnPartial}},
		"everything that shipped came back": {[]order.Counters{{Shipped: 5, Returned: 5}}, order.Facets{Fulfillment: order.FulfillmentPartial, Return: order.ReturnFull}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := opened(t, cart(goods(5, "1"), goods(5, "1")))
			for i, by := range c.by {
				by.Unreserved = -(by.Reserved + by.Backordered + by.Picked + by.Packed + by.Shipped + by.Cancelled)
				o = counted(t, o, i+1, by)
			}
			got := o.Facets()
			got.Payment = ""
			require.Equal(t, c.want, got)
		})
	}
}

func TestAllowedActionsListsEveryActionOnce(t *testing.T) {
	t.Parallel()
	f := flow(t, reviewed()...)
	var got []order.Action
	for _, ps := range f.AllowedActions(bought(t), order.PayAnytime, noon) {
		require.Equal(t, ps.Allowed, len(ps.Reasons) == 0)
		got = append(got, ps.Action)
	}
	require.Equal(t, []order.Action{
		order.ActionPlace, order.ActionConfirm, order.ActionExpire, order.ActionCancel, order.ActionClose, order.ActionReopen,
		actionReview, actionClear, order.ActionCancelUnits, order.ActionHold, order.ActionRelease, order.ActionShip,
	}, got)
}

func TestAnActionIsNotPromisedWhereEveryUnitIsOutOfItsReach(t *testing.T) {
	t.Parallel()
	f := flow(t)
	o := counted(t, bought(t), 1, order.Counters{Unreserved: -2, Packed: 2})
	require.Equal(t, []string{"every unit is packed, has shipped or is cancelled"}, possible(t, f, o, order.PayAnytime, noon, order.ActionCancelUnits).Reasons)
	require.True(t, possible(t, f, o, order.PayAnytime, noon, order.ActionShip).Allowed)
	o, _, err := f.Hold(o, held("ann", "1", 1), noon)
	require.NoError(t, err)
	require.Equal(t, []string{"hold fraud_risk by ann/1 on line 1"}, possible(t, f, o, order.PayAnytime, noon, order.ActionShip).Reasons,
		"the only line with something to ship is held")
	require.Equal(t, []string{"no unit is reserved, picked or packed"}, possible(t, f, bought(t), order.PayAnytime, noon, order.ActionShip).Reasons)
	require.Equal(t, []string{"the order has no hold"}, possible(t, f, bought(t), order.PayAnytime, noon, order.ActionRelease).Reasons)
	service := opened(t, cart(order.DraftLine{Item: "gift-wrap", Qty: 1, Free: true, Service: true}))
	require.True(t, possible(t, f, service, order.PayAnytime, noon, order.ActionShip).Allowed)
}

func TestAnOrderInAStateThatTheFlowDoesNotHaveCanDoNothing(t *testing.T) {
	t.Parallel()
	o := bought(t)
	o.State = stateReview
	for _, ps := range flow(t).AllowedActions(o, order.PayAnytime, noon) {
		require.False(t, ps.Allowed, ps.Action)
		require.NotEmpty(t, ps.Reasons, ps.Action)
	}
}
