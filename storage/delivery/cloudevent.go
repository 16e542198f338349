package delivery

import (
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/orderkit/oms/storage"
)

// CloudEventType is the media type of what [CloudEvent] writes.
const CloudEventType = "application/cloudevents+json"

// ErrSource is a CloudEvent without a source.
var ErrSource = errors.New("delivery: a CloudEvent needs a source")

// envelope is a CloudEvent of version 1.0 in the JSON event format.
type envelope struct {
	SpecVersion string          `json:"specversion"`
	ID          string          `json:"id"`
	Source      string          `json:"source"`
	Type        string          `json:"type"`
	Subject     string          `json:"subject,omitempty"`
	Time        string          `json:"time,omitempty"`
	ContentType string          `json:"datacontenttype,omitempty"`
	Sequence    string          `json:"sequence"`
	Version     string          `json:"version"`
	Tenant      string          `json:"tenant,omitempty"`
	Actor       string          `json:"actor,omitempty"`
	Data        json.RawMessage `json:"data,omitempty"`
}

// CloudEvent writes an event as a CloudEvent of version 1.0 in structured JSON:
//
//	id       ID of the event; with the source, what to recognize repeats by
//	source   of the host: a URI, or a path, such as "https://shop.example/oms"
//	type     Kind, such as "order.placed"
//	subject  Aggregate, such as "order/0195…"
//	time     At
//	data     Data
//
// and as extensions: sequence, the position in the tenant's log in 19 digits, so that
// it sorts as text; version, of the aggregate; tenant and actor, unless they are empty.
// An event whose data is not JSON matches ErrPermanent.
func CloudEvent(source string, t storage.Tenant, e storage.Event) ([]byte, error) {
	if source == "" {
		return nil, ErrSource
	}
	out := envelope{
		SpecVersion: "1.0", ID: e.ID.String(), Source: source, Type: e.Kind, Subject: e.Aggregate,
		Sequence: fmt.Sprintf("%019d", e.Seq), Version: fmt.Sprint(e.Version), Tenant: string(t), Actor: e.Actor, Data: e.Data,
	}
	if e.Kind == "" {
		return nil, Permanent(fmt.Errorf("delivery: event %s has no kind, which a CloudEvent needs", e.ID))
	}
	if !e.At.IsZero() {
		out.Time = e.At.UTC().Format(time.RFC3339Nano)
	}
	if len(e.Data) > 0 {
		out.ContentType = "application/json"
	}
	text, err := json.Marshal(out)
	if err != nil {
		return nil, Permanent(fmt.Errorf("delivery: event %s: %w", e.ID, err))
	}
	return text, nil
}
