package returns_test

import (
	"math"
	"testing"
	"time"

	"github.com/orderkit/oms/returns"
	"github.com/stretchr/testify/require"
)

func TestTheLawOfALine(t *testing.T) {
	t.Parallel()
	good := returns.Line{No: 1, Line: 1, Item: "tee", Qty: 12, Received: 10, Missing: 2, Restocked: 4, Damaged: 3, Scrapped: 2, Rejected: 1, RefundedUnits: 11}
	require.NoError(t, good.Check())
	require.Zero(t, good.Open())
	require.Equal(t, int64(10), good.Inspected())
	for name, spoil := range map[string]func(*returns.Line){
		"more received than announced":    func(l *returns.Line) { l.Received++ },
		"more missing than announced":     func(l *returns.Line) { l.Missing++ },
		"more restocked than received":    func(l *returns.Line) { l.Restocked++ },
		"more damaged than received":      func(l *returns.Line) { l.Damaged++ },
		"more scrapped than received":     func(l *returns.Line) { l.Scrapped++ },
		"more rejected than received":     func(l *returns.Line) { l.Rejected++ },
		"more refunded than not rejected": func(l *returns.Line) { l.RefundedUnits++ },
		"negative quantity":               func(l *returns.Line) { *l = returns.Line{Qty: -1} },
		"negative received":               func(l *returns.Line) { *l = returns.Line{Received: -1} },
		"negative missing":                func(l *returns.Line) { *l = returns.Line{Missing: math.MinInt64} },
		"negative restocked":              func(l *returns.Line) { *l = returns.Line{Restocked: -1} },
		"negative damaged":                func(l *returns.Line) { *l = returns.Line{Damaged: -1} },
		"negative scrapped":               func(l *returns.Line) { *l = returns.Line{Scrapped: -1} },
		"negative rejected":               func(l *returns.Line) { *l = returns.Line{Rejected: -1} },
		"negative refunded":               func(l *returns.Line) { *l = returns.Line{RefundedUnits: -1} },
	} {
		l := good
		spoil(&l)
		var broken *returns.LineError
		require.ErrorAs(t, l.Check(), &broken, name)
		require.ErrorIs(t, broken, returns.ErrQuantity)
		require.Equal(t, l, broken.Facts)
	}
}

func TestAReturnKnowsItsLinesAndItsOrder(t *testing.T) {
	t.Parallel()
	r := requested(t, 1, 1)
	require.False(t, r.Blind())
	require.True(t, (&returns.Return{}).Blind())
	l, ok := r.Line(2)
	require.True(t, ok)
	require.Equal(t, "mug", l.Item)
	for _, no := range []int{-1, 0, 3} {
		_, ok = r.Line(no)
		require.False(t, ok, no)
	}
	r.Verdicts = []returns.Verdict{{Rule: "a"}}
	n := r.Clone()
	n.Lines[0].Qty, n.Verdicts[0].Rule = 9, "b"
	require.Equal(t, int64(1), r.Lines[0].Qty, "a clone shares nothing")
	require.Equal(t, "a", r.Verdicts[0].Rule)
	id, err := returns.ParseID(rma.String())
	require.NoError(t, err)
	require.Equal(t, rma, id)
	_, err = returns.ParseID("rma-1")
	require.Error(t, err)
}

func TestTheReturnWindowEndsAfterExactlySoManyDays(t *testing.T) {
	t.Parallel()
	o := delivered(t)
	l, _ := o.Line(1)
	day := 24 * time.Hour
	for _, c := range []struct {
		days int
		when time.Duration
		want returns.Result
	}{
		{365, day, returns.Pass}, {30, 5 * day, returns.Pass}, {14, 20 * day, returns.Fail}, {30, 30*day - 1, returns.Pass},
		{30, 30 * day, returns.Fail}, {0, 0, returns.Fail}, {1, 0, returns.Pass},
	} {
		v := returns.WithinDays(c.days)(&o, l, o.ConfirmedAt.Add(c.when))
		require.Equal(t, c.want, v.Result, "%d days, after %v", c.days, c.when)
		require.Equal(t, c.want == returns.Pass, v.Evidence == "")
		require.Equal(t, []any{"within_days", 1}, []any{v.Rule, v.Line})
	}
	o.ConfirmedAt = time.Time{}
	require.Equal(t, returns.Fail, returns.WithinDays(9999)(&o, l, noon).Result, "an order that was never confirmed has no window")
}

func TestOnlyDeliveredWantsEveryShippedUnitToHaveArrived(t *testing.T) {
	t.Parallel()
	o := delivered(t)
	for line, want := range map[int]returns.Result{1: returns.Pass, 2: returns.Fail, 3: returns.Pass} {
		l, _ := o.Line(line)
		v := returns.OnlyDelivered()(&o, l, noon)
		require.Equal(t, want, v.Result, "line %d", line)
		require.Equal(t, line, v.Line)
	}
}

func TestEventKindsAreStable(t *testing.T) {
	t.Parallel()
	for kind, e := range map[string]returns.Event{
		"return.requested": returns.Requested{}, "return.approved": returns.Approved{}, "return.declined": returns.Declined{},
		"return.cancelled": returns.Cancelled{}, "return.received": returns.Received{}, "return.missing": returns.Missed{},
		"return.inspected": returns.Inspected{}, "return.refunded": returns.Refunded{}, "return.closed": returns.Closed{},
	} {
		require.Equal(t, kind, e.Kind())
	}
}

func TestErrorsTellWhatToDo(t *testing.T) {
	t.Parallel()
	for text, err := range map[string]error{
		"returns: quantity refused: line 2, want 9 units; of 5 announced 4 are received, 1 missing, 2 inspected (1 rejected), 1 refunded": &returns.LineError{
			Want: 9, Err: returns.ErrQuantity, Facts: returns.Line{No: 2, Qty: 5, Received: 4, Missing: 1, Scrapped: 1, Rejected: 1, RefundedUnits: 1}},
		"returns: not possible in this state: close of return " + rma.String() + " which is requested; possible now: [approve]": &returns.TransitionError{
			Return: rma, From: returns.StateRequested, Action: returns.ActionClose, Allowed: []returns.Action{returns.ActionApprove}},
		"returns: not shipped: order " + sale.String() + " line 1: return of 3 units, but 2 are shipped and not yet returned; cancel units that have not shipped": &returns.EligibilityError{
			Order: sale, Line: 1, Want: 3, Eligible: 2},
		"returns: refused by policy: a on line 1: because; c on line 2: why": &returns.PolicyError{Verdicts: []returns.Verdict{
			{Rule: "a", Line: 1, Result: returns.Fail, Evidence: "because"}, {Rule: "b", Line: 1, Result: returns.Pass}, {Rule: "c", Line: 2, Result: returns.Fail, Evidence: "why"}}},
	} {
		require.EqualError(t, err, text)
	}
}
