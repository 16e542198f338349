package oms

import (
	"context"

	"github.com/orderkit/oms/inventory"
)

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
