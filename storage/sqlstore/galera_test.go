//go:build galera

package sqlstore_test

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/go-sql-driver/mysql"
	"github.com/stretchr/testify/require"

	"github.com/orderkit/oms"
	"github.com/orderkit/oms/inventory"
	"github.com/orderkit/oms/storage"
	"github.com/orderkit/oms/storage/sqlstore"
	"github.com/orderkit/oms/storage/storagetest"
)

// These tests start a cluster of three nodes with galera.sh, and stop it:
//
//	go test -tags galera -run TestGalera ./storage/sqlstore
//
// OMS_GALERA_PORT moves its ports.

// cluster is a Galera cluster; nodes are counted from 0 here, and from 1 by the script.
type cluster struct {
	dir  string
	port int
	made atomic.Int64
}

func (c *cluster) script(tb testing.TB, args ...string) {
	tb.Helper()
	cmd := exec.Command("./galera.sh", args...)
	cmd.Env = append(os.Environ(), "OMS_GALERA_PORT="+strconv.Itoa(c.port))
	out, err := cmd.CombinedOutput()
	require.NoError(tb, err, "galera.sh %v: %s", args, out)
}

func startCluster(t *testing.T) *cluster {
	t.Helper()
	c := &cluster{port: 21300}
	if port := os.Getenv("OMS_GALERA_PORT"); port != "" {
		var err error
		c.port, err = strconv.Atoi(port)
		require.NoError(t, err, "OMS_GALERA_PORT")
	}
	parent, err := os.MkdirTemp("", "oms-galera")
	require.NoError(t, err)
	require.NoError(t, os.Chmod(parent, 0o755)) //nolint:gosec // whoever the servers run as has to get in
	c.dir = filepath.Join(parent, "c")
	t.Cleanup(func() {
		c.script(t, "stop", c.dir)
		require.NoError(t, os.RemoveAll(parent))
	})
	c.script(t, "start", c.dir)
	return c
}

// node connects to one node. With waits its reads wait until the node has applied what
// any node had committed before.
func (c *cluster) node(n int, database string, waits bool) driver.Connector {
	config := mysql.NewConfig()
	config.User, config.Net, config.Addr, config.DBName = "root", "tcp", fmt.Sprintf("127.0.0.1:%d", c.port+n+1), database
	config.Timeout, config.Logger = 5*time.Second, &mysql.NopLogger{} // nodes are killed here
	if waits {
		config.Params = map[string]string{"wsrep_sync_wait": "7"}
	}
	connector, err := mysql.NewConnector(config)
	if err != nil {
		panic(err)
	}
	return connector
}

func pool(tb testing.TB, c driver.Connector) *sql.DB {
	tb.Helper()
	db := sql.OpenDB(c)
	db.SetMaxIdleConns(16)
	tb.Cleanup(func() { require.NoError(tb, db.Close()) })
	return db
}

// blank makes a database.
func (c *cluster) blank(tb testing.TB) string {
	tb.Helper()
	name := fmt.Sprintf("oms_%d", c.made.Add(1))
	_, err := pool(tb, c.node(0, "", false)).ExecContext(tb.Context(), "CREATE DATABASE "+name)
	require.NoError(tb, err)
	return name
}

// migrated makes a database with the schema of the library, on all nodes.
func (c *cluster) migrated(tb testing.TB) string {
	tb.Helper()
	name := c.blank(tb)
	require.NoError(tb, sqlstore.Migrate(tb.Context(), pool(tb, c.node(0, name, false)), sqlstore.MySQL))
	for n := range 3 { // which wait for the tables
		_, err := sqlstore.Versions(tb.Context(), pool(tb, c.node(n, name, true)), sqlstore.MySQL)
		require.NoError(tb, err)
	}
	return name
}

func (c *cluster) store(tb testing.TB, connector driver.Connector) *sqlstore.Store {
	tb.Helper()
	s, err := sqlstore.Open(pool(tb, connector), sqlstore.MySQL)
	require.NoError(tb, err)
	return s
}

// kits are an Engine over each node, over one database.
func (c *cluster) kits(t *testing.T, name string) [3]*oms.Engine {
	t.Helper()
	var kits [3]*oms.Engine
	for n := range kits {
		kits[n] = oms.New(c.store(t, c.node(n, name, false))).Tenant("t")
	}
	return kits
}

// spread is a pool whose connections are to one node after the other.
type spread struct {
	nodes []driver.Connector
	next  atomic.Int64
}

func (s *spread) Connect(ctx context.Context) (driver.Conn, error) {
	return s.nodes[int(s.next.Add(1))%len(s.nodes)].Connect(ctx)
}

func (s *spread) Driver() driver.Driver { return s.nodes[0].Driver() }

// conflicts counts the transactions that lost to one of another node, on all nodes.
func (c *cluster) conflicts(t *testing.T) (n int) {
	t.Helper()
	for node := range 3 {
		for _, name := range []string{"wsrep_local_cert_failures", "wsrep_local_bf_aborts"} {
			var variable string
			var count int
			require.NoError(t, pool(t, c.node(node, "", false)).QueryRowContext(t.Context(), "SHOW STATUS LIKE '"+name+"'").Scan(&variable, &count))
			n += count
		}
	}
	return n
}

func TestGalera(t *testing.T) {
	c := startCluster(t)
	t.Run("conformance on one node", func(t *testing.T) {
		storagetest.Run(t, func(tb testing.TB) storage.Store { tb.Helper(); return c.store(tb, c.node(1, c.migrated(tb), false)) })
	})
	t.Run("conformance with each transaction on another node", func(t *testing.T) {
		storagetest.Run(t, func(tb testing.TB) storage.Store {
			tb.Helper()
			name := c.migrated(tb)
			db := pool(tb, &spread{nodes: []driver.Connector{c.node(0, name, true), c.node(1, name, true), c.node(2, name, true)}})
			db.SetMaxIdleConns(-1) // each transaction is on another node than the one before
			s, err := sqlstore.Open(db, sqlstore.MySQL)
			require.NoError(tb, err)
			return s
		})
	})
	t.Run("a commit that loses runs again", c.loseAtCommit)
	t.Run("writers of one row on all nodes", c.race)
	t.Run("schema from all nodes", c.migrateEverywhere)
	t.Run("a node is killed and comes back", c.killAndRejoin)
}

// shelf puts units of an item on a shelf.
func shelf(t *testing.T, kit *oms.Engine, qty int64) {
	t.Helper()
	require.NoError(t, kit.Stock.AddLocation(t.Context(), inventory.Location{ID: "ber"}))
	require.NoError(t, kit.Stock.AddItem(t.Context(), inventory.Item{ID: "tee"}))
	_, err := kit.Stock.Receive(t.Context(), inventory.Receipt{Item: "tee", Location: "ber", Qty: qty})
	require.NoError(t, err)
}

func (c *cluster) loseAtCommit(t *testing.T) {
	name := c.migrated(t)
	near, far := c.store(t, c.node(0, name, false)), c.store(t, c.node(1, name, false))
	rename := func(name string) func(context.Context, storage.Tx) error {
		return func(ctx context.Context, tx storage.Tx) error {
			return tx.Stock().PutLocation(ctx, inventory.Location{ID: "ber", Name: name})
		}
	}
	require.NoError(t, near.Update(t.Context(), "t", rename("first")))
	before, tries := c.conflicts(t), 0
	require.NoError(t, near.Update(t.Context(), "t", func(ctx context.Context, tx storage.Tx) error {
		if err := rename("near")(ctx, tx); err != nil { // it is written: only the commit is left
			return err
		}
		if tries++; tries > 1 {
			return nil
		}
		done := make(chan error)
		go func() { done <- far.Update(t.Context(), "t", rename("far")) }()
		return <-done
	}))
	require.Equal(t, 2, tries, "the transaction lost, and ran again")
	require.Greater(t, c.conflicts(t), before)
	waits := c.store(t, c.node(2, name, true))
	require.NoError(t, waits.View(t.Context(), "t", func(ctx context.Context, tx storage.Tx) error {
		for l, err := range tx.Stock().ListLocations(ctx) {
			require.NoError(t, err)
			require.Equal(t, "near", l.Name, "it came last")
		}
		return nil
	}))
}

func (c *cluster) race(t *testing.T) {
	const units, buyers = 60, 40 // of each node
	name := c.migrated(t)
	kits := c.kits(t, name)
	shelf(t, kits[0], units)
	for n := range 3 {
		require.Empty(t, c.verify(t, name, n), "the node has the shelf")
	}
	before := c.conflicts(t)
	var sold, short atomic.Int64
	var wg sync.WaitGroup
	for n, kit := range kits {
		for worker := range 4 {
			wg.Go(func() {
				for i := worker; i < buyers; i += 4 {
					owner := fmt.Sprintf("cart-%d-%d", n, i)
					err := errors.New("not tried")
					for again := true; again; again = errors.Is(err, storage.ErrConflict) {
						_, err = kit.Stock.Reserve(t.Context(), []inventory.Hold{{Owner: owner, Item: "tee", Location: "ber", Qty: 1}}, oms.Key(owner))
					}
					switch {
					case err == nil:
						sold.Add(1)
					case errors.Is(err, inventory.ErrShortage):
						short.Add(1)
					default:
						t.Error(err)
					}
				}
			})
		}
	}
	wg.Wait()
	require.EqualValues(t, units, sold.Load())
	require.EqualValues(t, 3*buyers-units, short.Load())
	lost := c.conflicts(t) - before
	require.Positive(t, lost, "the nodes did get in each other's way")
	t.Log("transactions that lost to one of another node:", lost)
	for n := range 3 {
		require.Empty(t, c.verify(t, name, n))
	}
}

// verify recomputes all from the log on one node.
func (c *cluster) verify(t *testing.T, name string, node int) []oms.Difference {
	t.Helper()
	found, err := oms.New(c.store(t, c.node(node, name, true))).Tenant("t").Verify(t.Context())
	require.NoError(t, err)
	return found
}

// The lock that Migrate takes holds on one node. Between nodes its mark does: one is the
// first to make it, the others are told that a version is unfinished, or wait.
func (c *cluster) migrateEverywhere(t *testing.T) {
	name := c.blank(t)
	require.NoError(t, pool(t, c.node(2, name, true)).PingContext(t.Context()))
	var errs [3]error
	var wg sync.WaitGroup
	for n := range 3 {
		db := pool(t, c.node(n, name, true))
		wg.Go(func() { errs[n] = sqlstore.Migrate(t.Context(), db, sqlstore.MySQL) })
	}
	wg.Wait()
	done := 0
	for _, err := range errs {
		t.Log(err)
		if err == nil {
			done++
			continue
		}
		require.True(t, errors.Is(err, sqlstore.ErrUnfinished) || errors.Is(err, storage.ErrConflict), err)
	}
	require.Positive(t, done)
	for n := range 3 {
		require.NoError(t, sqlstore.Migrate(t.Context(), pool(t, c.node(n, name, true)), sqlstore.MySQL))
	}
	shelf(t, oms.New(c.store(t, c.node(1, name, true))).Tenant("t"), 1)
}

// killAndRejoin has writers on all nodes, each of which goes to another node with what
// its own does not answer. The key of a command makes that safe.
func (c *cluster) killAndRejoin(t *testing.T) {
	name := c.migrated(t)
	kits := c.kits(t, name)
	shelf(t, kits[0], 1)
	for n := range 3 {
		require.Empty(t, c.verify(t, name, n), "the node has the shelf")
	}
	stop := make(chan struct{})
	var acknowledged [3]atomic.Int64 // by each node
	var moved atomic.Int64
	var wg sync.WaitGroup
	for writer := range 6 {
		wg.Go(func() {
			for i := 0; ; i++ {
				select {
				case <-stop:
					return
				default:
				}
				key := fmt.Sprintf("receipt-%d-%d", writer, i)
				for n := writer % 3; ; n = (n + 1) % 3 {
					ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
					_, err := kits[n].Stock.Receive(ctx, inventory.Receipt{Item: "tee", Location: "ber", Qty: 1}, oms.Key(key))
					cancel()
					if err == nil {
						acknowledged[n].Add(1)
						break
					}
					moved.Add(1)
					if t.Context().Err() != nil {
						return
					}
				}
			}
		})
	}
	// reach waits until a node has acknowledged some more.
	reach := func(n int, more int64) {
		t.Helper()
		from := acknowledged[n].Load()
		require.Eventually(t, func() bool { return acknowledged[n].Load() >= from+more }, 60*time.Second, 10*time.Millisecond, "node %d", n+1)
	}
	total := func() int64 { return acknowledged[0].Load() + acknowledged[1].Load() + acknowledged[2].Load() }
	reach(2, 20)
	c.script(t, "kill", c.dir, "3")
	atKill := total()
	reach(0, 50)
	reach(1, 50)
	c.script(t, "rejoin", c.dir, "3")
	atRejoin := total()
	reach(2, 20)
	reach(0, 20)
	close(stop)
	wg.Wait()
	t.Logf("acknowledged: %d before the kill, %d while the node was away, %d after; tries that went to another node: %d",
		atKill, atRejoin-atKill, total()-atRejoin, moved.Load())
	for n := range 3 {
		require.Empty(t, c.verify(t, name, n))
		kit := oms.New(c.store(t, c.node(n, name, true))).Tenant("t")
		balances, err := kit.Stock.Balances(t.Context(), "tee")
		require.NoError(t, err)
		require.Len(t, balances, 1)
		require.Equal(t, 1+total(), balances[0].OnHand(), "node %d: each receipt counts once", n+1)
		postings, err := kit.Stock.Postings(t.Context(), inventory.PostingFilter{Item: "tee"})
		require.NoError(t, err)
		require.Len(t, postings, int(1+total()))
	}
}
