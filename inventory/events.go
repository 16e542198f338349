package inventory

import (
	"time"

	"github.com/google/uuid"
)

// Event is something that happened to stock. Kind is stable and goes on the wire.
type Event interface{ Kind() string }

// Posted is a posting made by a stock command. Postings that belong to an order or a
// return are announced by those; the log of postings has them all.
type Posted struct {
	Posting   uuid.UUID  `json:"posting"`
	Reason    Reason     `json:"reason"`
	Document  string     `json:"document,omitempty"`
	Movements []Movement `json:"movements"`
}

// Kind is "stock.posted".
func (Posted) Kind() string { return "stock.posted" }

// ItemAdded is an item added or redefined.
type ItemAdded struct {
	Item Item `json:"item"`
}

// Kind is "stock.item_added".
func (ItemAdded) Kind() string { return "stock.item_added" }

// LocationAdded is a location added or redefined.
type LocationAdded struct {
	Location Location `json:"location"`
}

// Kind is "stock.location_added".
func (LocationAdded) Kind() string { return "stock.location_added" }

// LevelSet is what holds for an item at a location from now on.
type LevelSet struct {
	Level Level `json:"level"`
}

// Kind is "stock.level_set".
func (LevelSet) Kind() string { return "stock.level_set" }

// HoldExtended is soft holds of an owner that end later than they did.
type HoldExtended struct {
	Owner string    `json:"owner"`
	Item  string    `json:"item"`
	Until time.Time `json:"until"`
}

// Kind is "stock.hold_extended".
func (HoldExtended) Kind() string { return "stock.hold_extended" }

// GroupSet is a group of locations added or changed.
type GroupSet struct {
	Group Group `json:"group"`
}

// Kind is "stock.group_set".
func (GroupSet) Kind() string { return "stock.group_set" }
