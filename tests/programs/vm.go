// vm is a small language: lexer, recursive-descent compiler to byte code, a stack machine with closures, maps, arrays,
// method tables by interfaces, garbage through maps of frames, errors with call stacks; and a disassembler.
package main

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"strconv"
	"strings"
	"text/scanner"
)

type Op byte

//go:generate stringer -type=Op
const (
	OpConst Op = iota
	OpNil
	OpPop
	OpDup
	OpLoad
	OpStore
	OpFree
	OpSetFree
	OpBin
	OpNot
	OpNeg
	OpJump
	OpJumpIfNot
	OpCall
	OpReturn
	OpClosure
	OpArray
	OpMap
	OpIndex
	OpSetIndex
	OpLen
	OpPrint
)

var opNames = map[Op]string{
	OpConst: "const", OpNil: "nil", OpPop: "pop", OpDup: "dup", OpLoad: "load", OpStore: "store", OpFree: "free", OpSetFree: "setfree",
	OpBin: "bin", OpNot: "not", OpNeg: "neg", OpJump: "jump", OpJumpIfNot: "jumpifnot", OpCall: "call", OpReturn: "return",
	OpClosure: "closure", OpArray: "array", OpMap: "map", OpIndex: "index", OpSetIndex: "setindex", OpLen: "len", OpPrint: "print",
}

func (o Op) String() string { return opNames[o] }

func (o Op) hasArg() bool {
	switch o {
	case OpNil, OpPop, OpDup, OpNot, OpNeg, OpReturn, OpIndex, OpSetIndex, OpLen:
		return false
	}
	return true
}

// Value is nil, bool, int64, float64, string, *Array, *Table, *Closure or Builtin.
type Value any

type Array struct{ items []Value }
type Table struct{ m map[Value]Value }
type Builtin struct {
	Name string
	F    func(args []Value) (Value, error)
}
type Closure struct {
	fn   *Proto
	free []*cell
}
type cell struct{ v Value }

type Proto struct {
	Name   string
	params int
	locals int
	code   []byte
	consts []Value
	lines  []int
	protos []*Proto
	free   []capture
}

type capture struct {
	local bool
	index int
}

func (a *Array) String() string { return fmt.Sprint(a.items) }
func (t *Table) String() string {
	keys := slices.SortedFunc(maps.Keys(t.m), func(a, b Value) int { return strings.Compare(show(a), show(b)) })
	var parts []string
	for _, k := range keys {
		parts = append(parts, show(k)+": "+show(t.m[k]))
	}
	return "{" + strings.Join(parts, ", ") + "}"
}
func (c *Closure) String() string { return "func " + c.fn.Name }
func (b Builtin) String() string  { return "builtin " + b.Name }

func show(v Value) string {
	switch v := v.(type) {
	case nil:
		return "nil"
	case string:
		return v
	case float64:
		return strconv.FormatFloat(v, 'g', 8, 64)
	case fmt.Stringer:
		return v.String()
	}
	return fmt.Sprint(v)
}

// ---- compiler

type scope struct {
	outer  *scope
	proto  *Proto
	names  []string
	hidden map[string]int
}

type compiler struct {
	scanner.Scanner
	tok  rune
	text string
	*scope
	consts map[Value]int
}

type compileError struct{ msg string }

func (c *compiler) next() {
	c.tok = c.Scan()
	c.text = c.TokenText()
	if two := c.text + string(c.Peek()); two == "==" || two == "!=" || two == "<=" || two == ">=" || two == "&&" || two == "||" {
		c.Scan()
		c.text = two
	}
}

func (c *compiler) fail(format string, args ...any) {
	panic(compileError{fmt.Sprintf("line %d: ", c.Position.Line) + fmt.Sprintf(format, args...)})
}

func (c *compiler) accept(text string) bool {
	if c.text == text && c.tok != scanner.String {
		c.next()
		return true
	}
	return false
}

func (c *compiler) expect(text string) {
	if !c.accept(text) {
		c.fail("expected %q, found %q", text, c.text)
	}
}

func (c *compiler) emit(op Op, arg ...int) int {
	at := len(c.proto.code)
	c.proto.code = append(c.proto.code, byte(op))
	for range max(1, 1+2*len(arg)) {
		c.proto.lines = append(c.proto.lines, c.Position.Line)
	}
	for _, a := range arg {
		c.proto.code = binary.LittleEndian.AppendUint16(c.proto.code, uint16(a))
	}
	return at
}

func (c *compiler) patch(at int) {
	binary.LittleEndian.PutUint16(c.proto.code[at+1:], uint16(len(c.proto.code)))
}

func (c *compiler) constant(v Value) {
	for i, k := range c.proto.consts {
		if k == v {
			c.emit(OpConst, i)
			return
		}
	}
	c.proto.consts = append(c.proto.consts, v)
	c.emit(OpConst, len(c.proto.consts)-1)
}

func (s *scope) find(name string) (index int, local, ok bool) {
	if i := slices.Index(s.names, name); i >= 0 {
		return i, true, true
	}
	if i, ok := s.hidden[name]; ok {
		return i, false, true
	}
	if s.outer == nil {
		return 0, false, false
	}
	i, isLocal, ok := s.outer.find(name)
	if !ok {
		return 0, false, false
	}
	s.proto.free = append(s.proto.free, capture{isLocal, i})
	s.hidden[name] = len(s.proto.free) - 1
	return s.hidden[name], false, true
}

func (s *scope) declare(name string) int {
	if i := slices.Index(s.names, name); i >= 0 {
		return i
	}
	s.names = append(s.names, name)
	s.proto.locals = len(s.names)
	return len(s.names) - 1
}

func (c *compiler) block() {
	c.expect("{")
	for !c.accept("}") {
		c.statement()
	}
}

func (c *compiler) statement() {
	switch {
	case c.accept("var"):
		name := c.text
		c.next()
		i := c.declare(name)
		c.expect("=")
		c.expr(0)
		c.emit(OpStore, i)
	case c.accept("while"):
		start := len(c.proto.code)
		c.expr(0)
		out := c.emit(OpJumpIfNot, 0)
		c.block()
		c.emit(OpJump, start)
		c.patch(out)
	case c.accept("if"):
		c.expr(0)
		no := c.emit(OpJumpIfNot, 0)
		c.block()
		if c.accept("else") {
			end := c.emit(OpJump, 0)
			c.patch(no)
			if c.text == "if" {
				c.statement()
			} else {
				c.block()
			}
			c.patch(end)
		} else {
			c.patch(no)
		}
	case c.accept("return"):
		c.expr(0)
		c.emit(OpReturn)
	case c.accept("print"):
		n := 1
		for c.expr(0); c.accept(","); n++ {
			c.expr(0)
		}
		c.emit(OpPrint, n)
	default:
		c.simple()
	}
	c.accept(";")
}

// simple is an expression or an assignment.
func (c *compiler) simple() {
	if c.tok == scanner.Ident {
		name := c.text
		if i, local, ok := c.find(name); ok && c.Peek() == ' ' {
			mark, lines := len(c.proto.code), len(c.proto.lines)
			save := c.Scanner
			c.next()
			if c.accept("=") {
				c.expr(0)
				c.emit(map[bool]Op{true: OpStore, false: OpSetFree}[local], i)
				return
			}
			_ = save
			c.proto.code, c.proto.lines = c.proto.code[:mark], c.proto.lines[:lines]
			c.emit(map[bool]Op{true: OpLoad, false: OpFree}[local], i)
			c.rest(0)
			c.emit(OpPop)
			return
		}
	}
	c.expr(0)
	if c.accept("=") {
		last := len(c.proto.code) - 1
		if Op(c.proto.code[last]) != OpIndex {
			c.fail("cannot assign")
		}
		c.proto.code, c.proto.lines = c.proto.code[:last], c.proto.lines[:last]
		c.expr(0)
		c.emit(OpSetIndex)
		return
	}
	c.emit(OpPop)
}

var precedence = map[string]int{"||": 1, "&&": 2, "==": 3, "!=": 3, "<": 4, "<=": 4, ">": 4, ">=": 4, "+": 5, "-": 5, "*": 6, "/": 6, "%": 6}
var binops = slices.Sorted(maps.Keys(precedence))

func (c *compiler) expr(min int) {
	c.operand()
	c.rest(min)
}

func (c *compiler) rest(min int) {
	for {
		op := c.text
		p := precedence[op]
		if p <= min || c.tok == scanner.String || c.tok == scanner.EOF {
			return
		}
		c.next()
		if op == "&&" || op == "||" {
			c.emit(OpDup)
			if op == "||" {
				c.emit(OpNot)
			}
			end := c.emit(OpJumpIfNot, 0)
			c.emit(OpPop)
			c.expr(p)
			c.patch(end)
			continue
		}
		c.expr(p)
		c.emit(OpBin, slices.Index(binops, op))
	}
}

func (c *compiler) operand() {
	text := c.text
	switch tok := c.tok; {
	case tok == scanner.Int:
		n, err := strconv.ParseInt(text, 0, 64)
		if err != nil {
			c.fail("%v", err)
		}
		c.next()
		c.constant(n)
	case tok == scanner.Float:
		x, _ := strconv.ParseFloat(text, 64)
		c.next()
		c.constant(x)
	case tok == scanner.String:
		s, err := strconv.Unquote(text)
		if err != nil {
			c.fail("%v", err)
		}
		c.next()
		c.constant(s)
	case c.accept("nil"):
		c.emit(OpNil)
	case c.accept("true"), c.accept("false"):
		c.constant(text == "true")
	case c.accept("!"):
		c.operand()
		c.emit(OpNot)
	case c.accept("-"):
		c.operand()
		c.emit(OpNeg)
	case c.accept("len"):
		c.operand()
		c.emit(OpLen)
	case c.accept("("):
		c.expr(0)
		c.expect(")")
	case c.accept("["):
		n := 0
		for ; !c.accept("]"); n++ {
			c.expr(0)
			c.accept(",")
		}
		c.emit(OpArray, n)
	case c.accept("{"):
		n := 0
		for ; !c.accept("}"); n++ {
			c.expr(0)
			c.expect(":")
			c.expr(0)
			c.accept(",")
		}
		c.emit(OpMap, n)
	case c.accept("func"):
		c.function()
	case tok == scanner.Ident:
		c.next()
		i, local, ok := c.find(text)
		if !ok {
			c.fail("undefined: %s", text)
		}
		c.emit(map[bool]Op{true: OpLoad, false: OpFree}[local], i)
	default:
		c.fail("unexpected %q", text)
	}
	for {
		switch {
		case c.accept("("):
			n := 0
			for ; !c.accept(")"); n++ {
				c.expr(0)
				c.accept(",")
			}
			c.emit(OpCall, n)
		case c.accept("["):
			c.expr(0)
			c.expect("]")
			c.emit(OpIndex)
		case c.accept("."):
			name := c.text
			c.next()
			c.constant(name)
			c.emit(OpIndex)
		default:
			return
		}
	}
}

func (c *compiler) function() {
	p := &Proto{Name: "anonymous"}
	if c.tok == scanner.Ident {
		p.Name = c.text
		c.next()
	}
	s := &scope{outer: c.scope, proto: p, hidden: map[string]int{}}
	c.expect("(")
	for !c.accept(")") {
		s.declare(c.text)
		p.params++
		c.next()
		c.accept(",")
	}
	c.scope = s
	c.block()
	c.emit(OpNil)
	c.emit(OpReturn)
	c.scope = s.outer
	c.proto.protos = append(c.proto.protos, p)
	c.emit(OpClosure, len(c.proto.protos)-1)
}

func Compile(src string, globals []string) (p *Proto, err error) {
	defer func() {
		if e, ok := recover().(compileError); ok {
			err = errors.New(e.msg)
		}
	}()
	c := &compiler{scope: &scope{proto: &Proto{Name: "main"}, names: slices.Clone(globals), hidden: map[string]int{}}}
	c.proto.locals = len(globals)
	c.Init(strings.NewReader(src))
	c.Error = func(_ *scanner.Scanner, msg string) { c.fail("%s", msg) }
	for c.next(); c.tok != scanner.EOF; {
		c.statement()
	}
	c.emit(OpNil)
	c.emit(OpReturn)
	return c.proto, nil
}

func (p *Proto) Disassemble(w io.Writer, indent string) {
	fmt.Fprintf(w, "%s%s/%d: %d locals, %d free, %d bytes\n", indent, p.Name, p.params, p.locals, len(p.free), len(p.code))
	for pc := 0; pc < len(p.code); {
		op := Op(p.code[pc])
		fmt.Fprintf(w, "%s%4d %-10v", indent, pc, op)
		pc++
		if op.hasArg() {
			arg := int(binary.LittleEndian.Uint16(p.code[pc:]))
			pc += 2
			switch op {
			case OpConst:
				fmt.Fprintf(w, "%#v", p.consts[arg])
			case OpBin:
				fmt.Fprint(w, binops[arg])
			default:
				fmt.Fprint(w, arg)
			}
		}
		fmt.Fprintln(w)
	}
	for _, q := range p.protos {
		q.Disassemble(w, indent+"  ")
	}
}

// ---- machine

type frame struct {
	*Closure
	pc     int
	locals []*cell
}

type VM struct {
	out    io.Writer
	stack  []Value
	frames []frame
	steps  int
}

type RuntimeError struct {
	Err   error
	Trace []string
}

func (e *RuntimeError) Error() string {
	return e.Err.Error() + "\n    " + strings.Join(e.Trace, "\n    ")
}
func (e *RuntimeError) Unwrap() error { return e.Err }

var (
	ErrType  = errors.New("wrong type")
	ErrDepth = errors.New("stack overflow")
)

func (m *VM) push(v Value) { m.stack = append(m.stack, v) }
func (m *VM) pop() Value {
	v := m.stack[len(m.stack)-1]
	m.stack = m.stack[:len(m.stack)-1]
	return v
}

func (m *VM) Run(p *Proto, globals []Value) (v Value, err error) {
	main := &Closure{fn: p}
	m.enter(main, nil)
	for i, g := range globals {
		m.frames[0].locals[i].v = g
	}
	defer func() {
		if r := recover(); r != nil {
			e, ok := r.(error)
			if !ok {
				panic(r)
			}
			re := &RuntimeError{Err: e}
			for _, f := range slices.Backward(m.frames) {
				re.Trace = append(re.Trace, fmt.Sprintf("%s, line %d", f.fn.Name, f.fn.lines[f.pc-1]))
				if len(re.Trace) == 4 {
					break
				}
			}
			err = re
		}
	}()
	return m.loop(), nil
}

func (m *VM) enter(c *Closure, args []Value) {
	if len(m.frames) > 200 {
		panic(ErrDepth)
	}
	f := frame{Closure: c, locals: make([]*cell, c.fn.locals)}
	for i := range f.locals {
		f.locals[i] = new(cell)
		if i < len(args) {
			f.locals[i].v = args[i]
		}
	}
	m.frames = append(m.frames, f)
}

func truth(v Value) bool { return v != nil && v != false }

func (m *VM) loop() Value {
	for {
		f := &m.frames[len(m.frames)-1]
		op := Op(f.fn.code[f.pc])
		f.pc++
		m.steps++
		arg := 0
		if op.hasArg() {
			arg = int(binary.LittleEndian.Uint16(f.fn.code[f.pc:]))
			f.pc += 2
		}
		switch op {
		case OpConst:
			m.push(f.fn.consts[arg])
		case OpNil:
			m.push(nil)
		case OpPop:
			m.pop()
		case OpDup:
			m.push(m.stack[len(m.stack)-1])
		case OpLoad:
			m.push(f.locals[arg].v)
		case OpStore:
			f.locals[arg].v = m.pop()
		case OpFree:
			m.push(f.free[arg].v)
		case OpSetFree:
			f.free[arg].v = m.pop()
		case OpBin:
			y, x := m.pop(), m.pop()
			m.push(binary_(binops[arg], x, y))
		case OpNot:
			m.push(!truth(m.pop()))
		case OpNeg:
			m.push(binary_("-", int64(0), m.pop()))
		case OpJump:
			f.pc = arg
		case OpJumpIfNot:
			if !truth(m.pop()) {
				f.pc = arg
			}
		case OpCall:
			args := slices.Clone(m.stack[len(m.stack)-arg:])
			m.stack = m.stack[:len(m.stack)-arg]
			switch c := m.pop().(type) {
			case *Closure:
				if c.fn.params != arg {
					panic(fmt.Errorf("%s takes %d arguments, not %d", c.fn.Name, c.fn.params, arg))
				}
				m.enter(c, args)
			case Builtin:
				v, err := c.F(args)
				if err != nil {
					panic(fmt.Errorf("%s: %w", c.Name, err))
				}
				m.push(v)
			default:
				panic(fmt.Errorf("%w: call of %T", ErrType, c))
			}
		case OpReturn:
			if m.frames = m.frames[:len(m.frames)-1]; len(m.frames) == 0 {
				return m.pop()
			}
		case OpClosure:
			c := &Closure{fn: f.fn.protos[arg]}
			for _, cp := range c.fn.free {
				if cp.local {
					c.free = append(c.free, f.locals[cp.index])
				} else {
					c.free = append(c.free, f.free[cp.index])
				}
			}
			m.push(c)
		case OpArray:
			a := &Array{slices.Clone(m.stack[len(m.stack)-arg:])}
			m.stack = m.stack[:len(m.stack)-arg]
			m.push(a)
		case OpMap:
			t := &Table{make(map[Value]Value, arg)}
			for range arg {
				v, k := m.pop(), m.pop()
				t.m[k] = v
			}
			m.push(t)
		case OpIndex:
			i, x := m.pop(), m.pop()
			switch x := x.(type) {
			case *Array:
				m.push(x.items[i.(int64)])
			case *Table:
				m.push(x.m[i])
			case string:
				m.push(string(x[i.(int64)]))
			default:
				panic(fmt.Errorf("%w: index of %T", ErrType, x))
			}
		case OpSetIndex:
			v, i, x := m.pop(), m.pop(), m.pop()
			switch x := x.(type) {
			case *Array:
				if n := i.(int64); n == int64(len(x.items)) {
					x.items = append(x.items, v)
				} else {
					x.items[n] = v
				}
			case *Table:
				x.m[i] = v
			default:
				panic(fmt.Errorf("%w: assignment to element of %T", ErrType, x))
			}
		case OpLen:
			switch x := m.pop().(type) {
			case *Array:
				m.push(int64(len(x.items)))
			case *Table:
				m.push(int64(len(x.m)))
			case string:
				m.push(int64(len(x)))
			default:
				panic(fmt.Errorf("%w: len of %T", ErrType, x))
			}
		case OpPrint:
			vs := m.stack[len(m.stack)-arg:]
			for i, v := range vs {
				if i > 0 {
					io.WriteString(m.out, " ")
				}
				io.WriteString(m.out, show(v))
			}
			fmt.Fprintln(m.out)
			m.stack = m.stack[:len(m.stack)-arg]
		default:
			panic(fmt.Errorf("bad op %d", op))
		}
	}
}

func binary_(op string, x, y Value) Value {
	switch op {
	case "==":
		return x == y
	case "!=":
		return x != y
	}
	switch a := x.(type) {
	case int64:
		switch b := y.(type) {
		case int64:
			return arith(op, a, b)
		case float64:
			return arith(op, float64(a), b)
		}
	case float64:
		switch b := y.(type) {
		case int64:
			return arith(op, a, float64(b))
		case float64:
			return arith(op, a, b)
		}
	case string:
		if op == "+" {
			return a + show(y)
		}
		if b, ok := y.(string); ok && strings.ContainsAny(op, "<>") {
			return arith(op, int64(strings.Compare(a, b)), 0)
		}
	}
	panic(fmt.Errorf("%w: %T %s %T", ErrType, x, op, y))
}

func arith[N int64 | float64](op string, a, b N) Value {
	switch op {
	case "+":
		return a + b
	case "-":
		return a - b
	case "*":
		return a * b
	case "/":
		return a / b
	case "%":
		return N(int64(a) % int64(b))
	case "<":
		return a < b
	case "<=":
		return a <= b
	case ">":
		return a > b
	case ">=":
		return a >= b
	}
	panic("operator " + op)
}

func main() {
	text, _ := io.ReadAll(os.Stdin)
	builtins := map[string]Value{
		"str": Builtin{"str", func(args []Value) (Value, error) { return show(args[0]), nil }},
		"int": Builtin{"int", func(args []Value) (Value, error) { return strconv.ParseInt(show(args[0]), 10, 64) }},
		"keys": Builtin{"keys", func(args []Value) (Value, error) {
			t, ok := args[0].(*Table)
			if !ok {
				return nil, ErrType
			}
			return &Array{slices.SortedFunc(maps.Keys(t.m), func(a, b Value) int { return strings.Compare(show(a), show(b)) })}, nil
		}},
	}
	names := slices.Sorted(maps.Keys(builtins))
	var values []Value
	for _, n := range names {
		values = append(values, builtins[n])
	}
	for i, src := range strings.Split(string(text), "----\n") {
		fmt.Println("== program", i)
		p, err := Compile(src, names)
		if err != nil {
			fmt.Println("compile error:", err)
			continue
		}
		if strings.HasPrefix(src, "// dis") {
			p.Disassemble(os.Stdout, "  ")
		}
		m := &VM{out: os.Stdout}
		v, err := m.Run(p, values)
		fmt.Println("result", show(v), "steps", m.steps)
		if err != nil {
			fmt.Println("error:", err, errors.Is(err, ErrType), errors.Is(err, strconv.ErrSyntax))
		}
	}
}
