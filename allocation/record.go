package allocation

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// ErrReplay is matched by a [ReplayError].
var ErrReplay = errors.New("allocation: the plan does not replay")

// Record is a plan with the request it answers. It survives JSON bit for bit, so that a decision can be kept
// and judged years later.
type Record struct {
	Request Request `json:"request"`
	Plan    Plan    `json:"plan"`
}

// ReplayError says where a plan that was made again differs from the record. It matches [ErrReplay].
type ReplayError struct {
	At       int    // the first byte of the JSON form of the plan that differs
	Recorded string // a piece of it
	Replayed string
}

// Error shows the place where the two differ.
func (e *ReplayError) Error() string {
	return fmt.Sprintf("%v: from byte %d the record says %q, now it is %q; the strategy has changed since, or is not a pure function", ErrReplay, e.At, e.Recorded, e.Replayed)
}

// Is matches [ErrReplay].
func (e *ReplayError) Is(target error) bool { return target == ErrReplay }

// Replay plans the recorded request again and compares everything: what is assigned, what is missing, the
// proof, the explanation and the fingerprint. The first difference is a [*ReplayError].
func (rec Record) Replay(ctx context.Context, s Strategy) error {
	if s == nil {
		return ErrNoStrategy
	}
	again, err := s.Plan(ctx, rec.Request)
	if err != nil {
		return err
	}
	was, err := json.Marshal(rec.Plan)
	if err != nil {
		return fmt.Errorf("allocation: recorded plan: %w", err)
	}
	is, err := json.Marshal(again)
	if err != nil {
		return fmt.Errorf("allocation: replayed plan: %w", err)
	}
	if bytes.Equal(was, is) {
		return nil
	}
	at := 0
	for at < len(was) && at < len(is) && was[at] == is[at] {
		at++
	}
	piece := func(b []byte) string { return string(b[max(0, at-20):min(len(b), at+40)]) }
	return &ReplayError{At: at, Recorded: piece(was), Replayed: piece(is)}
}

// Redact is the plan without what would tell about the locations that hide names: for the eyes of a buyer or
// of another seller. A hidden location that sends becomes "location 1" and so on; one that does not is left
// out. Nothing remains from which more could be computed: of the others, their share, verdict and distance
// stay, and costs, reasons and the fingerprint go.
func (p Plan) Redact(hide func(location string) bool) Plan {
	out := Plan{Strategy: p.Strategy, Unassigned: slices.Clone(p.Unassigned)}
	hidden := make(map[string]string)
	name := func(location string) string {
		if !hide(location) {
			return location
		}
		if hidden[location] == "" {
			hidden[location] = "location " + strconv.Itoa(len(hidden)+1)
		}
		return hidden[location]
	}
	for _, a := range p.Assignments {
		a.Location = name(a.Location)
		out.Assignments = append(out.Assignments, a)
	}
	for _, e := range p.Expected {
		e.Location = name(e.Location)
		out.Expected = append(out.Expected, e)
	}
	for _, c := range p.Explanation.Considered {
		switch {
		case !hide(c.Location):
			out.Explanation.Considered = append(out.Explanation.Considered, Consideration{
				Location: c.Location, Verdict: c.Verdict, Units: c.Units, Priority: c.Priority, DistanceMeters: c.DistanceMeters,
			})
		case hidden[c.Location] != "":
			out.Explanation.Considered = append(out.Explanation.Considered, Consideration{Location: hidden[c.Location], Verdict: c.Verdict, Units: c.Units})
		}
	}
	slices.SortFunc(out.Explanation.Considered, func(a, b Consideration) int { return strings.Compare(a.Location, b.Location) })
	return out
}
