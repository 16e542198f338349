package sqlstore

import (
	"strconv"
	"time"

	"github.com/orderkit/oms/order"
)

// jsonWriter writes what [parser] reads. Orders are written at every command, so that it
// does not ask by reflection what they are made of. After the first error the rest does
// not matter.
type jsonWriter struct {
	b        []byte
	currency order.Currency
	err      error
}

func (w *jsonWriter) fail(err error) {
	if w.err == nil {
		w.err = err
	}
}

func (w *jsonWriter) object(fields func()) {
	w.b = append(w.b, '{')
	fields()
	w.b = append(w.b, '}')
}

// list writes a field that is a list, unless that is empty.
func list[T any](w *jsonWriter, name string, all []T, one func(*T)) {
	if len(all) == 0 {
		return
	}
	w.name(name)
	w.b = append(w.b, '[')
	for i := range all {
		if i > 0 {
			w.b = append(w.b, ',')
		}
		one(&all[i])
	}
	w.b = append(w.b, ']')
}

// name begins a field.
func (w *jsonWriter) name(name string) {
	if w.b[len(w.b)-1] != '{' {
		w.b = append(w.b, ',')
	}
	w.b = append(w.b, '"')
	w.b = append(w.b, name...)
	w.b = append(w.b, '"', ':')
}

// text writes a field, unless it is empty; always writes it anyhow.
func (w *jsonWriter) text(name, s string) {
	if s != "" {
		w.always(name, s)
	}
}

func (w *jsonWriter) always(name, s string) {
	w.name(name)
	w.string(s)
}

func (w *jsonWriter) flag(name string, f bool) {
	if f {
		w.name(name)
		w.b = append(w.b, "true"...)
	}
}

func (w *jsonWriter) int(name string, n int64) {
	if n != 0 {
		w.name(name)
		w.number(n)
	}
}

func (w *jsonWriter) number(n int64) { w.b = strconv.AppendInt(w.b, n, 10) }

func (w *jsonWriter) time(name string, t time.Time) {
	if !t.IsZero() {
		w.name(name)
		w.number(t.UnixMicro())
	}
}

func (w *jsonWriter) money(name string, m order.Money) {
	w.name(name)
	cell, err := amount(m, w.currency)
	w.fail(err)
	if n, ok := cell.(int64); ok {
		w.number(n)
	} else {
		w.b = append(w.b, "null"...)
	}
}

// string writes text. What is not plain is left to encoding/json.
func (w *jsonWriter) string(s string) {
	for i := range len(s) {
		if c := s[i]; c < ' ' || c >= 0x7f || c == '"' || c == '\\' {
			w.any(s)
			return
		}
	}
	w.b = append(w.b, '"')
	w.b = append(w.b, s...)
	w.b = append(w.b, '"')
}

// any writes what is rare.
func (w *jsonWriter) any(v any) {
	text, err := encode(v)
	w.fail(err)
	w.b = append(w.b, text...)
}
