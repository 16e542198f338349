package webhook_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/orderkit/oms/storage/delivery/webhook"
)

// FuzzVerify looks for a request that is taken without the one right signature.
func FuzzVerify(f *testing.F) {
	f.Add("msg_p5jXN8AQM9LWM0D4loKWxJek", "1614265330", specSignature, []byte(`{"test": 2432232314}`))
	f.Add("", "", "", []byte(nil))
	f.Add("a.b", "+1614265330", "v1, v1,==", []byte("."))
	f.Fuzz(func(t *testing.T, id, timestamp, signature string, body []byte) {
		h := http.Header{}
		h.Set(webhook.HeaderID, id)
		h.Set(webhook.HeaderTimestamp, timestamp)
		h.Set(webhook.HeaderSignature, signature)
		known := id == "msg_p5jXN8AQM9LWM0D4loKWxJek" && timestamp == "1614265330" && string(body) == `{"test": 2432232314}`
		if err := webhook.Verify([]string{specSecret}, time.Unix(1614265330, 0), time.Minute, h, body); err == nil && !known {
			t.Fatalf("%q %q %q %q is taken", id, timestamp, signature, body)
		}
	})
}
