package sqlstore

import (
	"context"
	"slices"

	"github.com/orderkit/oms/order"
	"github.com/orderkit/oms/storage"
)

var _ storage.Prefetcher = (*tx)(nil)

// Prefetch asks what the reads of what is wanted are going to ask, in one round trip where
// the driver can. The answers wait for the same texts with the same arguments.
func (t *tx) Prefetch(ctx context.Context, w storage.Wanted) error {
	if !t.readsTogether() {
		return nil
	}
	if err := t.reading(ctx); err != nil {
		return err
	}
	var all []keyed
	if w.Key != "" {
		all = append(all, commands{t}.byKey(w.Key))
	}
	if w.Order != (order.ID{}) {
		row, lines := orders{t}.byKey(w.Order)
		all = append(all, row, lines)
	}
	if ids := distinct(w.Stock.Items); len(ids) > 0 && len(ids) <= maxList {
		all = append(all, stock{t}.ofItems(ids))
	}
	if w.Stock.Owner != "" {
		all = append(all, stock{t}.ofOwner(w.Stock.Owner))
	}
	all = slices.DeleteFunc(all, func(k keyed) bool { return checkArgs(k.Args) != nil }) // the read itself will tell
	if _, ok := t.conn.(LastReader); ok && w.All && t.readOnly && len(all) == 2 && w.Order != (order.ID{}) {
		t.last = true // the row and the lines are read together anyway
		return nil
	}
	if len(all) < 2 {
		return nil
	}
	answers := make([]answer, len(all))
	for i := range all {
		a := &answers[i]
		a.Statement = all[i].Statement
		all[i].fn = func(row []any) error {
			a.found = append(a.found, slices.Clone(row[1:])) // without the tenant, which was not read
			return nil
		}
	}
	err := t.lookups(ctx, all...)
	if err == nil {
		t.answers = answers
	}
	return err
}

// answer is what a read that was prefetched has found.
type answer struct {
	Statement

	found [][]any
}

// prefetched is the answer to a read, nil if there is none.
func (t *tx) prefetched(s *Statement) *answer {
	for i := range t.answers {
		if a := &t.answers[i]; a.Text == s.Text && slices.Equal(a.Args, s.Args) {
			return a
		}
	}
	return nil
}

// rows gives the answer, once: who asks again wants to know what is there by then.
func (a *answer) rows() Rows {
	a.Text = ""
	return &sharedRows{read: &sharedRead{rows: a.found}}
}
