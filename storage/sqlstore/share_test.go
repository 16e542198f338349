package sqlstore

import (
	"database/sql"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestSharedRowsAreScannedAsThoseOfADriver(t *testing.T) {
	t.Parallel()
	r := &sharedRows{read: &sharedRead{rows: [][]any{{"a", []byte("b"), nil, int64(4), 1.5}}}}
	require.True(t, r.Next())
	var a, b, null sql.RawBytes = nil, nil, sql.RawBytes("before")
	var n int64
	var real any
	require.NoError(t, r.Scan(&a, &b, &null, &n, &real))
	require.Equal(t, []any{"a", "b", int64(4), 1.5}, []any{string(a), string(b), n, real})
	require.Nil(t, null)
	var cell any
	for at, wrong := range map[int]any{0: &n, 1: &n, 2: &n, 3: &a, 4: &a} {
		into := []any{&cell, &cell, &cell, &cell, &cell}
		require.NoError(t, r.Scan(into...))
		into[at] = wrong
		require.ErrorContains(t, r.Scan(into...), "is scanned into a", "%d", at)
		into[at] = new(string)
		require.ErrorContains(t, r.Scan(into...), "*string", "%d", at)
	}
	require.ErrorContains(t, r.Scan(&cell), "1 cells for 5 columns")
	require.False(t, r.Next())
}
