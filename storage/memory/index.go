package memory

import (
	"bytes"
	"strings"

	"github.com/google/uuid"
)

// compareIDs puts the older first: ids grow with time.
func compareIDs(a, b *uuid.UUID) int { return bytes.Compare(a[:], b[:]) }

// link is an entry of an index by a string. The empty string is not indexed.
type link struct {
	key string
	id  uuid.UUID
}

func (l *link) compare(o *link) int {
	if c := strings.Compare(l.key, o.key); c != 0 {
		return c
	}
	return compareIDs(&l.id, &o.id)
}

// relink moves a row from one key to another.
func relink(x *tx, t *index[link], from, to string, id uuid.UUID) {
	if from == to {
		return
	}
	if from != "" {
		t.drop(x, link{from, id})
	}
	if to != "" {
		t.put(x, link{to, id}, struct{}{})
	}
}

// pair is an entry of an index by the id of something else.
type pair struct{ of, id uuid.UUID }

func (p *pair) compare(o *pair) int {
	if c := compareIDs(&p.of, &o.of); c != 0 {
		return c
	}
	return compareIDs(&p.id, &o.id)
}

// reown moves a row from one owner to another.
func reown(x *tx, t *index[pair], from, to, id uuid.UUID) {
	if from == to {
		return
	}
	if from != uuid.Nil {
		t.drop(x, pair{from, id})
	}
	if to != uuid.Nil {
		t.put(x, pair{to, id}, struct{}{})
	}
}

// owned lists the ids under another id, oldest first.
func owned(x *tx, t *index[pair], of uuid.UUID) []uuid.UUID {
	var ids []uuid.UUID
	t.up(x, pair{of: of}, func(p *pair, _ *struct{}) bool {
		if p.of == of {
			ids = append(ids, p.id)
		}
		return p.of == of
	})
	return ids
}
