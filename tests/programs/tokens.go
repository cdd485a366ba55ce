// tokens scans Go-like source by hand, again with text/scanner and again with go/scanner; counts, positions and string
// values must agree, and errors are reported with carets.
package main

import (
	"fmt"
	gosc "go/scanner"
	"go/token"
	"io"
	"os"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

type Kind uint8

const (
	EOF Kind = iota
	Ident
	Keyword
	Int
	Float
	Imag
	Char
	String
	Op
	Comment
	Error
)

//go:noinline
func (k Kind) String() string {
	return [...]string{"EOF", "Ident", "Keyword", "Int", "Float", "Imag", "Char", "String", "Op", "Comment", "Error"}[k]
}

type Pos struct{ Line, Col int }

type Token struct {
	Kind
	Text string
	Pos
}

// stateFn is a state of the lexer and gives the next one.
type stateFn func(*lexer) stateFn

type lexer struct {
	src        string
	start, pos int
	at, here   Pos
	emit       func(Token) bool
	stopped    bool
}

// Lex gives the tokens of a source text one by one.
func Lex(src string) func(yield func(Token) bool) {
	return func(yield func(Token) bool) {
		l := &lexer{src: src, here: Pos{1, 1}, emit: yield}
		for state := lexAny; state != nil && !l.stopped; {
			state = state(l)
		}
	}
}

const eof rune = -1

func (l *lexer) peek() rune {
	if l.pos >= len(l.src) {
		return eof
	}
	r, _ := utf8.DecodeRuneInString(l.src[l.pos:])
	return r
}

func (l *lexer) next() rune {
	if l.pos >= len(l.src) {
		return eof
	}
	r, n := utf8.DecodeRuneInString(l.src[l.pos:])
	l.pos += n
	if r == '\n' {
		l.here.Line++
		l.here.Col = 1
	} else {
		l.here.Col++
	}
	return r
}

func (l *lexer) accept(f func(rune) bool) (n int) {
	for r := l.peek(); r != eof && f(r); r = l.peek() {
		l.next()
		n++
	}
	return n
}

func (l *lexer) send(k Kind) stateFn {
	if !l.emit(Token{k, l.src[l.start:l.pos], l.at}) {
		l.stopped = true
	}
	return lexAny
}

func (l *lexer) fail(format string, args ...any) stateFn {
	if !l.emit(Token{Error, fmt.Sprintf(format, args...), l.at}) {
		l.stopped = true
	}
	return lexAny
}

func is(set string) func(rune) bool { return func(r rune) bool { return strings.ContainsRune(set, r) } }

func letter(r rune) bool { return r == '_' || unicode.IsLetter(r) }
func alnum(r rune) bool  { return letter(r) || unicode.IsDigit(r) }

func lexAny(l *lexer) stateFn {
	l.accept(unicode.IsSpace)
	l.start, l.at = l.pos, l.here
	switch r := l.peek(); {
	case r == eof:
		return nil
	case letter(r):
		l.accept(alnum)
		if token.IsKeyword(l.src[l.start:l.pos]) {
			return l.send(Keyword)
		}
		return l.send(Ident)
	case unicode.IsDigit(r):
		return lexNumber
	case r == '"', r == '\'', r == '`':
		l.next()
		return lexQuoted(r)
	case strings.HasPrefix(l.src[l.pos:], "//"):
		l.accept(func(r rune) bool { return r != '\n' })
		return l.send(Comment)
	case strings.HasPrefix(l.src[l.pos:], "/*"):
		end := strings.Index(l.src[l.pos+2:], "*/")
		if end < 0 {
			l.accept(func(rune) bool { return true })
			return l.fail("comment not terminated")
		}
		for target := l.pos + end + 4; l.pos < target; {
			l.next()
		}
		return l.send(Comment)
	}
	return lexOp
}

func lexNumber(l *lexer) stateFn {
	kind, digits := Int, "0123456789_"
	if l.peek() == '0' {
		l.next()
		switch l.peek() {
		case 'x', 'X':
			l.next()
			digits += "abcdefABCDEF"
		case 'b', 'B', 'o', 'O':
			l.next()
		}
	}
	l.accept(is(digits))
	if l.peek() == '.' {
		kind = Float
		l.next()
		l.accept(is(digits))
	}
	if len(digits) == 11 && l.accept(is("eE")) > 0 {
		kind = Float
		l.accept(is("+-"))
		l.accept(is(digits))
	}
	if l.peek() == 'i' {
		l.next()
		kind = Imag
	}
	return l.send(kind)
}

func lexQuoted(q rune) stateFn {
	return func(l *lexer) stateFn {
		for {
			switch r := l.next(); {
			case r == eof, r == '\n' && q != '`':
				return l.fail("%c literal not terminated", q)
			case r == '\\' && q != '`':
				l.next()
			case r == q && q == '\'':
				return l.send(Char)
			case r == q:
				return l.send(String)
			}
		}
	}
}

var ops = func() [][]string {
	var by [4][]string
	for t := token.ADD; t <= token.TILDE; t++ {
		if s := t.String(); t.IsOperator() && len(s) <= 3 {
			by[len(s)] = append(by[len(s)], s)
		}
	}
	slices.Reverse(by[:])
	return by[:]
}()

func lexOp(l *lexer) stateFn {
	for _, some := range ops {
		for _, op := range some {
			if strings.HasPrefix(l.src[l.pos:], op) {
				l.pos += len(op)
				l.here.Col += len(op)
				return l.send(Op)
			}
		}
	}
	return l.fail("illegal character %#U", l.next())
}

// reference is what go/scanner finds.
func reference(src string) (toks []Token, errs []string) {
	fset := token.NewFileSet()
	file := fset.AddFile("in.go", -1, len(src))
	var s gosc.Scanner
	s.Init(file, []byte(src), func(p token.Position, msg string) { errs = append(errs, fmt.Sprint(p, ": ", msg)) }, gosc.ScanComments)
	for {
		p, t, lit := s.Scan()
		if t == token.EOF {
			return
		}
		if t == token.SEMICOLON && lit == "\n" {
			continue
		}
		k := Op
		switch {
		case t.IsKeyword():
			k = Keyword
		case t == token.ILLEGAL:
			k = Error
		case t == token.COMMENT:
			k = Comment
		case t.IsLiteral():
			k = [...]Kind{Ident, Int, Float, Imag, Char, String}[t-token.IDENT]
		}
		if lit == "" {
			lit = t.String()
		}
		at := fset.Position(p)
		// Columns count bytes there and runes here.
		line := src[at.Offset-at.Column+1 : at.Offset]
		toks = append(toks, Token{k, lit, Pos{at.Line, utf8.RuneCountInString(line) + 1}})
	}
}

func main() {
	in, _ := io.ReadAll(os.Stdin)
	src := string(in)
	lines := strings.Split(src, "\n")
	var all []Token
	counts := map[Kind]int{}
	for t := range Lex(src) {
		all = append(all, t)
		counts[t.Kind]++
		if t.Kind == Error {
			fmt.Printf("%d:%d: %s\n\t%s\n\t%*s\n", t.Line, t.Col, t.Text, lines[t.Line-1], t.Col, "^")
		}
	}
	fmt.Println(len(all), counts)
	ref, errs := reference(src)
	fmt.Println(len(ref), errs)
	differ := 0
	for i := range min(len(all), len(ref)) {
		if all[i] != ref[i] && all[i].Kind != Error {
			if differ++; differ < 5 {
				fmt.Printf("%+v %+v\n", all[i], ref[i])
			}
		}
	}
	fmt.Println("differ", differ)
	for _, t := range all {
		switch t.Kind {
		case String, Char:
			s, err := strconv.Unquote(t.Text)
			fmt.Printf("%v %q %+q %v\n", t.Pos, s, s, err)
		case Int:
			n, err := strconv.ParseInt(t.Text, 0, 64)
			fmt.Println(t.Text, n, err)
		case Float:
			f, err := strconv.ParseFloat(t.Text, 64)
			fmt.Println(t.Text, f, err)
		}
	}
	for t := range Lex(src) {
		if t.Kind == Op && len(t.Text) == 3 {
			fmt.Printf("first long operator %v\n%#v\n", t, t)
			break
		}
	}
}
