package main

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/build/constraint"
	"go/constant"
	"go/doc"
	"go/format"
	"go/parser"
	"go/printer"
	"go/scanner"
	"go/token"
	"go/types"
	"image"
	"image/color"
	"image/draw"
	"image/gif"
	"image/jpeg"
	"image/png"
	"os"
)

func main() {
	fs := token.NewFileSet()
	f, err := parser.ParseFile(fs, "x.go", "package x\nfunc F(a int) int { return a+1 }\nvar V = F(2)*3\n", parser.ParseComments)
	fmt.Println(err, f.Name)
	ast.Inspect(f, func(n ast.Node) bool {
		if i, ok := n.(*ast.Ident); ok {
			fmt.Print(i.Name, " ")
		}
		return true
	})
	fmt.Println()
	b, err := format.Source([]byte("package x\nfunc  f( ){x:=1;_=x}"))
	fmt.Println(string(b), err)
	printer.Fprint(os.Stdout, fs, f)
	c := types.Config{}
	p, err := c.Check("x", fs, []*ast.File{f}, nil)
	fmt.Println(p.Scope().Lookup("V").Type(), err)
	fmt.Println(constant.BinaryOp(constant.MakeInt64(3), token.MUL, constant.MakeInt64(4)))
	var s scanner.Scanner
	s.Init(fs.AddFile("", -1, 3), []byte("a+b"), nil, 0)
	fmt.Println(s.Scan())
	e, _ := constraint.Parse("//go:build a && !b")
	fmt.Println(e)
	fmt.Println(doc.Synopsis("Hello there. More."))
	im := image.NewRGBA(image.Rect(0, 0, 10, 10))
	draw.Draw(im, im.Bounds(), image.NewUniform(color.RGBA{255, 0, 0, 255}), image.Point{}, draw.Src)
	var bb bytes.Buffer
	fmt.Println(png.Encode(&bb, im))
	d, err := png.Decode(&bb)
	fmt.Println(d.Bounds(), d.At(1, 1), err)
	fmt.Println(jpeg.Encode(&bb, im, nil), bb.Len() > 0, gif.Encode(&bb, im, nil))
}
