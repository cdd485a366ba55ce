package main

import (
	"encoding/json"
	"fmt"
	"os"
)

type A struct {
	X int `json:"x"`
	Y []string
	M map[string]float64
	p int
	N *A `json:",omitempty"`
}

func main() {
	b, err := json.Marshal(A{X: 1, Y: []string{"a", "b"}, M: map[string]float64{"k": 1.5}, N: &A{X: 2}})
	fmt.Println(string(b), err)
	var a A
	err = json.Unmarshal(b, &a)
	fmt.Println(a.X, a.Y, a.M, a.N.X, err)
	var v any
	fmt.Println(json.Unmarshal([]byte(`{"a":[1,2,{"b":null}],"c":"d"}`), &v), v)
	e := json.NewEncoder(os.Stdout)
	e.SetIndent("", " ")
	e.Encode(v)
	fmt.Println(json.Unmarshal([]byte(`{"x":"s"}`), &a))
}
