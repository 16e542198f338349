package inventory

import (
	"fmt"
	"slices"
	"time"
)

// ATP is what is available to promise of an item for delivery at a moment, and at any later
// one before that of the next ATP.
type ATP struct {
	Availability

	From time.Time
}

// at is the moment that a question is about.
func (a *Ask) at() time.Time {
	if a.By.After(a.Now) {
		return a.By
	}
	return a.Now
}

// expected is how much of what comes to a location by the day that was asked for is promised
// to nobody. What should be here already is not counted: it is not, and nobody has said when
// it will be.
func (s *Snapshot) expected(item, location string, ask Ask) int64 {
	var sum int64
	for i := range s.Supply {
		if u := &s.Supply[i]; u.Item == item && u.Location == location && u.Due.After(ask.Now) && !u.Due.After(ask.By) {
			sum += u.Open()
		}
	}
	return sum
}

// supplied are the locations of eachLocation where something is expected.
func (s *Snapshot) supplied(item string) []string {
	var out []string
	s.eachStocked(item, func(location string) { out = append(out, location) })
	for i := range s.Supply {
		if s.Supply[i].Item == item {
			out = append(out, s.Supply[i].Location)
		}
	}
	return distinct(out)
}

// AvailableToPromise tells how many units of an item may be promised for each day to come,
// from the stock there is and from the supply of the snapshot, at a location or over all if
// it is empty: for now first, and for every moment from which it is another number. An
// unknown item is ErrUnknownItem.
//
// It is the cumulative supply less what was promised of it, after safety stock. Whatever is
// promised of one number breaks no promise made before, for whatever day, since each of
// those has its own supply. Supply that is late adds nothing, units of a lot count for the
// days on which it may be sold, and of a kit there are as many as its scarcest component makes
// on that day. The first is what Explain says; it alone tells how many may wait without a
// promise for a day.
func (s *Snapshot) AvailableToPromise(item, location string, now time.Time) ([]ATP, error) {
	def, ok := s.Item(item)
	if !ok {
		return nil, fmt.Errorf("%w: %q", ErrUnknownItem, item)
	}
	here := *s
	here.Supply = nil
	first, err := here.Explain(item, location, "", now)
	if err != nil {
		return nil, err
	}
	out := []ATP{{first, now}}
	for _, day := range s.turns(&def, now) {
		a := s.explain(&def, location, Ask{Now: now, By: day})
		if a.ATS != out[len(out)-1].ATS {
			out = append(out, ATP{a, day})
		}
	}
	return out, nil
}

// turns are the moments at which the availability of an item may become another: when units
// of it, or of a component, are expected, or when lots expire.
func (s *Snapshot) turns(def *Item, now time.Time) []time.Time {
	of := []string{def.ID}
	for _, c := range def.Kit {
		of = append(of, c.Item)
	}
	var out []time.Time
	add := func(item string, at time.Time) {
		if slices.Contains(of, item) && at.After(now) {
			out = append(out, at)
		}
	}
	for i := range s.Supply {
		add(s.Supply[i].Item, s.Supply[i].Due)
	}
	for i := range s.Lots {
		add(s.Lots[i].Item, s.Lots[i].Expires)
	}
	slices.SortFunc(out, time.Time.Compare)
	return slices.CompactFunc(out, time.Time.Equal)
}

// Earliest is the first moment for which so many units may be promised, if there is one.
func Earliest(all []ATP, qty int64) (time.Time, bool) {
	for i := range all {
		if all[i].ATS >= qty {
			return all[i].From, true
		}
	}
	return time.Time{}, false
}
