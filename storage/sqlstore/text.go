package sqlstore

import (
	"cmp"
	"math/bits"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
)

// texts makes the statements of one engine and table prefix. Every statement of the
// package passes through render.
type texts struct {
	engine *engine
	prefix string
	made   sync.Map // of the key of a statement to its text
	count  atomic.Int64
}

// maxTexts bounds the texts that are kept.
const maxTexts = 1024

// fixed gives the text of a statement whose source is a constant.
func (x *texts) fixed(source string) string {
	if text, ok := x.made.Load(source); ok {
		return text.(string) //nolint:forcetypeassert // keep stores strings
	}
	return x.keep(source, source)
}

// listText is the key of a statement with a list of n arguments.
type listText struct {
	source string
	n      int
}

// listsText is the key of a statement with two lists.
type listsText struct {
	listText

	second int
}

// list gives the text of a statement with IN ({list}) in it, and the number of arguments
// to give for that: a power of two that n fits in, so that the texts are few, or 0 for one
// argument that is an array.
func (x *texts) list(source string, n int) (string, int) {
	size := x.listSize(n)
	key := listText{source, size}
	if text, ok := x.made.Load(key); ok {
		return text.(string), size //nolint:forcetypeassert // keep stores strings
	}
	return x.keep(key, listed(source, size)), size
}

// lists is list with a second {list} of m arguments in it.
func (x *texts) lists(source string, n, m int) (text string, first, second int) {
	first, second = x.listSize(n), x.listSize(m)
	key := listsText{listText{source, first}, second}
	if text, ok := x.made.Load(key); ok {
		return text.(string), first, second //nolint:forcetypeassert // keep stores strings
	}
	return x.keep(key, listed(listed(source, first), second)), first, second
}

// listSize is the number of arguments of a list of n.
func (x *texts) listSize(n int) int {
	if x.engine.arrays {
		return 0
	}
	return 1 << bits.Len(uint(n-1))
}

// listed writes the first {list} of a source.
func listed(source string, size int) string {
	if size == 0 {
		return strings.Replace(source, "IN ({list})", "= ANY (?::text[])", 1)
	}
	return strings.Replace(source, "{list}", "?"+strings.Repeat(", ?", size-1), 1)
}

// padded appends values for a {list} of size, the last one repeated.
func padded(args []any, values []string, size int) []any {
	if size == 0 {
		return append(args, array(values))
	}
	for i := range size {
		args = append(args, values[min(i, len(values)-1)])
	}
	return args
}

var arrayEscapes = strings.NewReplacer("\\", `\\`, `"`, `\"`)

// array is an array of text as PostgreSQL reads it, which every driver can send.
func array(values []string) string {
	var b strings.Builder
	sep := `{"`
	for _, v := range values {
		b.WriteString(sep)
		_, _ = arrayEscapes.WriteString(&b, v) // a Builder never fails
		sep = `","`
	}
	return b.String() + `"}`
}

// insertText is the key of an INSERT of n rows.
type insertText struct {
	table *table
	n     int
	brief bool // without arguments for the blanks, and with the tenant once
}

func (x *texts) insert(t *table, n int) string {
	key := insertText{table: t, n: n}
	if text, ok := x.made.Load(key); ok {
		return text.(string) //nolint:forcetypeassert // keep stores strings
	}
	row := "(?" + strings.Repeat(", ?", len(t.columns)-1) + ")"
	return x.keep(key, insertSQL(t, row, row, n))
}

// briefInsert is an INSERT of rows whose blanks are, on an engine whose arguments have
// numbers.
func (x *texts) briefInsert(t *table, n int) string {
	key := insertText{t, n, true}
	if text, ok := x.made.Load(key); ok {
		return text.(string) //nolint:forcetypeassert // keep stores strings
	}
	cells := make([]string, 0, len(t.blanks))
	for _, literal := range t.blanks[1:] {
		cells = append(cells, cmp.Or(literal, "?"))
	}
	row := strings.Join(cells, ", ") + ")"
	return x.keep(key, insertSQL(t, "(?, "+row, "($1, "+row, n))
}

func insertSQL(t *table, first, next string, n int) string {
	return "INSERT INTO {" + t.name + "} (" + strings.Join(t.columns, ", ") + ") VALUES " + first + strings.Repeat(", "+next, n-1)
}

// updateText is the key of an UPDATE of the columns whose bits are set, or of a DELETE
// if none is.
type updateText struct {
	table *table
	mask  uint64
}

// update gives the text that changes some columns of a row: found by its key and,
// where the table has versions, only at the version before.
func (x *texts) update(t *table, mask uint64) string {
	key := updateText{t, mask}
	if text, ok := x.made.Load(key); ok {
		return text.(string) //nolint:forcetypeassert // keep stores strings
	}
	var b strings.Builder
	if mask == 0 {
		b.WriteString("DELETE FROM {" + t.name + "}")
	} else {
		b.WriteString("UPDATE {" + t.name + "} SET ")
	}
	sep := ""
	for i, column := range t.columns {
		if mask&(1<<i) != 0 {
			b.WriteString(sep + column + " = ?")
			sep = ", "
		}
	}
	sep = " WHERE "
	for _, column := range t.columns[:t.keys] {
		b.WriteString(sep + column + " = ?")
		sep = " AND "
	}
	if t.version > 0 && mask != 0 {
		b.WriteString(" AND version = ?")
	}
	return x.keep(key, b.String())
}

// sureText is the key of a statement that fails unless it affects n rows.
type sureText struct {
	text string
	n    int
}

func (x *texts) sure(text string, n int) string {
	key := sureText{text, n}
	if sure, ok := x.made.Load(key); ok {
		return sure.(string) //nolint:forcetypeassert // keep stores strings
	}
	return x.keep(key, x.engine.sure(text, n))
}

// upsertText is the key of an INSERT that replaces the row there is.
type upsertText struct{ table *table }

// upsert gives the INSERT of one row that replaces the one there is.
func (x *texts) upsert(t *table) string {
	key := upsertText{t}
	if text, ok := x.made.Load(key); ok {
		return text.(string) //nolint:forcetypeassert // keep stores strings
	}
	return x.keep(key, "INSERT INTO {"+t.name+"} ("+strings.Join(t.columns, ", ")+") VALUES (?"+strings.Repeat(", ?", len(t.columns)-1)+")"+
		x.engine.upsert(t.columns[:t.keys], t.columns[t.keys:]))
}

func (x *texts) keep(key any, source string) string {
	text := x.render(source)
	if x.count.Add(1) <= maxTexts {
		x.made.Store(key, text)
	}
	return text
}

// render writes a statement for the engine: {orders} becomes the name of the table,
// {@orders_state} the demand to use that index, and ? the engine's placeholder. No
// statement has any of them in a literal.
func (x *texts) render(source string) string {
	var b strings.Builder
	b.Grow(len(source) + 64)
	arg := 0
	for i := 0; i < len(source); i++ {
		switch c := source[i]; {
		case c == '{':
			end := i + strings.IndexByte(source[i:], '}')
			if name := source[i+1 : end]; name[0] != '@' {
				b.WriteString(x.prefix + name)
			} else if x.engine.index != nil {
				b.WriteString(x.engine.index(x.prefix + name[1:]))
			}
			i = end
		case c == '?' && x.engine.numbered:
			arg++
			b.WriteString("$" + strconv.Itoa(arg))
		default:
			b.WriteByte(c)
		}
	}
	return b.String()
}
