package pgxconn_test

import (
	"context"
	"fmt"
	"os"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/orderkit/oms/storage/sqlstore"
)

// Every benchmark runs the library beside its floor, in turn, on a server that waits for
// the disk: commands a second, how long the middle one and the slowest hundredth took,
// and the library's throughput by that of the floor. The floors are in floor_test.go and
// groupfloor_test.go.
//
// OMS_BENCH_PAST is how many orders there are already, 1,000 without it.

func past(tb testing.TB) int {
	tb.Helper()
	text := os.Getenv("OMS_BENCH_PAST")
	if text == "" {
		return 1_000
	}
	n, err := strconv.Atoi(text)
	require.NoError(tb, err)
	return n
}

// load is who asks at the same time, over how many connections.
type load struct{ callers, connections int }

func (l load) String() string {
	return fmt.Sprintf("callers=%d/connections=%d", l.callers, l.connections)
}

var (
	pooled  = []load{{1, 1}, {8, 8}, {32, 32}}
	crowded = []load{{1, 8}, {8, 8}, {32, 32}, {128, 32}}
)

type work func(context.Context) error

// BenchmarkPlace places orders of three lines: reads stock, and writes an order, its
// lines, reservations, movements, events and key, and moves three balances.
func BenchmarkPlace(b *testing.B) {
	for _, l := range pooled {
		b.Run("store/"+l.String(), func(b *testing.B) { compare(b, l, newShop(b, l).place, newFloor(b, l).place) })
	}
	for _, l := range pooled {
		b.Run("engine/"+l.String(), func(b *testing.B) { compare(b, l, newShop(b, l).placeByEngine, newFloor(b, l).place) })
	}
}

// BenchmarkPlaceInGroups places them with commits that are shared.
func BenchmarkPlaceInGroups(b *testing.B) {
	for _, l := range []load{{8, 8}, {32, 8}, {256, 8}} {
		b.Run("store/"+l.String(), func(b *testing.B) {
			compare(b, l, newShop(b, l, sqlstore.GroupCommit()).place, newGroupFloor(b, l).place)
		})
		b.Run("engine/"+l.String(), func(b *testing.B) {
			compare(b, l, newShop(b, l, sqlstore.GroupCommit()).placeByEngine, newGroupFloor(b, l).place)
		})
	}
}

// BenchmarkHot reserves one unit of an item that everybody wants.
func BenchmarkHot(b *testing.B) {
	for _, l := range crowded {
		b.Run("alone/"+l.String(), func(b *testing.B) { compare(b, l, newShop(b, l).reserve, newFloor(b, l).reserve) })
	}
	for _, l := range crowded {
		b.Run("groups/"+l.String(), func(b *testing.B) {
			compare(b, l, newShop(b, l, sqlstore.GroupCommit()).reserve, newFloor(b, l).reserve)
		})
	}
}

// BenchmarkGet reads an order with its lines, on one snapshot.
func BenchmarkGet(b *testing.B) {
	for _, l := range pooled {
		b.Run(l.String(), func(b *testing.B) { compare(b, l, newShop(b, l).get, newFloor(b, l).get) })
	}
}

// BenchmarkPage reads the newest 100 orders with their lines, on one snapshot.
func BenchmarkPage(b *testing.B) {
	for _, l := range pooled {
		b.Run(l.String(), func(b *testing.B) { compare(b, l, newShop(b, l).page, newFloor(b, l).page) })
	}
}

// BenchmarkLocations places orders where each item lies at one of many locations.
func BenchmarkLocations(b *testing.B) {
	l := load{8, 8}
	for _, n := range []int{1, 50, 500} {
		b.Run(strconv.Itoa(n), func(b *testing.B) {
			ours, floor := newShop(b, l), newFloor(b, l)
			ours.addLocations(b, n)
			floor.addLocations(b, n)
			compare(b, l, ours.placeByEngine, floor.place)
		})
	}
}

// compare measures two ways to do the same work.
func compare(b *testing.B, l load, ours, floor work) {
	b.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Hour)
	defer cancel()
	each := max(4, 256/l.callers)
	for _, way := range []work{ours, floor} { // statements are prepared, caches are warm
		together(ctx, b, l.callers, max(4, 64/l.callers), way)
	}
	var spent [2]time.Duration
	var took [2][]time.Duration
	for b.Loop() {
		for i, way := range []work{ours, floor} {
			start := time.Now()
			took[i] = append(took[i], together(ctx, b, l.callers, each, way)...)
			spent[i] += time.Since(start)
		}
	}
	b.ReportMetric(0, "ns/op")
	for i, name := range []string{"ours", "floor"} {
		slices.Sort(took[i])
		if len(took[i]) == 0 {
			return
		}
		b.ReportMetric(float64(len(took[i]))/spent[i].Seconds(), name+"/s")
		b.ReportMetric(took[i][len(took[i])/2].Seconds()*1000, name+"-p50-ms")
		b.ReportMetric(took[i][len(took[i])*99/100].Seconds()*1000, name+"-p99-ms")
	}
	b.ReportMetric(spent[1].Seconds()/spent[0].Seconds(), "ratio")
}

// together runs work by many callers and returns how long each run took.
func together(ctx context.Context, b *testing.B, callers, each int, way work) []time.Duration {
	b.Helper()
	all := make([][]time.Duration, callers)
	var wg sync.WaitGroup
	for i := range callers {
		wg.Go(func() {
			for range each {
				start := time.Now()
				if err := way(ctx); err != nil {
					b.Error(err)
					return
				}
				all[i] = append(all[i], time.Since(start))
			}
		})
	}
	wg.Wait()
	return slices.Concat(all...)
}
