package memory

import "encoding/binary"

// counts is a list of counters, packed: those below 128, which are most, take a byte.
type counts []byte

func (c counts) add(n int64) counts { return binary.AppendUvarint(c, uint64(n)) }

// next is the first counter and the rest of the list.
func (c counts) next() (int64, counts) {
	n, width := binary.Uvarint(c)
	return int64(n), c[width:]
}
