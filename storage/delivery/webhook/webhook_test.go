package webhook_test

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/orderkit/oms/storage"
	"github.com/orderkit/oms/storage/delivery"
	"github.com/orderkit/oms/storage/delivery/webhook"
)

var (
	noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	old  = "whsec_" + base64.StdEncoding.EncodeToString([]byte("the old secret has 24 B."))
	next = "whsec_" + base64.StdEncoding.EncodeToString([]byte(strings.Repeat("new secret, 64 B", 4)))
)

func now() time.Time { return noon }

func event() storage.Event {
	return storage.Event{
		Seq: 7, ID: uuid.MustParse("01955a3c-0000-7000-8000-000000000001"), Aggregate: "order/1", Version: 2, Kind: "order.placed",
		At: noon, Actor: "clerk", Data: json.RawMessage(`{"total": "19.90"}`),
	}
}

func endpoint(t *testing.T, url string, change ...func(*webhook.Config)) *webhook.Endpoint {
	t.Helper()
	c := webhook.Config{URL: url, Secrets: []string{old}, Source: "/shop", Now: now, Client: client(t)}
	for _, f := range change {
		f(&c)
	}
	e, err := webhook.New(c)
	require.NoError(t, err)
	return e
}

// client has connections of its own: a server of a test that ends closes those that all
// share.
func client(t *testing.T) *http.Client {
	t.Helper()
	transport := http.DefaultTransport.(*http.Transport).Clone() //nolint:forcetypeassert // nobody has replaced it
	t.Cleanup(transport.CloseIdleConnections)
	return &http.Client{Transport: transport}
}

// answering is a server that answers in one way, and what it was asked last.
func answering(t *testing.T, answer http.HandlerFunc) string {
	t.Helper()
	s := httptest.NewServer(answer)
	t.Cleanup(s.Close)
	return s.URL
}

func TestAnEventIsPostedAsASignedCloudEvent(t *testing.T) {
	t.Parallel()
	var asked *http.Request
	var body []byte
	url := answering(t, func(w http.ResponseWriter, r *http.Request) {
		asked = r
		body, _ = io.ReadAll(r.Body)
		w.WriteHeader(http.StatusNoContent)
	})
	require.NoError(t, endpoint(t, url+"/hooks?shop=1").Handle(t.Context(), "acme", event()))
	require.Equal(t, "POST /hooks?shop=1", asked.Method+" "+asked.URL.String())
	require.Equal(t, "application/cloudevents+json", asked.Header.Get("Content-Type"))
	require.Equal(t, "01955a3c-0000-7000-8000-000000000001", asked.Header.Get("webhook-id"))
	require.Equal(t, strconv.FormatInt(noon.Unix(), 10), asked.Header.Get("webhook-timestamp"))
	require.NoError(t, webhook.Verify([]string{old}, noon, time.Minute, asked.Header, body))
	require.JSONEq(t, `{
		"specversion": "1.0", "id": "01955a3c-0000-7000-8000-000000000001", "source": "/shop", "type": "order.placed", "subject": "order/1",
		"time": "2026-03-01T12:00:00Z", "datacontenttype": "application/json", "sequence": "0000000000000000007", "version": "2",
		"tenant": "acme", "actor": "clerk", "data": {"total": "19.90"}
	}`, string(body))
}

func TestASecretIsChangedByHavingBoth(t *testing.T) {
	t.Parallel()
	var header http.Header
	var body []byte
	url := answering(t, func(_ http.ResponseWriter, r *http.Request) {
		header = r.Header
		body, _ = io.ReadAll(r.Body)
	})
	both := endpoint(t, url, func(c *webhook.Config) { c.Secrets = []string{next, old} })
	require.NoError(t, both.Handle(t.Context(), "", event()))
	require.Len(t, strings.Fields(header.Get("webhook-signature")), 2)
	for _, known := range [][]string{{old}, {next}, {old, next}} {
		require.NoError(t, webhook.Verify(known, noon, time.Minute, header, body))
	}
	require.NoError(t, endpoint(t, url, func(c *webhook.Config) { c.Secrets = []string{next} }).Handle(t.Context(), "", event()))
	require.ErrorIs(t, webhook.Verify([]string{old}, noon, time.Minute, header, body), webhook.ErrSignature)
	require.NoError(t, webhook.Verify([]string{old, next}, noon, time.Minute, header, body), "a receiver may have both as well")
}

// signed are the headers of the vector that Standard Webhooks publishes.
func signed(signature string) http.Header {
	h := http.Header{}
	h.Set(webhook.HeaderID, "msg_p5jXN8AQM9LWM0D4loKWxJek")
	h.Set(webhook.HeaderTimestamp, "1614265330")
	h.Set(webhook.HeaderSignature, signature)
	return h
}

const (
	specSecret    = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
	specSignature = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
)

func TestTheVectorOfTheStandardVerifies(t *testing.T) {
	t.Parallel()
	body, then := []byte(`{"test": 2432232314}`), time.Unix(1614265330, 0)
	verify := func(at time.Time, h http.Header, body []byte) error {
		return webhook.Verify([]string{specSecret}, at, 5*time.Minute, h, body)
	}
	for _, signature := range []string{
		specSignature, specSignature + " v1,AAAA", "v1,AAAA " + specSignature, "v1a,Ceo5qEr07ixe2NLpvHk3FH9bwy/WavXrAFQ/9tdO6mc= " + specSignature,
	} {
		require.NoError(t, verify(then, signed(signature), body), signature)
	}
	for _, signature := range []string{
		"", "v1", "v1,", "v1,AAAA", strings.TrimPrefix(specSignature, "v1,"), "v2" + specSignature[2:], specSignature[:len(specSignature)-1], strings.ToLower(specSignature),
	} {
		require.ErrorIs(t, verify(then, signed(signature), body), webhook.ErrSignature, signature)
	}
	require.ErrorIs(t, verify(then, signed(specSignature), append(body, ' ')), webhook.ErrSignature)
	other := signed(specSignature)
	other.Set(webhook.HeaderID, "msg_other")
	require.ErrorIs(t, verify(then, other, body), webhook.ErrSignature)
}

func TestARequestOutsideTheWindowIsRefused(t *testing.T) {
	t.Parallel()
	body, then := []byte(`{"test": 2432232314}`), time.Unix(1614265330, 0)
	for off, want := range map[time.Duration]error{
		0: nil, 5 * time.Minute: nil, -5 * time.Minute: nil, 5*time.Minute + 1: webhook.ErrTimestamp, -5*time.Minute - 1: webhook.ErrTimestamp,
	} {
		require.ErrorIs(t, webhook.Verify([]string{specSecret}, then.Add(off), 5*time.Minute, signed(specSignature), body), want, off)
	}
	for _, timestamp := range []string{"", "now", "1614265330.0", "-9223372036854775808", "9223372036854775807", "99999999999999999999"} {
		h := signed(specSignature)
		h.Set(webhook.HeaderTimestamp, timestamp)
		require.ErrorIs(t, webhook.Verify([]string{specSecret}, then, 5*time.Minute, h, body), webhook.ErrTimestamp, timestamp)
	}
	replayed := signed(specSignature)
	replayed.Set(webhook.HeaderTimestamp, "1614265331")
	require.ErrorIs(t, webhook.Verify([]string{specSecret}, then, 5*time.Minute, replayed, body), webhook.ErrSignature, "the time is signed")
}

func TestAnswersAreJudged(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		status    int
		after     string
		wait      time.Duration // -1 for none said
		permanent bool
	}{
		"200":                             {200, "", -1, false},
		"202":                             {202, "", -1, false},
		"400":                             {400, "", -1, false},
		"404":                             {404, "", -1, false},
		"410":                             {410, "", -1, true},
		"429":                             {429, "", -1, false},
		"429 in a while":                  {429, "120", 2 * time.Minute, false},
		"429 at once":                     {429, "0", 0, false},
		"429 at a time":                   {429, noon.Add(90 * time.Second).Format(http.TimeFormat), 90 * time.Second, false},
		"429 in the past":                 {429, noon.Add(-time.Hour).Format(http.TimeFormat), 0, false},
		"429 in a thousand years":         {429, "9223372036854775807", 24 * time.Hour, false},
		"429 at a time in thousand years": {429, "Mon, 02 Jan 3006 15:04:05 GMT", 24 * time.Hour, false},
		"429 whenever":                    {429, "soon", -1, false},
		"429 before":                      {429, "-5", -1, false},
		"500":                             {500, "120", -1, false},
		"503":                             {503, "7", 7 * time.Second, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			url := answering(t, func(w http.ResponseWriter, _ *http.Request) {
				if c.after != "" {
					w.Header().Set("Retry-After", c.after)
				}
				w.WriteHeader(c.status)
				_, _ = io.WriteString(w, "sorry")
			})
			err := endpoint(t, url).Handle(t.Context(), "", event())
			if c.status < 300 {
				require.NoError(t, err)
				return
			}
			var answer *webhook.ResponseError
			require.ErrorAs(t, err, &answer)
			require.Equal(t, webhook.ResponseError{Host: strings.TrimPrefix(url, "http://"), Status: c.status, Body: "sorry"}, *answer)
			require.Equal(t, c.permanent, errors.Is(err, delivery.ErrPermanent))
			var later *delivery.LaterError
			require.Equal(t, c.wait >= 0, errors.As(err, &later))
			if later != nil {
				require.Equal(t, c.wait, later.After)
			}
		})
	}
}

func TestRedirectsAreNotFollowed(t *testing.T) {
	t.Parallel()
	var reached atomic.Bool
	target := answering(t, func(http.ResponseWriter, *http.Request) { reached.Store(true) })
	for _, status := range []int{301, 302, 303, 307, 308} {
		url := answering(t, func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, target, status) })
		own := client(t)
		own.CheckRedirect = func(*http.Request, []*http.Request) error { return nil }
		for _, e := range []*webhook.Endpoint{endpoint(t, url), endpoint(t, url, func(c *webhook.Config) { c.Client = own })} {
			var answer *webhook.ResponseError
			require.ErrorAs(t, e.Handle(t.Context(), "", event()), &answer)
			require.Equal(t, status, answer.Status)
		}
	}
	require.False(t, reached.Load())
}

// endless counts what is read of it.
type endless struct{ read atomic.Int64 }

func (e *endless) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = 0xff
	}
	e.read.Add(int64(len(p)))
	return len(p), nil
}

func (e *endless) Close() error { return nil }

func (e *endless) RoundTrip(*http.Request) (*http.Response, error) {
	return &http.Response{StatusCode: http.StatusBadGateway, Header: http.Header{}, Body: e}, nil
}

func TestAnAnswerWithoutEndIsReadUpToABound(t *testing.T) {
	t.Parallel()
	var body endless
	e := endpoint(t, "http://example.invalid", func(c *webhook.Config) { c.Client = &http.Client{Transport: &body} })
	err := e.Handle(t.Context(), "", event())
	var answer *webhook.ResponseError
	require.ErrorAs(t, err, &answer)
	require.Len(t, answer.Body, len("\uFFFD"), "256 bytes that are no text")
	require.LessOrEqual(t, body.read.Load(), int64(64<<10))
}

func TestARequestEndsWithItsTimeoutAndItsContext(t *testing.T) {
	t.Parallel()
	release := make(chan struct{})
	url := answering(t, func(http.ResponseWriter, *http.Request) { <-release })
	defer close(release)
	err := endpoint(t, url+"/secret-path", func(c *webhook.Config) { c.Timeout = 20 * time.Millisecond }).Handle(t.Context(), "", event())
	require.ErrorIs(t, err, context.DeadlineExceeded)
	require.NotContains(t, err.Error(), "secret-path", "URLs may be secret")
	ctx, cancel := context.WithCancel(t.Context())
	time.AfterFunc(20*time.Millisecond, cancel)
	require.ErrorIs(t, endpoint(t, url).Handle(ctx, "", event()), context.Canceled)
}

func TestAnEndpointThatIsNotThereIsAFailure(t *testing.T) {
	t.Parallel()
	s := httptest.NewServer(http.NotFoundHandler())
	s.Close()
	err := endpoint(t, s.URL+"/secret-path").Handle(t.Context(), "", event())
	require.ErrorContains(t, err, "webhook: "+strings.TrimPrefix(s.URL, "http://"))
	require.NotContains(t, err.Error(), "secret-path")
	require.NotErrorIs(t, err, delivery.ErrPermanent)
}

func TestAnEventThatIsNoCloudEventIsPermanent(t *testing.T) {
	t.Parallel()
	url := answering(t, func(http.ResponseWriter, *http.Request) { t.Error("it was posted") })
	for _, spoil := range []func(*storage.Event){
		func(e *storage.Event) { e.Kind = "" },
		func(e *storage.Event) { e.Data = json.RawMessage("{") },
	} {
		e := event()
		spoil(&e)
		require.ErrorIs(t, endpoint(t, url).Handle(t.Context(), "", e), delivery.ErrPermanent)
	}
}

func TestUnusableConfigurationsAreRefused(t *testing.T) {
	t.Parallel()
	short := "whsec_" + base64.StdEncoding.EncodeToString([]byte(strings.Repeat("s", 23)))
	long := "whsec_" + base64.StdEncoding.EncodeToString([]byte(strings.Repeat("s", 65)))
	for name, c := range map[string]struct {
		spoil func(*webhook.Config)
		want  error
	}{
		"no URL":           {func(c *webhook.Config) { c.URL = "" }, webhook.ErrConfig},
		"a path":           {func(c *webhook.Config) { c.URL = "/hooks" }, webhook.ErrConfig},
		"another scheme":   {func(c *webhook.Config) { c.URL = "ftp://example.com" }, webhook.ErrConfig},
		"no host":          {func(c *webhook.Config) { c.URL = "https:///hooks" }, webhook.ErrConfig},
		"no URL at all":    {func(c *webhook.Config) { c.URL = "nonsense" }, webhook.ErrConfig},
		"a bad URL":        {func(c *webhook.Config) { c.URL = "https://exa mple.com/%zz" }, webhook.ErrConfig},
		"a user":           {func(c *webhook.Config) { c.URL = "https://u:p@example.com" }, webhook.ErrConfig},
		"a fragment":       {func(c *webhook.Config) { c.URL = "https://example.com/#x" }, webhook.ErrConfig},
		"no secret":        {func(c *webhook.Config) { c.Secrets = nil }, webhook.ErrSecret},
		"an empty secret":  {func(c *webhook.Config) { c.Secrets = []string{""} }, webhook.ErrSecret},
		"no prefix":        {func(c *webhook.Config) { c.Secrets = []string{old[6:]} }, webhook.ErrSecret},
		"no base64":        {func(c *webhook.Config) { c.Secrets = []string{old, "whsec_***"} }, webhook.ErrSecret},
		"a short secret":   {func(c *webhook.Config) { c.Secrets = []string{short} }, webhook.ErrSecret},
		"a long secret":    {func(c *webhook.Config) { c.Secrets = []string{long} }, webhook.ErrSecret},
		"no source":        {func(c *webhook.Config) { c.Source = "" }, delivery.ErrSource},
		"no clock":         {func(c *webhook.Config) { c.Now = nil }, webhook.ErrConfig},
		"negative timeout": {func(c *webhook.Config) { c.Timeout = -1 }, webhook.ErrConfig},
	} {
		cfg := webhook.Config{URL: "https://example.com/hooks", Secrets: []string{old}, Source: "/shop", Now: now}
		c.spoil(&cfg)
		_, err := webhook.New(cfg)
		require.ErrorIs(t, err, webhook.ErrConfig, name)
		require.ErrorIs(t, err, c.want, name)
		for _, s := range cfg.Secrets {
			require.False(t, s != "" && strings.Contains(err.Error(), s), "%s: a secret is in the text", name)
		}
	}
	require.ErrorIs(t, webhook.Verify(nil, noon, time.Minute, signed(specSignature), nil), webhook.ErrSecret)
	require.ErrorIs(t, webhook.Verify([]string{"x"}, noon, time.Minute, signed(specSignature), nil), webhook.ErrSecret)
}
