package oms

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/google/uuid"
	"go.uber.org/zap"

	"github.com/orderkit/oms/allocation"
	"github.com/orderkit/oms/fulfillment"
	"github.com/orderkit/oms/inventory"
	"github.com/orderkit/oms/inventory/count"
	"github.com/orderkit/oms/inventory/purchasing"
	"github.com/orderkit/oms/inventory/transfer"
	"github.com/orderkit/oms/order"
	"github.com/orderkit/oms/returns"
	"github.com/orderkit/oms/storage"
)

type config struct {
	now        func() time.Time
	newID      func() uuid.UUID
	logger     *zap.Logger
	orders     *order.Flow
	work       *fulfillment.Flow
	returns    *returns.Flow
	buys       *purchasing.Flow
	hauls      *transfer.Flow
	counts     *count.Flow
	priority   func(order.Order) int64
	policy     returns.Policy
	strategy   allocation.Strategy
	facts      func(order.Order, *allocation.Request) error
	records    bool
	costing    bool
	perChannel bool
	serials    bool
	pay        order.PaymentPolicy
	number     func(order.ID) string
}

// Option changes the wiring of an Engine.
type Option func(*config)

func defaults() *config {
	return &config{
		now:      time.Now,
		newID:    new(idSource).next,
		logger:   zap.NewNop(),
		orders:   must(order.NewFlow()),
		work:     must(fulfillment.NewFlow()),
		returns:  must(returns.NewFlow()),
		buys:     must(purchasing.NewFlow()),
		hauls:    must(transfer.NewFlow()),
		counts:   must(count.NewFlow()),
		strategy: allocation.FewestShipments(),
		number:   numberOf,
	}
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err) // the standard flows are tested to be valid
	}
	return v
}

// numberOf makes a number from the random tail of an order's id: short enough to read
// out, and no counter that every order would have to wait for.
func numberOf(id order.ID) string {
	const alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ" // Crockford's, without I, L, O, U
	tail := id.UUID[8:]
	out := make([]byte, 0, 12)
	var bits, n uint
	for _, b := range tail {
		bits, n = bits<<8|uint(b), n+8
		for n >= 5 {
			n -= 5
			out = append(out, alphabet[bits>>n&31])
		}
	}
	return string(out[:4]) + "-" + string(out[4:8]) + "-" + string(out[8:12])
}

// WithClock replaces time.Now. Tests pass a clock they control.
func WithClock(now func() time.Time) Option { return func(c *config) { c.now = now } }

// WithIDs replaces the source of ids (UUIDv7). Ids must never repeat and should grow
// with time, since pages are ordered by them.
func WithIDs(newID func() uuid.UUID) Option { return func(c *config) { c.newID = newID } }

// WithLogger logs every command: debug when it commits, info when it is refused. The
// default is silent.
func WithLogger(l *zap.Logger) Option { return func(c *config) { c.logger = l } }

// WithOrderFlow replaces the lifecycle of orders.
func WithOrderFlow(f *order.Flow) Option { return func(c *config) { c.orders = f } }

// WithFulfillmentFlow replaces the lifecycle of fulfillment orders.
func WithFulfillmentFlow(f *fulfillment.Flow) Option { return func(c *config) { c.work = f } }

// WithReturnFlow replaces the lifecycle of returns.
func WithReturnFlow(f *returns.Flow) Option { return func(c *config) { c.returns = f } }

// WithPurchaseFlow replaces the lifecycle of purchase orders.
func WithPurchaseFlow(f *purchasing.Flow) Option { return func(c *config) { c.buys = f } }

// WithTransferFlow replaces the lifecycle of transfers.
func WithTransferFlow(f *transfer.Flow) Option { return func(c *config) { c.hauls = f } }

// WithBackorderPriority says which orders are served first when goods arrive that several
// wait for: those of the lowest number, from 0 to purchasing.MaxPriority. Among equals, and
// by default, the earlier sale goes first. It is asked when units of an order begin to wait,
// inside the transaction of the command, and so is a pure function of the order.
func WithBackorderPriority(of func(order.Order) int64) Option {
	return func(c *config) { c.priority = of }
}

// WithReturnPolicy sets the rules that a return request must pass. The default has none.
func WithReturnPolicy(p ...returns.Rule) Option { return func(c *config) { c.policy = p } }

// WithStrategy decides which locations serve an order. The default is
// allocation.FewestShipments.
func WithStrategy(s allocation.Strategy) Option { return func(c *config) { c.strategy = s } }

// WithAllocationFacts lets the host add what it knows to a request before it is planned: costs, capabilities,
// groups, capacities, arrival dates, incoming supply. The engine has filled in what it knows itself: demands,
// stock, positions, countries, channel, customer and the time. It is called inside the transaction of the
// command, may be again after a conflict, and so is a pure function of its arguments and of what the host has
// in memory. It may take candidates out and lower what they have; it leaves Items, AllowPartial, and of each demand
// its line, item and quantity, as they are. An error refuses the command.
func WithAllocationFacts(add func(o order.Order, r *allocation.Request) error) Option {
	return func(c *config) { c.facts = add }
}

// WithAllocationRecords keeps with every order.allocated event the allocation.Record of its plan: the request,
// the plan and the explanation, from which the decision can be read and replayed. It makes events larger by some
// hundred bytes for every candidate, and keeps the buyer's id and position in them.
func WithAllocationRecords() Option { return func(c *config) { c.records = true } }

// WithPaymentPolicy says how much money must be there before an order is confirmed.
// The default asks for none.
func WithPaymentPolicy(p order.PaymentPolicy) Option { return func(c *config) { c.pay = p } }

// WithOrderNumbers replaces the generator of order numbers for people. Numbers must be
// unique within a tenant.
func WithOrderNumbers(f func(order.ID) string) Option { return func(c *config) { c.number = f } }

// CallOption changes one call of a command.
type CallOption func(*call)

type call struct {
	keyed   bool
	key     string
	version *int64
	actor   string
	named   []inventory.NamedUnit
}

// ErrOption is a call option that cannot be recorded.
var ErrOption = errors.New("oms: call option refused")

// maxName is the longest key or actor, in bytes.
const maxName = 128

// check refuses a key or an actor that no store could find or give back again.
func (c *call) check() error {
	switch {
	case c.keyed && c.key == "":
		return fmt.Errorf("%w: the idempotency key is empty; leave the option out, or give the key", ErrOption)
	case len(c.key) > maxName || len(c.actor) > maxName:
		return fmt.Errorf("%w: key %.20q, actor %.20q: at most %d bytes", ErrOption, c.key, c.actor, maxName)
	case !printable(c.key) || !printable(c.actor):
		return fmt.Errorf("%w: key %q, actor %q: UTF-8 without control characters", ErrOption, c.key, c.actor)
	}
	return inventory.CheckNamed(c.named)
}

func printable(s string) bool {
	return utf8.ValidString(s) && !strings.ContainsFunc(s, unicode.IsControl)
}

// Key makes repeats of a command harmless: the second call with the same key and the
// same input does nothing and returns what the first one made, as it is now. The same
// key with another input is a *KeyError. A refused command leaves no key.
// It has 1 to 128 bytes.
func Key(k string) CallOption { return func(c *call) { c.keyed, c.key = true, k } }

// IfVersion refuses the command with order.ErrStale unless the order is at version n.
// It concerns commands that name an order.
func IfVersion(n int64) CallOption { return func(c *call) { c.version = &n } }

// By names who gave the command; events and stock postings record it.
func By(actor string) CallOption { return func(c *call) { c.actor = actor } }

// ErrKey is an idempotency key used for something else before.
var ErrKey = errors.New("oms: idempotency key reused with other input")

// KeyError says what a key was first used for. It matches ErrKey.
type KeyError struct {
	Key     string
	Command string // asked now
	First   string // asked first
	At      time.Time
}

// Error names both uses.
func (e *KeyError) Error() string {
	return fmt.Sprintf("%v: %q was used for %s at %s; give every new command its own key", ErrKey, e.Key, e.First, e.At.Format(time.RFC3339))
}

// Is matches ErrKey.
func (e *KeyError) Is(target error) bool { return target == ErrKey }

// fingerprint identifies the input of a command.
func fingerprint(name string, input any) (string, error) {
	text, err := json.Marshal(input)
	if err != nil {
		return "", fmt.Errorf("oms: input of %s: %w", name, err)
	}
	all := append(make([]byte, 0, len(name)+len(text)+1), name...)
	hash := sha256.Sum256(append(append(all, text...), '\n'))
	return hex.EncodeToString(hash[:]), nil
}

// emit adds events to the log of an aggregate, to be written when the command ends.
func emit[E interface{ Kind() string }](s *attempt, aggregate string, version int64, events []E) error {
	for _, e := range events {
		data, err := json.Marshal(e)
		if err != nil {
			return fmt.Errorf("oms: event %s: %w", e.Kind(), err)
		}
		s.announce(aggregate, version, e.Kind(), data)
	}
	return nil
}

// announce adds an event whose data is made.
func (s *attempt) announce(aggregate string, version int64, kind string, data []byte) {
	s.events = append(s.events, storage.Event{ID: s.newID(), Aggregate: aggregate, Version: version, Kind: kind, At: s.now, Actor: s.call.actor, Data: data})
}

func (s *attempt) flush() error {
	if err := s.leftover(); err != nil {
		return err
	}
	if len(s.events) == 0 {
		return nil
	}
	return s.tx.Events().Append(s, s.events)
}
