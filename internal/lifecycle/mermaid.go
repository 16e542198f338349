package lifecycle

import (
	"fmt"
	"slices"
	"strings"
	"unicode"
)

// Mermaid draws the machine as a stateDiagram-v2, edges and final states in declared order.
//
// looplab's own drawing is not used: it knows no final states, and it prints a name such as on-hold or default
// as it is, which Mermaid cannot parse. Here such a state gets an id and keeps its name as the text shown.
func (m *Machine[S, E, T]) Mermaid() string {
	var b strings.Builder
	b.WriteString("stateDiagram-v2\n")
	ids := map[S]string{}
	for i, st := range m.spec.States {
		name := string(st.Name)
		ids[st.Name] = name
		if !plain(name) {
			ids[st.Name] = m.alias(i)
			fmt.Fprintf(&b, "    state \"%s\" as %s\n", escape(name), ids[st.Name])
		}
	}
	fmt.Fprintf(&b, "    [*] --> %s\n", ids[m.spec.Initial])
	for _, e := range m.spec.Edges {
		fmt.Fprintf(&b, "    %s --> %s: %s\n", ids[e.From], ids[e.To], escape(string(e.Event)))
	}
	for _, st := range m.spec.States {
		if st.Final {
			fmt.Fprintf(&b, "    %s --> [*]\n", ids[st.Name])
		}
	}
	return b.String()
}

// alias returns an id for the i-th state that is no state's name.
func (m *Machine[S, E, T]) alias(i int) string {
	id := fmt.Sprintf("state_%d", i)
	for slices.ContainsFunc(m.spec.States, func(st State[S]) bool { return string(st.Name) == id }) {
		id += "_"
	}
	return id
}

// plain reports whether name can stand as an id in a Mermaid state diagram.
func plain(name string) bool {
	switch strings.ToLower(name) {
	case "accdescr", "acctitle", "class", "classdef", "click", "default", "href", "note", "scale", "state",
		"statediagram", "style":
		return false // Mermaid's keywords, which it reads in any case
	}
	return !strings.ContainsFunc(name, func(r rune) bool { return !word(r) })
}

// escape writes every character that could mean something to Mermaid as its entity.
func escape(text string) string {
	var b strings.Builder
	for _, r := range text {
		if word(r) || strings.ContainsRune("-./", r) {
			b.WriteRune(r)
		} else {
			fmt.Fprintf(&b, "#%d;", r)
		}
	}
	return b.String()
}

func word(r rune) bool { return r == '_' || unicode.IsLetter(r) || unicode.IsDigit(r) }
