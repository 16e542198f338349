package storagetest

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/stretchr/testify/require"

	"github.com/orderkit/oms/storage"
)

// paper is the kind of the documents that are part of the world.
const paper = "purchase_order"

var documents = []rule{
	{
		name: "documents/round-trip", run: documentsRoundTrip,
		text: "A document is read as it was saved, its body byte by byte; a later version replaces all of it; one that is dropped is gone.",
	},
	{
		name: "documents/list", run: documentsList,
		text: "A list has exactly the documents of its kind that the filter selects, by parent, rank and id, byte by byte; pages of any size, in both directions, are the list.",
	},
	{
		name: "documents/stale", run: documentsStale,
		text: "A document is saved only at the version after the stored one, and dropping one that is not there is refused: storage.ErrConflict.",
	},
	{
		name: "documents/one-winner", alone: true, run: documentsOneWinner,
		text: "Of those who read a document and save its next version at the same time one gets it, and the others run again and find that.",
	},
}

func newDocument(id, parent string, rank int64) storage.Document {
	return storage.Document{Kind: paper, ID: id, Parent: parent, Rank: rank, Live: true, Version: 1, Body: json.RawMessage(`{"n":1}`)}
}

func fullDocument() storage.Document {
	return storage.Document{Kind: paper, ID: texts[0], Parent: texts[1], Rank: 1 << 60, Version: 1,
		Body: json.RawMessage(`{ "b" : 1.500, "a":9007199254740993, "t":"` + "Größe 👩🏽‍🚀" + `\u00e9", "z":[ ]}`)}
}

func (u unit) saveDocument(ds ...storage.Document) {
	u.c.Helper()
	for _, d := range ds {
		u.ok(u.Documents().Save(u.ctx, d))
	}
}

func (u unit) documents(kind string, f storage.DocumentFilter) []storage.Document {
	u.c.Helper()
	found, err := u.Documents().List(u.ctx, kind, f)
	u.ok(err)
	return found
}

func documentsRoundTrip(c *check) {
	plain, full := newDocument("po-1", "", 0), fullDocument()
	other := plain
	other.Kind = "transfer"
	same := func(kind string, want ...storage.Document) {
		c.view(func(u unit) {
			ids := []string{"po-1", "none", full.ID, "po-1"}
			got, err := u.Documents().Find(u.ctx, kind, ids...)
			u.ok(err)
			byID := slices.SortedFunc(slices.Values(want), func(a, b storage.Document) int { return strings.Compare(a.ID, b.ID) })
			c.same("Find", byID, got)
			c.same("List", want, u.documents(kind, storage.DocumentFilter{}))
		})
	}
	c.update(func(u unit) {
		u.saveDocument(plain, full, other)
		none, err := u.Documents().Find(u.ctx, paper)
		u.ok(err)
		require.Empty(c, none, "without ids")
	})
	same(paper, plain, full)
	same("transfer", other)
	plain.Version, full.Version = 2, 2
	plain.Parent, full.Parent = full.Parent, plain.Parent
	plain.Body, full.Body = full.Body, plain.Body
	plain.Rank, full.Rank, plain.Live, full.Live = full.Rank, plain.Rank, full.Live, plain.Live
	c.update(func(u unit) { u.saveDocument(plain, full) })
	same(paper, full, plain)
	c.update(func(u unit) {
		u.ok(u.Documents().Drop(u.ctx, paper, plain.ID))
		c.same("List", []storage.Document{full}, u.documents(paper, storage.DocumentFilter{}))
		u.ok(u.Documents().Drop(u.ctx, paper, full.ID))
		full.Version = 1
		u.saveDocument(full) // begins anew
	})
	same(paper, full)
	same("transfer", other)
}

func documentsList(c *check) {
	parents := []string{"", "tee", "Tee", "tee-m", "té", "tee_"}
	var all []storage.Document
	for i := range 60 {
		d := newDocument(fmt.Sprintf("%02d", (i*7)%60), parents[c.rand.IntN(len(parents))], c.rand.Int64N(5))
		d.Live = c.rand.IntN(2) == 0
		all = append(all, d)
	}
	c.update(func(u unit) {
		u.saveDocument(all...)
		foreign := newDocument("00", "tee", 1)
		foreign.Kind = paper + "2"
		u.saveDocument(foreign)
	})
	slices.SortFunc(all, func(a, b storage.Document) int {
		if n := strings.Compare(a.Parent, b.Parent); n != 0 {
			return n
		}
		if a.Rank != b.Rank {
			return int(a.Rank - b.Rank)
		}
		return strings.Compare(a.ID, b.ID)
	})
	for range 60 {
		f := storage.DocumentFilter{Live: c.rand.IntN(2) == 0, Last: c.rand.IntN(2) == 0, From: c.rand.Int64N(3), Before: c.rand.Int64N(6)}
		if n := c.rand.IntN(4); n > 0 {
			f.Parents = []string{}
			for range n - 1 {
				f.Parents = append(f.Parents, parents[c.rand.IntN(len(parents))])
			}
		}
		want := []storage.Document{}
		for _, d := range all {
			if (f.Parents == nil || slices.Contains(f.Parents, d.Parent)) && (!f.Live || d.Live) && d.Rank >= f.From && (f.Before == 0 || d.Rank < f.Before) {
				want = append(want, d)
			}
		}
		if f.Last {
			slices.Reverse(want)
		}
		c.trail = fmt.Sprintf("%+v", f)
		c.view(func(u unit) {
			c.same("one page", want, append([]storage.Document{}, u.documents(paper, f)...))
			got := []storage.Document{}
			for f.Limit = 1 + c.rand.IntN(7); ; f.After = &got[len(got)-1] {
				page := u.documents(paper, f)
				require.LessOrEqual(c, len(page), f.Limit)
				if len(page) == 0 {
					break
				}
				got = append(got, page...)
			}
			c.same("pages", want, got)
		})
	}
	c.view(func(u unit) {
		for _, limit := range []int{-1, storage.MaxDocuments + 1} {
			_, err := u.Documents().List(u.ctx, paper, storage.DocumentFilter{Limit: limit})
			require.Error(c, err, "a page of %d", limit)
		}
	})
}

func documentsStale(c *check) {
	_, before := c.openShop()
	first := func(u unit) storage.Document { return u.documents(paper, storage.DocumentFilter{})[0] }
	save := func(change func(*storage.Document)) func(u unit) error {
		return func(u unit) error {
			d := first(u)
			change(&d)
			return u.Documents().Save(u.ctx, d)
		}
	}
	for what, spoil := range map[string]func(u unit) error{
		"a document again":                 save(func(*storage.Document) {}),
		"a document too far ahead":         save(func(d *storage.Document) { d.Version += 2 }),
		"a document of another kind":       save(func(d *storage.Document) { d.Kind, d.Version = "other", d.Version+1 }),
		"a new document at a later one":    save(func(d *storage.Document) { d.ID, d.Version = "new", 2 }),
		"a document as a new one":          save(func(d *storage.Document) { d.Version = 1 }),
		"dropping one that is not there":   func(u unit) error { return u.Documents().Drop(u.ctx, paper, "new") },
		"dropping one of another kind":     func(u unit) error { return u.Documents().Drop(u.ctx, "other", first(u).ID) },
		"dropping one that is there twice": func(u unit) error { return u.dropTwice(first(u).ID) },
	} {
		c.refused(storage.ErrConflict, spoil)
		c.unchanged(home, before, what)
	}
}

func (u unit) dropTwice(id string) error {
	if err := u.Documents().Drop(u.ctx, paper, id); err != nil {
		return err
	}
	return u.Documents().Drop(u.ctx, paper, id)
}

func documentsOneWinner(c *check) {
	const workers, rounds = 6, 15
	c.update(func(u unit) { u.saveDocument(newDocument("po-1", "", 1)) })
	var ended [workers]<-chan error
	for i := range ended {
		ended[i] = async(func() error {
			for range rounds {
				err := again(func() error {
					return c.try(home, func(u unit) error {
						all, err := u.Documents().List(u.ctx, paper, storage.DocumentFilter{})
						if err != nil {
							return err // a read of one that holds rows may lose as well
						}
						all[0].Rank++
						all[0].Version++
						return u.Documents().Save(u.ctx, all[0])
					})
				})
				if err != nil {
					return err
				}
			}
			return nil
		})
	}
	for _, done := range ended {
		require.NoError(c, <-done)
	}
	c.view(func(u unit) {
		d := u.documents(paper, storage.DocumentFilter{})[0]
		require.EqualValues(c, workers*rounds+1, d.Rank, "steps that were saved one after the other")
		require.EqualValues(c, workers*rounds+1, d.Version)
	})
}
