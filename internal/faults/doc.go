// Package faults has no code, only tests: what happens to the work of the Engine when
// the world around it fails.
//
//	go test -v ./internal/faults                            # half a minute
//	OMS_FAULTS=500 go test -v -timeout 2h ./internal/faults # each fault 500 times
//
// After every fault three things must hold: each command that returned without an error
// is there, none took effect twice, and Engine.Verify finds nothing. A line of the log
// tells how often each fault happened and what became of the commands that it met.
//
// What is broken here: processes die by SIGKILL in the middle of anything, connections
// break at any byte and on either side of a COMMIT or fall silent, a disk is full, a
// database is read-only, transactions lock rows in opposite orders, and readers stay in
// their snapshot. Histories of concurrent commands on one item are checked to be
// linearizable.
//
// What is not: power is never cut, and no disk lies. SQLite runs with WAL and
// synchronous=NORMAL, which keeps every commit when a process dies but may lose the
// last ones, whole transactions at a time, when the machine does; synchronous=FULL is
// for that. The servers here do not wait for their disk, and are not killed: that they
// keep what they have acknowledged is their own promise. That the disk of a server is
// full is that no file of it may grow: its tables find no room, its log does.
package faults
