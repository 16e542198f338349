package main

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"strings"

	"github.com/orderkit/oms/allocation/exact"
)

// instance is one line of the file: an order, or a batch of orders that share stock. Money is in cents.
type instance struct {
	ID          string      `json:"id"`
	Class       string      `json:"cls"`
	Family      string      `json:"sub"`
	Kind        string      `json:"kind"` // "single" or "batch"
	Lines       []line      `json:"lines"`
	Locations   []location  `json:"locations"`
	Offers      [][4]int64  `json:"offers"` // line, location, units, unit cost
	Constraints constraints `json:"constraints"`
	Stock       []stock     `json:"stock"`
	Orders      []order     `json:"orders"`
}

type line struct {
	SKU     string  `json:"sku"`
	Qty     int64   `json:"qty"`
	Penalty int64   `json:"penalty"`
	Kg      float64 `json:"kg"`
	NoSplit bool    `json:"no_split"`
	Group   int     `json:"group"`
}

type location struct {
	ID       string `json:"id"`
	Priority int    `json:"priority"`
	Distance int    `json:"distance_km"`
	Zone     int    `json:"zone"`
	Fixed    int64  `json:"fixed"`
	Capacity *int   `json:"ship_capacity"`
}

type constraints struct {
	MaxShipments int  `json:"max_shipments"`
	ShipComplete bool `json:"ship_complete"`
}

// stock is written as [sku, location, units].
type stock struct {
	SKU      string
	Location int
	Units    int64
}

// UnmarshalJSON reads the three values of a row.
func (s *stock) UnmarshalJSON(data []byte) error {
	var row []json.RawMessage
	if err := json.Unmarshal(data, &row); err != nil {
		return err
	}
	if len(row) != 3 {
		return fmt.Errorf("a row of stock is [sku, location, units], here it has %d values", len(row))
	}
	return errors.Join(json.Unmarshal(row[0], &s.SKU), json.Unmarshal(row[1], &s.Location), json.Unmarshal(row[2], &s.Units))
}

type order struct {
	ID       string     `json:"id"`
	Lines    []line     `json:"lines"`
	Fixed    []int64    `json:"fixed"`
	Distance []int      `json:"distance_km"`
	Offers   [][3]int64 `json:"offers"` // line, location, unit cost
}

// lineError says which line of the file cannot be used, and why.
type lineError struct {
	file   string
	line   int
	reason error
}

func (e *lineError) Error() string {
	return fmt.Sprintf("%s:%d: %s", e.file, e.line, strings.TrimPrefix(e.reason.Error(), "exact: "))
}
func (e *lineError) Unwrap() error { return e.reason }

// load reads a file of one instance a line, compressed or not.
func load(path string) (all []*instance, err error) {
	file, err := os.Open(path) //nolint:gosec // the caller names the file to read
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	in := io.Reader(file)
	if strings.HasSuffix(path, ".gz") {
		if in, err = gzip.NewReader(file); err != nil {
			return nil, &lineError{path, 1, fmt.Errorf("the name ends in .gz but the content is not compressed so: %w", err)}
		}
	}
	return parse(path, in)
}

func parse(path string, in io.Reader) ([]*instance, error) {
	var all []*instance
	ids := make(map[string]int)
	reader := bufio.NewReader(in)
	for n := 1; ; n++ {
		text, err := reader.ReadBytes('\n')
		if err != nil && !errors.Is(err, io.EOF) {
			return nil, &lineError{path, n, err}
		}
		if len(text) == 0 {
			break
		}
		it, bad := decode(text)
		if bad == nil && ids[it.ID] > 0 {
			bad = fmt.Errorf("id %q stands on line %d already", it.ID, ids[it.ID])
		}
		if bad != nil {
			return nil, &lineError{path, n, bad}
		}
		ids[it.ID] = n
		all = append(all, it)
	}
	if len(all) == 0 {
		return nil, &lineError{path, 1, errors.New("the file is empty: write one instance a line")}
	}
	return all, nil
}

// decode reads one instance and refuses what it does not know.
func decode(text []byte) (*instance, error) {
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	var it instance
	if err := d.Decode(&it); err != nil {
		if errors.Is(err, io.EOF) {
			return nil, errors.New("the line is empty")
		}
		return nil, err
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("there is more on the line than one instance")
	}
	if it.ID == "" {
		return nil, errors.New("the instance has no id")
	}
	switch it.Kind {
	case "single":
		_, err := it.single(exact.LeastCost)
		return &it, err
	case "batch":
		_, err := it.batch(exact.LeastCost)
		return &it, err
	default:
		return nil, fmt.Errorf("kind is %q: it is single or batch", it.Kind)
	}
}

// single turns an instance into a problem, and checks it.
func (it *instance) single(objective exact.Objective) (*exact.Problem, error) {
	p := &exact.Problem{
		Objective: objective, MaxShipments: it.Constraints.MaxShipments, ShipComplete: it.Constraints.ShipComplete,
	}
	for _, l := range it.Lines {
		p.Lines = append(p.Lines, exact.Line{Qty: l.Qty, Penalty: l.Penalty, NoSplit: l.NoSplit, Group: l.Group})
	}
	for _, l := range it.Locations {
		p.Locations = append(p.Locations, exact.Location{Fixed: l.Fixed})
	}
	for k, o := range it.Offers {
		if o[0] != int64(int32(o[0])) || o[1] != int64(int32(o[1])) {
			return nil, fmt.Errorf("offer %d is of line %d at location %d: there is none", k, o[0], o[1])
		}
		p.Offers = append(p.Offers, exact.Offer{Line: int32(o[0]), Location: int32(o[1]), Units: o[2], UnitCost: o[3]})
	}
	return p, p.Validate()
}

// batch turns an instance into a batch of problems, and checks it.
func (it *instance) batch(objective exact.Objective) (*exact.Batch, error) {
	b := &exact.Batch{Objective: objective}
	type cell struct {
		sku      string
		location int
	}
	pools := make(map[cell]int32)
	for n, s := range it.Stock {
		at := cell{s.SKU, s.Location}
		if _, twice := pools[at]; twice {
			return nil, fmt.Errorf("stock %d: %s at location %d stands there twice", n, s.SKU, s.Location)
		}
		pools[at] = int32(len(b.Stock))
		b.Stock = append(b.Stock, s.Units)
	}
	for _, l := range it.Locations {
		capacity := int64(-1)
		if l.Capacity != nil {
			capacity = int64(*l.Capacity)
		}
		b.Capacity = append(b.Capacity, capacity)
	}
	for _, o := range it.Orders {
		p := exact.Problem{Objective: objective}
		for _, l := range o.Lines {
			p.Lines = append(p.Lines, exact.Line{Qty: l.Qty, Penalty: l.Penalty})
		}
		for _, fixed := range o.Fixed {
			p.Locations = append(p.Locations, exact.Location{Fixed: fixed})
		}
		var from []int32
		for _, offer := range o.Offers {
			i, j := offer[0], offer[1]
			if i < 0 || i >= int64(len(o.Lines)) || j < 0 || j >= int64(len(it.Locations)) {
				return nil, fmt.Errorf("order %s has an offer of line %d at location %d: there is none", o.ID, i, j)
			}
			pool, known := pools[cell{o.Lines[i].SKU, int(j)}]
			if !known {
				return nil, fmt.Errorf("order %s has an offer of %s at location %d, which has no stock of it", o.ID, o.Lines[i].SKU, j)
			}
			p.Offers = append(p.Offers, exact.Offer{
				Line: int32(i), Location: int32(j), Units: math.MaxInt64, UnitCost: offer[2],
			})
			from = append(from, pool)
		}
		b.Orders, b.Pools = append(b.Orders, p), append(b.Pools, from)
	}
	return b, b.Validate()
}
