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

/// Machine code has the source beside it, and on request its bytes, which no other stage has.
#[test]
fn machine_code_prints_with_source_and_bytes() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/run/road.go");
    let bytes_of = |stage: &str| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_itab"));
        command.args(["dump", stage, "--bytes", "--func=main.total"]).arg(&file).output().expect("the command starts")
    };
    let (plain, bytes) = (dump("asm", "main.total"), bytes_of("--stage=asm"));
    let bytes = String::from_utf8_lossy(&bytes.stdout).into_owned();
    assert!(plain.contains("; road.go:"), "{plain}");
    let without: Vec<&str> = plain.lines().filter_map(|l| l.split_whitespace().next()).collect();
    let ret = if cfg!(target_arch = "aarch64") { "c0035fd6" } else { "c3" };
    let has = |text: &str| text.lines().any(|l| l.split_whitespace().next() == Some(ret) && l.contains("ret"));
    assert!(has(&bytes) && !without.contains(&ret), "{bytes}");
    assert_eq!(bytes_of("--stage=ir").status.code(), Some(2));
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
    assert!(text.contains("no function main.totals; near it are main.total, "), "{text}");
}

fn itab(args: &[&str]) -> std::process::Output {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    Command::new(env!("CARGO_BIN_EXE_itab")).args(args).current_dir(root).output().expect("the command starts")
}

/// The function is shown as it was built, and after each pass that changed it, the last of which is what `--stage=ir` shows.
#[test]
fn every_pass_that_changes_a_function_is_shown() {
    let out = itab(&["dump", "--passes", "--func=main.total", "tests/run/road.go"]);
    let text = String::from_utf8_lossy(&out.stdout).into_owned();
    assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
    let steps: Vec<(&str, &str)> = text.split("=== ").skip(1).filter_map(|s| s.split_once('\n')).collect();
    let names: Vec<&str> = steps.iter().map(|s| s.0).collect();
    assert_eq!(names[..2], ["build", "early: lift"], "{names:?}");
    assert!(names.iter().any(|n| n.starts_with("late: ")), "{names:?}");
    assert!(steps.windows(2).all(|w| w[0].1 != w[1].1), "a step changes nothing: {names:?}");
    assert_eq!(steps.last().map(|s| s.1.trim_end()), Some(dump("ir", "main.total").trim_end()));
}

#[test]
fn passes_are_shown_side_by_side() {
    let file = std::env::temp_dir().join(format!("itab-dump-{}.html", std::process::id()));
    let arg = format!("--html={}", file.display());
    let out = itab(&["dump", &arg, "--func=main.total", "tests/run/road.go"]);
    assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
    let page = std::fs::read_to_string(&file).expect("it was written");
    let _ = std::fs::remove_file(&file);
    for title in ["build", "early: lift", "clif", "asm"] {
        assert!(page.contains(&format!("<section><h2>{title}</h2><pre>")), "{title}");
    }
    assert!(page.contains("<span class=\"new\">") && page.contains("func main.total(<b>v0</b>"), "{page}");
}

#[test]
fn a_pass_that_there_is_not_is_told() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let mut command = Command::new(env!("CARGO_BIN_EXE_itab"));
    let out = command
        .args(["run", "--no-cache", "tests/run/road.go"])
        .current_dir(root)
        .env("ITABPASSES", "-flod")
        .output()
        .expect("the command starts");
    let said = String::from_utf8_lossy(&out.stderr).into_owned();
    assert!(said.contains("no pass flod; there are lift, fold,"), "{said}");
    assert_eq!(out.status.code(), Some(2));
}
