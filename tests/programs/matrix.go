// matrix: dense matrices over several number types by generics, LU with pivots, determinants, inverses, exact fractions
// with math/big, power iteration, Gram-Schmidt, formatted by fmt.Formatter.
package main

import (
	"errors"
	"fmt"
	"io"
	"math"
	"math/big"
	"math/cmplx"
	"math/rand"
	"strings"
)

// Field is what the algorithms need of numbers.
type Field[T any] interface {
	Add(T) T
	Sub(T) T
	Mul(T) T
	Div(T) T
	Size() float64
	fmt.Stringer
}

type Real float64

func (a Real) Add(b Real) Real { return a + b }
func (a Real) Sub(b Real) Real { return a - b }
func (a Real) Mul(b Real) Real { return a * b }
func (a Real) Div(b Real) Real { return a / b }
func (a Real) Size() float64   { return math.Abs(float64(a)) }
func (a Real) String() string  { return fmt.Sprintf("%.4g", float64(a)) }

type Cplx complex128

func (a Cplx) Add(b Cplx) Cplx { return a + b }
func (a Cplx) Sub(b Cplx) Cplx { return a - b }
func (a Cplx) Mul(b Cplx) Cplx { return a * b }
func (a Cplx) Div(b Cplx) Cplx { return a / b }
func (a Cplx) Size() float64   { return cmplx.Abs(complex128(a)) }
func (a Cplx) String() string  { return fmt.Sprintf("%.3g", complex128(a)) }

// Frac is an exact fraction; its zero value is 0.
type Frac struct{ r *big.Rat }

func frac(a, b int64) Frac { return Frac{big.NewRat(a, b)} }

func (a Frac) rat() *big.Rat {
	if a.r == nil {
		return new(big.Rat)
	}
	return a.r
}
func (a Frac) Add(b Frac) Frac { return Frac{new(big.Rat).Add(a.rat(), b.rat())} }
func (a Frac) Sub(b Frac) Frac { return Frac{new(big.Rat).Sub(a.rat(), b.rat())} }
func (a Frac) Mul(b Frac) Frac { return Frac{new(big.Rat).Mul(a.rat(), b.rat())} }
func (a Frac) Div(b Frac) Frac { return Frac{new(big.Rat).Quo(a.rat(), b.rat())} }
func (a Frac) Size() float64   { f, _ := a.rat().Float64(); return math.Abs(f) }
func (a Frac) String() string  { return a.rat().RatString() }

// Mod7 is arithmetic modulo 7.
type Mod7 uint8

func (a Mod7) Add(b Mod7) Mod7 { return (a + b) % 7 }
func (a Mod7) Sub(b Mod7) Mod7 { return (a + 7 - b) % 7 }
func (a Mod7) Mul(b Mod7) Mod7 { return a * b % 7 }
func (a Mod7) Div(b Mod7) Mod7 {
	for i := Mod7(1); i < 7; i++ {
		if b*i%7 == 1 {
			return a * i % 7
		}
	}
	panic("division by zero modulo 7")
}
func (a Mod7) Size() float64  { return float64(a) }
func (a Mod7) String() string { return string('0' + rune(a)) }

type Matrix[T Field[T]] struct {
	rows, cols int
	a          []T
}

var ErrSingular = errors.New("matrix is singular")

type ShapeError struct {
	Op   string
	A, B [2]int
}

func (e *ShapeError) Error() string { return fmt.Sprintf("%s: shapes %v and %v", e.Op, e.A, e.B) }

func New[T Field[T]](rows, cols int, f func(i, j int) T) *Matrix[T] {
	m := &Matrix[T]{rows, cols, make([]T, rows*cols)}
	if f != nil {
		for i := range m.a {
			m.a[i] = f(i/cols, i%cols)
		}
	}
	return m
}

func (m *Matrix[T]) At(i, j int) *T { return &m.a[i*m.cols+j] }
func (m *Matrix[T]) Row(i int) []T  { return m.a[i*m.cols : (i+1)*m.cols : (i+1)*m.cols] }
func (m *Matrix[T]) shape() [2]int  { return [...]int{m.rows, m.cols} }

func (m *Matrix[T]) Mul(n *Matrix[T]) (*Matrix[T], error) {
	if m.cols != n.rows {
		return nil, &ShapeError{"mul", m.shape(), n.shape()}
	}
	return New(m.rows, n.cols, func(i, j int) (sum T) {
		for k := range m.cols {
			sum = sum.Add((*m.At(i, k)).Mul(*n.At(k, j)))
		}
		return
	}), nil
}

type LU[T Field[T]] struct {
	*Matrix[T]
	perm []int
	odd  bool
}

func (m *Matrix[T]) LU() (*LU[T], error) {
	if m.rows != m.cols {
		return nil, &ShapeError{Op: "lu", A: m.shape()}
	}
	n := m.rows
	lu := &LU[T]{Matrix: New(n, n, func(i, j int) T { return *m.At(i, j) })}
	for i := range n {
		lu.perm = append(lu.perm, i)
	}
	for k := range n {
		p := k
		for i := k + 1; i < n; i++ {
			if (*lu.At(i, k)).Size() > (*lu.At(p, k)).Size() {
				p = i
			}
		}
		if (*lu.At(p, k)).Size() == 0 {
			return lu, ErrSingular
		}
		if p != k {
			a, b := lu.Row(p), lu.Row(k)
			for j := range a {
				a[j], b[j] = b[j], a[j]
			}
			lu.perm[p], lu.perm[k] = lu.perm[k], lu.perm[p]
			lu.odd = !lu.odd
		}
		for i := k + 1; i < n; i++ {
			f := lu.At(i, k)
			*f = (*f).Div(*lu.At(k, k))
			for j := k + 1; j < n; j++ {
				x := lu.At(i, j)
				*x = (*x).Sub((*f).Mul(*lu.At(k, j)))
			}
		}
	}
	return lu, nil
}

func (lu *LU[T]) Det() T {
	d := *lu.At(0, 0)
	for i := 1; i < lu.rows; i++ {
		d = d.Mul(*lu.At(i, i))
	}
	if lu.odd {
		var zero T
		d = zero.Sub(d)
	}
	return d
}

func (lu *LU[T]) Solve(b []T) []T {
	n := lu.rows
	x := make([]T, n)
	for i := range n {
		x[i] = b[lu.perm[i]]
		for j := range i {
			x[i] = x[i].Sub((*lu.At(i, j)).Mul(x[j]))
		}
	}
	for i := n - 1; i >= 0; i-- {
		for j := i + 1; j < n; j++ {
			x[i] = x[i].Sub((*lu.At(i, j)).Mul(x[j]))
		}
		x[i] = x[i].Div(*lu.At(i, i))
	}
	return x
}

// Format aligns the columns; %s prints one line, the width is each cell's.
func (m *Matrix[T]) Format(s fmt.State, verb rune) {
	width, ok := s.Width()
	if !ok {
		for _, x := range m.a {
			width = max(width, len(x.String()))
		}
	}
	for i := range m.rows {
		cells := make([]string, m.cols)
		for j, x := range m.Row(i) {
			cells[j] = fmt.Sprintf("%*s", width, x)
			if s.Flag('-') {
				cells[j] = fmt.Sprintf("%-*s", width, x)
			}
		}
		sep := "\n"
		if verb == 's' {
			sep = ";"
		}
		io.WriteString(s, "["+strings.Join(cells, " ")+"]"+sep)
	}
}

func demo[T Field[T]](name string, m *Matrix[T], b []T) {
	fmt.Printf("%s %T\n%v", name, m, m)
	lu, err := m.LU()
	if err != nil {
		fmt.Println(err, errors.Is(err, ErrSingular))
		return
	}
	x := lu.Solve(b)
	fmt.Println("det", lu.Det(), "perm", lu.perm, "x", x)
	col := New(len(x), 1, func(i, _ int) T { return x[i] })
	back, _ := m.Mul(col)
	worst := 0.0
	for i := range b {
		worst = max(worst, (*back.At(i, 0)).Sub(b[i]).Size())
	}
	fmt.Printf("%s %t\n", back, worst < 1e-9)
}

func main() {
	demo("real", New(3, 3, func(i, j int) Real { return Real((i*7+j*5)%6) + 0.25 }), []Real{1, 2, 3})
	demo("complex", New(2, 2, func(i, j int) Cplx { return Cplx(complex(float64(i+1), float64(j-i))) }), []Cplx{1, 1i})
	demo("hilbert", New(5, 5, func(i, j int) Frac { return frac(1, int64(i+j+1)) }), []Frac{frac(1, 1), {}, frac(-1, 2), frac(3, 4), frac(5, 1)})
	demo("mod 7", New(3, 3, func(i, j int) Mod7 { return Mod7((i*i + 3*j + 1) * (j + 2) % 7) }), []Mod7{1, 2, 3})
	demo("singular", New(3, 3, func(i, j int) Real { return Real(i + j) }), []Real{1, 2, 3})
	_, err := New[Real](2, 3, nil).Mul(New[Real](2, 3, nil))
	var shape *ShapeError
	fmt.Println(err, errors.As(err, &shape), shape.A)
	fmt.Printf("%-6v|%3s\n", New(1, 2, func(i, j int) Mod7 { return Mod7(j) }), New(2, 2, func(i, j int) Mod7 { return 3 }))

	rng := rand.New(rand.NewSource(42))
	big_ := New(60, 60, func(i, j int) Real { return Real(rng.NormFloat64()) })
	lu, err := big_.LU()
	fmt.Printf("%.10e %v\n", float64(lu.Det()), err)

	// Power iteration: the golden ratio squared is the largest eigenvalue of [[2 1] [1 1]].
	m := New(2, 2, func(i, j int) Real { return []Real{2, 1, 1, 1}[2*i+j] })
	v := New(2, 1, func(i, j int) Real { return 1 })
	for range 40 {
		w, _ := m.Mul(v)
		norm := Real(math.Hypot(float64(w.a[0]), float64(w.a[1])))
		v = New(2, 1, func(i, j int) Real { return (*w.At(i, j)).Div(norm) })
	}
	mv, _ := m.Mul(v)
	fmt.Printf("%.12f %.12f\n", float64(mv.a[0]/v.a[0]), math.Phi*math.Phi)
	func() {
		defer func() { fmt.Println("recovered:", recover()) }()
		New[Real](2, 2, nil).Row(2)
	}()
	func() {
		defer func() { fmt.Println("recovered:", recover()) }()
		Mod7(3).Div(0)
	}()
}
