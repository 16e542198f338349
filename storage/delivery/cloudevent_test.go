package delivery_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/orderkit/oms/storage"
	"github.com/orderkit/oms/storage/delivery"
)

func TestAnEventIsWrittenAsACloudEvent(t *testing.T) {
	t.Parallel()
	id := uuid.MustParse("01955a3c-0000-7000-8000-000000000001")
	for want, e := range map[string]storage.Event{
		`{"specversion":"1.0","id":"01955a3c-0000-7000-8000-000000000001","source":"/s","type":"k","sequence":"0000000000000000000","version":"0"}`: {ID: id, Kind: "k"},
		`{"specversion":"1.0","id":"01955a3c-0000-7000-8000-000000000001","source":"/s","type":"order.placed","subject":"order/1",` +
			`"time":"2026-03-01T12:00:00.000001Z","datacontenttype":"application/json","sequence":"9223372036854775807","version":"3","actor":"Ü","data":{"n":1.10}}`: {
			Seq: 1<<63 - 1, ID: id, Aggregate: "order/1", Version: 3, Kind: "order.placed", Actor: "Ü",
			At: noon.Add(time.Microsecond).In(time.FixedZone("x", 3600)), Data: json.RawMessage(`{"n": 1.10}`),
		},
	} {
		got, err := delivery.CloudEvent("/s", "", e)
		require.NoError(t, err)
		require.Equal(t, want, string(got))
	}
	tenant, err := delivery.CloudEvent("/s", "acme", event("a", 1))
	require.NoError(t, err)
	require.Contains(t, string(tenant), `"tenant":"acme"`)
}

func TestWhatIsNoCloudEventIsRefused(t *testing.T) {
	t.Parallel()
	_, err := delivery.CloudEvent("", "", event("a", 1))
	require.ErrorIs(t, err, delivery.ErrSource)
	require.NotErrorIs(t, err, delivery.ErrPermanent, "the event is not to blame")
	for _, spoil := range []func(*storage.Event){
		func(e *storage.Event) { e.Kind = "" },
		func(e *storage.Event) { e.Data = json.RawMessage("{") },
	} {
		e := event("a", 1)
		spoil(&e)
		_, err := delivery.CloudEvent("/s", "", e)
		require.ErrorIs(t, err, delivery.ErrPermanent)
	}
}
