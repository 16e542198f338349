package storagetest_test

import (
	"testing"

	"github.com/orderkit/oms/storage"
	"github.com/orderkit/oms/storage/memory"
	"github.com/orderkit/oms/storage/storagetest"
)

func TestTheMemoryStoreConforms(t *testing.T) {
	t.Parallel()
	storagetest.Run(t, func(testing.TB) storage.Store { return memory.New() })
}

func BenchmarkTheMemoryStore(b *testing.B) {
	storagetest.Bench(b, func(testing.TB) storage.Store { return memory.New() })
}
