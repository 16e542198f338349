package purchasing_test

import (
	"encoding/json"
	"errors"
	"flag"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"

	"github.com/orderkit/oms/inventory"
	"github.com/orderkit/oms/inventory/purchasing"
)

var update = flag.Bool("update", false, "write the golden files")

func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		require.NoError(t, os.WriteFile(path, []byte(got), 0o600))
	}
	want, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Equal(t, string(want), got, "run with -update to accept it")
}

var (
	now  = time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC)
	acme = purchasing.Supplier{ID: "acme", LeadTime: 48 * time.Hour, Items: []purchasing.SupplierItem{
		{Item: "bolt", SKU: "A-77", Price: dec("0.045"), MinQty: 100, Multiple: 50, LeadTime: 24 * time.Hour},
	}}
)

func dec(s string) decimal.Decimal { return decimal.RequireFromString(s) }

func flow(t testing.TB, options ...purchasing.FlowOption) *purchasing.Flow {
	t.Helper()
	f, err := purchasing.NewFlow(options...)
	require.NoError(t, err)
	return f
}

// draft is an order for 10 tees at 4.00 and 6 mugs at 2.50.
func draft() purchasing.Draft {
	return purchasing.Draft{Supplier: "acme", Currency: "EUR", Lines: []purchasing.DraftLine{
		{Item: "tee", Location: "ber", Qty: 10, UnitCost: dec("4.00"), Weight: 200},
		{Item: "mug", Location: "ber", Qty: 6, UnitCost: dec("2.50"), Weight: 300},
	}}
}

func issued(t testing.TB, f *purchasing.Flow, d purchasing.Draft) purchasing.Order {
	t.Helper()
	o, _, err := purchasing.New(purchasing.ID{UUID: uuid.Nil}, d, acme, now)
	require.NoError(t, err)
	o, _, err = f.Issue(o, now)
	require.NoError(t, err)
	return o
}

// got is a receipt of accepted and rejected units of a line.
func got(ref string, line int, accepted, rejected int64) purchasing.Receipt {
	l := purchasing.ReceiptLine{Line: line, Accepted: accepted, Rejected: rejected}
	if rejected > 0 {
		l.Reason = purchasing.RejectDamaged
	}
	return purchasing.Receipt{Ref: ref, Lines: []purchasing.ReceiptLine{l}}
}

func receive(t testing.TB, f *purchasing.Flow, o purchasing.Order, r purchasing.Receipt) purchasing.Order {
	t.Helper()
	o, _, _, err := f.Receive(o, r, now)
	require.NoError(t, err)
	return o
}

func TestTheFlowIsDrawn(t *testing.T) {
	t.Parallel()
	golden(t, "flow.mmd", flow(t).Mermaid())
}

func TestGoodsAreIncomingOnlyWhereTheStateSaysSo(t *testing.T) {
	t.Parallel()
	f := flow(t)
	for _, d := range f.States() {
		require.Equal(t, d.Incoming, f.Incoming(d.Name))
		require.Equal(t, d.Final, f.Final(d.Name))
	}
	require.False(t, f.Incoming(purchasing.StateDraft), "drafts do not count as incoming")
	require.False(t, f.Incoming("lost"))
}

func TestAFlowThatDoesNotWorkIsRefused(t *testing.T) {
	t.Parallel()
	for name, option := range map[string]purchasing.FlowOption{
		"an unreachable state": purchasing.WithState(purchasing.StateDef{Name: "limbo", Incoming: true}),
		"an edge to nowhere":   purchasing.WithEdge("sink", "limbo", purchasing.StateIssued),
		"an edge twice":        purchasing.WithEdge(purchasing.ActionIssue, purchasing.StateIssued, purchasing.StateDraft),
		"a guard of nothing":   purchasing.WithGuard("sink", "g", func(purchasing.Attempt) error { return nil }),
	} {
		_, err := purchasing.NewFlow(option)
		require.ErrorIs(t, err, purchasing.ErrFlow, name)
	}
}

func TestAHostMayAddAnApproval(t *testing.T) {
	t.Parallel()
	errLimit := errors.New("over the limit")
	f := flow(t,
		purchasing.WithState(purchasing.StateDef{Name: "approved", Editable: false}),
		purchasing.WithEdge("approve", "approved", purchasing.StateDraft),
		purchasing.WithEdge(purchasing.ActionIssue, purchasing.StateIssued, "approved"),
		purchasing.WithGuard(purchasing.ActionIssue, "limit", func(a purchasing.Attempt) error {
			if a.Order.State == purchasing.StateDraft && a.Order.Totals().Total.GreaterThan(dec("50")) {
				return errLimit
			}
			return nil
		}))
	o, _, err := purchasing.New(purchasing.ID{}, draft(), acme, now)
	require.NoError(t, err)
	_, _, err = f.Issue(o, now)
	require.ErrorIs(t, err, errLimit)
	require.ErrorIs(t, err, purchasing.ErrTransition)
	_, _, err = f.Take(o, purchasing.ActionIssue, now)
	require.ErrorIs(t, err, purchasing.ErrTransition)
	o, events, err := f.Take(o, "approve", now)
	require.NoError(t, err)
	require.Equal(t, []purchasing.Event{purchasing.StateChanged{Action: "approve", From: "draft", To: "approved"}}, events)
	o, _, err = f.Issue(o, now)
	require.NoError(t, err)
	require.Equal(t, purchasing.StateIssued, o.State)
}

func TestADraftTakesWhatTheSupplierSays(t *testing.T) {
	t.Parallel()
	d := draft()
	d.Lines = append(d.Lines, purchasing.DraftLine{Item: "bolt", Location: "ber", Qty: 150, UnitCost: dec("0.045")})
	o, events, err := purchasing.New(purchasing.ID{}, d, acme, now)
	require.NoError(t, err)
	require.Equal(t, "A-77", o.Lines[2].SKU)
	require.Equal(t, now.Add(24*time.Hour), o.Lines[2].Due)
	require.Equal(t, now.Add(48*time.Hour), o.Lines[0].Due)
	require.Equal(t, "purchase.drafted", events[0].Kind())
	d.Lines[2].Qty = 120
	_, _, err = purchasing.New(purchasing.ID{}, d, acme, now)
	terms := &purchasing.TermsError{}
	require.ErrorAs(t, err, &terms)
	require.Equal(t, int64(150), terms.Fit)
	require.ErrorIs(t, err, purchasing.ErrTerms)
}

func TestABadDraftIsRefused(t *testing.T) {
	t.Parallel()
	f := flow(t)
	good, _, err := purchasing.New(purchasing.ID{}, draft(), acme, now)
	require.NoError(t, err)
	for name, c := range map[string]struct {
		want error
		how  func(*purchasing.Draft)
	}{
		"another supplier":       {purchasing.ErrUnknownSupplier, func(d *purchasing.Draft) { d.Supplier = "zorg" }},
		"no supplier":            {inventory.ErrID, func(d *purchasing.Draft) { d.Supplier = "" }},
		"no lines":               {purchasing.ErrQuantity, func(d *purchasing.Draft) { d.Lines = nil }},
		"no item":                {inventory.ErrID, func(d *purchasing.Draft) { d.Lines[0].Item = "" }},
		"no location":            {inventory.ErrID, func(d *purchasing.Draft) { d.Lines[0].Location = "" }},
		"no units":               {inventory.ErrQuantity, func(d *purchasing.Draft) { d.Lines[0].Qty = 0 }},
		"fewer than no units":    {inventory.ErrQuantity, func(d *purchasing.Draft) { d.Lines[0].Qty = -1 }},
		"too many units":         {inventory.ErrQuantity, func(d *purchasing.Draft) { d.Lines[0].Qty = inventory.MaxQty + 1 }},
		"a negative cost":        {purchasing.ErrAmount, func(d *purchasing.Draft) { d.Lines[0].UnitCost = dec("-1") }},
		"a cost of seven digits": {purchasing.ErrAmount, func(d *purchasing.Draft) { d.Lines[0].UnitCost = dec("0.0000001") }},
		"an endless cost":        {purchasing.ErrAmount, func(d *purchasing.Draft) { d.Lines[0].UnitCost = decimal.New(1, 1_000_000) }},
		"a huge tax":             {purchasing.ErrAmount, func(d *purchasing.Draft) { d.Tax = dec("1000000000001") }},
		"a tolerance below":      {purchasing.ErrAmount, func(d *purchasing.Draft) { d.Tolerance.Over = dec("-1") }},
		"a tolerance above":      {purchasing.ErrAmount, func(d *purchasing.Draft) { d.Tolerance.Under = dec("101") }},
		"a weight below":         {purchasing.ErrQuantity, func(d *purchasing.Draft) { d.Lines[0].Weight = -1 }},
		"a date before all":      {purchasing.ErrQuantity, func(d *purchasing.Draft) { d.Lines[0].Due = time.UnixMicro(-1) }},
		"an unknown cost":        {purchasing.ErrReason, func(d *purchasing.Draft) { d.Costs = []purchasing.DraftCost{{Kind: "bribe", Amount: dec("1")}} }},
		"an unknown basis": {purchasing.ErrReason, func(d *purchasing.Draft) {
			d.Costs = []purchasing.DraftCost{{Kind: "duty", Basis: "mood", Amount: dec("1")}}
		}},
		"a cost of nothing": {purchasing.ErrAmount, func(d *purchasing.Draft) { d.Costs = []purchasing.DraftCost{{Kind: "duty"}} }},
		"weights of nothing": {purchasing.ErrApportion, func(d *purchasing.Draft) {
			d.Lines[0].Weight, d.Lines[1].Weight = 0, 0
			d.Costs = []purchasing.DraftCost{{Kind: "freight", Basis: purchasing.ByWeight, Amount: dec("1")}}
		}},
	} {
		d := draft()
		c.how(&d)
		_, _, err := purchasing.New(purchasing.ID{}, d, acme, now)
		require.ErrorIs(t, err, c.want, name)
		n, events, err := f.Edit(good, d, acme, now)
		require.ErrorIs(t, err, c.want, name)
		require.Empty(t, events)
		require.Equal(t, good, n, name)
	}
}

func TestABadSupplierIsRefused(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		want error
		s    purchasing.Supplier
	}{
		"no id":         {inventory.ErrID, purchasing.Supplier{}},
		"no time":       {purchasing.ErrQuantity, purchasing.Supplier{ID: "a", LeadTime: -1}},
		"a pack below":  {purchasing.ErrQuantity, purchasing.Supplier{ID: "a", Items: []purchasing.SupplierItem{{Item: "tee", Multiple: -1}}}},
		"an item twice": {purchasing.ErrQuantity, purchasing.Supplier{ID: "a", Items: []purchasing.SupplierItem{{Item: "tee"}, {Item: "tee"}}}},
		"a price":       {purchasing.ErrAmount, purchasing.Supplier{ID: "a", Items: []purchasing.SupplierItem{{Item: "tee", Price: dec("-1")}}}},
	} {
		require.ErrorIs(t, c.s.Validate(), c.want, name)
	}
	require.NoError(t, acme.Validate())
}

func TestABadReceiptIsRefused(t *testing.T) {
	t.Parallel()
	f := flow(t)
	o := issued(t, f, draft())
	line := func(l purchasing.ReceiptLine) purchasing.Receipt {
		return purchasing.Receipt{Ref: "dn-1", Lines: []purchasing.ReceiptLine{l}}
	}
	for name, c := range map[string]struct {
		want error
		r    purchasing.Receipt
	}{
		"no reference":         {inventory.ErrID, got("", 1, 1, 0)},
		"no lines":             {purchasing.ErrQuantity, purchasing.Receipt{Ref: "dn-1"}},
		"an unknown line":      {purchasing.ErrUnknownLine, got("dn-1", 3, 1, 0)},
		"line zero":            {purchasing.ErrUnknownLine, got("dn-1", 0, 1, 0)},
		"no units":             {purchasing.ErrQuantity, got("dn-1", 1, 0, 0)},
		"fewer than no units":  {purchasing.ErrQuantity, got("dn-1", 1, -1, 2)},
		"too many units":       {purchasing.ErrQuantity, got("dn-1", 1, inventory.MaxQty+1, 0)},
		"more than ordered":    {purchasing.ErrTolerance, got("dn-1", 1, 10, 1)},
		"into the wrong state": {inventory.ErrState, line(purchasing.ReceiptLine{Line: 1, Accepted: 1, Into: inventory.Held})},
		"no reason":            {purchasing.ErrReason, line(purchasing.ReceiptLine{Line: 1, Rejected: 1})},
		"a reason for nothing": {purchasing.ErrReason, line(purchasing.ReceiptLine{Line: 1, Accepted: 1, Reason: purchasing.RejectOther})},
		"an unknown fate":      {purchasing.ErrReason, line(purchasing.ReceiptLine{Line: 1, Rejected: 1, Reason: purchasing.RejectOther, Fate: "eaten"})},
		"a bad lot":            {inventory.ErrID, line(purchasing.ReceiptLine{Line: 1, Accepted: 1, Lot: " l"})},
		"two lines, together too many": {purchasing.ErrTolerance, purchasing.Receipt{Ref: "dn-1", Lines: []purchasing.ReceiptLine{
			{Line: 1, Accepted: 6}, {Line: 1, Accepted: 5},
		}}},
	} {
		n, in, events, err := f.Receive(o, c.r, now)
		require.ErrorIs(t, err, c.want, name)
		require.Equal(t, o, n, name)
		require.Empty(t, in)
		require.Empty(t, events)
	}
}

func TestAReceiptSaysWhatTheLedgerBooks(t *testing.T) {
	t.Parallel()
	f := flow(t)
	o := issued(t, f, draft())
	r := purchasing.Receipt{Ref: "dn-1", Lines: []purchasing.ReceiptLine{
		{Line: 1, Accepted: 4, Rejected: 1, Reason: purchasing.RejectDamaged, Lot: "l-1"},
		{Line: 2, Accepted: 2, Into: inventory.QC, Location: "ham"},
		{Line: 2, Rejected: 3, Reason: purchasing.RejectWrongItem, Fate: purchasing.SentBack},
	}}
	n, in, events, err := f.Receive(o, r, now)
	require.NoError(t, err)
	require.Equal(t, purchasing.StatePartial, n.State)
	from := inventory.Outside(inventory.Supplier)
	require.Len(t, in, 3, "what is sent back was never here")
	require.Equal(t, inventory.Movement{Item: "tee", Lot: "l-1", From: from, To: inventory.At("ber", inventory.Free), Qty: 4}, in[0].Movement)
	require.Equal(t, inventory.Movement{Item: "tee", Lot: "l-1", From: from, To: inventory.At("ber", inventory.Damaged), Qty: 1}, in[1].Movement)
	require.Equal(t, inventory.Movement{Item: "mug", From: from, To: inventory.At("ham", inventory.QC), Qty: 2}, in[2].Movement)
	require.True(t, in[2].UnitCost.Equal(dec("2.5")))
	require.Equal(t, "purchase.received", events[0].Kind())
	require.Equal(t, int64(5), n.Lines[0].Expected())
	require.Equal(t, int64(1), n.Lines[1].Expected())

	again, in, events, err := f.Receive(n, r, now.Add(time.Hour))
	require.NoError(t, err, "the same receipt again is no error")
	require.Equal(t, n, again)
	require.Empty(t, in)
	require.Empty(t, events)
	_, _, _, err = f.Receive(n, got("dn-1", 1, 1, 0), now)
	had := &purchasing.ReceiptError{}
	require.ErrorAs(t, err, &had)
	require.Equal(t, now, had.At)
}

func TestMoreMayComeWithinTheTolerance(t *testing.T) {
	t.Parallel()
	f := flow(t)
	d := draft()
	d.Tolerance.Over = dec("15") // of 10: 1.5, so 1
	o := issued(t, f, d)
	o = receive(t, f, o, got("dn-1", 2, 6, 0))
	n, _, events, err := f.Receive(o, got("dn-2", 1, 11, 0), now)
	require.NoError(t, err)
	require.Equal(t, purchasing.OverReceived{Ref: "dn-2", Units: []purchasing.LineUnits{{Line: 1, Item: "tee", Qty: 1}}}, events[1])
	require.Equal(t, purchasing.StateReceived, n.State)
	_, _, _, err = f.Receive(o, got("dn-2", 1, 12, 0), now)
	over := &purchasing.ToleranceError{}
	require.ErrorAs(t, err, &over)
	require.Equal(t, int64(11), over.Limit)
}

func TestLessMayComeWithinTheTolerance(t *testing.T) {
	t.Parallel()
	f := flow(t)
	d := draft()
	d.Tolerance.Under = dec("20")
	o := issued(t, f, d)
	o = receive(t, f, o, got("dn-1", 2, 6, 0))
	_, _, err := f.Close(receive(t, f, o, got("dn-2", 1, 7, 0)), now)
	require.ErrorIs(t, err, purchasing.ErrTransition)
	n, events, err := f.Close(receive(t, f, o, got("dn-2", 1, 8, 0)), now)
	require.NoError(t, err)
	require.Equal(t, []purchasing.Event{purchasing.UnderReceived{Units: []purchasing.LineUnits{{Line: 1, Item: "tee", Qty: 2}}}, purchasing.Closed{}}, events)
	require.Equal(t, int64(2), n.Lines[0].Cancelled)
	require.Equal(t, now, n.EndedAt)
	short := receive(t, f, o, got("dn-2", 1, 1, 0))
	n, _, err = f.CloseShort(short, "discontinued", now)
	require.NoError(t, err)
	require.Equal(t, purchasing.StateClosed, n.State)
	_, _, err = f.CloseShort(issued(t, f, draft()), "", now)
	require.ErrorIs(t, err, purchasing.ErrTransition, "of which nothing came is cancelled")
}

func TestUnitsThatWillNotComeAreCancelled(t *testing.T) {
	t.Parallel()
	f := flow(t)
	o := issued(t, f, draft())
	_, _, err := f.CancelUnits(o, []purchasing.LineUnits{{Line: 1, Qty: 11}}, "", now)
	require.ErrorIs(t, err, purchasing.ErrQuantity)
	_, _, err = f.CancelUnits(o, []purchasing.LineUnits{{Line: 9, Qty: 1}}, "", now)
	require.ErrorIs(t, err, purchasing.ErrUnknownLine)
	n, _, err := f.CancelUnits(o, []purchasing.LineUnits{{Line: 1, Qty: 4}}, "", now)
	require.NoError(t, err)
	require.Equal(t, int64(6), n.Lines[0].Expected())
	require.Equal(t, purchasing.StateIssued, n.State)
	all, _, err := f.CancelUnits(n, nil, "", now)
	require.NoError(t, err)
	require.Equal(t, purchasing.StateCancelled, all.State)
	some := receive(t, f, n, got("dn-1", 1, 1, 0))
	_, _, err = f.Cancel(some, "", now)
	require.ErrorIs(t, err, purchasing.ErrTransition)
	rest, _, err := f.CancelUnits(some, nil, "", now)
	require.NoError(t, err)
	require.Equal(t, purchasing.StateReceived, rest.State)
	_, _, _, err = f.Receive(rest, got("dn-2", 1, 1, 0), now)
	require.ErrorIs(t, err, purchasing.ErrTolerance, "no more than was left of it")
	gone, events, err := f.Cancel(all, "", now)
	require.NoError(t, err)
	require.Empty(t, events)
	require.Equal(t, all, gone)
}

func TestAnAcknowledgementMayMoveDates(t *testing.T) {
	t.Parallel()
	f := flow(t)
	o := issued(t, f, draft())
	later := now.Add(96 * time.Hour)
	n, events, err := f.Acknowledge(o, []purchasing.LineDue{{Line: 1, Due: later}, {Line: 2, Due: o.Lines[1].Due}}, now)
	require.NoError(t, err)
	require.Len(t, events, 2)
	require.Equal(t, later, n.Lines[0].Due)
	_, events, err = f.ChangeDue(n, []purchasing.LineDue{{Line: 1, Due: later}}, now)
	require.NoError(t, err)
	require.Empty(t, events, "nothing moved")
	_, _, err = f.ChangeDue(n, []purchasing.LineDue{{Line: 3, Due: later}}, now)
	require.ErrorIs(t, err, purchasing.ErrUnknownLine)
	n = receive(t, f, n, got("dn-1", 1, 10, 0))
	_, _, err = f.ChangeDue(n, []purchasing.LineDue{{Line: 1, Due: now}}, now)
	require.ErrorIs(t, err, purchasing.ErrQuantity, "it has come")
}

func TestTotalsAreExact(t *testing.T) {
	t.Parallel()
	d := draft()
	d.Lines[0].UnitCost, d.Lines[1].UnitCost = dec("45.5805"), dec("45.12")
	d.Tax, d.Costs = dec("21.7681"), []purchasing.DraftCost{{Kind: purchasing.Freight, Amount: dec("6.8025")}, {Kind: purchasing.Duty, Amount: dec("0.000001")}}
	o, _, err := purchasing.New(purchasing.ID{}, d, acme, now)
	require.NoError(t, err)
	got := o.Totals()
	require.Equal(t, "726.525", got.Subtotal.String())
	require.Equal(t, "6.8025", got.Freight.String())
	require.Equal(t, "0.000001", got.Other.String())
	require.Equal(t, "755.095601", got.Total.String())
}

func TestAPurchaseOrderSurvivesStorage(t *testing.T) {
	t.Parallel()
	f := flow(t)
	d := draft()
	d.Costs = []purchasing.DraftCost{{Kind: purchasing.Freight, Amount: dec("7.01")}}
	o := receive(t, f, issued(t, f, d), got("dn-1", 1, 3, 1))
	o, _, err := o.Land()
	require.NoError(t, err)
	data, err := json.Marshal(o)
	require.NoError(t, err)
	var back purchasing.Order
	require.NoError(t, json.Unmarshal(data, &back))
	again, err := json.Marshal(back)
	require.NoError(t, err)
	require.JSONEq(t, string(data), string(again))
	require.Equal(t, o.Receipts, back.Receipts)
}

func TestWhatIsOfferedIsPossible(t *testing.T) {
	t.Parallel()
	f := flow(t)
	allowed := func(o purchasing.Order) []purchasing.Action {
		var out []purchasing.Action
		for _, p := range f.AllowedActions(o) {
			require.Equal(t, p.Allowed, len(p.Reasons) == 0)
			if p.Allowed {
				out = append(out, p.Action)
			}
		}
		return out
	}
	o, _, err := purchasing.New(purchasing.ID{}, draft(), acme, now)
	require.NoError(t, err)
	require.Equal(t, []purchasing.Action{"issue", "cancel", "edit"}, allowed(o))
	o, _, err = f.Issue(o, now)
	require.NoError(t, err)
	require.Equal(t, []purchasing.Action{"acknowledge", "cancel", "receive", "change_due", "add_cost"}, allowed(o))
	o = receive(t, f, o, got("dn-1", 1, 10, 0))
	require.Equal(t, []purchasing.Action{"close_short", "receive", "change_due", "add_cost"}, allowed(o))
	o = receive(t, f, o, got("dn-2", 2, 6, 0))
	require.Equal(t, []purchasing.Action{"close", "add_cost"}, allowed(o))
	o, _, err = f.Close(o, now)
	require.NoError(t, err)
	require.Equal(t, []purchasing.Action{"add_cost"}, allowed(o), "the bill of the carrier may come late")
}
