// run

// What interfaces hold: copies, small values, zero values, direct values; equality, hashing, map keys, NaN.
package main

type P struct{ p *int }
type Pad struct {
	a int8
	b int64
}
type Blank struct {
	_ int32
	n int32
}
type Mix struct {
	s string
	f float64
	i any
	e error
	c complex64
	a [3]string
}
type E struct{ code int }

func (e E) Error() string { return "E" }

type L struct {
	next any
	v    int
}

type Big [40]struct {
	s string
	n int
}

//go:noinline
func box[T any](v T) any { return v }

func same(x, y any) (r string) {
	defer func() {
		if e := recover(); e != nil {
			r = e.(error).Error()
		}
	}()
	if x == y {
		return "equal"
	}
	return "different"
}

func put(m map[any]int, k any) (r string) {
	defer func() {
		if e := recover(); e != nil {
			r = e.(error).Error()
		}
	}()
	m[k]++
	return "ok"
}

func main() {
	n := 7
	x := box(n)
	n++
	println(x.(int), n)
	s := [2]string{"a", "b"}
	y := box(s)
	s[0] = "c"
	println(y.([2]string)[0], s[0])
	for _, v := range []int64{0, 1, 255, 256, -1, 1 << 40} {
		println(box(v).(int64) == v, box(int32(v)).(int32) == int32(v), box(uint16(v)).(uint16) == uint16(v), box(int8(v)).(int8) == int8(v))
	}
	println(box("").(string) == "", box([]int(nil)).([]int) == nil, box([]int{}).([]int) == nil, box(struct{}{}) == box(struct{}{}))
	println(box(0.0).(float64), box(false).(bool), box(true).(bool), len(box(Big{}).(Big)))
	q := &n
	println(box(P{q}) == box(P{q}), box(P{q}) == box(P{nil}), box([1]*int{q}) == box([1]*int{q}), box(q) == box(&n))

	nan := 0.0
	nan /= nan
	negZero := 0.0
	negZero *= -1
	println(same(1, 1), same(1, int8(1)), same(1, "1"), same(nil, nil), same(nil, 1), same(nil, []int{}))
	println(same(nan, nan), same(0.0, negZero), same([1]float64{nan}, [1]float64{nan}), same(complex(0, negZero), complex(0, 0.0)))
	println(same(Pad{1, 2}, Pad{1, 2}), same(Pad{1, 2}, Pad{2, 2}), same(Blank{1, 2}, Blank{3, 2}), same(Blank{1, 2}, Blank{1, 3}))
	mix := func(i any, last string) Mix {
		return Mix{"s", 1.5, i, E{1}, 2i, [3]string{"x", "y", last}}
	}
	println(same(mix(1, "z"), mix(1, "z")), same(mix(1, "z"), mix(2, "z")), same(mix(1, "z"), mix(1, "w")), same(mix(nil, ""), mix(1, "")))
	println(same(mix([]int{}, "z"), mix([]int{}, "w")))
	println(same([]int{}, []int{}), same(map[int]int{}, map[int]int{}), same(func() {}, 1))
	println(same([]int{}, []string{}), same(struct{ f func() }{}, struct{ f func() }{}), same([2]any{1, []int{}}, [2]any{1, []int{}}), same([2]any{1, []int{}}, [2]any{2, []int{}}))
	var b1, b2 Big
	b1[39].s, b2[39].s = "end", "end"
	println(same(b1, b2))
	b2[39].n = 1
	println(same(b1, b2))
	var l1, l2, l3 any
	for i := 0; i < 50000; i++ {
		l1, l2, l3 = L{l1, i}, L{l2, i}, L{l3, i | 1<<20&(i-1)}
	}
	println(same(l1, l2), same(l1, l3))
	var e1, e2 error = E{1}, E{1}
	println(e1 == e2, e1 == error(E{2}), e1 == any(E{1}), any(e1) == E{1})

	m := map[any]int{}
	keys := []any{1, int8(1), "1", 1.0, 0.0, negZero, nan, nan, E{1}, P{q}, Pad{1, 2}, Blank{1, 2}, Blank{9, 2}, mix(1, "z"), mix(1, "z"), [3]string{"a"}, nil, true, q, l1, l2,
		struct{ a any }{1}, struct{ a any }{int8(1)}, complex(1, 2), 'a', "a", [0]int{}, struct{}{}}
	for _, k := range keys {
		put(m, k)
	}
	println(len(m), m[1], m[0.0], m[nan], m[Blank{5, 2}], m[mix(1, "z")], m[nil], m[l3], m[l2])
	println(put(m, []int{}), put(m, struct{ x any }{func() {}}), put(m, [2]any{1, map[int]int{}}))
	mm := map[error]int{E{1}: 1}
	mm[E{1}]++
	println(len(mm), mm[e2])
	type key struct {
		s string
		i any
	}
	mk := map[key]string{{"a", 1}: "one", {"a", "x"}: "two"}
	println(mk[key{"a", 1}], mk[key{"a", "x"}], mk[key{"a", 2}] == "")
	mf := map[float64]int{nan: 1, 0.0: 2}
	mf[nan] = 3
	mf[negZero] = 4
	println(len(mf), mf[0])
	ma := map[[2]any]int{{1, "a"}: 1}
	ma[[2]any{1, "a"}]++
	println(ma[[2]any{1, "a"}], len(ma))
}
