package sqlstore_test

import (
	"context"
	"database/sql"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/orderkit/oms"
	"github.com/orderkit/oms/internal/engines"
	"github.com/orderkit/oms/inventory"
	"github.com/orderkit/oms/storage/sqlstore"
)

// longLog fills a database with movements, one a second: every tenth is of one hot item,
// the others are of 901.
func longLog(b *testing.B, db *sql.DB, n int) {
	b.Helper()
	for _, text := range []string{
		fmt.Sprintf(`INSERT INTO oms_stock_movements (tenant, posting, n, reason, document, actor, at, item, lot, from_location, from_state, to_location, to_state, qty)
			SELECT 't', '01900000-0000-7000-8000-' || lpad(to_hex(i), 12, '0'), 0, CASE i / 10 %% 2 WHEN 0 THEN 'receipt' ELSE 'ship' END, '', '', %d + i * 1000000,
				CASE i %% 10 WHEN 0 THEN 'hot' ELSE 'item-' || (i * 7919 %% 901) END, '',
				CASE i / 10 %% 2 WHEN 0 THEN '' ELSE 'ber' END, CASE i / 10 %% 2 WHEN 0 THEN 'supplier' ELSE 'free' END,
				CASE i / 10 %% 2 WHEN 0 THEN 'ber' ELSE '' END, CASE i / 10 %% 2 WHEN 0 THEN 'free' ELSE 'customer' END, 2 - i / 10 %% 2
			FROM generate_series(0::bigint, %d) i`, noon.UnixMicro(), n-1),
		`INSERT INTO oms_items (tenant, id, sku, name, scale, untracked, backorder, safety) SELECT DISTINCT 't', item, '', '', 0, 0, 0, 0 FROM oms_stock_movements`,
		`INSERT INTO oms_locations (tenant, id, name, priority, country, inactive) VALUES ('t', 'ber', '', 0, '', 0)`,
		`INSERT INTO oms_stock_balances (tenant, item, location, lot, free, soft, committed, picked, packed, qc, damaged, held)
			SELECT 't', item, 'ber', '', SUM(CASE to_state WHEN 'free' THEN qty ELSE -qty END), 0, 0, 0, 0, 0, 0, 0 FROM oms_stock_movements GROUP BY item`,
		`VACUUM ANALYZE oms_stock_movements`,
	} {
		_, err := db.ExecContext(context.Background(), text)
		require.NoError(b, err)
	}
}

// BenchmarkStockAt asks for the stock of an item as of random moments, over a log of ten
// million movements of which a million are of the item. The floor is the two indexed
// queries that this takes, by hand.
func BenchmarkStockAt(b *testing.B) {
	n := 10_000_000
	if testing.Short() {
		n = 100_000
	}
	db := engines.Postgres(b).Open(b)
	require.NoError(b, sqlstore.Migrate(context.Background(), db, sqlstore.Postgres))
	store, err := sqlstore.Open(db, sqlstore.Postgres)
	require.NoError(b, err)
	longLog(b, db, n)
	end := noon.Add(time.Duration(n) * time.Second)
	kit := oms.New(store, oms.WithClock(func() time.Time { return end.Add(2 * time.Hour) })).Tenant("t")
	began := time.Now()
	for _, item := range []string{"hot", "item-7"} {
		added, err := kit.Stock.Checkpoint(context.Background(), item, inventory.Pace{})
		require.NoError(b, err)
		b.Logf("%d checkpoints of %s", added, item)
	}
	b.Logf("made in %v", time.Since(began).Round(time.Millisecond))
	checkpoint, err := db.Prepare(`SELECT ord, body FROM oms_documents WHERE tenant = 't' AND kind = 'stock_checkpoint' AND parent = $1 AND ord <= $2 ORDER BY ord DESC LIMIT 1`)
	require.NoError(b, err)
	sum, err := db.Prepare(`SELECT lot, from_location, from_state, to_location, to_state, SUM(qty)::bigint FROM oms_stock_movements
		WHERE tenant = 't' AND item = $1 AND at > $2 AND at <= $3 GROUP BY lot, from_location, from_state, to_location, to_state`)
	require.NoError(b, err)
	floor := func(item string, t time.Time) {
		var from int64
		var body string
		if err := checkpoint.QueryRow(item, t.UnixMicro()).Scan(&from, &body); err != nil {
			require.ErrorIs(b, err, sql.ErrNoRows)
		}
		rows, err := sum.Query(item, from, t.UnixMicro())
		require.NoError(b, err)
		for rows.Next() {
			var cells [5]string
			var qty int64
			require.NoError(b, rows.Scan(&cells[0], &cells[1], &cells[2], &cells[3], &cells[4], &qty))
		}
		require.NoError(b, rows.Err())
	}
	for _, item := range []string{"hot", "item-7"} {
		b.Run(fmt.Sprintf("movements=%d/%s", n, item), func(b *testing.B) {
			r := rand.New(rand.NewPCG(1, 2))
			var ours, hand []time.Duration
			for range b.N {
				t := noon.Add(time.Duration(r.Int64N(int64(end.Sub(noon)))))
				start := time.Now()
				_, err := kit.Stock.At(context.Background(), item, t)
				ours = append(ours, time.Since(start))
				require.NoError(b, err)
				start = time.Now()
				floor(item, t)
				hand = append(hand, time.Since(start))
			}
			slices.Sort(ours)
			slices.Sort(hand)
			b.ReportMetric(0, "ns/op")
			b.ReportMetric(float64(ours[len(ours)/2].Microseconds()), "p50-µs")
			b.ReportMetric(float64(ours[len(ours)*99/100].Microseconds()), "p99-µs")
			b.ReportMetric(float64(hand[len(hand)/2].Microseconds()), "floor-p50-µs")
			b.ReportMetric(float64(hand[len(hand)*99/100].Microseconds()), "floor-p99-µs")
			b.ReportMetric(float64(ours[len(ours)/2])/float64(hand[len(hand)/2]), "ratio")
		})
	}
}
