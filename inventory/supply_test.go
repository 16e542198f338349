package inventory_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/orderkit/oms/inventory"
)

func TestWhatIsDueAndNotPromisedIsIncoming(t *testing.T) {
	t.Parallel()
	day := func(n int) time.Time { return time.Date(2026, 3, n, 0, 0, 0, 0, time.UTC) }
	all := []inventory.Supply{
		{Item: "tee", Location: "ber", Due: day(1), Qty: 10, Promised: 4},
		{Item: "tee", Location: "ham", Due: day(2), Qty: 5},
		{Item: "tee", Location: "ber", Due: day(3), Qty: 7, Promised: 7},
		{Item: "mug", Location: "ber", Due: day(1), Qty: 100},
	}
	for _, c := range []struct {
		location string
		by, want int
	}{{"", 1, 6}, {"", 2, 11}, {"ber", 2, 6}, {"ham", 1, 0}, {"", 9, 11}} {
		require.EqualValues(t, c.want, inventory.Incoming(all, "tee", c.location, day(c.by)), "%+v", c)
	}
}

func TestASupplyThatCannotBeKeptIsRefused(t *testing.T) {
	t.Parallel()
	good := inventory.Supply{ID: "po-1/1", Item: "tee", Location: "ber", Qty: 10, Promised: 10, Document: "po-1"}
	require.NoError(t, good.Validate())
	for what, c := range map[string]struct {
		spoil func(*inventory.Supply)
		err   error
	}{
		"no id":                 {func(s *inventory.Supply) { s.ID = "" }, inventory.ErrID},
		"no item":               {func(s *inventory.Supply) { s.Item = "" }, inventory.ErrID},
		"a location with space": {func(s *inventory.Supply) { s.Location = " ber" }, inventory.ErrID},
		"a broken document":     {func(s *inventory.Supply) { s.Document = "\x00" }, inventory.ErrID},
		"less than nothing":     {func(s *inventory.Supply) { s.Qty = -1 }, inventory.ErrQuantity},
		"too much":              {func(s *inventory.Supply) { s.Qty = inventory.MaxQty + 1 }, inventory.ErrQuantity},
		"promised beyond all":   {func(s *inventory.Supply) { s.Promised = 11 }, inventory.ErrQuantity},
		"promised below none":   {func(s *inventory.Supply) { s.Promised = -1 }, inventory.ErrQuantity},
	} {
		s := good
		c.spoil(&s)
		require.ErrorIs(t, s.Validate(), c.err, what)
	}
}
