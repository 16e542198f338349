package rule

import (
	"encoding/json"
	"maps"
	"reflect"
	"slices"
)

// Schema is the JSON Schema (draft 2020-12) of what [Parse] reads with standard rules only: for editors,
// forms and checks before a set is sent. Bounds of numbers are checked by Parse alone.
func Schema() []byte {
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
	set := schemaOf(reflect.TypeFor[head]())
	properties, _ := set["properties"].(map[string]any)
	properties["rules"] = many
	properties["objective"] = map[string]any{"enum": []Objective{MostUnits, LeastCost}}
	set["$schema"] = "https://json-schema.org/draft/2020-12/schema"
	set["title"] = "Rules that choose the locations which serve an order"
	set["$defs"] = map[string]any{"rule": map[string]any{"oneOf": rules}}
	text, _ := json.MarshalIndent(set, "", "  ") // maps of texts and lists always marshal
	return append(text, '\n')
}

func ruleSchema(name string, t reflect.Type, inner map[string]any) map[string]any {
	s := schemaOf(t)
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

func schemaOf(t reflect.Type) map[string]any {
	switch t.Kind() {
	case reflect.Struct:
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
	case reflect.Slice:
		return map[string]any{"type": "array", "items": schemaOf(t.Elem())}
	case reflect.String:
		return map[string]any{"type": "string"}
	case reflect.Bool:
		return map[string]any{"type": "boolean"}
	default:
		return map[string]any{"type": "integer"}
	}
}
