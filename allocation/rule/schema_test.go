package rule

import (
	"bytes"
	"encoding/json"
	"flag"
	"maps"
	"os"
	"reflect"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
)

var update = flag.Bool("update", false, "write schema.json anew")

// The schema that is handed out is the one that the types of the rules make.
func TestSchemaSaysWhatParseReads(t *testing.T) {
	t.Parallel()
	want := generate(t)
	if *update {
		require.NoError(t, os.WriteFile("schema.json", want, 0o600))
		return
	}
	require.True(t, bytes.Equal(want, Schema()), "the types have changed: go test ./allocation/rule -run Schema -update")
}

// generate makes the schema from the types of the rules.
func generate(t *testing.T) []byte {
	t.Helper()
	rules := []any{}
	table := standard()
	for _, name := range slices.Sorted(maps.Keys(table)) {
		rules = append(rules, ruleSchema(name, reflect.TypeOf(table[name]), nil))
	}
	one, many := map[string]any{"$ref": "#/$defs/rule"}, map[string]any{"type": "array", "items": map[string]any{"$ref": "#/$defs/rule"}}
	rules = append(rules,
		ruleSchema(softKind, reflect.TypeFor[softJSON](), map[string]any{"of": one}),
		ruleSchema(weightedKind, reflect.TypeFor[weightedJSON](), map[string]any{"of": one}),
		ruleSchema(whenKind, reflect.TypeFor[whenJSON](), map[string]any{"then": many}),
	)
	set := fields(reflect.TypeFor[head]())
	properties, _ := set["properties"].(map[string]any)
	properties["rules"] = many
	properties["objective"] = map[string]any{"enum": []Objective{MostUnits, LeastCost}}
	set["$schema"] = "https://json-schema.org/draft/2020-12/schema"
	set["title"] = "Rules that choose the locations which serve an order"
	set["$defs"] = map[string]any{
		"rule": map[string]any{"oneOf": rules}, "where": fields(reflect.TypeFor[Where]()), "orders": fields(reflect.TypeFor[Orders]()),
	}
	text, err := json.MarshalIndent(set, "", "  ")
	require.NoError(t, err)
	return append(text, '\n')
}

func ruleSchema(name string, t reflect.Type, inner map[string]any) map[string]any {
	s := fields(t)
	properties, _ := s["properties"].(map[string]any)
	required, _ := s["required"].([]string)
	properties["rule"] = map[string]any{"const": name}
	required = append(required, "rule")
	for field, schema := range inner {
		properties[field] = schema
		required = append(required, field)
	}
	slices.Sort(required)
	s["required"] = required
	return s
}

// fields is the schema of a struct.
func fields(t reflect.Type) map[string]any {
	properties := make(map[string]any)
	required := []string{}
	for k := range t.NumField() {
		name, optional := jsonName(t.Field(k))
		properties[name] = schemaOf(t.Field(k).Type)
		if !optional {
			required = append(required, name)
		}
	}
	return map[string]any{"type": "object", "properties": properties, "required": required, "additionalProperties": false}
}

func schemaOf(t reflect.Type) map[string]any {
	switch {
	case t == reflect.TypeFor[Where]():
		return map[string]any{"$ref": "#/$defs/where"}
	case t == reflect.TypeFor[Orders]():
		return map[string]any{"$ref": "#/$defs/orders"}
	case t.Kind() == reflect.Struct:
		return fields(t)
	case t.Kind() == reflect.Slice:
		return map[string]any{"type": "array", "items": schemaOf(t.Elem())}
	case t.Kind() == reflect.String:
		return map[string]any{"type": "string"}
	case t.Kind() == reflect.Bool:
		return map[string]any{"type": "boolean"}
	}
	return map[string]any{"type": "integer"}
}
