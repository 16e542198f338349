package lifecycle

import (
	"errors"
	"fmt"
	"strings"
)

var (
	// ErrDefinition matches every [DefinitionError]: the spec does not describe a usable machine.
	ErrDefinition = errors.New("lifecycle: invalid definition")

	// ErrTransition matches every [TransitionError]: the event is not possible in that state.
	ErrTransition = errors.New("lifecycle: event not possible in this state")
)

// TransitionError says that no edge leaves From by Event.
type TransitionError struct {
	From, Event string
	// Allowed are the events that have an edge out of From, sorted. Their guards were not asked. It is empty in a
	// state without edges out and in a state the machine does not know.
	Allowed []string
}

// Error names the events that are possible instead.
func (e *TransitionError) Error() string {
	if len(e.Allowed) == 0 {
		return fmt.Sprintf("event %q is not possible in state %q: no event leaves it; check that the stored state is one of this machine",
			e.Event, e.From)
	}
	return fmt.Sprintf("event %q is not possible in state %q: use one of %s", e.Event, e.From, strings.Join(e.Allowed, ", "))
}

// Is matches [ErrTransition].
func (e *TransitionError) Is(target error) bool { return target == ErrTransition }

// VetoError says that the edge exists and a guard refused it. The state has not changed.
type VetoError struct {
	From, Event string
	Guard       string // Guard is the name of the guard that refused.
	Err         error  // Err is what the guard returned.
}

// Error gives the guard's name and its reason.
func (e *VetoError) Error() string {
	return fmt.Sprintf("event %q in state %q refused by guard %q: %v", e.Event, e.From, e.Guard, e.Err)
}

// Unwrap gives the guard's error.
func (e *VetoError) Unwrap() error { return e.Err }

// Problem is a way in which a [Spec] can be wrong. Its text says what to do about it.
type Problem string

// The problems that [New] reports.
const (
	BadName        Problem = `not a usable name: use one printable word without comma, other than "event" and "state" and without a before_, after_, enter_ or leave_ prefix`
	DuplicateState Problem = "declared twice: keep one declaration"
	UnknownState   Problem = "no such state is declared: declare it or correct the name"
	DuplicateEdge  Problem = "a second edge for the same event and state: remove one, so that the target is certain"
	Unreachable    Problem = "cannot be reached from the initial state: add an edge to it or remove it"
	NoWayOut       Problem = "not final, and no edge leads to another state: add one or make it final"
	NoFinal        Problem = "not final, and no final state can be reached from it: add an edge that leads to one"
	UnknownEvent   Problem = "no edge has this event: correct the name or remove the guard"
	UnnamedGuard   Problem = "the guard has no name: name it, so that a refusal can be explained"
	NilCheck       Problem = "the guard has no Check function: give it one"
)

// DefinitionError is one problem of a [Spec] and where it was found.
type DefinitionError struct {
	Problem Problem
	// State, Event and Guard are the names concerned. Those that play no part in the problem are empty.
	State, Event, Guard string
}

// Error says where the problem is and what to do about it.
func (e *DefinitionError) Error() string {
	var where []string
	if e.Guard != "" {
		where = append(where, fmt.Sprintf("guard %q", e.Guard))
	}
	if e.Event != "" {
		where = append(where, fmt.Sprintf("event %q", e.Event))
	}
	if e.State != "" || where == nil {
		where = append(where, fmt.Sprintf("state %q", e.State))
	}
	return "lifecycle: " + strings.Join(where, ", ") + ": " + string(e.Problem)
}

// Is matches [ErrDefinition].
func (e *DefinitionError) Is(target error) bool { return target == ErrDefinition }
