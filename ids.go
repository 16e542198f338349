package oms

import (
	"crypto/rand"
	"encoding/binary"
	"sync"
	"time"

	"github.com/google/uuid"
)

// idSource makes ids of version 7. Those of one source grow strictly: the twelve bits
// after the millisecond are the fraction of it, and an id that would not be greater than
// the one before takes the next number. The last 62 bits are random; randomness is
// fetched for many ids at once, as each trip to its source costs more than the rest.
type idSource struct {
	mu   sync.Mutex
	last int64 // what the last id began with: milliseconds since 1970, and 1/4096 of them
	pool [512]byte
	left int // unused bytes at the end of the pool
}

// next is the next id.
func (s *idSource) next() uuid.UUID {
	now := time.Now().UnixNano()
	s.mu.Lock()
	defer s.mu.Unlock()
	milli := now / int64(time.Millisecond)
	s.last = max(s.last+1, milli<<12|(now-milli*int64(time.Millisecond))>>8)
	if s.left == 0 {
		_, _ = rand.Read(s.pool[:]) // never fails: the program ends instead
		s.left = len(s.pool)
	}
	var id uuid.UUID
	random := s.pool[len(s.pool)-s.left:][:8]
	copy(id[8:], random)
	clear(random) // an id that was given out is nowhere else
	s.left -= len(random)
	binary.BigEndian.PutUint64(id[:8], uint64(s.last>>12)<<16|0x7000|uint64(s.last&0xfff))
	id[8] = id[8]&0x3f | 0x80
	return id
}
