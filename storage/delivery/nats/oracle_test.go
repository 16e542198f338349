package nats_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"
	"github.com/stretchr/testify/require"

	"github.com/orderkit/oms/storage/delivery/webhook"
)

// The library of Standard Webhooks and package webhook agree, in both directions. The
// test stands here because the root module does without that library.
func TestStandardWebhooksAndWeAgree(t *testing.T) {
	t.Parallel()
	const secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
	theirs, err := standardwebhooks.NewWebhook(secret)
	require.NoError(t, err)
	posted := 0
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err == nil {
			err = theirs.Verify(body, r.Header)
		}
		if err != nil {
			http.Error(w, err.Error(), http.StatusUnauthorized)
			return
		}
		posted++
	}))
	defer s.Close()
	other := "whsec_" + secret[10:] + "AAAA"
	for _, secrets := range [][]string{{secret}, {other, secret}, {secret, other}} {
		e, err := webhook.New(webhook.Config{URL: s.URL, Secrets: secrets, Source: "/s", Now: time.Now})
		require.NoError(t, err)
		require.NoError(t, e.Handle(t.Context(), "acme", event("order/1", 1)))
	}
	require.Equal(t, 3, posted)

	body, now := []byte(`{"test": 2432232314}`), time.Unix(1614265330, 0)
	signature, err := theirs.Sign("msg_1", now, body)
	require.NoError(t, err)
	h := http.Header{}
	h.Set(webhook.HeaderID, "msg_1")
	h.Set(webhook.HeaderTimestamp, "1614265330")
	h.Set(webhook.HeaderSignature, signature)
	require.NoError(t, webhook.Verify([]string{other, secret}, now, time.Minute, h, body))
	require.ErrorIs(t, webhook.Verify([]string{other}, now, time.Minute, h, body), webhook.ErrSignature)
}
