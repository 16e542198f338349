package inventory

import (
	"cmp"
	"fmt"
	"time"
)

// Alert is a wish to hear when an item runs low, runs out, and is there again: at one
// location, or over all when Location is empty; on one channel, or for everybody when
// Channel is empty. It looks at what is available to sell there.
//
// An alert tells of a crossing once. Each bound that ends a state lies above the one that
// began it, as far as its owner wants, so that stock which goes up and down by a unit is
// no stream of news.
type Alert struct {
	Item     string `json:"item"`
	Location string `json:"location,omitempty"`
	Channel  string `json:"channel,omitempty"`

	Low   int64 `json:"low"`   // low from here down
	Clear int64 `json:"clear"` // low no more from here up; zero is Low + 1
	Back  int64 `json:"back"`  // out no more from here up; zero is 1

	State   AlertState `json:"state"`   // kept by the Engine, like all below
	ATS     int64      `json:"ats"`     // when the state last changed
	Since   time.Time  `json:"since"`   // when that was
	Version int64      `json:"version"` // counts the changes; 1 when first saved
}

// AlertState is what an alert has last told.
type AlertState string

// The states of an alert.
const (
	AlertFine AlertState = "fine" // nothing to tell
	AlertLow  AlertState = "low"
	AlertOut  AlertState = "out"
)

// Settled is the alert with its defaults, or the reason why it cannot be kept.
func (a Alert) Settled() (Alert, error) {
	if err := checkID("item", a.Item); err != nil {
		return a, err
	}
	if a.Location != "" {
		if err := checkID("location", a.Location); err != nil {
			return a, err
		}
	}
	if a.Channel != "" {
		if err := checkID("channel", a.Channel); err != nil {
			return a, err
		}
	}
	refuse := func(qty int64, rule string) error { return &QuantityError{Item: a.Item, Qty: qty, Rule: rule} }
	if a.Low < 0 || a.Low >= MaxQty {
		return a, refuse(a.Low, "an alert is low at 0 or more, and below MaxQty")
	}
	a.Clear, a.Back, a.State = cmp.Or(a.Clear, a.Low+1), cmp.Or(a.Back, 1), cmp.Or(a.State, AlertFine)
	switch {
	case a.Clear <= a.Low || a.Clear > MaxQty:
		return a, refuse(a.Clear, fmt.Sprintf("low at %d ends above it", a.Low))
	case a.Back < 1 || a.Back > MaxQty:
		return a, refuse(a.Back, "what is out is back with at least one unit")
	}
	return a, nil
}

// Look is the alert after a look at what is available to sell, and what there is to
// tell: nothing, unless a bound was crossed. What is back and still low is back, and was
// low before.
func (a Alert) Look(ats int64, now time.Time) (Alert, Event) {
	next, event := a.State, Event(nil)
	switch {
	case ats <= 0:
		if a.State != AlertOut {
			next, event = AlertOut, RanOut{Item: a.Item, Location: a.Location, Channel: a.Channel}
		}
	case a.State == AlertOut:
		if ats >= a.Back {
			next, event = AlertFine, BackInStock{Item: a.Item, Location: a.Location, Channel: a.Channel, ATS: ats}
			if ats <= a.Low {
				next = AlertLow
			}
		}
	case a.State == AlertLow:
		if ats >= a.Clear {
			next = AlertFine
		}
	case ats <= a.Low:
		next, event = AlertLow, RanLow{Item: a.Item, Location: a.Location, Channel: a.Channel, ATS: ats, Low: a.Low}
	}
	if next != a.State {
		a.State, a.ATS, a.Since = next, ats, now
	}
	return a, event
}

// RanLow is an item of which no more can be sold than its alert wants to hear of.
type RanLow struct {
	Item     string `json:"item"`
	Location string `json:"location,omitempty"` // empty: over all
	Channel  string `json:"channel,omitempty"`  // empty: for everybody
	ATS      int64  `json:"ats"`
	Low      int64  `json:"low"`
}

// Kind is "stock.low".
func (RanLow) Kind() string { return "stock.low" }

// RanOut is an item of which nothing can be sold.
type RanOut struct {
	Item     string `json:"item"`
	Location string `json:"location,omitempty"`
	Channel  string `json:"channel,omitempty"`
}

// Kind is "stock.out".
func (RanOut) Kind() string { return "stock.out" }

// BackInStock is an item that was out and can be sold again.
type BackInStock struct {
	Item     string `json:"item"`
	Location string `json:"location,omitempty"`
	Channel  string `json:"channel,omitempty"`
	ATS      int64  `json:"ats"`
}

// Kind is "stock.back_in".
func (BackInStock) Kind() string { return "stock.back_in" }
