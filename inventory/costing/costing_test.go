package costing_test

import (
	"maps"
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"

	"github.com/orderkit/oms/inventory"
	"github.com/orderkit/oms/inventory/costing"
)

// shop keeps the books of items in memory, as an engine would in documents.
type shop struct {
	heads    map[string]costing.Head
	layers   map[string]costing.Layer
	sales    map[string]costing.Sale
	entries  []costing.Entry
	postings map[uuid.UUID]inventory.Posting
	now      time.Time
	made     byte
}

func newShop(t require.TestingT, methods map[string]inventory.CostMethod) *shop {
	s := &shop{heads: map[string]costing.Head{}, layers: map[string]costing.Layer{}, sales: map[string]costing.Sale{},
		postings: map[uuid.UUID]inventory.Posting{}, now: time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC)}
	for item, m := range methods {
		c, err := costing.Open(costing.Head{}, costing.Opening{Item: item, Method: m}, 0, costing.Meta{Now: s.now})
		require.NoError(t, err)
		s.keep(t, c)
	}
	return s
}

func (s *shop) keep(t require.TestingT, c costing.Changes) {
	for _, h := range c.Heads {
		require.Equal(t, s.heads[h.Item].Version+1, h.Version)
		s.heads[h.Item] = h
	}
	for _, l := range c.Layers {
		require.Equal(t, s.layers[l.ID].Version+1, l.Version)
		s.layers[l.ID] = l
	}
	for _, v := range c.Sales {
		id := costing.SaleID(v.Item, v.Document)
		require.Equal(t, s.sales[id].Version+1, v.Version)
		s.sales[id] = v
	}
	s.entries = append(s.entries, c.Entries...)
	s.balanced(t)
}

// balanced requires the laws of the books.
func (s *shop) balanced(t require.TestingT) {
	for item, h := range s.heads {
		var units, sum int64
		var layers, value decimal.Decimal
		for _, l := range s.live(item) {
			units += l.Left()
			layers = layers.Add(l.Value())
		}
		for _, e := range s.entries {
			if e.Item == item {
				sum, value = sum+e.Qty, value.Add(e.Value)
				require.Equal(t, sum, e.QtyAfter)
				require.True(t, value.Equal(e.ValueAfter), "running totals are sums")
				var debit, credit decimal.Decimal
				for _, l := range e.Lines() {
					debit, credit = debit.Add(l.Debit), credit.Add(l.Credit)
				}
				require.True(t, debit.Equal(credit), "what is debited is credited")
			}
		}
		require.Equal(t, h.Qty, units, "layers have the units")
		require.Equal(t, h.Qty, sum)
		require.True(t, h.Value.Equal(value), "value is the sum of entries")
		if h.Method == inventory.CostFIFO {
			require.True(t, h.Value.Equal(layers), "value is that of the layers")
		}
		if h.Qty == 0 {
			require.True(t, h.Value.IsZero(), "nothing is worth nothing")
		}
		require.False(t, h.Value.IsNegative())
	}
}

func (s *shop) live(item string) []costing.Layer {
	var out []costing.Layer
	for _, l := range s.layers {
		if l.Item == item && l.Left() > 0 {
			out = append(out, l)
		}
	}
	slices.SortFunc(out, func(a, b costing.Layer) int { return a.Compare(&b) })
	return out
}

func (s *shop) id() uuid.UUID {
	s.made++
	var id uuid.UUID
	id[0], id[15] = 250-s.made, s.made // later ones sort before
	return id
}

func (s *shop) post(t require.TestingT, reason inventory.Reason, document string, costs []inventory.UnitCost, ms ...inventory.Movement) (inventory.Posting, error) {
	p := inventory.Posting{ID: s.id(), Reason: reason, Document: document, At: s.now, Movements: ms}
	var books []costing.Book
	for _, n := range costing.Needs(ms) {
		if h, ok := s.heads[n.Item]; ok {
			books = append(books, costing.Book{Head: h, Layers: s.live(n.Item), Sale: s.sales[costing.SaleID(n.Item, document)]})
		}
	}
	c, err := costing.Post(books, inventory.Changes{Posting: p, Costs: costs}, document)
	if err != nil {
		require.Empty(t, c, "a refused posting changes nothing")
		return p, err
	}
	s.postings[p.ID] = p
	s.keep(t, c)
	return p, nil
}

func (s *shop) receive(t require.TestingT, item string, qty int64, cost string) inventory.Posting {
	p, err := s.post(t, inventory.ReasonReceipt, "po", []inventory.UnitCost{{Cost: dec(cost)}}, move(item, inventory.Outside(inventory.Supplier), shelf, qty))
	require.NoError(t, err)
	return p
}

// ship gives what the units cost.
func (s *shop) ship(t require.TestingT, item, document string, qty int64) decimal.Decimal {
	_, err := s.post(t, inventory.ReasonShip, document, nil, move(item, shelf, inventory.Outside(inventory.Customer), qty))
	require.NoError(t, err)
	return s.last().Value.Neg()
}

func (s *shop) back(t require.TestingT, item, document string, qty int64) decimal.Decimal {
	_, err := s.post(t, inventory.ReasonReturn, document, nil, move(item, inventory.Outside(inventory.Customer), shelf, qty))
	require.NoError(t, err)
	return s.last().Value
}

func (s *shop) revalue(t require.TestingT, item string, p inventory.Posting, amount string) (costing.Entry, error) {
	var roots []costing.Layer
	for i := range p.Movements {
		if l, ok := s.layers[costing.LayerID(p.ID, i)]; ok && l.Item == item {
			roots = append(roots, l)
		}
	}
	c, err := costing.Revalue(costing.Book{Head: s.heads[item], Layers: s.live(item)}, roots,
		costing.Revaluation{Item: item, Posting: p.ID, Amount: dec(amount)}, costing.Meta{Document: "freight", Now: s.now})
	if err != nil {
		return costing.Entry{}, err
	}
	s.keep(t, c)
	return s.last(), nil
}

func (s *shop) last() costing.Entry { return s.entries[len(s.entries)-1] }

func (s *shop) clone() *shop {
	c := *s
	c.heads, c.layers, c.sales, c.postings = maps.Clone(s.heads), maps.Clone(s.layers), maps.Clone(s.sales), maps.Clone(s.postings)
	c.entries = slices.Clone(s.entries)
	return &c
}

var shelf = inventory.At("ber", inventory.Free)

func move(item string, from, to inventory.Account, qty int64) inventory.Movement {
	return inventory.Movement{Item: item, From: from, To: to, Qty: qty}
}

func dec(amount string) decimal.Decimal { return decimal.RequireFromString(amount) }

func fifo(t require.TestingT) *shop {
	return newShop(t, map[string]inventory.CostMethod{"tee": inventory.CostFIFO})
}

func average(t require.TestingT) *shop {
	return newShop(t, map[string]inventory.CostMethod{"tee": inventory.CostAverage})
}

func TestUnitsLeaveAtWhatTheirMethodSays(t *testing.T) {
	t.Parallel()
	for name, s := range map[string]*shop{"70": fifo(t), "75": average(t)} {
		s.receive(t, "tee", 10, "4")
		s.receive(t, "tee", 10, "6")
		require.Equal(t, name, s.ship(t, "tee", "order-1", 15).String())
		require.Equal(t, int64(5), s.last().QtyAfter)
	}
}

func TestFreightGoesToStockAndForWhatWasSoldToVariance(t *testing.T) {
	t.Parallel()
	for _, s := range []*shop{fifo(t), average(t)} {
		p := s.receive(t, "tee", 100, "4.00")
		all := s.clone()
		e, err := all.revalue(t, "tee", p, "60")
		require.NoError(t, err)
		unit, _ := ptr(all.heads["tee"]).Unit()
		require.Equal(t, "4.6", unit.String())
		require.Equal(t, "60", e.Value.String())
		s.ship(t, "tee", "order-1", 40)
		e, err = s.revalue(t, "tee", p, "60")
		require.NoError(t, err)
		require.Equal(t, "36", e.Value.String())
		require.Equal(t, "24", e.Variance.String())
		require.Equal(t, []costing.Line{{Account: costing.AccountStock, Debit: e.Value}, {Account: costing.AccountVariance, Debit: e.Variance},
			{Account: costing.AccountLanded, Credit: dec("60.000000")}}, e.Lines())
		require.Equal(t, "160", s.back(t, "tee", "order-1", 40).String(), "units come back at what they left at")
	}
}

func ptr[T any](v T) *T { return &v }

func TestUnitsThatComeWithoutAHistory(t *testing.T) {
	t.Parallel()
	s := fifo(t)
	for _, from := range []inventory.State{inventory.Supplier, inventory.Customer, inventory.Shrink, inventory.Scrap, inventory.Production} {
		_, err := s.post(t, inventory.ReasonReceipt, "", nil, move("tee", inventory.Outside(from), shelf, 1))
		require.ErrorIs(t, err, inventory.ErrCost, "no cost is known of the first unit, from %s", from)
	}
	s.receive(t, "tee", 3, "1")
	s.receive(t, "tee", 3, "2")
	for _, from := range []inventory.State{inventory.Customer, inventory.Shrink, inventory.Scrap, inventory.Production} {
		_, err := s.post(t, inventory.ReasonFound, "", nil, move("tee", inventory.Outside(from), shelf, 2))
		require.NoError(t, err)
		require.Equal(t, "3", s.last().Value.String(), "a unit of %s costs what the average one does", from)
	}
	s.ship(t, "tee", "", 14)
	_, err := s.post(t, inventory.ReasonFound, "", nil, move("tee", inventory.Outside(inventory.Shrink), shelf, 1))
	require.NoError(t, err)
	require.Equal(t, "2", s.last().Value.String(), "with nothing in stock, what the last one cost that came with a cost")
	_, err = s.post(t, inventory.ReasonReceipt, "", nil, move("tee", inventory.Outside(inventory.Supplier), shelf, 1))
	require.EqualError(t, err, `inventory: cost refused: 0 of item "tee": its cost is missing; the item is costed, so say what one unit cost, if only 0`)
	_, err = s.post(t, inventory.ReasonReceipt, "", []inventory.UnitCost{{Cost: dec("-1")}}, move("tee", inventory.Outside(inventory.Supplier), shelf, 1))
	require.ErrorIs(t, err, inventory.ErrCost)
}

func TestMoreThanLeftComesBackAtThePresentCost(t *testing.T) {
	t.Parallel()
	s := fifo(t)
	s.receive(t, "tee", 2, "1")
	s.receive(t, "tee", 2, "5")
	s.ship(t, "tee", "order-1", 2)
	require.Equal(t, "7", s.back(t, "tee", "order-1", 3).String(), "two at 1, and one at 5")
	require.Equal(t, costing.Sale{Item: "tee", Document: "order-1", Qty: 2, Cost: dec("2"), Back: 2, BackCost: dec("2"), Version: 2}, func() costing.Sale {
		sale := s.sales[costing.SaleID("tee", "order-1")]
		require.Empty(t, sale.Out)
		sale.Out = nil
		return sale
	}())
	require.Equal(t, "1", s.ship(t, "tee", "order-2", 1).String(), "what came back goes first again")
}

func TestWhatIsMadeCostsWhatWasConsumed(t *testing.T) {
	t.Parallel()
	s := newShop(t, map[string]inventory.CostMethod{"leg": inventory.CostFIFO, "top": inventory.CostAverage, "table": inventory.CostFIFO, "scrap": inventory.CostAverage})
	s.receive(t, "leg", 4, "2.50")
	s.receive(t, "top", 1, "10")
	plant := inventory.Outside(inventory.Production)
	_, err := s.post(t, inventory.ReasonTransfer, "job-1", nil, move("table", plant, shelf, 1), move("leg", shelf, plant, 4), move("top", shelf, plant, 1), move("wood", shelf, plant, 1))
	require.NoError(t, err)
	require.Equal(t, "20", s.heads["table"].Value.String())
	_, err = s.post(t, inventory.ReasonTransfer, "job-2", nil, move("table", shelf, plant, 1), move("leg", plant, shelf, 4), move("top", plant, shelf, 1), move("scrap", plant, shelf, 1))
	require.NoError(t, err)
	require.Equal(t, "10", s.heads["leg"].Value.String(), "parts are weighed by what they cost")
	require.Equal(t, "10", s.heads["top"].Value.String())
	require.True(t, s.heads["scrap"].Value.IsZero())
}

func TestMovementsInsideMakeNoEntry(t *testing.T) {
	t.Parallel()
	for _, to := range append(inventory.LocationStates(), inventory.InTransit) {
		require.Empty(t, costing.Needs([]inventory.Movement{move("tee", inventory.At("ber", inventory.Free), inventory.Account{State: to}, 1)}), to)
	}
	require.Equal(t, []costing.Need{{Item: "mug"}, {Item: "tee", Out: 5, Sale: true}}, costing.Needs([]inventory.Movement{
		move("tee", shelf, inventory.Outside(inventory.Customer), 2), move("mug", inventory.Outside(inventory.Supplier), shelf, 1),
		move("tee", inventory.Outside(inventory.InTransit), inventory.Outside(inventory.Shrink), 3)}))
}

func TestEveryKindOfEntryIsDoubleEntry(t *testing.T) {
	t.Parallel()
	want := map[costing.Kind]costing.Account{costing.Opened: "opening_balance", costing.Received: "purchases", costing.SentBack: "purchases",
		costing.Shipped: "cogs", costing.Returned: "cogs", costing.Found: "shrinkage", costing.Lost: "shrinkage", costing.Scrapped: "scrap",
		costing.Recovered: "scrap", costing.Consumed: "production", costing.Made: "production", costing.Revalued: "landed_cost"}
	for kind, account := range want {
		e := costing.Entry{Kind: kind, Value: dec("-2")}
		require.Equal(t, []costing.Line{{Account: "inventory", Credit: dec("2")}, {Account: account, Debit: dec("2")}}, e.Lines(), kind)
	}
	require.Empty(t, ptr(costing.Entry{Kind: costing.Shipped}).Lines(), "nothing is booked of what costs nothing")
}

func TestARevaluationThatCannotBeSpreadIsRefused(t *testing.T) {
	t.Parallel()
	for _, s := range []*shop{fifo(t), average(t)} {
		p := s.receive(t, "tee", 10, "4")
		for _, bad := range []string{"0", "0.0000001", "-40.01", "1000000000001"} {
			_, err := s.revalue(t, "tee", p, bad)
			require.ErrorIs(t, err, costing.ErrAmount, bad)
		}
		_, err := s.revalue(t, "mug", p, "1")
		require.ErrorIs(t, err, costing.ErrUnknown)
		_, err = s.revalue(t, "tee", p, "-40")
		require.NoError(t, err)
		require.True(t, s.heads["tee"].Value.IsZero())
	}
}

func TestBooksKeepTheirMethod(t *testing.T) {
	t.Parallel()
	open := func(h costing.Head, m inventory.CostMethod, owned int64, cost string) (costing.Changes, error) {
		o := costing.Opening{Item: "tee", Method: m}
		if cost != "" {
			o.UnitCost = decimal.NewNullDecimal(dec(cost))
		}
		return costing.Open(h, o, owned, costing.Meta{})
	}
	c, err := open(costing.Head{}, inventory.CostAverage, 7, "1.5")
	require.NoError(t, err)
	require.Equal(t, "10.5", c.Heads[0].Value.String())
	require.Equal(t, costing.Opened, c.Entries[0].Kind)
	for _, m := range []inventory.CostMethod{inventory.NotCosted, inventory.CostFIFO} {
		_, err = open(c.Heads[0], m, 7, "")
		require.ErrorIs(t, err, costing.ErrMethod, "with entries")
	}
	_, err = open(c.Heads[0], inventory.CostAverage, 7, "1.5")
	require.ErrorIs(t, err, costing.ErrMethod, "opened twice")
	_, err = open(costing.Head{}, inventory.CostFIFO, 7, "")
	require.EqualError(t, err, `costing: method refused: "fifo" for item "tee", which has "" and 7 units: say with Costs.Open what the units cost that are there already`)
	_, err = open(costing.Head{}, inventory.CostFIFO, 7, "-1")
	require.ErrorIs(t, err, inventory.ErrCost)
	_, err = open(costing.Head{}, "lifo", 0, "")
	require.ErrorIs(t, err, inventory.ErrCost)
	empty, err := open(costing.Head{}, inventory.CostFIFO, 0, "")
	require.NoError(t, err)
	same, err := open(empty.Heads[0], inventory.CostFIFO, 0, "")
	require.NoError(t, err)
	require.Empty(t, same)
	other, err := open(empty.Heads[0], inventory.CostAverage, 0, "")
	require.NoError(t, err)
	require.Equal(t, int64(2), other.Heads[0].Version)
}

func TestLayersThatDoNotFitTheirHeadAreStale(t *testing.T) {
	t.Parallel()
	s := fifo(t)
	s.receive(t, "tee", 10, "4")
	c := inventory.Changes{Posting: inventory.Posting{Movements: []inventory.Movement{move("tee", shelf, inventory.Outside(inventory.Customer), 2)}}}
	_, err := costing.Post([]costing.Book{{Head: s.heads["tee"]}}, c, "")
	require.ErrorIs(t, err, costing.ErrStale)
	_, err = costing.Post([]costing.Book{{Head: costing.Head{Item: "tee", Method: inventory.CostAverage}, Layers: s.live("tee")}}, c, "")
	require.ErrorIs(t, err, costing.ErrStale)
}
