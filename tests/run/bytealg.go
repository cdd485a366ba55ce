// run

// Searches and comparisons of bytes and strings, at all alignments and around the lengths where the method changes.
package main

import (
	"bytes"
	"cmp"
	"fmt"
	"runtime"
	"slices"
	"strings"
)

func sign(a, b string) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

func find(s, t string) int {
	for i := 0; i+len(t) <= len(s); i++ {
		if s[i:i+len(t)] == t {
			return i
		}
	}
	return -1
}

func check(ok bool, what ...any) {
	if !ok {
		fmt.Println(what...)
	}
}

func mallocs(f func()) uint64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	f()
	runtime.ReadMemStats(&after)
	return after.Mallocs - before.Mallocs
}

func main() {
	back := make([]byte, 200)
	for i := range back {
		back[i] = 'a'
	}
	for from := range 9 {
		for n := range 150 {
			b := back[from : from+n]
			s := string(b)
			check(bytes.IndexByte(b, 'x') == -1 && strings.LastIndexByte(s, 'x') == -1 && strings.Count(s, "x") == 0, "none", from, n)
			check(bytes.Count(b, []byte("a")) == n, "all", from, n)
			for _, at := range []int{0, 1, 7, 8, 15, 16, 31, 63, n - 2, n - 1} {
				if at < 0 || at >= n {
					continue
				}
				back[from+at] = 'x'
				t := string(b)
				check(bytes.IndexByte(b, 'x') == at && strings.IndexByte(t, 'x') == at && bytes.LastIndexByte(b, 'x') == at, "place", from, n, at)
				check(strings.Count(t, "x") == 1 && bytes.Count(b, []byte{'x'}) == 1, "count", from, n, at)
				check(strings.Index(t, "ax") == find(t, "ax") && bytes.Index(b, []byte("xaa")) == find(t, "xaa"), "index", from, n, at)
				check(strings.Compare(s, t) == -1 && bytes.Compare(b, []byte(s)) == 1 && cmp.Compare(t, t) == 0, "compare", from, n, at)
				check(!bytes.Equal(b, []byte(s)) && bytes.Equal(b, []byte(t)), "equal", from, n, at)
				back[from+at] = 'a'
			}
		}
	}
	// Bytes above 127 are greater, a prefix is less.
	words := []string{"", "a", "aa", "aaaaaaaa", "aaaaaaaab", "aaaaaaaa\xff", "\xff", "\x80aaaaaaaaaaaaaaaa", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaz", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\x00"}
	for _, x := range words {
		for _, y := range words {
			check(strings.Compare(x, y) == sign(x, y) && bytes.Compare([]byte(x), []byte(y)) == sign(x, y), "compare", x, y)
		}
	}
	slices.SortFunc(words, strings.Compare)
	fmt.Printf("%q\n", words)

	// Needles of all lengths, with many false starts.
	hay := strings.Repeat("aaaab", 40) + "aaaaac" + strings.Repeat("ab", 30)
	for m := 0; m <= 100; m++ {
		for _, at := range []int{0, 3, 57, 150, len(hay) - m} {
			if at+m > len(hay) {
				continue
			}
			needle := hay[at : at+m]
			check(strings.Index(hay, needle) == find(hay, needle) && bytes.Index([]byte(hay), []byte(needle)) == find(hay, needle), "needle", at, m)
			check(strings.Index(hay, needle+"c") == find(hay, needle+"c"), "missing", at, m)
			check(strings.Contains(hay, needle) && bytes.HasPrefix([]byte(hay), []byte(hay[:m])), "contains", at, m)
			check(strings.LastIndex(hay, needle) >= strings.Index(hay, needle), "last", at, m)
		}
	}
	fmt.Println(strings.Index("", ""), strings.Index("", "a"), bytes.Index(nil, nil), bytes.Index(nil, []byte("a")), bytes.Equal(nil, []byte{}))
	fmt.Println(strings.Index(hay, "aaaaac"), strings.IndexAny(hay, "xyzc"), strings.IndexRune("aé世界", '界'), strings.Split("a,b,,c", ","))
	fmt.Println(strings.ReplaceAll(hay, "aaaab", "x")[38:60], strings.Fields("  two\twords and more than sixteen bytes "))

	var local [100]byte
	local[70] = 7
	sum := 0
	fmt.Println(mallocs(func() {
		for range 100 {
			sum += bytes.IndexByte(local[:], 7) + bytes.Compare(local[:50], local[50:])
			if bytes.Equal(local[:20], local[20:40]) {
				sum++
			}
		}
	}) < 50, sum)
}
