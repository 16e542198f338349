package oms_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/zap"
	"go.uber.org/zap/zaptest/observer"

	"github.com/orderkit/oms"
	"github.com/orderkit/oms/storage"
	"github.com/orderkit/oms/storage/delivery"
)

func TestAConsumerOfTheEngineGetsWhatItsCommandsDid(t *testing.T) {
	t.Parallel()
	onStores(t, func(s *shop) {
		var mu sync.Mutex
		got := map[string][]string{}
		var tenant storage.Tenant
		mine := must(s.Consumer(delivery.Config{Name: "mails", Handler: func(_ context.Context, t storage.Tenant, e storage.Event) error {
			mu.Lock()
			defer mu.Unlock()
			tenant = t
			got[e.Aggregate] = append(got[e.Aggregate], e.Kind)
			return nil
		}}))(s)
		o := s.shipped(2)
		_, err := s.Tenant("other").Orders.Place(s.ctx, draft(line("unknown", 1)))
		require.Error(s.t, err)
		require.Positive(s.t, must(mine.Drain(s.ctx))(s))
		require.Empty(s.t, tenant)
		timeline := must(s.Orders.Timeline(s.ctx, o.ID))(s)
		require.Equal(s.t, kinds(timeline), got["order/"+o.ID.String()])
		all := 0
		for _, k := range got {
			all += len(k)
		}
		require.Len(s.t, must(s.Events(s.ctx, 0, 10_000))(s), all)
	})
}

func TestWhatIsNotDeliveredIsLoggedAndHeard(t *testing.T) {
	t.Parallel()
	core, logs := observer.New(zap.WarnLevel)
	onStores(t, func(s *shop) {
		var heard []error
		down := errors.New("the mail server is down")
		mine := must(s.Consumer(delivery.Config{
			Name: "mails", Attempts: 2, OnError: func(err error) { heard = append(heard, err) },
			Handler: func(context.Context, storage.Tenant, storage.Event) error { return down },
		}))(s)
		require.Zero(s.t, must(mine.Drain(s.ctx))(s))
		s.clock.turn(time.Minute)
		require.Zero(s.t, must(mine.Drain(s.ctx))(s))
		require.NotEmpty(s.t, heard)
		require.ErrorIs(s.t, heard[0], down)
	}, oms.WithLogger(zap.New(core)))
	t.Cleanup(func() {
		require.NotZero(t, logs.FilterMessage("event was not taken").FilterField(zap.String("consumer", "mails")).Len())
		require.NotZero(t, logs.FilterMessage("event is a dead letter").FilterField(zap.Int("attempts", 2)).Len())
	})
}

func TestAConsumerInsideATransactionIsRefused(t *testing.T) {
	t.Parallel()
	onStores(t, func(s *shop) {
		heard := 0
		s.do(s.Atomically(s.ctx, func(ctx context.Context, k *oms.Engine) error {
			mine, err := k.Consumer(delivery.Config{
				Name: "mails", OnError: func(error) { heard++ },
				Handler: func(context.Context, storage.Tenant, storage.Event) error { return nil },
			})
			if err != nil {
				return err
			}
			_, err = mine.Drain(ctx)
			require.ErrorIs(s.t, err, storage.ErrNested)
			require.ErrorIs(s.t, delivery.Run(ctx, mine), storage.ErrNested)
			return nil
		}))
		require.Zero(s.t, heard)
		for _, c := range []delivery.Config{{Name: "mails"}, {Store: s.store}, {Tenant: "t"}, {Now: time.Now}} {
			_, err := s.Consumer(c)
			require.ErrorIs(s.t, err, delivery.ErrConfig)
		}
	})
}
