// states is an event-driven machine built of closures and method values: states with entry and exit actions, guards,
// timers on a virtual clock, nested machines, history; drives a vending machine and a traffic light from a script.
package main

import (
	"bufio"
	"container/heap"
	"errors"
	"fmt"
	"os"
	"sort"
	"strconv"
	"strings"
)

type Event struct {
	Name string
	Arg  any
}

type Action func(m *Machine, e Event) error

type Guard func(e Event) bool

type transition struct {
	event  string
	to     *State
	guard  Guard
	action Action
}

type State struct {
	Name        string
	parent      *State
	initial     *State
	enter, exit []func(m *Machine)
	out         []transition
	after       int
	timeout     string
}

func (s *State) On(event string, to *State, opts ...any) *State {
	t := transition{event: event, to: to}
	for _, o := range opts {
		switch o := o.(type) {
		case Guard:
			t.guard = o
		case func(Event) bool:
			t.guard = o
		case Action:
			t.action = o
		case func(*Machine, Event) error:
			t.action = o
		case func():
			t.action = func(*Machine, Event) error { o(); return nil }
		default:
			panic(fmt.Sprintf("On: unknown option %T", o))
		}
	}
	s.out = append(s.out, t)
	return s
}

func (s *State) Enter(f func(m *Machine)) *State { s.enter = append(s.enter, f); return s }
func (s *State) Exit(f func(m *Machine)) *State  { s.exit = append(s.exit, f); return s }
func (s *State) In(parent *State) *State {
	s.parent = parent
	if parent.initial == nil {
		parent.initial = s
	}
	return s
}
func (s *State) After(ticks int, event string) *State { s.after, s.timeout = ticks, event; return s }

func (s *State) path() (p []*State) {
	for ; s != nil; s = s.parent {
		p = append([]*State{s}, p...)
	}
	return
}

func (s *State) String() string {
	var names []string
	for _, p := range s.path() {
		names = append(names, p.Name)
	}
	return strings.Join(names, ".")
}

type timer struct {
	at, seq int
	fire    func()
	dead    bool
}

type timers []*timer

func (t timers) Len() int { return len(t) }
func (t timers) Less(i, j int) bool {
	return t[i].at < t[j].at || t[i].at == t[j].at && t[i].seq < t[j].seq
}
func (t timers) Swap(i, j int) { t[i], t[j] = t[j], t[i] }
func (t *timers) Push(x any)   { *t = append(*t, x.(*timer)) }
func (t *timers) Pop() any {
	n := len(*t) - 1
	x := (*t)[n]
	*t = (*t)[:n]
	return x
}

type Clock struct {
	now, seq int
	pending  timers
}

func (c *Clock) After(d int, f func()) (cancel func()) {
	c.seq++
	t := &timer{at: c.now + d, seq: c.seq, fire: f}
	heap.Push(&c.pending, t)
	return func() { t.dead = true }
}

func (c *Clock) Advance(d int) {
	end := c.now + d
	for len(c.pending) > 0 && c.pending[0].at <= end {
		t := heap.Pop(&c.pending).(*timer)
		c.now = t.at
		if !t.dead {
			t.fire()
		}
	}
	c.now = end
}

type Machine struct {
	Name     string
	clock    *Clock
	state    *State
	cancel   map[*State]func()
	listener []func(from, to *State, e Event)
	queue    []Event
	busy     bool
}

var ErrIgnored = errors.New("event ignored")

func Start(name string, c *Clock, s *State, listeners ...func(from, to *State, e Event)) *Machine {
	m := &Machine{Name: name, clock: c, cancel: map[*State]func(){}, listener: listeners}
	m.move(s, Event{Name: "start"})
	return m
}

func (m *Machine) move(to *State, e Event) {
	from := m.state
	for to.initial != nil {
		to = to.initial
	}
	old, new_ := from.path(), to.path()
	common := 0
	for common < len(old) && common < len(new_) && old[common] == new_[common] && from != to {
		common++
	}
	for i := len(old) - 1; i >= common; i-- {
		s := old[i]
		for j := len(s.exit) - 1; j >= 0; j-- {
			s.exit[j](m)
		}
		if stop := m.cancel[s]; stop != nil {
			stop()
			delete(m.cancel, s)
		}
	}
	m.state = to
	for _, s := range new_[common:] {
		if s.after > 0 {
			m.cancel[s] = m.clock.After(s.after, func() { m.Send(Event{Name: s.timeout}) })
		}
		for _, f := range s.enter {
			f(m)
		}
	}
	for _, l := range m.listener {
		l(from, to, e)
	}
}

// Send handles an event and those that its actions send, in order.
func (m *Machine) Send(e Event) (err error) {
	m.queue = append(m.queue, e)
	if m.busy {
		return nil
	}
	m.busy = true
	defer func() { m.busy = false }()
	for len(m.queue) > 0 {
		e, m.queue = m.queue[0], m.queue[1:]
		err = errors.Join(err, m.handle(e))
	}
	return err
}

func (m *Machine) handle(e Event) error {
	for s := m.state; s != nil; s = s.parent {
		for _, t := range s.out {
			if t.event != e.Name || t.guard != nil && !t.guard(e) {
				continue
			}
			if t.action != nil {
				if err := t.action(m, e); err != nil {
					return fmt.Errorf("%s in %v: %w", e.Name, m.state, err)
				}
			}
			if t.to != nil {
				m.move(t.to, e)
			}
			return nil
		}
	}
	return fmt.Errorf("%w: %s in %v", ErrIgnored, e.Name, m.state)
}

type vending struct {
	credit int
	stock  map[string]int
	price  map[string]int
	log    *bufio.Writer
}

func (v *vending) coin(_ *Machine, e Event) error {
	n, err := strconv.Atoi(fmt.Sprint(e.Arg))
	if err != nil || n <= 0 {
		return fmt.Errorf("bad coin %v", e.Arg)
	}
	v.credit += n
	return nil
}

func (v *vending) affordable(e Event) bool { return v.credit >= v.price[e.Arg.(string)] }
func (v *vending) have(e Event) bool       { return v.stock[e.Arg.(string)] > 0 }
func (v *vending) sell(m *Machine, e Event) error {
	item := e.Arg.(string)
	v.stock[item]--
	v.credit -= v.price[item]
	fmt.Fprintf(v.log, "  sold %s\n", item)
	if v.credit == 0 {
		m.Send(Event{Name: "empty"})
	}
	return nil
}
func (v *vending) refund(*Machine) {
	if v.credit > 0 {
		fmt.Fprintf(v.log, "  refund %d\n", v.credit)
	}
	v.credit = 0
}

func both(gs ...Guard) Guard {
	return func(e Event) bool {
		for _, g := range gs {
			if !g(e) {
				return false
			}
		}
		return true
	}
}

func main() {
	out := bufio.NewWriter(os.Stdout)
	defer out.Flush()
	clock := &Clock{}
	v := &vending{stock: map[string]int{"tea": 1, "cocoa": 2}, price: map[string]int{"tea": 30, "cocoa": 50}, log: out}

	idle, active := &State{Name: "idle"}, &State{Name: "active"}
	choosing, confirming, broken := &State{Name: "choosing"}, &State{Name: "confirming"}, &State{Name: "broken"}
	choosing.In(active)
	confirming.In(active)
	var wanted string
	idle.On("coin", active, v.coin)
	active.Exit(v.refund).On("coin", nil, v.coin).On("cancel", idle).On("kick", broken, func() { fmt.Fprintln(out, "  ouch") })
	choosing.After(20, "cancel").
		On("select", confirming, both(v.affordable, v.have), Action(func(_ *Machine, e Event) error { wanted = e.Arg.(string); return nil })).
		On("select", nil, v.have, Action(func(m *Machine, e Event) error {
			return fmt.Errorf("%d short", v.price[e.Arg.(string)]-v.credit)
		})).
		On("select", nil, func() { fmt.Fprintln(out, "  sold out") }).
		On("empty", idle)
	confirming.After(5, "no").On("yes", choosing, func(m *Machine, e Event) error { return v.sell(m, Event{"sell", wanted}) }).On("no", choosing)
	broken.After(30, "repair").On("repair", idle)

	visits := map[string]int{}
	trace := func(name string) func(from, to *State, e Event) {
		n := 0
		return func(from, to *State, e Event) {
			n++
			visits[to.String()]++
			fmt.Fprintf(out, "%4d %s %2d: %v -> %v on %s\n", clock.now, name, n, from, to, e.Name)
		}
	}
	m := Start("vending", clock, idle, trace("vending"))

	lights := make([]*State, 3)
	for i, c := range []struct {
		name  string
		ticks int
	}{{"red", 40}, {"green", 30}, {"amber", 7}} {
		lights[i] = (&State{Name: c.name}).After(c.ticks, "next")
	}
	for i, s := range lights {
		s.On("next", lights[(i+1)%len(lights)])
	}
	Start("light", clock, lights[0], trace("light"))

	in := bufio.NewScanner(os.Stdin)
	for in.Scan() {
		words := strings.Fields(in.Text())
		if len(words) == 0 || words[0] == "#" {
			continue
		}
		if words[0] == "wait" {
			n, _ := strconv.Atoi(words[1])
			clock.Advance(n)
			continue
		}
		e := Event{Name: words[0]}
		if len(words) > 1 {
			e.Arg = words[1]
		}
		if err := m.Send(e); err != nil {
			fmt.Fprintln(out, "error:", err, errors.Is(err, ErrIgnored))
		}
	}
	var names []string
	for k, n := range visits {
		names = append(names, fmt.Sprint(k, "=", n))
	}
	sort.Strings(names)
	fmt.Fprintln(out, names, v.stock, v.credit, len(clock.pending))
	func() {
		defer func() { fmt.Fprintln(out, "recovered:", recover()) }()
		idle.On("x", nil, 42)
	}()
	func() {
		defer func() { fmt.Fprintln(out, "recovered:", recover()) }()
		m.Send(Event{"coin", "10"})
		m.Send(Event{"select", 3})
	}()
}
