package sqlstore

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
)

type codedError int

func (e codedError) Error() string { return fmt.Sprint("code ", int(e)) }
func (e codedError) Code() int     { return int(e) }

func TestSQLiteErrorsAreKnownByCodeOrByWords(t *testing.T) {
	t.Parallel()
	for want, errs := range map[fault][]error{
		conflict: {
			codedError(5), codedError(6), codedError(5 | 2<<8), fmt.Errorf("wrapped: %w", codedError(517)),
			errors.New("database is locked"), errors.New("database table is locked: oms_orders"),
		},
		taken:      {codedError(2067), codedError(1555), errors.New("UNIQUE constraint failed: oms_orders.tenant, oms_orders.number")},
		refused:    {codedError(1), codedError(13), codedError(19), codedError(275)},
		otherFault: {codedError(10), codedError(266), errors.New("disk I/O error"), errors.New("CHECK constraint failed: free >= 0")},
	} {
		for _, err := range errs {
			require.Equal(t, want, sqliteFault(err), err.Error())
		}
	}
}

type stateError string

func (e stateError) Error() string    { return "state " + string(e) }
func (e stateError) SQLState() string { return string(e) }

func TestErrorsOfServersAreKnown(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		of   func(error) fault
		err  error
		want fault
	}{
		{postgresFault, stateError("40001"), conflict},
		{postgresFault, stateError("40P01"), conflict},
		{postgresFault, fmt.Errorf("wrapped: %w", stateError("55P03")), conflict},
		{postgresFault, stateError("23505"), taken},
		{postgresFault, stateError("23514"), refused},
		{postgresFault, stateError("08006"), otherFault},
		{postgresFault, stateError("40003"), otherFault},
		{postgresFault, stateError("57P01"), otherFault},
		{postgresFault, errors.New("40001"), otherFault},
		{mysqlFault, errors.New("Error 1213 (40001): Deadlock found when trying to get lock"), conflict},
		{mysqlFault, fmt.Errorf("wrapped: %w", errors.New("Error 1205 (HY000): Lock wait timeout exceeded")), conflict},
		{mysqlFault, errors.New("Error 1020: Record has changed since last read in table 'x'"), conflict},
		{mysqlFault, errors.New("Error 1062 (23000): Duplicate entry 'Error 1213 (40001): ' for key 'PRIMARY'"), taken},
		{mysqlFault, errors.New("Error 1146 (42S02): Table 'x.y' doesn't exist"), refused},
		{mysqlFault, errors.New("Error 1053 (08S01): Server shutdown in progress"), otherFault},
		{mysqlFault, errors.New("invalid connection"), otherFault},
	} {
		require.Equal(t, c.want, c.of(c.err), c.err.Error())
	}
}

func TestTextOfAnyLengthIsInColumnsThatHaveRoom(t *testing.T) {
	t.Parallel()
	source, err := migrationFiles.ReadFile("migrations/0001_init.sql")
	require.NoError(t, err)
	var found []string
	for _, m := range regexp.MustCompile(`(?m)^\t(\w+) +\{text\}`).FindAllStringSubmatch(string(source), -1) {
		found = append(found, m[1])
	}
	require.ElementsMatch(t, longText, slices.Compact(slices.Sorted(slices.Values(found))))
	for _, m := range regexp.MustCompile(`(?m)^\t(\w+) +\{id\}`).FindAllStringSubmatch(string(source), -1) {
		require.NotContains(t, longText, m[1])
	}
}

func TestARowBehindAnotherIsFoundWithoutTuples(t *testing.T) {
	t.Parallel()
	condition, args := behind([]string{"a", "b", "c"}, []any{1, 2, 3}, ">")
	require.Equal(t, "a >= ? AND (a > ? OR (b >= ? AND (b > ? OR (c > ?))))", condition)
	require.Equal(t, []any{1, 1, 2, 2, 3}, args)
}

func TestRowsAreInsertedByFewTexts(t *testing.T) {
	t.Parallel()
	sizes := map[int]bool{}
	for n := 1; n < 1000; n++ {
		for left := n; left > 0; {
			size := chunk(left, 64)
			require.LessOrEqual(t, size, left)
			require.Positive(t, size)
			sizes[size] = true
			left -= size
		}
		require.Equal(t, 1, chunk(n, 1))
	}
	require.Len(t, sizes, 11, "1 to 8, 16, 32, 64")
}

func TestListsArePaddedToPowersOfTwo(t *testing.T) {
	t.Parallel()
	x := &texts{engine: SQLite.engine, prefix: "p_"}
	for n, want := range map[int]int{1: 1, 2: 2, 3: 4, 4: 4, 5: 8, 512: 512, 513: 1024} {
		_, size := x.list("SELECT {list}", n)
		require.Equal(t, want, size)
	}
	text, size := x.list("SELECT a FROM {t} WHERE b IN ({list})", 3)
	require.Equal(t, "SELECT a FROM p_t WHERE b IN (?, ?, ?, ?)", text)
	require.Equal(t, []any{"first", "x", "y", "y", "y"}, padded([]any{"first"}, []string{"x", "y"}, size))
}

func TestStatementsAreWrittenForTheEngine(t *testing.T) {
	t.Parallel()
	const source = "SELECT a FROM {orders} o{@orders_state} WHERE tenant = ? AND b IN (?, ?)"
	near, far := &texts{engine: SQLite.engine, prefix: "oms_"}, &texts{engine: Elsewhere.engine}
	require.Equal(t, "SELECT a FROM oms_orders o INDEXED BY oms_orders_state WHERE tenant = ? AND b IN (?, ?)", near.fixed(source))
	require.Equal(t, "SELECT a FROM orders o WHERE tenant = $1 AND b IN ($2, $3)", far.fixed(source))
	again := far.fixed(source)
	require.Equal(t, "SELECT a FROM orders o WHERE tenant = $1 AND b IN ($2, $3)", again, "the text that is kept")
	require.Equal(t, "DELETE FROM oms_order_lines WHERE tenant = ? AND order_id = ? AND line_no = ?", near.update(orderLinesTable, 0))
	require.Equal(t, "INSERT INTO oms_items (tenant, id, sku, name, scale, untracked, backorder, safety, body) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) "+
		"ON CONFLICT (tenant, id) DO UPDATE SET sku = excluded.sku, name = excluded.name, scale = excluded.scale, untracked = excluded.untracked, "+
		"backorder = excluded.backorder, safety = excluded.safety, body = excluded.body", near.upsert(itemsTable))
}
