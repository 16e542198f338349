package memory

import (
	"bytes"
	"strings"

	"github.com/google/uuid"
)

// compareIDs puts the older first: ids grow with time.
func compareIDs(a, b uuid.UUID) int { return bytes.Compare(a[:], b[:]) }

// link is an entry of an index by a string. The empty string is not indexed.
type link struct {
	key string
	id  uuid.UUID
}

func (l link) less(o link) bool {
	if c := strings.Compare(l.key, o.key); c != 0 {
		return c < 0
	}
	return compareIDs(l.id, o.id) < 0
}

// relink moves a row from one key to another.
func relink(x *tx, t *tree[link], from, to string, id uuid.UUID) {
	if from == to {
		return
	}
	if from != "" {
		t.own(x).Delete(link{from, id})
	}
	if to != "" {
		t.own(x).Set(link{to, id})
	}
}

// linked finds the oldest id under a key.
func linked(t *tree[link], key string) (id uuid.UUID, ok bool) {
	t.Ascend(link{key: key}, func(l link) bool {
		id, ok = l.id, l.key == key
		return false
	})
	return id, ok
}

// pair is an entry of an index by the id of something else.
type pair struct{ of, id uuid.UUID }

func (p pair) less(o pair) bool {
	if c := compareIDs(p.of, o.of); c != 0 {
		return c < 0
	}
	return compareIDs(p.id, o.id) < 0
}

// reown moves a row from one owner to another.
func reown(x *tx, t *tree[pair], from, to, id uuid.UUID) {
	if from == to {
		return
	}
	if from != uuid.Nil {
		t.own(x).Delete(pair{from, id})
	}
	if to != uuid.Nil {
		t.own(x).Set(pair{to, id})
	}
}

// owned lists the ids under another id, oldest first.
func owned(t *tree[pair], of uuid.UUID) []uuid.UUID {
	var ids []uuid.UUID
	t.Ascend(pair{of: of}, func(p pair) bool {
		if p.of == of {
			ids = append(ids, p.id)
		}
		return p.of == of
	})
	return ids
}
