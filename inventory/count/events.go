package count

import (
	"github.com/google/uuid"
)

// Event is something that happened to a count. Kind is stable and goes on the wire.
type Event interface{ Kind() string }

// Opened: somebody shall count.
type Opened struct {
	Count     ID      `json:"count"`
	Reference string  `json:"reference,omitempty"`
	Blind     bool    `json:"blind,omitempty"`
	Scope     Scope   `json:"scope"`
	Places    []Place `json:"places"`
}

// Added: a counter found units where none were listed.
type Added struct {
	Count  ID      `json:"count"`
	Places []Place `json:"places"`
}

// Recorded: a counter says what is there. What the books had is not told, so that a
// blind count stays one.
type Recorded struct {
	Count   ID      `json:"count"`
	Tallies []Tally `json:"tallies"`
}

// Submitted: everything is counted and waits for review.
type Submitted struct {
	Count ID `json:"count"`
}

// RecountRequested: lines are to be counted again.
type RecountRequested struct {
	Count ID    `json:"count"`
	Lines []int `json:"lines"`
}

// Approved: somebody stands for variances beyond the tolerance.
type Approved struct {
	Count ID     `json:"count"`
	Lines []int  `json:"lines"`
	By    string `json:"by"`
}

// Difference is the variance of one place.
type Difference struct {
	Line int `json:"line"`
	Place
	Counted  int64 `json:"counted"`
	Expected int64 `json:"expected"` // the books when it was counted
	Variance int64 `json:"variance"`
}

// Variance: the books were wrong, and were corrected.
type Variance struct {
	Count       ID           `json:"count"`
	Posting     uuid.UUID    `json:"posting"`
	Rebased     bool         `json:"rebased,omitempty"` // the stock had moved since
	Differences []Difference `json:"differences"`
}

// Posted: the count is done.
type Posted struct {
	Count    ID       `json:"count"`
	Accuracy Accuracy `json:"accuracy"`
}

// Cancelled: the count was given up, and corrects nothing.
type Cancelled struct {
	Count ID     `json:"count"`
	Why   string `json:"why,omitempty"`
}

// Kind is "count.opened".
func (Opened) Kind() string { return "count.opened" }

// Kind is "count.lines_added".
func (Added) Kind() string { return "count.lines_added" }

// Kind is "count.recorded".
func (Recorded) Kind() string { return "count.recorded" }

// Kind is "count.submitted".
func (Submitted) Kind() string { return "count.submitted" }

// Kind is "count.recount_requested".
func (RecountRequested) Kind() string { return "count.recount_requested" }

// Kind is "count.approved".
func (Approved) Kind() string { return "count.approved" }

// Kind is "stock.count_variance".
func (Variance) Kind() string { return "stock.count_variance" }

// Kind is "count.posted".
func (Posted) Kind() string { return "count.posted" }

// Kind is "count.cancelled".
func (Cancelled) Kind() string { return "count.cancelled" }
