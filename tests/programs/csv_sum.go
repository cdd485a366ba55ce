// csv_sum aggregates a CSV table from standard input: `csv_sum by=region,product sum=amount where=...`; it decodes rows
// into structs by reflection and tags, groups by arrays of dynamic length, and writes CSV, text and JSON.
package main

import (
	"encoding/csv"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"math"
	"os"
	"reflect"
	"slices"
	"sort"
	"strconv"
	"strings"
	"time"
)

type Row struct {
	Date    time.Time `csv:"date" layout:"2006-01-02"`
	Region  string    `csv:"region"`
	Product string    `csv:"product"`
	Amount  float64   `csv:"amount"`
	Count   *int      `csv:"count,optional"`
	Online  bool      `csv:"online"`
	ignored int
}

// Decoder fills structs of type T.
type Decoder[T any] struct {
	r      *csv.Reader
	fields []decoderField
}

type decoderField struct {
	column, index int
	optional      bool
	set           func(v reflect.Value, s string) error
}

type DecodeError struct {
	Line, Column int
	Name         string
	Err          error
}

func (e *DecodeError) Error() string {
	return fmt.Sprintf("line %d, column %d (%s): %v", e.Line, e.Column, e.Name, e.Err)
}
func (e *DecodeError) Unwrap() error { return e.Err }

func NewDecoder[T any](in io.Reader) (*Decoder[T], error) {
	d := &Decoder[T]{r: csv.NewReader(in)}
	d.r.Comment = '#'
	d.r.TrimLeadingSpace = true
	head, err := d.r.Read()
	if err != nil {
		return nil, err
	}
	t := reflect.TypeFor[T]()
	for i := range t.NumField() {
		f := t.Field(i)
		name, opt, _ := strings.Cut(f.Tag.Get("csv"), ",")
		if name == "" {
			continue
		}
		column := slices.Index(head, name)
		if column < 0 {
			return nil, fmt.Errorf("no column %q for %s.%s", name, t, f.Name)
		}
		set, err := setter(f.Type, f.Tag)
		if err != nil {
			return nil, err
		}
		d.fields = append(d.fields, decoderField{column, i, opt == "optional", set})
	}
	return d, nil
}

func setter(t reflect.Type, tag reflect.StructTag) (func(reflect.Value, string) error, error) {
	if t == reflect.TypeFor[time.Time]() {
		layout, ok := tag.Lookup("layout")
		if !ok {
			layout = time.RFC3339
		}
		return func(v reflect.Value, s string) error {
			tm, err := time.Parse(layout, s)
			v.Set(reflect.ValueOf(tm))
			return err
		}, nil
	}
	switch t.Kind() {
	case reflect.String:
		return func(v reflect.Value, s string) error { v.SetString(s); return nil }, nil
	case reflect.Int, reflect.Int64:
		return func(v reflect.Value, s string) error {
			n, err := strconv.ParseInt(s, 10, 64)
			v.SetInt(n)
			return err
		}, nil
	case reflect.Float64:
		return func(v reflect.Value, s string) error {
			x, err := strconv.ParseFloat(strings.ReplaceAll(s, "_", ""), 64)
			v.SetFloat(x)
			return err
		}, nil
	case reflect.Bool:
		return func(v reflect.Value, s string) error {
			b, err := strconv.ParseBool(s)
			v.SetBool(b)
			return err
		}, nil
	case reflect.Pointer:
		inner, err := setter(t.Elem(), tag)
		return func(v reflect.Value, s string) error {
			p := reflect.New(t.Elem())
			if err := inner(p.Elem(), s); err != nil {
				return err
			}
			v.Set(p)
			return nil
		}, err
	}
	return nil, fmt.Errorf("no way to decode into %s", t)
}

func (d *Decoder[T]) All(yield func(T, error) bool) {
	for {
		rec, err := d.r.Read()
		if err == io.EOF {
			return
		}
		var row T
		if err == nil {
			v := reflect.ValueOf(&row).Elem()
			for _, f := range d.fields {
				s := rec[f.column]
				if s == "" && f.optional {
					continue
				}
				if err = f.set(v.Field(f.index), s); err != nil {
					line, col := d.r.FieldPos(f.column)
					err = &DecodeError{line, col, v.Type().Field(f.index).Name, err}
					break
				}
			}
		}
		if !yield(row, err) {
			return
		}
	}
}

// stats is a running aggregate.
type stats struct {
	N              int
	Sum, Min, Max  float64
	mean, m2       float64
	First, Last    time.Time `json:"-"`
	OnlineFraction float64
	online         int
}

func (s *stats) add(r Row) {
	if s.N == 0 {
		s.Min, s.Max, s.First, s.Last = math.Inf(1), math.Inf(-1), r.Date, r.Date
	}
	s.N++
	s.Sum += r.Amount
	s.Min, s.Max = min(s.Min, r.Amount), max(s.Max, r.Amount)
	d := r.Amount - s.mean
	s.mean += d / float64(s.N)
	s.m2 += d * (r.Amount - s.mean)
	if r.Date.Before(s.First) {
		s.First = r.Date
	}
	if r.Date.After(s.Last) {
		s.Last = r.Date
	}
	if r.Online {
		s.online++
	}
	s.OnlineFraction = float64(s.online) / float64(s.N)
}

func (s *stats) dev() float64 { return math.Sqrt(s.m2 / float64(s.N)) }

// key makes a comparable value of any number of strings.
func key(parts []string) any {
	t := reflect.ArrayOf(len(parts), reflect.TypeFor[string]())
	v := reflect.New(t).Elem()
	reflect.Copy(v, reflect.ValueOf(parts))
	return v.Interface()
}

type groups struct {
	by   []string
	m    map[any]*stats
	keys []any
}

func (g *groups) add(r Row) {
	parts := make([]string, len(g.by))
	v := reflect.ValueOf(r)
	for i, name := range g.by {
		if name == "month" {
			parts[i] = r.Date.Format("Jan 06")
			continue
		}
		f := v.FieldByNameFunc(func(s string) bool { return strings.EqualFold(s, name) })
		parts[i] = fmt.Sprint(f)
	}
	k := key(parts)
	s := g.m[k]
	if s == nil {
		s = new(stats)
		g.m[k] = s
		g.keys = append(g.keys, k)
	}
	s.add(r)
}

func strs(k any) []string {
	v := reflect.ValueOf(k)
	out := make([]string, v.Len())
	for i := range out {
		out[i] = v.Index(i).String()
	}
	return out
}

func main() {
	fs := flag.NewFlagSet("csv_sum", flag.ContinueOnError)
	fs.SetOutput(os.Stdout)
	by := fs.String("by", "region", "comma separated `columns`")
	least := fs.Float64("least", 0, "ignore smaller amounts")
	since := time.Time{}
	fs.Func("since", "ignore earlier `dates`", func(s string) (err error) {
		since, err = time.Parse(time.DateOnly, s)
		return
	})
	if err := fs.Parse(os.Args[1:]); err != nil {
		fmt.Println(err)
		return
	}
	dec, err := NewDecoder[Row](os.Stdin)
	if err != nil {
		fmt.Println("error:", err)
		return
	}
	all := []*groups{{by: strings.Split(*by, ",")}, {by: []string{"month"}}, {by: []string{"region", "product", "online"}}, {}}
	for _, g := range all {
		g.m = make(map[any]*stats)
	}
	counted := 0
	for row, err := range dec.All {
		var de *DecodeError
		var pe *csv.ParseError
		switch {
		case errors.As(err, &de):
			fmt.Println("skipped:", de, errors.Is(err, strconv.ErrSyntax))
			continue
		case errors.As(err, &pe):
			fmt.Println("bad record:", pe.StartLine, pe.Line, pe.Column, pe.Err)
			continue
		}
		if row.Amount < *least || row.Date.Before(since) {
			continue
		}
		if row.Count != nil {
			counted += *row.Count
		}
		for _, g := range all {
			g.add(row)
		}
	}
	fmt.Println("counted", counted)
	for _, g := range all {
		sort.Slice(g.keys, func(i, j int) bool { return slices.Compare(strs(g.keys[i]), strs(g.keys[j])) < 0 })
		w := csv.NewWriter(os.Stdout)
		w.Write(append(slices.Clone(g.by), "n", "sum", "min", "max", "dev", "days"))
		for _, k := range g.keys {
			s := g.m[k]
			days := s.Last.Sub(s.First).Hours() / 24
			w.Write(append(strs(k), fmt.Sprint(s.N), fmt.Sprintf("%.2f", s.Sum), fmt.Sprint(s.Min), fmt.Sprint(s.Max), fmt.Sprintf("%.3f", s.dev()), fmt.Sprint(days)))
		}
		w.Flush()
		fmt.Printf("%T\n", g.keys[0])
	}
	text, err := json.Marshal(all[3].m[[0]string{}])
	fmt.Println(string(text), err)
	for _, bad := range []string{"", "date,region\n", "\"a\nb", "a\"b,c\n"} {
		_, err := NewDecoder[Row](strings.NewReader(bad))
		fmt.Println(err)
	}
	_, err = NewDecoder[struct {
		C chan int `csv:"c"`
	}](strings.NewReader("c\n"))
	fmt.Println(err)
}
