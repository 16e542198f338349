package memory

import "github.com/tidwall/btree"

// degree is the fan-out of the trees: a write copies one node for each level, so wide
// nodes cost bytes and narrow ones levels.
const degree = 16

// tree is a sorted set that costs nothing to copy.
type tree[T any] struct {
	*btree.BTreeG[T]
	mark uint64 // of the transaction that may change it in place; zero for none
}

func newTree[T any](less func(a, b T) bool) tree[T] {
	return tree[T]{BTreeG: btree.NewBTreeGOptions(less, btree.Options{Degree: degree, NoLocks: true})}
}

// own makes the tree one that x may change.
func (t *tree[T]) own(x *tx) *btree.BTreeG[T] {
	if t.mark != x.mark {
		t.BTreeG, t.mark = t.Copy(), x.mark
	}
	return t.BTreeG
}

// frozen is the tree as it is now, whatever x writes later: what a loop may walk over
// while its body writes.
func (t *tree[T]) frozen(x *tx) *btree.BTreeG[T] {
	if x.writable {
		t.mark = 0 // the next write copies
	}
	return t.BTreeG
}

// entry is a row under its key. Rows never change once they are in; to change one is
// to put another in its place.
type entry[K, V any] struct {
	key K
	row *V
}

// table is a sorted map.
type table[K, V any] struct{ tree[entry[K, V]] }

func newTable[K, V any](compare func(a, b K) int) table[K, V] {
	return table[K, V]{newTree(func(a, b entry[K, V]) bool { return compare(a.key, b.key) < 0 })}
}

// get finds the row under a key, or nil.
func (t *table[K, V]) get(key K) *V {
	e, _ := t.Get(entry[K, V]{key: key})
	return e.row
}

func (t *table[K, V]) put(x *tx, key K, row *V) { t.own(x).Set(entry[K, V]{key, row}) }

const chunkLen = 64

// list is a list that only grows. A copy of the struct is a snapshot: what is added to
// another copy lies beyond its end. Only the latest copy may add.
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
