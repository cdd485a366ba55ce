// Data with the standard library: sort, slices, maps, encoding/json, container/heap, sync, math/big, binary and base64.
package main

import (
	"bytes"
	"compress/flate"
	"container/heap"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"hash/crc32"
	"maps"
	"math"
	"math/big"
	"math/rand"
	"slices"
	"sort"
	"strings"
	"sync"
)

type record struct {
	ID    int               `json:"id"`
	Name  string            `json:"name"`
	Score float64           `json:"score"`
	Tags  []string          `json:"tags"`
	Attr  map[string]string `json:"attr,omitempty"`
}

type ints []int

func (h ints) Len() int           { return len(h) }
func (h ints) Less(i, j int) bool { return h[i] < h[j] }
func (h ints) Swap(i, j int)      { h[i], h[j] = h[j], h[i] }
func (h *ints) Push(x any)        { *h = append(*h, x.(int)) }
func (h *ints) Pop() any {
	old := *h
	x := old[len(old)-1]
	*h = old[:len(old)-1]
	return x
}

func main() {
	const n = 5000
	rng := rand.New(rand.NewSource(1))
	numbers := make([]int, n)
	names := make([]string, n)
	for i := range numbers {
		numbers[i] = rng.Intn(1 << 30)
		names[i] = strings.Repeat(string(rune('a'+rng.Intn(26))), 3) + string(rune('a'+rng.Intn(26)))
	}
	work, text := make([]int, n), make([]string, n)
	best("data/sort_slice", n, func() {
		copy(work, numbers)
		sort.Slice(work, func(i, j int) bool { return work[i] < work[j] })
	})
	best("data/sort_interface", n, func() {
		copy(work, numbers)
		sort.Sort(ints(work))
	})
	best("data/slices_sort", n, func() {
		copy(work, numbers)
		slices.Sort(work)
	})
	best("data/slices_sort_strings", n, func() {
		copy(text, names)
		slices.Sort(text)
	})
	best("data/sort_strings_func", n, func() {
		copy(text, names)
		slices.SortFunc(text, func(a, b string) int { return strings.Compare(b, a) })
	})
	best("data/heap", n, func() {
		var h ints
		for _, v := range numbers {
			heap.Push(&h, v)
		}
		for h.Len() > 0 {
			sink += heap.Pop(&h).(int)
		}
	})
	best("data/map_count", n, func() {
		m := map[string]int{}
		for _, s := range names {
			m[s]++
		}
		sink += len(slices.Sorted(maps.Keys(m)))
	})
	best("data/map_group", n, func() {
		m := map[byte][]int{}
		for i, s := range names {
			m[s[0]] = append(m[s[0]], i)
		}
		for _, v := range m {
			sink += len(v)
		}
	})

	recs := make([]record, 200)
	for i := range recs {
		recs[i] = record{i, names[i], float64(i) * 1.25, names[i : i+3], map[string]string{"k": names[i], "z": "v"}}
	}
	doc, _ := json.Marshal(recs)
	best("data/json_marshal", len(doc), func() {
		b, _ := json.Marshal(recs)
		sink += len(b)
	})
	best("data/json_unmarshal", len(doc), func() {
		var out []record
		if json.Unmarshal(doc, &out) != nil {
			panic("json")
		}
		sink += len(out)
	})
	best("data/json_any", len(doc), func() {
		var out any
		json.Unmarshal(doc, &out)
		sink += len(out.([]any))
	})
	best("data/base64_binary", len(doc), func() {
		s := base64.StdEncoding.EncodeToString(doc)
		b, _ := base64.StdEncoding.DecodeString(s)
		for i := 0; i+8 <= len(b); i += 8 {
			sink += int(binary.LittleEndian.Uint64(b[i:]))
		}
	})
	best("data/crc_sha", len(doc), func() {
		sum := sha256.Sum256(doc)
		sink += int(crc32.ChecksumIEEE(doc)) + int(sum[0])
	})
	best("data/flate", len(doc), func() {
		var b bytes.Buffer
		w, _ := flate.NewWriter(&b, 5)
		w.Write(doc)
		w.Close()
		sink += b.Len()
	})
	best("data/big_factorial", 300, func() {
		f := big.NewInt(1)
		for i := int64(2); i <= 300; i++ {
			f.Mul(f, big.NewInt(i))
		}
		sink += f.BitLen()
	})
	best("data/math", n, func() {
		t := 0.0
		for i := 0; i < n; i++ {
			x := float64(i)
			t += math.Sin(x) + math.Sqrt(x) + math.Floor(x/3) + math.Pow(x, 0.5) + math.Exp(-x)
		}
		sink += int(t)
	})
	best("data/mutex_once", n, func() {
		var mu sync.Mutex
		var once sync.Once
		for i := 0; i < n; i++ {
			mu.Lock()
			once.Do(func() { sink++ })
			sink++
			mu.Unlock()
		}
	})
	best("data/channels", n, func() {
		c, done := make(chan int, 16), make(chan int)
		for w := 0; w < 4; w++ {
			go func() {
				t := 0
				for v := range c {
					t += v
				}
				done <- t
			}()
		}
		for i := 0; i < n; i++ {
			c <- i
		}
		close(c)
		for w := 0; w < 4; w++ {
			sink += <-done
		}
	})
}
