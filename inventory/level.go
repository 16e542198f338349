package inventory

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// ErrUnstocked is units that are to come to a location which does not stock their item.
var ErrUnstocked = errors.New("inventory: item is not stocked at this location")

// Level is what holds for one item at one location only. The zero settings are those of
// an item of which nothing was said there.
type Level struct {
	Item     string `json:"item"`
	Location string `json:"location"`

	// Safety replaces the safety stock of the item here.
	Safety *int64 `json:"safety,omitempty"`

	// Frozen stock is promised to nobody. It stays, and what was promised before is kept.
	Frozen bool `json:"frozen,omitempty"`

	// Untracked says that any number may be promised here, as from a vendor who ships what
	// is asked of him: what is not there comes from the supplier as it is promised.
	Untracked bool `json:"untracked,omitempty"`

	// Unstocked says that the item is not kept here: nothing of it comes in or is
	// promised. What is there may leave.
	Unstocked bool `json:"unstocked,omitempty"`

	Version int64 `json:"version"` // counts the changes; 1 when first saved
}

// Validate refuses a level that could not hold.
func (l *Level) Validate() error {
	if err := checkID("item", l.Item); err != nil {
		return err
	}
	if err := checkID("location", l.Location); err != nil {
		return err
	}
	switch {
	case l.Safety != nil && (*l.Safety < 0 || *l.Safety > MaxQty):
		return &QuantityError{Item: l.Item, Qty: *l.Safety, Rule: "safety stock must be between 0 and MaxQty"}
	case l.Untracked && l.Unstocked:
		return fmt.Errorf("%w: item %q at %q cannot be both untracked and not stocked", ErrUnstocked, l.Item, l.Location)
	}
	return nil
}

// Clone is a copy that shares nothing.
func (l Level) Clone() Level {
	if l.Safety != nil {
		safety := *l.Safety
		l.Safety = &safety
	}
	return l
}

// CompareLevels orders levels by item and location.
func CompareLevels(a, b Level) int {
	return cmp.Or(strings.Compare(a.Item, b.Item), strings.Compare(a.Location, b.Location))
}

// plain is the level of an item where nothing was said of it.
var plain Level

// Level is what holds for an item at a location.
func (s *Snapshot) Level(item, location string) Level {
	l := *s.level(item, location)
	l.Item, l.Location = item, location
	return l
}

// level is Level without a copy, and without the names where nothing was said.
func (s *Snapshot) level(item, location string) *Level {
	if len(s.Levels) == 0 {
		return &plain
	}
	i, ok := slices.BinarySearchFunc(s.Levels, Level{Item: item, Location: location}, CompareLevels)
	if !ok {
		return &plain
	}
	return &s.Levels[i]
}

// levelsOf are the levels of an item, by location.
func (s *Snapshot) levelsOf(item string) []Level {
	if len(s.Levels) == 0 {
		return nil
	}
	from, _ := slices.BinarySearchFunc(s.Levels, Level{Item: item}, CompareLevels)
	to := from
	for to < len(s.Levels) && s.Levels[to].Item == item {
		to++
	}
	return s.Levels[from:to]
}

// arrives refuses units that come to where their item is not stocked.
func (s *Snapshot) arrives(mv Movement) error {
	if !mv.To.State.AtLocation() || mv.From.Location == mv.To.Location || !s.level(mv.Item, mv.To.Location).Unstocked {
		return nil
	}
	return fmt.Errorf("%w: %q at %q; change its level first", ErrUnstocked, mv.Item, mv.To.Location)
}

// Stocks refuses an item that is unknown or keeps no stock, and an unknown location.
func (s *Snapshot) Stocks(item, location string) error {
	if err := s.stocked(item); err != nil {
		return err
	}
	return s.known(location)
}
