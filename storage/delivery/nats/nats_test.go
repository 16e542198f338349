package nats_test

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	cloudevents "github.com/cloudevents/sdk-go/v2"
	"github.com/google/uuid"
	"github.com/nats-io/nats-server/v2/server"
	natsgo "github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/stretchr/testify/require"

	"github.com/orderkit/oms/storage"
	"github.com/orderkit/oms/storage/delivery"
	"github.com/orderkit/oms/storage/delivery/nats"
	"github.com/orderkit/oms/storage/memory"
)

var noon = time.Date(2026, 3, 1, 12, 0, 0, 123_000_000, time.UTC)

// address is that of the server in OMS_NATS_URL, or of one that runs inside the test.
func address(t *testing.T) string {
	t.Helper()
	if url := os.Getenv("OMS_NATS_URL"); url != "" {
		return url
	}
	s, err := server.NewServer(&server.Options{Host: "127.0.0.1", Port: server.RANDOM_PORT, JetStream: true, StoreDir: t.TempDir(), NoLog: true, NoSigs: true})
	require.NoError(t, err)
	s.Start()
	t.Cleanup(func() { s.Shutdown(); s.WaitForShutdown() })
	require.True(t, s.ReadyForConnections(30*time.Second))
	return s.ClientURL()
}

// bus is a stream of a test's own, under a subject of its own.
type bus struct {
	js     jetstream.JetStream
	stream jetstream.Stream
	prefix string
}

func newBus(t *testing.T) *bus {
	t.Helper()
	nc, err := natsgo.Connect(address(t))
	require.NoError(t, err)
	t.Cleanup(nc.Close)
	js, err := jetstream.New(nc)
	require.NoError(t, err)
	b := &bus{js: js, prefix: "oms-" + uuid.NewString()}
	b.stream, err = js.CreateStream(t.Context(), jetstream.StreamConfig{Name: b.prefix, Subjects: []string{b.prefix + ".>"}, Storage: jetstream.MemoryStorage})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, js.DeleteStream(context.Background(), b.prefix)) })
	return b
}

// messages reads the whole stream.
func (b *bus) messages(t *testing.T) []*jetstream.RawStreamMsg {
	t.Helper()
	info, err := b.stream.Info(t.Context())
	require.NoError(t, err)
	var all []*jetstream.RawStreamMsg
	for seq := max(info.State.FirstSeq, 1); seq <= info.State.LastSeq; seq++ {
		m, err := b.stream.GetMsg(t.Context(), seq)
		require.NoError(t, err)
		all = append(all, m)
	}
	return all
}

func (b *bus) publisher(t *testing.T) *nats.Publisher {
	t.Helper()
	p, err := nats.New(nats.Config{JetStream: b.js, Source: "https://shop.example/oms", Subject: nats.Kind(b.prefix)})
	require.NoError(t, err)
	return p
}

func event(aggregate string, n int64) storage.Event {
	return storage.Event{
		Seq: n, ID: uuid.New(), Aggregate: aggregate, Version: n, Kind: "order.placed", At: noon, Actor: "clerk Ü",
		Data: json.RawMessage(fmt.Sprintf(`{"total": "19.90", "n": %d}`, n)),
	}
}

func TestAnEventIsPublishedAsACloudEventThatTheSDKReads(t *testing.T) {
	t.Parallel()
	b := newBus(t)
	e := event("order/1", 7)
	require.NoError(t, b.publisher(t).Handle(t.Context(), "acme", e))
	all := b.messages(t)
	require.Len(t, all, 1)
	require.Equal(t, b.prefix+".order.placed", all[0].Subject)
	require.Equal(t, cloudevents.ApplicationCloudEventsJSON, all[0].Header.Get("Content-Type"))
	require.Equal(t, e.ID.String(), all[0].Header.Get("Nats-Msg-Id"))

	var got cloudevents.Event
	require.NoError(t, json.Unmarshal(all[0].Data, &got))
	require.NoError(t, got.Validate())
	require.Equal(t, "1.0", got.SpecVersion())
	require.Equal(t, e.ID.String(), got.ID())
	require.Equal(t, "https://shop.example/oms", got.Source())
	require.Equal(t, "order.placed", got.Type())
	require.Equal(t, "order/1", got.Subject())
	require.True(t, noon.Equal(got.Time()))
	require.Equal(t, "application/json", got.DataContentType())
	require.Equal(t, map[string]any{"sequence": "0000000000000000007", "version": "7", "tenant": "acme", "actor": "clerk Ü"}, got.Extensions())
	require.JSONEq(t, string(e.Data), string(got.Data()))
}

func TestTheSDKReadsEventsWithoutAnythingOptional(t *testing.T) {
	t.Parallel()
	text, err := delivery.CloudEvent("/shop", "", storage.Event{ID: uuid.New(), Kind: "k"})
	require.NoError(t, err)
	var got cloudevents.Event
	require.NoError(t, json.Unmarshal(text, &got))
	require.NoError(t, got.Validate())
	require.Empty(t, got.Subject())
	require.Empty(t, got.Data())
	require.True(t, got.Time().IsZero())
}

func TestARepeatIsStoredOnce(t *testing.T) {
	t.Parallel()
	b := newBus(t)
	e := event("order/1", 1)
	for range 3 {
		require.NoError(t, b.publisher(t).Handle(t.Context(), "", e))
	}
	require.Len(t, b.messages(t), 1)
}

func TestTheEventsOfAnAggregateArriveInOrder(t *testing.T) {
	t.Parallel()
	b, store := newBus(t), memory.New()
	const aggregates, each = 5, 20
	require.NoError(t, store.Update(t.Context(), "", func(ctx context.Context, tx storage.Tx) error {
		for v := range int64(each) {
			for a := range aggregates {
				if err := tx.Events().Append(ctx, []storage.Event{event(fmt.Sprint("order/", a), v+1)}); err != nil {
					return err
				}
			}
		}
		return nil
	}))
	p := b.publisher(t)
	var mu sync.Mutex
	calls := 0
	flaky := func(ctx context.Context, t storage.Tenant, e storage.Event) error {
		mu.Lock()
		calls++
		fails := calls%3 == 0
		mu.Unlock()
		err := p.Handle(ctx, t, e)
		if fails {
			return fmt.Errorf("the answer was lost: %v", err)
		}
		return err
	}
	feed, err := delivery.New(delivery.Config{
		Store: store, Name: "bus", Now: time.Now, Handler: flaky, Poll: time.Millisecond, MinBackoff: time.Millisecond, MaxBackoff: 2 * time.Millisecond, Attempts: 100,
	})
	require.NoError(t, err)
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- delivery.Run(ctx, feed) }()
	require.Eventually(t, func() bool {
		info, err := b.stream.Info(t.Context())
		return err == nil && info.State.Msgs >= aggregates*each
	}, 30*time.Second, 5*time.Millisecond)
	stop()
	require.NoError(t, <-ended)
	last := map[string]int{}
	for _, m := range b.messages(t) {
		var got struct {
			Subject string
			Version int `json:",string"`
		}
		require.NoError(t, json.Unmarshal(m.Data, &got))
		require.Equal(t, last[got.Subject]+1, got.Version, got.Subject)
		last[got.Subject]++
	}
	require.Len(t, last, aggregates)
}

func TestWhatCannotBePublishedIsAFailure(t *testing.T) {
	t.Parallel()
	b := newBus(t)
	publish := func(subject string, e storage.Event) error {
		p, err := nats.New(nats.Config{JetStream: b.js, Source: "/s", Subject: func(storage.Tenant, storage.Event) string { return subject }})
		require.NoError(t, err)
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		defer cancel()
		return p.Handle(ctx, "", e)
	}
	for _, subject := range []string{"", ".", b.prefix + ".", b.prefix + "..a", b.prefix + ".a b", b.prefix + ".*", b.prefix + ".>", b.prefix + ".a\r\n", b.prefix + ".\t"} {
		err := publish(subject, event("order/1", 1))
		require.ErrorIs(t, err, nats.ErrSubject, subject)
		require.ErrorIs(t, err, delivery.ErrPermanent, subject)
	}
	err := publish("elsewhere-"+b.prefix, event("order/1", 1))
	require.ErrorIs(t, err, jetstream.ErrNoStreamResponse)
	require.NotErrorIs(t, err, delivery.ErrPermanent, "somebody may make the stream")

	large := event("order/1", 1)
	large.Data = json.RawMessage(`"` + strings.Repeat("x", 2<<20) + `"`)
	err = publish(b.prefix+".large", large)
	require.ErrorIs(t, err, natsgo.ErrMaxPayload)
	require.ErrorIs(t, err, delivery.ErrPermanent)

	bad := event("order/1", 1)
	bad.Kind = ""
	require.ErrorIs(t, publish(b.prefix+".bad", bad), delivery.ErrPermanent)
	require.Empty(t, b.messages(t))
}

func TestAServerThatIsGoneIsAFailure(t *testing.T) {
	t.Parallel()
	s, err := server.NewServer(&server.Options{Host: "127.0.0.1", Port: server.RANDOM_PORT, JetStream: true, StoreDir: t.TempDir(), NoLog: true, NoSigs: true})
	require.NoError(t, err)
	s.Start()
	require.True(t, s.ReadyForConnections(30*time.Second))
	nc, err := natsgo.Connect(s.ClientURL())
	require.NoError(t, err)
	defer nc.Close()
	js, err := jetstream.New(nc)
	require.NoError(t, err)
	p, err := nats.New(nats.Config{JetStream: js, Source: "/s", Subject: nats.Kind("oms")})
	require.NoError(t, err)
	s.Shutdown()
	s.WaitForShutdown()
	ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	err = p.Handle(ctx, "", event("order/1", 1))
	require.Error(t, err)
	require.NotErrorIs(t, err, delivery.ErrPermanent)
}

func TestUnusableConfigurationsAreRefused(t *testing.T) {
	t.Parallel()
	js, err := jetstream.New(&natsgo.Conn{})
	require.NoError(t, err)
	for name, spoil := range map[string]func(*nats.Config){
		"no JetStream": func(c *nats.Config) { c.JetStream = nil },
		"no Subject":   func(c *nats.Config) { c.Subject = nil },
		"no source":    func(c *nats.Config) { c.Source = "" },
	} {
		c := nats.Config{JetStream: js, Source: "/s", Subject: nats.Kind("oms")}
		spoil(&c)
		_, err := nats.New(c)
		require.ErrorIs(t, err, nats.ErrConfig, name)
	}
}
