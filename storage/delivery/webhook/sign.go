package webhook

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// The headers of Standard Webhooks.
const (
	HeaderID        = "webhook-id"
	HeaderTimestamp = "webhook-timestamp"
	HeaderSignature = "webhook-signature"
)

var (
	// ErrSecret is a secret that is not "whsec_" and 24 to 64 bytes in base64.
	ErrSecret = errors.New("webhook: unusable secret")
	// ErrSignature is a request that none of the secrets signed, or that was changed.
	ErrSignature = errors.New("webhook: the signature does not match")
	// ErrTimestamp is a request from too long ago, or from the future: perhaps a replay.
	ErrTimestamp = errors.New("webhook: the timestamp is too far from now")
)

const secretPrefix = "whsec_"

// keys decodes secrets.
func keys(secrets []string) ([][]byte, error) {
	if len(secrets) == 0 {
		return nil, fmt.Errorf("%w: there is none", ErrSecret)
	}
	out := make([][]byte, len(secrets))
	for i, s := range secrets {
		text, ok := strings.CutPrefix(s, secretPrefix)
		key, err := base64.StdEncoding.DecodeString(text)
		if !ok || err != nil || len(key) < 24 || len(key) > 64 {
			return nil, fmt.Errorf("%w: number %d is not %q and 24 to 64 bytes in base64", ErrSecret, i+1, secretPrefix)
		}
		out[i] = key
	}
	return out, nil
}

// sign gives the signature of a request under one key.
func sign(key []byte, id, timestamp string, body []byte) string {
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte(id + "." + timestamp + "."))
	mac.Write(body)
	return "v1," + base64.StdEncoding.EncodeToString(mac.Sum(nil))
}

// Verify checks that the body of a request was signed with one of the secrets, no
// longer than the window before or after now: five minutes is usual. Several secrets
// are for the time while one takes the place of another. The errors are ErrSecret,
// ErrTimestamp and ErrSignature. A request within the window may still be a repeat:
// recognize that by its webhook-id.
func Verify(secrets []string, now time.Time, window time.Duration, h http.Header, body []byte) error {
	all, err := keys(secrets)
	if err != nil {
		return err
	}
	id, timestamp := h.Get(HeaderID), h.Get(HeaderTimestamp)
	seconds, err := strconv.ParseInt(timestamp, 10, 64)
	if err != nil {
		return fmt.Errorf("%w: %q is no number of seconds", ErrTimestamp, timestamp)
	}
	if off := now.Sub(time.Unix(seconds, 0)).Abs(); off > window {
		return fmt.Errorf("%w: it is off by %v, and %v is allowed", ErrTimestamp, off, window)
	}
	for _, key := range all {
		want := []byte(sign(key, id, timestamp, body))
		for given := range strings.FieldsSeq(h.Get(HeaderSignature)) {
			if hmac.Equal([]byte(given), want) {
				return nil
			}
		}
	}
	return ErrSignature
}
