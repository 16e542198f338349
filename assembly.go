package oms

import (
	"context"

	"github.com/orderkit/oms/inventory"
)

// checkParts refuses an item whose components could not be put together.
func (s *attempt) checkParts(i inventory.Item) error {
	parts := inventory.PartsOf([]inventory.Item{i})
	if len(parts) == 0 {
		return nil
	}
	snap, err := s.tx.Stock().Load(s, inventory.Need{Items: parts})
	if err != nil {
		return err
	}
	return snap.CheckParts(i)
}

// Assemble makes units of an item out of the components of its bill, at one location and
// in one posting. Missing components refuse it with *inventory.ShortageError that lists
// them all.
func (g Stock) Assemble(ctx context.Context, a inventory.Assembly, opts ...CallOption) (inventory.Posting, error) {
	return g.assembly(ctx, opts, "assemble", a, inventory.Assemble)
}

// Disassemble takes free units of an item apart into the components of its bill.
func (g Stock) Disassemble(ctx context.Context, a inventory.Assembly, opts ...CallOption) (inventory.Posting, error) {
	return g.assembly(ctx, opts, "disassemble", a, inventory.Disassemble)
}

func (g Stock) assembly(ctx context.Context, opts []CallOption, name string, a inventory.Assembly,
	decide func(inventory.Snapshot, inventory.Assembly, inventory.Meta) (inventory.Changes, error),
) (inventory.Posting, error) {
	need := inventory.Need{Items: []string{a.Item}, Locations: []string{a.Location}}
	return stockCommand(ctx, g.e, opts, name, a, need, func(snap inventory.Snapshot, m inventory.Meta) (inventory.Changes, error) {
		return decide(snap, a, m)
	})
}
