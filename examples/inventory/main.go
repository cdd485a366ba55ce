// An inventory: parts in JSON, a table of what is in stock, prices asked of several suppliers at once, errors that say
// what they are.
package main

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"sync"
	"text/tabwriter"
)

// A Part is one line of the inventory.
type Part struct {
	Name  string   `json:"name"`
	Stock int      `json:"stock"`
	Tags  []string `json:"tags,omitempty"`
}

const parts = `[
	{"name": "gear", "stock": 7, "tags": ["steel", "round"]},
	{"name": "belt", "stock": 0},
	{"name": "crank", "stock": 2, "tags": ["steel"]}
]`

// A Supplier knows what parts cost.
type Supplier interface {
	Price(part string) (cents int, err error)
}

// A Catalogue is a supplier with fixed prices.
type Catalogue map[string]int

// An UnknownPart is the error of a supplier that does not have a part.
type UnknownPart string

func (u UnknownPart) Error() string { return "unknown part " + string(u) }

// Price looks the part up.
func (c Catalogue) Price(part string) (int, error) {
	if cents, ok := c[part]; ok {
		return cents, nil
	}
	return 0, UnknownPart(part)
}

// A Markup adds to another supplier's price.
type Markup struct {
	Supplier
	Percent int
}

// Price asks the other supplier.
func (m Markup) Price(part string) (int, error) {
	cents, err := m.Supplier.Price(part)
	if err != nil {
		return 0, fmt.Errorf("with %d%% on top: %w", m.Percent, err)
	}
	return cents * (100 + m.Percent) / 100, nil
}

// cheapest asks all suppliers at once.
func cheapest(part string, suppliers ...Supplier) (int, error) {
	var wg sync.WaitGroup
	prices, errs := make([]int, len(suppliers)), make([]error, len(suppliers))
	for i, s := range suppliers {
		wg.Go(func() { prices[i], errs[i] = s.Price(part) })
	}
	wg.Wait()
	best := slices.Max(prices)
	for i, p := range prices {
		if errs[i] == nil {
			best = min(best, p)
		}
	}
	if best == 0 {
		return 0, errors.Join(errs...)
	}
	return best, nil
}

func main() {
	var inventory []Part
	if err := json.Unmarshal([]byte(parts), &inventory); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	slices.SortFunc(inventory, func(a, b Part) int { return cmp.Compare(a.Name, b.Name) })
	near := Catalogue{"gear": 120, "crank": 550}
	far := Markup{Catalogue{"gear": 99, "crank": 610}, 10}

	w := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(w, "part\tstock\teach\t")
	for _, p := range inventory {
		cents, err := cheapest(p.Name, near, far)
		if unknown := UnknownPart(""); errors.As(err, &unknown) {
			fmt.Fprintf(w, "%s\t%d\t-\t\n", p.Name, p.Stock)
			defer fmt.Printf("%q: %s\n", unknown, strings.ReplaceAll(err.Error(), "\n", "; "))
			continue
		}
		fmt.Fprintf(w, "%s\t%d\t%.2f\t\n", p.Name, p.Stock, float64(cents)/100)
	}
	w.Flush()
	fmt.Printf("%+v from %T\n", inventory[1], far.Supplier)
}
