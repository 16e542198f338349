package pgxconn_test

import (
	"encoding/binary"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/orderkit/oms"
	"github.com/orderkit/oms/internal/benchfloor"
	"github.com/orderkit/oms/storage/pgxconn"
)

// BenchmarkAvailabilityOf asks for 1,000 items at 500 locations, of which a location got
// everything at a time. The floor reads the balances by hand, in the order in which they lie,
// from the bytes of the connection into a table.
func BenchmarkAvailabilityOf(b *testing.B) {
	pool := newPool(b, load{1, 2})
	var items, locations []string
	for i := range 1000 {
		items = append(items, fmt.Sprintf("many-%04d", i))
	}
	for j := range 500 {
		locations = append(locations, fmt.Sprintf("place-%03d", j))
	}
	for _, text := range []string{
		`INSERT INTO oms_items SELECT 't', 'many-' || lpad(n::text, 4, '0'), 'sku', 'An item', 0, 0, 0, 2 FROM generate_series(0, 999) n`,
		`INSERT INTO oms_locations SELECT 't', 'place-' || lpad(n::text, 3, '0'), 'A shop', 0, NULL, NULL, 'DE', 0 FROM generate_series(0, 499) n`,
		`INSERT INTO oms_stock_balances SELECT 't', 'many-' || lpad(i::text, 4, '0'), 'place-' || lpad(j::text, 3, '0'), '', 1000 + i + j, 0, 0, 0, 0, 0, 0, 0
			FROM generate_series(0, 499) j, generate_series(0, 999) i ORDER BY j, i`,
		`VACUUM ANALYZE`,
	} {
		_, err := pool.Exec(b.Context(), text)
		require.NoError(b, err)
	}
	store, err := pgxconn.Open(pool)
	require.NoError(b, err)
	kit := oms.New(store).Tenant("t")
	row, column := map[string]int{}, map[string]int{}
	for i, item := range items {
		row[item] = i
	}
	for j, l := range locations {
		column[l] = j
	}
	byHand := func() [][]int64 {
		out := make([][]int64, len(items))
		for i := range out {
			out[i] = make([]int64, len(locations))
		}
		rows, err := pool.Query(b.Context(), `SELECT item, location, free FROM oms_stock_balances WHERE tenant = $1 AND (item = $2 OR item = ANY ($3))`, "t", items[0], items)
		require.NoError(b, err)
		defer rows.Close()
		for rows.Next() {
			cells := rows.RawValues()
			out[row[string(cells[0])]][column[string(cells[1])]] = max(0, int64(binary.BigEndian.Uint64(cells[2]))-2) //nolint:gosec // it was one
		}
		require.NoError(b, rows.Err())
		return out
	}
	got, err := kit.Stock.AvailabilityOf(b.Context(), items, locations...)
	require.NoError(b, err)
	require.Equal(b, byHand(), got)
	for _, of := range []struct {
		name      string
		locations []string
	}{{"everywhere", locations}, {"summed", nil}, {"at three", locations[100:103]}} {
		b.Run(of.name, func(b *testing.B) {
			benchfloor.Turns{
				Round: 1,
				Ours: func(int) error {
					_, err := kit.Stock.AvailabilityOf(b.Context(), items, of.locations...)
					return err
				},
				Floor: func(int) error { byHand(); return nil },
			}.Run(b)
		})
	}
}
