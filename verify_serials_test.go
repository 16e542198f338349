package oms_test

import (
	"context"
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/orderkit/oms"
	"github.com/orderkit/oms/inventory"
	"github.com/orderkit/oms/storage"
)

// rewrite changes a unit in the register behind the back of the Engine.
func (s *shop) rewrite(serial string, change func(*inventory.Serial, *storage.Document)) {
	s.t.Helper()
	s.plant(func(ctx context.Context, tx storage.Tx) error {
		d := must(tx.Documents().Find(ctx, "serial", "phone\t"+serial))(s)[0]
		var n inventory.Serial
		s.do(json.Unmarshal(d.Body, &n))
		n.Version++
		d.Version++
		change(&n, &d)
		d.Body = must(json.Marshal(n))(s)
		return tx.Documents().Save(ctx, d)
	})
}

func TestVerifyFindsNumbersThatAreNotWhereTheLedgerHasThem(t *testing.T) {
	t.Parallel()
	drop := func(kind, id string) func(*shop) {
		return func(s *shop) {
			s.plant(func(ctx context.Context, tx storage.Tx) error { return tx.Documents().Drop(ctx, kind, id) })
		}
	}
	for name, c := range map[string]struct {
		harm func(*shop)
		want []string
	}{
		"a unit is not in the register": {drop("serial", "phone\tA1"), []string{
			`item "phone" serial "A1": a unit that took steps is in the register: want free@ber, have none`,
			`item "phone" lot "a" at "ber": units by serial number are as many as the ledger has: want 2, have 1`,
		}},
		"a step is missing": {drop("serial_step", "phone\tA1\t000000001"), []string{
			`item "phone" serial "A1": every step of a unit is kept: want 1, have 0`,
		}},
		"a unit is somewhere else": {
			func(s *shop) {
				s.rewrite("A2", func(n *inventory.Serial, d *storage.Document) { n.Location, d.Parent = "ham", "phone\tham" })
			}, []string{
				`item "phone" serial "A2": a unit is where its last step took it: want lot "a" free@ber, have on hand at "ham" in lot "a", with document "po-a" since 2026-03-01T09:00:00Z`,
				`item "phone" lot "a" at "ber": units by serial number are as many as the ledger has: want 2, have 1`,
				`item "phone" lot "a" at "ham": units by serial number are as many as the ledger has: want 0, have 1`,
			},
		},
		"a unit is said to be sold": {
			func(s *shop) {
				s.rewrite("B1", func(n *inventory.Serial, d *storage.Document) {
					n.Location, n.Away, d.Live, d.Parent = "", inventory.Customer, false, "phone\t\tcustomer"
				})
			}, []string{
				`item "phone" serial "B1": a unit is where its last step took it: want lot "b" free@ber, have customer in lot "b", with document "po-b" since 2026-03-01T09:00:00Z`,
				`item "phone" lot "b" customer: units by serial number are as many as the ledger has: want 0, have 1`,
				`item "phone" lot "b" at "ber": units by serial number are as many as the ledger has: want 1, have 0`,
			},
		},
		"units moved without the register": {
			func(s *shop) {
				without := s.with(s.ctx, oms.New(s.store))
				for item, lot := range map[string]string{"phone": "b", "sim": ""} {
					s.do(errOf(without.Stock.Reserve(s.ctx, []inventory.Hold{{Owner: "till-" + item, Item: item, Lot: lot, Location: "ber", Qty: 1}})))
					s.do(errOf(without.Stock.Ship(s.ctx, "till-"+item)))
				}
			}, []string{
				`item "phone" lot "b" customer: units by serial number are as many as the ledger has: want 1, have 0`,
				`item "phone" lot "b" at "ber": units by serial number are as many as the ledger has: want 0, have 1`,
				`item "sim" lot "" customer: units by serial number are as many as the ledger has: want 1, have 0`,
			},
		},
		"an item lost its policy": {
			func(s *shop) { s.do(oms.New(s.store).Stock.AddItem(s.ctx, inventory.Item{ID: "sim"})) },
			[]string{`item "sim": the policy that postings obey is that of the item: want none, have pack`},
		},
	} {
		for _, st := range stores {
			t.Run(name+"/"+st.name, func(t *testing.T) {
				t.Parallel()
				s := newShop(t, st.open, oms.WithSerials())
				s.furnish()
				s.phones()
				s.verify()
				c.harm(s)
				var told []string
				for _, d := range must(s.Verify(s.ctx))(s) {
					told = append(told, d.String())
				}
				require.Equal(t, c.want, told)
			})
		}
	}
}
