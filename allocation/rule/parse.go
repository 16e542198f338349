package rule

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"reflect"
	"slices"
	"strings"
)

// Decoder reads a rule of the host from the fields of its JSON object; the field "rule" is among them.
type Decoder func(fields json.RawMessage) (Rule, error)

// The names of rules around rules. All other rules have the name that explanations use.
const (
	softKind     = "soft"
	weightedKind = "weighted"
	whenKind     = "when"
)

// standard are the rules that JSON can name, and a zero value of each.
func standard() map[string]Rule {
	table := make(map[string]Rule)
	for _, r := range []Rule{
		Exclude{}, Only{}, MaxDistance{}, SameCountry{}, SameRegion{}, InTime{}, RingFence{}, KeepBack{}, MaxShipments{}, Complete{}, NoSplit{}, Together{},
		Shipment{}, Rates{}, Distance{}, Priority{}, HighestStock{}, Balance{}, OldestFirst{}, Prefer{}, Ranked{}, Late{}, Earliest{}, Stay{},
	} {
		table[r.Name()] = r
	}
	return table
}

// head is a set in JSON, without its rules.
type head struct {
	Name         string    `json:"name,omitempty"`
	Objective    Objective `json:"objective,omitempty"`
	Alternatives bool      `json:"alternatives,omitempty"`
	Nodes        int       `json:"nodes,omitempty"`
}

type softJSON struct {
	Cost int64 `json:"cost"`
}

type weightedJSON struct {
	Percent int64 `json:"percent"`
}

type whenJSON struct {
	Orders Orders `json:"orders"`
}

// Parse reads a set from JSON. It is strict: a field or a rule that does not exist, a field twice or of another
// type, a missing one, and anything after the set are refused with a [*SetError] that names the place. Rules of
// the host need a decoder under their name.
func Parse(data []byte, own map[string]Decoder) (Set, error) {
	p := parser{own: own, standard: standard()}
	fields, err := object("", data)
	if err != nil {
		return Set{}, err
	}
	var h head
	if err := p.fill("", fields, reflect.ValueOf(&h).Elem(), "rules"); err != nil {
		return Set{}, err
	}
	set := Set{Called: h.Name, Objective: h.Objective, Alternatives: h.Alternatives, Nodes: h.Nodes}
	if raw, ok := fields["rules"]; ok {
		if set.Rules, err = p.rules("rules", raw, 0); err != nil {
			return Set{}, err
		}
	}
	return set, set.Validate()
}

// UnmarshalJSON is Parse for sets without rules of the host.
func (s *Set) UnmarshalJSON(data []byte) error {
	set, err := Parse(data, nil)
	if err == nil {
		*s = set
	}
	return err
}

type parser struct {
	own      map[string]Decoder
	standard map[string]Rule
}

// maxDepth bounds rules within rules.
const maxDepth = 8

func (p *parser) rules(path string, raw json.RawMessage, depth int) ([]Rule, error) {
	list, err := array(path, raw)
	if err != nil {
		return nil, err
	}
	var out []Rule
	for k, raw := range list {
		r, err := p.rule(fmt.Sprintf("%s[%d]", path, k), raw, depth)
		if err != nil {
			return nil, err
		}
		out = append(out, r)
	}
	return out, nil
}

func (p *parser) rule(path string, raw json.RawMessage, depth int) (Rule, error) {
	if depth > maxDepth {
		return nil, &SetError{Path: path, Problem: fmt.Sprintf("is the %dth rule within a rule: at most %d", depth, maxDepth)}
	}
	fields, err := object(path, raw)
	if err != nil {
		return nil, err
	}
	var name string
	if _, ok := fields["rule"]; !ok {
		return nil, &SetError{Path: path, Problem: `names no rule: give "rule"`}
	}
	if err := p.value(path+".rule", fields["rule"], reflect.ValueOf(&name).Elem()); err != nil {
		return nil, err
	}
	switch name {
	case softKind:
		var x softJSON
		of, err := p.wrapped(path, fields, &x, "of", depth)
		return Soft{Rule: of, Cost: x.Cost}, err
	case weightedKind:
		var x weightedJSON
		of, err := p.wrapped(path, fields, &x, "of", depth)
		return Weighted{Rule: of, Percent: x.Percent}, err
	case whenKind:
		var x whenJSON
		if err := p.fill(path, fields, reflect.ValueOf(&x).Elem(), "rule", "then"); err != nil {
			return nil, err
		}
		then, err := p.rules(path+".then", fields["then"], depth+1)
		return When{Orders: x.Orders, Rules: then}, err
	}
	if zero, ok := p.standard[name]; ok {
		v := reflect.New(reflect.TypeOf(zero)).Elem()
		if err := p.fill(path, fields, v, "rule"); err != nil {
			return nil, err
		}
		return v.Interface().(Rule), nil //nolint:forcetypeassert // it is of the type of a rule
	}
	decode, ok := p.own[name]
	if !ok || decode == nil {
		return nil, &SetError{Path: path + ".rule", Problem: fmt.Sprintf("there is no rule %q: the rules are %s", name, p.names())}
	}
	r, err := decode(raw)
	if err != nil {
		return nil, &SetError{Path: path, Problem: fmt.Sprintf("%s: %v", name, err)}
	}
	return r, nil
}

func (p *parser) names() string {
	names := slices.Sorted(maps.Keys(p.standard))
	names = append(names, softKind, weightedKind, whenKind)
	return strings.Join(append(names, slices.Sorted(maps.Keys(p.own))...), ", ")
}

// wrapped reads the fields of a rule around another, and the other.
func (p *parser) wrapped(path string, fields map[string]json.RawMessage, to any, inner string, depth int) (Rule, error) {
	if err := p.fill(path, fields, reflect.ValueOf(to).Elem(), "rule", inner); err != nil {
		return nil, err
	}
	raw, ok := fields[inner]
	if !ok {
		return nil, &SetError{Path: path + "." + inner, Problem: "is missing"}
	}
	return p.rule(path+"."+inner, raw, depth+1)
}

// fill sets the fields of a struct and refuses all others but those that the caller reads itself.
func (p *parser) fill(path string, fields map[string]json.RawMessage, to reflect.Value, others ...string) error {
	known := slices.Clone(others)
	for k := range to.NumField() {
		name, _ := jsonName(to.Type().Field(k))
		known = append(known, name)
	}
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		if !slices.Contains(known, name) {
			slices.Sort(known)
			return &SetError{Path: join(path, name), Problem: "there is no such field: there are " + strings.Join(known, ", ")}
		}
	}
	for k := range to.NumField() {
		name, optional := jsonName(to.Type().Field(k))
		raw, ok := fields[name]
		switch {
		case ok:
			if err := p.value(join(path, name), raw, to.Field(k)); err != nil {
				return err
			}
		case !optional:
			return &SetError{Path: join(path, name), Problem: "is missing"}
		}
	}
	return nil
}

func join(path, name string) string {
	if path == "" {
		return name
	}
	return path + "." + name
}

// jsonName is the name of a field and whether it may be left out.
func jsonName(f reflect.StructField) (name string, optional bool) {
	name, options, _ := strings.Cut(f.Tag.Get("json"), ",")
	return name, options != ""
}

// value sets one value of the few kinds that rules are made of.
func (p *parser) value(path string, raw json.RawMessage, to reflect.Value) error {
	switch to.Kind() {
	case reflect.Struct:
		fields, err := object(path, raw)
		if err != nil {
			return err
		}
		return p.fill(path, fields, to)
	case reflect.Slice:
		list, err := array(path, raw)
		if err != nil {
			return err
		}
		for k, raw := range list {
			v := reflect.New(to.Type().Elem()).Elem()
			if err := p.value(fmt.Sprintf("%s[%d]", path, k), raw, v); err != nil {
				return err
			}
			to.Set(reflect.Append(to, v))
		}
		return nil
	default:
	}
	if err := json.Unmarshal(raw, to.Addr().Interface()); err != nil || string(raw) == "null" {
		return &SetError{Path: path, Problem: fmt.Sprintf("%.40s is not a %s", raw, kindName(to.Kind()))}
	}
	return nil
}

func kindName(k reflect.Kind) string {
	switch k {
	case reflect.String:
		return "text"
	case reflect.Bool:
		return "truth value"
	default:
		return "whole number"
	}
}

// object splits an object into its fields and refuses one that has a field twice.
func object(path string, raw []byte) (map[string]json.RawMessage, error) {
	bad := func(err error) error {
		return &SetError{Path: path, Problem: fmt.Sprintf("is not an object: %v", err)}
	}
	d := json.NewDecoder(bytes.NewReader(raw))
	if t, err := d.Token(); err != nil || t != json.Delim('{') {
		return nil, bad(orElse(err, fmt.Errorf("%.40s", raw)))
	}
	fields := make(map[string]json.RawMessage)
	for d.More() {
		t, err := d.Token()
		if err != nil {
			return nil, bad(err)
		}
		name, _ := t.(string) // the key of an object
		if _, twice := fields[name]; twice {
			return nil, &SetError{Path: join(path, name), Problem: "is there twice"}
		}
		var v json.RawMessage
		if err := d.Decode(&v); err != nil {
			return nil, bad(err)
		}
		fields[name] = v
	}
	return fields, end(d, bad)
}

func array(path string, raw []byte) ([]json.RawMessage, error) {
	var list []json.RawMessage
	if err := json.Unmarshal(raw, &list); err != nil || list == nil {
		return nil, &SetError{Path: path, Problem: fmt.Sprintf("%.40s is not a list", raw)}
	}
	return list, nil
}

// end reads the closing bracket and refuses what comes after it.
func end(d *json.Decoder, bad func(error) error) error {
	if _, err := d.Token(); err != nil {
		return bad(err)
	}
	if t, err := d.Token(); !errors.Is(err, io.EOF) {
		return bad(orElse(err, fmt.Errorf("%v comes after it", t)))
	}
	return nil
}

func orElse(err, other error) error {
	if err != nil {
		return err
	}
	return other
}

// MarshalJSON writes the set as [Parse] reads it. A [Filter] and a [Cost] are functions and refused; any other
// rule of the host has to encode itself as an object.
func (s Set) MarshalJSON() ([]byte, error) {
	if err := s.Validate(); err != nil {
		return nil, err
	}
	rules, err := encode(s.Rules)
	if err != nil {
		return nil, err
	}
	return json.Marshal(struct {
		head
		Rules []json.RawMessage `json:"rules"`
	}{head{s.Called, s.Objective, s.Alternatives, s.Nodes}, rules})
}

func encode(rules []Rule) ([]json.RawMessage, error) {
	out := []json.RawMessage{}
	for _, r := range rules {
		raw, err := encodeRule(r)
		if err != nil {
			return nil, err
		}
		out = append(out, raw)
	}
	return out, nil
}

func encodeRule(r Rule) (json.RawMessage, error) {
	switch x := r.(type) {
	case Filter, Cost:
		return nil, &SetError{Problem: fmt.Sprintf("rule %s is a function: give it a type of its own that JSON can write", r.Name())}
	case Soft:
		of, err := encodeRule(x.Rule)
		return named(softKind, struct {
			softJSON
			Of json.RawMessage `json:"of"`
		}{softJSON{x.Cost}, of}, err)
	case Weighted:
		of, err := encodeRule(x.Rule)
		return named(weightedKind, struct {
			weightedJSON
			Of json.RawMessage `json:"of"`
		}{weightedJSON{x.Percent}, of}, err)
	case When:
		then, err := encode(x.Rules)
		return named(whenKind, struct {
			whenJSON
			Then []json.RawMessage `json:"then"`
		}{whenJSON{x.Orders}, then}, err)
	}
	return named(r.Name(), r, nil)
}

// named is the JSON object of v with the name of its rule in front.
func named(name string, v any, err error) (json.RawMessage, error) {
	if err != nil {
		return nil, err
	}
	body, err := json.Marshal(v)
	if err != nil {
		return nil, fmt.Errorf("rule %s: %w", name, err)
	}
	fields, err := object(name, body)
	if err != nil {
		return nil, err
	}
	first, err := json.Marshal(name)
	if err != nil {
		return nil, fmt.Errorf("rule %s: %w", name, err)
	}
	if _, has := fields["rule"]; has {
		return body, nil
	}
	head := append([]byte(`{"rule":`), first...)
	if len(fields) > 0 {
		head = append(head, ',')
	}
	return append(head, body[1:]...), nil
}
