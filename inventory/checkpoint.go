package inventory

import (
	"cmp"
	"fmt"
	"time"
)

// Checkpoint is the stock of an item as of a moment: every movement at or before it, and
// no later one. It only makes questions about the past fast; nothing depends on it.
type Checkpoint struct {
	Item string    `json:"item"`
	At   time.Time `json:"at"`
	Rows []Account `json:"accounts"`
	Lots []string  `json:"lots"`
	Qty  []int64   `json:"qty"` // of Rows and Lots; none is zero
}

// NewCheckpoint keeps a tally. Only accounts at locations are kept.
func NewCheckpoint(item string, at time.Time, t Tally) Checkpoint {
	c := Checkpoint{Item: item, At: at}
	rows := t.Balances(item)
	for i := range rows {
		for s := Free; s <= Held; s++ {
			if q := rows[i].Of(s); q != 0 {
				c.Rows, c.Lots, c.Qty = append(c.Rows, At(rows[i].Location, s)), append(c.Lots, rows[i].Lot), append(c.Qty, q)
			}
		}
	}
	return c
}

// Tally gives the numbers back.
func (c *Checkpoint) Tally() Tally {
	t := Tally{}
	for i := range min(len(c.Rows), len(c.Lots), len(c.Qty)) {
		t.add(LotAccount{c.Lots[i], c.Rows[i]}, c.Qty[i])
	}
	return t
}

// Equal tells whether two tallies agree about every account at a location.
func (t Tally) Equal(o Tally) bool {
	inside := 0
	for a, q := range t {
		if !a.State.AtLocation() {
			continue
		}
		if inside++; o[a] != q {
			return false
		}
	}
	for a := range o {
		if a.State.AtLocation() {
			inside--
		}
	}
	return inside == 0
}

// Pace says when an item gets its next checkpoint.
type Pace struct {
	// Every is how many movements lie between two checkpoints, and so about how many a
	// question has to read. Zero is 1,000.
	Every int
	// Settled is how old a movement must be to go into a checkpoint: longer than any
	// transaction runs, and than clocks of two machines are apart. Zero is an hour. A
	// movement that turns up later all the same is found by the next checkpoint of its
	// item, which then makes the earlier ones again, and by Verify.
	Settled time.Duration
}

// Normal has the defaults for what is zero. A negative pace is ErrQuantity.
func (p Pace) Normal() (Pace, error) {
	if p.Every < 0 || p.Settled < 0 {
		return p, fmt.Errorf("%w: a checkpoint every %d movements, settled for %v; neither can be negative", ErrQuantity, p.Every, p.Settled)
	}
	return Pace{cmp.Or(p.Every, 1000), cmp.Or(p.Settled, time.Hour)}, nil
}

// UnbalancedError is an item whose balances are not the sum of its movements. Verify
// lists where, and Repair proposes what to do. It matches ErrUnbalanced.
type UnbalancedError struct{ Item string }

// Error names the item.
func (e *UnbalancedError) Error() string {
	return fmt.Sprintf("%v: item %q; see Verify and Repair", ErrUnbalanced, e.Item)
}

// Is matches ErrUnbalanced.
func (e *UnbalancedError) Is(target error) bool { return target == ErrUnbalanced }
