// Text with the standard library: fmt, strconv, strings.Builder, bufio, regexp, unicode/utf8, bytes.
package main

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"regexp"
	"strconv"
	"strings"
	"unicode"
)

type point struct {
	X, Y int
	Name string
}

func main() {
	const n = 1000
	best("text/sprintf_ints", n, func() {
		for i := 0; i < n; i++ {
			sink += len(fmt.Sprintf("%d-%05d %x", i, i*7, i))
		}
	})
	best("text/sprintf_struct", n, func() {
		p := point{1, 2, "origin"}
		for i := 0; i < n; i++ {
			p.X = i
			sink += len(fmt.Sprintf("%v %+v", p, &p))
		}
	})
	best("text/fprintf_floats", n, func() {
		for i := 0; i < n; i++ {
			fmt.Fprintf(io.Discard, "%.3f %g %8.2e|%s", float64(i)/3, float64(i)*1.1, float64(i), "str")
		}
	})
	best("text/strconv", n*3, func() {
		for i := 0; i < n; i++ {
			s := strconv.Itoa(i * 12345)
			v, _ := strconv.Atoi(s)
			f, _ := strconv.ParseFloat("12.5e3", 64)
			sink += v + int(f)
		}
	})
	best("text/builder", n*100, func() {
		for i := 0; i < n; i++ {
			var b strings.Builder
			for j := 0; j < 50; j++ {
				b.WriteByte(byte('a' + j%26))
				b.WriteString("word")
			}
			sink += b.Len()
		}
	})

	var text strings.Builder
	for i := 0; i < 2000; i++ {
		fmt.Fprintf(&text, "line %d: the quick brown fox, user%d@example.com jumps over 2024-%02d-%02d\n", i, i, i%12+1, i%28+1)
	}
	long := text.String()
	best("text/split_fields", len(long), func() {
		for _, line := range strings.Split(long, "\n") {
			sink += len(strings.Fields(line))
		}
	})
	best("text/replace_index", len(long), func() {
		sink += len(strings.ReplaceAll(long, "fox", "dog"))
		sink += strings.Count(long, "jumps") + strings.Index(long, "nowhere to be found")
	})
	best("text/upper_map", len(long), func() {
		sink += len(strings.ToUpper(long))
		sink += len(strings.Map(func(r rune) rune {
			if unicode.IsDigit(r) {
				return -1
			}
			return r
		}, long))
	})
	best("text/scanner_lines", len(long), func() {
		s := bufio.NewScanner(strings.NewReader(long))
		for s.Scan() {
			sink += len(s.Bytes())
		}
	})
	best("text/scanner_words", len(long), func() {
		s := bufio.NewScanner(strings.NewReader(long))
		s.Split(bufio.ScanWords)
		for s.Scan() {
			sink += len(s.Text())
		}
	})
	best("text/bufio_copy", len(long), func() {
		var out bytes.Buffer
		w := bufio.NewWriter(&out)
		r := bufio.NewReader(strings.NewReader(long))
		for {
			line, err := r.ReadString('\n')
			if err != nil {
				break
			}
			w.WriteString(line)
		}
		w.Flush()
		sink += out.Len()
	})
	words := map[string]int{}
	best("text/word_count", len(long), func() {
		clear(words)
		for _, w := range strings.FieldsFunc(long, func(r rune) bool { return !unicode.IsLetter(r) }) {
			words[w]++
		}
		sink += len(words)
	})
	email := regexp.MustCompile(`[a-z]+\d*@[a-z]+\.com`)
	best("text/regexp_find", len(long), func() {
		sink += len(email.FindAllStringIndex(long, -1))
	})
	date := regexp.MustCompile(`(\d{4})-(\d\d)-(\d\d)`)
	best("text/regexp_replace", len(long), func() {
		sink += len(date.ReplaceAllString(long, "$3.$2.$1"))
	})
	line := regexp.MustCompile(`^line (\d+): .* over (\S+)$`)
	lines := strings.Split(long, "\n")
	best("text/regexp_lines", len(long), func() {
		for _, l := range lines {
			sink += len(line.FindStringSubmatch(l))
		}
	})
}
