package transfer_test

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/orderkit/oms/inventory"
	"github.com/orderkit/oms/inventory/transfer"
)

// place is where tees of a lot are in the naive model: "ber free", "road", "lost".
type place struct{ name, lot string }

// life is transfers of one item from Berlin to Hamburg, beside a model that knows
// nothing but how many units are where.
type life struct {
	*yard
	model map[place]int64
	all   []transfer.Transfer
}

var lots = []string{"l1", "l2"}

func (l *life) move(lot, from, to string, qty int64) {
	l.model[place{from, lot}] -= qty
	l.model[place{to, lot}] += qty
}

func TestEveryLifeOfTransfersKeepsEveryUnitInOnePlace(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		l := &life{yard: newYard(t), model: map[place]int64{}}
		for _, lot := range lots {
			qty := rapid.Int64Range(1, 6).Draw(t, "stock")
			l.stock("tee", lot, "ber", qty)
			l.move(lot, "supplier", "ber free", qty)
		}
		l.drafted(t)
		t.Repeat(map[string]func(*rapid.T){
			"draft": l.drafted, "ready": l.readied, "ship": l.shipped, "receive": l.received, "receive more": l.received,
			"withdraw": l.withdrawn, "cancel": l.cancelled, "close": l.closed, "": l.check,
		})
	})
}

func (l *life) drafted(t *rapid.T) {
	var lines []transfer.DraftLine
	for range rapid.IntRange(1, 2).Draw(t, "lines") {
		lines = append(lines, transfer.DraftLine{Item: "tee", Lot: rapid.SampledFrom([]string{"", "l1", "l2"}).Draw(t, "lot"), Qty: rapid.Int64Range(1, 4).Draw(t, "qty")})
	}
	l.all = append(l.all, l.draft(lines...))
}

// take runs a decision on a transfer, which must be refused exactly when it is illegal,
// and tells of each event of one that worked.
func (l *life) take(t *rapid.T, i int, legal bool, decide decision, told func(transfer.Event)) {
	n, events, err := l.try(l.all[i], decide)
	require.Equal(t, legal, err == nil, "%v of %+v", err, l.all[i])
	l.all[i] = n
	for _, e := range events {
		told(e)
	}
}

func (l *life) any(t *rapid.T) int { return rapid.IntRange(0, len(l.all)-1).Draw(t, "transfer") }

func (l *life) readied(t *rapid.T) {
	i := l.any(t)
	left := map[string]int64{}
	for _, lot := range lots {
		left[lot] = l.model[place{"ber free", lot}]
	}
	legal := l.all[i].State == transfer.StateDraft
	for _, line := range l.all[i].Lines { // lines are served in order
		want := line.Qty
		for _, lot := range lots {
			if line.Lot == "" || line.Lot == lot {
				take := min(want, left[lot])
				left[lot], want = left[lot]-take, want-take
			}
		}
		legal = legal && want == 0
	}
	l.take(t, i, legal, l.ready, func(e transfer.Event) {
		for _, u := range e.(transfer.MadeReady).Units {
			l.move(u.Lot, "ber free", "ber committed", u.Qty)
		}
	})
}

// some draws units of a lot of a line, and tells how many a counter has of them.
func some(t *rapid.T, x transfer.Transfer, of func(transfer.Part) int64) (transfer.Units, bool) {
	u := transfer.Units{Line: rapid.IntRange(1, len(x.Lines)).Draw(t, "line"), Lot: rapid.SampledFrom(lots).Draw(t, "part"), Qty: rapid.Int64Range(1, 3).Draw(t, "units")}
	return u, slices.ContainsFunc(x.Lines[u.Line-1].Parts, func(p transfer.Part) bool { return p.Lot == u.Lot && of(p) >= u.Qty })
}

func ready(p transfer.Part) int64 { return p.Ready }
func road(p transfer.Part) int64  { return p.InTransit }

func is(x transfer.Transfer, states ...transfer.State) bool { return slices.Contains(states, x.State) }

func (l *life) shipped(t *rapid.T) {
	i := l.any(t)
	may := is(l.all[i], transfer.StateReady, transfer.StateInTransit, transfer.StatePartiallyReceived)
	u, has := some(t, l.all[i], ready)
	decide := l.ship(u)
	if rapid.Bool().Draw(t, "all") {
		sum := l.all[i].Sum()
		decide, has = l.ship(), sum.Ready > 0
	}
	l.take(t, i, may && has, decide, func(e transfer.Event) {
		for _, u := range e.(transfer.Shipped).Units {
			l.move(u.Lot, "ber committed", "road", u.Qty)
		}
	})
}

func (l *life) received(t *rapid.T) {
	i := l.any(t)
	u, has := some(t, l.all[i], road)
	as := rapid.SampledFrom([]transfer.Outcome{"", transfer.Rejected, transfer.Returned}).Draw(t, "outcome")
	a := transfer.Arrival{Line: u.Line, Lot: u.Lot, Qty: u.Qty, As: as}
	l.take(t, i, has && is(l.all[i], transfer.StateInTransit, transfer.StatePartiallyReceived), l.receive("", a), func(e transfer.Event) {
		to := map[transfer.Outcome]string{transfer.Accepted: "ham free", transfer.Rejected: "ham damaged", transfer.Returned: "ber qc"}
		for _, a := range e.(transfer.Received).Arrivals {
			l.move(a.Lot, "road", to[a.As], a.Qty)
		}
	})
}

func (l *life) withdrawn(t *rapid.T) {
	i := l.any(t)
	u, has := some(t, l.all[i], ready)
	l.take(t, i, has && is(l.all[i], transfer.StateInTransit, transfer.StatePartiallyReceived), l.withdraw(u), func(e transfer.Event) {
		l.move(u.Lot, "ber committed", "ber free", u.Qty)
	})
}

func (l *life) cancelled(t *rapid.T) {
	i := l.any(t)
	was := l.all[i]
	l.take(t, i, is(was, transfer.StateDraft, transfer.StateReady), l.cancel(""), func(transfer.Event) {
		for _, line := range was.Lines {
			for _, p := range line.Parts {
				l.move(p.Lot, "ber committed", "ber free", p.Ready)
			}
		}
	})
}

func (l *life) closed(t *rapid.T) {
	i := l.any(t)
	sum := l.all[i].Sum()
	l.take(t, i, sum.Ready == 0 && is(l.all[i], transfer.StateInTransit, transfer.StatePartiallyReceived), l.close("gone"), func(e transfer.Event) {
		for _, u := range e.(transfer.Variance).Lost {
			l.move(u.Lot, "road", "lost", u.Qty)
		}
	})
}

// check compares the ledger with the model, and what is on the road with the transfers.
func (l *life) check(t *rapid.T) {
	for _, lot := range lots {
		for name, at := range map[string]inventory.Account{
			"ber free": inventory.At("ber", inventory.Free), "ber committed": inventory.At("ber", inventory.Committed), "ber qc": inventory.At("ber", inventory.QC),
			"ham free": inventory.At("ham", inventory.Free), "ham damaged": inventory.At("ham", inventory.Damaged),
		} {
			require.Equal(t, l.model[place{name, lot}], l.at("tee", lot, at.Location, at.State), "%s of %s", name, lot)
		}
	}
	var onRoad, sum, lost int64
	for i := range l.all {
		for k, qty := range l.all[i].InTransit() {
			require.Positive(t, qty, k)
			onRoad += qty
		}
		x := &l.all[i]
		require.Equal(t, !is(*x, transfer.StateReceived, transfer.StateCancelled, transfer.StateVariance), x.Open())
		s := x.Sum()
		require.True(t, x.Open() || s.Ready+s.InTransit == 0, "a closed transfer holds nothing")
	}
	for p, qty := range l.model {
		if p.name != "supplier" {
			require.GreaterOrEqual(t, qty, int64(0), p)
		}
		sum += qty
		if p.name == "lost" {
			lost += qty
		}
	}
	require.Zero(t, sum, "no unit appears or vanishes")
	require.Equal(t, onRoad, l.outside("tee", inventory.InTransit), "what is in transit is the sum of the transfers")
	require.Equal(t, lost, l.outside("tee", inventory.Shrink))
}
