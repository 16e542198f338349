package allocation

import (
	"slices"
	"time"
)

// Schedule says when a location hands over what it is asked for, and how long that travels. Its days
// are days of the location: give times in its zone.
type Schedule struct {
	Workdays []time.Weekday // days on which it packs; empty: every day
	Holidays []time.Time    // days on which it does not; only the date counts
	CutOff   time.Duration  // time of day until which an order belongs to the day; 0: midnight, so every order waits for the next day
	Handling int            // further workdays that it needs
	Transit  int            // days on the road, Sundays and holidays included
}

// maxWait bounds the search for a workday: more than any calendar closes at a stretch.
const maxWait = 366

// ArrivesAt is when an order that is given now arrives: at the end of the last day of its transit, in
// the zone of now. It is the zero time if the location never works.
func (s Schedule) ArrivesAt(now time.Time) time.Time {
	day := time.Date(now.Year(), now.Month(), now.Day(), 0, 0, 0, 0, now.Location())
	left := s.Handling
	if now.Sub(day) >= s.CutOff || !s.works(day) {
		left++
	}
	for waited := 0; left > 0; waited++ {
		if waited > maxWait+s.Handling*7 {
			return time.Time{}
		}
		day = day.AddDate(0, 0, 1)
		if s.works(day) {
			left--
		}
	}
	return day.AddDate(0, 0, s.Transit+1)
}

func (s Schedule) works(day time.Time) bool {
	if len(s.Workdays) > 0 && !slices.Contains(s.Workdays, day.Weekday()) {
		return false
	}
	return !slices.ContainsFunc(s.Holidays, func(h time.Time) bool {
		return h.Year() == day.Year() && h.YearDay() == day.YearDay()
	})
}
