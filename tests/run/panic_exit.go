// run

// An uncaught panic prints its value and ends the program with status 2.
package main

type E struct{ code int }

func (e E) Error() string { return "error with a code" }

func main() {
	defer println("deferred calls still run")
	defer func() {
		panic(E{7})
	}()
	panic("first")
}
