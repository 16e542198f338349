// Package tidy holds no code. Its tests read every file of the module and fail when one breaks a law of
// the architecture: who may import whom, what domain code may reach, where the clock may be read, how long
// a file may be, which symbols need a comment. The laws stand in one table each in law_test.go; every law
// carries fixtures that prove it can fail.
package tidy
