package returns_test

import (
	"testing"
	"time"

	"github.com/orderkit/oms/order"
	"github.com/orderkit/oms/returns"
	"github.com/stretchr/testify/require"
)

func TestRequestAnnouncesShippedUnits(t *testing.T) {
	t.Parallel()
	o := delivered(t)
	was := o.Clone()
	q := returns.Request{ID: rma, Ref: "cn-1", Lines: append(wanted(2, 1), returns.Wanted{Line: 1, Qty: 1, Reason: returns.Defective})}
	r, deltas, events, err := flow(t).Request(o, q, returns.Policy{returns.WithinDays(30)}, later)
	require.NoError(t, err)
	require.Equal(t, was, o)
	pass := func(line int) returns.Verdict {
		return returns.Verdict{Rule: "within_days", Line: line, Result: returns.Pass}
	}
	require.Equal(t, returns.Return{
		ID: rma, Order: sale, Customer: "c-7", Ref: "cn-1", State: returns.StateRequested, Lines: []returns.Line{
			{No: 1, Line: 1, Item: "tee", Stocked: true, Qty: 2, Reason: returns.TooSmall}, {No: 2, Line: 2, Item: "mug", Stocked: true, Qty: 1, Reason: returns.TooSmall},
			{No: 3, Line: 1, Item: "tee", Stocked: true, Qty: 1, Reason: returns.Defective},
		}, Verdicts: []returns.Verdict{pass(1), pass(2), pass(1)}, Refunded: eur("0"), CreatedAt: later, UpdatedAt: later,
	}, r)
	require.Equal(t, []order.LineDelta{delta(1, order.Counters{ReturnOpen: 2}), delta(2, order.Counters{ReturnOpen: 1}), delta(1, order.Counters{ReturnOpen: 1})}, deltas)
	require.Equal(t, []returns.Event{returns.Requested{Return: rma, Ref: "cn-1", Units: units(2, 1, 1)}}, events)

	o = counted(t, o, deltas...)
	err = errOf(flow(t).Request(o, returns.Request{Lines: wanted(1)}, nil, later))
	require.Equal(t, &returns.EligibilityError{Order: sale, Line: 1, Want: 1}, err, "no unit is announced twice")
}

func TestRequestRefusesWhatCannotComeBack(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		lines []returns.Wanted
		want  error
	}{
		"nothing":                  {nil, returns.ErrQuantity},
		"none of a line":           {[]returns.Wanted{{Line: 1, Reason: returns.Unwanted}}, returns.ErrQuantity},
		"fewer than none":          {wanted(-1), returns.ErrQuantity},
		"more than can be":         {wanted(order.MaxQty + 1), returns.ErrQuantity},
		"an unknown line":          {wanted(1, 0, 0, 1), returns.ErrUnknownLine},
		"no reason":                {[]returns.Wanted{{Line: 1, Qty: 1}}, returns.ErrReason},
		"an unknown reason":        {[]returns.Wanted{{Line: 1, Qty: 1, Reason: "because"}}, returns.ErrReason},
		"more than has shipped":    {wanted(0, 2), returns.ErrNotShipped},
		"more in sum than shipped": {append(wanted(2), wanted(2)...), returns.ErrNotShipped},
	} {
		r, deltas, events, err := flow(t).Request(delivered(t), returns.Request{ID: rma, Lines: c.lines}, nil, later)
		require.ErrorIs(t, err, c.want, name)
		require.Zero(t, r)
		require.Empty(t, deltas)
		require.Empty(t, events)
	}
	err := errOf(flow(t).Request(delivered(t), returns.Request{Lines: append(wanted(2), wanted(2)...)}, nil, later))
	require.Equal(t, &returns.EligibilityError{Order: sale, Line: 1, Want: 4, Eligible: 3}, err)
	for _, reason := range []returns.Reason{returns.Unwanted, returns.TooSmall, returns.TooLarge, returns.Defective, returns.WrongItem,
		returns.NotAsShown, returns.DamagedAtDoor, returns.OtherReason} {
		err = errOf(flow(t).Request(delivered(t), returns.Request{Lines: []returns.Wanted{{Line: 1, Qty: 1, Reason: reason}}}, nil, later))
		require.NoError(t, err)
	}
}

func TestAPolicyRefusesWithEveryVerdict(t *testing.T) {
	t.Parallel()
	person := func(_ *order.Order, l *order.Line, _ time.Time) returns.Verdict {
		return returns.Verdict{Rule: "value", Line: l.No, Result: returns.Manual, Evidence: "above 15.00"}
	}
	p := returns.Policy{returns.WithinDays(30), returns.OnlyDelivered(), person}
	_, deltas, events, err := flow(t).Request(delivered(t), returns.Request{ID: rma, Lines: wanted(1, 1)}, p, later)
	require.ErrorIs(t, err, returns.ErrPolicy)
	require.Empty(t, deltas)
	require.Empty(t, events)
	var refused *returns.PolicyError
	require.ErrorAs(t, err, &refused)
	require.Len(t, refused.Verdicts, 6, "those that pass are told as well")
	require.EqualError(t, err, "returns: refused by policy: only_delivered on line 2: units are still on their way to the buyer")
	r, _, _, err := flow(t).Request(delivered(t), returns.Request{ID: rma, Lines: wanted(1)}, p, later)
	require.NoError(t, err)
	require.Equal(t, returns.StateRequested, r.State, "a person decides")
	require.Equal(t, returns.Manual, r.Verdicts[2].Result)
}

func TestApproveDeclineAndCancelDecideTheRequest(t *testing.T) {
	t.Parallel()
	f := flow(t)
	r := requested(t, 2, 1)
	was := r.Clone()
	ok, events, err := f.Approve(r, later)
	require.NoError(t, err)
	require.Equal(t, was, r)
	require.Equal(t, []any{returns.StateApproved, later}, []any{ok.State, ok.UpdatedAt})
	require.Equal(t, []returns.Event{returns.Approved{Return: rma}}, events)
	again, events, err := f.Approve(ok, noon)
	require.NoError(t, err)
	require.Empty(t, events)
	require.Equal(t, ok, again)

	freed := []order.LineDelta{delta(1, order.Counters{ReturnOpen: -2}), delta(2, order.Counters{ReturnOpen: -1})}
	no, deltas, events, err := f.Decline(r, "worn", later)
	require.NoError(t, err)
	require.Equal(t, []any{returns.StateDeclined, later}, []any{no.State, no.ClosedAt})
	require.Equal(t, freed, deltas)
	require.Equal(t, []returns.Event{returns.Declined{Return: rma, Why: "worn"}}, events)
	err = errOf(f.Decline(ok, "worn", later))
	require.Equal(t, &returns.TransitionError{Return: rma, From: returns.StateApproved, Action: returns.ActionDecline,
		Allowed: []returns.Action{returns.ActionCancel, returns.ActionClose, returns.ActionReceive}}, err)
	_, _, err = f.Approve(no, later)
	require.ErrorIs(t, err, returns.ErrTransition)

	for _, from := range []returns.Return{r, ok} {
		n, deltas, events, err := f.Cancel(from, later)
		require.NoError(t, err)
		require.Equal(t, returns.StateCancelled, n.State)
		require.Equal(t, freed, deltas)
		require.Equal(t, []returns.Event{returns.Cancelled{Return: rma}}, events)
	}
	ok, _, _, err = f.Missing(ok, units(1), noon)
	require.NoError(t, err)
	_, deltas, _, err = f.Cancel(ok, later)
	require.NoError(t, err)
	require.Equal(t, []order.LineDelta{delta(1, order.Counters{ReturnOpen: -1}), delta(2, order.Counters{ReturnOpen: -1})}, deltas, "a missing unit was freed before")

	advance, _, _, err := f.Refund(approved(t, 1), units(1), noon)
	require.NoError(t, err)
	n, deltas, events, err := f.Cancel(advance, later)
	require.ErrorIs(t, err, returns.ErrTransition)
	require.ErrorContains(t, err, "1 units are refunded")
	require.Equal(t, advance, n)
	require.Empty(t, deltas)
	require.Empty(t, events)
	err = errOf(f.Cancel(received(t, 1), later))
	require.ErrorIs(t, err, returns.ErrTransition, "what was received is not cancelled")
}

func TestReceiveTakesAnnouncedUnitsAtOneLocation(t *testing.T) {
	t.Parallel()
	f := flow(t)
	r := approved(t, 2, 1)
	was := r.Clone()
	n, deltas, events, err := f.Receive(r, "ber", units(1, 1), later)
	require.NoError(t, err)
	require.Equal(t, was, r)
	require.Equal(t, []any{returns.StateReceiving, "ber", int64(1), int64(1)}, []any{n.State, n.Location, n.Lines[0].Received, n.Lines[1].Received})
	require.Equal(t, []order.LineDelta{delta(1, order.Counters{ReturnOpen: -1, Returned: 1}), delta(2, order.Counters{ReturnOpen: -1, Returned: 1})}, deltas)
	require.Equal(t, []returns.Event{returns.Received{Return: rma, Location: "ber", Units: units(1, 1)}}, events)
	for name, c := range map[string]struct {
		location string
		units    []order.LineQty
		want     error
	}{
		"at another location":     {"ams", units(1), returns.ErrLocation},
		"at no location":          {"", units(1), returns.ErrLocation},
		"nothing":                 {"ber", nil, returns.ErrQuantity},
		"none of a line":          {"ber", []order.LineQty{{Line: 1}}, returns.ErrQuantity},
		"fewer than none":         {"ber", units(-1), returns.ErrQuantity},
		"more than was announced": {"ber", units(2), returns.ErrQuantity},
		"more than can be":        {"ber", units(order.MaxQty + 1), returns.ErrQuantity},
		"an unknown line":         {"ber", units(0, 0, 1), returns.ErrUnknownLine},
	} {
		same, deltas, events, err := f.Receive(n, c.location, c.units, later)
		require.ErrorIs(t, err, c.want, name)
		require.Equal(t, n, same)
		require.Empty(t, deltas)
		require.Empty(t, events)
	}
	err = errOf(f.Receive(n, "ber", units(2), later))
	require.Equal(t, &returns.LineError{Want: 2, Err: returns.ErrQuantity, Facts: n.Lines[0]}, err, "the facts are those before")
	err = errOf(f.Receive(requested(t, 1), "ber", units(1), later))
	require.ErrorIs(t, err, returns.ErrTransition, "nobody asked for the goods yet")
	err = errOf(f.Receive(r, "", units(1), later))
	require.ErrorIs(t, err, returns.ErrLocation)
}

func TestMissingUnitsMayBeAnnouncedAgain(t *testing.T) {
	t.Parallel()
	f := flow(t)
	r := approved(t, 2)
	n, deltas, events, err := f.Missing(r, units(1), later)
	require.NoError(t, err)
	require.Equal(t, int64(1), n.Lines[0].Open())
	require.Equal(t, returns.StateApproved, n.State)
	require.Equal(t, []order.LineDelta{delta(1, order.Counters{ReturnOpen: -1})}, deltas)
	require.Equal(t, []returns.Event{returns.Missed{Return: rma, Units: units(1)}}, events)
	same, deltas, events, err := f.Missing(n, units(2), later)
	require.ErrorIs(t, err, returns.ErrQuantity)
	require.Equal(t, n, same)
	require.Empty(t, deltas)
	require.Empty(t, events)
	err = errOf(f.Missing(requested(t, 1), units(1), later))
	require.ErrorIs(t, err, returns.ErrTransition)
}

func TestInspectDecidesEveryReceivedUnitOnce(t *testing.T) {
	t.Parallel()
	f := flow(t)
	r := received(t, 3, 1)
	was := r.Clone()
	decided := []returns.Disposed{
		{Line: 1, Qty: 1, As: returns.Restock, To: "ams"}, {Line: 1, Qty: 1, As: returns.Damage},
		{Line: 2, Qty: 1, As: returns.Reject}, {Line: 1, Qty: 1, As: returns.Scrap},
	}
	n, deltas, events, err := f.Inspect(r, decided, later)
	require.NoError(t, err)
	require.Equal(t, was, r)
	require.Equal(t, []int64{1, 1, 1}, []int64{n.Lines[0].Restocked, n.Lines[0].Damaged, n.Lines[0].Scrapped})
	require.Equal(t, int64(1), n.Lines[1].Rejected)
	require.Equal(t, []order.LineDelta{delta(1, order.Counters{Restocked: 1}), delta(1, order.Counters{WrittenOff: 1}), delta(1, order.Counters{WrittenOff: 1})}, deltas)
	require.Equal(t, []returns.Event{returns.Inspected{Return: rma, Decided: decided}}, events)
	for name, c := range map[string]struct {
		decided []returns.Disposed
		want    error
	}{
		"a unit twice":            {[]returns.Disposed{{Line: 1, Qty: 1, As: returns.Restock}}, returns.ErrQuantity},
		"nothing":                 {nil, returns.ErrQuantity},
		"none of a line":          {[]returns.Disposed{{Line: 1, As: returns.Restock}}, returns.ErrQuantity},
		"an unknown line":         {[]returns.Disposed{{Line: 3, Qty: 1, As: returns.Restock}}, returns.ErrUnknownLine},
		"an unknown disposition":  {[]returns.Disposed{{Line: 1, Qty: 1, As: "burn"}}, returns.ErrReason},
		"no disposition":          {[]returns.Disposed{{Line: 1, Qty: 1}}, returns.ErrReason},
		"scrap at a location":     {[]returns.Disposed{{Line: 1, Qty: 1, As: returns.Scrap, To: "ams"}}, returns.ErrReason},
		"the second of two fails": {[]returns.Disposed{{Line: 1, Qty: 0, As: returns.Reject}, {Line: 1, Qty: 1, As: returns.Reject}}, returns.ErrQuantity},
	} {
		same, deltas, events, err := f.Inspect(n, c.decided, later)
		require.ErrorIs(t, err, c.want, name)
		require.Equal(t, n, same)
		require.Empty(t, deltas)
		require.Empty(t, events)
	}
	err = errOf(f.Inspect(requested(t, 1), decided, later))
	require.ErrorIs(t, err, returns.ErrTransition)
}

func TestRefundNamesTheOrdersLinesAndNeverAUnitTwice(t *testing.T) {
	t.Parallel()
	f := flow(t)
	r, _, _, err := f.Inspect(received(t, 3, 1), []returns.Disposed{{Line: 1, Qty: 1, As: returns.Reject}}, noon)
	require.NoError(t, err)
	was := r.Clone()
	n, lines, worth, err := f.Refund(r, units(1, 1), later)
	require.NoError(t, err)
	require.Equal(t, was, r)
	require.Equal(t, units(1, 1), lines)
	require.True(t, worth.IsZero(), "what the units of an order are worth is for the order to say")
	require.Equal(t, int64(1), n.Lines[0].RefundedUnits)
	for name, c := range map[string]struct {
		units []order.LineQty
		want  error
	}{
		"rejected ones":    {units(2), returns.ErrQuantity},
		"refunded ones":    {units(0, 1), returns.ErrQuantity},
		"fewer than none":  {units(-1), returns.ErrQuantity},
		"an unknown line":  {units(0, 0, 1), returns.ErrUnknownLine},
		"good, then a bad": {units(1, 1), returns.ErrQuantity},
	} {
		same, lines, worth, err := f.Refund(n, c.units, later)
		require.ErrorIs(t, err, c.want, name)
		require.Equal(t, n, same)
		require.Empty(t, lines)
		require.Zero(t, worth)
	}
	same, lines, worth, err := f.Refund(n, nil, later)
	require.NoError(t, err, "charges may be given back alone")
	require.Empty(t, lines)
	require.True(t, worth.IsZero())
	require.Equal(t, n.Lines, same.Lines)
	err = errOf(f.Refund(requested(t, 1), nil, later))
	require.ErrorIs(t, err, returns.ErrTransition)
}

func TestPaidAddsUpWhatWentBack(t *testing.T) {
	t.Parallel()
	f := flow(t)
	r, events, err := f.Paid(received(t, 2), units(1), eur("3.33"), later)
	require.NoError(t, err)
	require.Equal(t, []returns.Event{returns.Refunded{Return: rma, Units: units(1), Amount: eur("3.33")}}, events)
	r, _, err = f.Paid(r, units(1), eur("3.34"), later)
	require.NoError(t, err)
	require.Equal(t, eur("6.67"), r.Refunded)
	n, events, err := f.Paid(r, units(1), order.MustMoney("1", "USD"), later)
	require.ErrorIs(t, err, order.ErrMixedCurrency)
	require.Equal(t, r, n)
	require.Empty(t, events)
}

func TestCloseWaitsForEveryUnitsOutcome(t *testing.T) {
	t.Parallel()
	f := flow(t)
	r, _, _, err := f.Receive(approved(t, 3), "ber", units(2), noon)
	require.NoError(t, err)
	refuse := func(want string) {
		t.Helper()
		n, events, err := f.Close(r, later)
		require.ErrorIs(t, err, returns.ErrTransition)
		require.ErrorContains(t, err, want)
		require.Equal(t, r, n)
		require.Empty(t, events)
	}
	refuse("line 1: 1 units neither received nor missing")
	r, _, _, err = f.Missing(r, units(1), noon)
	require.NoError(t, err)
	refuse("line 1: 2 units wait for inspection")
	r, _, _, err = f.Inspect(r, []returns.Disposed{{Line: 1, Qty: 2, As: returns.Restock}}, noon)
	require.NoError(t, err)
	n, events, err := f.Close(r, later)
	require.NoError(t, err)
	require.Equal(t, []any{returns.StateClosed, later}, []any{n.State, n.ClosedAt})
	require.Equal(t, []returns.Event{returns.Closed{Return: rma}}, events)
	again, events, err := f.Close(n, noon)
	require.NoError(t, err)
	require.Empty(t, events)
	require.Equal(t, n, again)
	_, _, err = f.Close(requested(t, 1), later)
	require.ErrorIs(t, err, returns.ErrTransition)
	for _, err := range []error{
		errOf(f.Receive(n, "ber", units(1), later)), errOf(f.Missing(n, units(1), later)), errOf(f.Refund(n, units(1), later)),
		errOf(f.Inspect(n, []returns.Disposed{{Line: 1, Qty: 1, As: returns.Scrap}}, later)),
	} {
		require.ErrorIs(t, err, returns.ErrTransition, "a closed return is at rest")
	}
}

// blind is a return without an order: three units worth 10.00 together, and a service.
func blind() returns.Blind {
	return returns.Blind{ID: rma, Customer: "c-7", Ref: "gift", Currency: order.MustCurrency("EUR"), Lines: []returns.BlindLine{
		{Item: "tee", Qty: 3, Reason: returns.Unwanted, Worth: eur("10")}, {Item: "gift-wrap", Service: true, Qty: 1, Reason: returns.OtherReason, Worth: eur("0")},
	}}
}

func TestABlindReturnSaysWhatItsUnitsAreWorth(t *testing.T) {
	t.Parallel()
	f := flow(t)
	r, events, err := f.RequestBlind(blind(), noon)
	require.NoError(t, err)
	require.True(t, r.Blind())
	require.Equal(t, []returns.Line{
		{No: 1, Item: "tee", Stocked: true, Qty: 3, Reason: returns.Unwanted, Worth: eur("10")},
		{No: 2, Item: "gift-wrap", Qty: 1, Reason: returns.OtherReason, Worth: eur("0")},
	}, r.Lines)
	require.Equal(t, []any{"c-7", "gift", returns.StateRequested, eur("0")}, []any{r.Customer, r.Ref, r.State, r.Refunded})
	require.Equal(t, []returns.Event{returns.Requested{Return: rma, Ref: "gift", Units: units(3, 1)}}, events)
	r, _, err = f.Approve(r, noon)
	require.NoError(t, err)
	r, deltas, _, err := f.Receive(r, "ber", units(3, 1), noon)
	require.NoError(t, err)
	require.Empty(t, deltas, "there is no order to follow")
	r, deltas, _, err = f.Inspect(r, []returns.Disposed{{Line: 1, Qty: 3, As: returns.Restock}}, noon)
	require.NoError(t, err)
	require.Empty(t, deltas)
	var paid []order.Money
	for range 3 {
		var worth order.Money
		var lines []order.LineQty
		r, lines, worth, err = f.Refund(r, units(1), noon)
		require.NoError(t, err)
		require.Empty(t, lines)
		paid = append(paid, worth)
	}
	require.Equal(t, []order.Money{eur("3.33"), eur("3.34"), eur("3.33")}, paid)
	_, _, worth, err := f.Refund(r, units(1), noon)
	require.ErrorIs(t, err, returns.ErrQuantity)
	require.Zero(t, worth)
}

func TestABlindReturnIsRefusedUnlessItIsComplete(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		spoil func(*returns.Blind)
		want  error
	}{
		"no currency":       {func(b *returns.Blind) { b.Currency = order.Currency{} }, returns.ErrQuantity},
		"no lines":          {func(b *returns.Blind) { b.Lines = nil }, returns.ErrQuantity},
		"no item":           {func(b *returns.Blind) { b.Lines[1].Item = "" }, returns.ErrQuantity},
		"no units":          {func(b *returns.Blind) { b.Lines[0].Qty = 0 }, returns.ErrQuantity},
		"too many units":    {func(b *returns.Blind) { b.Lines[0].Qty = order.MaxQty + 1 }, returns.ErrQuantity},
		"no reason":         {func(b *returns.Blind) { b.Lines[0].Reason = "" }, returns.ErrReason},
		"no worth":          {func(b *returns.Blind) { b.Lines[0].Worth = order.Money{} }, returns.ErrWorth},
		"negative worth":    {func(b *returns.Blind) { b.Lines[0].Worth = eur("-1") }, returns.ErrWorth},
		"worth other money": {func(b *returns.Blind) { b.Lines[0].Worth = order.MustMoney("1", "USD") }, returns.ErrWorth},
	} {
		b := blind()
		c.spoil(&b)
		r, events, err := flow(t).RequestBlind(b, noon)
		require.ErrorIs(t, err, c.want, name)
		require.Zero(t, r)
		require.Empty(t, events)
	}
}
