package oms

import (
	"encoding/json"
	"slices"
	"sync"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/orderkit/oms/inventory"
)

// What is encoded by hand is, byte for byte, what the standard library writes.
func TestAppendPosted(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.OneOf(rapid.String(), rapid.SampledFrom([]string{"", "tee-m", "a<b>&c", "\"\\\x00\x7f", "\u2028é", "\xff"}))
		account := rapid.Custom(func(t *rapid.T) inventory.Account {
			state := rapid.IntRange(1, 14).Draw(t, "state")
			if state >= 9 {
				return inventory.Outside(inventory.State(state))
			}
			return inventory.At(text.Draw(t, "location"), inventory.State(state))
		})
		p := inventory.Posted{
			Posting:  uuid.UUID(rapid.SliceOfN(rapid.Byte(), 16, 16).Draw(t, "id")),
			Reason:   inventory.Reason(text.Draw(t, "reason")),
			Document: text.Draw(t, "document"),
			Movements: rapid.SliceOfN(rapid.Custom(func(t *rapid.T) inventory.Movement {
				return inventory.Movement{
					Item: text.Draw(t, "item"), Lot: text.Draw(t, "lot"), From: account.Draw(t, "from"), To: account.Draw(t, "to"),
					Qty: rapid.Int64().Draw(t, "qty"),
				}
			}), 1, 4).Draw(t, "movements"),
		}
		want, err := json.Marshal(p)
		require.NoError(t, err)
		assert.Equal(t, string(want), string(appendPosted(nil, &p)))
	})
}

// Ids are of version 7, differ, and those that one caller gets grow.
func TestIDSource(t *testing.T) {
	const callers, each = 8, 2000
	source := new(idSource)
	got := make([][]uuid.UUID, callers)
	var wg sync.WaitGroup
	for i := range got {
		wg.Go(func() {
			for range each {
				got[i] = append(got[i], source.next())
			}
		})
	}
	wg.Wait()
	seen := map[uuid.UUID]bool{}
	tails := map[string]bool{}
	for _, ids := range got {
		assert.True(t, slices.IsSortedFunc(ids, func(a, b uuid.UUID) int { return slices.Compare(a[:], b[:]) }))
		for _, id := range ids {
			require.Equal(t, uuid.Version(7), id.Version())
			require.Equal(t, uuid.RFC4122, id.Variant())
			seen[id] = true
			tails[string(id[8:])] = true
		}
	}
	assert.Len(t, seen, callers*each, "an id is given once")
	assert.Len(t, tails, callers*each, "and so is its random part")
	theirs := uuid.Must(uuid.NewV7())
	ours := source.next()
	assert.InDelta(t, int64(theirs.Time()), int64(ours.Time()), 1e8, "they tell the time like others of the version")
}
