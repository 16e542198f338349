package delivery

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/orderkit/oms/storage"
)

var (
	// ErrPermanent is a failure that another attempt would not mend.
	ErrPermanent = errors.New("delivery: no use to try again")
	// ErrLease is work on a shard that somebody else took over meanwhile. It is not
	// noted; the other one does it again.
	ErrLease = errors.New("delivery: the lease was lost")
	// ErrShards is a consumer that was made with another number of shards.
	ErrShards = errors.New("delivery: the number of shards of a consumer cannot change")
	// ErrNotDead is an event that is no dead letter of the consumer, or none any more.
	ErrNotDead = errors.New("delivery: not a dead letter")
	// ErrPanic is a handler that panicked.
	ErrPanic = errors.New("delivery: the handler panicked")
	// ErrNoReturn is an event from which too many workers in a row did not come back.
	ErrNoReturn = errors.New("delivery: the workers did not come back from this event")
)

// Permanent marks an error of a handler as one that another attempt would not mend: the
// event is dead at once. The result matches ErrPermanent. That of nil is nil.
func Permanent(err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%w: %w", ErrPermanent, err)
}

// LaterError is an error of a handler that knows when to try again. It counts as an
// attempt. Its shard rests until then, at least as long as after any failure and at
// most Config.MaxBackoff.
type LaterError struct {
	After time.Duration
	Err   error
}

// Error says why, and how long to wait.
func (e *LaterError) Error() string { return fmt.Sprintf("%v; try again after %v", e.Err, e.After) }

// Unwrap gives the reason.
func (e *LaterError) Unwrap() error { return e.Err }

// AttemptError is an attempt that failed, as Config.OnError hears of it.
type AttemptError struct {
	Tenant   storage.Tenant
	Consumer string
	Event    storage.Event
	Attempts int  // so far, this one included
	Dead     bool // it was the last
	Err      error
}

// Error names the event and the reason.
func (e *AttemptError) Error() string {
	what := "failed"
	if e.Dead {
		what = "failed and is dead"
	}
	return fmt.Sprintf("delivery: attempt %d of %s at event %d (%s of %s) %s: %v",
		e.Attempts, e.Consumer, e.Event.Seq, e.Event.Kind, e.Event.Aggregate, what, e.Err)
}

// Unwrap gives the reason.
func (e *AttemptError) Unwrap() error { return e.Err }

// ShardsError says how many shards a consumer has, and how many it was to have. It
// matches ErrShards.
type ShardsError struct {
	Consumer   string
	Has, Asked int
}

// Error names both numbers, and what to do.
func (e *ShardsError) Error() string {
	return fmt.Sprintf("%v: %q has %d, not %d; use that number, or a consumer of another name", ErrShards, e.Consumer, e.Has, e.Asked)
}

// Is matches ErrShards.
func (e *ShardsError) Is(target error) bool { return target == ErrShards }

// maxText is how much of an error is kept, in bytes.
const maxText = 1000

// textOf is an error as a store can keep it.
func textOf(err error) string {
	s := strings.ReplaceAll(strings.ToValidUTF8(err.Error(), "\uFFFD"), "\x00", "\uFFFD")
	if len(s) > maxText {
		s = strings.ToValidUTF8(s[:maxText], "") // the cut may be within a character
	}
	return s
}
