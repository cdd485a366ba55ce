// run

// Tables of package unicode are there, however they are named.
package main

import (
	"fmt"
	u "unicode"
)

var tables = []*u.RangeTable{u.Lu, u .
	Nd, u.Scripts["Greek"], u.Properties["White_Space"], u.Categories["Sc"]}

func main() {
	for _, r := range "aÅ5π \u00a0€\U0001F600" {
		for _, t := range tables {
			fmt.Print(u.Is(t, r), " ")
		}
		fmt.Println(u.IsGraphic(r), u.IsSymbol(r), u.In(r, u.GraphicRanges...), string(u.ToUpper(r)))
	}
	fmt.Println(len(u.FoldCategory), len(u.FoldScript), len(u.CaseRanges) > 100, string(u.TurkishCase.ToUpper('i')))
}
