package retail_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/orderkit/oms/examples/replay/retail"
)

// FuzzLoad: any bytes either give a plan that keeps every promise, or a typed error.
func FuzzLoad(f *testing.F) {
	for _, pattern := range []string{"*.csv", "*/*.csv"} {
		files, err := filepath.Glob(filepath.Join("testdata", pattern))
		require.NoError(f, err)
		for _, file := range files {
			text, err := os.ReadFile(file)
			require.NoError(f, err)
			f.Add(text)
		}
	}
	f.Add([]byte("\x1f\x8b\x08"))
	f.Add([]byte(ledger("1,10001,x,-9223372036854775808,2021-03-01 09:00:00,0,,")))
	f.Add([]byte(ledger("1,10001,x,4611686018427387904,2021-03-01 09:00:00,0,,", "C1,10001,x,-1,9999-03-01 09:00:00,-0.0001,7,")))
	f.Fuzz(func(t *testing.T, text []byte) {
		year, err := retail.Read(bytes.NewReader(text), "fuzz.csv")
		if err != nil {
			zipped := bytes.HasPrefix(text, []byte("\x1f\x8b"))
			require.True(t, zipped || errors.Is(err, retail.ErrHeader) || errors.Is(err, retail.ErrRow), "untyped error: %v", err)
			require.NotEmpty(t, err.Error())
			return
		}
		requireWhole(t, year)
	})
}
