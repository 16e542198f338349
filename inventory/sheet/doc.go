// Package sheet reads and writes the CSV files that stock comes and goes in: items,
// locations, opening stock, counts, suppliers, their terms, purchase orders.
//
// A [Sheet] is a kind of file. It reads from any io.Reader, row by row, and hands out
// what the ledger's commands take:
//
//	for row, err := range sheet.Items().Read(file, sheet.Options{}) {
//		if err != nil {
//			fmt.Println(err) // line 7, column scale, "x": sheet: value refused: …
//			continue
//		}
//		use(row.Value) // an inventory.Item
//	}
//
// The Engine of the root package runs a whole file, see its Imports.
//
// # What a file looks like
//
// The first line names the columns, in any order; upper and lower case are alike there.
// [Sheet.Columns] lists them. Columns that a sheet does not know are refused, unless
// [Options.Ignore] names them. The delimiter is a comma, a semicolon or a tab, whichever
// gives the names; a byte order mark is skipped. Quotes are those of RFC 4180. Rows whose
// cells are all blank are no rows.
//
// # What is refused
//
// Nothing is coerced. Quantities are whole base units without a sign, a point or a
// separator; amounts of money have a decimal point and no more digits than they may;
// days are 2006-01-02; ids and names are taken exactly as they are. All that is wrong
// with a file is told, each with its line and column as a [*CellError], up to
// [Options.MaxProblems]. A row with a problem is not handed out; those after it are.
//
// # What it costs
//
// A file is never held in memory. Only 16 bytes for each row are, by which rows that
// are there twice are found.
package sheet
