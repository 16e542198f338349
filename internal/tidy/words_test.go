package tidy

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
)

// newFolders finds folders at the root that the layout does not name.
func newFolders(t *tree) []string {
	var found []string
	for _, f := range t.files {
		top, _, isBelow := strings.Cut(f.path, "/")
		if isBelow && !strings.HasPrefix(top, ".") && !slices.Contains(topFolders, top) {
			found = append(found, top)
		}
	}
	return slices.Compact(found)
}

// unwantedWords finds the words of unwanted in every text file.
func unwantedWords(t *tree) []string {
	var found []string
	for _, f := range t.files {
		if bytes.IndexByte(f.text, 0) >= 0 {
			continue // not text
		}
		number := 0
		for line := range bytes.Lines(f.text) {
			number++
			for _, word := range unwanted {
				if hit := word.pattern.Find(line); hit != nil && (word.testdata || !f.inTestdata()) {
					found = append(found, fmt.Sprintf("%s:%d: %q", f.path, number, bytes.TrimSpace(hit)))
				}
			}
		}
	}
	return found
}
