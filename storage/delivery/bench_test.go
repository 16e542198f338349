package delivery_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/orderkit/oms/storage"
	"github.com/orderkit/oms/storage/delivery"
	"github.com/orderkit/oms/storage/memory"
)

// BenchmarkDrain hands out a log of 10,000 events of 100 aggregates, once by a consumer
// and once by the loop that one would write without any of its promises: read on from a
// position, call, and keep the position, in batches of the same size.
func BenchmarkDrain(b *testing.B) {
	for name, open := range map[string]func(testing.TB) storage.Store{
		"memory": func(testing.TB) storage.Store { return memory.New() }, "sqlite": openSQLite,
	} {
		b.Run(name, func(b *testing.B) {
			const events = 10_000
			s := open(b)
			var all []storage.Event
			for i := range events {
				all = append(all, event(fmt.Sprint("order/", i%100), int64(i/100+1)))
			}
			write(b, s, all...)
			var ours, floor time.Duration
			for b.Loop() {
				start := time.Now()
				n := 0
				mine := consumer(b, s, time.Now, func(context.Context, storage.Tenant, storage.Event) error { n++; return nil },
					func(c *delivery.Config) { c.Name = fmt.Sprint("c", start.UnixNano()) })
				if drain(b, mine); n != events {
					b.Fatalf("%d events", n)
				}
				half := time.Now()
				if n := loop(b, s, half); n != events {
					b.Fatalf("%d events", n)
				}
				ours, floor = ours+half.Sub(start), floor+time.Since(half)
			}
			b.ReportMetric(float64(ours.Nanoseconds())/float64(b.N)/events, "ns/event")
			b.ReportMetric(float64(ours)/float64(floor), "x-floor")
		})
	}
}

func loop(b *testing.B, s storage.Store, at time.Time) int {
	b.Helper()
	n, key := 0, fmt.Sprint("loop", at.UnixNano())
	for cur := (storage.Cursor{Consumer: key, Shards: 1}); ; {
		var page []storage.Event
		err := s.Update(b.Context(), "t", func(ctx context.Context, tx storage.Tx) error {
			var err error
			page, err = tx.Events().Since(ctx, cur.Position, 100)
			return err
		})
		if err != nil {
			b.Fatal(err)
		}
		if len(page) == 0 {
			return n
		}
		n += len(page)
		cur.Position = page[len(page)-1].Seq
		cur.Version++
		if err := s.Update(b.Context(), "t", func(ctx context.Context, tx storage.Tx) error { return tx.Deliveries().SaveCursor(ctx, cur) }); err != nil {
			b.Fatal(err)
		}
	}
}
