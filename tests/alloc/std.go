// Objects that the standard library and common idioms allocate. What Go's own compiler needs is the most that is allowed.
package main

import (
	"bufio"
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"math/big"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"runtime"
	"slices"
	"sort"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"text/template"
	"time"
	"unicode/utf8"
)

const rounds = 200

func count(name string, f func()) {
	f()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	for i := 0; i < rounds; i++ {
		f()
	}
	runtime.ReadMemStats(&after)
	println(name+":", (after.Mallocs-before.Mallocs+rounds/2)/rounds)
}

type point struct{ X, Y int }

func (p point) String() string    { return "point" }
func (p *point) Move(dx, dy int)  { p.X += dx; p.Y += dy }
func (p point) Add(q point) point { return point{p.X + q.X, p.Y + q.Y} }

type tree struct {
	left, right *tree
	key         int
}

func (t *tree) insert(k int) *tree {
	if t == nil {
		return &tree{key: k}
	}
	if k < t.key {
		t.left = t.left.insert(k)
	} else {
		t.right = t.right.insert(k)
	}
	return t
}

func (t *tree) walk(f func(int)) {
	if t != nil {
		t.left.walk(f)
		f(t.key)
		t.right.walk(f)
	}
}

type shape interface{ area() float64 }
type square struct{ a float64 }
type rect struct{ a, b float64 }

func (s square) area() float64 { return s.a * s.a }
func (r rect) area() float64   { return r.a * r.b }

type stack[T any] struct{ items []T }

func (s *stack[T]) push(v T) { s.items = append(s.items, v) }
func (s *stack[T]) pop() T {
	v := s.items[len(s.items)-1]
	s.items = s.items[:len(s.items)-1]
	return v
}

type option func(*config)
type config struct {
	n int
	s string
}

func withN(n int) option    { return func(c *config) { c.n = n } }
func withS(s string) option { return func(c *config) { c.s = s } }
func build(opts ...option) config {
	var c config
	for _, o := range opts {
		o(&c)
	}
	return c
}

type lexer struct {
	s   string
	pos int
}

func (l *lexer) next() (string, bool) {
	for l.pos < len(l.s) && l.s[l.pos] == ' ' {
		l.pos++
	}
	if l.pos == len(l.s) {
		return "", false
	}
	start := l.pos
	for l.pos < len(l.s) && l.s[l.pos] != ' ' {
		l.pos++
	}
	return l.s[start:l.pos], true
}

type byX []point

func (b byX) Len() int           { return len(b) }
func (b byX) Less(i, j int) bool { return b[i].X < b[j].X }
func (b byX) Swap(i, j int)      { b[i], b[j] = b[j], b[i] }

var (
	isink   int
	bsink   bool
	fsink   float64
	ssink   string
	psink   *point
	esink   error
	anysink any
	bytesk  []byte
	n       = 1000
	str     = "some text that is longer than 32 bytes altogether"
	short   = "short text"
	data    = []byte("some bytes that are more than 32 altogether")
	ints    = []int{5, 2, 8, 1, 9, 3}
	points  = []point{{3, 1}, {1, 2}, {2, 3}}
	root    *tree
	shapes  = []shape{square{2}, rect{2, 3}}
	table   = map[string]int{"a": 1, "b": 2, short: 3}
	byInt   = map[int]string{1: "a", 2: "b"}
	mu      sync.Mutex
	rw      sync.RWMutex
	once    sync.Once
	counter atomic.Int64
	re      = regexp.MustCompile(`(\w+)@(\w+)\.com`)
	when    = time.Date(2024, 1, 2, 3, 4, 5, 6, time.UTC)
	errBase = errors.New("base")
	errWrap = fmt.Errorf("wrap: %w", errBase)
	tmpl    = template.Must(template.New("t").Parse("{{.X}} and {{.Y}}"))
	pool    = sync.Pool{New: func() any { return new(bytes.Buffer) }}
	rd      = strings.NewReader("")
	doc     = []byte(`{"X": 1, "Y": 2}`)
)

//go:noinline
func variadic(format string, args ...any) int { return len(format) + len(args) }

//go:noinline
func fail(n int) error {
	if n > 5 {
		return errWrap
	}
	return nil
}

func apply(list []int, f func(int) int) (sum int) {
	for _, v := range list {
		sum += f(v)
	}
	return
}

func gen(n int) func(yield func(int) bool) {
	return func(yield func(int) bool) {
		for i := 0; i < n; i++ {
			if !yield(i) {
				return
			}
		}
	}
}

func mapFunc[T, U any](list []T, f func(T) U) []U {
	out := make([]U, 0, len(list))
	for _, v := range list {
		out = append(out, f(v))
	}
	return out
}

func sumAll[T int | float64](vs ...T) (t T) {
	for _, v := range vs {
		t += v
	}
	return
}

func locked(f func()) {
	mu.Lock()
	defer mu.Unlock()
	f()
}

func safeDiv(a, b int) (q int, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = errBase
		}
	}()
	return a / b, nil
}

func main() {
	for _, k := range []int{5, 2, 8, 1} {
		root = root.insert(k)
	}
	count("strings.Split", func() { isink = len(strings.Split(short, " ")) })
	count("strings.Fields", func() { isink = len(strings.Fields(str)) })
	count("strings.Cut", func() { a, b, _ := strings.Cut(str, " "); isink = len(a) + len(b) })
	count("strings.Replace", func() { ssink = strings.ReplaceAll(str, "t", "T") })
	count("strings.ToUpper local", func() { isink = len(strings.ToUpper(short)) })
	count("strings.TrimSpace", func() { isink = len(strings.TrimSpace(str)) })
	count("strings.Repeat", func() { ssink = strings.Repeat("ab", 10) })
	count("strings.EqualFold", func() { bsink = strings.EqualFold(str, short) })
	count("strings.Index", func() { isink = strings.Index(str, "bytes") })
	count("strings.Builder", func() {
		var b strings.Builder
		for i := 0; i < 10; i++ {
			b.WriteString("abc")
			b.WriteByte('x')
			b.WriteRune('é')
		}
		ssink = b.String()
	})
	count("strings.NewReplacer use", func() { isink = len(strings.NewReplacer("a", "b").Replace(short)) })
	count("strings.SplitSeq", func() {
		for s := range strings.SplitSeq(str, " ") {
			isink += len(s)
		}
	})
	count("strings.FieldsFunc", func() { isink = len(strings.FieldsFunc(str, func(r rune) bool { return r == ' ' })) })
	count("strings.Map", func() { ssink = strings.Map(func(r rune) rune { return r + 1 }, short) })
	count("concat in loop", func() {
		s := ""
		for i := 0; i < 5; i++ {
			s += "xy"
		}
		isink = len(s)
	})
	count("concat long", func() { isink = len(str + short + str) })
	count("bytes of concat", func() { isink = sumBytes([]byte(str + short)) })
	count("strconv.Itoa", func() { ssink = strconv.Itoa(n) })
	count("strconv.Itoa local", func() { isink = len(strconv.Itoa(n)) })
	count("strconv.AppendInt", func() { var b [20]byte; isink = len(strconv.AppendInt(b[:0], int64(n), 10)) })
	count("strconv.Atoi", func() { isink, esink = strconv.Atoi("1234") })
	count("strconv.Atoi error", func() { isink, esink = strconv.Atoi("x1234") })
	count("strconv.ParseFloat", func() { fsink, esink = strconv.ParseFloat("1.25e3", 64) })
	count("strconv.Quote", func() { ssink = strconv.Quote(short) })
	count("strconv.FormatFloat", func() { ssink = strconv.FormatFloat(1.5, 'g', -1, 64) })
	count("fmt.Sprintf int", func() { ssink = fmt.Sprintf("%d", n) })
	count("fmt.Sprintf mixed", func() { ssink = fmt.Sprintf("%d %s %v %q", n, short, points[0], str) })
	count("fmt.Sprint const", func() { ssink = fmt.Sprint("a", 1, true) })
	count("fmt.Fprintf discard", func() { fmt.Fprintf(io.Discard, "%d %s\n", n, short) })
	count("fmt.Fprintln buffer", func() { var b bytes.Buffer; fmt.Fprintln(&b, n, short); isink = b.Len() })
	count("fmt.Errorf", func() { esink = fmt.Errorf("n=%d: %w", n, errBase) })
	count("fmt.Sscan", func() { var a int; fmt.Sscan("12", &a); isink = a })
	count("fmt.Appendf", func() { var b [64]byte; isink = len(fmt.Appendf(b[:0], "%d-%s", n, short)) })
	count("errors.Is", func() { bsink = errors.Is(errWrap, errBase) })
	count("errors.As", func() { var e *os.PathError; bsink = errors.As(errWrap, &e) })
	count("errors.New", func() { esink = errors.New("x") })
	count("errors.Join", func() { esink = errors.Join(errBase, errWrap) })
	count("sort.Ints", func() { s := append([]int(nil), ints...); sort.Ints(s); isink = s[0] })
	count("sort.Slice", func() { sort.Slice(points, func(i, j int) bool { return points[i].X < points[j].X }) })
	count("sort.Sort", func() { sort.Sort(byX(points)) })
	count("sort.Search", func() { isink = sort.Search(len(ints), func(i int) bool { return ints[i] > 3 }) })
	count("slices.Sort", func() { slices.Sort(ints) })
	count("slices.SortFunc", func() { slices.SortFunc(points, func(a, b point) int { return a.X - b.X }) })
	count("slices.Contains", func() { bsink = slices.Contains(ints, 9) })
	count("slices.Index", func() { isink = slices.Index(ints, 9) })
	count("slices.BinarySearch", func() { isink, bsink = slices.BinarySearch(ints, 9) })
	count("slices.Clone", func() { isink = len(slices.Clone(ints)) })
	count("slices.Collect", func() { isink = len(slices.Collect(gen(5))) })
	count("slices.Sorted keys", func() { isink = len(slices.Sorted(maps.Keys(table))) })
	count("slices.Reverse", func() { slices.Reverse(ints) })
	count("slices.IndexFunc", func() { isink = slices.IndexFunc(ints, func(v int) bool { return v == n }) })
	count("slices.Equal", func() { bsink = slices.Equal(ints, ints) })
	count("slices.Max", func() { isink = slices.Max(ints) })
	count("map read", func() { isink = table[short] })
	count("map write", func() { table[short] = n })
	count("map increment", func() { table["a"]++ })
	count("map range", func() {
		for k, v := range table {
			isink += len(k) + v
		}
	})
	count("map delete and add", func() { delete(byInt, 1); byInt[1] = "a" })
	count("map local of strings", func() {
		m := map[string]int{}
		for _, w := range [...]string{"a", "b", "a"} {
			m[w]++
		}
		isink = len(m)
	})
	count("map local of structs", func() {
		m := map[point]bool{}
		m[point{1, 2}] = true
		bsink = m[point{n, 2}]
	})
	count("map as set passed", func() { seen := map[int]bool{}; isink = visit(5, seen) })
	count("map of slices", func() {
		m := map[string][]int{}
		m["a"] = append(m["a"], 1, 2)
		isink = len(m["a"])
	})
	count("map literal", func() { m := map[string]int{"x": 1, "y": 2}; isink = m[short] })
	count("map large", func() {
		m := make(map[int]int, 100)
		for i := 0; i < 100; i++ {
			m[i] = i
		}
		isink = len(m)
	})
	count("maps.Clone", func() { isink = len(maps.Clone(table)) })
	count("json.Marshal", func() { bytesk, esink = json.Marshal(points[0]) })
	count("json.Unmarshal", func() { var p point; esink = json.Unmarshal(doc, &p); isink = p.X })
	count("hex", func() { ssink = hex.EncodeToString(data) })
	count("base64", func() { ssink = base64.StdEncoding.EncodeToString(data) })
	count("binary put", func() { var b [8]byte; binary.LittleEndian.PutUint64(b[:], uint64(n)); isink = int(b[0]) })
	count("binary.Read", func() { var v uint32; binary.Read(bytes.NewReader(data), binary.BigEndian, &v); isink = int(v) })
	count("bytes.Buffer", func() {
		var b bytes.Buffer
		b.Write(data)
		b.WriteString(str)
		b.WriteByte('x')
		isink = b.Len()
	})
	count("bytes.Equal", func() { bsink = bytes.Equal(data, []byte(str)) })
	count("bytes.Split", func() { isink = len(bytes.Split(data, []byte(" "))) })
	count("bytes.NewReader", func() { r := bytes.NewReader(data); c, _ := r.ReadByte(); isink = int(c) })
	count("strings.NewReader", func() { r := strings.NewReader(str); c, _, _ := r.ReadRune(); isink = int(c) })
	count("bufio.Scanner", func() {
		s := bufio.NewScanner(strings.NewReader(str))
		s.Split(bufio.ScanWords)
		for s.Scan() {
			isink += len(s.Text())
		}
	})
	count("bufio.Reader", func() { r := bufio.NewReader(strings.NewReader(str)); s, _ := r.ReadString(' '); isink = len(s) })
	count("bufio.Writer", func() { w := bufio.NewWriter(io.Discard); w.WriteString(str); w.Flush() })
	count("io.ReadAll", func() { b, _ := io.ReadAll(strings.NewReader(str)); isink = len(b) })
	count("io.Copy", func() { n, _ := io.Copy(io.Discard, strings.NewReader(str)); isink = int(n) })
	count("io.WriteString", func() { io.WriteString(io.Discard, str) })
	count("regexp.MatchString", func() { bsink = re.MatchString("mail bob@example.com now") })
	count("regexp.FindString", func() { ssink = re.FindString("mail bob@example.com now") })
	count("regexp.FindStringSubmatch", func() { isink = len(re.FindStringSubmatch("mail bob@example.com now")) })
	count("regexp.ReplaceAllString", func() { ssink = re.ReplaceAllString("mail bob@example.com now", "$2") })
	count("time.Format", func() { ssink = when.Format(time.RFC3339) })
	count("time.Add", func() { isink = when.Add(time.Hour).Year() })
	count("time.Parse", func() { t, _ := time.Parse(time.RFC3339, "2024-01-02T03:04:05Z"); isink = t.Year() })
	count("time.Duration", func() { ssink = (90 * time.Second).String() })
	count("time.Since", func() { isink = int(time.Since(when).Hours()) })
	count("template", func() { var b strings.Builder; tmpl.Execute(&b, points[0]); isink = b.Len() })
	count("filepath.Join", func() { ssink = filepath.Join("a", "b", "c.go") })
	count("filepath.Base", func() { ssink = filepath.Base("/a/b/c.go") + filepath.Ext("/a/b.go") })
	count("reflect.TypeOf", func() { isink = reflect.TypeOf(points).NumMethod() + reflect.ValueOf(points).Len() })
	count("utf8", func() { isink = utf8.RuneCountInString(str) })
	count("runes", func() { isink = len([]rune(short)) })
	count("runes local", func() { r := []rune(short); slices.Reverse(r); isink = len(string(r)) })
	count("mutex", func() { mu.Lock(); isink++; mu.Unlock() })
	count("mutex deferred", func() { locked(func() { isink++ }) })
	count("rwmutex deferred", func() { func() { rw.RLock(); defer rw.RUnlock(); isink++ }() })
	count("once", func() { once.Do(func() { isink++ }) })
	count("atomic", func() { counter.Add(1) })
	count("waitgroup", func() {
		var wg sync.WaitGroup
		wg.Add(1)
		go func() { defer wg.Done(); isink++ }()
		wg.Wait()
	})
	count("waitgroup go", func() { var wg sync.WaitGroup; wg.Go(func() { isink++ }); wg.Wait() })
	count("pool", func() { b := pool.Get().(*bytes.Buffer); b.Reset(); b.WriteString(short); pool.Put(b) })
	count("channel", func() { c := make(chan int, 1); c <- 1; isink = <-c })
	count("recovered panic", func() { isink, esink = safeDiv(1, isink-isink) })
	count("no panic", func() { isink, esink = safeDiv(1, 1) })
	count("method value", func() { f := points[0].Add; isink = f(points[1]).X })
	count("pointer method on local", func() { p := point{1, 2}; p.Move(1, 2); isink = p.X })
	count("pointer kept", func() { psink = &point{1, 2} })
	count("interface slice", func() {
		for _, s := range shapes {
			fsink += s.area()
		}
	})
	count("interface local", func() { var s shape = rect{fsink, 2}; fsink = s.area() })
	count("local interface slice", func() {
		for _, s := range []shape{square{fsink}, rect{1, 2}} {
			fsink = s.area()
		}
	})
	count("type switch any", func() { isink = kind(n) + kind(str) + kind(points[0]) })
	count("options", func() { isink = build(withN(n), withS(str)).n })
	count("generic stack", func() { var s stack[int]; s.push(1); s.push(2); isink = s.pop() })
	count("generic map", func() { isink = len(mapFunc(ints, func(v int) string { return "x" })) })
	count("generic sum", func() { isink = sumAll(1, 2, n) })
	count("apply closure", func() { k := n; isink = apply(ints, func(v int) int { return v * k }) })
	count("closure counter", func() { c := 0; inc := func() { c++ }; inc(); inc(); isink = c })
	count("recursive closure", func() {
		var fib func(int) int
		fib = func(n int) int {
			if n < 2 {
				return n
			}
			return fib(n-1) + fib(n-2)
		}
		isink = fib(8)
	})
	count("tree walk", func() { sum := 0; root.walk(func(k int) { sum += k }); isink = sum })
	count("tree local", func() {
		var t *tree
		for _, k := range ints {
			t = t.insert(k)
		}
		isink = t.key
	})
	count("lexer", func() {
		l := lexer{s: str}
		for {
			w, ok := l.next()
			if !ok {
				break
			}
			isink += len(w)
		}
	})
	count("range func", func() {
		for v := range gen(10) {
			if v == 5 {
				break
			}
			isink += v
		}
	})
	count("matrix local", func() {
		m := [3][3]int{}
		for i := range m {
			m[i][i] = n
		}
		isink = m[1][1]
	})
	count("slice of slices", func() {
		m := make([][]int, 3)
		for i := range m {
			m[i] = make([]int, 3)
		}
		isink = len(m[2])
	})
	count("append growth", func() {
		var s []int
		for i := 0; i < 20; i++ {
			s = append(s, i)
		}
		isink = len(s)
	})
	count("copy slice", func() { s := make([]int, len(ints)); copy(s, ints); isink = s[0] })
	count("array of structs", func() { var a [8]point; p := &a[n%8]; p.X = 3; isink = a[0].X })
	count("linked list local", func() {
		type node struct {
			next *node
			v    int
		}
		var head *node
		for i := 0; i < 3; i++ {
			head = &node{head, i}
		}
		isink = head.v
	})
	count("error returned", func() { bsink = fail(n) != nil })
	count("variadic formatted", func() { isink = variadic("x", n, str, points[0], 1.5) })
	count("variadic empty", func() { isink = variadic("x") })
	count("struct compare", func() { bsink = points[0] == points[1] })
	count("any compare", func() { bsink = any(points[0]) == any(points[1]) })
	count("any map", func() { m := map[string]any{"a": 1, "b": "x"}; _, bsink = m["a"].(int) })
	count("any slice", func() { s := []any{n, str, nil}; isink = len(s) })
	count("stringer", func() { var s fmt.Stringer = points[0]; isink = len(s.String()) })
	count("labelled loops", func() {
	outer:
		for i := 0; i < 3; i++ {
			for j := 0; j < 3; j++ {
				if j == 2 {
					continue outer
				}
				isink++
			}
		}
	})
	count("big add", func() { var a, b big.Int; a.SetInt64(5); b.SetInt64(7); a.Add(&a, &b); isink = int(a.Int64()) })
	count("switch string", func() {
		switch str[:4] + "" {
		case "some":
			isink = 1
		case "none":
			isink = 2
		}
	})
	count("byte slice building", func() {
		b := make([]byte, 0, 64)
		b = append(b, short...)
		b = append(b, '=')
		b = strconv.AppendInt(b, int64(n), 10)
		isink = len(b)
	})
	count("bytes to string key", func() { s := string(data[:8]); isink = table[s] })
	count("bytes to string key long", func() { s := string(data); isink = table[s] })
	count("string builder pointer", func() { b := &strings.Builder{}; writeTo(b); ssink = b.String() })
	count("writer interface", func() { var b strings.Builder; writeAny(&b); ssink = b.String() })
	count("defer in loop", func() {
		for i := 0; i < 3; i++ {
			defer func() { isink += i }()
		}
	})
	count("defer with args", func() { defer add(n, 2); isink++ })
	count("defer method", func() { p := &point{1, 2}; defer p.Move(1, 1); isink++ })
	count("defer captured", func() { x := 0; defer func() { isink = x }(); x++ })
	count("defer named result", func() { isink = named() })
}

//go:noinline
func named() (r int) {
	defer func() { r++ }()
	return n
}

//go:noinline
func add(a, b int) { isink = a + b }

func writeTo(b *strings.Builder) { b.WriteString("hello "); b.WriteString(short) }

//go:noinline
func writeAny(w io.Writer) { io.WriteString(w, short) }

//go:noinline
func sumBytes(b []byte) (n int) {
	for _, c := range b {
		n += int(c)
	}
	return
}

func visit(n int, seen map[int]bool) int {
	if n == 0 || seen[n] {
		return 0
	}
	seen[n] = true
	return 1 + visit(n-1, seen)
}

//go:noinline
func kind(v any) int {
	switch v := v.(type) {
	case int:
		return v
	case string:
		return len(v)
	case fmt.Stringer:
		return len(v.String())
	}
	return 0
}
