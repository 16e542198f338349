package rule

import _ "embed" // for the schema

//go:embed schema.json
var schema string

// Schema is the JSON Schema (draft 2020-12) of what [Parse] reads with standard rules only: for editors,
// forms and checks before a set is sent. Bounds of numbers are checked by Parse alone.
func Schema() []byte { return []byte(schema) }
