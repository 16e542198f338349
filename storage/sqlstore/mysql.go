package sqlstore

import (
	"database/sql"
	"regexp"
	"strings"
)

// MySQL is MariaDB 10.6 or later, or MySQL 8.0.16 or later, by go-sql-driver/mysql.
var MySQL = Dialect{&engine{
	name:  "mysql",
	whole: "SIGNED",
	types: map[string]string{
		"id":        "VARBINARY(512)", // compared and sorted byte by byte, trailing space included
		"text":      "LONGTEXT",
		"real":      "DOUBLE",
		"clustered": mysqlTable,
		"heap":      mysqlTable,
		"partial":   "--",
		"plain":     "",
	},
	update:    sql.LevelRepeatableRead,
	view:      sql.LevelRepeatableRead,
	prepares:  true,
	bytes:     true,
	lock:      " FOR UPDATE",
	index:     forceIndex,
	rows:      64,
	upsert:    onDuplicateKey,
	fault:     mysqlFault,
	migration: marked,
}}

const mysqlTable = " ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin"

// forceIndex makes the planner use an index: for a page in the order of the primary key
// it would rather read all that a tenant has.
func forceIndex(name string) string {
	if strings.HasSuffix(name, "reservations_open") {
		return "" // an index of some rows, which there is none of
	}
	return " FORCE INDEX (" + name + ")"
}

// onDuplicateKey is the upsert of MySQL.
func onDuplicateKey(_, set []string) string {
	var b strings.Builder
	b.WriteString(" ON DUPLICATE KEY UPDATE ")
	for i, c := range set {
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteString(c + " = VALUES(" + c + ")")
	}
	return b.String()
}

// mysqlNumber finds the number of an error in what the driver makes of it:
// "Error 1213 (40001): Deadlock found …".
var mysqlNumber = regexp.MustCompile(`\bError (\d+)(?: \([0-9A-Z]{5}\))?: `)

// mysqlFault knows errors by their number:
// https://mariadb.com/kb/en/mariadb-error-code-reference/.
func mysqlFault(err error) fault {
	found := mysqlNumber.FindStringSubmatch(err.Error())
	if found == nil {
		return otherFault
	}
	switch found[1] {
	case "1213", // deadlock; of a Galera cluster also a lost certification
		"1205",         // lock wait timeout
		"1020",         // the row has changed since it was read
		"9007", "8022": // TiDB: write conflict
		return conflict
	case "1062", "1586": // duplicate key
		return taken
	case "1053", "1317", "1927", "3169", "4031": // shutdown; killed; disconnected
		return otherFault
	}
	return refused
}
