package runtime

// States of a loop over a function, as compiled code keeps them; only between iterations (1) may the body be called.
const (
	rangeDone         = 0
	rangePanic        = 2
	rangeExhausted    = 3
	rangeMissingPanic = 4
)

// panicrangestate is called when the body of a loop over a function is called, or its function returns, in a state in
// which it must not.
func panicrangestate(state int) {
	switch state {
	case rangeDone:
		panic(errorString("range function continued iteration after function for loop body returned false"))
	case rangePanic:
		panic(errorString("range function continued iteration after loop body panic"))
	case rangeExhausted:
		panic(errorString("range function continued iteration after whole loop exit"))
	case rangeMissingPanic:
		panic(errorString("range function recovered a loop body panic and did not resume panicking"))
	}
	panic(errorString("unexpected state of a loop over a function"))
}
