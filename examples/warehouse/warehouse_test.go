package main

import (
	"bytes"
	"flag"
	"os"
	"testing"

	"github.com/stretchr/testify/require"
)

var update = flag.Bool("update", false, "write the golden file anew")

const golden = "testdata/week.golden"

func TestTheWeeksAreToldAsInTheGoldenFile(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	require.NoError(t, newWarehouse(&out).tell(t.Context()))
	if *update {
		require.NoError(t, os.WriteFile(golden, out.Bytes(), 0o600))
	}
	want, err := os.ReadFile(golden)
	require.NoError(t, err)
	require.Equal(t, string(want), out.String(), "if the change is meant: go test ./examples/warehouse -update, and look at the diff")
	require.Contains(t, out.String(), "amounts: 0 differences")
}
