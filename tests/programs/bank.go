// bank simulates accounts that many goroutines use at once: ordered locking, audits by a read lock, journals, limits,
// roll-back by panics and defers, and the same bank once more as a goroutine that owns its state.
package main

import (
	"cmp"
	"errors"
	"fmt"
	"log"
	"math/rand"
	"os"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
)

type AccountID uint32

type Cents int64

func (c Cents) String() string {
	sign := ""
	if c < 0 {
		sign, c = "-", -c
	}
	return fmt.Sprintf("%s$%d.%02d", sign, c/100, c%100)
}

type InsufficientError struct {
	Account AccountID
	Missing Cents
}

func (e InsufficientError) Error() string {
	return fmt.Sprintf("account %d lacks %v", e.Account, e.Missing)
}

var (
	ErrNoAccount = errors.New("no such account")
	ErrSame      = errors.New("transfer to the same account")
	ErrFrozen    = errors.New("account is frozen")
)

type Account struct {
	ID      AccountID
	mu      sync.Mutex
	balance Cents
	limit   Cents
	frozen  bool
	journal []Entry
}

type Entry struct {
	Amount Cents
	Peer   AccountID
	Memo   string
}

func (a *Account) apply(e Entry) {
	if a.frozen {
		panic(fmt.Errorf("account %d: %w", a.ID, ErrFrozen))
	}
	if after := a.balance + e.Amount; e.Amount < 0 && after < -a.limit {
		panic(InsufficientError{a.ID, -a.limit - after})
	}
	a.balance += e.Amount
	a.journal = append(a.journal, e)
}

// Bank is what both kinds of bank can do.
type Bank interface {
	Open(limit Cents) AccountID
	Transfer(from, to AccountID, c Cents, memo string) error
	Deposit(to AccountID, c Cents) error
	Balance(id AccountID) (Cents, error)
	Total() Cents
}

type locking struct {
	mu       sync.RWMutex
	accounts map[AccountID]*Account
	moves    atomic.Int64
	failures sync.Map
}

var _ Bank = (*locking)(nil)

func (b *locking) Open(limit Cents) AccountID {
	b.mu.Lock()
	defer b.mu.Unlock()
	id := AccountID(len(b.accounts) + 1)
	b.accounts[id] = &Account{ID: id, limit: limit}
	return id
}

func (b *locking) find(ids ...AccountID) ([]*Account, error) {
	out := make([]*Account, len(ids))
	for i, id := range ids {
		a, ok := b.accounts[id]
		if !ok {
			return nil, fmt.Errorf("%d: %w", id, ErrNoAccount)
		}
		out[i] = a
	}
	return out, nil
}

func (b *locking) Deposit(to AccountID, c Cents) error {
	b.mu.RLock()
	defer b.mu.RUnlock()
	as, err := b.find(to)
	if err != nil {
		return err
	}
	as[0].mu.Lock()
	defer as[0].mu.Unlock()
	as[0].apply(Entry{Amount: c, Memo: "deposit"})
	return nil
}

func (b *locking) Transfer(from, to AccountID, c Cents, memo string) (err error) {
	if from == to {
		return ErrSame
	}
	b.mu.RLock()
	defer b.mu.RUnlock()
	as, err := b.find(from, to)
	if err != nil {
		return err
	}
	src, dst := as[0], as[1]
	slices.SortFunc(as, func(x, y *Account) int { return cmp.Compare(x.ID, y.ID) })
	for _, a := range as {
		a.mu.Lock()
		defer a.mu.Unlock()
	}
	defer func() {
		if r := recover(); r != nil {
			e, ok := r.(error)
			if !ok {
				panic(r)
			}
			n, _ := b.failures.LoadOrStore(fmt.Sprintf("%T", e), new(atomic.Int64))
			n.(*atomic.Int64).Add(1)
			err = fmt.Errorf("%s: %w", memo, e)
		}
	}()
	src.apply(Entry{-c, to, memo})
	defer func() {
		if len(src.journal) > 0 && dst.frozen {
			src.balance += c
			src.journal = src.journal[:len(src.journal)-1]
		}
	}()
	dst.apply(Entry{c, from, memo})
	b.moves.Add(1)
	return nil
}

func (b *locking) Balance(id AccountID) (Cents, error) {
	b.mu.RLock()
	defer b.mu.RUnlock()
	as, err := b.find(id)
	if err != nil {
		return 0, err
	}
	as[0].mu.Lock()
	defer as[0].mu.Unlock()
	return as[0].balance, nil
}

// Total stops the bank.
func (b *locking) Total() (sum Cents) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, a := range b.accounts {
		sum += a.balance
	}
	return sum
}

// actor has one goroutine that runs what it is sent.
type actor struct {
	calls chan func(*locking)
	done  chan struct{}
}

func newActor() *actor {
	a := &actor{make(chan func(*locking)), make(chan struct{})}
	go func() {
		defer close(a.done)
		state := &locking{accounts: map[AccountID]*Account{}}
		for f := range a.calls {
			f(state)
		}
	}()
	return a
}

func ask[T any](a *actor, f func(b *locking) T) T {
	reply := make(chan T, 1)
	a.calls <- func(b *locking) { reply <- f(b) }
	return <-reply
}

type result struct {
	c   Cents
	err error
}

func (a *actor) Open(limit Cents) AccountID {
	return ask(a, func(b *locking) AccountID { return b.Open(limit) })
}
func (a *actor) Transfer(from, to AccountID, c Cents, memo string) error {
	return ask(a, func(b *locking) error { return b.Transfer(from, to, c, memo) })
}
func (a *actor) Deposit(to AccountID, c Cents) error {
	return ask(a, func(b *locking) error { return b.Deposit(to, c) })
}
func (a *actor) Balance(id AccountID) (Cents, error) {
	r := ask(a, func(b *locking) result { c, err := b.Balance(id); return result{c, err} })
	return r.c, r.err
}
func (a *actor) Total() Cents { return ask(a, (*locking).Total) }

func simulate(b Bank, tellers, moves int) (bad int64) {
	var ids []AccountID
	for i := range 10 {
		ids = append(ids, b.Open(Cents(i*100)))
		b.Deposit(ids[i], 1000_00)
	}
	var wg sync.WaitGroup
	var failed atomic.Int64
	for t := range tellers {
		wg.Add(1)
		rng := rand.New(rand.NewSource(int64(t)))
		go func() {
			defer wg.Done()
			for range moves {
				from, to := ids[rng.Intn(len(ids))], ids[rng.Intn(len(ids))]
				if err := b.Transfer(from, to, Cents(rng.Intn(500_00)), "t"); err != nil && !errors.Is(err, ErrSame) {
					failed.Add(1)
				}
				if rng.Intn(50) == 0 && b.Total() != 10*1000_00 {
					panic("money was made")
				}
			}
		}()
	}
	wg.Wait()
	return failed.Load()
}

func main() {
	log.SetFlags(log.Lmsgprefix)
	log.SetPrefix("bank: ")
	log.SetOutput(os.Stdout)

	l := &locking{accounts: map[AccountID]*Account{}}
	a := newActor()
	for _, b := range []Bank{l, a} {
		failed := simulate(b, 8, 300)
		log.Printf("%T: total %v, some failed %t", b, b.Total(), failed > 0)
	}
	close(a.calls)
	<-a.done
	kinds := []string{}
	l.failures.Range(func(k, v any) bool {
		kinds = append(kinds, k.(string))
		return v.(*atomic.Int64).Load() > 0
	})
	log.Println(kinds, l.moves.Load() > 0)

	// One teller, so that everything is known.
	b := &locking{accounts: map[AccountID]*Account{}}
	x, y := b.Open(0), b.Open(50_00)
	steps := []struct {
		from, to AccountID
		c        Cents
	}{{x, y, 10_00}, {y, x, 50_00}, {y, x, 1}, {x, x, 1}, {x, 9, 1}, {x, y, 20_05}, {x, y, 99_99}}
	for i, s := range steps {
		err := b.Transfer(s.from, s.to, s.c, fmt.Sprint("step ", i))
		var ins InsufficientError
		log.Println(err, errors.As(err, &ins), ins.Missing, errors.Is(err, ErrNoAccount), errors.Is(err, InsufficientError{y, 1}))
	}
	b.accounts[y].frozen = true
	log.Println(b.Transfer(x, y, 5_00, "frozen"))
	for _, id := range []AccountID{x, y, 3} {
		c, err := b.Balance(id)
		log.Println(c, err)
	}
	for _, e := range b.accounts[x].journal {
		log.Printf("%-10s %+v %d", e.Memo, e.Amount, e.Peer)
	}
	// The locks are free again after the panics.
	log.Println(b.accounts[x].mu.TryLock(), b.mu.TryLock(), strings.Count(fmt.Sprintf("%+v", b.accounts[x].journal), "Memo"))
	b.mu.Unlock()
	func() {
		defer func() { log.Println("recovered:", recover()) }()
		b.Deposit(y, 1)
	}()
	log.Println(b.accounts[y].mu.TryLock(), b.Total())
}
