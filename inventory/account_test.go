package inventory_test

import (
	"encoding/json"
	"testing"

	"github.com/orderkit/oms/inventory"
	"github.com/stretchr/testify/require"
)

// names are stored and go on the wire: they may never change.
var names = map[inventory.State]string{
	inventory.Free: "free", inventory.Soft: "soft", inventory.Committed: "committed", inventory.Picked: "picked",
	inventory.Packed: "packed", inventory.QC: "qc", inventory.Damaged: "damaged", inventory.Held: "held",
	inventory.Supplier: "supplier", inventory.Customer: "customer", inventory.InTransit: "in_transit",
	inventory.Shrink: "shrink", inventory.Scrap: "scrap", inventory.Production: "production",
}

func TestStateNamesAreStableAndRoundTrip(t *testing.T) {
	t.Parallel()
	require.Len(t, names, 14)
	for s, name := range names {
		require.Equal(t, name, s.String())
		parsed, err := inventory.ParseState(name)
		require.NoError(t, err)
		require.Equal(t, s, parsed)
		text, err := json.Marshal(s)
		require.NoError(t, err)
		require.Equal(t, `"`+name+`"`, string(text))
		var back inventory.State
		require.NoError(t, json.Unmarshal(text, &back))
		require.Equal(t, s, back)
	}
}

func TestStateNumbersAreStableBecauseBalancesAreIndexedByThem(t *testing.T) {
	t.Parallel()
	require.Equal(t, []inventory.State{1, 2, 3, 4, 5, 6, 7, 8}, inventory.LocationStates())
	require.Equal(t, inventory.Supplier, inventory.State(9))
	require.Equal(t, inventory.Production, inventory.State(14))
	for s := range names {
		require.Equal(t, s <= inventory.Held, s.AtLocation(), s)
	}
	require.False(t, inventory.State(0).AtLocation())
}

func TestUnknownStatesAreRefused(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"", "FREE", " free", "state(99)", "reserved"} {
		_, err := inventory.ParseState(name)
		require.ErrorIs(t, err, inventory.ErrState, name)
		var s inventory.State
		require.ErrorIs(t, s.UnmarshalText([]byte(name)), inventory.ErrState)
		require.Zero(t, s, "a refused name leaves the state alone")
	}
	for _, s := range []inventory.State{0, 15, 255} {
		_, err := s.MarshalText()
		require.ErrorIs(t, err, inventory.ErrState)
	}
	require.Equal(t, "state(99)", inventory.State(99).String())
}

func TestAccountsReadAsStateAtLocation(t *testing.T) {
	t.Parallel()
	require.Equal(t, "free@ber", inventory.At("ber", inventory.Free).String())
	require.Equal(t, "customer", inventory.Outside(inventory.Customer).String())
	text, err := json.Marshal([]inventory.Account{inventory.At("ber", inventory.Free), inventory.Outside(inventory.Customer)})
	require.NoError(t, err)
	require.JSONEq(t, `[{"location":"ber","state":"free"},{"state":"customer"}]`, string(text))
}
