package delivery

import (
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"strings"
	"sync/atomic"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/orderkit/oms/storage"
)

// Handler takes an event of a tenant. An error is a failed attempt; see [Permanent] and
// [LaterError]. The context ends with half of the consumer's lease, and when the
// consumer stops; an error after the latter is no attempt. It is called by several
// goroutines at once, and may get an event again that it took already.
type Handler func(ctx context.Context, t storage.Tenant, e storage.Event) error

// Config describes a consumer. Store, Name, Now and Handler have to be there; of the
// rest zero means the value that is named.
type Config struct {
	Store   storage.Store
	Tenant  storage.Tenant
	Name    string // of the consumer within its tenant: 1 to 128 bytes of printable UTF-8
	Handler Handler
	Now     func() time.Time // of every process, and no further apart than a quarter of the lease

	// Start is the position in the log after which a consumer begins that is new. The
	// default is the beginning.
	Start int64
	// Shards is how many workers can be busy at once, over all processes: 1 to 256,
	// 8 by default. It is fixed when the consumer is new; another number later is a
	// *ShardsError, since it would part events from their aggregates.
	Shards int
	// Workers is how many goroutines Run has for this consumer: 1 to 256, 4 by default.
	Workers int
	// Batch is how many events a worker takes at a time: 1 to 1000, 100 by default.
	Batch int
	// Lease is how long a worker has for a batch, from 1 second on; 1 minute by default.
	// It hands out no event in its second half; each call of the handler may take half.
	Lease time.Duration
	// Poll is the pause between two looks at the log when there is nothing to do; 1
	// second by default. Wake ends it early.
	Poll time.Duration

	// Attempts is how often an event is tried before it is dead; 10 by default.
	Attempts int
	// MinBackoff is the pause after the first attempt, 1 second by default. It doubles
	// with each one up to MaxBackoff, 10 minutes by default, less up to half at random.
	MinBackoff, MaxBackoff time.Duration
	// Letters is how many letters a shard may have before it reads no further; 1000 by
	// default.
	Letters int

	// Owner names this process in leases, for people to read.
	Owner string
	// Random gives numbers from 0 to below 1. The default is that of math/rand/v2.
	Random func() float64
	// OnError hears of every failed attempt (*AttemptError), of leases that were lost
	// (ErrLease) and of errors of the store, after which Run goes on. It is called by
	// several goroutines at once. The default hears nothing.
	OnError func(error)
}

// ErrConfig is a Config that cannot be used.
var ErrConfig = errors.New("delivery: unusable configuration")

// Consumer hands out the events of one tenant's log. It is safe for concurrent use.
type Consumer struct {
	cfg   Config
	scout chan struct{} // full while a worker of this process looks for work; one is enough
	wake  chan struct{}
	// recent is what this process read of the log last: its other shards are not far.
	recent atomic.Pointer[span]
}

// New makes a consumer. It does not touch the store. What is wrong with the
// configuration is ErrConfig, all of it at once.
func New(c Config) (*Consumer, error) {
	c.Shards, c.Workers, c.Batch = or(c.Shards, 8), or(c.Workers, 4), or(c.Batch, 100)
	c.Lease, c.Poll = or(c.Lease, time.Minute), or(c.Poll, time.Second)
	c.Attempts, c.Letters = or(c.Attempts, 10), or(c.Letters, 1000)
	c.MinBackoff, c.MaxBackoff = or(c.MinBackoff, time.Second), or(c.MaxBackoff, 10*time.Minute)
	if c.Random == nil {
		c.Random = rand.Float64
	}
	if c.OnError == nil {
		c.OnError = func(error) {}
	}
	var wrong []error
	for _, rule := range []struct {
		holds bool
		text  string
	}{
		{c.Store != nil, "there is no Store"},
		{c.Handler != nil, "there is no Handler"},
		{c.Now != nil, "there is no clock: set Now"},
		{c.Name != "" && len(c.Name) <= 128 && printable(c.Name), fmt.Sprintf("Name %q: give 1 to 128 bytes of UTF-8 without control characters", c.Name)},
		{len(c.Owner) <= 128 && printable(c.Owner), fmt.Sprintf("Owner %q: give at most 128 bytes of UTF-8 without control characters", c.Owner)},
		{c.Start >= 0, fmt.Sprintf("Start %d is before the beginning", c.Start)},
		{1 <= c.Shards && c.Shards <= 256, fmt.Sprintf("Shards %d: give 1 to 256", c.Shards)},
		{1 <= c.Workers && c.Workers <= 256, fmt.Sprintf("Workers %d: give 1 to 256", c.Workers)},
		{1 <= c.Batch && c.Batch <= 1000, fmt.Sprintf("Batch %d: give 1 to 1000", c.Batch)},
		{time.Second <= c.Lease && c.Lease <= 24*time.Hour, fmt.Sprintf("Lease %v: give 1s to 24h", c.Lease)},
		{time.Millisecond <= c.Poll && c.Poll <= 24*time.Hour, fmt.Sprintf("Poll %v: give 1ms to 24h", c.Poll)},
		{1 <= c.Attempts && c.Attempts <= 1000, fmt.Sprintf("Attempts %d: give 1 to 1000", c.Attempts)},
		{1 <= c.Letters && c.Letters <= 100_000, fmt.Sprintf("Letters %d: give 1 to 100000", c.Letters)},
		{0 < c.MinBackoff && c.MinBackoff <= c.MaxBackoff && c.MaxBackoff <= 30*24*time.Hour,
			fmt.Sprintf("MinBackoff %v and MaxBackoff %v: give 0 < min ≤ max ≤ 720h", c.MinBackoff, c.MaxBackoff)},
	} {
		if !rule.holds {
			wrong = append(wrong, fmt.Errorf("%w: %s", ErrConfig, rule.text))
		}
	}
	if len(wrong) > 0 {
		return nil, errors.Join(wrong...)
	}
	return &Consumer{cfg: c, scout: make(chan struct{}, 1), wake: make(chan struct{}, 1)}, nil
}

func or[T comparable](v, instead T) T {
	var zero T
	if v == zero {
		return instead
	}
	return v
}

func printable(s string) bool {
	return utf8.ValidString(s) && !strings.ContainsFunc(s, unicode.IsControl)
}

// shardOf is the shard of an aggregate. It must never change: events would overtake
// each other.
func (c *Consumer) shardOf(aggregate string) int {
	h := fnv.New32a()
	_, _ = h.Write([]byte(aggregate)) // never fails
	return int(h.Sum32() % uint32(c.cfg.Shards))
}

// Shards reads how far each shard has come, by number. A consumer that never ran has
// none.
func (c *Consumer) Shards(ctx context.Context) ([]storage.Cursor, error) {
	var all []storage.Cursor
	err := c.cfg.Store.View(ctx, c.cfg.Tenant, func(ctx context.Context, tx storage.Tx) error {
		var err error
		all, err = tx.Deliveries().Cursors(ctx, c.cfg.Name)
		return err
	})
	if err != nil {
		return nil, err
	}
	return all, c.fits(all)
}

// fits refuses cursors that were made with another number of shards.
func (c *Consumer) fits(all []storage.Cursor) error {
	for i := range all {
		if all[i].Shards != c.cfg.Shards || all[i].Shard != i || len(all) != c.cfg.Shards {
			return &ShardsError{Consumer: c.cfg.Name, Has: all[i].Shards, Asked: c.cfg.Shards}
		}
	}
	return nil
}
