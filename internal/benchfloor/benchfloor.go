// Package benchfloor measures a benchmark beside its floor: the same work, written by hand.
package benchfloor

import (
	"slices"
	"testing"
	"time"
)

// Turns are two sides of a benchmark, which run in turns, so that a noisy machine is noisy
// for both.
type Turns struct {
	// Round is how many operations one side makes before the other does: so many that it
	// takes much longer than to start and stop a clock, some microseconds.
	Round int
	// Prepare makes ready what n operations from first on are going to need. That is not
	// measured. It may be nil.
	Prepare func(first, n int)
	// Ours and Floor make an operation.
	Ours, Floor func(i int) error
}

// Run makes the operations of a benchmark. It reports what one takes at the median of the
// rounds, in nanoseconds, and how many times the floor that is. The usual figures, which are
// of all rounds, are those of our side.
func (t Turns) Run(b *testing.B) {
	b.Helper()
	var took [2][]time.Duration
	b.ReportAllocs()
	b.ResetTimer()
	b.StopTimer()
	for first := 0; first < b.N; first += t.Round {
		n := min(t.Round, b.N-first)
		if t.Prepare != nil {
			t.Prepare(first, n)
		}
		b.StartTimer()
		ours := run(b, first, n, t.Ours)
		b.StopTimer()
		took[0] = append(took[0], ours)
		took[1] = append(took[1], run(b, first, n, t.Floor))
	}
	for _, all := range took {
		slices.Sort(all)
	}
	ours, floor := float64(took[0][len(took[0])/2]), float64(took[1][len(took[1])/2])
	b.ReportMetric(ours, "median-ns")
	b.ReportMetric(floor, "floor-ns")
	b.ReportMetric(ours/floor, "×floor")
}

// run makes n operations, and tells how long one takes.
func run(b *testing.B, first, n int, do func(i int) error) time.Duration {
	b.Helper()
	began := time.Now()
	for i := range n {
		if err := do(first + i); err != nil {
			b.Fatal(err)
		}
	}
	return time.Since(began) / time.Duration(n)
}
