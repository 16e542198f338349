// Package tidb holds a test: TiDB's own parser reads every statement and table of the
// MySQL dialect. It is a module of its own, so that nobody else needs the parser.
package tidb
