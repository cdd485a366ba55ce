// markdown turns a subset of Markdown into HTML: headings, lists in lists, code, quotes, tables, links with references,
// emphasis. Blocks are read line by line, spans by regular expressions and by hand.
package main

import (
	"bufio"
	"fmt"
	"html"
	"io"
	"os"
	"regexp"
	"strings"
	"unicode"
)

type Block interface{ render(w *writer) }

type (
	Heading struct {
		Level int
		Text  string
	}
	Para  struct{ Lines []string }
	Code  struct{ Lang, Text string }
	Quote struct{ Blocks []Block }
	List  struct {
		Ordered bool
		Items   [][]Block
	}
	Table struct {
		Align []string
		Rows  [][]string
	}
	Rule struct{}
)

type writer struct {
	*bufio.Writer
	refs  map[string]string
	ids   map[string]int
	depth int
	toc   []string
}

func (w *writer) line(format string, args ...any) {
	fmt.Fprintf(w, "%*s", 2*w.depth, "")
	fmt.Fprintf(w, format, args...)
	w.WriteByte('\n')
}

func (w *writer) nest(tag string, f func()) {
	name, _, _ := strings.Cut(tag, " ")
	w.line("<%s>", tag)
	w.depth++
	defer func() { w.depth--; w.line("</%s>", name) }()
	f()
}

func (h Heading) render(w *writer) {
	id := strings.Map(func(r rune) rune {
		switch {
		case unicode.IsLetter(r), unicode.IsDigit(r):
			return unicode.ToLower(r)
		case r == ' ', r == '-':
			return '-'
		}
		return -1
	}, h.Text)
	if n := w.ids[id]; n > 0 {
		id = fmt.Sprintf("%s-%d", id, n)
	}
	w.ids[id]++
	w.toc = append(w.toc, strings.Repeat("  ", h.Level-1)+h.Text)
	w.line(`<h%d id=%q>%s</h%[1]d>`, h.Level, id, w.spans(h.Text))
}

func (p Para) render(w *writer) {
	w.line("<p>%s</p>", w.spans(strings.Join(p.Lines, "\n")))
}

func (c Code) render(w *writer) {
	class := ""
	if c.Lang != "" {
		class = ` class="language-` + c.Lang + `"`
	}
	fmt.Fprintf(w, "<pre><code%s>%s</code></pre>\n", class, html.EscapeString(c.Text))
}

func renderAll(w *writer, bs []Block) {
	for _, b := range bs {
		b.render(w)
	}
}

func (q Quote) render(w *writer) { w.nest("blockquote", func() { renderAll(w, q.Blocks) }) }

func (l *List) render(w *writer) {
	tag := map[bool]string{false: "ul", true: "ol"}[l.Ordered]
	w.nest(tag, func() {
		for _, it := range l.Items {
			if p, ok := it[0].(Para); ok && len(it) == 1 {
				w.line("<li>%s</li>", w.spans(strings.Join(p.Lines, " ")))
			} else {
				w.nest("li", func() { renderAll(w, it) })
			}
		}
	})
}

func (t Table) render(w *writer) {
	w.nest("table", func() {
		for i, row := range t.Rows {
			cell := "td"
			if i == 0 {
				cell = "th"
			}
			var b strings.Builder
			for j, text := range row {
				style := ""
				if j < len(t.Align) && t.Align[j] != "" {
					style = fmt.Sprintf(` style="text-align:%s"`, t.Align[j])
				}
				fmt.Fprintf(&b, "<%s%s>%s</%[1]s>", cell, style, w.spans(text))
			}
			w.line("<tr>%s</tr>", &b)
		}
	})
}

func (Rule) render(w *writer) { w.line("<hr/>") }

var spanRules = []struct {
	re  *regexp.Regexp
	sub func(w *writer, m []string) string
}{
	{regexp.MustCompile(`!\[([^\]]*)\]\(([^)\s]+)\)`), func(w *writer, m []string) string {
		return fmt.Sprintf(`<img src=%q alt=%q/>`, m[2], m[1])
	}},
	{regexp.MustCompile(`\[([^\]]+)\]\(([^)\s]+)(?:\s+&#34;(.*?)&#34;)?\)`), func(w *writer, m []string) string {
		title := ""
		if m[3] != "" {
			title = ` title="` + m[3] + `"`
		}
		return fmt.Sprintf(`<a href=%q%s>%s</a>`, m[2], title, m[1])
	}},
	{regexp.MustCompile(`\[([^\]]+)\]\[(\w*)\]`), func(w *writer, m []string) string {
		key := m[2]
		if key == "" {
			key = m[1]
		}
		if url, ok := w.refs[strings.ToLower(key)]; ok {
			return fmt.Sprintf(`<a href=%q>%s</a>`, url, m[1])
		}
		return m[0]
	}},
	{regexp.MustCompile(`\*\*(.+?)\*\*`), func(_ *writer, m []string) string { return "<strong>" + m[1] + "</strong>" }},
	{regexp.MustCompile(`\*(\S.*?)\*|\b_(.+?)_\b`), func(_ *writer, m []string) string { return "<em>" + m[1] + m[2] + "</em>" }},
	{regexp.MustCompile(`~~(.+?)~~`), func(_ *writer, m []string) string { return "<del>" + m[1] + "</del>" }},
	{regexp.MustCompile(`  \n`), func(*writer, []string) string { return "<br/>\n" }},
}

func (w *writer) spans(s string) string {
	parts := strings.Split(s, "`")
	for i, p := range parts {
		p = html.EscapeString(p)
		if i%2 == 1 && i < len(parts)-1 {
			parts[i] = "<code>" + p + "</code>"
			continue
		}
		for _, r := range spanRules {
			p = r.re.ReplaceAllStringFunc(p, func(m string) string { return r.sub(w, r.re.FindStringSubmatch(m)) })
		}
		parts[i] = p
	}
	return strings.Join(parts, "")
}

var (
	headingRE = regexp.MustCompile(`^(#{1,6})\s+(.*?)\s*#*$`)
	itemRE    = regexp.MustCompile(`^(\s*)([-*+]|\d+\.)\s+(.*)$`)
	refRE     = regexp.MustCompile(`(?i)^\[([^\]]+)\]:\s*(\S+)$`)
	ruleRE    = regexp.MustCompile(`^\s*(?:-\s*){3,}$`)
	alignRE   = regexp.MustCompile(`^\|(\s*:?-+:?\s*\|)+$`)
)

type parser struct {
	lines []string
	refs  map[string]string
}

func (p *parser) more() bool   { return len(p.lines) > 0 }
func (p *parser) peek() string { return p.lines[0] }
func (p *parser) next() (l string) {
	l, p.lines = p.lines[0], p.lines[1:]
	return
}
func (p *parser) sub(lines []string) []Block { return (&parser{lines, p.refs}).blocks() }

func (p *parser) blocks() (bs []Block) {
	for p.more() {
		l := p.next()
		switch m := headingRE.FindStringSubmatch(l); {
		case m != nil:
			bs = append(bs, Heading{len(m[1]), m[2]})
		case strings.TrimSpace(l) == "":
		case refRE.MatchString(l):
			m := refRE.FindStringSubmatch(l)
			p.refs[strings.ToLower(m[1])] = m[2]
		case ruleRE.MatchString(l):
			bs = append(bs, Rule{})
		case strings.HasPrefix(l, "```"):
			var text strings.Builder
			for p.more() {
				c := p.next()
				if c == "```" {
					break
				}
				text.WriteString(c + "\n")
			}
			bs = append(bs, Code{strings.TrimPrefix(l, "```"), text.String()})
		case l[0] == '>':
			q := []string{strings.TrimPrefix(l[1:], " ")}
			for p.more() && strings.HasPrefix(p.peek(), ">") {
				q = append(q, strings.TrimPrefix(p.next()[1:], " "))
			}
			bs = append(bs, Quote{p.sub(q)})
		case itemRE.MatchString(l):
			bs = append(bs, p.list(l))
		case l[0] == '|' && p.more() && alignRE.MatchString(p.peek()):
			bs = append(bs, p.table(l))
		default:
			para := Para{[]string{l}}
			for p.more() && strings.TrimSpace(p.peek()) != "" && !headingRE.MatchString(p.peek()) && !itemRE.MatchString(p.peek()) && !strings.HasPrefix(p.peek(), "```") {
				para.Lines = append(para.Lines, p.next())
			}
			bs = append(bs, para)
		}
	}
	return bs
}

func (p *parser) list(first string) *List {
	m := itemRE.FindStringSubmatch(first)
	indent, l := len(m[1]), &List{Ordered: m[2][0] >= '0' && m[2][0] <= '9'}
	for {
		item := []string{m[3]}
		for p.more() {
			line := p.peek()
			if n := itemRE.FindStringSubmatch(line); n != nil && len(n[1]) <= indent {
				break
			}
			if strings.TrimSpace(line) == "" || len(line)-len(strings.TrimLeft(line, " ")) <= indent {
				break
			}
			item = append(item, strings.TrimPrefix(p.next(), strings.Repeat(" ", indent+2)))
		}
		blocks := p.sub(item[:1])
		blocks = append(blocks, p.sub(item[1:])...)
		l.Items = append(l.Items, blocks)
		if !p.more() {
			return l
		}
		if m = itemRE.FindStringSubmatch(p.peek()); m == nil || len(m[1]) != indent {
			return l
		}
		p.next()
	}
}

func cells(l string) (cs []string) {
	for _, c := range strings.Split(strings.Trim(l, "|"), "|") {
		cs = append(cs, strings.TrimSpace(c))
	}
	return
}

func (p *parser) table(head string) (t Table) {
	t.Rows = append(t.Rows, cells(head))
	for _, c := range cells(p.next()) {
		a := ""
		switch left, right := c[0] == ':', c[len(c)-1] == ':'; {
		case left && right:
			a = "center"
		case right:
			a = "right"
		case left:
			a = "left"
		}
		t.Align = append(t.Align, a)
	}
	for p.more() && strings.HasPrefix(p.peek(), "|") {
		t.Rows = append(t.Rows, cells(p.next()))
	}
	return t
}

func main() {
	text, _ := io.ReadAll(os.Stdin)
	p := &parser{strings.Split(strings.TrimSuffix(string(text), "\n"), "\n"), map[string]string{}}
	blocks := p.blocks()
	w := &writer{Writer: bufio.NewWriter(os.Stdout), refs: p.refs, ids: map[string]int{}}
	renderAll(w, blocks)
	w.Flush()
	fmt.Println(strings.Join(w.toc, "\n"))
	kinds := map[string]int{}
	for _, b := range blocks {
		kinds[fmt.Sprintf("%T", b)]++
	}
	fmt.Println(kinds)
}
