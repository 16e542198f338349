package sqlstore_test

import (
	"errors"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/orderkit/oms/storage/sqlstore"
)

// The engines of many machines, and the dialect that each understands.
const (
	citus     = "Citus"
	cockroach = "CockroachDB"
	yugabyte  = "YugabyteDB"
	tidb      = "TiDB"
	vitess    = "Vitess"
	galera    = "Galera"
)

var speaks = map[string]sqlstore.Dialect{
	citus: sqlstore.Postgres, cockroach: sqlstore.Postgres, yugabyte: sqlstore.Postgres,
	tidb: sqlstore.MySQL, vitess: sqlstore.MySQL, galera: sqlstore.MySQL,
}

var everyEngine = []string{citus, cockroach, yugabyte, tidb, vitess, galera}

// rule is what an engine asks of the statements and tables of a program.
type rule struct {
	name   string
	on     []string
	why    string // what the engine's documentation says, in short
	breaks func(statement string) bool
	bad    []string // statements that break it
}

// has finds what no statement may have. None of the library's own names and literals is
// such a word.
func has(pattern string) func(string) bool {
	return regexp.MustCompile(`(?i)` + pattern).MatchString
}

var (
	keyLists     = regexp.MustCompile(`(?:PRIMARY KEY|UNIQUE|(?:INDEX|KEY) \w+ ON \w+) ?\(([^)]*)\)`)
	primaryKey   = regexp.MustCompile(`PRIMARY KEY \(([^)]*)\)`)
	upsertKey    = regexp.MustCompile(`ON CONFLICT(?: \(([^)]*)\))?`)
	writes       = regexp.MustCompile(`\b(?:INSERT INTO|UPDATE|DELETE FROM) oms_`)
	joins        = regexp.MustCompile(`\bJOIN oms_`)
	calls        = regexp.MustCompile(`\b([A-Za-z_]\w*)\(`)
	target       = regexp.MustCompile(`(?:^UPDATE|^DELETE FROM|\bFROM) (oms_\w+)`)
	tenantColumn = regexp.MustCompile(`\( ?tenant [^,]*\bNOT NULL[,)]`)
	sameTenant   = regexp.MustCompile(` ON \w+\.tenant = \w+\.tenant\b`)
	created      = regexp.MustCompile(`^CREATE TABLE (\w+) \(`)
)

func unlessTenantFirst(keys [][]string) bool {
	return slices.ContainsFunc(keys, func(found []string) bool { return strings.Split(found[1], ", ")[0] != "tenant" })
}

// byKey tells whether a statement names one row of its table: all columns of the
// primary key are compared with an argument, and nothing is an alternative.
func byKey(s string) bool {
	found := target.FindStringSubmatch(s)
	if found == nil {
		return false
	}
	_, where, _ := strings.Cut(s, " WHERE ")
	value := `(?:\?|\$\d+)`
	if ofValues.MatchString(s) {
		value = `(?:\$\d+|m\.\w+)`
	}
	return !strings.Contains(where, " OR ") && !slices.ContainsFunc(primaryKeys()[found[1]], func(column string) bool {
		return !regexp.MustCompile(`(?:^| AND )(?:b\.)?` + column + ` = ` + value + `(?: |$)`).MatchString(where)
	})
}

// ofValues is a change of several rows of one tenant, each by its primary key, which
// brings its keys and values with it and reads no other table.
var ofValues = regexp.MustCompile(`^UPDATE oms_\w+ b SET .* FROM \(VALUES [^)]*\)(?:, \([^)]*\))*\) m \([\w, ]+\) WHERE b\.tenant = \$\d+ AND `)

// schemaOf are the statements of all versions of the schema.
func schemaOf(d sqlstore.Dialect) []string {
	var all []string
	for version := 1; ; version++ {
		text, err := sqlstore.SQL(version, d)
		if errors.Is(err, sqlstore.ErrVersion) {
			return all
		}
		if err != nil {
			panic(err)
		}
		all = append(all, split(text)...)
	}
}

// primaryKeys are the columns of the primary keys of the library's tables.
func primaryKeys() map[string][]string {
	keys := map[string][]string{}
	for _, s := range schemaOf(sqlstore.Postgres) {
		if table := created.FindStringSubmatch(s); table != nil {
			keys[table[1]] = strings.Split(primaryKey.FindStringSubmatch(s)[1], ", ")
		}
	}
	return keys
}

var rules = []rule{
	{
		"a table has a primary key", everyEngine,
		"Galera: all tables should have a primary key, deletes are unsupported without one; TiDB, CockroachDB: rows without one get a hidden, hot one",
		func(s string) bool { return created.MatchString(s) && !primaryKey.MatchString(s) },
		[]string{"CREATE TABLE oms_x (tenant TEXT NOT NULL, id TEXT NOT NULL)"},
	},
	{
		"every key and index begins with the tenant", everyEngine,
		"Citus: cannot create a PRIMARY KEY or UNIQUE constraint that does not include the distribution column; Vitess: uniqueness holds in a shard only; " +
			"CockroachDB, YugabyteDB and TiDB split tables by the beginning of keys",
		func(s string) bool { return unlessTenantFirst(keyLists.FindAllStringSubmatch(s, -1)) },
		[]string{
			"CREATE TABLE oms_x (tenant TEXT NOT NULL, id TEXT NOT NULL, PRIMARY KEY (id, tenant))", "CREATE TABLE oms_x (tenant TEXT NOT NULL, id TEXT, UNIQUE (id), PRIMARY KEY (tenant))",
			"CREATE UNIQUE INDEX oms_x_id ON oms_x (id)", "CREATE INDEX oms_x_id ON oms_x (id, tenant)",
		},
	},
	{
		"a table has a tenant, which is not NULL", everyEngine,
		"Citus: cannot perform an INSERT with NULL in the partition column; Vitess: the vindex column has to have a value",
		func(s string) bool { return created.MatchString(s) && !tenantColumn.MatchString(s) },
		[]string{"CREATE TABLE oms_x (id TEXT NOT NULL, PRIMARY KEY (id))", "CREATE TABLE oms_x (tenant TEXT, PRIMARY KEY (tenant))", "CREATE TABLE oms_x (tenant TEXT NULL, PRIMARY KEY (tenant))"},
	},
	{
		"no generated numbers", everyEngine,
		"CockroachDB: sequences and serial keys make hot ranges; TiDB: AUTO_INCREMENT makes a hot region and is unique, not ascending; Vitess: sequences are tables of another keyspace; Galera: numbers have gaps",
		has(`\b(SERIAL|BIGSERIAL|SEQUENCE|IDENTITY|nextval|AUTO_INCREMENT|AUTO_RANDOM|LAST_INSERT_ID|GENERATED)\b`),
		[]string{"CREATE TABLE oms_x (tenant TEXT NOT NULL, id BIGSERIAL)", "CREATE TABLE oms_x (tenant BIGINT NOT NULL, id BIGINT AUTO_INCREMENT)", "SELECT nextval('oms_x_seq')", "CREATE SEQUENCE oms_x_seq"},
	},
	{
		"no references, hence no cascades", everyEngine,
		"Citus: foreign keys only between co-located tables; Vitess: none across shards; TiDB: since 8.5 only",
		has(`\b(REFERENCES|FOREIGN KEY|CASCADE)\b`),
		[]string{"CREATE TABLE oms_x (tenant TEXT NOT NULL REFERENCES oms_y)", "ALTER TABLE oms_x ADD FOREIGN KEY (tenant, id)"},
	},
	{
		"no deferred checks", everyEngine,
		"CockroachDB, TiDB, Vitess: not there",
		has(`\b(DEFERRABLE|DEFERRED|SET CONSTRAINTS)\b`),
		[]string{"CREATE TABLE oms_x (tenant TEXT NOT NULL, UNIQUE (tenant) DEFERRABLE)"},
	},
	{
		"no programs in the database", everyEngine,
		"TiDB: stored procedures, triggers and events are unsupported; Citus: triggers on distributed tables are unsupported; Vitess: neither",
		has(`\b(TRIGGER|PROCEDURE|FUNCTION|EVENT|RULE|EXTENSION|CALL)\b|^DO \$`),
		[]string{"CREATE TRIGGER oms_t AFTER INSERT ON oms_x", "CALL oms_f()", "CREATE FUNCTION oms_f() RETURNS INT", "CREATE EXTENSION citext"},
	},
	{
		"no named locks and no locked tables", everyEngine,
		"Galera: LOCK TABLES and GET_LOCK are unsupported, they hold on one node only; CockroachDB: advisory locks do nothing; YugabyteDB: LOCK TABLE and advisory locks are new",
		has(`\b(pg_(try_)?advisory\w*|GET_LOCK|RELEASE_LOCK|IS_FREE_LOCK|LOCK TABLES?|UNLOCK TABLES)\b`),
		[]string{"SELECT pg_advisory_xact_lock(1)", "SELECT GET_LOCK(?, ?)", "LOCK TABLE oms_x IN SHARE ROW EXCLUSIVE MODE", "LOCK TABLES oms_x WRITE"},
	},
	{
		"nobody listens", everyEngine,
		"CockroachDB, YugabyteDB: LISTEN and NOTIFY are missing or new; Citus: they are of one node",
		has(`^(LISTEN|UNLISTEN|NOTIFY)\b|\bpg_notify\b`),
		[]string{"LISTEN oms", "SELECT pg_notify($1, $2)"},
	},
	{
		"nothing relies on rows that are skipped", everyEngine,
		"TiDB: SKIP LOCKED is not supported; Galera: locks of other nodes are not seen; Vitess: passed on, per shard",
		has(`\b(SKIP LOCKED|NOWAIT)\b`),
		[]string{"SELECT id FROM oms_x WHERE tenant = ? FOR UPDATE SKIP LOCKED"},
	},
	{
		"a lock is on one row, by its primary key", everyEngine,
		"Citus: FOR UPDATE only with an equality filter on the distribution column; Galera: row locks hold on one node and lose to certification; TiDB, CockroachDB lock every row that is read",
		func(s string) bool { return has(`\bFOR (UPDATE|SHARE|NO KEY)|LOCK IN SHARE MODE`)(s) && !byKey(s) },
		[]string{
			"SELECT id FROM oms_orders WHERE tenant = ? FOR UPDATE", "SELECT id FROM oms_orders WHERE tenant = ? AND id IN (?, ?) FOR UPDATE",
			"SELECT id FROM oms_orders WHERE tenant = $1 OR id = $2 FOR SHARE", "SELECT 1 FOR UPDATE",
		},
	},
	{
		"every table is narrowed to a tenant", everyEngine,
		"Citus: routed to one node by a filter on the distribution column; Vitess: without the vindex column a query scatters",
		func(s string) bool { return !ddl(s) && lint(s) != "" },
		[]string{"SELECT id FROM oms_orders WHERE id = ?", "DELETE FROM oms_orders", "INSERT INTO oms_feeds (last, tenant) VALUES (?, ?)"},
	},
	{
		"tables are joined on the tenant", []string{citus, vitess, cockroach, yugabyte, tidb},
		"Citus: complex joins only between co-located tables, on the distribution column; Vitess: others are made row by row in the router",
		func(s string) bool {
			return len(joins.FindAllString(s, -1)) > len(sameTenant.FindAllString(s, -1))
		},
		[]string{"SELECT o.id FROM oms_orders o JOIN oms_order_lines l ON l.order_id = o.id WHERE o.tenant = ? AND l.tenant = ?"},
	},
	{
		"joins are inner or left ones", []string{citus, vitess, tidb},
		"TiDB: no FULL JOIN, LATERAL as of 8.x; Vitess: the router refuses some",
		has(`\b(FULL|RIGHT|LATERAL|NATURAL|CROSS)\b`),
		[]string{"SELECT 1 FROM oms_orders o FULL JOIN oms_orders p ON p.tenant = o.tenant WHERE o.tenant = ?"},
	},
	{
		"a statement writes to one table and reads no other", everyEngine,
		"Citus: data-modifying CTEs and UPDATE … FROM only in one shard, where values are no table; Vitess: multi-table writes are unsupported; CockroachDB: two writes to one table in a statement are refused",
		func(s string) bool {
			return len(writes.FindAllString(s, -1)) > 1 || !ofValues.MatchString(s) && has(`^WITH\b|^(INSERT|UPDATE|DELETE FROM) .*\b(SELECT|FROM|JOIN|USING)\b`)(s)
		},
		[]string{
			"WITH a AS (DELETE FROM oms_x WHERE tenant = ? RETURNING id) INSERT INTO oms_y SELECT * FROM a", "UPDATE oms_x SET a = v.a FROM (VALUES ($1)) v WHERE tenant = $2",
			"WITH done AS (UPDATE oms_x SET a = $1 FROM oms_y WHERE tenant = $2 AND id = $3 RETURNING 1) SELECT 1 / (count(*) = 1)::int FROM done",
			"INSERT INTO oms_x (tenant, id) SELECT tenant, id FROM oms_y WHERE tenant = ?", "DELETE FROM oms_x USING oms_y WHERE oms_x.tenant = ?",
		},
	},
	{
		"a change is of one row, by its primary key", everyEngine,
		"its guard is in the statement, so that it needs no lock before it; Citus, Vitess: one shard; Galera, TiDB: small write sets",
		func(s string) bool { return has(`^(UPDATE|DELETE)\b`)(s) && !byKey(s) },
		[]string{"DELETE FROM oms_order_lines WHERE tenant = ? AND order_id = ?", "UPDATE oms_orders SET state = ? WHERE tenant = $1 AND id IN ($2)", "UPDATE oms_feeds SET last = ? WHERE tenant = ? OR last = ?", "DELETE FROM oms_orders WHERE tenant = ? AND id > ?"},
	},
	{
		"a row stays with its tenant and keeps its key", everyEngine,
		"Citus: modifying the partition value of rows is not allowed; Vitess: primary vindex columns cannot be changed; CockroachDB, TiDB: a changed key is a delete and an insert",
		func(s string) bool {
			_, set, ok := strings.Cut(s, " SET ")
			if !ok || ddl(s) {
				return false
			}
			set, _, _ = strings.Cut(set, " WHERE ")
			table := regexp.MustCompile(`oms_\w+`).FindString(s)
			return slices.ContainsFunc(primaryKeys()[table], func(c string) bool { return has(`(^|, )` + c + ` = `)(set) })
		},
		[]string{"UPDATE oms_orders SET tenant = ? WHERE tenant = ? AND id = ?", "UPDATE oms_events SET seq = ?, version = ? WHERE tenant = ? AND aggregate = ? AND version = ? AND id = ?"},
	},
	{
		"an upsert goes by the primary key", []string{citus, cockroach, yugabyte},
		"Citus: the target of ON CONFLICT has to include the distribution column; CockroachDB: DO UPDATE needs a target",
		func(s string) bool { return unlessTenantFirst(upsertKey.FindAllStringSubmatch(s, -1)) },
		[]string{"INSERT INTO oms_items (tenant, id) VALUES ($1, $2) ON CONFLICT (id) DO UPDATE SET sku = excluded.sku", "INSERT INTO oms_items (tenant, id) VALUES ($1, $2) ON CONFLICT DO NOTHING"},
	},
	{
		"no function but VALUES of an upsert and sums", everyEngine,
		"Citus: functions in UPDATE must not be volatile; Galera: what differs between nodes; engines differ in which they have",
		func(s string) bool {
			return !ddl(s) && slices.ContainsFunc(calls.FindAllStringSubmatch(s, -1), func(found []string) bool {
				return !slices.Contains([]string{"VALUES", "CAST", "SUM", "COUNT"}, found[1])
			})
		},
		[]string{"UPDATE oms_feeds SET last = random() WHERE tenant = $1", "SELECT now()", "SELECT unnest($1) FROM oms_feeds WHERE tenant = $2"},
	},
	{
		"statements return what a SELECT reads", []string{tidb, vitess, galera},
		"TiDB, Vitess and MySQL: no RETURNING",
		has(`\bRETURNING\b`),
		[]string{"INSERT INTO oms_feeds (tenant, last) VALUES (?, ?) RETURNING last"},
	},
	{
		"commands do not change the schema or the connection", everyEngine,
		"CockroachDB: no schema change in transactions of data; TiDB, Galera: it commits them; Vitess: settings reserve a connection; Citus: not inside transactions of several nodes",
		has(`^(ALTER|DROP|TRUNCATE|ANALYZE|SET|RESET|DISCARD|XA|PREPARE|DECLARE|COPY|LOAD)\b|\b(TEMP|TEMPORARY|UNLOGGED)\b`),
		[]string{"SET SESSION sql_mode = ''", "TRUNCATE oms_x", "CREATE TEMPORARY TABLE x (a INT)", "XA START 'x'", "ALTER TABLE oms_x ADD b INT"},
	},
	{
		"columns have no collation", []string{cockroach},
		"CockroachDB: COLLATE \"C\" is refused in a column; strings are compared byte by byte as they are",
		has(`\bCOLLATE\b`),
		[]string{`CREATE TABLE oms_x (tenant TEXT COLLATE "C" NOT NULL, PRIMARY KEY (tenant))`},
	},
	{
		"nothing of the engine below", everyEngine,
		"partitions, tablespaces, inheritance and kinds of indexes are each engine's own",
		has(`\b(PARTITION|TABLESPACE|INHERITS|FULLTEXT|SPATIAL|EXCLUDE|USING)\b`),
		[]string{"CREATE TABLE oms_x (tenant TEXT) PARTITION BY HASH (tenant)", "CREATE INDEX oms_x_a ON oms_x USING GIN (a)"},
	},
}

func ddl(s string) bool { return strings.HasPrefix(s, "CREATE ") }

// added is a column that a version of the schema adds to a table: it may be NULL and has no default, so that no row is
// written for it. Each engine takes that as a change of the schema alone.
var added = regexp.MustCompile(`^ALTER TABLE oms_\w+ ADD COLUMN \w+ (TEXT|LONGTEXT|BIGINT)$`)

// certain is a change that fails unless it is made, so that a commit can travel behind it.
// The engines of the PostgreSQL dialect take a change in a CTE if it is the only one, of one
// table and, for Citus, in one shard: by the rules for what is in it. They count alike, and
// all of them fail to divide by zero.
var certain = regexp.MustCompile(`^WITH done AS \(((?:UPDATE|DELETE) .*) RETURNING 1\) SELECT 1 / \(count\(\*\) = \d+\)::int FROM done$`)

// replaced is an index that a version of the schema takes away because it has made a better one. Every engine can, by
// the words of its dialect.
var replaced = regexp.MustCompile(`^DROP INDEX oms_\w+( ON oms_\w+)?$`)

// broken lists the rules of an engine that a statement breaks.
func broken(engine, statement string) []string {
	var names []string
	if speaks[engine] == sqlstore.Postgres {
		statement = certain.ReplaceAllString(statement, "$1")
	}
	if has(`^(RELEASE |ROLLBACK TO )?SAVEPOINT oms_savepoint_\d+$`)(statement) {
		return nil // all of them have savepoints, and it is no more than that
	}
	for _, r := range rules {
		if slices.Contains(r.on, engine) && r.breaks(statement) {
			names = append(names, r.name)
		}
	}
	return names
}

// The table of migrations is of no tenant: it has a row for each version, and stays on
// one node or is copied to all.
func ofMigrations(statement string) bool { return strings.Contains(statement, "oms_migrations") }

func TestDistributedEnginesTakeEveryStatementAndTable(t *testing.T) {
	t.Parallel()
	for engine, dialect := range speaks {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			tables, all := schemaOf(dialect), written(t, dialect.String())
			if engine == cockroach { // as DISTRIBUTED.md says
				for i := range tables {
					tables[i] = strings.ReplaceAll(tables[i], ` COLLATE "C"`, "")
				}
			}
			require.Greater(t, len(tables), 30)
			require.Greater(t, len(all), 60)
			tables = slices.DeleteFunc(tables, func(s string) bool { return added.MatchString(s) || replaced.MatchString(s) })
			for _, statement := range slices.Concat(tables, all) {
				if !ofMigrations(statement) {
					require.Empty(t, broken(engine, statement), statement)
				}
			}
		})
	}
}

func TestEachRuleOfDistributedEnginesCanFail(t *testing.T) {
	t.Parallel()
	for _, r := range rules {
		require.NotEmpty(t, r.bad, r.name)
		require.NotEmpty(t, r.why, r.name)
		for _, statement := range r.bad {
			for _, engine := range r.on {
				require.Contains(t, broken(engine, statement), r.name, statement)
			}
		}
	}
	for _, statement := range []string{
		"UPDATE oms_feeds SET last = ? WHERE tenant = ?", "SELECT last FROM oms_feeds WHERE tenant = $1 FOR UPDATE",
		"SELECT o.id FROM oms_order_lines l JOIN oms_orders o ON o.tenant = l.tenant AND o.id = l.order_id WHERE l.tenant = ?",
	} {
		for _, engine := range everyEngine {
			require.Empty(t, broken(engine, statement), statement)
		}
	}
}

// Migrate waits for others on MySQL in a way that not all of its kin have: DISTRIBUTED.md
// says what to do there. These are its only statements that break a rule besides those of
// tenants.
func TestWhatMigrateAloneNeeds(t *testing.T) {
	t.Parallel()
	const rule = "no named locks and no locked tables"
	for _, statement := range []string{"SELECT GET_LOCK(?, ?)", "DO RELEASE_LOCK(?)"} {
		require.Contains(t, broken(galera, statement), rule)
	}
	for engine, dialect := range speaks {
		for _, statement := range schemaOf(dialect) {
			if ofMigrations(statement) {
				require.NotContains(t, broken(engine, statement), rule, "a host that runs the text itself needs no lock")
			}
		}
	}
}

func TestTheRecipeForCitusNamesEveryTable(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile("DISTRIBUTED.md")
	require.NoError(t, err)
	_, recipe, _ := strings.Cut(string(page), "```sql")
	recipe, _, _ = strings.Cut(recipe, "```")
	var tables []string
	for _, statement := range schemaOf(sqlstore.Postgres) {
		if found := created.FindStringSubmatch(statement); found != nil && !ofMigrations(found[1]) {
			tables = append(tables, found[1])
		}
	}
	require.Greater(t, len(tables), 12)
	var named []string
	for _, found := range regexp.MustCompile(`'(oms_\w+)'`).FindAllStringSubmatch(recipe, -1) {
		named = append(named, found[1])
	}
	slices.Sort(named)
	require.ElementsMatch(t, tables, slices.Compact(named))
}
