//! Whatever the input: no panic, no stack overflow, spans inside the file.

use std::sync::Arc;

use itab_syntax::{
    Block, Body, Diagnostic, ExprKind, File, FileSet, Mode, Names, SourceFile, Span, StmtKind, Tree, dump, expr_string,
    parse_body, parse_file,
};
use proptest::prelude::*;

fn parse(src: &[u8], mode: Mode) -> (Arc<SourceFile>, Names, File, Vec<Diagnostic>) {
    let (names, set) = (Names::new(), FileSet::new());
    let source = set.add("x.go", src).unwrap();
    let (file, found) = parse_file(&source, &names, mode);
    (source, names, file, found)
}

/// Parses in all ways and looks at everything there is.
fn check(src: &[u8]) {
    let (source, names, file, found) = parse(src, Mode::empty());
    found.iter().for_each(|d| in_file(&source, d.span, &d.message));
    check_tree(&source, &names, &file.tree);
    file.bodies.iter().flatten().for_each(|b| check_tree(&source, &names, &b.tree));
    assert!(!dump::file(&file, &names).is_empty());
    let (source, names, skipped, found) = parse(src, Mode::SKIP_BODIES);
    assert!(found.is_empty() || !skipped.ok);
    for f in skipped.tree.funcs() {
        let Some(span) = f.body else { continue };
        let (body, found) = parse_body(&source, &names, span);
        found.iter().for_each(|d| in_file(&source, d.span, &d.message));
        check_tree(&source, &names, &body.tree);
        check_block(&source, &body);
    }
}

fn in_file(source: &SourceFile, span: Span, what: &str) {
    let fits = source.start() <= span.start && span.start <= span.end && span.end <= source.end();
    assert!(fits, "{what}: {span:?} is not in {source:?}");
    source.position(span.start);
}

fn check_block(source: &SourceFile, body: &Body) {
    let Block { lbrace, rbrace, .. } = body.block;
    in_file(source, Span::new(lbrace, rbrace), "block");
}

fn check_tree(source: &SourceFile, names: &Names, tree: &Tree) {
    for e in tree.exprs() {
        in_file(source, Span::new(e.pos, e.end), "expression");
        if let ExprKind::CallExpr { lparen, rparen, .. } = e.kind {
            in_file(source, Span::new(lparen, rparen), "call");
        }
    }
    for s in tree.stmts() {
        in_file(source, Span::new(s.pos, s.end), "statement");
        if let StmtKind::ExprStmt(x) = s.kind {
            expr_string(tree, names, x);
        }
    }
    tree.specs().iter().for_each(|s| in_file(source, Span::new(s.pos, s.end), "spec"));
}

const SNIPPETS: [&str; 4] = [
    "//go:build linux\n\npackage p\n\nimport (\n\t\"fmt\"\n\t. \"math\"\n)\n\nconst (\n\tA = iota << 2\n\tB\n\tC, D = 'x', \"s\\n\"\n)\n\n\
     type T[P ~int | *Q, Q any] struct {\n\tfmt.Stringer\n\t*E[P]\n\ta, b []map[string]chan<- int `tag`\n}\n\n\
     func (t *T[P, Q]) M[R any](x ...int) (r R, err error) {\n\tfor i := range 10 {\n\t\tgo func() { t.a[i:2:3] = nil }()\n\t}\n\treturn\n}\n",
    "package p\n\ntype I interface {\n\t~int | string\n\tM(x, y int) func() <-chan int\n\tE[int]\n}\n\nvar x, y = f(1, g...), [...]T{{1}, 2: {a: 3}}\n\n\
     func f() {\nL:\n\tswitch x := y.(type) {\n\tcase int, nil:\n\t\tbreak L\n\tdefault:\n\t\tgoto M\n\t}\nM:\n\tselect {\n\tcase v, ok := <-c:\n\t\t_ = v\n\tcase c <- 1:\n\t}\n}\n",
    "package p\n\n//go:noinline\nfunc g(a int, b ...string) {\n\tif x := <-c; x&^y != 0x1p-2 || !z {\n\t\tx.y++\n\t} else if true {\n\t\tdefer f()\n\t}\n\tvar _ = `raw`\n\tx <<= 3\n}\n\
     /*line foo.go:10:3*/ //line bar.go:7\nfunc h[T any](T) T { fallthrough }\n",
    "package main\n\nfunc main() {\n\tfor i := 0; i < 10; i++ {\n\t\tprintln(i, \"héllo\", '\\u00e9', 1_000.5e+3i)\n\t}\n\tx := struct{ a, b int }{1, 2}\n\t_ = (*T)(nil).f(func(x int) { return x }(1))\n}\n",
];

#[derive(Clone, Debug)]
enum Edit {
    Delete(prop::sample::Index, usize),
    Swap(prop::sample::Index, prop::sample::Index),
    Truncate(prop::sample::Index),
    Insert(prop::sample::Index, Vec<u8>),
}

fn edit() -> impl Strategy<Value = Edit> {
    let at = any::<prop::sample::Index>;
    let tokens = prop::sample::select(vec![
        "(",
        ")",
        "[",
        "]",
        "{",
        "}",
        ",",
        ";",
        ":=",
        "func",
        "type",
        "case",
        "...",
        "<-",
        "\"",
        "`",
        "'",
        "/*",
        "\n",
        ".",
        "0x",
        "//go:linkname a b\n",
        "//line x:1\n",
        "\u{feff}",
        "é",
        "if",
        "interface",
    ]);
    prop_oneof![
        (at(), 1..6usize).prop_map(|(i, n)| Edit::Delete(i, n)),
        (at(), at()).prop_map(|(i, j)| Edit::Swap(i, j)),
        at().prop_map(Edit::Truncate),
        (at(), tokens).prop_map(|(i, t)| Edit::Insert(i, t.as_bytes().to_vec())),
        (at(), prop::collection::vec(any::<u8>(), 1..4)).prop_map(|(i, t)| Edit::Insert(i, t)),
    ]
}

/// Splits where a letter, digit or space meets something else: roughly tokens.
fn pieces(src: &str) -> Vec<Vec<u8>> {
    let mut out: Vec<Vec<u8>> = Vec::new();
    let class = |c: u8| (c.is_ascii_alphanumeric(), c.is_ascii_whitespace(), c);
    for &c in src.as_bytes() {
        let joins = out.last().and_then(|t| t.last()).is_some_and(|&l| {
            let (a, b) = (class(l), class(c));
            a.0 && b.0 || a.1 && b.1 || c >= 0x80
        });
        match out.last_mut() {
            Some(last) if joins => last.push(c),
            _ => out.push(vec![c]),
        }
    }
    out
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(1500) })]

    #[test]
    fn mangled_programs(snippet in 0..SNIPPETS.len(), edits in prop::collection::vec(edit(), 1..5)) {
        let mut tokens = pieces(SNIPPETS[snippet]);
        for e in edits {
            if tokens.is_empty() {
                break;
            }
            let len = tokens.len();
            match e {
                Edit::Delete(i, n) => { tokens.drain(i.index(len)..(i.index(len) + n).min(len)); }
                Edit::Swap(i, j) => tokens.swap(i.index(len), j.index(len)),
                Edit::Truncate(i) => tokens.truncate(i.index(len)),
                Edit::Insert(i, t) => tokens.insert(i.index(len), t),
            }
        }
        check(&tokens.concat());
    }

    #[test]
    fn noise(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        check(&bytes);
        check(&[b"package p\nfunc f() {", &bytes[..]].concat());
    }
}

#[test]
fn snippets_parse() {
    for s in &SNIPPETS[..1] {
        let (.., found) = parse(s.as_bytes(), Mode::empty());
        assert_eq!(found, []);
    }
    SNIPPETS.iter().for_each(|s| check(s.as_bytes()));
}

#[test]
fn deep_nesting_is_an_error() {
    let head = "package p; func f() { x = ";
    for (open, close) in [
        ("(", ")"),
        ("[]", ""),
        ("[1]", ""),
        ("*", ""),
        ("&", ""),
        ("-", ""),
        ("<-", ""),
        ("a[", "]"),
        ("a(", ")"),
        ("f(func() { x = ", "})"),
        ("T{", "}"),
        ("[]T{{", "}}"),
        ("{", "}"),
        ("chan ", ""),
        ("map[", "]int"),
        ("func(", ")"),
        ("struct { a ", "}"),
        ("interface { m(a ", ")}"),
        ("a.(", ")"),
        ("a + (b * ", ")"),
        ("a[T[", "]]"),
        ("1; { x = ", "}"),
        ("1; if x = 1; a { x = ", "}"),
        ("1; for { x = ", "}"),
        ("1; switch { case a: x = ", "}"),
        ("1; select { case <-a: x = ", "}"),
        ("1; L: x = ", ""),
        ("1; type T = struct { a [f(func() { x = ", "})] int }"),
    ] {
        let src = format!("{head}{}1{} }}", open.repeat(10_000), close.repeat(10_000));
        let (.., found) = parse(src.as_bytes(), Mode::empty());
        let deep = found.iter().any(|d| d.message.contains("exceeded max nesting depth"));
        assert!(deep || !found.is_empty(), "{open}: no complaint");
        check(src.as_bytes());
        let src = format!("package p; type T {}int", open.repeat(10_000));
        check(src.as_bytes());
        let src = format!("package p; type T[P {}", open.repeat(10_000));
        check(src.as_bytes());
    }
}

#[test]
fn long_chains_are_fine() {
    let sum = vec!["1"; 100_000].join(" + ");
    let calls = format!("a{}", ".b().c[1]".repeat(50_000));
    let elses = format!("if a {{ }}{}", " else if a { }".repeat(50_000));
    for src in [
        format!("package p; var x = {sum}; func f() {{ x = {sum} }}"),
        format!("package p; var x = {calls}; func f() {{ x = {calls} }}"),
        format!("package p; func f() {{ {elses} }}"),
        format!("package p; type I interface {{ {} }}", vec!["int"; 50_000].join(" | ")),
    ] {
        let (.., found) = parse(src.as_bytes(), Mode::empty());
        assert_eq!(found, []);
        check(src.as_bytes());
    }
}

#[test]
fn a_run_of_names_before_a_type_parameter_list() {
    // `P *E | F | …` is taken apart from the left: the chain may be long.
    let src = format!("package p; type T[P *E{}, Q any] int", " | F".repeat(20_000));
    check(src.as_bytes());
}
