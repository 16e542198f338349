package fulfillment

import (
	"maps"
	"slices"
	"time"
)

// Move gives unfinished work to another location: what is open and picked is done there.
// Packed units are refused, since their parcels are where they are. The caller moves the
// stock.
func (f *Flow) Move(o Order, to string, now time.Time) (Order, []Event, error) {
	if f.defs[o.Work].Final {
		return o, nil, &TransitionError{ID: o.ID.String(), From: string(o.Work), Action: "move"}
	}
	for i := range o.Lines {
		if l := &o.Lines[i]; l.Packed > 0 {
			return o, nil, &LineError{Line: l.Line, Want: l.Packed, Err: ErrQuantity, Facts: *l}
		}
	}
	n := o.next(now)
	n.Location = to
	return n, []Event{Moved{Fulfillment: o.ID, From: o.Location, To: to}}, nil
}

// Unfinished are the work states in which something is left to do.
func (f *Flow) Unfinished() []WorkState {
	states := slices.Sorted(maps.Keys(f.defs))
	return slices.DeleteFunc(states, func(s WorkState) bool { return f.defs[s].Final })
}
