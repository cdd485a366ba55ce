// report renders a sales report with text/template (nested templates, functions, pipelines, maps) and the same data as
// a page with html/template, which escapes by context.
package main

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	html "html/template"
	"io"
	"os"
	"slices"
	"strings"
	"text/template"
	"time"
)

type Currency struct {
	Code   string
	Digits int
}

func (c Currency) Format(cents int64) string {
	neg := ""
	if cents < 0 {
		neg, cents = "-", -cents
	}
	unit := int64(1)
	for range c.Digits {
		unit *= 10
	}
	whole := fmt.Sprint(cents / unit)
	for i := len(whole) - 3; i > 0; i -= 3 {
		whole = whole[:i] + "," + whole[i:]
	}
	if c.Digits == 0 {
		return neg + whole + " " + c.Code
	}
	return fmt.Sprintf("%s%s.%0*d %s", neg, whole, c.Digits, cents%unit, c.Code)
}

type Sale struct {
	When   time.Time
	Item   string
	Amount int64
	Buyer  *Buyer
}

type Buyer struct {
	Name  string
	Email string
	VIP   bool
}

func (b *Buyer) Greeting(word string) (string, error) {
	if b.Name == "" {
		return "", errors.New("buyer has no name")
	}
	return word + ", " + b.Name, nil
}

type Region struct {
	Name  string
	Sales []Sale
	Meta  map[string]any
}

func (r Region) Total() (t int64) {
	for _, s := range r.Sales {
		t += s.Amount
	}
	return
}

type Report struct {
	Title    string
	Currency Currency
	Regions  []Region
	Notes    func() []string
}

const text = `{{define "sale"}}{{.When.Format "02 Jan 2006"}} {{printf "%-14s" .Item}}{{printf "%16s" (money .Amount)}}{{with .Buyer}} ({{.Name}}{{if .VIP}}, VIP{{end}}){{end}}
{{end -}}
{{- /* the page */ -}}
{{$r := .}}{{.Title | upper | underline}}
{{range $i, $reg := .Regions}}
{{add $i 1}}. {{$reg.Name}}: {{len .Sales}} sale{{if ne (len .Sales) 1}}s{{end}}, {{money .Total}}
{{range sorted .Sales}}   {{template "sale" .}}{{else}}   nothing sold
{{end}}{{range $k, $v := .Meta}}   {{$k}}={{$v | printf "%v"}};{{end}}
{{- if and .Sales (gt .Total 100000)}}
   best: {{(index (sorted .Sales) 0).Item | printf "%q"}}
{{- end}}
{{end}}
{{- with $x := call .Notes}}Notes:{{range $n, $_ := $x}} [{{$n}}] {{index $x $n}}{{end}}{{end}}
{{block "footer" .}}-- {{.Currency.Code}} {{range $i := 3}}{{if $i}}{{if eq $i 2}}{{break}}{{end}}.{{else}}{{continue}}{{end}}{{end}}{{end}}
`

const page = `<h1 title="{{.Title}}">{{.Title}}</h1>
{{range .Regions}}<a href="/region?name={{.Name}}&x={{.Meta.note}}" onclick="show({{.Meta}})">{{.Name}}</a>
<script>var total = {{.Total}}, name = {{.Name}};</script>
<p style="width: {{.Meta.width}}">{{with .Meta.note}}{{.}}{{else}}-{{end}}</p>
{{end}}{{.Safe}}`

func main() {
	cur := Currency{"EUR", 2}
	day := func(m time.Month, d int) time.Time { return time.Date(2024, m, d, 15, 4, 5, 0, time.UTC) }
	ann := &Buyer{"Ann <O'Hara>", "ann@example.com", true}
	rep := Report{
		Title: "Sales & returns", Currency: cur,
		Regions: []Region{
			{"North", []Sale{
				{day(time.March, 1), "lamp", 12999, ann},
				{day(time.February, 29), "desk", 1234567, nil},
				{day(time.May, 31), "lamp (returned)", -12999, ann},
			}, map[string]any{"note": "a\"b<c>&d", "rate": 1.5, "tags": []string{"x", "y"}}},
			{"South & co", nil, map[string]any{"width": "expression(alert(1))", "manager": (*Buyer)(nil)}},
			{"日本", []Sale{{day(time.December, 31), "tea", 5, &Buyer{Name: "Q"}}}, nil},
		},
		Notes: func() []string { return []string{"first", "second"} },
	}
	fm := template.FuncMap{
		"upper": strings.ToUpper,
		"underline": func(s string) string {
			return s + "\n" + strings.Repeat("=", len([]rune(s)))
		},
		"add":   func(a, b int) int { return a + b },
		"money": cur.Format,
		"sorted": func(s []Sale) []Sale {
			return slices.SortedFunc(slices.Values(s), func(a, b Sale) int { return -cmp.Compare(a.Amount, b.Amount) })
		},
	}
	t := template.Must(template.New("report").Funcs(fm).Parse(text))
	if err := t.Execute(os.Stdout, rep); err != nil {
		fmt.Println("error:", err)
	}
	fmt.Println(len(t.Templates()), t.Lookup("sale").Name())
	u := template.Must(template.Must(t.Clone()).Parse(`{{define "footer"}}the end of {{.Title}}{{end}}`))
	var b bytes.Buffer
	u.Execute(&b, rep)
	fmt.Println(strings.Count(t.Lookup("footer").Tree.Root.String(), "break"), strings.HasSuffix(b.String(), "the end of Sales & returns\n"))

	data := struct {
		Report
		Safe html.HTML
	}{rep, "<b>bold</b>"}
	h := html.Must(html.New("page").Parse(page))
	if err := h.Execute(os.Stdout, data); err != nil {
		fmt.Println("error:", err)
	}
	fmt.Println()

	for _, bad := range []string{
		"{{.Missing}}", "{{.Title.X}}", "{{index .Regions 9}}", "{{call .Title}}", "{{template \"none\"}}",
		"{{(index .Regions 2).Sales | len | money}}", "{{len 3}}", "{{if", "{{end}}", "{{range .Regions}}", "{{nofunc 1}}",
		"{{with index (index .Regions 0).Sales 0}}{{.Buyer.Greeting \"Hi\"}}{{end}} {{(index (index .Regions 1).Meta \"manager\").Name}}",
		"{{lt 1 2.5}}", "{{slice .Title 2 40}}", "{{eq .Currency .Currency}} {{html .Title}} {{js .Title}} {{urlquery .Title}} {{not true}} {{or 0 \"\" nil 7}} {{1 | and true}}",
	} {
		t, err := template.New("t").Funcs(fm).Parse(bad)
		if err == nil {
			var b strings.Builder
			err = t.Execute(&b, rep)
			if err == nil {
				fmt.Println("ok:", b.String())
				continue
			}
			var ee template.ExecError
			fmt.Print(errors.As(err, &ee), " ", ee.Name, " ")
		}
		fmt.Println(err)
	}
	fmt.Println(template.Must(template.New("w").Parse("{{.}}")).Execute(failing{}, 1), io.ErrShortWrite)
}

type failing struct{}

func (failing) Write([]byte) (int, error) { return 0, io.ErrShortWrite }
