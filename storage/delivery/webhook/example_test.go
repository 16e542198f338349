package webhook_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"time"

	"github.com/google/uuid"

	"github.com/orderkit/oms/storage"
	"github.com/orderkit/oms/storage/delivery"
	"github.com/orderkit/oms/storage/delivery/webhook"
	"github.com/orderkit/oms/storage/memory"
)

const secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"

// A webhook is the handler of a consumer; the other side verifies what it gets.
func Example() {
	erp := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(http.MaxBytesReader(w, r.Body, 1<<20))
		if err := webhook.Verify([]string{secret}, time.Now(), 5*time.Minute, r.Header, body); err != nil {
			http.Error(w, err.Error(), http.StatusUnauthorized)
			return
		}
		var got struct{ Type, Subject string }
		_ = json.Unmarshal(body, &got)
		fmt.Println(got.Type, got.Subject)
	}))
	defer erp.Close()

	ctx, store := context.Background(), memory.New()
	_ = store.Update(ctx, "", func(ctx context.Context, tx storage.Tx) error {
		return tx.Events().Append(ctx, []storage.Event{{ID: uuid.New(), Aggregate: "order/1", Version: 1, Kind: "order.placed", At: time.Now()}})
	})
	endpoint, err := webhook.New(webhook.Config{URL: erp.URL, Secrets: []string{secret}, Source: "https://shop.example/oms", Now: time.Now})
	if err != nil {
		fmt.Println(err)
		return
	}
	hooks, err := delivery.New(delivery.Config{Store: store, Name: "erp", Now: time.Now, Handler: endpoint.Handle})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(hooks.Drain(ctx)) // a server runs delivery.Run(ctx, hooks)
	// Output:
	// order.placed order/1
	// 1 <nil>
}
