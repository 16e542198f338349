// Package storagetest is the conformance suite for adapters of [storage.Store]: what
// the contracts in storage, order, inventory, fulfillment and returns promise, as
// cases that each state the rule they protect. An adapter that passes can take the
// place of any other.
//
// The whole test file of an adapter is
//
//	func TestConformance(t *testing.T) {
//		storagetest.Run(t, func(tb testing.TB) storage.Store { return mine.Open(tb.TempDir()) })
//	}
//
//	func BenchmarkStore(b *testing.B) {
//		storagetest.Bench(b, func(tb testing.TB) storage.Store { return mine.Open(tb.TempDir()) })
//	}
//
// open is called once for each case, from several goroutines, and returns a store
// without data; it closes what it opened by tb.Cleanup. A failure begins with the
// rule. To work on one rule alone, name it with go test -run, such as
//
//	go test -run 'TestConformance/stock/guard'
//
// # What is left to the adapter
//
// The suite passes for adapters that buffer writes, so that the error of a write comes
// later in its transaction; that have one connection only; that lock, or that let
// transactions run side by side and refuse the one that lost. It does not distinguish
// a nil slice or map from an empty one. Decimals keep their value, not their trailing
// zeros. Times keep their microseconds, in UTC. A balance row whose units are all gone
// may stay or vanish. All else that a case does not state is the adapter's business.
package storagetest
