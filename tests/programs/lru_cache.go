// lru_cache is a generic least-recently-used cache with time to live and callbacks, built on container/list and once
// more on its own intrusive list; both are driven by the same script and must agree.
package main

import (
	"container/list"
	"errors"
	"fmt"
	"hash/fnv"
	"strings"
	"sync"
	"time"
)

// Cache maps keys to values and forgets the least recently used.
type Cache[K comparable, V any] interface {
	Get(key K) (V, bool)
	Put(key K, value V)
	Delete(key K) bool
	Len() int
	Keys() []K
}

// Clock gives the time; tests move it by hand.
type Clock interface{ Now() time.Time }

type manual struct{ t time.Time }

func (m *manual) Now() time.Time          { return m.t }
func (m *manual) Advance(d time.Duration) { m.t = m.t.Add(d) }

type Option[K comparable, V any] func(*options[K, V])

type options[K comparable, V any] struct {
	ttl     time.Duration
	clock   Clock
	evicted func(K, V)
}

func WithTTL[K comparable, V any](d time.Duration, c Clock) Option[K, V] {
	return func(o *options[K, V]) { o.ttl, o.clock = d, c }
}

func OnEvict[K comparable, V any](f func(K, V)) Option[K, V] {
	return func(o *options[K, V]) { o.evicted = f }
}

type item[K comparable, V any] struct {
	key     K
	value   V
	expires time.Time
}

func (o *options[K, V]) stale(expires time.Time) bool {
	return o.ttl > 0 && o.clock.Now().After(expires)
}

func (o *options[K, V]) deadline() (t time.Time) {
	if o.ttl > 0 {
		t = o.clock.Now().Add(o.ttl)
	}
	return
}

// listCache leans on container/list.
type listCache[K comparable, V any] struct {
	mu    sync.Mutex
	cap   int
	order *list.List
	index map[K]*list.Element
	options[K, V]
}

func NewList[K comparable, V any](cap int, opts ...Option[K, V]) *listCache[K, V] {
	c := &listCache[K, V]{cap: cap, order: list.New(), index: make(map[K]*list.Element, cap)}
	for _, o := range opts {
		o(&c.options)
	}
	return c
}

func (c *listCache[K, V]) Get(key K) (v V, ok bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	e, ok := c.index[key]
	if !ok {
		return v, false
	}
	it := e.Value.(*item[K, V])
	if c.stale(it.expires) {
		c.remove(e)
		return v, false
	}
	c.order.MoveToFront(e)
	return it.value, true
}

func (c *listCache[K, V]) Put(key K, value V) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if e, ok := c.index[key]; ok {
		it := e.Value.(*item[K, V])
		it.value, it.expires = value, c.deadline()
		c.order.MoveToFront(e)
		return
	}
	c.index[key] = c.order.PushFront(&item[K, V]{key, value, c.deadline()})
	if c.order.Len() > c.cap {
		c.remove(c.order.Back())
	}
}

func (c *listCache[K, V]) remove(e *list.Element) {
	it := c.order.Remove(e).(*item[K, V])
	delete(c.index, it.key)
	if c.evicted != nil {
		c.evicted(it.key, it.value)
	}
}

func (c *listCache[K, V]) Delete(key K) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	e, ok := c.index[key]
	if ok {
		c.remove(e)
	}
	return ok
}

func (c *listCache[K, V]) Len() int { return c.order.Len() }

func (c *listCache[K, V]) Keys() (ks []K) {
	for e := c.order.Front(); e != nil; e = e.Next() {
		ks = append(ks, e.Value.(*item[K, V]).key)
	}
	return ks
}

// ringCache has its links in its own nodes.
type ringCache[K comparable, V any] struct {
	cap   int
	head  entry[K, V] // head.next is the most recent
	index map[K]*entry[K, V]
	opts  options[K, V]
}

type entry[K comparable, V any] struct {
	item[K, V]
	prev, next *entry[K, V]
}

func (e *entry[K, V]) unlink() { e.prev.next, e.next.prev = e.next, e.prev }

func (e *entry[K, V]) insertAfter(at *entry[K, V]) {
	e.prev, e.next = at, at.next
	e.prev.next, e.next.prev = e, e
}

func NewRing[K comparable, V any](cap int, opts ...Option[K, V]) *ringCache[K, V] {
	c := &ringCache[K, V]{cap: cap, index: map[K]*entry[K, V]{}}
	c.head.prev, c.head.next = &c.head, &c.head
	for _, o := range opts {
		o(&c.opts)
	}
	return c
}

func (c *ringCache[K, V]) Get(key K) (v V, ok bool) {
	if e := c.index[key]; e != nil {
		if c.opts.stale(e.expires) {
			c.drop(e)
			return
		}
		e.unlink()
		e.insertAfter(&c.head)
		return e.value, true
	}
	return
}

func (c *ringCache[K, V]) Put(key K, value V) {
	e := c.index[key]
	if e == nil {
		e = new(entry[K, V])
		e.key = key
		c.index[key] = e
	} else {
		e.unlink()
	}
	e.value, e.expires = value, c.opts.deadline()
	e.insertAfter(&c.head)
	if len(c.index) > c.cap {
		c.drop(c.head.prev)
	}
}

func (c *ringCache[K, V]) drop(e *entry[K, V]) {
	e.unlink()
	delete(c.index, e.key)
	if f := c.opts.evicted; f != nil {
		f(e.key, e.value)
	}
}

func (c *ringCache[K, V]) Delete(key K) bool {
	e, ok := c.index[key]
	if ok {
		c.drop(e)
	}
	return ok
}

func (c *ringCache[K, V]) Len() int { return len(c.index) }

func (c *ringCache[K, V]) Keys() (ks []K) {
	for e := c.head.next; e != &c.head; e = e.next {
		ks = append(ks, e.key)
	}
	return
}

// Loader fills a cache on a miss; concurrent misses of one key load once.
type Loader[K comparable, V any] struct {
	Cache[K, V]
	load    func(K) (V, error)
	mu      sync.Mutex
	flights map[K]*flight[V]
	loads   int
}

type flight[V any] struct {
	done chan struct{}
	v    V
	err  error
}

func (l *Loader[K, V]) Get(key K) (V, error) {
	l.mu.Lock()
	if v, ok := l.Cache.Get(key); ok {
		l.mu.Unlock()
		return v, nil
	}
	if f, ok := l.flights[key]; ok {
		l.mu.Unlock()
		<-f.done
		return f.v, f.err
	}
	f := &flight[V]{done: make(chan struct{})}
	if l.flights == nil {
		l.flights = map[K]*flight[V]{}
	}
	l.flights[key] = f
	l.loads++
	l.mu.Unlock()
	f.v, f.err = l.load(key)
	l.mu.Lock()
	defer l.mu.Unlock()
	if f.err == nil {
		l.Put(key, f.v)
	}
	delete(l.flights, key)
	close(f.done)
	return f.v, f.err
}

func script[C Cache[string, int]](c C, clock *manual) string {
	var log strings.Builder
	x := uint32(2463534242)
	next := func(n uint32) uint32 {
		x ^= x << 13
		x ^= x >> 17
		x ^= x << 5
		return x % n
	}
	for range 2000 {
		key := fmt.Sprintf("k%02d", next(20))
		switch next(8) {
		case 0, 1, 2:
			c.Put(key, int(next(1000)))
		case 7:
			fmt.Fprint(&log, c.Delete(key), ";")
		case 6:
			clock.Advance(time.Duration(next(3000)) * time.Millisecond)
		default:
			v, ok := c.Get(key)
			fmt.Fprint(&log, v, ok, ";")
		}
	}
	fmt.Fprint(&log, c.Keys(), c.Len())
	return log.String()
}

type point struct{ x, y int }

func main() {
	var logs, evictions [2]string
	for i := range logs {
		clock := &manual{time.Unix(1700000000, 0)}
		note := OnEvict(func(k string, v int) { evictions[i] += fmt.Sprint(k, v, " ") })
		ttl := WithTTL[string, int](5*time.Second, clock)
		if i == 0 {
			logs[i] = script(NewList(8, note, ttl), clock)
		} else {
			logs[i] = script(NewRing(8, note, ttl), clock)
		}
	}
	h := fnv.New64a()
	h.Write([]byte(logs[0]))
	fmt.Println(logs[0] == logs[1], evictions[0] == evictions[1], len(logs[0]), len(evictions[0]))
	fmt.Printf("%016x %s\n", h.Sum64(), logs[0][len(logs[0])-40:])

	var c Cache[any, string] = NewRing[any, string](3)
	for i, k := range []any{1, "one", point{1, 2}, 1.0, nil, [2]string{"a", "b"}, 1} {
		c.Put(k, fmt.Sprint(i, k))
	}
	fmt.Printf("%v %T %#v\n", c.Keys(), c, c.Keys()[0])
	func() {
		defer func() { fmt.Println("recovered:", recover()) }()
		c.Put([]int{1}, "slice")
	}()
	fmt.Println(c.Get(point{1, 2}))
	fmt.Println(c.Get([2]string{"a", "b"}))

	errOdd := errors.New("odd")
	l := &Loader[int, string]{Cache: NewList[int, string](100)}
	l.load = func(k int) (string, error) {
		time.Sleep(time.Millisecond)
		if k%2 == 1 {
			return "", fmt.Errorf("key %d: %w", k, errOdd)
		}
		return strings.Repeat("*", k), nil
	}
	var wg sync.WaitGroup
	results := make([]string, 40)
	for i := range results {
		wg.Add(1)
		go func() {
			defer wg.Done()
			v, err := l.Get(i % 10)
			results[i] = fmt.Sprint(v, err, errors.Is(err, errOdd))
		}()
	}
	wg.Wait()
	fmt.Println(strings.Join(results[10:20], "|"), l.Len(), l.loads >= 10)
}
