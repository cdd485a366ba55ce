//! `itab dump` shows every stage of a function, of a method and of a closure.

use std::path::Path;
use std::process::Command;

fn dump(stage: &str, func: &str) -> String {
    dump_of("tests/run/road.go", stage, func)
}

fn dump_of(file: &str, stage: &str, func: &str) -> String {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(file);
    let out = Command::new(env!("CARGO_BIN_EXE_itab"))
        .args(["dump", &format!("--stage={stage}"), &format!("--func={func}")])
        .arg(file)
        .output()
        .expect("the command starts");
    let text = String::from_utf8_lossy(&out.stdout).into_owned();
    assert!(out.status.success(), "{stage} of {func}: {}", String::from_utf8_lossy(&out.stderr));
    text
}

#[test]
fn every_stage_prints() {
    for func in ["main.total", "main.(*Rect).Grow", "main.counter.func1"] {
        assert!(dump("ast", func).contains("Stmt"), "ast of {func}");
        assert!(dump("types", func).contains(": int"), "types of {func}");
        assert!(dump("ir", func).contains(func), "ir of {func}");
        assert!(dump("clif", func).contains("block0"), "clif of {func}");
        assert!(dump("asm", func).contains("ret"), "asm of {func}");
    }
}

/// Instances are those that other functions use.
#[test]
fn an_instance_of_a_generic_function_prints() {
    let func = "main.conv[...]";
    assert!(dump_of("tests/run/values_and_loops.go", "ir", func).contains(func));
}

#[test]
fn an_unknown_function_is_told_with_those_that_exist() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/run/road.go");
    let out = Command::new(env!("CARGO_BIN_EXE_itab"))
        .args(["dump", "--stage=ir", "--func=main.totals"])
        .arg(file)
        .output()
        .expect("the command starts");
    let text = String::from_utf8_lossy(&out.stderr).into_owned();
    assert_eq!(out.status.code(), Some(2), "{text}");
    assert!(text.contains("no function main.totals") && text.contains("main.sum, main.total"), "{text}");
}
