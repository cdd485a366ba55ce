// expr is a calculator: scanner, Pratt parser, tree, constant folding, derivatives, and a compiler to closures; each
// expression is evaluated in three ways that must agree.
package main

import (
	"bufio"
	"errors"
	"fmt"
	"math"
	"os"
	"sort"
	"strconv"
	"strings"
	"text/scanner"
)

// Node is an expression.
type Node interface {
	Eval(env Env) (float64, error)
	fmt.Stringer
}

type Env map[string]float64

type (
	Num    float64
	Var    string
	Unary  struct{ X Node }
	Binary struct {
		Op   byte
		X, Y Node
	}
	Call struct {
		Fn   string
		Args []Node
	}
	Let struct {
		Name string
		X    Node
	}
)

var funcs = map[string]any{
	"sin": math.Sin, "cos": math.Cos, "sqrt": math.Sqrt, "ln": math.Log, "exp": math.Exp, "abs": math.Abs,
	"pow": math.Pow, "hypot": math.Hypot,
	"max": func(xs ...float64) float64 {
		m := math.Inf(-1)
		for _, x := range xs {
			m = max(m, x)
		}
		return m
	},
	"fact": func(n float64) (float64, error) {
		if n < 0 || n != math.Trunc(n) {
			return 0, fmt.Errorf("fact of %v", n)
		}
		r := 1.0
		for ; n > 1; n-- {
			r *= n
		}
		return r, nil
	},
}

type UndefinedError struct {
	Kind, Name string
}

func (e UndefinedError) Error() string { return "undefined " + e.Kind + " " + e.Name }

var ErrDivision = errors.New("division by zero")

func (n Num) Eval(Env) (float64, error) { return float64(n), nil }
func (n Num) String() string            { return strconv.FormatFloat(float64(n), 'g', 6, 64) }

func (v Var) Eval(env Env) (float64, error) {
	if x, ok := env[string(v)]; ok {
		return x, nil
	}
	return 0, UndefinedError{"variable", string(v)}
}
func (v Var) String() string { return string(v) }

func (u *Unary) Eval(env Env) (float64, error) {
	x, err := u.X.Eval(env)
	return -x, err
}
func (u *Unary) String() string { return "-" + u.X.String() }

func apply(op byte, x, y float64) (float64, error) {
	switch op {
	case '+':
		return x + y, nil
	case '-':
		return x - y, nil
	case '*':
		return x * y, nil
	case '/':
		if y == 0 {
			return 0, ErrDivision
		}
		return x / y, nil
	case '%':
		return math.Mod(x, y), nil
	case '^':
		return math.Pow(x, y), nil
	}
	panic("operator " + string(op))
}

func (b *Binary) Eval(env Env) (float64, error) {
	x, err := b.X.Eval(env)
	if err != nil {
		return 0, err
	}
	y, err := b.Y.Eval(env)
	if err != nil {
		return 0, err
	}
	return apply(b.Op, x, y)
}
func (b *Binary) String() string { return fmt.Sprintf("(%v %c %v)", b.X, b.Op, b.Y) }

func call(name string, args []float64) (float64, error) {
	var n int
	switch f := funcs[name].(type) {
	case nil:
		return 0, UndefinedError{"function", name}
	case func(float64) float64:
		if n = 1; len(args) == n {
			return f(args[0]), nil
		}
	case func(x, y float64) float64:
		if n = 2; len(args) == n {
			return f(args[0], args[1]), nil
		}
	case func(float64) (float64, error):
		if n = 1; len(args) == n {
			return f(args[0])
		}
	case func(...float64) float64:
		return f(args...), nil
	default:
		panic(fmt.Sprintf("%s is a %T", name, f))
	}
	return 0, fmt.Errorf("%s takes %d arguments, not %d", name, n, len(args))
}

func (c *Call) Eval(env Env) (float64, error) {
	args := make([]float64, len(c.Args))
	for i, a := range c.Args {
		var err error
		if args[i], err = a.Eval(env); err != nil {
			return 0, err
		}
	}
	return call(c.Fn, args)
}
func (c *Call) String() string {
	var parts []string
	for _, a := range c.Args {
		parts = append(parts, a.String())
	}
	return c.Fn + "(" + strings.Join(parts, ", ") + ")"
}

func (l *Let) Eval(env Env) (float64, error) {
	x, err := l.X.Eval(env)
	if err == nil {
		env[l.Name] = x
	}
	return x, err
}
func (l *Let) String() string { return l.Name + " = " + l.X.String() }

type parser struct {
	scanner.Scanner
	tok rune
}

type syntaxError string

func Parse(text string) (n Node, err error) {
	defer func() {
		switch r := recover().(type) {
		case nil:
		case syntaxError:
			n, err = nil, errors.New(string(r))
		default:
			panic(r)
		}
	}()
	p := new(parser)
	p.Init(strings.NewReader(text))
	p.Mode = scanner.ScanIdents | scanner.ScanInts | scanner.ScanFloats
	p.Error = func(s *scanner.Scanner, msg string) { panic(syntaxError(msg)) }
	p.next()
	n = p.expr(0)
	if p.tok != scanner.EOF {
		p.fail("end")
	}
	return n, nil
}

func (p *parser) next() { p.tok = p.Scan() }

func (p *parser) fail(want string) {
	panic(syntaxError(fmt.Sprintf("%v: %s where %s is expected", p.Position.Column, scanner.TokenString(p.tok), want)))
}

var power = map[rune]int{'=': 1, '+': 2, '-': 2, '*': 3, '/': 3, '%': 3, '^': 5}

func (p *parser) expr(min int) Node {
	x := p.prefix()
	for {
		op := p.tok
		pw, ok := power[op]
		if !ok || pw < min {
			return x
		}
		p.next()
		if op == '=' {
			v, ok := x.(Var)
			if !ok {
				p.fail("a variable before =")
			}
			x = &Let{string(v), p.expr(pw)}
			continue
		}
		if op == '^' {
			x = &Binary{byte(op), x, p.expr(pw)}
		} else {
			x = &Binary{byte(op), x, p.expr(pw + 1)}
		}
	}
}

func (p *parser) prefix() Node {
	text := p.TokenText()
	switch tok := p.tok; tok {
	case scanner.Int, scanner.Float:
		p.next()
		x, err := strconv.ParseFloat(text, 64)
		if err != nil {
			panic(syntaxError(err.Error()))
		}
		return Num(x)
	case scanner.Ident:
		if p.next(); p.tok != '(' {
			return Var(text)
		}
		c := &Call{Fn: text}
		for p.next(); p.tok != ')'; {
			c.Args = append(c.Args, p.expr(0))
			if p.tok == ',' {
				p.next()
			} else if p.tok != ')' {
				p.fail(`"," or ")"`)
			}
		}
		p.next()
		return c
	case '-':
		p.next()
		return &Unary{p.expr(4)}
	case '(':
		p.next()
		x := p.expr(0)
		if p.tok != ')' {
			p.fail(`")"`)
		}
		p.next()
		return x
	}
	p.fail("an operand")
	return nil
}

// fold evaluates what has no variables.
func fold(n Node) Node {
	switch n := n.(type) {
	case *Unary:
		if x, ok := fold(n.X).(Num); ok {
			return -x
		}
		return &Unary{fold(n.X)}
	case *Binary:
		x, y := fold(n.X), fold(n.Y)
		a, ok1 := x.(Num)
		b, ok2 := y.(Num)
		switch {
		case ok1 && ok2:
			if v, err := apply(n.Op, float64(a), float64(b)); err == nil {
				return Num(v)
			}
		case ok1 && a == 0 && n.Op == '*', ok2 && b == 0 && n.Op == '*':
			return Num(0)
		case ok1 && (a == 0 && n.Op == '+' || a == 1 && n.Op == '*'):
			return y
		case ok2 && (b == 0 && (n.Op == '+' || n.Op == '-') || b == 1 && (n.Op == '*' || n.Op == '/' || n.Op == '^')):
			return x
		}
		return &Binary{n.Op, x, y}
	case *Call:
		args := make([]Node, len(n.Args))
		for i := range args {
			args[i] = fold(n.Args[i])
		}
		return &Call{n.Fn, args}
	}
	return n
}

// derive differentiates by a variable.
func derive(n Node, by Var) Node {
	bin := func(op byte, x, y Node) Node { return &Binary{op, x, y} }
	switch n := n.(type) {
	case Num:
		return Num(0)
	case Var:
		if n == by {
			return Num(1)
		}
		return Num(0)
	case *Unary:
		return &Unary{derive(n.X, by)}
	case *Binary:
		dx, dy := derive(n.X, by), derive(n.Y, by)
		switch n.Op {
		case '+', '-':
			return bin(n.Op, dx, dy)
		case '*':
			return bin('+', bin('*', dx, n.Y), bin('*', n.X, dy))
		case '/':
			return bin('/', bin('-', bin('*', dx, n.Y), bin('*', n.X, dy)), bin('^', n.Y, Num(2)))
		case '^':
			if k, ok := n.Y.(Num); ok {
				return bin('*', bin('*', k, bin('^', n.X, k-1)), dx)
			}
		}
	case *Call:
		if len(n.Args) == 1 {
			d := derive(n.Args[0], by)
			switch n.Fn {
			case "sin":
				return bin('*', &Call{"cos", n.Args}, d)
			case "cos":
				return &Unary{bin('*', &Call{"sin", n.Args}, d)}
			case "exp":
				return bin('*', n, d)
			case "ln":
				return bin('/', d, n.Args[0])
			}
		}
	}
	panic(fmt.Errorf("no derivative of %v", n))
}

type code func(env Env) float64

// compile turns a tree into closures; errors travel as panics.
func compile(n Node) code {
	switch n := n.(type) {
	case Num:
		return func(Env) float64 { return float64(n) }
	case Var:
		return func(env Env) float64 {
			x, err := n.Eval(env)
			if err != nil {
				panic(err)
			}
			return x
		}
	case *Unary:
		x := compile(n.X)
		return func(env Env) float64 { return -x(env) }
	case *Binary:
		x, y := compile(n.X), compile(n.Y)
		if n.Op == '+' {
			return func(env Env) float64 { return x(env) + y(env) }
		}
		op := n.Op
		return func(env Env) float64 {
			v, err := apply(op, x(env), y(env))
			if err != nil {
				panic(err)
			}
			return v
		}
	case *Call:
		var args []code
		for _, a := range n.Args {
			args = append(args, compile(a))
		}
		return func(env Env) float64 {
			var buf [4]float64
			vals := buf[:0]
			for _, a := range args {
				vals = append(vals, a(env))
			}
			v, err := call(n.Fn, vals)
			if err != nil {
				panic(err)
			}
			return v
		}
	case *Let:
		x := compile(n.X)
		return func(env Env) float64 {
			v := x(env)
			env[n.Name] = v
			return v
		}
	default:
		panic(fmt.Sprintf("%T", n))
	}
}

func run(c code, env Env) (x float64, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = r.(error)
		}
	}()
	return c(env), nil
}

func copyOf(env Env) Env {
	c := Env{}
	for k, v := range env {
		c[k] = v
	}
	return c
}

func main() {
	env := Env{"pi": math.Pi, "x": 2}
	in := bufio.NewScanner(os.Stdin)
	for line := 1; in.Scan(); line++ {
		n, err := Parse(in.Text())
		if err != nil {
			fmt.Printf("%d: syntax: %v\n", line, err)
			continue
		}
		folded := fold(n)
		compiled, err2 := run(compile(n), copyOf(env))
		again, err3 := folded.Eval(copyOf(env))
		x, err := n.Eval(env)
		same := fmt.Sprint(x) == fmt.Sprint(compiled) && fmt.Sprint(x) == fmt.Sprint(again)
		var undefined UndefinedError
		switch {
		case errors.Is(err, ErrDivision):
			fmt.Printf("%d: %v: divides by zero (%v, %v)\n", line, n, err2, err3)
		case errors.As(err, &undefined):
			fmt.Printf("%d: %v: %s %q (%v, %v)\n", line, n, undefined.Kind, undefined.Name, err2, err3)
		case err != nil:
			fmt.Printf("%d: %v: %v\n", line, n, err)
		default:
			fmt.Printf("%d: %v = %.10g %v; folded %v\n", line, n, x, same, folded)
		}
		func() {
			defer func() {
				if r := recover(); r != nil {
					fmt.Println("   ", r)
				}
			}()
			if err == nil {
				fmt.Println("    d/dx", fold(derive(folded, "x")))
			}
		}()
	}
	var names []string
	for k := range env {
		names = append(names, k)
	}
	sort.Strings(names)
	for _, k := range names {
		fmt.Printf("%s=%.4f ", k, env[k])
	}
	fmt.Println()
}
