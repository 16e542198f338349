package peercases_test

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"
)

// variants are questions of the same kinds that no file asks, with answers that were reckoned by hand. A
// verdict says what has to come of each: to agree, if it says nothing.
//
//go:embed testdata/variants.json
var variants []byte

// TestMappersReadTheKindAndNotTheFile: a mapper must be right about the numbers of any case of its kind.
func TestMappersReadTheKindAndNotTheFile(t *testing.T) {
	t.Parallel()
	var cases []struct {
		peerCase
		File    string
		Verdict string
	}
	dec := json.NewDecoder(bytes.NewReader(variants))
	dec.DisallowUnknownFields()
	require.NoError(t, dec.Decode(&cases))
	asked := map[string]bool{}
	for i := range cases {
		x := &cases[i]
		t.Run(x.ID, func(t *testing.T) {
			x.t, x.file = t, x.File
			if x.Verdict == "" {
				x.Verdict = "agree"
			}
			require.Equal(t, x.Verdict, x.judge())
		})
		asked[x.Kind] = true
	}
	for kind := range stock {
		require.True(t, asked[kind], "no variant of %s", kind)
	}
}
