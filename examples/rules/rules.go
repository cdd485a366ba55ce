// Package rules judges orders.
package rules

import (
	"errors"
	"slices"
)

// An Order is what a customer wants.
type Order struct {
	ID    uint64
	Total float64
	Tags  []string
}

// A Verdict says whether an order is taken, and for which fee.
type Verdict struct {
	OK  bool
	Fee float64
}

// ErrEmpty is the verdict on orders for nothing.
var ErrEmpty = errors.New("an order for nothing")

// Judge judges an order.
func Judge(o Order) (Verdict, error) {
	if o.Total <= 0 {
		return Verdict{}, ErrEmpty
	}
	if slices.Contains(o.Tags, "blocked") {
		return Verdict{OK: false}, nil
	}
	return Verdict{OK: true, Fee: 2.5}, nil
}
