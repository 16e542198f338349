package pgxconn_test

import (
	"context"
	"maps"
	"slices"
	"testing"

	"github.com/jackc/pgx/v5"
)

// groupFloor places orders as floor does, and commits together what waits: one flusher,
// one statement a table, balances summed.
type groupFloor struct {
	*floor

	waiting chan placed
	texts   map[rowsOf]string // of the flusher
}

type placed struct {
	sale

	answer chan error
}

func newGroupFloor(b testing.TB, l load) *groupFloor {
	b.Helper()
	f := &groupFloor{floor: newFloor(b, l), waiting: make(chan placed, 256), texts: map[rowsOf]string{}}
	b.Cleanup(func() { close(f.waiting) })
	go func() {
		for first := range f.waiting {
			all := []placed{first}
			for more := true; more && len(all) < 256; {
				select {
				case next, ok := <-f.waiting:
					if more = ok; ok {
						all = append(all, next)
					}
				default:
					more = false
				}
			}
			err := f.commit(context.Background(), all)
			for _, p := range all {
				p.answer <- err
			}
		}
	}()
	return f
}

func (f *groupFloor) place(ctx context.Context) error {
	p := placed{f.sale(), make(chan error, 1)}
	if err := f.read(ctx, p.items); err != nil {
		return err
	}
	f.waiting <- p
	return <-p.answer
}

func (f *groupFloor) commit(ctx context.Context, all []placed) error {
	at := noon.UnixMicro()
	var commands, orders, lines, holds, movements, events [][]any
	sold := map[string]int{}
	for _, p := range all {
		posting := newID()
		commands = append(commands, []any{"t", "key-" + p.number, "orders.place", "2c26b46b68ffc68f", p.id, at})
		orders = append(orders, orderRow(p.sale))
		for i, item := range p.items {
			sold[item]++
			lines = append(lines, lineRow(p.sale, i, item))
			holds = append(holds, []any{"t", p.id, i + 1, item, "ber", "", 0, 1, 0, 0, 0, 0, 1, nil, 1})
			movements = append(movements, []any{"t", posting, i, "reserve", p.id, "shop", at, item, "", "ber", "free", "ber", "committed", 1})
		}
		for _, kind := range []string{"order.placed", "order.allocated"} {
			events = append(events, []any{"t", "order/" + p.id, 1, newID(), 0, kind, at, "shop", floorData})
		}
	}
	b := &pgx.Batch{}
	b.Queue("begin")
	f.queueRows(b, "oms_commands", commands)
	f.queueRows(b, "oms_orders", orders)
	f.queueRows(b, "oms_order_lines", lines)
	items := slices.Sorted(maps.Keys(sold))
	counts := make([]int, len(items))
	for i, item := range items {
		counts[i] = sold[item]
	}
	b.Queue(`UPDATE oms_stock_balances b SET free = b.free - s.n, committed = b.committed + s.n FROM unnest($1::text[], $2::bigint[]) s (item, n)
		WHERE b.tenant = $3 AND b.item = s.item AND b.location = 'ber' AND b.lot = ''`, items, counts, "t")
	f.queueRows(b, "oms_reservations", holds)
	f.queueRows(b, "oms_stock_movements", movements)
	f.queueRows(b, "oms_events", events)
	b.Queue("commit")
	return f.pool.SendBatch(ctx, b).Close()
}

// queueRows inserts rows by few texts: 64 at a time, and then by powers of two.
func (f *groupFloor) queueRows(b *pgx.Batch, table string, rows [][]any) {
	for n := 64; n > 0; n /= 2 {
		for len(rows) >= n {
			key := rowsOf{table, n}
			if f.texts[key] == "" {
				f.texts[key] = insert(table, len(rows[0]), n)
			}
			b.Queue(f.texts[key], slices.Concat(rows[:n]...)...)
			rows = rows[n:]
		}
	}
}

type rowsOf struct {
	table string
	n     int
}
