package synctest

import "unsafe"

// The number of a bubble; 0 is none.
type bubble uint32

const (
	allBlocked = 1 + iota
	mainEnded
)

func run(f func()) int

func wait() bool

func current() bubble

func setCurrent(b bubble)

func activate(b bubble, more bool)

func bubbleOf(p unsafe.Pointer) (b bubble, heap bool)

func setBubbleOf(p unsafe.Pointer, b bubble)

type deadlockError string

func (e deadlockError) Error() string { return string(e) }

func Run(f func()) {
	if current() != 0 {
		panic("synctest.Run called from within a synctest bubble")
	}
	switch run(f) {
	case allBlocked:
		panic(deadlockError("deadlock: all goroutines in bubble are blocked"))
	case mainEnded:
		panic(deadlockError("deadlock: main bubble goroutine has exited but blocked goroutines remain"))
	}
}

func Wait() {
	if current() == 0 {
		panic("goroutine is not in a bubble")
	}
	if !wait() {
		panic("wait already in progress")
	}
}

func IsInBubble() bool { return current() != 0 }

func associate(p unsafe.Pointer) int {
	b, heap := bubbleOf(p)
	if heap && b == 0 {
		b = current()
		setBubbleOf(p, b)
	}
	switch b {
	case 0:
		return int(Unbubbled)
	case current():
		return int(CurrentBubble)
	}
	return int(OtherBubble)
}

func disassociate(p unsafe.Pointer) { setBubbleOf(p, 0) }

func isAssociated(p unsafe.Pointer) bool {
	b, _ := bubbleOf(p)
	return b != 0 && b == current()
}

func acquire() any {
	b := current()
	if b == 0 {
		return nil
	}
	activate(b, true)
	return b
}

func release(b any) { activate(b.(bubble), false) }

func inBubble(b any, f func()) {
	if current() != 0 {
		panic("goroutine is already bubbled")
	}
	setCurrent(b.(bubble))
	defer setCurrent(0)
	f()
}
