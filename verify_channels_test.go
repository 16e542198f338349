package oms_test

import (
	"context"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/orderkit/oms/inventory"
	"github.com/orderkit/oms/storage"
)

func TestAPoolWithoutItsChannelIsFound(t *testing.T) {
	t.Parallel()
	for _, st := range stores {
		t.Run(st.name, func(t *testing.T) {
			t.Parallel()
			s := newShop(t, st.open)
			s.furnish()
			s.channel("web")
			must(s.Channels.RingFence(s.ctx, "web", quota("ber", 1)))(s)
			s.verify()
			s.do(s.store.Update(s.ctx, "", func(ctx context.Context, tx storage.Tx) error {
				snap, err := tx.Stock().Load(ctx, inventory.Need{Items: []string{"tee"}, Owner: "channel/ghost"})
				if err != nil {
					return err
				}
				holds := []inventory.Hold{{Owner: "channel/ghost", Item: "tee", Location: "ber", Qty: 2}}
				changes, err := inventory.Reserve(snap, holds, "", inventory.Meta{ID: uuid.New(), Now: s.clock.read()})
				if err != nil {
					return err
				}
				return tx.Stock().Apply(ctx, changes)
			}))
			found := must(s.Verify(s.ctx))(s)
			require.Len(t, found, 1)
			require.Equal(t, "what is ring-fenced is for a channel that exists", found[0].Law)
		})
	}
}
