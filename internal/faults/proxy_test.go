package faults_test

import (
	"bytes"
	"context"
	"database/sql"
	"net"
	"regexp"
	"slices"
	"sync"
	"testing"

	"github.com/go-sql-driver/mysql"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/stretchr/testify/require"
)

// cut is where a connection is to break.
type cut string

const (
	nowhere      cut = ""
	anywhere     cut = "after some bytes"
	beforeCommit cut = "before COMMIT was sent"
	atCommit     cut = "as COMMIT was sent"
	afterCommit  cut = "before COMMIT was answered" // and when the server has done it
	silence      cut = "silent after COMMIT"        // it stays open, and nothing comes back
)

// commits are COMMIT as the drivers send it, by itself.
var commits = [][]byte{[]byte("Q\x00\x00\x00\x0bcommit\x00"), []byte("\x07\x00\x00\x00\x03COMMIT")}

// preparedCommit is how pgx prepares one that is to travel with other statements.
var preparedCommit = regexp.MustCompile(`(stmtcache_[0-9a-f]+)\x00commit\x00`)

// proxy stands between a driver and its server, and breaks a connection once it is told.
type proxy struct {
	listener net.Listener
	done     sync.WaitGroup

	mu              sync.Mutex
	network, server string // where the driver wanted to go
	links           []*link
	next            cut
	bytes           int           // until the cut anywhere
	prepared        []byte        // COMMIT as a prepared statement is bound, once it is one
	silent          chan struct{} // hears of every connection that has fallen silent
}

// link is one connection from a driver to its server.
type link struct {
	client, server net.Conn
	deaf           cut // what has become of it: the answer to its COMMIT does not arrive
}

func startProxy(tb testing.TB) *proxy {
	tb.Helper()
	listener, err := new(net.ListenConfig).Listen(tb.Context(), "tcp", "127.0.0.1:0")
	require.NoError(tb, err)
	p := &proxy{listener: listener, silent: make(chan struct{}, 1)}
	p.done.Go(p.serve)
	tb.Cleanup(func() {
		_ = listener.Close()
		p.mu.Lock()
		for _, l := range p.links {
			l.close()
		}
		p.mu.Unlock()
		p.done.Wait()
	})
	return p
}

// arm says where the next connection breaks.
func (p *proxy) arm(c cut, bytes int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.next, p.bytes = c, bytes
}

// dial is what a driver dials with.
func (p *proxy) dial(ctx context.Context, network, server string) (net.Conn, error) {
	p.mu.Lock()
	if p.server == "" { // later the proxy itself, when a driver cancels what runs on a connection
		p.network, p.server = network, server
	}
	p.mu.Unlock()
	return new(net.Dialer).DialContext(ctx, "tcp", p.listener.Addr().String())
}

func (p *proxy) serve() {
	for {
		client, err := p.listener.Accept()
		if err != nil {
			return
		}
		p.mu.Lock()
		server, err := net.Dial(p.network, p.server) //nolint:noctx // it is on this machine
		if err == nil {
			l := &link{client: client, server: server}
			p.links = append(p.links, l)
			p.done.Go(func() { p.pipe(l, client, server, true) })
			p.done.Go(func() { p.pipe(l, server, client, false) })
		} else {
			_ = client.Close()
		}
		p.mu.Unlock()
	}
}

func (l *link) close() {
	_ = l.client.Close()
	_ = l.server.Close()
}

func (p *proxy) pipe(l *link, from, to net.Conn, request bool) {
	defer l.close()
	buf := make([]byte, 64<<10)
	for {
		n, err := from.Read(buf)
		if err != nil {
			return
		}
		pass, broken := p.judge(l, buf[:n], request)
		if _, err := to.Write(pass); err != nil || broken {
			return
		}
	}
}

// commits tells whether COMMIT is among some bytes of a request.
func (p *proxy) commits(data []byte) bool {
	return bytes.Contains(data, commits[0]) || bytes.Contains(data, commits[1]) || p.prepared != nil && bytes.Contains(data, p.prepared)
}

// judge says what of some bytes is passed on, and whether the connection breaks then.
func (p *proxy) judge(l *link, data []byte, request bool) (pass []byte, broken bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if l.deaf != nowhere && !request {
		return nil, l.deaf == afterCommit
	}
	if name := preparedCommit.FindSubmatch(data); request && name != nil {
		p.prepared = slices.Concat([]byte{0}, name[1], []byte{0}) // behind the name of the portal, which is empty
	}
	switch p.next {
	case nowhere:
		return data, false
	case anywhere:
		if p.bytes -= len(data); p.bytes > 0 {
			return data, false
		}
		p.next = nowhere
		return data[:len(data)+p.bytes], true
	}
	if !request || !p.commits(data) {
		return data, false
	}
	c := p.next
	p.next = nowhere
	switch c {
	case beforeCommit:
		return nil, true
	case atCommit:
		return data, true
	}
	l.deaf = c
	if c == silence {
		p.silent <- struct{}{}
	}
	return data, false
}

// through opens a pool whose connections go through the proxy.
func (p *proxy) through(tb testing.TB, b backend, dsn string) *sql.DB {
	tb.Helper()
	var db *sql.DB
	switch b.driver {
	case "pgx":
		config, err := pgx.ParseConfig(dsn)
		require.NoError(tb, err)
		config.DialFunc = p.dial
		db = stdlib.OpenDB(*config)
	case "mysql":
		config, err := mysql.ParseDSN(dsn)
		require.NoError(tb, err)
		config.DialFunc, config.Logger = p.dial, new(mysql.NopLogger)
		connector, err := mysql.NewConnector(config)
		require.NoError(tb, err)
		db = sql.OpenDB(connector)
	default:
		tb.Fatal("nothing to cut on ", b.name)
	}
	tb.Cleanup(func() { _ = db.Close() })
	return db
}
