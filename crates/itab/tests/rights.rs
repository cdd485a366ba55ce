//! Rights, each alone: programs that use what was granted, and programs that reach for more. What is refused is a permission
//! error in Go, and nothing else happens.

mod common;

use common::program;
use itab::{Descriptor, IsolateOptions, Program};
use std::fs;
use std::io::{self, Write};
use std::net::TcpListener;
use std::os::unix::fs::symlink;
use std::path::PathBuf;
use std::sync::{Arc, LazyLock, Mutex};

/// What a program prints.
#[derive(Clone, Default)]
struct Output(Arc<Mutex<Vec<u8>>>);

impl Write for Output {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Runs main with arguments; what it prints.
fn run(program: &Program, options: IsolateOptions, args: &[&str]) -> String {
    let output = Output::default();
    let writer = || Descriptor::Writer(Box::new(output.clone()));
    let stdio = [Descriptor::Reader(Box::new(io::empty())), writer(), writer()];
    let args = ["program"].iter().chain(args).map(|a| a.to_string());
    let done = program.isolate_with(options.stdio(stdio).args(args)).and_then(|mut isolate| isolate.run_main());
    let mut text = String::from_utf8(output.0.lock().unwrap().clone()).unwrap();
    if let Err(e) = done {
        text += &format!("{e}\n");
    }
    text
}

/// A folder of a test's own.
struct Temp(PathBuf);

impl Temp {
    fn new(name: &str) -> Temp {
        let path = std::env::temp_dir().join(format!("itab-rights-{name}-{}", std::process::id()));
        let _ = fs::remove_dir_all(&path);
        fs::create_dir_all(&path).unwrap();
        Temp(path.canonicalize().unwrap())
    }

    fn at(&self, name: &str) -> String {
        self.0.join(name).to_str().unwrap().into()
    }

    fn folder(&self, name: &str) -> String {
        fs::create_dir_all(self.0.join(name)).unwrap();
        self.at(name)
    }

    fn file(&self, name: &str, text: &str) -> String {
        fs::write(self.0.join(name), text).unwrap();
        self.at(name)
    }
}

impl Drop for Temp {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// Does one thing to files, and says how it went: `ok` and what was seen, `refused`, or the error.
const FILES: &str = r#"
package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

func do(what string, a []string) (string, error) {
	switch what {
	case "read":
		text, err := os.ReadFile(a[0])
		return string(text), err
	case "write":
		return "", os.WriteFile(a[0], []byte(a[1]), 0o644)
	case "append":
		f, err := os.OpenFile(a[0], os.O_APPEND|os.O_RDWR, 0)
		if err != nil {
			return "", err
		}
		defer f.Close()
		_, err = f.WriteString(a[1])
		return "", err
	case "stat":
		info, err := os.Stat(a[0])
		if err != nil {
			return "", err
		}
		return fmt.Sprint(info.Size(), info.IsDir()), nil
	case "list":
		all, err := os.ReadDir(a[0])
		names := []string{}
		for _, e := range all {
			names = append(names, e.Name())
		}
		return strings.Join(names, " "), err
	case "walk":
		names := []string{}
		err := filepath.Walk(a[0], func(path string, info fs.FileInfo, err error) error {
			names = append(names, filepath.Base(path))
			return err
		})
		return strings.Join(names, " "), err
	case "mkdir":
		return "", os.MkdirAll(a[0], 0o755)
	case "remove":
		return "", os.Remove(a[0])
	case "removeall":
		return "", os.RemoveAll(a[0])
	case "rename":
		return "", os.Rename(a[0], a[1])
	case "link":
		return "", os.Link(a[0], a[1])
	case "symlink":
		return "", os.Symlink(a[0], a[1])
	case "readlink":
		return os.Readlink(a[0])
	case "chmod":
		return "", os.Chmod(a[0], 0o600)
	case "chtimes":
		return "", os.Chtimes(a[0], time.Unix(1, 0), time.Unix(1e9, 0))
	case "truncate":
		return "", os.Truncate(a[0], 2)
	case "chown":
		return "", os.Chown(a[0], 0, 0)
	case "chdir":
		if err := os.Chdir(a[0]); err != nil {
			return "", err
		}
		text, err := os.ReadFile(a[1])
		dir, _ := os.Getwd()
		return filepath.Base(dir) + " " + string(text), err
	case "root":
		root, err := os.OpenRoot(a[0])
		if err != nil {
			return "", err
		}
		text, err := root.ReadFile(a[1])
		return string(text), err
	case "openat":
		d, err := os.Open(a[0])
		if err != nil {
			return "", err
		}
		fd, err := syscall.Openat(int(d.Fd()), a[1], syscall.O_RDONLY, 0)
		if err != nil {
			return "", err
		}
		buffer := make([]byte, 100)
		n, err := syscall.Read(fd, buffer)
		return string(buffer[:n]), err
	case "chroot":
		return "", syscall.Chroot(a[0])
	case "mount":
		return "", syscall.Mount(a[0], a[0], "tmpfs", 0, "")
	case "mknod":
		return "", syscall.Mknod(a[0], syscall.S_IFIFO, 0)
	case "null":
		f, err := os.OpenFile(os.DevNull, os.O_RDWR, 0)
		if err == nil {
			_, err = f.Write([]byte("gone"))
		}
		return "", err
	}
	return "", errors.New("what?")
}

func main() {
	text, err := do(os.Args[1], os.Args[2:])
	switch {
	case err == nil:
		fmt.Println(strings.TrimSpace("ok " + text))
	case errors.Is(err, fs.ErrPermission):
		fmt.Println("refused")
	default:
		fmt.Println(err)
	}
}
"#;

static FILES_PROGRAM: LazyLock<Program> = LazyLock::new(|| program(FILES));

fn files(options: IsolateOptions, args: &[&str]) -> String {
    run(&FILES_PROGRAM, options, args).trim_end().into()
}

#[test]
fn without_rights_there_are_no_files() {
    let temp = Temp::new("none");
    let file = temp.file("file", "text");
    let new = temp.at("new");
    let here = temp.at("");
    let none = |args: &[&str]| files(IsolateOptions::default(), args);
    for args in [
        &["read", &*file][..],
        &["read", "/etc/passwd"],
        &["read", "/proc/self/environ"],
        &["read", "Cargo.toml"],
        &["write", &new, "x"],
        &["write", &file, "x"],
        &["append", &file, "x"],
        &["stat", &file],
        &["list", &here],
        &["list", "."],
        &["mkdir", &new],
        &["remove", &file],
        &["removeall", &file],
        &["rename", &file, &new],
        &["link", &file, &new],
        &["symlink", &file, &new],
        &["readlink", &file],
        &["chmod", &file],
        &["chtimes", &file],
        &["truncate", &file],
        &["chown", &file],
        &["chdir", &here, "file"],
        &["root", &here, "file"],
        &["chroot", &here],
        &["mount", &here],
        &["mknod", &new],
    ] {
        assert_eq!(none(args), "refused", "{args:?}");
    }
    assert_eq!(fs::read_to_string(&file).unwrap(), "text");
    assert_eq!(fs::read_dir(&temp.0).unwrap().count(), 1);
    assert_eq!(none(&["null"]), "ok");
}

#[test]
fn reading_below_a_folder_reads_there_and_no_more() {
    let temp = Temp::new("read");
    let top = temp.folder("top");
    temp.folder("top/deep");
    let file = temp.file("top/file", "text");
    let outside = temp.file("outside", "secret");
    symlink("../outside", temp.at("top/up")).unwrap();
    symlink(&outside, temp.at("top/absolute")).unwrap();
    symlink("deep/../file", temp.at("top/good")).unwrap();
    symlink("../..", temp.at("top/deep/out")).unwrap();
    let read = |args: &[&str]| files(IsolateOptions::default().read_below(&top), args);
    let at = |name: &str| format!("{top}/{name}");
    for (args, says) in [
        (&["read", &*file][..], "ok text"),
        (&["read", &at("deep/../file")], "ok text"),
        (&["read", &at("good")], "ok text"),
        (&["read", &at("none")], &format!("open {}: no such file or directory", at("none"))),
        (&["stat", &file], "ok 4 false"),
        (&["stat", &top], &format!("ok {} true", fs::metadata(&top).unwrap().len())),
        (&["list", &top], "ok absolute deep file good up"),
        (&["walk", &top], "ok top absolute deep out file good up"),
        (&["readlink", &at("up")], "ok ../outside"),
        (&["chdir", &top, "good"], "ok top text"),
        (&["root", &top, "deep/../good"], "ok text"),
        (&["openat", &top, "file"], "ok text"),
        (&["openat", &top, "../outside"], "refused"),
        (&["openat", &at("deep"), "../file"], "refused"),
        (&["read", &outside], "refused"),
        (&["read", &at("../outside")], "refused"),
        (&["read", &at("up")], "refused"),
        (&["stat", &at("up")], "refused"),
        (&["read", &at("absolute")], "refused"),
        (&["read", &at("deep/out/outside")], "refused"),
        (&["list", &at("deep/out")], "refused"),
        (&["write", &file, "x"], "refused"),
        (&["append", &file, "x"], "refused"),
        (&["remove", &file], "refused"),
        (&["rename", &file, &at("new")], "refused"),
        (&["link", &file, &at("new")], "refused"),
        (&["chmod", &file], "refused"),
        (&["truncate", &file], "refused"),
        (&["mkdir", &at("new")], "refused"),
    ] {
        assert_eq!(read(args), says, "{args:?}");
    }
    assert_eq!(fs::read_to_string(&file).unwrap(), "text");
    assert_eq!(fs::read_dir(&top).unwrap().count(), 5);
}

#[test]
fn writing_below_a_folder_writes_there_and_does_not_read() {
    let temp = Temp::new("write");
    let top = temp.folder("top");
    let outside = temp.file("outside", "secret");
    symlink("../outside", temp.at("top/up")).unwrap();
    let write = |args: &[&str]| files(IsolateOptions::default().write_below(&top), args);
    let at = |name: &str| format!("{top}/{name}");
    for (args, says) in [
        (&["write", &*at("file"), "text"][..], "ok"),
        (&["mkdir", &at("a/b/c")], "ok"),
        (&["rename", &at("file"), &at("a/b/file")], "ok"),
        (&["link", &at("a/b/file"), &at("hard")], "ok"),
        (&["chmod", &at("hard")], "ok"),
        (&["truncate", &at("hard")], "ok"),
        (&["chtimes", &at("hard")], "ok"),
        (&["stat", &at("hard")], "ok 2 false"),
        (&["symlink", "a/b/file", &at("soft")], "ok"),
        (&["symlink", "../../outside", &at("a/bad")], "refused"),
        (&["symlink", "/etc/passwd", &at("bad")], "refused"),
        (&["write", &at("up"), "x"], "refused"),
        (&["chmod", &at("up")], "refused"),
        (&["truncate", &at("up")], "refused"),
        (&["rename", &at("hard"), &outside], "refused"),
        (&["rename", &outside, &at("got")], "refused"),
        (&["link", &outside, &at("got")], "refused"),
        (&["link", &at("up"), &at("got")], "ok"),
        (&["write", &at("got"), "x"], "refused"),
        (&["remove", &at("got")], "ok"),
        (&["write", &outside, "x"], "refused"),
        (&["read", &at("hard")], "refused"),
        (&["append", &at("hard"), "x"], "refused"),
        (&["list", &top], "refused"),
        (&["chown", &at("hard")], "refused"),
        (&["mknod", &at("pipe")], "refused"),
        (&["remove", &at("soft")], "ok"),
        (&["remove", &at("up")], "ok"),
        (&["remove", &top], &format!("remove {top}: device or resource busy")),
    ] {
        assert_eq!(write(args), says, "{args:?}");
    }
    assert_eq!(fs::read_to_string(&outside).unwrap(), "secret");
    assert_eq!(fs::read_to_string(at("hard")).unwrap(), "te");
    let modified = fs::metadata(at("hard")).unwrap().modified().unwrap();
    assert_eq!(modified.duration_since(std::time::UNIX_EPOCH).unwrap().as_secs(), 1_000_000_000);
    let both = |args: &[&str]| files(IsolateOptions::default().write_below(&top).read_below(&top), args);
    assert_eq!(both(&["append", &at("hard"), "xt"]), "ok");
    assert_eq!(both(&["read", &at("hard")]), "ok text");
    assert_eq!(both(&["removeall", &at("a")]), "ok");
    assert_eq!(both(&["list", &top]), "ok hard");
}

/// A file that cannot be read does not come to where it can, nor one that cannot be changed to where it can.
#[test]
fn moving_a_file_gives_no_rights() {
    let temp = Temp::new("move");
    let (written, all, readable) = (temp.folder("written"), temp.folder("all"), temp.folder("readable"));
    let (secret, fixed) = (temp.file("written/secret", "secret"), temp.file("readable/fixed", "fixed"));
    let options = || {
        let options = IsolateOptions::default().write_below(&written).write_below(&all);
        options.read_below(&all).read_below(&readable)
    };
    let to = format!("{all}/got");
    assert_eq!(files(options(), &["rename", &secret, &to]), "refused");
    assert_eq!(files(options(), &["link", &secret, &to]), "refused");
    assert_eq!(files(options(), &["rename", &fixed, &to]), "refused");
    assert_eq!(files(options(), &["link", &fixed, &to]), "refused");
    assert_eq!(files(options(), &["write", &to, "x"]), "ok");
    assert_eq!(files(options(), &["rename", &to, &secret]), "ok", "what is lost is the program's own");
    assert_eq!(fs::read_dir(&all).unwrap().count(), 0);
}

/// A folder is what it was when it was granted.
#[test]
fn a_grant_is_of_the_folder_and_not_of_its_name() {
    let temp = Temp::new("grant");
    let top = temp.folder("top");
    temp.file("top/file", "old");
    let options = IsolateOptions::default().read_below(&top);
    fs::rename(&top, temp.at("moved")).unwrap();
    symlink("/etc", &top).unwrap();
    assert_eq!(files(options, &["read", &format!("{top}/file")]), "ok old");
    let options = IsolateOptions::default().read_below(temp.at("none"));
    let error = FILES_PROGRAM.isolate_with(options).err().unwrap().to_string();
    assert!(error.starts_with("read_below ") && error.contains("No such file"), "{error}");
}

const NET: &str = r#"
package main

import (
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"syscall"
	"time"
)

func do(what string, a []string) (string, error) {
	switch what {
	case "get":
		c, err := net.DialTimeout("tcp", a[0], 5*time.Second)
		if err != nil {
			return "", err
		}
		defer c.Close()
		text, err := io.ReadAll(c)
		return string(text), err
	case "udp":
		c, err := net.Dial("udp", a[0])
		if err != nil {
			return "", err
		}
		_, err = c.Write([]byte("x"))
		return "", err
	case "udpto":
		c, err := net.ListenPacket("udp", a[0])
		if err != nil {
			return "", err
		}
		to, _ := net.ResolveUDPAddr("udp", a[1])
		_, err = c.WriteTo([]byte("x"), to)
		return "", err
	case "unix":
		_, err := net.Dial("unix", a[0])
		return "", err
	case "serve":
		l, err := net.Listen("tcp", a[0])
		if err != nil {
			return "", err
		}
		go func() {
			c, err := l.Accept()
			if err == nil {
				c.Write([]byte("served"))
				c.Close()
			}
		}()
		if len(a) == 1 {
			return "", nil
		}
		c, err := net.Dial("tcp", l.Addr().String())
		if err != nil {
			return "", err
		}
		text, err := io.ReadAll(c)
		return string(text), err
	case "listenanyway":
		fd, err := syscall.Socket(syscall.AF_INET, syscall.SOCK_STREAM, 0)
		if err != nil {
			return "", err
		}
		if err := syscall.Bind(fd, &syscall.SockaddrInet4{}); err != nil {
			return "", err
		}
		return "", syscall.Listen(fd, 1)
	case "raw":
		_, err := syscall.Socket(syscall.AF_INET, syscall.SOCK_RAW, syscall.IPPROTO_ICMP)
		return "", err
	case "device":
		fd, err := syscall.Socket(syscall.AF_INET, syscall.SOCK_STREAM, 0)
		if err != nil {
			return "", err
		}
		return "", syscall.BindToDevice(fd, "lo")
	case "interfaces":
		_, err := net.Interfaces()
		return "", err
	case "lookup":
		all, err := net.LookupHost(a[0])
		return fmt.Sprint(len(all) > 0), err
	}
	return "", errors.New("what?")
}

func main() {
	text, err := do(os.Args[1], os.Args[2:])
	switch {
	case err == nil:
		fmt.Println("ok", text)
	case errors.Is(err, os.ErrPermission):
		fmt.Println("refused")
	default:
		fmt.Println(err)
	}
}
"#;

static NET_PROGRAM: LazyLock<Program> = LazyLock::new(|| program(NET));

fn net(options: IsolateOptions, args: &[&str]) -> String {
    run(&NET_PROGRAM, options, args).trim_end().into()
}

/// A server that answers `hello`; its port.
fn server() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let _ = stream.and_then(|mut s| s.write_all(b"hello"));
        }
    });
    port
}

#[test]
fn connections_go_where_they_were_granted() {
    let (port, other) = (server(), server());
    let (to, elsewhere) = (format!("127.0.0.1:{port}"), format!("127.0.0.1:{other}"));
    let none = IsolateOptions::default;
    for args in [
        &["get", &*to][..],
        &["udp", &to],
        &["udpto", "127.0.0.1:0", &to],
        &["unix", "/run/x"],
        &["serve", "127.0.0.1:0"],
        &["listenanyway"],
        &["raw"],
        &["interfaces"],
    ] {
        assert_eq!(net(none(), args), "refused", "{args:?}");
    }
    let granted = || IsolateOptions::default().connect_to(&to);
    assert_eq!(net(granted(), &["get", &to]), "ok hello");
    for args in [
        &["get", &*elsewhere][..],
        &["udp", &elsewhere],
        &["udpto", "127.0.0.1:0", &to],
        &["unix", "/run/x"],
        &["serve", "127.0.0.1:0"],
        &["listenanyway"],
        &["raw"],
        &["device"],
        &["get", "192.0.2.1:80"],
    ] {
        assert_eq!(net(granted(), args), "refused", "{args:?}");
    }
    assert_eq!(net(granted(), &["get", &format!("0.0.0.0:{port}")]), "ok hello");
    assert_eq!(net(granted(), &["get", &format!("[::ffff:127.0.0.1]:{port}")]), "ok hello");
    assert_eq!(net(IsolateOptions::default().connect_to("127.0.0.0/8:*"), &["get", &elsewhere]), "ok hello");
}

#[test]
fn names_of_hosts_are_resolved_by_the_host() {
    let port = server();
    let granted = || IsolateOptions::default().connect_to(&format!("localhost:{port}"));
    assert_eq!(net(granted(), &["get", &format!("localhost:{port}")]), "ok hello");
    assert_eq!(net(granted(), &["get", &format!("127.0.0.1:{port}")]), "ok hello");
    assert_eq!(net(granted(), &["lookup", "localhost"]), "ok true");
    let asked = net(granted(), &["lookup", "somewhere.example"]);
    assert!(asked == "refused" || asked.contains("operation not permitted"), "{asked}");
    let other = server();
    assert_eq!(net(granted(), &["get", &format!("localhost:{other}")]), "refused");
}

#[test]
fn listening_is_granted_by_address() {
    let granted = || IsolateOptions::default().listen_on("127.0.0.1:0");
    assert_eq!(net(granted(), &["serve", "127.0.0.1:0"]), "ok");
    assert_eq!(net(granted(), &["serve", "127.0.0.1:0", "and connect"]), "refused");
    assert_eq!(net(granted(), &["serve", "0.0.0.0:0"]), "refused");
    assert_eq!(net(granted(), &["serve", "127.0.0.1:45321"]), "refused");
    assert_eq!(net(granted(), &["listenanyway"]), "refused");
    let both = || granted().connect_to("127.0.0.1:*");
    assert_eq!(net(both(), &["serve", "127.0.0.1:0", "and connect"]), "ok served");
    assert_eq!(net(both(), &["udpto", "127.0.0.1:0", "127.0.0.1:9"]), "ok");
    assert_eq!(net(both(), &["udpto", "127.0.0.1:0", "127.0.0.2:9"]), "refused");
}

const EXEC: &str = r#"
package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"time"
)

func main() {
	switch os.Args[1] {
	case "run":
		cmd := exec.Command(os.Args[2], os.Args[3:]...)
		cmd.Stdin = strings.NewReader("input")
		out, err := cmd.CombinedOutput()
		fmt.Print(string(out))
		say(err)
	case "dir":
		cmd := exec.Command(os.Args[2])
		cmd.Dir = os.Args[3]
		out, err := cmd.Output()
		fmt.Print(string(out))
		say(err)
	case "kill":
		cmd := exec.Command(os.Args[2], os.Args[3:]...)
		say(cmd.Start())
		time.AfterFunc(50*time.Millisecond, func() { cmd.Process.Kill() })
		fmt.Println(cmd.Wait())
	case "root":
		cmd := exec.Command(os.Args[2])
		cmd.SysProcAttr = &syscall.SysProcAttr{Chroot: "/"}
		say(cmd.Run())
	case "killhost":
		say(syscall.Kill(syscall.Getppid(), 0))
		say(syscall.Kill(1, 0))
		say(syscall.Kill(-1, 0))
	case "exec":
		say(syscall.Exec(os.Args[2], os.Args[2:], nil))
	case "env":
		fmt.Println(os.Getenv("GIVEN"), os.Getenv("PATH") == "", len(os.Environ()))
	}
}

func say(err error) {
	if errors.Is(err, os.ErrPermission) {
		fmt.Println("refused")
	} else if err != nil {
		fmt.Println(err)
	}
}
"#;

#[test]
fn programs_run_by_their_absolute_names() {
    let program = program(EXEC);
    let exec = |options: IsolateOptions, args: &[&str]| run(&program, options, args);
    let none = IsolateOptions::default;
    let granted =
        || IsolateOptions::default().run_program("/bin/cat").run_program("/bin/sleep").run_program("/bin/pwd");
    assert_eq!(exec(none(), &["run", "/bin/cat"]), "refused\n");
    assert_eq!(exec(granted(), &["run", "/bin/cat"]), "input");
    assert_eq!(exec(granted(), &["run", "/bin/sh", "-c", "echo no"]), "refused\n");
    assert_eq!(exec(granted(), &["run", "/bin/../bin/cat"]), "refused\n");
    assert_eq!(exec(granted(), &["kill", "/bin/sleep", "100"]), "signal: killed\n");
    assert_eq!(exec(granted(), &["root", "/bin/cat"]), "refused\n");
    assert_eq!(exec(granted(), &["exec", "/bin/cat"]), "refused\n");
    assert_eq!(exec(granted(), &["killhost"]), "refused\nrefused\nrefused\n");
    assert_eq!(exec(granted().working_folder("/usr"), &["run", "/bin/pwd"]), "/usr\n");
    assert_eq!(exec(granted(), &["dir", "/bin/pwd", "/usr"]), "refused\n");
    assert_eq!(exec(granted().read_below("/usr"), &["dir", "/bin/pwd", "/usr/lib"]), "/usr/lib\n");
    assert_eq!(exec(none(), &["env"]), " true 0\n");
    assert_eq!(exec(none().env("GIVEN", "a").env("GIVEN", "b").env_of_process(["NONE"]), &["env"]), "b true 1\n");
    let error = program.isolate_with(none().run_program("cat")).err().unwrap().to_string();
    assert_eq!(error, "run_program cat: the name of a program has to be absolute");
}

/// Every system call there is, with zeros for arguments, from a program without rights: only what is harmless to all is
/// not refused.
#[test]
fn system_calls_outside_of_the_table_are_refused() {
    let source = r#"
package main

import (
	"fmt"
	"syscall"
)

func main() {
	for n := uintptr(0); n < 1024; n++ {
		if n == syscall.SYS_EXIT || n == syscall.SYS_EXIT_GROUP {
			continue
		}
		if _, _, e := syscall.Syscall6(n, 100, 0, 0, 0, 0, 0); e != syscall.EPERM {
			fmt.Print(n, " ")
		}
	}
}
"#;
    let program = program(source);
    let said = run(&program, IsolateOptions::default().allow_unsafe(), &[]);
    let known: Vec<i64> = itab::system_calls().map(|call| call.number).collect();
    let said: Vec<i64> = said.split_whitespace().map(|n| n.parse().unwrap()).collect();
    assert!(said.len() > 20, "{said:?}");
    for number in said {
        assert!(known.contains(&number), "system call {number} is made");
    }
}

/// The test runs itself, as a process that has something on its standard input.
#[test]
fn standard_input_is_not_the_process_s() {
    const CHILD: &str = "ITAB_TEST_READS_STDIN";
    if std::env::var_os(CHILD).is_some() {
        let source =
            "package main\nimport (\"io\"; \"os\")\nfunc main() { b, _ := io.ReadAll(os.Stdin); os.Exit(10 + len(b)) }";
        let done = program(source).isolate().unwrap().run_main();
        let Err(itab::Error::Exit(status)) = done else { panic!("{done:?}") };
        std::process::exit(status);
    }
    let mut child = std::process::Command::new(std::env::current_exe().unwrap());
    child.args(["--exact", "standard_input_is_not_the_process_s"]).env(CHILD, "1");
    let mut child = child.stdin(std::process::Stdio::piped()).stdout(std::process::Stdio::null()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(b"secret").unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(10));
}

/// Why a program gets no isolate without the right to package unsafe.
fn forges(source: &str) -> String {
    match program(source).isolate() {
        Err(itab::Error::Unsafe(what)) => what,
        Err(other) => panic!("{other}"),
        Ok(_) => "nothing".into(),
    }
}

#[test]
fn programs_that_may_forge_pointers_need_the_right_to() {
    let import = "package main\nimport \"unsafe\"\nfunc main() { println(unsafe.Sizeof(1)) }";
    assert_eq!(forges(import), "./test.go:2:8: package main imports package unsafe");
    program(import).isolate_with(IsolateOptions::default().allow_unsafe()).unwrap().run_main().unwrap();
    let error = program(import).isolate().err().unwrap().to_string();
    assert!(error.ends_with("; IsolateOptions::allow_unsafe lets it"), "{error}");

    let linked = "package main\nimport _ \"unsafe\"\n//go:linkname clear runtime.memclrNoHeapPointers\nfunc clear(p, n uintptr)\nfunc main() { clear(8, 64) }";
    assert_eq!(forges(linked), "./test.go:2:10: package main imports package unsafe");

    // `unsafe.Pointer` has not to be named to be converted, nor its package imported.
    let converts = [
        "p := reflect.ValueOf(&x).UnsafePointer()\n\t*(*int)(p) = 1",
        "to[*int](reflect.ValueOf(&x))",
        "f := func() { *(*int)(reflect.ValueOf(&x).UnsafePointer()) = 1 }\n\tf()",
        "p := atomic.LoadPointer(new(struct{ reflect.Value }).got())\n\t*(*int)(p) = 1",
    ];
    for body in converts {
        let source = format!(
            "package main\nimport (\n\t\"reflect\"\n\t\"sync/atomic\"\n)\nvar x [2]byte\nvar _ = atomic.LoadPointer\n\
             func main() {{\n\t{}\n}}\nfunc to[T interface{{ *int }}](v reflect.Value) T {{ return T(v.UnsafePointer()) }}\n",
            if body.contains("got()") {
                "p := reflect.ValueOf(&x).UnsafePointer()\n\tq := atomic.LoadPointer(&p)\n\t*(*int)(q) = 1"
            } else {
                body
            }
        );
        let said = forges(&source);
        assert!(said.ends_with("package main converts an unsafe.Pointer"), "{body}: {said}");
        assert!(said.starts_with("./test.go:"), "{body}: {said}");
    }
    // A number is none.
    let number = "package main\nimport \"reflect\"\nfunc main() { x := 1; println(uintptr(reflect.ValueOf(&x).UnsafePointer()) != 0) }";
    assert_eq!(forges(number), "nothing");

    for call in [
        "syscall.Syscall(1, 1, 8, 1)",
        "syscall.RawSyscall6(318, 8, 4096, 0, 0, 0, 0)",
        "f := syscall.Syscall; f(1, 1, 8, 1)",
    ] {
        let source = format!("package main\nimport \"syscall\"\nfunc main() {{ {call} }}");
        assert!(forges(&source).ends_with("package main makes system calls by their numbers"), "{call}");
    }
    for (import, call) in [("s \"syscall\"", "s.Syscall"), (". \"syscall\"", "Syscall")] {
        let source = format!("package main\nimport {import}\nfunc main() {{ {call}(1, 1, 8, 1) }}");
        assert!(forges(&source).ends_with("package main makes system calls by their numbers"), "{import}");
    }
    assert_eq!(forges("package main\nimport \"syscall\"\nfunc main() { println(syscall.Getpid()) }"), "nothing");
}

/// What reflection could forge without package unsafe.
#[test]
fn reflection_forges_no_pointers() {
    let source = r#"
package main

import (
	"fmt"
	"reflect"
	"syscall"
)

type W [6]uintptr

type Two struct{ a, b uintptr }

func try(name string, f func()) {
	defer func() { fmt.Println(name, recover()) }()
	f()
	fmt.Println("done")
}

var here = [2]byte{1, 2}

func rtype(v any) reflect.Value { return reflect.ValueOf(reflect.TypeOf(v)) }

func main() {
	p := reflect.ValueOf(&here).UnsafePointer()
	try("newat", func() { reflect.NewAt(reflect.TypeFor[int](), p).Elem().SetInt(1) })
	try("sliceat", func() { reflect.SliceAt(reflect.TypeFor[int](), p, 1<<20).Index(5).SetInt(1) })
	try("set", func() { rtype(W{}).Elem().Set(rtype([]uintptr{}).Elem()) })
	try("zero", func() { rtype(W{}).Elem().SetZero() })
	try("copy", func() { reflect.New(rtype(W{}).Type().Elem()).Elem().Set(rtype(W{}).Elem()) })
	try("box", func() { fmt.Sprint(rtype(W{}).Elem().Interface() == nil) })
	abi := reflect.TypeOf(reflect.Value{}).Field(0).Type.Elem()
	alike := reflect.StructOf([]reflect.StructField{{Name: "t", PkgPath: "reflect", Type: abi}})
	try("alike", func() {
		same := rtype(W{}).Convert(reflect.PointerTo(alike)).Elem()
		reflect.New(alike).Elem().Set(same)
	})
	try("alike set", func() {
		rtype(W{}).Convert(reflect.PointerTo(alike)).Elem().Set(reflect.Zero(alike))
	})
	try("channel", func() {
		c := reflect.MakeChan(reflect.ChanOf(reflect.BothDir, rtype(W{}).Type().Elem()), 1)
		c.Send(rtype(W{}).Elem())
		v, _ := c.Recv()
		reflect.New(v.Type()).Elem().Set(v)
	})
	try("map", func() {
		m := reflect.MakeMap(reflect.MapOf(reflect.TypeFor[int](), rtype(W{}).Type().Elem()))
		m.SetMapIndex(reflect.ValueOf(1), rtype(W{}).Elem())
		fmt.Println(m.MapIndex(reflect.ValueOf(1)).Interface() == nil)
	})
	try("convert", func() { reflect.ValueOf(&[]byte{}).Convert(reflect.TypeFor[*reflect.SliceHeader]()) })
	try("time", func() { fmt.Println(syscall.Gettimeofday(nil)) })
	fmt.Println(here, reflect.TypeFor[W]())
}
"#;
    let said = run(&program(source), IsolateOptions::default(), &[]);
    let lines: Vec<&str> = said.lines().collect();
    let refused = "reflect: descriptors of types cannot be changed or copied";
    for name in ["set", "zero", "copy", "box", "alike", "alike set", "channel", "map"] {
        assert!(lines.contains(&&*format!("{name} {refused}")), "{name}: {said}");
    }
    for name in ["newat", "sliceat"] {
        assert!(
            said.contains(&format!("{name} reflect.")) && said.contains("need the right to package unsafe"),
            "{said}"
        );
    }
    assert!(said.contains("convert reflect.Value.Convert: value of type *[]uint8 cannot be converted"), "{said}");
    assert!(lines.contains(&"bad address"), "{said}");
    assert_eq!(lines.last(), Some(&"[1 2] main.W"));
    assert_eq!(lines.iter().filter(|l| **l == "done").count(), 1, "{said}");
}

/// A `runtime.Func` of the program's own leads nowhere but to what it has.
#[test]
fn functions_of_the_runtime_can_be_copied() {
    let source = r#"
package main

import "runtime"

type window struct {
	f    runtime.Func
	p, n uintptr
}

func main() {
	pc, _, _, _ := runtime.Caller(0)
	f := *runtime.FuncForPC(pc)
	w := &window{p: 8, n: 1 << 20}
	println(f.Name(), f.Entry() != 0, new(runtime.Func).Name() == "", w.f.Name() == "")
}
"#;
    assert_eq!(run(&program(source), IsolateOptions::default(), &[]), "main.main true true true\n");
}
