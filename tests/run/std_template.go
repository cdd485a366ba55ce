package main

import (
	"fmt"
	"os"
	"text/template"
)

type T struct {
	Name  string
	Items []int
	M     map[string]int
}

func (t T) Hello(s string) string { return "hello " + s + t.Name }
func main() {
	t := template.Must(template.New("x").Funcs(template.FuncMap{"inc": func(i int) int { return i + 1 }}).Parse(`{{.Name}} {{range $i,$e := .Items}}{{$i}}={{inc $e}} {{end}}{{.Hello "a"}} {{index .M "k"}} {{printf "%05d" 42}} {{if gt (len .Items) 2}}many{{else}}few{{end}}
`))
	fmt.Println(t.Execute(os.Stdout, T{"n", []int{1, 2, 3}, map[string]int{"k": 5}}))
	t2 := template.Must(template.New("y").Parse("{{.Nope}}"))
	fmt.Println(t2.Execute(os.Stdout, T{}))
}
