package memory

import (
	"cmp"
	"math"
	"slices"
	"sync"
	"sync/atomic"
)

// readers knows which states are being read.
type readers struct {
	mu   sync.Mutex
	open []reading // by seq
}

// reading is a number of readers of one state.
type reading struct {
	seq int64
	n   int
}

// enter begins to read the state that is current.
func (r *readers) enter(current *atomic.Pointer[state]) *state {
	r.mu.Lock()
	defer r.mu.Unlock()
	s := current.Load() // under the lock: whoever calls oldest later knows of it
	if n := len(r.open); n == 0 || r.open[n-1].seq != s.seq {
		r.open = append(r.open, reading{seq: s.seq})
	}
	r.open[len(r.open)-1].n++
	return s
}

// leave ends it.
func (r *readers) leave(seq int64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	i, _ := slices.BinarySearchFunc(r.open, seq, func(o reading, seq int64) int { return cmp.Compare(o.seq, seq) })
	if r.open[i].n--; r.open[i].n == 0 {
		r.open = slices.Delete(r.open, i, i+1)
	}
}

// oldest is the oldest state that is read, or the end of time.
func (r *readers) oldest() int64 {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.open) == 0 {
		return math.MaxInt64
	}
	return r.open[0].seq
}
