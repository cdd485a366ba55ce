//! System calls of isolates with few rights and with all.

use crate::chans::run;
use crate::code::*;
use itab_abi::block::IsolateBlock;
use itab_runtime::sched::gateway::descriptor::Descriptor;
use itab_runtime::sched::gateway::rights::{Capabilities, Folder};
use itab_runtime::sched::gateway::{Gateway, Grants};
use itab_runtime::sched::isolate::{Isolate, Options};
use std::io::{Read, Seek, Write};
use std::os::fd::AsRawFd;
use std::path::Path;

type Block = *mut IsolateBlock;

/// Captures: number and arguments of a system call, where the results go.
unsafe extern "C" fn make(block: Block, args: *const u64, results: *mut u64) {
    let call = itab_runtime::std::lookup("internal/runtime/syscall/linux.Syscall6").unwrap().code;
    // SAFETY: the native gets the words of its signature.
    unsafe {
        call(block, args, *args.add(7) as *mut u64);
        *results = *(*args.add(7) as *const u64);
    }
}

fn syscall(code: &Code, isolate: &mut Isolate, number: i64, args: &[u64]) -> Result<u64, i32> {
    let results = Box::leak(Box::new([0u64; 3]));
    let mut captures = vec![number as u64];
    captures.extend(args);
    captures.resize(7, 0);
    captures.push(results.as_mut_ptr() as u64);
    let value = run(isolate, code.native("main.syscall", make, &captures)).unwrap();
    if results[2] == 0 { Ok(value) } else { Err(results[2] as i32) }
}

#[test]
fn an_isolate_without_rights_sees_its_own_descriptors_only() {
    let code = Code::new();
    let (mut isolate, out) = code.isolate();
    let mut call = |number, args: &[u64]| syscall(&code, &mut isolate, number, args);
    let text = "hello\n";
    assert_eq!(call(libc::SYS_write, &[2, text.as_ptr() as u64, 6]), Ok(6));
    assert_eq!(out.text(), text);
    let path = c"/etc/passwd".as_ptr() as u64;
    let here = libc::AT_FDCWD as u64;
    assert_eq!(call(libc::SYS_openat, &[here, path, libc::O_RDONLY as u64]), Err(libc::EPERM));
    let mut file = tempfile();
    assert_eq!(call(libc::SYS_write, &[file.as_raw_fd() as u64, text.as_ptr() as u64, 6]), Err(libc::EBADF));
    assert_eq!(call(libc::SYS_close, &[file.as_raw_fd() as u64]), Err(libc::EBADF));
    assert_eq!(file.seek(std::io::SeekFrom::End(0)).unwrap(), 0);
    for number in [libc::SYS_mmap, libc::SYS_clone, libc::SYS_execve, libc::SYS_kill, libc::SYS_prctl, libc::SYS_dup2] {
        assert_eq!(call(number, &[]), Err(libc::EPERM));
    }
    assert_eq!(call(libc::SYS_getpid, &[]), Ok(1));
    let mut now = [0u64; 2];
    assert_eq!(call(libc::SYS_clock_gettime, &[0, now.as_mut_ptr() as u64]), Ok(0));
}

fn tempfile() -> std::fs::File {
    let path = std::env::temp_dir().join(format!("itab-runtime-{}", std::process::id()));
    let open = std::fs::OpenOptions::new().read(true).write(true).create(true).truncate(true).open(&path);
    std::fs::remove_file(&path).unwrap();
    open.unwrap()
}

#[test]
fn files_can_be_read_with_the_right_to() {
    let code = Code::new();
    let read = vec![Folder::open(Path::new("/proc")).unwrap()];
    let grants = Grants { capabilities: Capabilities { read, ..Capabilities::default() }, ..Grants::default() };
    let (mut isolate, _) = code.isolate_with(Options { grants, ..Options::default() });
    let mut call = |number, args: &[u64]| syscall(&code, &mut isolate, number, args);
    let path = c"/proc/meminfo".as_ptr() as u64;
    let here = libc::AT_FDCWD as u64;
    assert_eq!(call(libc::SYS_openat, &[here, path, libc::O_RDWR as u64]), Err(libc::EPERM));
    let fd = call(libc::SYS_openat, &[here, path, libc::O_RDONLY as u64]).unwrap();
    assert_eq!(fd, 3);
    let mut text = [0u8; 100];
    let n = call(libc::SYS_read, &[fd, text.as_mut_ptr() as u64, 100]).unwrap();
    assert!(n > 0 && text.starts_with(b"MemTotal"));
    assert_eq!(call(libc::SYS_close, &[fd]), Ok(0));
    assert_eq!(call(libc::SYS_read, &[fd, text.as_mut_ptr() as u64, 100]), Err(libc::EBADF));
}

/// Captures: a func value to start, then a system call as for `make`.
unsafe extern "C" fn start_and_make(block: Block, args: *const u64, results: *mut u64) {
    // SAFETY: as above.
    unsafe {
        itab_runtime::sched::proc::newproc(block, *args as *const _);
        make(block, args.add(1), results);
    }
}

/// Captures: a descriptor of the process. Writes a byte there.
unsafe extern "C" fn write_byte(_: Block, args: *const u64, _: *mut u64) {
    // SAFETY: a descriptor and one byte.
    unsafe { libc::write(*args as i32, c"x".as_ptr().cast(), 1) };
}

#[test]
fn a_read_that_blocks_lets_others_run() {
    let code = Code::new();
    let (reader, writer) = std::io::pipe().unwrap();
    let [_, out, err] = Gateway::process_stdio();
    let stdio = [Descriptor::Process(reader.as_raw_fd()), out, err];
    let grants = Grants { stdio, ..Grants::default() };
    let mut isolate = Isolate::new(code.program.clone(), Options { grants, ..Options::default() }).unwrap();
    let other = code.native("main.write", write_byte, &[writer.as_raw_fd() as u64]);
    let (results, byte) = (Box::leak(Box::new([0u64; 3])), Box::leak(Box::new([0u8; 8])));
    let read = [libc::SYS_read as u64, 0, byte.as_mut_ptr() as u64, 1, 0, 0, 0, results.as_mut_ptr() as u64];
    let mut captures = vec![other];
    captures.extend(read);
    let main = code.native("main.main", start_and_make, &captures);
    assert_eq!(run(&mut isolate, main).unwrap(), 1);
    assert_eq!(byte[0], b'x');
    drop(writer);
    let mut rest = Vec::new();
    std::io::BufReader::new(reader).read_to_end(&mut rest).unwrap();
    assert!(rest.is_empty());
    std::io::stderr().flush().unwrap();
}
