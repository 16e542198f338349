package memory_test
import ("testing";"time";"slices";"context";"github.com/orderkit/oms/storage";"github.com/orderkit/oms/order")
func TestZChunks(t *testing.T) {
	store := benchStore(t, benchOrders)
	const chunk, chunks = 500, 80
	sales := make([]sale, chunk*chunks)
	for i := range sales { sales[i] = benchSale(benchOrders + i + 1) }
	var took []time.Duration
	for c := range chunks {
		t0 := time.Now()
		for i := range chunk { if err := store.Update(t.Context(), "", sales[c*chunk+i].save); err != nil { t.Fatal(err) } }
		took = append(took, time.Since(t0)/chunk)
	}
	slices.Sort(took)
	t.Log("place", took[0], took[len(took)/10], took[len(took)/4], took[len(took)/2])
	took=nil
	n := 0
	for range chunks {
		t0 := time.Now()
		for range chunk { n = (n + 7919) % benchOrders
		 store.View(t.Context(), "", func(ctx context.Context, tx storage.Tx) error {
			_, err := tx.Orders().Get(ctx, order.ID{UUID: benchID(n + 1)})
			return err
		})}
		took = append(took, time.Since(t0)/chunk)
	}
	slices.Sort(took)
	t.Log("get", took[0], took[len(took)/10], took[len(took)/4], took[len(took)/2])
}
