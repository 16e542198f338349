package memory

import (
	"sync"
	"sync/atomic"

	"github.com/tidwall/btree"
)

// table is a map of rows, each kept in the versions that somebody may still read. It
// has every row that any of them has.
type table[K comparable, V any] struct {
	latch *sync.RWMutex // held to change the map, and by readers for each step in it
	hash  map[K]*slot[K, V]
	tree  *btree.BTreeG[*slot[K, V]] // instead, where order matters

	steady bool // rows are seldom written again: the first version lies beside its slot
	blocks bool // slots and first versions are made by the block

	// The writer's.
	hint  btree.PathHint
	spare *slot[K, V]    // to search with
	first *version[V]    // what lies beside it, if anything
	slots []slot[K, V]   // room for more
	begun []version[V]   // likewise for their first versions
	pairs []paired[K, V] // likewise for both in a steady table
	idle  *loop[K, V]    // to walk with
}

// paired is a slot with the first version of its row.
type paired[K comparable, V any] struct {
	slot  slot[K, V]
	first version[V]
}

// index is a table of keys.
type index[K comparable] = table[K, struct{}]

// slot is the place of one row.
type slot[K comparable, V any] struct {
	key   K
	table *table[K, V]
	head  atomic.Pointer[version[V]]
}

// version is a row from one write to the next. It never changes, but for prev, which
// is cut when nobody reads that far back.
type version[V any] struct {
	row  V
	prev *version[V]
	seq  int64 // of the write; negative if it took the row away
}

// newIndex is an index in the order of compare.
func newIndex[K comparable](latch *sync.RWMutex, compare func(a, b *K) int) *index[K] {
	return newTable[K, struct{}](latch, compare).forSteady()
}

// forSteady makes the table one for rows that are seldom written again.
func (t *table[K, V]) forSteady() *table[K, V] {
	t.steady = true
	return t
}

// byBlock makes the room for rows by the block. What is taken away, or written again, leaves
// its room unused as long as anything in its block is used: this is for rows that stay, or
// that are small beside what stays with them.
func (t *table[K, V]) byBlock() *table[K, V] {
	t.blocks = true
	return t
}

// newTable is one in the order of compare, which may be nil.
func newTable[K comparable, V any](latch *sync.RWMutex, compare func(a, b *K) int) *table[K, V] {
	t := &table[K, V]{latch: latch}
	if compare == nil {
		t.hash = map[K]*slot[K, V]{}
	} else {
		less := func(a, b *slot[K, V]) bool { return compare(&a.key, &b.key) < 0 }
		t.tree = btree.NewBTreeGOptions(less, btree.Options{NoLocks: true})
	}
	return t
}

// at is the row as of a write, or nil.
func (s *slot[K, V]) at(seq int64) *V {
	for v := s.head.Load(); v != nil; v = v.prev {
		if v.since() <= seq {
			if v.seq < 0 {
				return nil
			}
			return &v.row
		}
	}
	return nil
}

func (v *version[V]) since() int64 { return max(v.seq, -v.seq) }

// find is the slot of a key, or nil. There may be a slot without there being a row.
func (t *table[K, V]) find(x *tx, key K) *slot[K, V] {
	if !x.writable {
		t.latch.RLock()
		defer t.latch.RUnlock()
	}
	if t.hash != nil {
		return t.hash[key]
	}
	if !x.writable {
		s, _ := t.tree.Get(&slot[K, V]{key: key})
		return s
	}
	s, _ := t.tree.GetHint(t.pivot(key), &t.hint)
	return s
}

// pivot is a slot to search with.
func (t *table[K, V]) pivot(key K) *slot[K, V] {
	if t.spare == nil {
		if t.steady {
			both := one(&t.pairs, t.block())
			t.spare, t.first = &both.slot, &both.first
		} else {
			t.spare = one(&t.slots, t.block())
		}
		t.spare.table = t
	}
	t.spare.key = key
	return t.spare
}

// block is how many to make at once: few in a small table.
func (t *table[K, V]) block() int {
	if !t.blocks {
		return 1
	}
	n := len(t.hash)
	if t.tree != nil {
		n = t.tree.Len()
	}
	return min(1+n/4, 32)
}

// one takes the first of what was made before, or makes n.
func one[T any](made *[]T, n int) *T {
	if len(*made) == 0 {
		*made = make([]T, n)
	}
	out := &(*made)[0]
	*made = (*made)[1:]
	return out
}

// get is the row under a key, or nil.
func (t *table[K, V]) get(x *tx, key K) *V {
	if s := t.find(x, key); s != nil {
		return s.at(x.seq)
	}
	return nil
}

// put writes the row under a key.
func (t *table[K, V]) put(x *tx, key K, row V) {
	if s := t.find(x, key); s != nil {
		s.write(x, row)
		return
	}
	t.insert(x, key, row)
}

// insert writes the first row under a key that has no slot.
func (t *table[K, V]) insert(x *tx, key K, row V) *slot[K, V] {
	s, v := t.pivot(key), t.first
	t.spare, t.first = nil, nil
	if v == nil {
		v = one(&t.begun, t.block())
	}
	t.latch.Lock()
	if t.hash != nil {
		t.hash[key] = s
	} else {
		t.tree.SetHint(s, &t.hint)
	}
	t.latch.Unlock()
	x.seq++
	v.row, v.seq = row, x.seq
	s.push(x, v)
	return s
}

// write puts another version of the row in place.
func (s *slot[K, V]) write(x *tx, row V) {
	x.seq++
	s.push(x, &version[V]{row: row, seq: x.seq})
}

// drop takes the row under a key away.
func (t *table[K, V]) drop(x *tx, key K) {
	if s := t.find(x, key); s != nil {
		x.seq++
		s.push(x, &version[V]{seq: -x.seq})
	}
}

func (s *slot[K, V]) push(x *tx, v *version[V]) {
	v.prev = s.head.Load()
	s.head.Store(v)
	x.log = append(x.log, s)
}

// undo takes the newest version back.
func (s *slot[K, V]) undo() {
	before := s.head.Load().prev
	if before == nil {
		s.leave()
	}
	s.head.Store(before)
}

// settle forgets what nobody sees who reads as of a write, or later.
func (s *slot[K, V]) settle(oldest int64) {
	head := s.head.Load()
	v := head
	for v.since() > oldest { // one is not: that of the commit which is settled, or what an earlier one left
		v = v.prev
	}
	v.prev = nil
	if v == head && v.seq < 0 {
		s.leave()
	}
}

// leave takes the slot out of the map.
func (s *slot[K, V]) leave() {
	t := s.table
	t.latch.Lock()
	defer t.latch.Unlock()
	if t.hash != nil {
		if t.hash[s.key] == s {
			delete(t.hash, s.key)
		}
		return
	}
	if has, ok := t.tree.Get(s); ok && has == s {
		t.tree.Delete(s)
	}
}
