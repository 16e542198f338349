package tidy

import (
	"fmt"
	"slices"
	"strings"
)

// forbiddenEdges finds imports inside the module that mayImport does not allow.
func forbiddenEdges(t *tree) []string {
	var found []string
	for _, f := range t.files {
		if !f.isGo() || f.nested {
			continue
		}
		from, ok := row(f.dir())
		if !ok {
			found = append(found, fmt.Sprintf("%s: folder %s has no row", f.path, f.dir()))
			continue
		}
		for _, pkg := range f.imports() {
			to, inside := folder(pkg)
			if !inside || f.externalTest() || f.isTest() && below(to, "internal") {
				continue
			}
			if target, ok := row(to); !ok || !allowed(from, target) {
				found = append(found, fmt.Sprintf("%s: %s imports %s", f.path, f.dir(), to))
			}
		}
	}
	return found
}

// allowed says whether the row from lets its folders import those of the row to.
func allowed(from, to string) bool {
	if from == to {
		return true
	}
	for _, name := range mayImport[from] {
		if name == to || name == anything || name == domain && slices.Contains(domainFolders, to) {
			return true
		}
	}
	return false
}

// impureDomain finds domain packages that import or reach what a pure package must not know.
func impureDomain(t *tree) []string {
	var found []string
	for _, f := range t.files {
		if !f.isLibrary() || !isDomain(f.dir()) {
			continue
		}
		for _, pkg := range f.imports() {
			if dir, inside := folder(pkg); inside && isDomain(dir) {
				continue // it answers for itself
			}
			if slices.Contains(undirect, pkg) {
				found = append(found, fmt.Sprintf("%s: imports %s", f.path, pkg))
			} else if road := t.roadTo(pkg, isUnreachable, map[string]bool{}); road != nil {
				found = append(found, fmt.Sprintf("%s: reaches %s", f.path, strings.Join(road, " → ")))
			}
		}
	}
	return found
}

// isDomain says whether a folder must be pure. The machine under the domain folders must be, too.
func isDomain(dir string) bool {
	top, ok := row(dir)
	return ok && (slices.Contains(domainFolders, top) || top == "internal/lifecycle")
}

func isUnreachable(pkg string) bool {
	return pkg == module || pkg != "database/sql/driver" &&
		slices.ContainsFunc(unreachable, func(top string) bool { return below(pkg, top) })
}

// roadTo returns a chain of imports from pkg to a package that is wanted, nil if there is none.
func (t *tree) roadTo(pkg string, wanted func(string) bool, seen map[string]bool) []string {
	if wanted(pkg) {
		return []string{pkg}
	}
	if seen[pkg] {
		return nil
	}
	seen[pkg] = true
	for _, next := range t.deps[pkg] {
		if road := t.roadTo(next, wanted, seen); road != nil {
			return append([]string{pkg}, road...)
		}
	}
	return nil
}

// strangers finds imports of foreign modules where outsiders does not allow them.
func strangers(t *tree) []string {
	var found []string
	for _, f := range t.files {
		if !f.isGo() || f.nested {
			continue
		}
		for _, pkg := range f.imports() {
			first, _, _ := strings.Cut(pkg, "/")
			if _, inside := folder(pkg); inside || !strings.Contains(first, ".") {
				continue // ours, or the standard library's
			}
			if !welcome(f, pkg) {
				found = append(found, fmt.Sprintf("%s: imports %s", f.path, pkg))
			}
		}
	}
	return found
}

func welcome(f *file, pkg string) bool {
	at, _ := row(f.dir())
	return slices.ContainsFunc(outsiders, func(o outsider) bool {
		return below(pkg, o.path) &&
			(o.tests && f.isTest() || slices.Contains(o.in, anything) || slices.Contains(o.in, at))
	})
}
