package memory

const chunkLen = 64

// list is a list that only grows. A copy of the struct is a snapshot: what is added
// through another copy lies beyond its end. Only the latest copy may add.
type list[T any] struct {
	chunks []*[chunkLen]T
	n      int
}

func (l *list[T]) add(v T) {
	if l.n == len(l.chunks)*chunkLen {
		l.chunks = append(l.chunks, new([chunkLen]T))
	}
	l.chunks[l.n/chunkLen][l.n%chunkLen] = v
	l.n++
}

func (l *list[T]) at(i int) *T { return &l.chunks[i/chunkLen][i%chunkLen] }
