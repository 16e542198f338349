package memory

import (
	"cmp"
	"math"
	"slices"
	"sync"
)

// readers knows the state that is current, and which ones are being read.
type readers struct {
	mu      sync.Mutex
	current state     // only the writer changes it, and so reads it without the lock
	open    []reading // by seq
}

// reading is a number of readers of one state.
type reading struct {
	seq int64
	n   int
}

// enter begins to read the state that is current.
func (r *readers) enter() state {
	r.mu.Lock()
	defer r.mu.Unlock()
	s := r.current // under the lock: whoever calls follow later knows of it
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

// follow makes a state current and tells the oldest that is read, or the end of time.
func (r *readers) follow(s state) (oldest int64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.current = s
	if len(r.open) == 0 {
		return math.MaxInt64
	}
	return r.open[0].seq
}
