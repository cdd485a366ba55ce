//! The commands as users give them: arguments, streams, exit codes, signals, modules, the cache, help.

use std::fs;
use std::io::Write;
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

/// A folder of its own, the cache in it.
struct TestDir(PathBuf);

impl TestDir {
    fn new(name: &str, files: &[(&str, &str)]) -> TestDir {
        let dir = std::env::temp_dir().join(format!("itab-cli-{}-{name}", std::process::id()));
        let _ = fs::remove_dir_all(&dir);
        let place = TestDir(dir);
        files.iter().for_each(|(name, text)| place.write(name, text));
        place
    }

    fn write(&self, name: &str, text: &str) {
        let path = self.0.join("src").join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    fn itab(&self, args: &[&str]) -> Command {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().and_then(Path::parent).unwrap();
        let mut cmd = Command::new(env!("CARGO_BIN_EXE_itab"));
        cmd.args(args).current_dir(self.0.join("src")).env("ITABCACHE", self.0.join("cache"));
        cmd.env("GOROOT", std::env::var_os("GOROOT").unwrap_or_else(|| root.join("target/goroot").into()));
        cmd
    }

    fn run(&self, args: &[&str]) -> Output {
        self.itab(args).output().unwrap()
    }

    /// Standard output and error, and the exit code.
    fn said(&self, args: &[&str]) -> (String, Option<i32>) {
        let out = self.run(args);
        (format!("{}{}", text(&out.stdout), text(&out.stderr)), out.status.code())
    }
}

impl Drop for TestDir {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

const ECHO: &str = r#"package main

import (
	"bufio"
	"fmt"
	"os"
)

func main() {
	for _, a := range os.Args[1:] {
		fmt.Printf("%q ", a)
	}
	fmt.Println()
	in := bufio.NewScanner(os.Stdin)
	for in.Scan() {
		fmt.Fprintln(os.Stderr, "read", in.Text())
	}
	if len(os.Args) > 2 && os.Args[1] == "exit" {
		defer fmt.Println("not reached")
		os.Exit(len(os.Args))
	}
}
"#;

#[test]
fn arguments_streams_and_exit_codes_pass_through() {
    let place = TestDir::new("echo", &[("main.go", ECHO)]);
    // Twice: compiled, and from the cache.
    for _ in 0..2 {
        assert_eq!(place.said(&["run", "main.go"]), ("\n".into(), Some(0)));
        assert_eq!(
            place.said(&["run", "main.go", "a b", "--x=1", "-v"]),
            ("\"a b\" \"--x=1\" \"-v\" \n".into(), Some(0))
        );
        assert_eq!(place.said(&["run", "main.go", "--", "b.go", "--"]), ("\"b.go\" \"--\" \n".into(), Some(0)));
        assert_eq!(place.said(&["run", ".", "exit", "now"]), ("\"exit\" \"now\" \n".into(), Some(3)));
        let mut child = place.itab(&["run", "main.go"]);
        let mut child = child.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        child.stdin.take().unwrap().write_all(b"one\ntwo\n").unwrap();
        let out = child.wait_with_output().unwrap();
        assert_eq!((text(&out.stdout), text(&out.stderr)), ("\n".into(), "read one\nread two\n".into()));
    }
}

#[test]
fn a_panic_is_told_and_gives_two() {
    let place = TestDir::new("panic", &[("main.go", "package main\n\nfunc main() { panic(\"so\") }\n")]);
    for _ in 0..2 {
        let (said, code) = place.said(&["run", "main.go"]);
        assert!(said.starts_with("panic: so\n\ngoroutine 1 [running]:\nmain.main()\n\t./main.go:3"), "{said}");
        assert_eq!(code, Some(2));
    }
}

#[test]
fn signals_reach_the_program() {
    let source = r#"package main

import (
	"fmt"
	"os"
	"os/signal"
	"syscall"
	"time"
)

func main() {
	if len(os.Args) > 1 {
		c := make(chan os.Signal, 1)
		signal.Notify(c, syscall.SIGTERM)
		fmt.Println("ready")
		fmt.Println("got", <-c)
		os.Exit(7)
	}
	fmt.Println("ready")
	time.Sleep(time.Minute)
}
"#;
    let place = TestDir::new("signals", &[("main.go", source)]);
    for (args, code, signal) in
        [(&["run", "main.go", "wait"][..], Some(7), None), (&["run", "main.go"][..], None, Some(15))]
    {
        let mut child = place.itab(args).stdout(Stdio::piped()).spawn().unwrap();
        let mut out = std::io::BufReader::new(child.stdout.take().unwrap());
        let mut line = String::new();
        std::io::BufRead::read_line(&mut out, &mut line).unwrap();
        assert_eq!(line, "ready\n");
        assert!(Command::new("kill").args(["-TERM", &child.id().to_string()]).status().unwrap().success());
        let status = child.wait().unwrap();
        assert_eq!((status.code(), status.signal()), (code, signal));
    }
}

#[test]
fn packages_of_a_module_run() {
    let place = TestDir::new(
        "module",
        &[
            ("go.mod", "module example.com/m\n\ngo 1.27\n"),
            (
                "cmd/x/main.go",
                "package main\n\nimport \"example.com/m/p\"\n\nfunc main() { println(p.N(), helper()) }\n",
            ),
            ("cmd/x/helper.go", "package main\n\nfunc helper() string { return \"helped\" }\n"),
            ("p/p.go", "package p\n\nvar n = 1\n\nfunc N() int { return n }\n"),
        ],
    );
    for _ in 0..2 {
        assert_eq!(place.said(&["run", "./cmd/x"]), ("1 helped\n".into(), Some(0)));
        assert_eq!(place.said(&["run", "example.com/m/cmd/x", "-v"]), ("1 helped\n".into(), Some(0)));
    }
    // A new file of a package that is imported counts, and so does its going.
    place.write("p/q.go", "package p\n\nfunc init() { n = 40 }\n");
    assert_eq!(place.said(&["run", "./cmd/x"]), ("40 helped\n".into(), Some(0)));
    fs::remove_file(place.0.join("src/p/q.go")).unwrap();
    assert_eq!(place.said(&["run", "./cmd/x"]), ("1 helped\n".into(), Some(0)));
    let (said, code) = place.said(&["run", "./p"]);
    assert_eq!((&said[..], code), ("itab: ./p is not a main package\n", Some(1)));
    let (said, code) = place.said(&["run", "./nowhere"]);
    assert!(said.contains("nowhere") && code != Some(0), "{said}");
}

#[test]
fn different_runs_share_one_entry() {
    let source = r#"package main

import (
	"encoding/json"
	"fmt"
	"os"
	"sort"
	"strings"
)

func main() {
	for _, a := range os.Args[1:] {
		switch a {
		case "json":
			b, err := json.Marshal(map[string]any{"a": []int{1}, "b": nil})
			fmt.Println(string(b), err)
		case "sort":
			x := []string{"c", "a", "b"}
			sort.Slice(x, func(i, j int) bool { return x[i] < x[j] })
			fmt.Println(strings.Join(x, "+"))
		case "error":
			_, err := os.Open("none")
			fmt.Printf("%v %T\n", err, err)
		}
	}
}
"#;
    let place = TestDir::new("shared", &[("main.go", source)]);
    let (json, sort, error) =
        ("{\"a\":[1],\"b\":null} <nil>\n", "a+b+c\n", "open none: no such file or directory *fs.PathError\n");
    for _ in 0..2 {
        assert_eq!(place.said(&["run", "main.go"]).0, "");
        assert_eq!(place.said(&["run", "main.go", "json"]).0, json);
        assert_eq!(place.said(&["run", "main.go", "sort"]).0, sort);
        assert_eq!(place.said(&["run", "main.go", "error", "sort"]).0, format!("{error}{sort}"));
        assert_eq!(place.said(&["run", "--no-cache", "main.go", "json"]).0, json);
    }
    assert_eq!(fs::read_dir(place.0.join("cache")).unwrap().count(), 1);
    let before = fs::metadata(place.0.join("cache")).unwrap().modified().unwrap();
    place.write("other.go", "package main\n\nfunc main() { println(1) }\n");
    let out = place.itab(&["run", "other.go"]).env("ITABCACHE", "off").output().unwrap();
    assert_eq!(text(&out.stderr), "1\n");
    assert_eq!(fs::metadata(place.0.join("cache")).unwrap().modified().unwrap(), before, "nothing was written");
}

#[test]
fn tests_run_through_a_command() {
    let test = r#"package p

import (
	"os"
	"testing"
)

func TestRunner(t *testing.T) {
	if got := os.Getenv("RUNNER"); got != "seen" {
		t.Fatalf("RUNNER is %q", got)
	}
}
"#;
    let place = TestDir::new("exec", &[("go.mod", "module example.com/m\n\ngo 1.27\n"), ("p_test.go", test)]);
    let (said, code) = place.said(&["test", "-exec", "env RUNNER=seen"]);
    assert!(said.ends_with("s\n") && said.contains("ok  \texample.com/m") && code == Some(0), "{said}");
    let (said, code) = place.said(&["test", "-exec=env RUNNER=other"]);
    assert!(said.contains("RUNNER is \"other\"") && code == Some(1), "{said}");
}

#[test]
fn without_go_it_is_said_how_to_get_it() {
    let place =
        TestDir::new("no-go", &[("main.go", "package main\n\nimport \"fmt\"\n\nfunc main() { fmt.Println(1) }\n")]);
    let mut cmd = place.itab(&["run", "main.go"]);
    cmd.env_remove("GOROOT").env("PATH", "").env("HOME", place.0.join("home")).env_remove("XDG_DATA_HOME");
    let out = cmd.output().unwrap();
    let said = text(&out.stderr);
    // An installed Go may be in one of the usual places, or one is packed in.
    if !out.status.success() {
        assert!(said.contains("`itab setup`") && said.contains("set GOROOT"), "{said}");
        assert_eq!(out.status.code(), Some(2));
    }
}

#[test]
fn help_teaches() {
    let place = TestDir::new("help", &[("x.go", "")]);
    for args in [&["--help"][..], &["run", "--help"], &["check", "--help"], &["dump", "--help"], &["setup", "--help"]] {
        let (said, code) = place.said(args);
        assert!(said.contains("Examples:\n  itab "), "{said}");
        assert_eq!(code, Some(0));
    }
    let (said, code) = place.said(&["licenses"]);
    assert!(said.contains("itab is licensed under MIT or Apache-2.0") && said.contains("cranelift-codegen"), "{said}");
    assert_eq!(code, Some(0));
}

/// What `itab bisect` is to find: a pass that is wrong, switched on in one function, and no more than that.
#[cfg(debug_assertions)]
#[test]
fn a_wrong_pass_and_the_function_that_it_miscompiles_are_found() {
    let main = "package main\n\n\
        func less(a, b int) int { return a - b }\n\n\
        func more(a, b int) int { return a + b }\n\n\
        func main() {\n\tfor i := range 5 {\n\t\tprintln(less(i, 2), more(i, 2))\n\t}\n}\n";
    let place = TestDir::new("bisect", &[("main.go", main)]);
    let bisect = |passes: &str, args: &[&str]| {
        let out = place.itab(args).env("ITABPASSES", passes).output().unwrap();
        (text(&out.stdout), text(&out.stderr), out.status.code())
    };
    let (said, runs, code) = bisect("+wrong@main.less", &["bisect", "main.go"]);
    assert_eq!(code, Some(0), "{said}{runs}");
    assert!(said.starts_with("the pass wrong in main.less\n"), "{said}");
    assert!(said.contains("the program is right with ITABPASSES='-wrong@main.less'"), "{said}");
    assert!(runs.contains("wrong ITABPASSES=''") && runs.contains("right ITABPASSES='none'"), "{runs}");
    // The bits of hashes are what tells the function from the hundreds of package runtime.
    assert!(runs.lines().filter(|l| l.contains("-wrong@hash!=")).count() > 5, "{runs}");
    // A program that is right, and one that does not do what is wanted whatever the passes do.
    let (_, runs, code) = bisect("", &["bisect", "main.go"]);
    assert!(code == Some(2) && runs.contains("nothing to find"), "{runs}");
    place.write("want.txt", "42\n");
    let (_, runs, code) = bisect("", &["bisect", "--expect=want.txt", "main.go"]);
    assert!(code == Some(2) && runs.contains("all passes off"), "{runs}");
}

/// Code that was compiled under other switches is not taken from the cache.
#[cfg(debug_assertions)]
#[test]
fn each_set_of_switches_has_its_own_place_in_the_cache() {
    let main = "package main\n\nfunc less(a, b int) int { return a - b }\n\nfunc main() { println(less(5, 3)) }\n";
    let place = TestDir::new("switches", &[("main.go", main)]);
    for (passes, want) in [("", "2\n"), ("+wrong@main.less", "-2\n"), ("", "2\n"), ("+wrong@main.less", "-2\n")] {
        let out = place.itab(&["run", "main.go"]).env("ITABPASSES", passes).output().unwrap();
        assert_eq!(text(&out.stderr), want, "{passes}");
    }
    assert_eq!(fs::read_dir(place.0.join("cache")).unwrap().count(), 2);
}

#[test]
fn stubs_are_unpacked() {
    let archive = "-- host/go.mod --\nmodule host\n-- host/kv/kv.go --\npackage kv\n";
    let place = TestDir::new("stubs", &[("host.txtar", archive), ("wrong.txtar", "-- ../kv.go --\npackage kv\n")]);
    assert_eq!(place.said(&["stubs", "host.txtar", "-o", "out"]), (String::new(), Some(0)));
    let read = |name: &str| fs::read_to_string(place.0.join("src/out/host").join(name)).unwrap();
    assert_eq!((read("go.mod").as_str(), read("kv/kv.go").as_str()), ("module host\n", "package kv\n"));
    for wrong in ["wrong.txtar", "none.txtar"] {
        let (said, code) = place.said(&["stubs", wrong]);
        assert!(said.starts_with("itab: ") && code == Some(2), "{said}");
    }
    assert!(!place.0.join("kv.go").exists());
}
