//! Loading from memory: modules, replacements, workspaces, tests, overlays, and what goes wrong.

use std::path::Path;
use std::sync::Arc;

use itab_loader::{
    BuildTarget, Config, Depth, GoRoot, GoVersion, Loaded, Loader, Memory, Overlay, PackageKind, Request,
};

/// A tiny Go.
fn go() -> Memory {
    let mut m = Memory::new();
    m.insert("/go/VERSION", "go1.27.3\n");
    for (path, text) in [
        (
            "fmt/print.go",
            "package fmt\nimport (\"internal/abi\"; \"errors\"; \"golang.org/x/net/dns\")\nfunc Println() { _ = 1 }",
        ),
        ("fmt/print_test.go", "package fmt_test\nimport \"fmt\""),
        ("errors/errors.go", "package errors"),
        ("internal/abi/a.go", "package abi"),
        ("internal/abi/a_amd64.go", "package abi\nconst Amd64 = 1"),
        ("internal/abi/a_generic.go", "//go:build !goexperiment.regabiargs && !amd64\n\npackage abi\nconst Amd64 = 0"),
        ("internal/goarch/g_amd64.go", "package goarch"),
        ("internal/goarch/g_arm64.go", "package goarch"),
        ("runtime/r.go", "package runtime\nimport \"internal/abi\""),
        ("embed/embed.go", "package embed"),
        ("builtin/b.go", "package builtin"),
        ("cmd/x/x.go", "package main"),
        ("vendor/golang.org/x/net/dns/d.go", "package dns"),
    ] {
        m.insert(format!("/go/src/{path}"), text);
    }
    m
}

fn loader(source: Memory, target: BuildTarget, overlay: Overlay) -> Loader {
    let goroot = GoRoot::at(&source, Path::new("/go")).unwrap();
    Loader::new(Config {
        source: Arc::new(source),
        goroot,
        target,
        tags: Vec::new(),
        overlay,
        host: [("host/kv".to_string(), "/$HOST/host/kv".into())].into(),
        mod_cache: Some("/cache".into()),
        threads: 2,
    })
}

fn request(patterns: &[&str]) -> Request {
    Request { dir: "/w".into(), patterns: patterns.iter().map(|p| (*p).into()).collect(), ..Request::default() }
}

/// Loads `patterns` in /w with these files; returns the paths in order and the messages.
fn load(files: &[(&str, &str)], patterns: &[&str]) -> (Vec<String>, Vec<String>) {
    let mut m = go();
    files.iter().for_each(|(path, text)| m.insert(path, *text));
    let loader = loader(m, BuildTarget::Itab, Overlay::empty());
    let loaded = loader.load(&request(patterns));
    (paths(&loaded), messages(&loader, &loaded))
}

fn paths(loaded: &Loaded) -> Vec<String> {
    loaded.packages.iter().map(|p| p.path.to_string()).collect()
}

fn messages(loader: &Loader, loaded: &Loaded) -> Vec<String> {
    loaded.diagnostics().iter().map(|d| d.render(loader.files())).collect()
}

const MOD: (&str, &str) = ("/w/go.mod", "module example.com/m\ngo 1.25\n");

#[test]
fn dependencies_come_first() {
    let (paths, wrong) = load(
        &[
            MOD,
            ("/w/main.go", "package main\nimport (\"fmt\"; \"example.com/m/a\"; \"unsafe\")"),
            ("/w/a/a.go", "package a\nimport \"example.com/m/b\""),
            ("/w/b/b.go", "package b"),
        ],
        &["."],
    );
    assert_eq!(wrong, [""; 0]);
    assert_eq!(
        paths,
        [
            "example.com/m/b",
            "example.com/m/a",
            "errors",
            "internal/abi",
            "vendor/golang.org/x/net/dns",
            "fmt",
            "example.com/m"
        ]
    );
}

#[test]
fn wildcards() {
    let files = [
        MOD,
        ("/w/a/a.go", "package a"),
        ("/w/a/testdata/t.go", "package broken ("),
        ("/w/b/b_windows.go", "package b"),
        ("/w/_c/c.go", "package c"),
        ("/w/n/go.mod", "module n"),
        ("/w/n/n.go", "package n"),
        ("/w/d/e/e.go", "package e"),
    ];
    assert_eq!(load(&files, &["./..."]).0, ["example.com/m/a", "example.com/m/d/e"]);
    assert_eq!(load(&files, &["example.com/m/d/..."]).0, ["example.com/m/d/e"]);
    let (std, wrong) = load(&files, &["std"]);
    assert_eq!(wrong, [""; 0]);
    assert_eq!(std.len(), 7, "{std:?}");
    assert!(!std.iter().any(|p| p == "builtin" || p.starts_with("cmd")));
}

#[test]
fn targets_choose_files_by_package() {
    let names = |target, path: &str| -> Vec<String> {
        let loader = loader(go(), target, Overlay::empty());
        let loaded = loader.load(&request(&[path]));
        let files = &loaded.get(path).unwrap().files;
        files.iter().map(|f| f.path.file_name().unwrap().to_str().unwrap().into()).collect()
    };
    assert_eq!(names(BuildTarget::Itab, "internal/abi"), ["a.go", "a_generic.go"]);
    assert_eq!(names(BuildTarget::Itab, "internal/goarch").len(), 1);
    if cfg!(target_arch = "x86_64") {
        assert_eq!(names(BuildTarget::Host, "internal/abi"), ["a.go", "a_amd64.go"]);
    }
}

#[test]
fn overlays_replace_and_add() {
    let mut overlay = Overlay::empty();
    overlay.add("runtime", "ours.go", "package runtime\nimport \"errors\"");
    overlay.replace("runtime");
    overlay.add("internal/abi", "more.go", "package abi\nconst Amd64 = 2");
    let loader = loader(go(), BuildTarget::Itab, overlay);
    let loaded = loader.load(&request(&["runtime", "internal/abi"]));
    assert_eq!(paths(&loaded), ["errors", "runtime", "internal/abi"]);
    let abi = &loaded.packages[2].files;
    assert_eq!(abi.iter().map(|f| f.overlay).collect::<Vec<_>>(), [false, false, true]);
    let decls: Vec<_> = abi.iter().map(|f| f.file.decls.len()).collect();
    assert_eq!(decls, [0, 0, 1], "the overlay's Amd64 counts");
    // The second load finds them where the first left them.
    let again = loader.load(&request(&["runtime"]));
    assert!(Arc::ptr_eq(again.get("runtime").unwrap(), loaded.get("runtime").unwrap()));
}

#[test]
fn bodies_are_parsed_where_asked() {
    let mut m = go();
    m.insert("/w/go.mod", MOD.1);
    m.insert("/w/main.go", "package main\nimport \"fmt\"\nfunc main() { fmt.Println() }");
    let loader = loader(m, BuildTarget::Itab, Overlay::empty());
    let loaded = loader.load(&Request { depth: Depth::Bodies, ..request(&["."]) });
    let has = |path: &str| loaded.get(path).unwrap().files[0].file.bodies[0].is_some();
    assert!(has("example.com/m") && !has("fmt"));
}

#[test]
fn tests_of_a_package() {
    let mut m = go();
    for (path, text) in [
        MOD,
        ("/w/a.go", "package a"),
        ("/w/a_test.go", "package a\nimport \"errors\""),
        ("/w/x_test.go", "package a_test\nimport \"example.com/m\""),
    ] {
        m.insert(path, text);
    }
    let loader = loader(m, BuildTarget::Itab, Overlay::empty());
    let loaded = loader.load(&Request { tests: true, ..request(&["."]) });
    assert_eq!(messages(&loader, &loaded), [""; 0]);
    assert_eq!(paths(&loaded), ["errors", "example.com/m", "example.com/m_test"]);
    let kinds: Vec<PackageKind> = loaded.packages.iter().map(|p| p.kind).collect();
    assert_eq!(kinds[1..], [PackageKind::WithTests, PackageKind::ExternalTest]);
    assert_eq!(loaded.packages[1].files.len(), 2);
}

#[test]
fn modules_replaced_required_and_vendored() {
    let main = ("/w/main.go", "package main\nimport (\"example.com/a/p\"; \"example.com/B\")");
    let (paths, wrong) = load(
        &[
            (
                "/w/go.mod",
                "module m\ngo 1.25\nrequire (\n\texample.com/a v1.0.0\n\texample.com/B v1.2.0\n)\n\
                 replace example.com/a => ../a\n",
            ),
            main,
            ("/a/go.mod", "module example.com/a\ngo 1.20\n"),
            ("/a/p/p.go", "package p"),
            ("/cache/example.com/!b@v1.2.0/b.go", "package b"),
        ],
        &["."],
    );
    assert_eq!(wrong, [""; 0]);
    assert_eq!(paths, ["example.com/B", "example.com/a/p", "m"]);
    let (paths, wrong) = load(
        &[
            ("/w/go.mod", "module m\ngo 1.25\nrequire example.com/a v1.0.0\nrequire example.com/B v1.2.0\n"),
            main,
            ("/w/vendor/modules.txt", "# example.com/a v1.0.0\n## explicit; go 1.21\nexample.com/a/p\n"),
            ("/w/vendor/example.com/a/p/p.go", "package p"),
            ("/w/vendor/example.com/B/b.go", "package b"),
        ],
        &["."],
    );
    assert_eq!(wrong, [""; 0]);
    assert_eq!(paths, ["example.com/B", "example.com/a/p", "m"]);
}

#[test]
fn workspaces() {
    let (paths, wrong) = load(
        &[
            ("/w/go.work", "go 1.25\nuse (\n\t./x\n\t./y\n)\n"),
            ("/w/x/go.mod", "module example.com/x\ngo 1.25\n"),
            ("/w/x/x.go", "package x\nimport \"example.com/y\""),
            ("/w/y/go.mod", "module example.com/y\ngo 1.24\n"),
            ("/w/y/y.go", "package y"),
        ],
        &["./x"],
    );
    assert_eq!(wrong, [""; 0]);
    assert_eq!(paths, ["example.com/y", "example.com/x"]);
}

#[test]
fn versions_of_files() {
    let mut m = go();
    m.insert("/w/go.mod", MOD.1);
    m.insert("/w/a.go", "package a");
    m.insert("/w/b.go", "//go:build go1.22\n\npackage a");
    m.insert("/w/c.go", "//go:build go1.27\n\npackage a");
    let loader = loader(m, BuildTarget::Itab, Overlay::empty());
    let loaded = loader.load(&request(&["."]));
    let versions: Vec<GoVersion> = loaded.packages[0].files.iter().map(|f| f.go).collect();
    assert_eq!(versions, [GoVersion(25), GoVersion(22), GoVersion(27)]);
}

#[test]
fn files_on_the_command_line() {
    let files = [
        ("/w/a.go", "//go:build ignore\n\npackage main\nimport \"errors\""),
        ("/w/b.go", "package main\nimport \"foo\"\nimport \"github.com/x/y\""),
    ];
    assert_eq!(load(&files, &["a.go"]), (vec!["errors".into(), "command-line-arguments".into()], vec![]));
    let (_, wrong) = load(&files, &["b.go"]);
    assert_eq!(wrong[0], "./b.go:2:8: package foo is not in std (/go/src/foo)");
    assert!(
        wrong[1].starts_with("./b.go:3:8: no required module provides package github.com/x/y: go.mod file not found")
    );
}

#[test]
fn embedded_files() {
    let mut m = go();
    m.insert("/w/go.mod", MOD.1);
    m.insert(
        "/w/a.go",
        "package a\nimport _ \"embed\"\n//go:embed t/*.txt \"b.bin\"\nvar x string\n//go:embed nope\nvar y string\n",
    );
    m.insert("/w/t/1.txt", "");
    m.insert("/w/b.bin", "");
    let loader = loader(m, BuildTarget::Itab, Overlay::empty());
    let loaded = loader.load(&request(&["."]));
    assert_eq!(messages(&loader, &loaded), ["./a.go:5:12: pattern nope: no matching files found"]);
    let embeds = &loaded.get("example.com/m").unwrap().embeds.files;
    assert_eq!(embeds["t/*.txt"], ["t/1.txt"]);
    assert_eq!(embeds["b.bin"], ["b.bin"]);
}

/// The messages that go prints (found out with the go command).
#[test]
fn what_goes_wrong() {
    let a = |imports: &str| format!("package a\n{imports}");
    for (imports, want) in [
        (
            "import \"example.com/m/nosuch\"",
            "no required module provides package example.com/m/nosuch; to add it:\n\tgo get example.com/m/nosuch",
        ),
        ("import \"foo/bar\"", "package foo/bar is not in std (/go/src/foo/bar)"),
        ("import \"internal/abi\"", "use of internal package internal/abi not allowed"),
        ("import \"example.com/m/prog\"", "import \"example.com/m/prog\" is a program, not an importable package"),
        ("import \"example.com/m/multi\"", "found packages c (c.go) and d (d.go) in /w/multi"),
        ("import \"example.com/m/none\"", "build constraints exclude all Go files in /w/none"),
        ("import \"./rel\"", "\"./rel\" is relative, but relative import paths are not supported in module mode"),
        (
            "import \"golang.org/x/net/dns\"",
            "no required module provides package golang.org/x/net/dns; to add it:\n\tgo get golang.org/x/net/dns",
        ),
        ("import \"a b\"", "malformed import path \"a b\": invalid char ' '"),
        ("import \"example.com/m/k/internal/z\"", "use of internal package example.com/m/k/internal/z not allowed"),
    ] {
        let text = a(imports);
        let files = [
            MOD,
            ("/w/a/a.go", &text[..]),
            ("/w/prog/p.go", "package main"),
            ("/w/multi/c.go", "package c"),
            ("/w/multi/d.go", "package d"),
            ("/w/none/n.go", "//go:build ignore\n\npackage n"),
            ("/w/k/internal/z/z.go", "package z"),
        ];
        let (_, wrong) = load(&files, &["./a"]);
        assert_eq!(wrong, [format!("a/a.go:2:8: {want}")]);
    }
    assert_eq!(load(&[MOD], &["./nosuch"]).1, ["stat /w/nosuch: directory not found"]);
    assert_eq!(load(&[MOD, ("/w/e/x.txt", "")], &["./e"]).1, ["no Go files in /w/e"]);
    assert_eq!(load(&[MOD], &["fmtt"]).1, ["package fmtt is not in std (/go/src/fmtt)"]);
    let newer = ("/w/go.mod", "module m\ngo 1.28\n");
    assert_eq!(load(&[newer, ("/w/a.go", "package a")], &["."]).1, ["go.mod requires go >= 1.28 (running go1.27)"]);
}

#[test]
fn import_cycles() {
    let (_, wrong) = load(
        &[
            MOD,
            ("/w/a/a.go", "package a\nimport \"example.com/m/b\""),
            ("/w/b/b.go", "package b\nimport \"example.com/m/a\""),
        ],
        &["./a"],
    );
    let want = "package example.com/m/a\n\timports example.com/m/b from a.go\n\timports example.com/m/a from b.go: \
                import cycle not allowed";
    assert_eq!(wrong, [want]);
}

#[test]
fn syntax_errors_are_the_packages() {
    let (paths, wrong) = load(&[MOD, ("/w/a/a.go", "package a\nfunc f( {")], &["./a"]);
    assert_eq!(paths, ["example.com/m/a"]);
    assert_eq!(wrong, ["a/a.go:2:9: syntax error: unexpected {, expected )"]);
}

#[test]
fn packages_of_the_host_come_before_those_of_modules() {
    let kv = ("/$HOST/host/kv/kv.go", "package kv\nfunc Get() int");
    let main = ("/w/main.go", "package main\nimport \"host/kv\"");
    let module = ("/w/go.mod", "module host\ngo 1.25\n");
    let other = ("/w/kv/kv.go", "package other");
    for files in [&[kv, main][..], &[kv, main, module, other], &[kv, main, MOD]] {
        let mut m = go();
        files.iter().for_each(|(path, text)| m.insert(path, *text));
        let loader = loader(m, BuildTarget::Itab, Overlay::empty());
        let loaded = loader.load(&request(&["main.go"]));
        assert_eq!(messages(&loader, &loaded), [""; 0]);
        let of_host: Vec<_> = loaded.packages.iter().filter(|p| p.of_host).map(|p| (&*p.path, p.dir.clone())).collect();
        assert_eq!(of_host, [("host/kv", "/$HOST/host/kv".into())]);
    }
    let (_, wrong) = load(&[MOD, ("/w/main.go", "package main\nimport \"host/log\"")], &["main.go"]);
    assert!(wrong[0].contains("package host/log is not in std"), "{wrong:?}");
}
