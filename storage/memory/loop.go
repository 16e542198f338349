package memory

import (
	"context"
	"iter"

	"github.com/tidwall/btree"
)

// loop is a walk over a table in pages: small ones first, since most walks are short.
type loop[K comparable, V any] struct {
	table *table[K, V]
	from  *slot[K, V] // where the page begins; a slot that was visited before
	size  int
	page  []*slot[K, V]

	first slot[K, V]
	few   [4]*slot[K, V]
}

// empty tells whether a walk would find nothing.
func (t *table[K, V]) empty() bool {
	t.latch.RLock()
	defer t.latch.RUnlock()
	return t.tree.Len() == 0
}

// up visits the rows from a key on as they are now, whatever is written meanwhile.
// Nothing is held during a visit; one that returns false is the last.
func (t *table[K, V]) up(x *tx, from K, visit func(*K, *V) bool) {
	t.walk(x, from, false, visit)
}

// down is up in the other direction.
func (t *table[K, V]) down(x *tx, from K, visit func(*K, *V) bool) {
	t.walk(x, from, true, visit)
}

func (t *table[K, V]) walk(x *tx, from K, down bool, visit func(*K, *V) bool) {
	l, seq := t.begin(x), x.seq
	defer t.end(x, l)
	l.first.key, l.from = from, &l.first
	l.page, l.size = l.few[:0], len(l.few)
	for {
		l.read(down, t.path(x))
		for _, s := range l.page {
			if row := s.at(seq); row != nil && !visit(&s.key, row) {
				return
			}
		}
		if len(l.page) < l.size {
			return
		}
		l.from, l.size = l.page[l.size-1], min(2*l.size, 256)
	}
}

// begin finds room for a walk. The writer's is used again, but for a walk inside a visit.
func (t *table[K, V]) begin(x *tx) *loop[K, V] {
	if !x.writable || t.idle == nil {
		return &loop[K, V]{table: t}
	}
	l := t.idle
	t.idle = nil
	return l
}

func (t *table[K, V]) end(x *tx, l *loop[K, V]) {
	if x.writable && !x.done { // an iterator that is pulled can end after its transaction
		*l = loop[K, V]{table: t}
		t.idle = l
	}
}

// path is where the writer was last in the tree: what it looks for next is often near.
func (t *table[K, V]) path(x *tx) *btree.PathHint {
	if x.writable && !x.done {
		return &t.hint
	}
	return nil
}

// read reads the next page.
func (l *loop[K, V]) read(down bool, path *btree.PathHint) {
	l.page = l.page[:0]
	l.table.latch.RLock()
	defer l.table.latch.RUnlock()
	if down {
		l.table.tree.DescendHint(l.from, l.add, path)
	} else {
		l.table.tree.AscendHint(l.from, l.add, path)
	}
}

func (l *loop[K, V]) add(s *slot[K, V]) bool {
	if s != l.from {
		l.page = append(l.page, s)
	}
	return len(l.page) < l.size
}

// each yields what visit gives of the rows from a key on, as they are when the loop
// begins; the loop's body may write. It ends when visit returns false.
func each[K comparable, V, T any](ctx context.Context, x *tx, t *table[K, V], from K, visit func(*K, *V, func(T) bool) bool) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		give := func(out T) bool { return yield(out, nil) }
		err := x.reading(ctx)
		if err == nil {
			t.up(x, from, func(k *K, row *V) bool {
				err = x.reading(ctx)
				return err == nil && visit(k, row, give)
			})
		}
		if err != nil {
			var none T
			yield(none, err)
		}
	}
}
