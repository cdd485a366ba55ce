package main

import (
	"fmt"
	"regexp"
)

func main() {
	r := regexp.MustCompile(`(\w+)@(\w+)\.com`)
	fmt.Println(r.FindAllStringSubmatch("bob@example.com, al@test.com", -1), r.ReplaceAllString("bob@example.com", "$2:$1"), r.MatchString("x"))
	_, err := regexp.Compile("a(b")
	fmt.Println(err)
}
