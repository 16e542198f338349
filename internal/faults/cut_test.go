package faults_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/orderkit/oms/storage"
	"github.com/orderkit/oms/storage/sqlstore"
)

// onServers runs a test on the databases that have a connection to lose.
func onServers(t *testing.T, run func(t *testing.T, b backend)) {
	t.Helper()
	for _, b := range backends {
		if b.dialect == sqlstore.SQLite {
			continue
		}
		t.Run(b.name, func(t *testing.T) {
			t.Parallel()
			run(t, b)
		})
	}
}

// cutToll is what cuts of one kind have cost.
type cutToll struct{ cuts, harmless, unknown, done, undone int }

func (c *cutToll) String() string {
	return fmt.Sprintf("%d cuts: %d commands did not notice, %d failed before COMMIT and were not done, %d ended with an unknown outcome (%d of those were there, %d were not yet or never)",
		c.cuts, c.harmless, c.cuts-c.harmless-c.unknown, c.unknown, c.done, c.undone)
}

// TestCutConnectionsLeaveNoDoubt cuts the connection in the middle of every command. A
// command whose fate nobody can know says so, every other one that failed was not done,
// and a repeat under the same key makes each be done once.
func TestCutConnectionsLeaveNoDoubt(t *testing.T) {
	t.Parallel()
	onServers(t, func(t *testing.T, b backend) {
		dsn := b.blank(t)
		direct := b.shop(t, b.open(t, dsn))
		direct.furnish(t)
		album := direct.album(t)
		p := startProxy(t)
		shaken := b.shop(t, p.through(t, b, dsn))
		kinds := []cut{anywhere, beforeCommit, atCommit, afterCommit}
		tolls := map[cut]*cutToll{}
		for _, c := range kinds {
			tolls[c] = &cutToll{}
		}
		var names []string
		for n, total := 0, times(t, 8*len(steps)); n < total; {
			s := &story{name: fmt.Sprintf("story-cut-%d", len(names))}
			names = append(names, s.name)
			for no := range steps {
				c := kinds[rand.IntN(len(kinds))]
				if n++; n%2 == 0 {
					c = anywhere // there are many places for it
				}
				p.arm(c, 1+rand.IntN(12000))
				tolls[c].cut(t, c, s, shaken, direct, no)
				p.arm(nowhere, 0)
				repeat(t, s, shaken, no)
				got := direct.page(t, s.name)
				require.Len(t, got.results, no+1)
				require.Equal(t, album[no+1], got.picture, "%s: once and whole after %d commands", s.name, no+1)
			}
		}
		direct.finish(t, names, album)
		direct.count(t, 1+len(names))
		direct.verify(t)
		for _, c := range kinds {
			t.Logf("connection to %s cut %s, %v; 0 lost, 0 done twice", b.name, c, tolls[c])
		}
	})
}

// cut runs a step over a connection that breaks.
func (c *cutToll) cut(t *testing.T, where cut, s *story, shaken, direct *shop, no int) {
	t.Helper()
	_, err := s.run(t.Context(), shaken.Engine, no)
	there := len(direct.page(t, s.name).results) > no
	c.cuts++
	switch {
	case err == nil:
		c.harmless++
		require.True(t, there, "what was acknowledged is there")
		require.NotContains(t, []cut{beforeCommit, afterCommit}, where, "without an answer to COMMIT nothing is acknowledged")
	case !errors.Is(err, storage.ErrUnknown):
		require.False(t, there, "what failed with a known outcome was not done: %v", err)
		require.Equal(t, anywhere, where, "a cut at COMMIT makes the outcome unknown: %v", err)
	default:
		c.unknown++
		if there {
			c.done++
		} else {
			c.undone++
		}
		require.False(t, there && where == beforeCommit, "the server never heard of COMMIT")
		require.True(t, there || where != afterCommit, "the server has answered COMMIT")
	}
}

// repeat runs a step anew under its key, now that nothing breaks any more. The pool may
// still have broken connections, which show only when they are used.
func repeat(t *testing.T, s *story, shaken *shop, no int) {
	t.Helper()
	var err error
	for range 5 {
		if _, err = s.run(t.Context(), shaken.Engine, no); err == nil {
			return
		}
	}
	require.NoError(t, err, "a repeat under the same key")
}

// TestASilentServerEndsWithTheContext has the connection stay open without an answer to
// COMMIT: only the context ends the wait, and the outcome is unknown.
func TestASilentServerEndsWithTheContext(t *testing.T) {
	t.Parallel()
	onServers(t, func(t *testing.T, b backend) {
		dsn := b.blank(t)
		direct := b.shop(t, b.open(t, dsn))
		direct.furnish(t)
		album := direct.album(t)
		p := startProxy(t)
		shaken := b.shop(t, p.through(t, b, dsn))
		s := &story{name: "story-silent"}
		for no := range steps {
			p.arm(silence, 0)
			ctx, cancel := context.WithCancel(t.Context())
			ended := make(chan error, 1)
			go func() {
				_, err := s.run(ctx, shaken.Engine, no)
				ended <- err
			}()
			waitFor(t.Context(), p.silent)
			cancel()
			select {
			case err := <-ended:
				require.ErrorIs(t, err, context.Canceled)
				require.ErrorIs(t, err, storage.ErrUnknown)
			case <-time.After(time.Minute):
				require.Fail(t, "the command outlives its context")
			}
			repeat(t, s, shaken, no)
		}
		direct.finish(t, []string{s.name}, album)
		direct.count(t, 2)
		direct.verify(t)
		t.Logf("%s silent after COMMIT: %d commands ended with their contexts and an unknown outcome, 0 lost, 0 done twice", b.name, len(steps))
	})
}
