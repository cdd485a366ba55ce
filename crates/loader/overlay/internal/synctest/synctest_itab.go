package synctest

import "unsafe"

// Bubbles are not implemented: no goroutine is in one, and none can be made.

func Run(f func()) { panic("testing/synctest: bubbles are not implemented") }

func Wait() { panic("goroutine is not in a bubble") }

func IsInBubble() bool { return false }

func associate(p unsafe.Pointer) int { return int(Unbubbled) }

func disassociate(b unsafe.Pointer) {}

func isAssociated(p unsafe.Pointer) bool { return false }

func acquire() any { return nil }

func release(any) {}

func inBubble(b any, f func()) { f() }
