package nats

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/orderkit/oms/storage"
	"github.com/orderkit/oms/storage/delivery"
)

var (
	// ErrConfig is a Config that cannot be used.
	ErrConfig = errors.New("nats: unusable configuration")
	// ErrSubject is a subject that nothing can be published to: it is empty, or has an
	// empty token, a wildcard, white space or control characters.
	ErrSubject = errors.New("nats: unusable subject")
)

// Config describes a publisher. All of it has to be there.
type Config struct {
	// JetStream is the host's connection. There has to be a stream for the subjects:
	// the publisher makes none.
	JetStream jetstream.Publisher
	Source    string // of the CloudEvents; see delivery.CloudEvent
	// Subject gives that of an event; [Kind] is one such function. A subject that is
	// refused is ErrSubject, and permanent.
	Subject func(storage.Tenant, storage.Event) string
}

// Publisher publishes events. It is safe for concurrent use.
type Publisher struct{ cfg Config }

// New makes a publisher. What is wrong with the configuration is ErrConfig.
func New(c Config) (*Publisher, error) {
	switch {
	case c.JetStream == nil:
		return nil, fmt.Errorf("%w: there is no JetStream", ErrConfig)
	case c.Subject == nil:
		return nil, fmt.Errorf("%w: there is no Subject", ErrConfig)
	case c.Source == "":
		return nil, fmt.Errorf("%w: %w", ErrConfig, delivery.ErrSource)
	}
	return &Publisher{c}, nil
}

// Kind puts events under a prefix and their kind, such as "oms.order.placed". It does
// not tell tenants apart: give each its own prefix, or its own function.
func Kind(prefix string) func(storage.Tenant, storage.Event) string {
	return func(_ storage.Tenant, e storage.Event) string { return prefix + "." + e.Kind }
}

// Handle publishes an event and waits until the stream has it: it is a delivery.Handler.
// A message that is larger than the server takes is permanent.
func (p *Publisher) Handle(ctx context.Context, t storage.Tenant, e storage.Event) error {
	subject := p.cfg.Subject(t, e)
	if !usable(subject) {
		return delivery.Permanent(fmt.Errorf("%w: %q", ErrSubject, subject))
	}
	body, err := delivery.CloudEvent(p.cfg.Source, t, e)
	if err != nil {
		return err
	}
	message := nats.NewMsg(subject)
	message.Data = body
	message.Header.Set("Content-Type", delivery.CloudEventType)
	_, err = p.cfg.JetStream.PublishMsg(ctx, message, jetstream.WithMsgID(e.ID.String()))
	if errors.Is(err, nats.ErrMaxPayload) {
		err = delivery.Permanent(err)
	}
	if err != nil {
		return fmt.Errorf("nats: %s: %w", subject, err)
	}
	return nil
}

// usable tells whether a message can have this subject.
func usable(subject string) bool {
	for token := range strings.SplitSeq(subject, ".") {
		if token == "" || strings.ContainsFunc(token, func(r rune) bool { return r <= ' ' || r == 0x7f || r == '*' || r == '>' }) {
			return false
		}
	}
	return true
}
