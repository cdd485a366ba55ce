// Checks packages with go/parser and go/types, one after another in the order of their imports, as itab check does:
// the same files, no cgo, function bodies included. Prints lines, bytes and the times of parsing and of checking.
package main

import (
	"bufio"
	"bytes"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"os"
	"path/filepath"
	"strings"
	"time"
)

type pkg struct {
	path  string
	dir   string
	files []string
	names map[string]string
}

// Standard input has a package in each line: path, folder, files and the import map, separated by tabs.
func read() (pkgs []pkg) {
	in := bufio.NewScanner(os.Stdin)
	in.Buffer(nil, 1<<20)
	for in.Scan() {
		f := strings.Split(in.Text(), "\t")
		p := pkg{path: f[0], dir: f[1], files: strings.Fields(f[2]), names: map[string]string{}}
		for _, m := range strings.Fields(f[3]) {
			from, to, _ := strings.Cut(m, "=")
			p.names[from] = to
		}
		pkgs = append(pkgs, p)
	}
	return pkgs
}

type importer struct {
	done  map[string]*types.Package
	names map[string]string
}

func (i *importer) Import(path string) (*types.Package, error) {
	if path == "unsafe" {
		return types.Unsafe, nil
	}
	if to, ok := i.names[path]; ok {
		path = to
	}
	if p := i.done[path]; p != nil {
		return p, nil
	}
	return nil, fmt.Errorf("no package %s", path)
}

func main() {
	var parse, check time.Duration
	lines, size, errors := 0, 0, 0
	done := map[string]*types.Package{}
	for _, p := range read() {
		fset := token.NewFileSet()
		var files []*ast.File
		start := time.Now()
		for _, name := range p.files {
			src, err := os.ReadFile(filepath.Join(p.dir, name))
			if err != nil {
				panic(err)
			}
			lines += bytes.Count(src, []byte("\n"))
			size += len(src)
			f, err := parser.ParseFile(fset, name, src, parser.ParseComments|parser.SkipObjectResolution)
			if err != nil {
				errors++
			}
			files = append(files, f)
		}
		parse += time.Since(start)
		start = time.Now()
		info := &types.Info{
			Types: map[ast.Expr]types.TypeAndValue{}, Defs: map[*ast.Ident]types.Object{}, Uses: map[*ast.Ident]types.Object{},
			Selections: map[*ast.SelectorExpr]*types.Selection{}, Instances: map[*ast.Ident]types.Instance{},
			Implicits: map[ast.Node]types.Object{},
		}
		conf := types.Config{
			Importer: &importer{done, p.names}, Sizes: types.SizesFor("gc", "amd64"), GoVersion: "go1.27",
			Error: func(error) { errors++ },
		}
		done[p.path], _ = conf.Check(p.path, fset, files, info)
		check += time.Since(start)
	}
	fmt.Printf("%d packages, %d lines, %d bytes, parse %d ms, check %d ms, %d errors\n",
		len(done), lines, size, parse.Milliseconds(), check.Milliseconds(), errors)
}
