package p

const big = 1 << 100
const (
	a uint8 = 256 /* ERROR "cannot use 256 (untyped int constant) as uint8 value in constant declaration (overflows)" */
	b int8 = -129 /* ERROR "cannot use -129 (untyped int constant) as int8 value in constant declaration (overflows)" */
	c float32 = 1e100 /* ERROR "cannot use 1e100 (untyped float constant 1e+100) as float32 value in constant declaration (overflows)" */
	d int = 1.5 /* ERROR "cannot use 1.5 (untyped float constant) as int value in constant declaration (truncated)" */
	e = 1 / 0 /* ERROR "invalid operation: division by zero" */
	f = 10 % 0.0 /* ERROR "invalid operation: operator % not defined on 10 (untyped float constant)" */
	g = "x" + 1 /* ERROR "invalid operation: "x" + 1 (mismatched types untyped string and untyped int)" */
	h = 1 << 2000 /* ERROR "invalid operation: invalid shift count 2000 (untyped int constant)" */
	i = 1 << -1 /* ERROR "invalid operation: negative shift count -1 (untyped int constant)" */
	j uint = -1 /* ERROR "cannot use -1 (untyped int constant) as uint value in constant declaration (overflows)" */
	k = ^uint8(0) + 1 /* ERROR "^uint8(0) + 1 (constant 256 of type uint8) overflows uint8" */
	l = len([3]int{}) + 'a'
	m = 'a' * 1.5
	n = 5.0 % 2 /* ERROR "invalid operation: operator % not defined on 5.0 (untyped float constant 5)" */
	o = complex(1, 2) / 0 /* ERROR "invalid operation: division by zero" */
	q = -uint8(1) /* ERROR "-uint8(1) (constant -1 of type uint8) overflows uint8" */
	r = big
)

const s int = big /* ERROR "cannot use big (untyped int constant 1267650600228229401496703205376) as int value in constant declaration (overflows)" */
const t = f2() /* ERROR "f2() (value of type int) is not constant" */

var u = big /* ERROR "cannot use big (untyped int constant 1267650600228229401496703205376) as int value in variable declaration (overflows)" */
var v float64 = big
var w int32 = big >> 70
var x = "a"[5] /* ERROR "invalid argument: index 5 out of bounds [0:1]" */
var y = big * big * big * big * big * big /* ERROR "constant multiplication overflow" */

const z string = 65 /* ERROR "cannot use 65 (untyped int constant) as string value in constant declaration" */
const z1 = string(1 << 40)
const z2 = int8(200) /* ERROR "constant 200 overflows int8" */
const z3 = uint(-1) /* ERROR "constant -1 overflows uint" */
const z4 = int(1.5) /* ERROR "cannot convert 1.5 (untyped float constant) to type int" */
const z5 = bool(1) /* ERROR "cannot convert 1 (untyped int constant) to type bool" */
const z6 = float32(1e-50) + 0i
const z7 = 07
const z8 int = iota

func f2() int { return 1 }
