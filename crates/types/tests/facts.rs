//! What is recorded about expressions, for whoever compiles them.

mod util;

use itab_syntax::{ExprId, ExprKind, Id, Tree};
use itab_types::{Info, Mode, ObjKind, Store, Value, Var};

/// The body of function `name`, its facts, and the store.
fn body(checked: &mut util::Checked, name: &str) -> (std::sync::Arc<itab_types::CheckedBody>, usize) {
    assert_eq!(checked.errors(), []);
    let f = checked.object(name);
    let (body, problems) = checked.store.check_body(f).expect("a body");
    (body, problems.0.len())
}

/// The first expression whose text is `text`.
fn find(tree: &Tree, text: &str) -> ExprId {
    let at = (0..tree.exprs().len()).map(ExprId::from_index).find(|&e| tree.text(e) == text);
    at.unwrap_or_else(|| panic!("no expression {text}"))
}

fn typ(store: &Store, info: &Info, tree: &Tree, text: &str) -> String {
    match info.type_of(find(tree, text)) {
        Some(t) => store.type_string(t),
        None => "none".into(),
    }
}

fn var(store: &Store, name: &str) -> Var {
    let name = store.names().intern(name);
    let mut vars = (0..).map(itab_types::ObjId::from_index).map(|o| store.obj(o).clone());
    let found = vars.find(|o| o.name == name && matches!(o.kind, ObjKind::Var(_)));
    *found.as_ref().and_then(|o| o.as_var()).expect("a variable")
}

#[test]
fn untyped_constants_get_their_final_type() {
    let src = "package p
func f(x float32, s uint, b []byte, e any) {
	x = 1
	_ = e == 'a'
	_ = x + 2.5
	var i int64 = 3 << s
	_ = i + 4
	_ = append(b, \"lit\"...)
	_ = x == 7 && true
	_ = b[9 : 10]
	_ = 5 << 1
	_ = i << 6
}";
    let mut c = util::check("a.go", src);
    let (body, _) = body(&mut c, "f");
    let t = |text| typ(&c.store, &body.info, body.tree(), text);
    assert_eq!(t("1"), "float32");
    assert_eq!(t("'a'"), "rune");
    assert_eq!(t("2.5"), "float32");
    assert_eq!(t("3"), "int64");
    assert_eq!(t("3 << s"), "int64");
    assert_eq!(t("4"), "int64");
    assert_eq!(t("\"lit\""), "string");
    assert_eq!(t("7"), "float32");
    assert_eq!(t("x == 7 && true"), "bool");
    assert_eq!(t("9"), "int");
    assert_eq!(t("5 << 1"), "int");
    assert_eq!(t("6"), "uint");
    assert_eq!(body.info.value_of(find(body.tree(), "5 << 1")).and_then(Value::as_i64), Some(10));
}

#[test]
fn comma_ok_and_modes() {
    let src = "package p
func f(m map[string]int, e any, c chan int) {
	a, ok := m[\"k\"]
	b, ok := e.(string)
	d, ok := (<-c)
	g := m[\"l\"]
	_, _, _, _, _ = a, b, d, g, ok
	println(nil == e, len([3]int{}))
}";
    let mut c = util::check("a.go", src);
    let (body, _) = body(&mut c, "f");
    let t = |text| typ(&c.store, &body.info, body.tree(), text);
    assert_eq!(t("m[\"k\"]"), "(int, bool)");
    assert_eq!(t("e.(string)"), "(string, bool)");
    assert_eq!(t("<-c"), "(int, bool)");
    assert_eq!(t("m[\"l\"]"), "int");
    let mode = |text| body.info.types[find(body.tree(), text).index()].mode;
    assert_eq!(mode("m[\"l\"]"), Mode::MapIndex);
    assert_eq!(mode("nil"), Mode::NilValue);
    assert_eq!(mode("len([3]int{})"), Mode::Constant);
    assert_eq!(t("nil"), "any");
}

#[test]
fn variables_know_who_captures_and_changes_them() {
    let src = "package p
type T struct{ n int }
func (t *T) set() {}
func f(fixed int) func() int {
	plain := 1
	counter := 0
	pointee := 1
	_ = &pointee
	var array [3]int
	_ = array[:]
	var method T
	method.set()
	var field T
	field.n = 2
	inc := func() int {
		counter++
		return func() int { return counter + fixed }()
	}
	_ = plain
	return inc
}";
    let mut c = util::check("a.go", src);
    let (body, _) = body(&mut c, "f");
    let v = |name| var(&c.store, name);
    assert!(!v("plain").captured && !v("plain").reassigned && !v("plain").addr_taken);
    assert!(v("counter").captured && v("counter").reassigned);
    assert!(v("fixed").captured && !v("fixed").reassigned);
    assert!(v("pointee").addr_taken && v("array").addr_taken && v("method").addr_taken);
    assert!(v("field").reassigned && !v("field").addr_taken);
    let lits = &body.info.func_lits;
    assert_eq!(lits.len(), 2);
    assert_eq!((lits[0].parent, lits[1].parent), (None, Some(0)));
    // The outer literal passes on what the inner one wants.
    assert_eq!((lits[0].captures.len(), lits[1].captures.len()), (2, 2));
}

#[test]
fn loops_over_functions_are_literals() {
    let src = "package p
func f(seq func(yield func(int) bool)) (sum int) {
	for x := range seq {
		sum += x
		if x > 3 {
			return 7
		}
	}
	return
}";
    let mut c = util::check("a.go", src);
    let (body, _) = body(&mut c, "f");
    let lits = &body.info.func_lits;
    assert_eq!(lits.len(), 1);
    assert!(lits[0].range.is_some());
    assert_eq!(body.tree().text(lits[0].expr), "seq");
    assert!(var(&c.store, "sum").captured);
    assert_eq!(var(&c.store, "x").owner, 1);
}

#[test]
fn selections_instances_and_implicit_variables() {
    let src = "package p
type In struct{ a int }
type Out struct{ *In; b int }
func id[T any](x T) T { return x }
func f(o Out, e any) {
	_ = o.a
	_ = Out{In: &In{a: 1}, b: 2}
	_ = id(o.b)
	switch v := e.(type) {
	case int:
		_ = v
	case string, bool:
		_ = v
	}
}
type Flat struct{ In }
var flat = Flat{a: 1}";
    let mut c = util::check("a.go", src);
    let (body, _) = body(&mut c, "f");
    let (tree, info) = (body.tree(), &body.info);
    let sel = &info.selections[&find(tree, "o.a")];
    assert_eq!((&sel.index[..], sel.indirect), (&[0, 0][..], true));
    let inst = &info.instances[&find(tree, "id")];
    assert_eq!(c.store.type_string(c.store.type_at(inst.targs, 0)), "int");
    assert_eq!(typ(&c.store, info, tree, "id"), "func(x int) int");
    let mut implicit: Vec<_> =
        info.implicits.values().map(|&o| c.store.type_string(c.store.obj(o).typ.expect("a type"))).collect();
    implicit.sort();
    assert_eq!(implicit, ["any", "int"]);

    let file = &c.store.pkg(c.pkg).files[0];
    let key = file.info.promoted_keys.iter().next().expect("a promoted key");
    assert!(matches!(file.file.tree[*key.0].kind, ExprKind::Ident(_)));
    assert_eq!(key.1[..], [0, 0]);
}
