package inventory_test

import (
	"slices"
	"testing"
	"time"

	"github.com/orderkit/oms/inventory"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// walk is a random sequence of every stock command on one shelf.
type walk struct{ *shelf }

var (
	// The first of each is the most frequent, so that commands meet on the same rows.
	anyItem     = rapid.SampledFrom([]string{"tee", "tee", "tee", "mug"})
	anyLot      = rapid.SampledFrom([]string{"", "", "l1"})
	anyLocation = rapid.SampledFrom([]string{"ber", "ber", "ber", "ber", "ber", "ams", "old"})
	anyOwner    = rapid.SampledFrom([]string{"cart-1", "cart-1", "cart-2", "order-1"})
	fewUnits    = rapid.Int64Range(-1, 9)
)

func TestEverySequenceOfCommandsKeepsTheLawsOfTheLedger(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		w := walk{newShelf()}
		w.stock(t, "tee", "", "ber", 12)
		w.stock(t, "tee", "l1", "ber", 3)
		t.Repeat(map[string]func(*rapid.T){
			"receive": w.receive, "adjust": w.adjust, "transfer": w.transfer, "return": w.goodsBack, "move": w.move,
			"reserve": w.reserve, "reserve more": w.reserve, "commit": w.commit, "release": w.release, "ship": w.ship,
			"progress": w.progress, "sweep": w.sweep,
			"time passes": func(t *rapid.T) {
				w.now = w.now.Add(time.Duration(rapid.IntRange(1, 8).Draw(t, "minutes")) * time.Minute)
			},
			"": w.check,
		})
	})
}

// decide runs a command on what its owner would read, requires that it left the reading
// alone and either refused or can be applied, and tells whether it was applied.
func (w walk) decide(t *rapid.T, owner string, command func(inventory.Snapshot) (inventory.Changes, error)) bool {
	snap, again := w.snapshot(owner), w.snapshot(owner)
	c, err := command(snap)
	require.Equal(t, again, snap, "a decision changes nothing that it reads")
	if err != nil {
		require.Equal(t, inventory.Changes{}, c, "a refused command changes nothing")
		return false
	}
	for _, r := range c.Reservations {
		had := w.reservations[r.ReservationKey]
		had.ReservationKey, had.Version = r.ReservationKey, r.Version
		require.NotEqual(t, had, r, "only what changed is saved")
	}
	require.NoError(t, w.apply(c), "what was decided on a reading can be applied to it")
	return true
}

func (w walk) check(t *rapid.T) {
	w.balanced(t)
	for _, item := range []string{"tee", "mug"} {
		for _, owner := range []string{"", "cart-1", "order-1"} {
			var sum int64
			for _, location := range []string{"ams", "ber", "old"} {
				sum += w.ats(t, item, location, owner)
			}
			require.Equal(t, sum, w.ats(t, item, "", owner), "the whole is the sum of its locations")
		}
	}
}

func (w walk) receive(t *rapid.T) {
	r := inventory.Receipt{Item: anyItem.Draw(t, "item"), Lot: anyLot.Draw(t, "lot"), Location: anyLocation.Draw(t, "location"), Qty: fewUnits.Draw(t, "qty")}
	applied := w.decide(t, "", func(s inventory.Snapshot) (inventory.Changes, error) { return inventory.Receive(s, r, w.meta()) })
	require.Equal(t, r.Qty > 0, applied)
}

func (w walk) adjust(t *rapid.T) {
	a := inventory.Adjustment{Item: anyItem.Draw(t, "item"), Lot: anyLot.Draw(t, "lot"), Location: anyLocation.Draw(t, "location"),
		State: rapid.SampledFrom([]inventory.State{0, inventory.QC, inventory.Damaged, inventory.Held}).Draw(t, "state"),
		Delta: rapid.Int64Range(-5, 5).Draw(t, "delta"), Reason: inventory.ReasonCount}
	w.decide(t, "", func(s inventory.Snapshot) (inventory.Changes, error) { return inventory.Adjust(s, a, w.meta()) })
}

func (w walk) transfer(t *rapid.T) {
	c := inventory.Shift{Item: anyItem.Draw(t, "item"), Lot: anyLot.Draw(t, "lot"), From: anyLocation.Draw(t, "from"), To: anyLocation.Draw(t, "to"), Qty: fewUnits.Draw(t, "qty")}
	free := w.of(c.Item, c.From, inventory.Free)
	if w.decide(t, "", func(s inventory.Snapshot) (inventory.Changes, error) { return inventory.Transfer(s, c, w.meta()) }) {
		require.GreaterOrEqual(t, w.of(c.Item, c.From, inventory.Free)+c.Qty, free, "nothing but what was asked for leaves")
	}
}

func (w walk) goodsBack(t *rapid.T) {
	back := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) inventory.GoodsBack {
		return inventory.GoodsBack{Item: anyItem.Draw(t, "item"), Lot: anyLot.Draw(t, "lot"), Location: anyLocation.Draw(t, "location"), Qty: fewUnits.Draw(t, "qty"),
			Into: rapid.SampledFrom([]inventory.State{0, inventory.Free, inventory.Damaged, inventory.Soft}).Draw(t, "into")}
	}), 1, 3).Draw(t, "back")
	w.decide(t, "", func(s inventory.Snapshot) (inventory.Changes, error) {
		return inventory.Return(s, back, "rma", w.meta())
	})
}

func (w walk) move(t *rapid.T) {
	end := rapid.Custom(func(t *rapid.T) inventory.Account {
		s := inventory.State(rapid.Uint8Range(1, 14).Draw(t, "state"))
		if s.AtLocation() {
			return inventory.At(anyLocation.Draw(t, "location"), s)
		}
		return inventory.Outside(s)
	})
	movements := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) inventory.Movement {
		return inventory.Movement{Item: anyItem.Draw(t, "item"), Lot: anyLot.Draw(t, "lot"), From: end.Draw(t, "from"), To: end.Draw(t, "to"), Qty: fewUnits.Draw(t, "qty")}
	}), 1, 3).Draw(t, "movements")
	w.decide(t, "", func(s inventory.Snapshot) (inventory.Changes, error) {
		return inventory.Move(s, movements, inventory.ReasonInspect, "", w.meta())
	})
}

// place is where a hold takes its units from.
type place struct{ item, location string }

// reserve asks for up to four holds of one owner and compares the answer with what the
// rule of availability says about their sum.
func (w walk) reserve(t *rapid.T) {
	owner := anyOwner.Draw(t, "owner")
	named := false
	holds := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) inventory.Hold {
		h := inventory.Hold{Owner: owner, Line: rapid.IntRange(0, 1).Draw(t, "line"), Item: anyItem.Draw(t, "item"), Location: anyLocation.Draw(t, "location"),
			Qty: rapid.SampledFrom([]int64{1, 1, 2, 3, 5}).Draw(t, "qty")}
		if rapid.Bool().Draw(t, "soft") {
			h.Until = w.now.Add(time.Duration(rapid.IntRange(1, 10).Draw(t, "minutes")) * time.Minute)
		}
		if rapid.IntRange(0, 9).Draw(t, "any lot") == 9 {
			h.Lot, named = "l1", true
		}
		return h
	}), 1, 4).Draw(t, "holds")

	before := w.held()
	want, fits := map[place]int64{}, true
	for _, h := range holds {
		p := place{h.Item, h.Location}
		want[p] += h.Qty
		fits = fits && want[p] <= w.room(p, holds)
	}
	applied := w.decide(t, owner, func(s inventory.Snapshot) (inventory.Changes, error) {
		return inventory.Reserve(s, holds, "doc", w.meta())
	})
	if applied || !named { // a lot asked for by name may be short where the location is not
		require.Equal(t, fits, applied, "holds fit exactly when their sum is available: %v", want)
	}
	if applied {
		w.reserved(t, owner, holds, before)
	}
}

// room is what holds of one call may take at a place: free units, expired ones, those
// that the holds replace, less what is kept back.
func (w walk) room(p place, holds []inventory.Hold) int64 {
	if w.locations[p.location].Inactive {
		return 0
	}
	sum := w.of(p.item, p.location, inventory.Free) - w.items[p.item].Safety
	for _, r := range w.held() {
		if r.Item == p.item && r.Location == p.location && (r.Expired(w.now) || replaced(r, holds)) {
			sum += r.Soft
		}
	}
	return sum
}

// replaced tells whether a hold of the call replaces the soft units of a reservation.
func replaced(r inventory.Reservation, holds []inventory.Hold) bool {
	return slices.ContainsFunc(holds, func(h inventory.Hold) bool {
		return !h.Until.IsZero() && h.Owner == r.Owner && h.Line == r.Line && h.Item == r.Item && h.Location == r.Location && (h.Lot == "" || h.Lot == r.Lot)
	})
}

// reserved requires that an owner has every unit of holds that were granted, on top of
// what was held before and not replaced.
func (w walk) reserved(t *rapid.T, owner string, holds []inventory.Hold, before []inventory.Reservation) {
	type line struct {
		no    int
		place place
	}
	softWant, firmWant := map[line]int64{}, map[line]int64{}
	for _, r := range before {
		l := line{r.Line, place{r.Item, r.Location}}
		if r.Owner != owner {
			continue
		}
		firmWant[l] += r.Committed
		if now := w.reservations[r.ReservationKey]; !replaced(r, holds) && (!r.Expired(w.now) || now.Released == r.Released) {
			softWant[l] += r.Soft
		}
	}
	for _, h := range holds {
		l := line{h.Line, place{h.Item, h.Location}}
		if h.Until.IsZero() {
			firmWant[l] += h.Qty
		} else {
			softWant[l] += h.Qty
		}
	}
	softHave, firmHave := map[line]int64{}, map[line]int64{}
	for _, r := range w.held() {
		if r.Owner == owner {
			softHave[line{r.Line, place{r.Item, r.Location}}] += r.Soft
			firmHave[line{r.Line, place{r.Item, r.Location}}] += r.Committed
		}
	}
	for l := range softWant {
		require.Equal(t, softWant[l], softHave[l], "soft units of line %d of %v", l.no, l.place)
	}
	for l := range firmWant {
		require.Equal(t, firmWant[l], firmHave[l], "committed units of line %d of %v", l.no, l.place)
	}
}

// open sums what an owner holds, softly or firmly.
func (w walk) open(owner string) (softly, firmly int64, expired bool) {
	for _, r := range w.held() {
		if r.Owner == owner {
			softly += r.Soft
			firmly += r.Open() - r.Soft
			expired = expired || r.Expired(w.now)
		}
	}
	return softly, firmly, expired
}

func (w walk) commit(t *rapid.T) {
	owner := anyOwner.Draw(t, "owner")
	softly, firmly, expired := w.open(owner)
	applied := w.decide(t, owner, func(s inventory.Snapshot) (inventory.Changes, error) {
		return inventory.Commit(s, owner, "doc", w.meta())
	})
	require.Equal(t, softly > 0 && !expired, applied)
	if applied {
		softAfter, firmAfter, _ := w.open(owner)
		require.Zero(t, softAfter)
		require.Equal(t, softly+firmly, firmAfter)
	}
}

func (w walk) release(t *rapid.T) {
	owner := anyOwner.Draw(t, "owner")
	softly, firmly, _ := w.open(owner)
	applied := w.decide(t, owner, func(s inventory.Snapshot) (inventory.Changes, error) {
		return inventory.Release(s, owner, "doc", w.meta())
	})
	require.Equal(t, softly+firmly > 0, applied)
	softly, firmly, _ = w.open(owner)
	require.Zero(t, softly+firmly)
}

func (w walk) ship(t *rapid.T) {
	owner := anyOwner.Draw(t, "owner")
	softly, firmly, _ := w.open(owner)
	applied := w.decide(t, owner, func(s inventory.Snapshot) (inventory.Changes, error) {
		return inventory.Ship(s, owner, "doc", w.meta())
	})
	require.Equal(t, firmly > 0, applied)
	softAfter, firmAfter, _ := w.open(owner)
	require.Equal(t, softly, softAfter)
	require.Zero(t, firmAfter)
}

func (w walk) progress(t *rapid.T) {
	held := w.held()
	if len(held) == 0 {
		return // nobody holds anything
	}
	r := rapid.SampledFrom(held).Draw(t, "reservation")
	from, to := inventory.State(rapid.Uint8Range(1, 6).Draw(t, "from")), inventory.State(rapid.Uint8Range(1, 13).Draw(t, "to"))
	qty := rapid.Int64Range(1, max(1, r.Of(from))).Draw(t, "qty")
	_, legal := life[from][to]
	legal = legal && r.Of(from) >= qty && (from != inventory.Soft || to != inventory.Committed || !r.Expired(w.now))
	applied := w.decide(t, r.Owner, func(s inventory.Snapshot) (inventory.Changes, error) {
		return inventory.Progress(s, []inventory.Step{{Key: r.ReservationKey, From: from, To: to, Qty: qty}}, "doc", w.meta())
	})
	require.Equal(t, legal, applied, "%d of %+v from %s to %s", qty, r, from, to)
}

func (w walk) sweep(t *rapid.T) {
	before := map[string]int64{}
	for _, item := range []string{"tee", "mug"} {
		before[item] = w.ats(t, item, "", "")
	}
	require.True(t, w.decide(t, "", func(s inventory.Snapshot) (inventory.Changes, error) { return inventory.Sweep(s, w.meta()) }))
	for item, ats := range before {
		require.Equal(t, ats, w.ats(t, item, "", ""), "sweeping changes no availability")
	}
	require.Empty(t, w.snapshot("").Expired)
}
