//! Running other programs: with an error that names the command when it fails, and with a time limit and captured
//! output.

use std::ffi::OsStr;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::mpsc;
use std::time::Duration;

/// What goes wrong, told to the developer.
pub type Result<T> = std::result::Result<T, String>;

/// The workspace's root.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("xtask lies in the workspace").to_path_buf()
}

/// The workspace's `target` folder.
pub fn target() -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), PathBuf::from)
}

/// Runs a command to its end, its output being ours.
pub fn ok(cmd: &mut Command) -> Result<()> {
    let status = cmd.status().map_err(|e| format!("{cmd:?}: {e}"))?;
    if status.success() { Ok(()) } else { Err(format!("{cmd:?}: {status}")) }
}

/// `cargo NAME fixed... args...` in the workspace. Tests and examples find Go's source.
pub fn cargo(name: &str, fixed: &[&str], args: &[String]) -> Result<()> {
    let mut cargo = Command::new(env!("CARGO"));
    ok(cargo.arg(name).args(fixed).args(args).current_dir(root()).env("GOROOT", crate::setup::goroot()))
}

/// The release build of the `itab` command.
pub fn itab_binary() -> Result<PathBuf> {
    cargo("build", &["--release", "-q", "-p", "itab-cli"], &[])?;
    Ok(target().join("release/itab"))
}

/// The `itab` command that is tested, and what runs it where it is for another processor.
pub struct Tested {
    /// A command with its arguments; empty: none.
    pub runner: Vec<&'static str>,
    /// The command.
    pub itab: PathBuf,
}

impl Tested {
    /// The release build for this machine.
    pub fn here() -> Result<Tested> {
        Ok(Tested { runner: vec![], itab: itab_binary()? })
    }

    /// A command that runs it.
    pub fn command(&self) -> Command {
        let mut words = self.runner.iter().map(OsStr::new).chain([self.itab.as_os_str()]);
        let mut cmd = Command::new(words.next().expect("at least itself"));
        cmd.args(words);
        cmd
    }
}

/// A command that runs the Go toolchain of [`crate::setup`], cut off from the network and from user settings.
pub fn go() -> Command {
    let goroot = crate::setup::goroot();
    let mut cmd = Command::new(goroot.join("bin/go"));
    cmd.env("GOROOT", &goroot)
        .env("GOTOOLCHAIN", "local")
        .env("GOPROXY", "off")
        .env("GOFLAGS", "")
        .env("GO111MODULE", "on")
        .env("CGO_ENABLED", "0");
    cmd
}

/// How a captured run ended.
pub struct Output {
    /// Exit code; none when a signal or the time limit ended it.
    pub code: Option<i32>,
    /// Standard output and standard error in the order in which they were written.
    pub text: Vec<u8>,
    /// Whether the time limit ended it.
    pub timed_out: bool,
}

/// Runs a command with both outputs into one pipe and a time limit.
pub fn capture(cmd: &mut Command, limit: Duration) -> Result<Output> {
    capture_with(cmd, Stdio::null(), limit)
}

/// The same with a standard input.
pub fn capture_with(cmd: &mut Command, stdin: Stdio, limit: Duration) -> Result<Output> {
    let (mut reader, writer) = std::io::pipe().map_err(|e| e.to_string())?;
    let err = writer.try_clone().map_err(|e| e.to_string())?;
    // Nothing of ours is kept in the user's cache.
    cmd.env("ITABCACHE", "off");
    let mut child = cmd.stdin(stdin).stdout(writer).stderr(err).spawn().map_err(|e| format!("{cmd:?}: {e}"))?;
    // The command holds copies of the pipe's write end; the reader sees its end only once they are closed.
    cmd.stdout(Stdio::null()).stderr(Stdio::null());
    let (tx, rx) = mpsc::channel();
    std::thread::spawn(move || {
        let mut text = vec![];
        let _ = reader.read_to_end(&mut text);
        let _ = tx.send(text);
    });
    let text = rx.recv_timeout(limit);
    if text.is_err() {
        let _ = child.kill();
    }
    let status = child.wait().map_err(|e| e.to_string())?;
    let timed_out = text.is_err();
    let text = text.or_else(|_| rx.recv_timeout(Duration::from_secs(1))).unwrap_or_default();
    Ok(Output { code: if timed_out { None } else { status.code() }, text, timed_out })
}
