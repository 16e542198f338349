package lifecycle_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/looplab/fsm"
)

// benchSpec has the size of a real order life cycle: 15 events, 33 edges.
func benchSpec() spec {
	s := spec{Initial: "s0", States: []state{{Name: "s11", Final: true}}}
	for i := range 11 {
		s.States = append(s.States, state{Name: name(i)})
		s.Edges = append(s.Edges,
			edge{event(i), name(i), name(i + 1)}, edge{"cancel", name(i), "s11"}, edge{event(11 + i%3), name(i), name(i)})
	}
	s.Guards = []guard{{Event: event(0), Name: "g", Check: func(*order) error { return nil }}}
	return s
}

// BenchmarkTransition sets Fire between what it replaces, an fsm built per transition, and its floor, a map lookup
// followed by the guard. The x-floor column is the ratio to the floor.
func BenchmarkTransition(b *testing.B) {
	s := benchSpec()
	m := mustNew(b, s)
	subject := &order{}
	type key struct {
		from  status
		event action
	}
	table := map[key]status{}
	for _, e := range s.Edges {
		table[key{e.From, e.Event}] = e.To
	}
	from, fire := name(0), event(0)

	var floor float64
	run := func(name string, step func() error) {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if err := step(); err != nil {
					b.Fatal(err)
				}
			}
			ns := float64(b.Elapsed().Nanoseconds()) / float64(b.N)
			if floor == 0 {
				floor = ns
			}
			b.ReportMetric(ns/floor, "x-floor")
		})
	}
	run("floor", func() error {
		if _, ok := table[key{from, fire}]; !ok {
			return fmt.Errorf("no edge")
		}
		return s.Guards[0].Check(subject)
	})
	run("next", func() error {
		if _, ok := m.Next(from, fire); !ok {
			return fmt.Errorf("no edge")
		}
		return nil
	})
	run("check", func() error { return m.Check(from, fire, subject) })
	run("fire", func() error { _, err := m.Fire(from, fire, subject); return err })
	run("refused", func() error {
		if _, err := m.Fire(from, event(5), subject); err == nil {
			return fmt.Errorf("accepted")
		}
		return nil
	})
	run("naive", func() error {
		return naive(s.Edges, func() error { return s.Guards[0].Check(subject) }).Event(context.Background(), string(fire))
	})
}

// naive builds an fsm the way a program does that makes one for each transition.
func naive(edges []edge, guard func() error) *fsm.FSM {
	var table fsm.Events
	for _, e := range edges {
		table = append(table, fsm.EventDesc{Name: string(e.Event), Src: []string{string(e.From)}, Dst: string(e.To)})
	}
	return fsm.NewFSM("s0", table, fsm.Callbacks{"before_event": func(_ context.Context, e *fsm.Event) {
		if err := guard(); err != nil {
			e.Cancel(err)
		}
	}})
}

func BenchmarkFireParallel(b *testing.B) {
	m := mustNew(b, benchSpec())
	from, fire := name(0), event(0)
	b.ReportAllocs()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			if _, err := m.Fire(from, fire, nil); err != nil {
				b.Error(err)
				return
			}
		}
	})
}
