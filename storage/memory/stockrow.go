package memory

import (
	"cmp"
	"math"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/orderkit/oms/inventory"
)

func compareKeys(a, b *inventory.Key) int {
	if a == b {
		return 0
	}
	if c := strings.Compare(a.Item, b.Item); c != 0 {
		return c
	}
	return a.Compare(*b)
}

// holder is the key of a reservation. What and where are the key of the balance row
// that the units lie in, of which there is one copy for all.
type holder struct {
	owner string
	line  int
	of    *inventory.Key
}

func (h *holder) compare(o *holder) int {
	if c := strings.Compare(h.owner, o.owner); c != 0 {
		return c
	}
	if c := cmp.Compare(h.line, o.line); c != 0 {
		return c
	}
	return compareKeys(h.of, o.of)
}

// noKey stands before every key.
var noKey inventory.Key

// firstOf stands before every reservation of an owner, or before all for none.
func firstOf(owner string) holder {
	return holder{owner: owner, line: math.MinInt, of: &noKey}
}

// units is a reservation without its key.
type units struct {
	soft, committed, picked, packed, shipped, released int64

	until   int64 // µs since 1970
	version int64
}

func keepUnits(r *inventory.Reservation) units {
	return units{
		soft: r.Soft, committed: r.Committed, picked: r.Picked, packed: r.Packed, shipped: r.Shipped, released: r.Released,
		until: r.Until.UnixMicro(), version: r.Version,
	}
}

func (u *units) open() int64 { return u.soft + u.committed + u.picked + u.packed }

func (h *holder) reservation(u *units) inventory.Reservation {
	return inventory.Reservation{
		ReservationKey: inventory.ReservationKey{Owner: h.owner, Line: h.line, Item: h.of.Item, Lot: h.of.Lot, Location: h.of.Location},
		Soft:           u.soft, Committed: u.committed, Picked: u.picked, Packed: u.packed, Shipped: u.shipped, Released: u.released,
		Until: time.UnixMicro(u.until).UTC(), Version: u.version,
	}
}

// expiry is an entry of the index of soft units. It has the item, which its holder has too,
// since to follow a chain of pointers costs more than to compare what is at its end.
type expiry struct {
	item   string
	until  int64
	holder *holder
}

// expires is the entry of a reservation.
func (h *holder) expires(until int64) expiry { return expiry{h.of.Item, until, h} }

// firstToExpire stands before every entry of an item.
func firstToExpire(item string) expiry { return expiry{item: item, until: math.MinInt64} }

func (e *expiry) compare(o *expiry) int {
	if c := strings.Compare(e.item, o.item); c != 0 {
		return c
	}
	if c := cmp.Compare(e.until, o.until); c != 0 {
		return c
	}
	return e.holder.compare(o.holder)
}

// posting is an inventory.Posting without its movements.
type posting struct {
	id                      uuid.UUID
	reason, document, actor string
	at                      int64 // µs since 1970
	first, n                int   // of the list of movements
}

func (p *posting) posting(moves []inventory.Movement) inventory.Posting {
	return inventory.Posting{
		ID: p.id, Reason: inventory.Reason(p.reason), Document: p.document, Actor: p.actor,
		At: time.UnixMicro(p.at).UTC(), Movements: moves,
	}
}

// of copies out the posting's movements of an item, or all for none.
func (p *posting) of(item string, all *list[movement]) []inventory.Movement {
	var out []inventory.Movement
	if item == "" {
		out = make([]inventory.Movement, 0, p.n)
	}
	for i := p.first; i < p.first+p.n; i++ {
		if m := all.at(i); item == "" || m.of().Item == item {
			out = append(out, m.movement())
		}
	}
	return out
}

// movement is an inventory.Movement. An end outside every location has no key, unless
// both ends lie outside: then from names the item.
type movement struct {
	from, to           *inventory.Key
	qty                int64
	fromState, toState inventory.State
}

func (m *movement) of() *inventory.Key {
	if m.from != nil {
		return m.from
	}
	return m.to
}

func (m *movement) movement() inventory.Movement {
	of := m.of()
	out := inventory.Movement{Item: of.Item, Lot: of.Lot, Qty: m.qty}
	out.From, out.To = account(m.from, m.fromState), account(m.to, m.toState)
	return out
}

func account(k *inventory.Key, s inventory.State) inventory.Account {
	if k == nil {
		return inventory.Outside(s)
	}
	return inventory.At(k.Location, s)
}
