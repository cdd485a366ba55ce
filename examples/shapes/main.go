// A plug-in as a host would load it: shapes behind an interface, a catalogue that the host asks, and a main function for
// the command line.
package main

type Shape interface {
	Area() float64
	Name() string
}

type Square struct{ Side float64 }

func (s Square) Area() float64 { return s.Side * s.Side }
func (s Square) Name() string  { return "square" }

type Rect struct{ W, H float64 }

func (r *Rect) Area() float64 { return r.W * r.H }
func (r *Rect) Name() string  { return "rect" }

// Scaled is any shape, grown.
type Scaled struct {
	Shape
	By float64
}

func (s Scaled) Area() float64 { return s.Shape.Area() * s.By * s.By }

// Largest returns the name and the area of the largest shape.
func Largest(shapes ...Shape) (name string, area float64) {
	for _, s := range shapes {
		if a := s.Area(); a > area {
			name, area = s.Name(), a
		}
	}
	return name, area
}

// Measure asks the host's callback about each shape and reports what went wrong, if it panics.
func Measure(visit func(name string, area float64) bool) (count int, err string) {
	defer func() {
		if e := recover(); e != nil {
			err = e.(error).Error()
		}
	}()
	for _, s := range []Shape{Square{2}, &Rect{3, 4}, Scaled{Square{1}, 5}} {
		if !visit(s.Name(), s.Area()) {
			break
		}
		count++
	}
	var none Shape
	if count == 3 {
		none.Area()
	}
	return count, ""
}

func main() {
	name, area := Largest(Square{2}, &Rect{3, 4}, Scaled{Square{1}, 5})
	println("largest:", name, int(area))
	var x any = Scaled{&Rect{1, 2}, 3}
	switch s := x.(type) {
	case Square:
		println("a square")
	case Shape:
		println("a shape called", s.Name(), "of area", int(s.Area()))
	}
	count, err := Measure(func(name string, area float64) bool {
		println(name, int(area))
		return true
	})
	println(count, err)
}
