// word_count counts the words of standard input: the most frequent, by length, by first letter; with three
// implementations of the counter behind one interface, which must agree.
package main

import (
	"bufio"
	"bytes"
	"cmp"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"strings"
	"text/tabwriter"
	"unicode"
	"unicode/utf8"
)

// A Counter counts words.
type Counter interface {
	Add(word string)
	Count(word string) int
	Each(yield func(word string, n int) bool)
}

// mapCounter is the obvious one.
type mapCounter map[string]int

func (m mapCounter) Add(w string)       { m[w]++ }
func (m mapCounter) Count(w string) int { return m[w] }
func (m mapCounter) Each(yield func(string, int) bool) {
	for _, k := range slices.Sorted(maps.Keys(m)) {
		if !yield(k, m[k]) {
			return
		}
	}
}

// trie keeps words by their runes.
type trie struct {
	n    int
	next map[rune]*trie
}

func (t *trie) find(w string, make_ bool) *trie {
	for _, r := range w {
		u := t.next[r]
		if u == nil {
			if !make_ {
				return nil
			}
			if t.next == nil {
				t.next = make(map[rune]*trie)
			}
			u = new(trie)
			t.next[r] = u
		}
		t = u
	}
	return t
}

func (t *trie) Add(w string) { t.find(w, true).n++ }

func (t *trie) Count(w string) int {
	if t = t.find(w, false); t != nil {
		return t.n
	}
	return 0
}

func (t *trie) Each(yield func(string, int) bool) { t.walk(nil, yield) }

func (t *trie) walk(prefix []rune, yield func(string, int) bool) bool {
	if t.n > 0 && !yield(string(prefix), t.n) {
		return false
	}
	for _, r := range slices.Sorted(maps.Keys(t.next)) {
		if !t.next[r].walk(append(prefix, r), yield) {
			return false
		}
	}
	return true
}

// tree is a binary search tree.
type tree struct {
	root *node
	size int
}

type node struct {
	word        string
	n           int
	left, right *node
}

func (t *tree) at(w string) **node {
	p := &t.root
	for *p != nil {
		switch c := cmp.Compare(w, (*p).word); {
		case c < 0:
			p = &(*p).left
		case c > 0:
			p = &(*p).right
		default:
			return p
		}
	}
	return p
}

func (t *tree) Add(w string) {
	p := t.at(w)
	if *p == nil {
		*p = &node{word: w}
		t.size++
	}
	(*p).n++
}

func (t *tree) Count(w string) int {
	if n := *t.at(w); n != nil {
		return n.n
	}
	return 0
}

func (t *tree) Each(yield func(string, int) bool) {
	var walk func(n *node) bool
	walk = func(n *node) bool {
		return n == nil || walk(n.left) && yield(n.word, n.n) && walk(n.right)
	}
	walk(t.root)
}

// scanWords is a split function: letters and inner apostrophes.
func scanWords(data []byte, atEOF bool) (advance int, token []byte, err error) {
	start := 0
	for start < len(data) {
		r, n := utf8.DecodeRune(data[start:])
		if unicode.IsLetter(r) {
			break
		}
		start += n
	}
	for i := start; i < len(data); {
		r, n := utf8.DecodeRune(data[i:])
		if !unicode.IsLetter(r) && !(r == '\'' && i+1 < len(data) && unicode.IsLetter(rune(data[i+1]))) {
			return i + n, data[start:i], nil
		}
		i += n
	}
	if atEOF && start < len(data) {
		return len(data), data[start:], nil
	}
	return start, nil, nil
}

type entry struct {
	word string
	n    int
}

func top(c Counter, k int) []entry {
	var all []entry
	c.Each(func(w string, n int) bool {
		all = append(all, entry{w, n})
		return true
	})
	slices.SortStableFunc(all, func(a, b entry) int {
		return cmp.Or(-cmp.Compare(a.n, b.n), cmp.Compare(a.word, b.word))
	})
	return all[:min(k, len(all))]
}

func count(r io.Reader, counters ...Counter) (words, bytes_ int, err error) {
	s := bufio.NewScanner(r)
	s.Buffer(make([]byte, 16), 1<<16)
	s.Split(scanWords)
	for s.Scan() {
		w := strings.ToLower(s.Text())
		for _, c := range counters {
			c.Add(w)
		}
		words++
		bytes_ += len(w)
	}
	return words, bytes_, s.Err()
}

func main() {
	text, err := io.ReadAll(os.Stdin)
	if err != nil {
		panic(err)
	}
	counters := []Counter{mapCounter{}, new(trie), new(tree)}
	words, n, err := count(bytes.NewReader(text), counters...)
	fmt.Println(words, "words of", n, "bytes in", bytes.Count(text, []byte("\n")), "lines", err)

	var shown []string
	for _, c := range counters {
		var b strings.Builder
		for _, e := range top(c, 12) {
			fmt.Fprintf(&b, "%s=%d ", e.word, e.n)
		}
		shown = append(shown, b.String())
	}
	fmt.Println(shown[0])
	fmt.Println(shown[0] == shown[1], shown[1] == shown[2], counters[1].Count("the"), counters[2].Count("absent"))

	w := tabwriter.NewWriter(os.Stdout, 0, 8, 2, ' ', tabwriter.AlignRight|tabwriter.Debug)
	byLength := map[int][]string{}
	counters[2].Each(func(word string, _ int) bool {
		l := utf8.RuneCountInString(word)
		byLength[l] = append(byLength[l], word)
		return true
	})
	fmt.Fprintln(w, "length\twords\tfirst\tlast\t")
	for _, l := range slices.Sorted(maps.Keys(byLength)) {
		ws := byLength[l]
		fmt.Fprintf(w, "%d\t%d\t%s\t%s\t\n", l, len(ws), ws[0], ws[len(ws)-1])
	}
	w.Flush()

	// Early stop, and words that differ only in case or script.
	for i, c := range counters {
		seen := 0
		for word, n := range c.Each {
			if seen++; seen == 3 {
				fmt.Println(i, "third:", word, n)
				break
			}
		}
	}
	_, _, err = count(strings.NewReader(strings.Repeat("x", 1<<17)), mapCounter{})
	fmt.Println(err)
	fmt.Println(strings.Map(func(r rune) rune {
		if unicode.IsUpper(r) {
			return unicode.ToLower(r)
		}
		if unicode.Is(unicode.Greek, r) {
			return -1
		}
		return r
	}, "ΑβΓ Straße ÉCOLE ǅ"))
}
