// json_filter reads a JSON array of orders from standard input, applies the filters given as arguments
// (field=value, field<number, field>number), and prints what is left, sorted, with totals.
package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"sort"
	"strconv"
	"strings"
	"time"
)

// Status is an order's state; JSON has it as a word.
type Status int

const (
	Open Status = iota
	Paid
	Shipped
)

var statusNames = [...]string{"open", "paid", "shipped"}

func (s Status) String() string {
	if s < 0 || int(s) >= len(statusNames) {
		return "Status(" + strconv.Itoa(int(s)) + ")"
	}
	return statusNames[s]
}

func (s Status) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

func (s *Status) UnmarshalText(text []byte) error {
	for i, n := range statusNames {
		if n == string(text) {
			*s = Status(i)
			return nil
		}
	}
	return fmt.Errorf("unknown status %q", text)
}

// Money is in cents; JSON has it as a decimal number.
type Money int64

func (m Money) String() string { return fmt.Sprintf("%d.%02d", int64(m)/100, int64(m)%100) }

func (m Money) MarshalJSON() ([]byte, error) { return []byte(m.String()), nil }

func (m *Money) UnmarshalJSON(b []byte) error {
	f, err := strconv.ParseFloat(string(b), 64)
	if err != nil {
		return fmt.Errorf("money: %w", err)
	}
	*m = Money(f*100 + 0.5)
	return nil
}

type Line struct {
	SKU   string `json:"sku"`
	Count int    `json:"count,omitempty"`
	Price Money  `json:"price"`
}

type Address struct {
	City    string `json:"city"`
	Country string `json:"country,omitempty"`
}

type Order struct {
	ID      int            `json:"id"`
	Status  Status         `json:"status"`
	Created time.Time      `json:"created"`
	Lines   []Line         `json:"lines"`
	To      *Address       `json:"to,omitempty"`
	Tags    []string       `json:"tags,omitempty"`
	Extra   map[string]any `json:"extra,omitempty"`
	secret  string
}

func (o Order) Total() (sum Money) {
	for _, l := range o.Lines {
		sum += Money(max(l.Count, 1)) * l.Price
	}
	return sum
}

// A Filter says whether an order is wanted.
type Filter interface{ Match(o *Order) (bool, error) }

type FilterFunc func(o *Order) (bool, error)

func (f FilterFunc) Match(o *Order) (bool, error) { return f(o) }

type All []Filter

func (a All) Match(o *Order) (bool, error) {
	for _, f := range a {
		if ok, err := f.Match(o); !ok || err != nil {
			return false, err
		}
	}
	return true, nil
}

type FieldError struct{ Field string }

func (e *FieldError) Error() string { return "no field " + strconv.Quote(e.Field) }

func field(o *Order, name string) (any, error) {
	switch name {
	case "id":
		return o.ID, nil
	case "status":
		return o.Status, nil
	case "total":
		return o.Total(), nil
	case "city":
		if o.To == nil {
			return nil, nil
		}
		return o.To.City, nil
	case "tag":
		return o.Tags, nil
	}
	if v, ok := o.Extra[name]; ok {
		return v, nil
	}
	if strings.HasPrefix(name, "x_") {
		return nil, nil
	}
	return nil, &FieldError{name}
}

func parse(s string) (Filter, error) {
	i := strings.IndexAny(s, "=<>")
	if i <= 0 {
		return nil, fmt.Errorf("filter %q has no operator", s)
	}
	name, op, want := s[:i], s[i], s[i+1:]
	return FilterFunc(func(o *Order) (bool, error) {
		v, err := field(o, name)
		if err != nil {
			return false, fmt.Errorf("order %d: %w", o.ID, err)
		}
		if op == '=' {
			if l, ok := v.([]string); ok {
				for _, t := range l {
					if t == want {
						return true, nil
					}
				}
				return false, nil
			}
			return v != nil && fmt.Sprint(v) == want, nil
		}
		limit, err := strconv.ParseFloat(want, 64)
		if err != nil {
			return false, err
		}
		var n float64
		switch v := v.(type) {
		case int:
			n = float64(v)
		case Money:
			n = float64(v) / 100
		case float64:
			n = v
		case nil:
			return false, nil
		default:
			return false, fmt.Errorf("%s is a %T, not a number", name, v)
		}
		return op == '<' && n < limit || op == '>' && n > limit, nil
	}), nil
}

func run(in io.Reader, out io.Writer, args []string) error {
	var all All
	for _, a := range args {
		f, err := parse(a)
		if err != nil {
			return err
		}
		all = append(all, f)
	}
	dec := json.NewDecoder(in)
	var orders []Order
	if err := dec.Decode(&orders); err != nil {
		return err
	}
	kept := orders[:0]
	for i := range orders {
		ok, err := all.Match(&orders[i])
		if err != nil {
			return err
		}
		if ok {
			kept = append(kept, orders[i])
		}
	}
	sort.Slice(kept, func(i, j int) bool {
		if a, b := kept[i].Total(), kept[j].Total(); a != b {
			return a > b
		}
		return kept[i].ID < kept[j].ID
	})
	enc := json.NewEncoder(out)
	enc.SetIndent("", "  ")
	if err := enc.Encode(kept); err != nil {
		return err
	}
	byStatus := map[Status]Money{}
	for _, o := range kept {
		byStatus[o.Status] += o.Total()
	}
	text, err := json.Marshal(byStatus)
	fmt.Fprintf(out, "totals %s %v\n", text, byStatus)
	return err
}

func main() {
	if err := run(os.Stdin, os.Stdout, os.Args[1:]); err != nil {
		fmt.Println("error:", err)
	}
	// What goes wrong, each with its kind of error.
	var syntax *json.SyntaxError
	var typ *json.UnmarshalTypeError
	var missing *FieldError
	for _, c := range []struct{ in, filter string }{
		{`[{"id": 1,}]`, "id=1"},
		{`[{"id": "one"}]`, "id=1"},
		{`[{"id": 7}]`, "colour=red"},
		{`[{"id": 7, "status": "lost"}]`, "id=7"},
		{`[{"id": 7, "lines": [{"price": "x"}]}]`, "id=7"},
		{`[{"id": 7, "extra": {"w": [1, "two", null, {"k": 1e3}]}}]`, "w>1"},
		{`[`, "id=1"},
		{``, "id"},
		{``, "id=1"},
	} {
		err := run(strings.NewReader(c.in), io.Discard, []string{c.filter})
		switch {
		case errors.As(err, &syntax):
			fmt.Println("syntax error at", syntax.Offset, err)
		case errors.As(err, &typ):
			fmt.Println("type error:", typ.Value, typ.Type, typ.Field)
		case errors.As(err, &missing):
			fmt.Println("missing:", missing.Field, "|", err)
		case errors.Is(err, io.ErrUnexpectedEOF), err == io.EOF:
			fmt.Println("end:", err)
		default:
			fmt.Println("other:", err)
		}
	}
}
