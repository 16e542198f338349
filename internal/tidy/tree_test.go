package tidy

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// tree is what the laws look at: the files of the module and, for reachability, what the packages outside
// it import.
type tree struct {
	fset  *token.FileSet
	files []*file
	deps  map[string][]string // import path → import paths, library code only
}

// file is one file of the tree.
type file struct {
	path   string // from the root, with slashes
	text   []byte
	syntax *ast.File // nil unless it is Go
	nested bool      // belongs to a module below the root, with a go.mod of its own
}

func (f *file) dir() string      { return path.Dir(f.path) }
func (f *file) isGo() bool       { return f.syntax != nil }
func (f *file) isTest() bool     { return strings.HasSuffix(f.path, "_test.go") }
func (f *file) isLibrary() bool  { return f.isGo() && !f.isTest() && !f.nested }
func (f *file) inTestdata() bool { return strings.Contains("/"+f.path, "/testdata/") }
func (f *file) externalTest() bool {
	return f.isTest() && strings.HasSuffix(f.syntax.Name.Name, "_test")
}

// imports returns the import paths of a Go file.
func (f *file) imports() []string {
	var paths []string
	for _, spec := range f.syntax.Imports {
		if p, err := strconv.Unquote(spec.Path.Value); err == nil {
			paths = append(paths, p)
		}
	}
	return paths
}

// newTree parses texts, which maps paths to contents; deps are the imports of packages outside the module.
func newTree(texts map[string][]byte, deps map[string][]string) (*tree, error) {
	t := &tree{fset: token.NewFileSet(), deps: map[string][]string{}}
	for pkg, imports := range deps {
		if _, inside := folder(pkg); !inside {
			t.deps[pkg] = imports
		}
	}
	paths := make([]string, 0, len(texts))
	for p := range texts {
		paths = append(paths, p)
	}
	slices.Sort(paths)
	for _, p := range paths {
		f := &file{path: p, text: texts[p], nested: nested(p, texts)}
		t.files = append(t.files, f)
		if !strings.HasSuffix(p, ".go") || f.inTestdata() {
			continue
		}
		syntax, err := parser.ParseFile(t.fset, p, f.text, parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			return nil, err
		}
		f.syntax = syntax
		if f.isLibrary() {
			pkg := path.Join(module, f.dir())
			t.deps[pkg] = append(t.deps[pkg], f.imports()...)
		}
	}
	return t, nil
}

// nested says whether a folder between the root and p holds a go.mod.
func nested(p string, texts map[string][]byte) bool {
	for dir := path.Dir(p); dir != "."; dir = path.Dir(dir) {
		if _, ok := texts[dir+"/go.mod"]; ok {
			return true
		}
	}
	return false
}

// folder turns an import path into a folder of this module, "." for the root.
func folder(pkg string) (string, bool) {
	if pkg == module {
		return ".", true
	}
	return strings.CutPrefix(pkg, module+"/")
}

// row names the row of mayImport that binds a folder.
func row(dir string) (string, bool) {
	for d := dir; ; d = path.Dir(d) {
		if _, ok := mayImport[d]; ok && (d != "." || dir == ".") {
			return d, true
		}
		if d == "." {
			return "", false
		}
	}
}

// below says whether p is top or lies under it.
func below(p, top string) bool { return p == top || strings.HasPrefix(p, top+"/") }

// readTree reads the module whose go.mod stands in root. Folders with a dot before their name belong to
// tools, all but .ci.
func readTree(ctx context.Context, root string) (*tree, error) {
	texts := map[string][]byte{}
	err := filepath.WalkDir(root, func(name string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && name != root && strings.HasPrefix(entry.Name(), ".") && entry.Name() != ".ci":
			return filepath.SkipDir
		case !entry.Type().IsRegular() || entry.Name() == ".git": // a file in a linked work tree
			return nil
		}
		rel, err := filepath.Rel(root, name)
		if err != nil {
			return err
		}
		texts[filepath.ToSlash(rel)], err = os.ReadFile(name)
		return err
	})
	if err != nil {
		return nil, err
	}
	deps, err := listDeps(ctx, root)
	if err != nil {
		return nil, err
	}
	return newTree(texts, deps)
}

// listDeps asks the go command what every package that the module needs imports.
func listDeps(ctx context.Context, root string) (map[string][]string, error) {
	var stderr bytes.Buffer
	list := exec.CommandContext(ctx, "go", "list", "-e", "-deps", "-json=ImportPath,Imports", "./...")
	list.Dir, list.Stderr = root, &stderr
	out, err := list.Output()
	if err != nil {
		return nil, fmt.Errorf("go list: %w\n%s", err, &stderr)
	}
	deps := map[string][]string{}
	for dec := json.NewDecoder(bytes.NewReader(out)); ; {
		var pkg struct {
			ImportPath string
			Imports    []string
		}
		if err := dec.Decode(&pkg); errors.Is(err, io.EOF) {
			return deps, nil
		} else if err != nil {
			return nil, fmt.Errorf("go list: %w", err)
		}
		deps[pkg.ImportPath] = pkg.Imports
	}
}
