package webhook

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/orderkit/oms/storage"
	"github.com/orderkit/oms/storage/delivery"
)

// Config describes an endpoint. URL, Secrets, Source and Now have to be there.
type Config struct {
	URL string // absolute, https or http
	// Secrets sign every request, each with a signature of its own: to change the
	// secret, have both until the receiver knows the new one. Each is "whsec_" and 24
	// to 64 bytes in base64.
	Secrets []string
	Source  string // of the CloudEvents; see delivery.CloudEvent
	Now     func() time.Time
	// Timeout is for a whole request; 15 seconds by default, as Standard Webhooks
	// recommends. That of the handler's context may be shorter.
	Timeout time.Duration
	// Client sends the requests; its CheckRedirect is not used. The default has the
	// transport of net/http.
	Client *http.Client
}

// ErrConfig is a Config that cannot be used.
var ErrConfig = errors.New("webhook: unusable configuration")

// Endpoint posts events to a URL. It is safe for concurrent use.
type Endpoint struct {
	url     string
	host    string
	keys    [][]byte
	source  string
	now     func() time.Time
	timeout time.Duration
	client  *http.Client
}

const (
	defaultTimeout = 15 * time.Second
	maxAnswer      = 64 << 10 // bytes of an answer that are read, so that the connection can be used again
	maxKept        = 256      // bytes of an answer that are kept
)

// New makes an endpoint. What is wrong with the configuration is ErrConfig, and for a
// secret ErrSecret too.
func New(c Config) (*Endpoint, error) {
	u, err := url.Parse(c.URL)
	if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" || u.User != nil || u.Fragment != "" {
		return nil, fmt.Errorf("%w: the URL is not absolute, https or http, without user and fragment", ErrConfig) // and may be secret
	}
	all, err := keys(c.Secrets)
	switch {
	case err != nil:
		return nil, fmt.Errorf("%w: %w", ErrConfig, err)
	case c.Source == "":
		return nil, fmt.Errorf("%w: %w", ErrConfig, delivery.ErrSource)
	case c.Now == nil:
		return nil, fmt.Errorf("%w: there is no clock: set Now", ErrConfig)
	case c.Timeout < 0:
		return nil, fmt.Errorf("%w: Timeout %v", ErrConfig, c.Timeout)
	}
	e := &Endpoint{url: u.String(), host: u.Host, keys: all, source: c.Source, now: c.Now, timeout: c.Timeout, client: &http.Client{}}
	if e.timeout == 0 {
		e.timeout = defaultTimeout
	}
	if c.Client != nil {
		*e.client = *c.Client
	}
	e.client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return e, nil
}

// ResponseError is an answer other than 2xx.
type ResponseError struct {
	Host   string
	Status int
	Body   string // its beginning, at most 256 bytes
}

// Error names the status.
func (e *ResponseError) Error() string {
	return fmt.Sprintf("webhook: %s answered %d %s: %q", e.Host, e.Status, http.StatusText(e.Status), e.Body)
}

// Handle posts an event: it is a delivery.Handler. Any answer but 2xx is a
// *ResponseError, also a redirect. 410 Gone is permanent; Retry-After of 429 and 503 is
// heeded, as a *delivery.LaterError.
func (e *Endpoint) Handle(ctx context.Context, t storage.Tenant, ev storage.Event) error {
	body, err := delivery.CloudEvent(e.source, t, ev)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, e.timeout)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, e.url, bytes.NewReader(body))
	if err != nil {
		return fmt.Errorf("webhook: %s: %w", e.host, bare(err))
	}
	id, timestamp := ev.ID.String(), strconv.FormatInt(e.now().Unix(), 10)
	signatures := make([]string, len(e.keys))
	for i, key := range e.keys {
		signatures[i] = sign(key, id, timestamp, body)
	}
	req.Header.Set("Content-Type", delivery.CloudEventType)
	req.Header.Set(HeaderID, id)
	req.Header.Set(HeaderTimestamp, timestamp)
	req.Header.Set(HeaderSignature, strings.Join(signatures, " "))
	answer, err := e.client.Do(req)
	if err != nil {
		return fmt.Errorf("webhook: %s: %w", e.host, bare(err))
	}
	defer func() { _ = answer.Body.Close() }() // all that matters was read
	return e.judge(answer)
}

// judge reads an answer.
func (e *Endpoint) judge(answer *http.Response) error {
	kept, readErr := io.ReadAll(io.LimitReader(answer.Body, maxKept))
	if readErr == nil {
		_, _ = io.Copy(io.Discard, io.LimitReader(answer.Body, maxAnswer-maxKept)) // the status is what counts
	}
	if answer.StatusCode/100 == 2 {
		return nil
	}
	err := &ResponseError{Host: e.host, Status: answer.StatusCode, Body: strings.ToValidUTF8(string(kept), "\uFFFD")}
	switch answer.StatusCode {
	case http.StatusGone:
		return delivery.Permanent(err)
	case http.StatusTooManyRequests, http.StatusServiceUnavailable:
		if wait, ok := e.retryAfter(answer.Header.Get("Retry-After")); ok {
			return &delivery.LaterError{After: wait, Err: err}
		}
	}
	return err
}

// maxWait bounds what an endpoint may ask for.
const maxWait = 24 * time.Hour

// retryAfter reads a number of seconds, or a date.
func (e *Endpoint) retryAfter(text string) (time.Duration, bool) {
	if seconds, err := strconv.ParseInt(text, 10, 64); err == nil && seconds >= 0 {
		return time.Duration(min(seconds, int64(maxWait/time.Second))) * time.Second, true
	}
	if at, err := http.ParseTime(text); err == nil {
		return min(max(at.Sub(e.now()), 0), maxWait), true
	}
	return 0, false
}

// bare is an error without the URL, which may be secret.
func bare(err error) error {
	if u, ok := errors.AsType[*url.Error](err); ok {
		return u.Err
	}
	return err
}
