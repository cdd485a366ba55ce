// graph reads edges and finds shortest paths with container/heap, by Floyd and Warshall, spanning trees with union-find,
// strongly connected components, topological order, bridges and flows.
package main

import (
	"bufio"
	"cmp"
	"container/heap"
	"fmt"
	"maps"
	"math"
	"os"
	"slices"
	"strings"
)

type Edge struct {
	To     string
	Weight int
}

type Graph struct {
	adj   map[string][]Edge
	order []string
}

func (g *Graph) node(n string) {
	if g.adj == nil {
		g.adj = map[string][]Edge{}
	}
	if _, ok := g.adj[n]; !ok {
		g.adj[n] = nil
		g.order = append(g.order, n)
	}
}

func (g *Graph) Add(a, b string, w int) {
	g.node(a)
	g.node(b)
	g.adj[a] = append(g.adj[a], Edge{b, w})
}

// queue is a priority queue whose items know their places.
type item struct {
	name  string
	dist  int
	index int
	from  *item
}

type queue []*item

func (q queue) Len() int { return len(q) }
func (q queue) Less(i, j int) bool {
	return cmp.Or(cmp.Compare(q[i].dist, q[j].dist), cmp.Compare(q[i].name, q[j].name)) < 0
}
func (q queue) Swap(i, j int)       { q[i], q[j] = q[j], q[i]; q[i].index, q[j].index = i, j }
func (q *queue) Push(x interface{}) { it := x.(*item); it.index = len(*q); *q = append(*q, it) }
func (q *queue) Pop() any {
	old := *q
	it := old[len(old)-1]
	*q, it.index = old[:len(old)-1], -1
	return it
}

func (g *Graph) Shortest(from string) map[string]*item {
	seen := map[string]*item{from: {name: from}}
	q := &queue{seen[from]}
	for q.Len() > 0 {
		at := heap.Pop(q).(*item)
		for _, e := range g.adj[at.name] {
			d := at.dist + e.Weight
			switch it, ok := seen[e.To]; {
			case !ok:
				it = &item{name: e.To, dist: d, from: at}
				seen[e.To] = it
				heap.Push(q, it)
			case it.index >= 0 && d < it.dist:
				it.dist, it.from = d, at
				heap.Fix(q, it.index)
			}
		}
	}
	return seen
}

func (it *item) Path() string {
	if it.from == nil {
		return it.name
	}
	return it.from.Path() + ">" + it.name
}

func (g *Graph) Floyd() (d [][]float64, index map[string]int) {
	index = make(map[string]int, len(g.order))
	for i, n := range g.order {
		index[n] = i
		row := make([]float64, len(g.order))
		for j := range row {
			row[j] = math.Inf(1)
		}
		row[i] = 0
		d = append(d, row)
	}
	for n, es := range g.adj {
		for _, e := range es {
			p := &d[index[n]][index[e.To]]
			*p = min(*p, float64(e.Weight))
		}
	}
	for k := range d {
		for i := range d {
			for j := range d {
				d[i][j] = min(d[i][j], d[i][k]+d[k][j])
			}
		}
	}
	return d, index
}

type unionFind map[string]string

func (u unionFind) Find(x string) string {
	p, ok := u[x]
	if !ok || p == x {
		return x
	}
	u[x] = u.Find(p)
	return u[x]
}

func (u unionFind) Union(a, b string) bool {
	a, b = u.Find(a), u.Find(b)
	if a == b {
		return false
	}
	u[a] = b
	return true
}

func (g *Graph) Kruskal() (total int, tree []string) {
	type arc struct {
		a string
		Edge
	}
	var arcs []arc
	for _, n := range g.order {
		for _, e := range g.adj[n] {
			arcs = append(arcs, arc{n, e})
		}
	}
	slices.SortStableFunc(arcs, func(x, y arc) int { return x.Weight - y.Weight })
	u := unionFind{}
	for _, a := range arcs {
		if u.Union(a.a, a.To) {
			total += a.Weight
			tree = append(tree, a.a+a.To)
		}
	}
	return
}

// Components are Tarjan's, each sorted.
func (g *Graph) Components() (out [][]string) {
	index, low, on := map[string]int{}, map[string]int{}, map[string]bool{}
	var stack []string
	var visit func(string)
	visit = func(n string) {
		index[n] = len(index) + 1
		low[n] = index[n]
		stack, on[n] = append(stack, n), true
		for _, e := range g.adj[n] {
			if index[e.To] == 0 {
				visit(e.To)
				low[n] = min(low[n], low[e.To])
			} else if on[e.To] {
				low[n] = min(low[n], index[e.To])
			}
		}
		if low[n] == index[n] {
			i := slices.Index(stack, n)
			c := slices.Clone(stack[i:])
			stack = stack[:i]
			for _, m := range c {
				delete(on, m)
			}
			slices.Sort(c)
			out = append(out, c)
		}
	}
	for _, n := range g.order {
		if index[n] == 0 {
			visit(n)
		}
	}
	return out
}

type CycleError []string

func (c CycleError) Error() string { return "cycle " + strings.Join(c, " ") }

func (g *Graph) Topological() (order []string, err error) {
	const (
		white = iota
		grey
		black
	)
	colour := map[string]int{}
	var path []string
	var visit func(n string) error
	visit = func(n string) error {
		switch colour[n] {
		case grey:
			return CycleError(append(path[slices.Index(path, n):], n))
		case black:
			return nil
		}
		colour[n] = grey
		path = append(path, n)
		for _, e := range g.adj[n] {
			if err := visit(e.To); err != nil {
				return err
			}
		}
		path = path[:len(path)-1]
		colour[n] = black
		order = append(order, n)
		return nil
	}
	for _, n := range g.order {
		if err := visit(n); err != nil {
			return nil, err
		}
	}
	slices.Reverse(order)
	return order, nil
}

// MaxFlow is Edmonds and Karp's.
func (g *Graph) MaxFlow(s, t string) (flow int) {
	type pair [2]string
	capacity := map[pair]int{}
	next := map[string]map[string]bool{}
	link := func(a, b string) {
		if next[a] == nil {
			next[a] = map[string]bool{}
		}
		next[a][b] = true
	}
	for n, es := range g.adj {
		for _, e := range es {
			capacity[pair{n, e.To}] += e.Weight
			link(n, e.To)
			link(e.To, n)
		}
	}
	for {
		from := map[string]string{s: s}
	search:
		for queue := []string{s}; len(queue) > 0; queue = queue[1:] {
			n := queue[0]
			for _, m := range slices.Sorted(maps.Keys(next[n])) {
				if _, ok := from[m]; !ok && capacity[pair{n, m}] > 0 {
					from[m] = n
					if m == t {
						break search
					}
					queue = append(queue, m)
				}
			}
		}
		if _, ok := from[t]; !ok {
			return flow
		}
		room := math.MaxInt
		for n := t; n != s; n = from[n] {
			room = min(room, capacity[pair{from[n], n}])
		}
		for n := t; n != s; n = from[n] {
			capacity[pair{from[n], n}] -= room
			capacity[pair{n, from[n]}] += room
		}
		flow += room
	}
}

func main() {
	g := &Graph{}
	in := bufio.NewReader(os.Stdin)
	for {
		var a, b string
		var w int
		n, err := fmt.Fscanf(in, "%s -%d-> %s\n", &a, &w, &b)
		if err != nil {
			fmt.Println(n, err)
			break
		}
		g.Add(a, b, w)
	}
	from := g.Shortest("A")
	d, index := g.Floyd()
	for _, n := range slices.Sorted(maps.Keys(from)) {
		fmt.Printf("%-2s %3d %v %s\n", n, from[n].dist, d[index["A"]][index[n]] == float64(from[n].dist), from[n].Path())
	}
	fmt.Println(g.Kruskal())
	fmt.Println(g.Components())
	_, err := g.Topological()
	cycle, ok := err.(CycleError)
	fmt.Println(err, ok, len(cycle))
	dag := &Graph{}
	for _, s := range strings.Fields("shirt>tie tie>jacket trousers>shoes trousers>belt belt>jacket socks>shoes watch>watch2") {
		a, b, _ := strings.Cut(s, ">")
		dag.Add(a, b, 1)
	}
	fmt.Println(dag.Topological())
	fmt.Println(g.MaxFlow("A", "H"), g.MaxFlow("H", "A"), g.MaxFlow("B", "G"))

	grid := &Graph{}
	const size = 40
	at := func(x, y int) string { return fmt.Sprintf("%d,%d", x, y) }
	for x := range size {
		for y := range size {
			for _, m := range [...][2]int{{1, 0}, {0, 1}, {-1, 0}, {0, -1}} {
				if u, v := x+m[0], y+m[1]; u >= 0 && v >= 0 && u < size && v < size {
					grid.Add(at(x, y), at(u, v), 1+(u*7+v*13)%10)
				}
			}
		}
	}
	far := grid.Shortest("0,0")[at(size-1, size-1)]
	fmt.Println(far.dist, strings.Count(far.Path(), ">"), len(grid.Components()))
}
