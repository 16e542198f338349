package count

import "time"

// MaxPage is the largest number of counts in a page, and the default.
const MaxPage = 500

// Filter selects counts. The zero filter selects all, newest first.
type Filter struct {
	Open  bool      // only those with something left to do
	From  time.Time // opened at this moment or later
	Until time.Time // opened before this moment; zero is no limit
	After ID        // only those behind this one: the last of the page before
	Limit int       // page size, 1 to MaxPage; 0 means MaxPage
}
