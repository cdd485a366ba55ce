// run

// Settings in GODEBUG take effect when the variable is set.

package main

import (
	"math/rand"
	"os"
)

func main() {
	os.Setenv("GODEBUG", "randseednop=0")
	rand.Seed(1)
	a := rand.Int()
	rand.Seed(1)
	println(a == rand.Int())
	os.Unsetenv("GODEBUG")
	rand.Seed(1)
	println(a == rand.Int())
}
