// log_analysis reads lines of a web server's log, takes them apart with named groups of a regular expression, and prints
// sums, percentiles, sessions, an hourly histogram and suspicious requests; then a small text adventure replays commands
// found in the log's comments.
package main

import (
	"bufio"
	"bytes"
	"cmp"
	"fmt"
	"math/bits"
	"net/netip"
	"net/url"
	"os"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
)

var lineRE = regexp.MustCompile(`^(?P<ip>[0-9a-fA-F.:]+) \S+ (?P<user>\S+) \[(?P<time>[^\]]+)\] "(?P<method>[A-Z]+) (?P<url>\S+)(?: HTTP/[\d.]+)?" (?P<status>\d{3}) (?P<size>\d+|-)(?: (?P<ms>\d+(?:\.\d+)?)ms)?$`)

type Hit struct {
	IP     netip.Addr
	User   string
	When   time.Time
	Method string
	URL    *url.URL
	Status int
	Size   uint64
	Took   time.Duration
}

func groups(re *regexp.Regexp, s string) map[string]string {
	m := re.FindStringSubmatch(s)
	if m == nil {
		return nil
	}
	out := make(map[string]string, len(m))
	for i, name := range re.SubexpNames() {
		if name != "" && m[i] != "" {
			out[name] = m[i]
		}
	}
	return out
}

func parse(line string) (h Hit, err error) {
	g := groups(lineRE, line)
	if g == nil {
		return h, fmt.Errorf("no match: %.30q", line)
	}
	step := func(f func() error) {
		if err == nil {
			err = f()
		}
	}
	step(func() (e error) { h.IP, e = netip.ParseAddr(g["ip"]); return })
	step(func() (e error) { h.When, e = time.Parse("02/Jan/2006:15:04:05 -0700", g["time"]); return })
	step(func() (e error) { h.URL, e = url.ParseRequestURI(g["url"]); return })
	step(func() (e error) { h.Status, e = strconv.Atoi(g["status"]); return })
	step(func() (e error) {
		if g["size"] != "-" {
			h.Size, e = strconv.ParseUint(g["size"], 10, 64)
		}
		return
	})
	step(func() (e error) {
		if ms, ok := g["ms"]; ok {
			h.Took, e = time.ParseDuration(ms + "ms")
		}
		return
	})
	h.Method, h.User = g["method"], g["user"]
	return
}

func percentile[T cmp.Ordered](sorted []T, p float64) T {
	return sorted[min(len(sorted)-1, int(p*float64(len(sorted))/100))]
}

type histogram [24]int

func (h *histogram) String() string {
	var b strings.Builder
	top := slices.Max(h[:])
	for hour, n := range h {
		if n > 0 {
			fmt.Fprintf(&b, "  %02d %-20s %d\n", hour, strings.Repeat("█", (n*20+top-1)/top), n)
		}
	}
	return b.String()
}

type session struct {
	start, end time.Time
	pages      []string
}

var suspicious = []struct {
	why string
	re  *regexp.Regexp
}{
	{"traversal", regexp.MustCompile(`\.\./|%2e%2e`)},
	{"injection", regexp.MustCompile(`(?i)\b(union\s+select|or\s+1\s*=\s*1|drop\s+table)\b`)},
	{"script", regexp.MustCompile(`(?i)<\s*script[^>]*>`)},
	{"probe", regexp.MustCompile(`^/(?:wp-admin|\.git|\.env)(?:/|$)`)},
}

type World struct {
	at    string
	exits map[string]map[string]string
	items map[string][]string
	bag   []string
}

var verbs = map[string]func(w *World, arg string) string{
	"go": func(w *World, arg string) string {
		to, ok := w.exits[w.at][arg]
		if !ok {
			return "no way " + arg
		}
		w.at = to
		return w.look()
	},
	"take": func(w *World, arg string) string {
		i := slices.Index(w.items[w.at], arg)
		if i < 0 {
			return "no " + arg + " here"
		}
		w.items[w.at] = slices.Delete(w.items[w.at], i, i+1)
		w.bag = append(w.bag, arg)
		return "taken"
	},
	"bag": func(w *World, _ string) string { return "you have: " + strings.Join(w.bag, ", ") },
}

func (w *World) look() string {
	var exits []string
	for e := range w.exits[w.at] {
		exits = append(exits, e)
	}
	slices.Sort(exits)
	return fmt.Sprintf("%s; exits %v; here %v", w.at, exits, w.items[w.at])
}

var commandRE = regexp.MustCompile(`(?i)^\s*(?:please\s+)?(\w+)(?:\s+(?:the\s+|to\s+the\s+)?(\w+))?\s*[.!]?$`)

func (w *World) do(line string) string {
	m := commandRE.FindStringSubmatch(line)
	if m == nil {
		return "what?"
	}
	f, ok := verbs[strings.ToLower(m[1])]
	if !ok {
		return "I do not know how to " + m[1]
	}
	return f(w, strings.ToLower(m[2]))
}

func main() {
	var hits []Hit
	var commands []string
	var bad int
	in := bufio.NewScanner(os.Stdin)
	for in.Scan() {
		line := in.Text()
		if c, ok := strings.CutPrefix(line, "#"); ok {
			commands = append(commands, c)
			continue
		}
		h, err := parse(line)
		if err != nil {
			bad++
			fmt.Println("bad:", err)
			continue
		}
		hits = append(hits, h)
	}
	fmt.Println(len(hits), "hits,", bad, "bad")

	var hist histogram
	status := map[int]int{}
	var took []time.Duration
	var size uint64
	sizes := [65]int{}
	ext := map[string]int{}
	nets := map[netip.Prefix]int{}
	for _, h := range hits {
		hist[h.When.UTC().Hour()]++
		status[h.Status/100*100]++
		took = append(took, h.Took)
		size += h.Size
		sizes[bits.Len64(h.Size)]++
		ext[path.Ext(h.URL.Path)]++
		n := 24
		if h.IP.Is6() {
			n = 48
		}
		p, _ := h.IP.Prefix(n)
		nets[p]++
	}
	slices.Sort(took)
	fmt.Print("by hour\n", &hist)
	fmt.Println(status, ext, nets)
	fmt.Println("bytes", size, "took", percentile(took, 50), percentile(took, 90), percentile(took, 99.9))
	for l, n := range sizes {
		if n > 0 && l > 0 {
			fmt.Printf("%d..%d:%d ", uint64(1)<<(l-1), uint64(1)<<l-1, n)
		}
	}
	fmt.Println()

	slices.SortStableFunc(hits, func(a, b Hit) int { return a.When.Compare(b.When) })
	sessions := map[netip.Addr][]*session{}
	for _, h := range hits {
		s := sessions[h.IP]
		if len(s) == 0 || h.When.Sub(s[len(s)-1].end) > 30*time.Minute {
			s = append(s, &session{start: h.When})
			sessions[h.IP] = s
		}
		last := s[len(s)-1]
		last.end = h.When
		last.pages = append(last.pages, h.URL.Path)
	}
	ips := make([]netip.Addr, 0, len(sessions))
	for ip := range sessions {
		ips = append(ips, ip)
	}
	slices.SortFunc(ips, netip.Addr.Compare)
	for _, ip := range ips {
		for _, s := range sessions[ip] {
			fmt.Println(ip, s.start.UTC().Format(time.TimeOnly), s.end.Sub(s.start), slices.Compact(s.pages))
		}
	}
	for _, h := range hits {
		full, err := url.QueryUnescape(h.URL.RequestURI())
		if err != nil {
			fmt.Println("  ", err)
			continue
		}
		for _, s := range suspicious {
			if loc := s.re.FindStringIndex(full); loc != nil {
				fmt.Printf("   %s by %s: %q in %q\n", s.why, h.User, full[loc[0]:loc[1]], h.URL.Query().Encode())
			}
		}
	}

	w := &World{at: "hall",
		exits: map[string]map[string]string{"hall": {"north": "library", "down": "cellar"}, "library": {"south": "hall"}, "cellar": {"up": "hall"}},
		items: map[string][]string{"library": {"lamp", "book"}, "cellar": {"rope"}}}
	fmt.Println(w.look())
	for _, c := range commands {
		fmt.Printf(">%s: %s\n", strings.TrimRightFunc(c, unicode.IsSpace), w.do(c))
	}

	re := regexp.MustCompile(`(?P<year>\d{4})-(?P<month>\d\d)`)
	fmt.Println(re.ReplaceAllString("2024-05 and 1999-12", "${month}/$year"), re.NumSubexp(), re.SubexpIndex("month"))
	fmt.Printf("%q %v\n", regexp.MustCompile(`[,;]\s*`).Split("a, b;c,,d", -1), re.FindAllStringSubmatchIndex("2024-05 1999-12", -1))
	fmt.Printf("%s\n", bytes.ToUpper(regexp.MustCompile(`(a+)(b*)`).ReplaceAllFunc([]byte("xaabyab"), func(m []byte) []byte { return append(m, '!') })))
	long := regexp.MustCompile(`a(|b|bc)`)
	fmt.Print(long.FindString("abcd"), " ")
	long.Longest()
	fmt.Println(long.FindString("abcd"))
	for _, s := range []string{`a(b`, `a**`, `[z-a]`, `\8`, `(?P<n>a)(?P<n>b)`, `a{1001}`} {
		_, err := regexp.Compile(s)
		fmt.Println(err)
	}
}
