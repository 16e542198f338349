package rule

import (
	"fmt"
	"slices"
	"time"
)

// Exclude forbids the locations that Where selects, for some items or for all.
type Exclude struct {
	Where Where    `json:"where"`
	Items []string `json:"items,omitempty"` // empty: all
}

// Only forbids all other locations.
type Only struct {
	Where Where `json:"where"`
}

// MaxDistance forbids locations farther away than so many kilometers, and those whose distance nobody knows.
type MaxDistance struct {
	Km int64 `json:"km"`
}

// SameCountry forbids locations outside the country of the destination.
type SameCountry struct{}

// SameRegion forbids locations outside the region of the destination: a market, a zone.
type SameRegion struct{}

// InTime forbids locations whose shipment arrives after Request.NeedBy, or nobody knows when. It asks
// nothing of an order without that date.
type InTime struct{}

// RingFence keeps the stock of the locations that Where selects for some orders: all of it, or so many
// units of each item.
type RingFence struct {
	Where Where  `json:"where"`
	For   Orders `json:"for"`
	Units int64  `json:"units,omitempty"` // 0: all
}

// KeepBack leaves so many units of each item at the locations that Where selects: for the buyers who
// stand in the shop.
type KeepBack struct {
	Where Where    `json:"where,omitzero"` // empty: everywhere
	Items []string `json:"items,omitempty"`
	Units int64    `json:"units"`
}

// MaxShipments allows at most so many shipments.
type MaxShipments struct {
	Most int `json:"most"`
}

// Complete ships the whole order, or nothing.
type Complete struct{}

// NoSplit forbids to split lines over locations: those of some items, or all.
type NoSplit struct {
	Items []string `json:"items,omitempty"` // empty: every line
}

// Together ships the lines of some items, or all lines, from one location and in full, or none of them.
type Together struct {
	Items []string `json:"items,omitempty"` // empty: every line
}

// Name is "exclude".
func (Exclude) Name() string { return "exclude" }

// Apply forbids.
func (x Exclude) Apply(s *Sheet) error {
	for j := range s.request.Candidates {
		if !x.Where.match(&s.request.Candidates[j]) {
			continue
		}
		if len(x.Items) == 0 {
			s.Refuse(j, "is excluded")
			continue
		}
		for d := range s.request.Demands {
			if slices.Contains(x.Items, s.request.Demands[d].Item) {
				s.RefuseLine(j, d, "is excluded for "+s.request.Demands[d].Item)
			}
		}
	}
	return nil
}

func (x Exclude) check(path string) error { return needsWhere(path, &x.Where) }

func needsWhere(path string, w *Where) error {
	if w.everywhere() {
		return &SetError{Path: path + ".where", Problem: "selects every location: name locations, groups, countries, regions or capabilities"}
	}
	return nil
}

// Name is "only".
func (Only) Name() string { return "only" }

// Apply forbids the others.
func (x Only) Apply(s *Sheet) error {
	for j := range s.request.Candidates {
		if !x.Where.match(&s.request.Candidates[j]) {
			s.Refuse(j, "is not among those allowed")
		}
	}
	return nil
}

func (x Only) check(path string) error { return needsWhere(path, &x.Where) }

// Name is "max_distance".
func (MaxDistance) Name() string { return "max_distance" }

// Apply forbids what is too far.
func (x MaxDistance) Apply(s *Sheet) error {
	for j := range s.request.Candidates {
		meters, known := s.Meters(j)
		switch {
		case !known:
			s.Refuse(j, "is at an unknown distance")
		case meters > x.Km*1000:
			s.Refuse(j, fmt.Sprintf("is %d km away, at most %d are allowed", (meters+999)/1000, x.Km))
		}
	}
	return nil
}

func (x MaxDistance) check(path string) error { return within(path+".km", x.Km, 0, 20_100) }

// within refuses a number outside its bounds.
func within(path string, v, least, most int64) error {
	if v < least || v > most {
		return &SetError{Path: path, Problem: fmt.Sprintf("%d is not between %d and %d", v, least, most)}
	}
	return nil
}

// Name is "same_country".
func (SameCountry) Name() string { return "same_country" }

// Apply compares countries.
func (SameCountry) Apply(s *Sheet) error {
	for j := range s.request.Candidates {
		s.same(j, "country", s.request.Candidates[j].Country, s.request.Country)
	}
	return nil
}

// Name is "same_region".
func (SameRegion) Name() string { return "same_region" }

// Apply compares regions.
func (SameRegion) Apply(s *Sheet) error {
	for j := range s.request.Candidates {
		s.same(j, "region", s.request.Candidates[j].Region, s.request.Region)
	}
	return nil
}

func (s *Sheet) same(j int, what, here, there string) {
	switch {
	case here == "":
		s.Refuse(j, "is in an unknown "+what)
	case there == "":
		s.Refuse(j, "is in "+here+", and the destination's "+what+" is unknown")
	case here != there:
		s.Refuse(j, "is in "+here+", not in "+there)
	}
}

// Name is "in_time".
func (InTime) Name() string { return "in_time" }

// Apply forbids what arrives late.
func (InTime) Apply(s *Sheet) error {
	by := s.request.NeedBy
	if by.IsZero() {
		return nil
	}
	for j := range s.request.Candidates {
		switch at := s.request.Candidates[j].ArrivesAt; {
		case at.IsZero():
			s.Refuse(j, "delivers nobody knows when")
		case at.After(by):
			s.Refuse(j, fmt.Sprintf("delivers on %s, needed by %s", at.Format(time.DateOnly), by.Format(time.DateOnly)))
		}
	}
	return nil
}

// Name is "ring_fence".
func (RingFence) Name() string { return "ring_fence" }

// Apply keeps the stock from other orders.
func (x RingFence) Apply(s *Sheet) error {
	if x.For.match(s.request) {
		return nil
	}
	for j := range s.request.Candidates {
		switch {
		case !x.Where.match(&s.request.Candidates[j]):
		case x.Units == 0:
			s.Refuse(j, "keeps its stock for other orders")
		default:
			for i := range s.request.Items {
				s.KeepBack(j, i, x.Units)
			}
		}
	}
	return nil
}

func (x RingFence) check(path string) error {
	if x.For.all() {
		return &SetError{Path: path + ".for", Problem: "selects every order: name channels, customers, countries or regions"}
	}
	if err := within(path+".units", x.Units, 0, maxAmount); err != nil {
		return err
	}
	return needsWhere(path, &x.Where)
}

// Name is "keep_back".
func (KeepBack) Name() string { return "keep_back" }

// Apply keeps units.
func (x KeepBack) Apply(s *Sheet) error {
	for j := range s.request.Candidates {
		for i, item := range s.request.Items {
			if x.Where.match(&s.request.Candidates[j]) && picks(x.Items, item) {
				s.KeepBack(j, i, x.Units)
			}
		}
	}
	return nil
}

func (x KeepBack) check(path string) error { return within(path+".units", x.Units, 1, maxAmount) }

// Name is "max_shipments".
func (MaxShipments) Name() string { return "max_shipments" }

// Apply limits.
func (x MaxShipments) Apply(s *Sheet) error {
	s.LimitShipments(x.Most)
	return nil
}

func (x MaxShipments) check(path string) error { return within(path+".most", int64(x.Most), 1, 10_000) }

// Name is "complete".
func (Complete) Name() string { return "complete" }

// Apply asks for all.
func (Complete) Apply(s *Sheet) error {
	s.Complete()
	return nil
}

// Name is "no_split".
func (NoSplit) Name() string { return "no_split" }

// Apply keeps lines whole.
func (x NoSplit) Apply(s *Sheet) error {
	for d := range s.request.Demands {
		if picks(x.Items, s.request.Demands[d].Item) {
			s.KeepWhole(d)
		}
	}
	return nil
}

// Name is "together".
func (Together) Name() string { return "together" }

// Apply keeps lines together.
func (x Together) Apply(s *Sheet) error {
	var demands []int
	for d := range s.request.Demands {
		if picks(x.Items, s.request.Demands[d].Item) {
			demands = append(demands, d)
		}
	}
	s.KeepTogether(demands...)
	return nil
}
