package order

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// MaxIDLen is the longest id or name by which something is found again, in bytes: the
// number of an order, its channel, customer, items and cart.
const MaxIDLen = 128

// MaxTextLen is the longest text of any other field, in bytes.
const MaxTextLen = 1 << 16

// bytesProblem says why a text of at most so many bytes is none.
func bytesProblem(s string, most int) string {
	switch {
	case len(s) > most:
		return fmt.Sprintf("has %d bytes; at most %d", len(s), most)
	case !utf8.ValidString(s):
		return fmt.Sprintf("%q is not UTF-8; convert it first", s)
	}
	return ""
}

// textProblem says why a text could not be kept as it is: every database keeps UTF-8,
// and some no NUL.
func textProblem(s string) string {
	if p := bytesProblem(s, MaxTextLen); p != "" {
		return p
	}
	if strings.ContainsRune(s, 0) {
		return fmt.Sprintf("%q has a NUL character", s)
	}
	return ""
}

// idProblem says why something could not be found by an id again. Nothing is trimmed
// or folded.
func idProblem(s string) string {
	switch problem := bytesProblem(s, MaxIDLen); {
	case problem != "":
		return problem
	case strings.TrimSpace(s) != s:
		return fmt.Sprintf("%q has surrounding space", s)
	case strings.ContainsFunc(s, unicode.IsControl):
		return fmt.Sprintf("%q has control characters", s)
	}
	return ""
}

// firstProblem is that of the first text that has one.
func firstProblem(texts ...string) string {
	for _, s := range texts {
		if p := textProblem(s); p != "" {
			return p
		}
	}
	return ""
}

func metadataProblem(m map[string]string) string {
	for k, v := range m {
		if p := firstProblem(k, v); p != "" {
			return p
		}
	}
	return ""
}

// problem says why an address could not be kept.
func (a *Address) problem() string {
	if p := firstProblem(a.Name, a.Company, a.City, a.Region, a.PostalCode, a.Country, a.Phone, a.Email); p != "" {
		return p
	}
	if at := a.At; at != nil && !(at.Lat >= -90 && at.Lat <= 90 && at.Lng >= -180 && at.Lng <= 180) {
		return fmt.Sprintf("is at %v; latitude is -90 to 90, longitude -180 to 180", *at)
	}
	return firstProblem(a.Street...)
}
