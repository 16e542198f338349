package storagetest

import (
	"fmt"
	"slices"
	"strings"

	"github.com/stretchr/testify/require"

	"github.com/orderkit/oms/storage"
)

// consumer is the one whose deliveries are part of the world.
const consumer = "mailer"

var deliveries = []rule{
	{
		name: "events/after", run: eventsAfter,
		text: "After reads up to the limit of exactly one aggregate's events after a position, so that reading on sees each of them once.",
	},
	{
		name: "deliveries/round-trip", run: deliveriesRoundTrip,
		text: "Cursors and letters are read as they were saved, with every field; a later version replaces all of it; a letter that is dropped is gone.",
	},
	{
		name: "deliveries/order", run: deliveriesOrder,
		text: "Cursors are read by shard and letters by aggregate, byte by byte, and only those of the consumer and shard that is named.",
	},
	{
		name: "deliveries/stale", run: deliveriesStale,
		text: "A cursor or letter is saved only at the version after the stored one, and dropping a letter that is not there is refused: storage.ErrConflict.",
	},
	{
		name: "deliveries/one-lease", alone: true, run: deliveriesOneLease,
		text: "Of those who read a cursor and save its next version at the same time one gets it, and the others run again and find that.",
	},
}

func fullCursor() storage.Cursor {
	return storage.Cursor{Consumer: consumer, Shard: 1, Shards: 3, Position: 1 << 60, Letters: 2, Claims: 4, Careful: 5, Owner: texts[1], Until: at(8), Version: 1}
}

func fullLetter() storage.Letter {
	return storage.Letter{Consumer: consumer, Shard: 1, Aggregate: "order/" + texts[0], Seq: 1 << 59, Attempts: 7, Error: strings.Join(texts, "|"),
		At: at(8), Due: at(9), Dead: true, Version: 1}
}

// newLetter is a letter of an aggregate that waits for its next attempt.
func newLetter(shard int, aggregate string) storage.Letter {
	return storage.Letter{Consumer: consumer, Shard: shard, Aggregate: aggregate, Seq: 3, Attempts: 1, Error: "no answer", At: at(1), Due: at(2), Version: 1}
}

func (u unit) cursors(of string) []storage.Cursor {
	u.c.Helper()
	found, err := u.Deliveries().Cursors(u.ctx, of)
	u.ok(err)
	return found
}

func (u unit) letters(of string, shard int) []storage.Letter {
	u.c.Helper()
	found, err := u.Deliveries().Letters(u.ctx, of, shard)
	u.ok(err)
	return found
}

func (u unit) saveCursor(cs ...storage.Cursor) {
	u.c.Helper()
	for _, c := range cs {
		u.ok(u.Deliveries().SaveCursor(u.ctx, c))
	}
}

func (u unit) saveLetter(ls ...storage.Letter) {
	u.c.Helper()
	for _, l := range ls {
		u.ok(u.Deliveries().SaveLetter(u.ctx, l))
	}
}

func eventsAfter(c *check) {
	names := []string{"order/1", "order/10", "order/", "order/1/x", "Order/1", "order/%"}
	want := map[string][]storage.Event{}
	for range 7 {
		for _, name := range names {
			e := c.event(name, "kind")
			want[name] = append(want[name], e)
			c.update(func(u unit) { u.append(e) })
		}
	}
	read := func(u unit, name string, seq int64, limit int) []storage.Event {
		page, err := u.Events().After(u.ctx, name, seq, limit)
		u.ok(err)
		require.LessOrEqual(c, len(page), max(limit, 0))
		return page
	}
	c.update(func(u unit) { u.since(0, 1000) }) // gives positions
	c.view(func(u unit) {
		for _, name := range names {
			for _, limit := range []int{1, 3, 7, 8} {
				var got []storage.Event
				for last := int64(0); ; last = got[len(got)-1].Seq {
					page := read(u, name, last, limit)
					if len(page) == 0 {
						break
					}
					require.Greater(c, page[0].Seq, last)
					got = append(got, page...)
				}
				c.growing(got)
				all := every(u, u.Events().Of(u.ctx, name))
				c.same("the events of "+name, all, got)
				c.same("the events of "+name, want[name], noSeq(got))
			}
		}
		require.Empty(c, read(u, "order/1", 0, 0), "no more than none")
		require.Empty(c, read(u, "order/1", 1<<62, 9), "after a position that is far ahead")
		require.Empty(c, read(u, "order/2", 0, 9), "of an aggregate without events")
	})
	c.update(func(u unit) {
		more := c.event("order/1", "later")
		all := every(u, u.Events().Of(u.ctx, "order/1"))
		u.append(more)
		u.since(0, 1000)
		c.same("its own event", []storage.Event{more}, noSeq(read(u, "order/1", all[len(all)-1].Seq, 9)))
	})
}

func deliveriesRoundTrip(c *check) {
	full, plain := fullCursor(), storage.Cursor{Consumer: consumer, Shard: 0, Shards: 3, Version: 1}
	letter, small := fullLetter(), storage.Letter{Consumer: consumer, Shard: 0, Aggregate: "a", Version: 1}
	c.update(func(u unit) {
		require.Empty(c, u.cursors(consumer), "cursors of a new consumer")
		u.saveCursor(full, plain)
		u.saveLetter(letter, small)
		c.same("cursors in the same transaction", []storage.Cursor{plain, full}, u.cursors(consumer))
	})
	same := func(ls0, ls1 []storage.Letter) {
		c.Helper()
		c.view(func(u unit) {
			c.same("cursors", []storage.Cursor{plain, full}, u.cursors(consumer))
			c.same("letters of shard 0", ls0, u.letters(consumer, 0))
			c.same("letters of shard 1", ls1, u.letters(consumer, 1))
		})
	}
	same([]storage.Letter{small}, []storage.Letter{letter})
	swapped := full
	full.Position, full.Letters, full.Claims, full.Careful, full.Owner, full.Until, full.Version = 0, 0, 0, 0, "", plain.Until, 2
	plain.Position, plain.Letters, plain.Claims, plain.Careful, plain.Owner, plain.Until, plain.Version = swapped.Position, 9, 3, 2, "me", swapped.Until, 2
	letter.Seq, letter.Attempts, letter.Error, letter.At, letter.Due, letter.Dead, letter.Version = 4, 0, "", small.At, small.Due, false, 2
	c.update(func(u unit) {
		u.saveCursor(full, plain)
		u.saveLetter(letter)
		u.ok(u.Deliveries().DropLetter(u.ctx, consumer, 0, "a"))
	})
	same(nil, []storage.Letter{letter})
	c.update(func(u unit) { u.saveLetter(small) }) // the name is free again
	same([]storage.Letter{small}, []storage.Letter{letter})
}

func deliveriesOrder(c *check) {
	names := append([]string{"a ", "b", "A"}, lookalikes...)
	var letters []storage.Letter
	for _, name := range names {
		letters = append(letters, newLetter(1, name))
	}
	others := []storage.Letter{newLetter(0, "a"), newLetter(2, "a"), newLetter(11, "a")}
	elsewhere := newLetter(1, "a")
	elsewhere.Consumer = "mailer2"
	c.update(func(u unit) {
		for _, n := range []int{10, 2, 1, 0, 11} {
			u.saveCursor(storage.Cursor{Consumer: consumer, Shard: n, Shards: 12, Version: 1})
		}
		u.saveCursor(storage.Cursor{Consumer: "Mailer", Shards: 1, Version: 1}, storage.Cursor{Consumer: "mailer2", Shards: 1, Version: 1})
		u.saveLetter(letters...)
		u.saveLetter(others...)
		u.saveLetter(elsewhere)
	})
	slices.SortFunc(letters, func(a, b storage.Letter) int { return strings.Compare(a.Aggregate, b.Aggregate) })
	c.view(func(u unit) {
		var shards []int
		for _, cur := range u.cursors(consumer) {
			shards = append(shards, cur.Shard)
		}
		require.Equal(c, []int{0, 1, 2, 10, 11}, shards)
		c.same("letters of a shard", letters, u.letters(consumer, 1))
		for i, shard := range []int{0, 2, 11} {
			c.same(fmt.Sprint("letters of shard ", shard), others[i:i+1], u.letters(consumer, shard))
		}
		c.same("letters of another consumer", []storage.Letter{elsewhere}, u.letters("mailer2", 1))
		require.Empty(c, u.letters(consumer, 3))
		require.Empty(c, u.cursors("nobody"))
	})
}

func deliveriesStale(c *check) {
	_, before := c.openShop()
	for what, spoil := range map[string]func(u unit) error{
		"a cursor again": func(u unit) error { cur := u.cursors(consumer)[0]; return u.Deliveries().SaveCursor(u.ctx, cur) },
		"a cursor as a new one": func(u unit) error {
			cur := u.cursors(consumer)[0]
			cur.Version = 1
			return u.Deliveries().SaveCursor(u.ctx, cur)
		},
		"a cursor too far ahead": func(u unit) error {
			cur := u.cursors(consumer)[0]
			cur.Version += 2
			return u.Deliveries().SaveCursor(u.ctx, cur)
		},
		"a new cursor at a later version": func(u unit) error {
			return u.Deliveries().SaveCursor(u.ctx, storage.Cursor{Consumer: "new", Shards: 1, Version: 2})
		},
		"a letter as a new one": func(u unit) error {
			return u.Deliveries().SaveLetter(u.ctx, newLetter(0, u.letters(consumer, 0)[0].Aggregate))
		},
		"a new letter at a later version": func(u unit) error {
			l := newLetter(0, "new")
			l.Version = 2
			return u.Deliveries().SaveLetter(u.ctx, l)
		},
		"a letter that is not there":  func(u unit) error { return u.Deliveries().DropLetter(u.ctx, consumer, 0, "new") },
		"a letter of another shard":   func(u unit) error { return u.Deliveries().DropLetter(u.ctx, consumer, 1, "order/stuck") },
		"a letter of someone else":    func(u unit) error { return u.Deliveries().DropLetter(u.ctx, "other", 0, "order/stuck") },
		"a letter that is there once": func(u unit) error { return u.twice() },
	} {
		c.refused(storage.ErrConflict, spoil)
		c.unchanged(home, before, what)
	}
}

// twice drops one letter two times.
func (u unit) twice() error {
	l := u.letters(consumer, 0)[0]
	if err := u.Deliveries().DropLetter(u.ctx, consumer, 0, l.Aggregate); err != nil {
		return err
	}
	return u.Deliveries().DropLetter(u.ctx, consumer, 0, l.Aggregate)
}

func deliveriesOneLease(c *check) {
	const workers, rounds = 6, 15
	c.update(func(u unit) { u.saveCursor(storage.Cursor{Consumer: consumer, Shards: 1, Version: 1}) })
	var ended [workers]<-chan error
	for i := range ended {
		ended[i] = async(func() error {
			for range rounds {
				err := again(func() error {
					return c.try(home, func(u unit) error {
						all, err := u.Deliveries().Cursors(u.ctx, consumer)
						if err != nil {
							return err // a read of one that holds rows may lose as well
						}
						all[0].Position++
						all[0].Version++
						return u.Deliveries().SaveCursor(u.ctx, all[0])
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
		cur := u.cursors(consumer)[0]
		require.EqualValues(c, workers*rounds, cur.Position, "steps that were saved one after the other")
		require.EqualValues(c, workers*rounds+1, cur.Version)
	})
}
