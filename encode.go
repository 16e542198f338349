package oms

import (
	"encoding/json"
	"strconv"

	"github.com/orderkit/oms/inventory"
)

// appendPosted appends the JSON of the event that every command on the ledger tells. It
// is what json.Marshal makes of it, made without reflection.
func appendPosted(to []byte, p *inventory.Posted) []byte {
	to = append(to, `{"posting":"`...)
	to = appendID(to, p.Posting)
	to = append(to, `","reason":`...)
	to = appendText(to, string(p.Reason))
	if p.Document != "" {
		to = append(to, `,"document":`...)
		to = appendText(to, p.Document)
	}
	to = append(to, `,"movements":[`...)
	for i := range p.Movements {
		m := &p.Movements[i]
		if i > 0 {
			to = append(to, ',')
		}
		to = append(to, `{"item":`...)
		to = appendText(to, m.Item)
		if m.Lot != "" {
			to = append(to, `,"lot":`...)
			to = appendText(to, m.Lot)
		}
		to = append(to, `,"from":`...)
		to = appendAccount(to, &m.From)
		to = append(to, `,"to":`...)
		to = appendAccount(to, &m.To)
		to = append(to, `,"qty":`...)
		to = strconv.AppendInt(to, m.Qty, 10)
		to = append(to, '}')
	}
	return append(to, `]}`...)
}

func appendAccount(to []byte, a *inventory.Account) []byte {
	to = append(to, '{')
	if a.Location != "" {
		to = append(to, `"location":`...)
		to = appendText(to, a.Location)
		to = append(to, ',')
	}
	to = append(to, `"state":`...)
	to = appendText(to, a.State.String())
	return append(to, '}')
}

// appendID appends the text of an id.
func appendID(to []byte, id [16]byte) []byte {
	const digits = "0123456789abcdef"
	for i, b := range id {
		if i == 4 || i == 6 || i == 8 || i == 10 {
			to = append(to, '-')
		}
		to = append(to, digits[b>>4], digits[b&15])
	}
	return to
}

// appendText appends a JSON string. Most are plain; the others are left to the standard
// library, so that all look alike.
func appendText(to []byte, s string) []byte {
	for i := range len(s) {
		if c := s[i]; c < ' ' || c > '~' || c == '"' || c == '\\' || c == '<' || c == '>' || c == '&' {
			quoted, err := json.Marshal(s)
			if err != nil {
				return append(to, `""`...) // never: a string always has a JSON
			}
			return append(to, quoted...)
		}
	}
	to = append(to, '"')
	to = append(to, s...)
	return append(to, '"')
}
