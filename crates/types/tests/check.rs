//! Programs with errors: the messages and their lines must be those of real Go, which stand in the
//! programs as `/* ERROR "text" */` at the end of the line.

mod util;

use std::fs;
use std::path::Path;

fn wanted(src: &str) -> Vec<(u32, String)> {
    let mut out = Vec::new();
    for (i, line) in src.lines().enumerate() {
        for part in line.split("/* ERROR \"").skip(1) {
            let text = part.split("\" */").next().unwrap_or("");
            out.push((i as u32 + 1, text.to_string()));
        }
    }
    out
}

#[test]
fn errors_are_those_of_real_go() {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/check");
    let mut failures = Vec::new();
    let mut programs = 0;
    for entry in fs::read_dir(dir).expect("the folder of programs") {
        let path = entry.expect("an entry").path();
        if path.extension().is_none_or(|x| x != "go") {
            continue;
        }
        let src = fs::read_to_string(&path).expect("a text");
        if src.contains("import \"") && !src.contains("import \"unsafe\"") {
            continue; // needs the standard library
        }
        programs += 1;
        let name = path.file_name().expect("a file").to_string_lossy();
        let mut got = util::check(&name, &src).errors();
        for (_, message) in &mut got {
            message.truncate(message.find('\n').unwrap_or(message.len()));
        }
        let want = wanted(&src);
        failures.extend(want.iter().filter(|w| !got.contains(w)).map(|(l, m)| format!("{name}:{l}: missing: {m}")));
        failures.extend(got.iter().filter(|g| !want.contains(g)).map(|(l, m)| format!("{name}:{l}: not in Go: {m}")));
    }
    assert!(programs > 5, "found {programs} programs");
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

#[test]
fn deep_nesting_is_no_danger() {
    let mut long = String::from("package p\nvar x = 1");
    long.push_str(&" + 1".repeat(100_000));
    assert_eq!(util::check("sum.go", &long).errors(), []);

    let mut chain = String::from("package p\ntype T struct{}\nfunc (t T) f() T { return t }\nvar t T\nvar u = t");
    chain.push_str(&".f()".repeat(50_000));
    let errors = util::check("chain.go", &chain).errors();
    assert!(errors.iter().any(|(_, m)| m.contains("nested too deeply")), "{errors:?}");

    let mut elses = String::from("package p\nfunc f(x int) int {\n");
    for i in 0..5_000 {
        elses.push_str(&format!("if x == {i} {{ return {i} }} else "));
    }
    elses.push_str("{ return 0 }\n}\n");
    assert_eq!(util::check("else.go", &elses).errors(), []);
}

#[test]
fn language_versions() {
    let programs = [
        (22, "package p\nfunc f() { for range 3 {} }\n", "cannot range over 3 (untyped int constant): requires go1.22"),
        (26, "package p\nvar x = new(1)\n", "new(1) requires go1.26"),
        (
            27,
            "package p\ntype A struct{ x int }\ntype B struct{ A }\nvar b = B{x: 1}\n",
            "use of promoted field A.x in struct literal of type B requires go1.27",
        ),
    ];
    for (since, src, message) in programs {
        let at = |minor| util::check_at("a.go", src, itab_types::GoVersion(minor)).errors();
        assert_eq!(at(since), []);
        let errors = at(since - 1);
        assert!(errors.len() == 1 && errors[0].1.starts_with(message), "{errors:?}");
    }
}
