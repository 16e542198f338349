package inventory

import (
	"fmt"
	"slices"
)

// State names an account: what a unit is doing. The first eight exist once per
// (item, lot, location) and add up to the units on hand there; the others lie
// outside every location.
type State uint8

// The states at a location.
const (
	Free      State = iota + 1 // may be promised to anyone
	Soft                       // held for a cart until an expiry
	Committed                  // promised to an order
	Picked                     // off the shelf for an order
	Packed                     // in a parcel, not yet handed over
	QC                         // awaiting inspection
	Damaged                    // not sellable
	Held                       // set aside
)

// The accounts outside every location.
const (
	Supplier   State = iota + 9 // where goods come from
	Customer                    // where sold goods are
	InTransit                   // between two locations
	Shrink                      // lost, found, corrected
	Scrap                       // destroyed
	Production                  // consumed or made by assembly
)

// locationStates is the number of states that a location has.
const locationStates = int(Held)

var stateNames = [...]string{
	"", "free", "soft", "committed", "picked", "packed", "qc", "damaged", "held",
	"supplier", "customer", "in_transit", "shrink", "scrap", "production",
}

// LocationStates lists the eight states whose sum is the units on hand.
func LocationStates() []State {
	return []State{Free, Soft, Committed, Picked, Packed, QC, Damaged, Held}
}

// String gives the stable name, as stored and as shown.
func (s State) String() string {
	if int(s) < len(stateNames) {
		return stateNames[s]
	}
	return fmt.Sprintf("state(%d)", uint8(s))
}

// AtLocation tells whether units in this state lie at a location and count as on hand.
func (s State) AtLocation() bool { return s >= Free && s <= Held }

// ParseState reads a name written by [State.String]; anything else is ErrState.
func ParseState(name string) (State, error) {
	if i := slices.Index(stateNames[:], name); i > 0 {
		return State(i), nil
	}
	return 0, fmt.Errorf("%w: %q; known: %v", ErrState, name, stateNames[1:])
}

// MarshalText writes the stable name.
func (s State) MarshalText() ([]byte, error) {
	if s == 0 || int(s) >= len(stateNames) {
		return nil, fmt.Errorf("%w: %d", ErrState, uint8(s))
	}
	return []byte(stateNames[s]), nil
}

// UnmarshalText reads the stable name.
func (s *State) UnmarshalText(text []byte) error {
	parsed, err := ParseState(string(text))
	if err == nil {
		*s = parsed
	}
	return err
}

// Account is one end of a movement. Location is empty exactly for the states that
// lie outside every location.
type Account struct {
	Location string `json:"location,omitempty"`
	State    State  `json:"state"`
}

// At is the account of a state at a location.
func At(location string, s State) Account { return Account{Location: location, State: s} }

// Outside is the account of a state outside every location.
func Outside(s State) Account { return Account{State: s} }

func (a Account) valid() bool {
	if a.State.AtLocation() {
		return a.Location != ""
	}
	return a.Location == "" && a.State >= Supplier && a.State <= Production
}

// String reads "free@ber" or "customer".
func (a Account) String() string {
	if a.Location == "" {
		return a.State.String()
	}
	return a.State.String() + "@" + a.Location
}
