// worker_pool runs jobs on a fixed number of goroutines with context, errors, retries, rate limits by tickers, progress
// over channels, and an orderly end.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"runtime"
	"sort"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

type Job[T any] struct {
	ID  int
	Run func(ctx context.Context) (T, error)
}

type Result[T any] struct {
	ID       int
	Value    T
	Err      error
	Attempts int
}

type PanicError struct{ Value any }

func (p *PanicError) Error() string { return fmt.Sprint("panic: ", p.Value) }
func (p *PanicError) Unwrap() error {
	err, _ := p.Value.(error)
	return err
}

var ErrTemporary = errors.New("temporary")

type Pool[T any] struct {
	Workers int
	Retries int
	running atomic.Int32
	peak    atomic.Int32
}

func (p *Pool[T]) attempt(ctx context.Context, j Job[T]) (v T, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = &PanicError{r}
		}
	}()
	n := p.running.Add(1)
	defer p.running.Add(-1)
	for {
		old := p.peak.Load()
		if n <= old || p.peak.CompareAndSwap(old, n) {
			break
		}
	}
	return j.Run(ctx)
}

func (p *Pool[T]) work(ctx context.Context, j Job[T]) Result[T] {
	r := Result[T]{ID: j.ID}
	for {
		r.Attempts++
		r.Value, r.Err = p.attempt(ctx, j)
		if !errors.Is(r.Err, ErrTemporary) || r.Attempts > p.Retries || ctx.Err() != nil {
			return r
		}
	}
}

// Run hands out results as they come; the channel is closed when all workers have left.
func (p *Pool[T]) Run(ctx context.Context, jobs <-chan Job[T]) <-chan Result[T] {
	out := make(chan Result[T])
	var wg sync.WaitGroup
	for range p.Workers {
		wg.Go(func() {
			for {
				select {
				case <-ctx.Done():
					return
				case j, ok := <-jobs:
					if !ok {
						return
					}
					select {
					case out <- p.work(ctx, j):
					case <-ctx.Done():
						return
					}
				}
			}
		})
	}
	go func() {
		wg.Wait()
		close(out)
	}()
	return out
}

func feed[T any](ctx context.Context, n int, f func(ctx context.Context, i int) (T, error)) <-chan Job[T] {
	c := make(chan Job[T])
	go func() {
		defer close(c)
		for i := range n {
			select {
			case c <- Job[T]{i, func(ctx context.Context) (T, error) { return f(ctx, i) }}:
			case <-ctx.Done():
				return
			}
		}
	}()
	return c
}

func collect[T any](c <-chan Result[T]) []Result[T] {
	var all []Result[T]
	for r := range c {
		all = append(all, r)
	}
	sort.Slice(all, func(i, j int) bool { return all[i].ID < all[j].ID })
	return all
}

type userKey struct{}

func pipeline(ctx context.Context, stages ...func(int) int) (chan<- int, <-chan int) {
	first := make(chan int)
	var in <-chan int = first
	for _, s := range stages {
		out := make(chan int, 1)
		go func(in <-chan int) {
			defer close(out)
			for v := range in {
				select {
				case out <- s(v):
				case <-ctx.Done():
					return
				}
			}
		}(in)
		in = out
	}
	return first, in
}

func main() {
	before := runtime.NumGoroutine()
	ctx := context.WithValue(context.Background(), userKey{}, "gopher")

	// All kinds of outcome.
	var tries [12]atomic.Int32
	p := &Pool[string]{Workers: 3, Retries: 2}
	results := collect(p.Run(ctx, feed(ctx, 12, func(ctx context.Context, i int) (string, error) {
		n := tries[i].Add(1)
		runtime.Gosched()
		switch i % 6 {
		case 1:
			if n < 3 {
				return "", fmt.Errorf("job %d, attempt %d: %w", i, n, ErrTemporary)
			}
		case 2:
			return "", fmt.Errorf("job %d: %w", i, ErrTemporary)
		case 3:
			var m map[string]int
			m["x"] = i
		case 4:
			panic(fmt.Errorf("wrapped: %w", os.ErrNotExist))
		case 5:
			var a []int
			return fmt.Sprint(a[i]), nil
		}
		return fmt.Sprint(ctx.Value(userKey{}), i), nil
	})))
	for _, r := range results {
		var pe *PanicError
		var re runtime.Error
		fmt.Println(r.ID, r.Attempts, r.Value, r.Err, errors.As(r.Err, &pe), errors.As(r.Err, &re), errors.Is(r.Err, os.ErrNotExist))
	}
	fmt.Println("peak", p.peak.Load() >= 1 && p.peak.Load() <= 3, "running", p.running.Load())

	// Cancelled in the middle, with a cause.
	cctx, cancel := context.WithCancelCause(ctx)
	var seen atomic.Int32
	q := &Pool[int]{Workers: 4}
	c := q.Run(cctx, feed(cctx, 1<<30, func(ctx context.Context, i int) (int, error) {
		if seen.Add(1) == 100 {
			cancel(errors.New("enough"))
		}
		return i * i, nil
	}))
	got := collect(c)
	fmt.Println(len(got) < 1<<20, cctx.Err(), context.Cause(cctx))

	// A deadline stops a job that listens.
	dctx, stop := context.WithTimeout(ctx, 5*time.Millisecond)
	slow := collect((&Pool[int]{Workers: 2}).Run(ctx, feed(ctx, 2, func(_ context.Context, i int) (int, error) {
		select {
		case <-dctx.Done():
			return 0, dctx.Err()
		case <-time.After(time.Minute):
			return 1, nil
		}
	})))
	stop()
	for _, r := range slow {
		fmt.Println(r.ID, r.Err, errors.Is(r.Err, context.DeadlineExceeded))
	}

	// Stages joined by channels.
	in, out := pipeline(ctx, func(x int) int { return x + 1 }, func(x int) int { return x * x }, func(x int) int { return x - 1 })
	go func() {
		defer close(in)
		for i := range 8 {
			in <- i
		}
	}()
	var b strings.Builder
	for v := range out {
		fmt.Fprint(&b, v, " ")
	}
	fmt.Println(b.String())

	// A ticker paces; Once and OnceValue run once; a condition wakes all.
	tick := time.NewTicker(time.Millisecond)
	var once sync.Once
	value := sync.OnceValue(func() int { fmt.Println("computed"); return 42 })
	var mu sync.Mutex
	cond := sync.NewCond(&mu)
	ready, waiting := false, sync.WaitGroup{}
	total := atomic.Int64{}
	for range 5 {
		waiting.Add(1)
		go func() {
			defer waiting.Done()
			mu.Lock()
			for !ready {
				cond.Wait()
			}
			mu.Unlock()
			once.Do(func() { fmt.Println("once") })
			total.Add(int64(value()))
		}()
	}
	for range 3 {
		<-tick.C
	}
	tick.Stop()
	mu.Lock()
	ready = true
	cond.Broadcast()
	mu.Unlock()
	waiting.Wait()
	fmt.Println(total.Load())

	stopped := make(chan string)
	unhook := context.AfterFunc(cctx, func() { stopped <- "after cancel" })
	fmt.Println(<-stopped, unhook())
	for i := 0; runtime.NumGoroutine() > before && i < 1000; i++ {
		time.Sleep(time.Millisecond)
	}
	fmt.Println("left:", runtime.NumGoroutine()-before)
}
