package tidy

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/token"
	"slices"
	"strings"
)

// at names a place in a Go file.
func (t *tree) at(pos token.Pos) string {
	p := t.fset.Position(pos)
	return fmt.Sprintf("%s:%d", p.Filename, p.Line)
}

// clockReaders finds uses of the clock where mayReadClock does not allow them.
func clockReaders(t *tree) []string {
	var found []string
	for _, f := range t.files {
		if !f.isLibrary() {
			continue
		}
		name := nameOfTime(f)
		top, _ := row(f.dir())
		ast.Inspect(f.syntax, func(n ast.Node) bool {
			use, ok := n.(*ast.SelectorExpr)
			if !ok {
				return true
			}
			pkg, ok := use.X.(*ast.Ident)
			if ok && pkg.Name == name && slices.Contains(clockReads, use.Sel.Name) &&
				!slices.Contains(mayReadClock[top], use.Sel.Name) {
				found = append(found, fmt.Sprintf("%s: time.%s", t.at(use.Pos()), use.Sel.Name))
			}
			return true
		})
	}
	return found
}

// nameOfTime returns the name under which a file imports package time, "" if it does not.
func nameOfTime(f *file) string {
	for _, spec := range f.syntax.Imports {
		if spec.Path.Value != `"time"` {
			continue
		}
		if spec.Name != nil {
			return spec.Name.Name
		}
		return "time"
	}
	return ""
}

// longFiles finds Go files of more than maxLines lines.
func longFiles(t *tree) []string {
	var found []string
	for _, f := range t.files {
		if lines := bytes.Count(f.text, []byte("\n")); f.isGo() && lines > maxLines {
			found = append(found, fmt.Sprintf("%s: %d lines", f.path, lines))
		}
	}
	return found
}

// hiddenStarts finds init functions.
func hiddenStarts(t *tree) []string {
	var found []string
	for _, f := range t.files {
		if !f.isGo() {
			continue
		}
		for _, decl := range f.syntax.Decls {
			if fn, ok := decl.(*ast.FuncDecl); ok && fn.Recv == nil && fn.Name.Name == "init" {
				found = append(found, t.at(fn.Pos()))
			}
		}
	}
	return found
}

// postponed finds comments that leave work for later.
func postponed(t *tree) []string {
	var found []string
	for _, f := range t.files {
		if !f.isGo() {
			continue
		}
		for _, group := range f.syntax.Comments {
			for _, c := range group.List {
				if unfinished.MatchString(c.Text) {
					found = append(found, t.at(c.Pos()))
				}
			}
		}
	}
	return found
}

// undescribed finds packages without a package comment.
func undescribed(t *tree) []string {
	described := map[string]bool{}
	var dirs []string
	for _, f := range t.files {
		if !f.isGo() || f.isTest() {
			continue
		}
		if !slices.Contains(dirs, f.dir()) {
			dirs = append(dirs, f.dir())
		}
		if f.syntax.Doc.Text() != "" {
			described[f.dir()] = true
		}
	}
	return slices.DeleteFunc(dirs, func(dir string) bool { return described[dir] })
}

// uncommented finds exported symbols without a comment in the packages that users can import.
func uncommented(t *tree) []string {
	var found []string
	for _, f := range t.files {
		if !f.isGo() || f.isTest() || strings.Contains("/"+f.path, "/internal/") {
			continue
		}
		for _, decl := range f.syntax.Decls {
			for _, name := range uncommentedNames(decl) {
				found = append(found, fmt.Sprintf("%s: %s", t.at(name.Pos()), name.Name))
			}
		}
	}
	return found
}

func uncommentedNames(decl ast.Decl) []*ast.Ident {
	switch d := decl.(type) {
	case *ast.FuncDecl:
		if d.Name.IsExported() && d.Doc.Text() == "" && (d.Recv == nil || receiver(d).IsExported()) {
			return []*ast.Ident{d.Name}
		}
	case *ast.GenDecl:
		var names []*ast.Ident
		for _, spec := range d.Specs {
			switch s := spec.(type) {
			case *ast.TypeSpec:
				names = append(names, uncommentedType(d, s)...)
			case *ast.ValueSpec: // a comment on the group speaks for its members
				if d.Doc.Text() == "" && s.Doc.Text() == "" && s.Comment.Text() == "" {
					names = append(names, exported(s.Names)...)
				}
			}
		}
		return names
	}
	return nil
}

// uncommentedType looks at a type and at the methods of an interface; a single method shares its type's comment.
func uncommentedType(d *ast.GenDecl, s *ast.TypeSpec) []*ast.Ident {
	if !s.Name.IsExported() {
		return nil
	}
	var names []*ast.Ident
	if s.Doc.Text() == "" && (d.Lparen.IsValid() || d.Doc.Text() == "") {
		names = append(names, s.Name)
	}
	if port, ok := s.Type.(*ast.InterfaceType); ok && port.Methods.NumFields() > 1 {
		for _, method := range port.Methods.List {
			if method.Doc.Text() == "" && method.Comment.Text() == "" {
				names = append(names, exported(method.Names)...)
			}
		}
	}
	return names
}

// receiver returns the name of the type that a method belongs to.
func receiver(fn *ast.FuncDecl) *ast.Ident {
	expr := fn.Recv.List[0].Type
	for {
		switch e := expr.(type) {
		case *ast.StarExpr:
			expr = e.X
		case *ast.IndexExpr:
			expr = e.X
		case *ast.IndexListExpr:
			expr = e.X
		case *ast.ParenExpr:
			expr = e.X
		case *ast.Ident:
			return e
		default:
			return ast.NewIdent("_")
		}
	}
}

func exported(names []*ast.Ident) []*ast.Ident {
	return slices.DeleteFunc(slices.Clone(names), func(n *ast.Ident) bool { return !n.IsExported() })
}
