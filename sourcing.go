package oms

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"github.com/orderkit/oms/allocation"
	"github.com/orderkit/oms/inventory"
)

// ErrAllocationFacts is a request that the host's function of WithAllocationFacts left asking for something else
// than the order does.
var ErrAllocationFacts = errors.New("oms: WithAllocationFacts changed what is demanded; add facts and leave Items, AllowPartial, lines and quantities as they are")

// request is what the engine knows of an order that is to be planned, with room for demands and candidates.
func (s *attempt) request(ed *edit, snap *inventory.Snapshot) allocation.Request {
	r := allocation.Request{
		Items:      make([]string, 0, len(snap.Items)),
		Demands:    make([]allocation.Demand, 0, len(ed.Lines)),
		Candidates: make([]allocation.Candidate, 0, len(snap.Locations)),

		AllowPartial: true, Destination: (*allocation.Point)(ed.ShipTo.At), Now: s.now,
		Channel: ed.Channel, Customer: ed.Customer, Country: ed.ShipTo.Country, Region: ed.ShipTo.Region,
	}
	for i := range snap.Items {
		r.Items = append(r.Items, snap.Items[i].ID)
	}
	return r
}

// ask lets the host add its facts, asks the strategy and checks both.
func (s *attempt) ask(ed *edit, r allocation.Request) (allocation.Record, error) {
	if s.facts != nil {
		items, demands := slices.Clone(r.Items), slices.Clone(r.Demands)
		more := r // only this one has to outlive the call
		if err := s.facts(ed.Clone(), &more); err != nil {
			return allocation.Record{}, fmt.Errorf("oms: allocation facts: %w", err)
		}
		r = more
		same := slices.EqualFunc(demands, r.Demands, func(a, b allocation.Demand) bool {
			return a.Line == b.Line && a.Item == b.Item && a.Qty == b.Qty
		})
		if !same || !slices.Equal(items, r.Items) || !r.AllowPartial {
			return allocation.Record{}, ErrAllocationFacts
		}
	}
	plan, err := s.strategy.Plan(s, r)
	if err != nil {
		return allocation.Record{}, err
	}
	return allocation.Record{Request: r, Plan: plan}, allocation.Validate(r, plan)
}

// record is the JSON of a record, if records are kept.
func (s *attempt) record(rec allocation.Record) (json.RawMessage, error) {
	if !s.records {
		return nil, nil
	}
	data, err := json.Marshal(rec)
	if err != nil {
		return nil, fmt.Errorf("oms: record of a plan: %w", err)
	}
	return data, nil
}
