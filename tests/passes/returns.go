// Deferred calls at returns, and frames that nobody looks at.
package main

var sink int

//go:noinline
func work() { sink++ }

//go:noinline
func done() { sink-- }

// A call that is known where the function returns.
func known() (r int) {
	defer func() { r++ }()
	work()
	return 1
}

// One return knows, the other does not.
func some(b bool) {
	if b {
		return
	}
	defer done()
	for range 2 {
		defer work()
	}
}

// Nothing can panic while the call is deferred.
func quiet(p *int) int {
	*p = 1
	defer done()
	return *p
}
