package forecast_test

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/orderkit/oms/inventory"
	"github.com/orderkit/oms/inventory/forecast"
)

// A usual textbook case: 5.2 units a day, five days of lead time, deviation 2, service
// 95 %: 26 units in the lead time and 1.645·2·√5 = 7.36 of safety.
var fiveDays = forecast.Policy{LeadTime: 5, Service: 0.95}

func TestSafetyStockByHand(t *testing.T) {
	t.Parallel()
	d := forecast.Demand{Mean: 5.2, Deviation: 2}
	got, err := forecast.SafetyStock(d, fiveDays)
	require.NoError(t, err)
	require.InDelta(t, 7.36, got, 0.005)

	late := fiveDays
	late.LeadTimeDeviation = 1.5
	got, err = forecast.SafetyStock(d, late)
	require.NoError(t, err)
	require.InDelta(t, 1.6449*math.Sqrt(5*4+5.2*5.2*2.25), got, 0.005)

	weekly := fiveDays
	weekly.Review = 7
	got, err = forecast.SafetyStock(d, weekly)
	require.NoError(t, err)
	require.InDelta(t, 1.6449*2*math.Sqrt(12), got, 0.005)

	even := fiveDays
	even.Service = 0.5
	got, err = forecast.SafetyStock(d, even)
	require.NoError(t, err)
	require.InDelta(t, 0, got, 1e-12)
}

func TestReorderByHand(t *testing.T) {
	t.Parallel()
	d := forecast.Demand{Mean: 5.2, Deviation: 2}
	for name, c := range map[string]struct {
		at                 forecast.Position
		lot, minimum, pack int64
		order              int64
	}{
		"above the point":          {at: forecast.Position{OnHand: 35}, lot: 50, order: 0},
		"at the point, no lot":     {at: forecast.Position{OnHand: 34}, order: 0},
		"at the point":             {at: forecast.Position{OnHand: 34}, lot: 50, order: 50},
		"below":                    {at: forecast.Position{OnHand: 30}, order: 4},
		"incoming counts":          {at: forecast.Position{OnHand: 30, Incoming: 5}, order: 0},
		"committed counts":         {at: forecast.Position{OnHand: 40, Committed: 10}, order: 4},
		"backorders are owed":      {at: forecast.Position{OnHand: 0, Committed: 10}, order: 44},
		"minimum":                  {at: forecast.Position{OnHand: 30}, minimum: 10, order: 10},
		"packs":                    {at: forecast.Position{OnHand: 20}, pack: 12, order: 24},
		"exact packs":              {at: forecast.Position{OnHand: 10}, pack: 12, order: 24},
		"minimum and packs":        {at: forecast.Position{OnHand: 30}, minimum: 25, pack: 12, order: 36},
		"lot, minimum, and packs":  {at: forecast.Position{OnHand: 30}, lot: 20, minimum: 10, pack: 12, order: 24},
		"nothing above, with lots": {at: forecast.Position{OnHand: 36}, lot: 20, minimum: 10, pack: 12, order: 0},
	} {
		p := fiveDays
		p.Lot, p.Minimum, p.Pack = c.lot, c.minimum, c.pack
		got, err := p.Reorder(d, c.at)
		require.NoError(t, err)
		require.Equal(t, forecast.Suggestion{Safety: 8, ReorderPoint: 34, UpTo: 34 + c.lot, Order: c.order}, got, name)
	}
}

func TestAnItemWithoutDemandOnlyGetsWhatIsOwed(t *testing.T) {
	t.Parallel()
	p := fiveDays
	p.Lot = 100
	for committed, want := range map[int64]int64{0: 0, 3: 3} {
		got, err := p.Reorder(forecast.Demand{}, forecast.Position{Committed: committed})
		require.NoError(t, err)
		require.Equal(t, forecast.Suggestion{Order: want}, got)
	}
}

func TestAnOrderRestoresThePosition(t *testing.T) {
	t.Parallel()
	units := rapid.Int64Range(0, 10_000)
	rapid.Check(t, func(t *rapid.T) {
		d := forecast.Demand{Mean: rapid.Float64Range(0, 500).Draw(t, "mean"), Deviation: rapid.Float64Range(0, 500).Draw(t, "deviation")}
		p := forecast.Policy{
			LeadTime: rapid.Float64Range(0, 30).Draw(t, "lead time"), LeadTimeDeviation: rapid.Float64Range(0, 5).Draw(t, "late"),
			Review: rapid.Float64Range(0, 10).Draw(t, "review"), Service: rapid.Float64Range(0.5, 0.999).Draw(t, "service"),
			Lot: units.Draw(t, "lot"), Minimum: units.Draw(t, "minimum"), Pack: rapid.Int64Range(0, 144).Draw(t, "pack"),
		}
		at := forecast.Position{OnHand: units.Draw(t, "on hand"), Incoming: units.Draw(t, "incoming"), Committed: units.Draw(t, "committed")}
		s, err := p.Reorder(d, at)
		require.NoError(t, err)
		position := at.OnHand + at.Incoming - at.Committed
		if s.Order == 0 {
			require.GreaterOrEqual(t, position, s.ReorderPoint)
			return
		}
		require.LessOrEqual(t, position, s.ReorderPoint)
		require.GreaterOrEqual(t, position+s.Order, s.UpTo)
		require.GreaterOrEqual(t, s.Order, p.Minimum)
		require.Zero(t, s.Order%max(p.Pack, 1))
		require.Less(t, s.Order, max(s.UpTo-position, p.Minimum)+max(p.Pack, 1), "no more packs than needed")
		at.Incoming += s.Order
		again, err := p.Reorder(d, at)
		require.NoError(t, err)
		if position+s.Order > s.ReorderPoint {
			require.Zero(t, again.Order, "one order is enough")
		}
		better := p
		better.Service = min(p.Service+0.0005, 0.9995)
		more, err := better.Reorder(d, at)
		require.NoError(t, err)
		require.GreaterOrEqual(t, more.ReorderPoint, s.ReorderPoint, "better service needs no less stock")
	})
}

func TestEconomicLot(t *testing.T) {
	t.Parallel()
	lot, err := forecast.EconomicLot(1000, 20, 4) // √(2·1000·20/4) = 100
	require.NoError(t, err)
	require.Equal(t, int64(100), lot)
	lot, err = forecast.EconomicLot(0, 20, 4)
	require.NoError(t, err)
	require.Equal(t, int64(1), lot)
	for _, c := range [][3]float64{{-1, 1, 1}, {1, math.NaN(), 1}, {1, 1, 0}, {1, 1, math.Inf(1)}, {1e15, 1e15, 1e-9}} {
		_, err := forecast.EconomicLot(c[0], c[1], c[2])
		require.ErrorIs(t, err, forecast.ErrValue, "%v", c)
	}
}

func TestCover(t *testing.T) {
	t.Parallel()
	at := forecast.Position{OnHand: 30, Incoming: 100, Committed: 4}
	cover, ok := at.Cover(forecast.Demand{Mean: 5.2})
	require.True(t, ok)
	require.InDelta(t, 5, cover, 1e-12)
	at.Committed = 40
	cover, ok = at.Cover(forecast.Demand{Mean: 5.2})
	require.True(t, ok)
	require.Zero(t, cover)
	_, ok = at.Cover(forecast.Demand{})
	require.False(t, ok)
}

func TestReplenishmentRefusesBadInput(t *testing.T) {
	t.Parallel()
	const tooMuch = inventory.MaxQty + 1
	good := forecast.Demand{Mean: 5, Deviation: 2}
	for name, c := range map[string]struct {
		demand forecast.Demand
		at     forecast.Position
		change func(*forecast.Policy)
		says   string
	}{
		"mean":             {demand: forecast.Demand{Mean: -1}, says: "Mean is -1"},
		"mean unknown":     {demand: forecast.Demand{Mean: math.NaN()}, says: "Mean is NaN"},
		"deviation":        {demand: forecast.Demand{Deviation: math.Inf(1)}, says: "Deviation is +Inf"},
		"lead time":        {demand: good, change: func(p *forecast.Policy) { p.LeadTime = -1 }, says: "LeadTime is -1"},
		"late":             {demand: good, change: func(p *forecast.Policy) { p.LeadTimeDeviation = math.NaN() }, says: "LeadTimeDeviation is NaN"},
		"review":           {demand: good, change: func(p *forecast.Policy) { p.Review = 10_001 }, says: "Review is 10001"},
		"service":          {demand: good, change: func(p *forecast.Policy) { p.Service = 95 }, says: "Service is 95"},
		"certain service":  {demand: good, change: func(p *forecast.Policy) { p.Service = 1 }, says: "Service is 1"},
		"lot":              {demand: good, change: func(p *forecast.Policy) { p.Lot = -1 }, says: "Lot is -1"},
		"minimum":          {demand: good, change: func(p *forecast.Policy) { p.Minimum = tooMuch }, says: "Minimum is"},
		"pack":             {demand: good, change: func(p *forecast.Policy) { p.Pack = -12 }, says: "Pack is -12"},
		"on hand":          {demand: good, at: forecast.Position{OnHand: -1}, says: "OnHand is -1"},
		"incoming":         {demand: good, at: forecast.Position{Incoming: tooMuch}, says: "Incoming is"},
		"committed":        {demand: good, at: forecast.Position{Committed: math.MinInt64}, says: "Committed is"},
		"too much to keep": {demand: forecast.Demand{Mean: 1e15}, says: "reorder point would be"},
	} {
		p := fiveDays
		if c.change != nil {
			c.change(&p)
		}
		_, err := p.Reorder(c.demand, c.at)
		require.ErrorIs(t, err, forecast.ErrValue, name)
		require.ErrorContains(t, err, c.says, name)
	}
	_, err := forecast.SafetyStock(forecast.Demand{Mean: -1}, fiveDays)
	require.ErrorIs(t, err, forecast.ErrValue)
	_, err = forecast.SafetyStock(good, forecast.Policy{Service: 2})
	require.ErrorIs(t, err, forecast.ErrValue)
}
