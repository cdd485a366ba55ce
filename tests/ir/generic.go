// Instances of generic functions and types.

package main

type number interface{ ~int | ~float64 }

func total[N number](xs ...N) (sum N) {
	for _, x := range xs {
		sum += x * 2
	}
	return sum
}

type list[T any] struct {
	value T
	next  *list[T]
}

func (l *list[T]) push(v T) *list[T] { return &list[T]{v, l} }

func use() (int, float64, *list[string]) {
	var l *list[string]
	return total(1, 2), total(1.5), l.push("a")
}
