// Package peercases has no code, only a test: it runs what the tests of other order systems assert
// against this module, and says where the answers agree, where they differ on purpose, and what is
// not there to ask.
package peercases
