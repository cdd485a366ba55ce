// Package rules says what customers pay for orders. It knows nothing of the host: the types are its own, and the host finds
// fields by their names.
package rules

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// An Order is what a customer wants.
type Order struct {
	ID       uint64
	Customer Customer
	Lines    []Line
	Tags     []string
}

// A Customer has a country and a history.
type Customer struct {
	Name    string
	Country string
	Orders  int
}

// A Line is a part of an order.
type Line struct {
	Item   string
	Amount int
	Price  float64
}

// A Rule changes what an order costs by Apply, in percent; its error refuses the order.
type Rule struct {
	Name  string
	Apply func(Order) (float64, error)
}

// Total is what an order costs before any rule.
func (o Order) Total() (sum float64) {
	for _, l := range o.Lines {
		sum += float64(l.Amount) * l.Price
	}
	return sum
}

// ErrBlocked refuses an order.
var ErrBlocked = errors.New("customer is blocked")

// A limitError refuses an order that is too large.
type limitError struct {
	Limit float64
}

func (e *limitError) Error() string { return fmt.Sprintf("more than %.2f", e.Limit) }

// Rules gives all rules: some written one by one, and for each of n items one that is made from a table.
func Rules(n int) []Rule {
	rules := []Rule{
		{"blocked", func(o Order) (float64, error) {
			if slices.Contains(o.Tags, "blocked") {
				return 0, fmt.Errorf("order %d: %w", o.ID, ErrBlocked)
			}
			return 0, nil
		}},
		{"limit", func(o Order) (float64, error) {
			const limit = 10_000
			if o.Total() > limit {
				return 0, &limitError{limit}
			}
			return 0, nil
		}},
		{"loyal", func(o Order) (float64, error) {
			if o.Customer.Orders >= 10 {
				return -5, nil
			}
			return 0, nil
		}},
		{"abroad", func(o Order) (float64, error) {
			if !strings.EqualFold(o.Customer.Country, "de") {
				return 8, nil
			}
			return 0, nil
		}},
	}
	for i := len(rules); i < n; i++ {
		item := fmt.Sprint("item", i)
		rules = append(rules, Rule{"surcharge for " + item, func(o Order) (float64, error) {
			for _, l := range o.Lines {
				if l.Item == item {
					return 0.5, nil
				}
			}
			return 0, nil
		}})
	}
	return rules
}
