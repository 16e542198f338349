package allocation_test

import (
	"errors"
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/orderkit/oms/allocation"
)

func TestRequestValidateRefuses(t *testing.T) {
	t.Parallel()
	valid := func() allocation.Request {
		return request(false, &allocation.Point{}, []place{{id: "L1", at: &allocation.Point{}, stock: stock{"V": 5}}, {id: "L2"}}, line(1, "V", 5), line(2, "W", 1))
	}
	require.NoError(t, valid().Validate())
	tests := map[string]struct {
		change func(r *allocation.Request)
		want   string
		facts  allocation.RequestError
	}{
		"no units": {
			func(r *allocation.Request) { r.Demands[0].Qty = 0 },
			"line 1 wants 0", allocation.RequestError{Line: 1, Item: "V"},
		},
		"negative units": {
			func(r *allocation.Request) { r.Demands[1].Qty = -1 },
			"line 2 wants -1", allocation.RequestError{Line: 2, Item: "W", Qty: -1},
		},
		"a total that overflows": {
			func(r *allocation.Request) { r.Demands[0].Qty = math.MaxInt64 },
			"split the request", allocation.RequestError{Line: 2, Item: "W", Qty: 1},
		},
		"a demand without a column": {
			func(r *allocation.Request) { r.Demands[0].Item = "X" },
			`"X", which is not in Items`, allocation.RequestError{Line: 1, Item: "X", Qty: 5},
		},
		"one demand twice": {
			func(r *allocation.Request) { r.Demands = append(r.Demands, line(1, "V", 2)) },
			"line 1 demands V twice", allocation.RequestError{Line: 1, Item: "V"},
		},
		"one column twice": {
			func(r *allocation.Request) { r.Items[1] = "V" },
			"item V is listed twice", allocation.RequestError{Item: "V"},
		},
		"an item without an id": {
			func(r *allocation.Request) { r.Items[0] = "" },
			"empty item id", allocation.RequestError{},
		},
		"a location without an id": {
			func(r *allocation.Request) { r.Candidates[1].Location = "" },
			"empty location id", allocation.RequestError{},
		},
		"one location twice": {
			func(r *allocation.Request) { r.Candidates[1].Location = "L1" },
			"location L1 is a candidate twice", allocation.RequestError{Location: "L1"},
		},
		"a row of the wrong length": {
			func(r *allocation.Request) { r.Candidates[1].Available = nil },
			"location L2 gives stock of 0 items", allocation.RequestError{Location: "L2"},
		},
		"negative stock": {
			func(r *allocation.Request) { r.Candidates[0].Available[1] = -3 },
			"location L1 has -3 of W", allocation.RequestError{Location: "L1", Item: "W", Qty: -3},
		},
		"a latitude beyond the pole": {
			func(r *allocation.Request) { r.Candidates[0].At.Lat = 90.1 },
			"no place on earth", allocation.RequestError{Location: "L1"},
		},
		"a longitude beyond the date line": {
			func(r *allocation.Request) { r.Candidates[0].At.Lng = -180.1 },
			"no place on earth", allocation.RequestError{Location: "L1"},
		},
		"a destination that is not a number": {
			func(r *allocation.Request) { r.Destination.Lat = math.NaN() },
			"the destination (NaN, 0)", allocation.RequestError{},
		},
		"an infinite destination": {
			func(r *allocation.Request) { r.Destination.Lng = math.Inf(1) },
			"the destination (0, +Inf)", allocation.RequestError{},
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := valid()
			tt.change(&r)
			err := r.Validate()
			require.ErrorIs(t, err, allocation.ErrInvalidRequest)
			require.ErrorContains(t, err, tt.want)
			e, ok := errors.AsType[*allocation.RequestError](err)
			require.True(t, ok)
			tt.facts.Problem = e.Problem
			require.Equal(t, tt.facts, *e)
			require.Empty(t, r.Fingerprint())
			require.Equal(t, err, allocation.Validate(r, allocation.Plan{}))
			for _, s := range standard() {
				_, got := s.Plan(t.Context(), r)
				require.Equal(t, err, got, "%s plans no request that is not valid", s.name)
			}
		})
	}
}

func TestValidateRefusesAPlanThat(t *testing.T) {
	t.Parallel()
	// Lines 1 and 2 share nine units of V; line 3 finds one of two units of W.
	r := request(true, nil, []place{{id: "L1", stock: stock{"V": 4, "W": 1}}, {id: "L2", stock: stock{"V": 5}}}, line(1, "V", 6), line(2, "V", 2), line(3, "W", 2))
	tests := map[string]struct {
		change func(p *allocation.Plan)
		want   string
		facts  allocation.PlanError
	}{
		"serves a line beyond its demand": {
			func(p *allocation.Plan) { p.Assignments[2].Qty = 5 },
			"needs only 2 more", allocation.PlanError{Line: 1, Item: "V", Location: "L2", Want: 5, Have: 2},
		},
		"gives the units of a location to two lines": {
			func(p *allocation.Plan) { p.Assignments[3].Location = "L1" },
			"has only 0 left", allocation.PlanError{Line: 2, Item: "V", Location: "L1", Want: 2},
		},
		"assigns nothing as if it were something": {
			func(p *allocation.Plan) { p.Assignments[0].Qty = 0 },
			"nothing to send", allocation.PlanError{Line: 1, Item: "V", Location: "L1"},
		},
		"assigns a negative quantity to make room": {
			func(p *allocation.Plan) { p.Assignments[0].Qty = -4 },
			"nothing to send", allocation.PlanError{Line: 1, Item: "V", Location: "L1", Want: -4},
		},
		"invents a location": {
			func(p *allocation.Plan) { p.Assignments[0].Location = "L9" },
			"no candidate", allocation.PlanError{Line: 1, Item: "V", Location: "L9", Want: 4},
		},
		"invents a line": {
			func(p *allocation.Plan) { p.Assignments[0].Line = 9 },
			"no such line", allocation.PlanError{Line: 9, Item: "V", Location: "L1", Want: 4},
		},
		"sends another item": {
			func(p *allocation.Plan) { p.Assignments[0].Item = "W" },
			"no such line", allocation.PlanError{Line: 1, Item: "W", Location: "L1", Want: 4},
		},
		"forgets an assignment": {
			func(p *allocation.Plan) { p.Assignments = p.Assignments[:3] },
			"does not say so", allocation.PlanError{Line: 2, Item: "V", Want: 2},
		},
		"hides a shortage": {
			func(p *allocation.Plan) { p.Unassigned = nil },
			"does not say so", allocation.PlanError{Line: 3, Item: "W", Want: 2, Have: 1},
		},
		"understates a shortage": {
			func(p *allocation.Plan) { p.Unassigned[0].Have = 2 },
			"reports 2 of 2", allocation.PlanError{Line: 3, Item: "W", Want: 2, Have: 1},
		},
		"reports a shortage twice": {
			func(p *allocation.Plan) { p.Unassigned = append(p.Unassigned, p.Unassigned[0]) },
			"once", allocation.PlanError{Line: 3, Item: "W", Want: 1, Have: 2},
		},
		"reports a shortage of a line that is filled": {
			func(p *allocation.Plan) {
				p.Unassigned = append(p.Unassigned, allocation.Shortage{Line: 2, Item: "V", Want: 2, Have: 2})
			},
			"only if it is too little", allocation.PlanError{Line: 2, Item: "V", Want: 2, Have: 2},
		},
		"misstates the demand": {
			func(p *allocation.Plan) { p.Unassigned[0].Want = 3 },
			"wants 3 of W and the request says 2", allocation.PlanError{Line: 3, Item: "W", Want: 3, Have: 2},
		},
		"reports a shortage of a line that does not exist": {
			func(p *allocation.Plan) { p.Unassigned[0].Line = 8 },
			"which does not demand it", allocation.PlanError{Line: 8, Item: "W"},
		},
		"belongs to another request": {
			func(p *allocation.Plan) { p.Fingerprint = "0123" },
			"made for another request (0123)", allocation.PlanError{},
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := plan(t, allocation.Priority(), r)
			tt.change(&p)
			refused(t, r, p, tt.want, tt.facts)
		})
	}
}

func TestValidateRefusesARefusalThat(t *testing.T) {
	t.Parallel()
	r := request(false, nil, []place{{id: "L1", stock: stock{"V": 4, "W": 9}}}, line(1, "V", 3), line(2, "V", 3), line(3, "W", 1))
	tests := map[string]struct {
		change func(p *allocation.Plan)
		want   string
		facts  allocation.PlanError
	}{
		"assigns some units all the same": {
			func(p *allocation.Plan) { p.Assignments = []allocation.Assignment{sends(3, "W", "L1", 1)} },
			"all or nothing", allocation.PlanError{},
		},
		"omits a line that is held back": {
			func(p *allocation.Plan) { p.Unassigned = p.Unassigned[:2] },
			"list every demand that is held back", allocation.PlanError{Line: 3, Item: "W", Want: 1},
		},
		"found more than there is": {
			func(p *allocation.Plan) { p.Unassigned[1].Have = 2 },
			"reports 2 of 3", allocation.PlanError{Line: 2, Item: "V", Want: 2, Have: 1},
		},
		"misstates the demand": {
			func(p *allocation.Plan) { p.Unassigned[2].Want = 7 },
			"wants 7 of W and the request says 1", allocation.PlanError{Line: 3, Item: "W", Want: 7, Have: 1},
		},
		"found less than nothing": {
			func(p *allocation.Plan) { p.Unassigned[1].Have = -1 },
			"reports -1 of 3", allocation.PlanError{Line: 2, Item: "V", Want: -1, Have: 1},
		},
		"lists a line twice": {
			func(p *allocation.Plan) {
				p.Unassigned[1].Have = 0
				p.Unassigned = append(p.Unassigned, p.Unassigned[1])
			},
			"once", allocation.PlanError{Line: 2, Item: "V"},
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := plan(t, allocation.Priority(), r)
			tt.change(&p)
			refused(t, r, p, tt.want, tt.facts)
		})
	}
}

func TestValidateRefusesToHoldBackWhatWasFoundInFull(t *testing.T) {
	t.Parallel()
	r := request(false, nil, []place{{id: "L1", stock: stock{"V": 4}}}, line(1, "V", 3))
	p := allocation.Plan{Unassigned: []allocation.Shortage{{Line: 1, Item: "V", Want: 3, Have: 3}}}
	refused(t, r, p, "assign them", allocation.PlanError{})
}

func TestAPlanMadeByHandNeedsNoFingerprint(t *testing.T) {
	t.Parallel()
	r := request(false, nil, []place{{id: "L1", stock: stock{"V": 4}}, {id: "L2", stock: stock{"V": 4}}}, line(1, "V", 3))
	require.NoError(t, allocation.Validate(r, allocation.Plan{Assignments: []allocation.Assignment{sends(1, "V", "L2", 3)}}))
}

func refused(t *testing.T, r allocation.Request, p allocation.Plan, want string, facts allocation.PlanError) {
	t.Helper()
	err := allocation.Validate(r, p)
	require.ErrorIs(t, err, allocation.ErrInvalidPlan)
	require.ErrorContains(t, err, want)
	e, ok := errors.AsType[*allocation.PlanError](err)
	require.True(t, ok)
	facts.Problem = e.Problem
	require.Equal(t, facts, *e)
}
