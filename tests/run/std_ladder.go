package main

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"maps"
	"math/bits"
	"os"
	"reflect"
	"runtime"
	"slices"
	"sort"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"
	"unicode/utf8"
)

type point struct {
	X, Y int `json:"coordinate"`
}

func (p point) String() string       { return fmt.Sprintf("<%d|%d>", p.X, p.Y) }
func (p *point) Move(dx, dy int) int { p.X += dx; p.Y += dy; return p.X + p.Y }

type failure struct{ code int }

func (f *failure) Error() string { return "failure " + strconv.Itoa(f.code) }

func where() string {
	_, file, line, ok := runtime.Caller(1)
	return fmt.Sprint(file[strings.LastIndex(file, "/")+1:], ":", line, " ", ok)
}

func main() {
	fmt.Println(point{1, 2}, &point{3, 4}, []any{1, "a", nil, 2.5, true}, map[string]int{"b": 2, "a": 1})
	fmt.Printf("%v %+v %#v %T %q %08.3f|%-6d|%x\n", point{1, 2}, struct{ A, b int }{1, 2}, []string{"x"}, point{}, "q", 3.14159, 7, "hex")

	err := fmt.Errorf("outer: %w", errors.Join(&failure{3}, io.EOF))
	var f *failure
	fmt.Println(errors.As(err, &f), f.code, errors.Is(err, io.EOF), strings.ReplaceAll(err.Error(), "\n", ";"))

	words := strings.Fields("the quick brown fox")
	sort.Slice(words, func(i, j int) bool {
		return len(words[i]) < len(words[j]) || words[i] < words[j] && len(words[i]) == len(words[j])
	})
	fmt.Println(words, slices.Sorted(maps.Keys(map[string]bool{"z": true, "y": false})), bits.Len(1000), utf8.RuneCountInString("häß"))

	var buf bytes.Buffer
	w := bufio.NewWriter(&buf)
	fmt.Fprintf(w, "%s\n%s\n", "first", "second")
	w.Flush()
	for s := bufio.NewScanner(&buf); s.Scan(); {
		fmt.Print(s.Text(), ".")
	}
	fmt.Println()

	var wg sync.WaitGroup
	var sum atomic.Int64
	var mu sync.RWMutex
	seen := map[int]bool{}
	for i := range 20 {
		wg.Go(func() {
			sum.Add(int64(i))
			mu.Lock()
			defer mu.Unlock()
			seen[i] = true
		})
	}
	wg.Wait()
	fmt.Println(sum.Load(), len(seen))

	p := &point{1, 1}
	v := reflect.ValueOf(p)
	out := v.MethodByName("Move").Call([]reflect.Value{reflect.ValueOf(2), reflect.ValueOf(3)})
	fmt.Println(out[0].Int(), *p, v.Elem().Type().Field(0).Tag.Get("json"), v.Type().NumMethod())
	swap := func(in []reflect.Value) []reflect.Value { return []reflect.Value{in[1], in[0]} }
	var swapped func(int, string) (string, int)
	fn := reflect.MakeFunc(reflect.TypeOf(swapped), swap)
	reflect.ValueOf(&swapped).Elem().Set(fn)
	fmt.Println(swapped(1, "one"))
	move := v.Method(0).Interface().(func(int, int) int)
	fmt.Println(move(10, 10), p)

	d := 90 * time.Minute
	t := time.Date(2024, time.February, 29, 12, 0, 0, 0, time.UTC)
	fmt.Println(d, t.Format(time.RFC1123), t.AddDate(1, 0, 0).Weekday())
	select {
	case <-time.After(time.Millisecond):
		fmt.Println("after")
	}

	_, err = os.Open("/does/not/exist")
	fmt.Println(err, errors.Is(err, os.ErrNotExist))
	fmt.Println(where(), runtime.FuncForPC(reflect.ValueOf(where).Pointer()).Name())
	defer fmt.Println("not printed")
	os.Exit(3)
}
