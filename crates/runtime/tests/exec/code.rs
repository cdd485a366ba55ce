//! Machine code for tests: blobs that follow the calling convention of compiled Go, copied into a program's arena.
//!
//! A blob calls the runtime through a table of thunks whose address stands in the block's `reserved[4]`.

use itab_abi::block::IsolateBlock;
use itab_abi::call::NativeFn;
use itab_abi::runtime_fns::RuntimeFn;
use itab_runtime::code::symtab::{FuncInfo, LineEntry};
use itab_runtime::sched::gateway::Gateway;
use itab_runtime::sched::gateway::descriptor::Descriptor;
use itab_runtime::sched::isolate::{Isolate, Options};
use itab_runtime::sched::program::Program;
use itab_runtime::sched::setup::new_program;
use std::io::Write;
use std::sync::{Arc, Mutex};

/// Offset in the block of the address of the table.
pub const TABLE: usize = std::mem::offset_of!(IsolateBlock, reserved) + 32;
/// Offset in the block of the head of the defer frames.
pub const DEFER: usize = std::mem::offset_of!(IsolateBlock, defer);
/// Offset in the block of the stack limit.
pub const LIMIT: usize = std::mem::offset_of!(IsolateBlock, stack_limit);
/// Offset in the block of the flag for loops.
pub const PREEMPT: usize = std::mem::offset_of!(IsolateBlock, preempt);

/// Offset of an entry's thunk in the table.
pub const fn entry(f: RuntimeFn) -> usize {
    f as usize * 8
}

/// Defines `fn $name() -> &'static [u8]`, the assembled code. `{table}`, `{defer}`, .. are offsets.
#[macro_export]
macro_rules! blob {
    ($name:ident, $($line:literal),* $(,)? $(; $($op:ident = $value:expr),*)?) => {
        pub fn $name() -> &'static [u8] {
            #[unsafe(naked)]
            unsafe extern "C" fn code() {
                core::arch::naked_asm!(
                    concat!(".globl blob_", stringify!($name)),
                    concat!("blob_", stringify!($name), ":"),
                    $($line,)*
                    concat!(".globl blob_end_", stringify!($name)),
                    concat!("blob_end_", stringify!($name), ":"),
                    "ud2",
                    $($($op = const $value),*)?
                )
            }
            unsafe extern "C" {
                #[link_name = concat!("blob_", stringify!($name))]
                static START: u8;
                #[link_name = concat!("blob_end_", stringify!($name))]
                static END: u8;
            }
            std::hint::black_box(code as *const ());
            let (start, end) = (&raw const START, &raw const END);
            // SAFETY: both labels lie in the function above.
            unsafe { std::slice::from_raw_parts(start, end.offset_from(start) as usize) }
        }
    };
}

/// A program under construction.
pub struct Code {
    pub program: Arc<Program>,
    table: &'static [usize],
}

impl Code {
    pub fn new() -> Code {
        let program = new_program(1 << 26).unwrap();
        let table: Vec<usize> = RuntimeFn::ALL.iter().map(|f| program.arena.runtime_thunk(*f)).collect();
        Code { program, table: table.leak() }
    }

    /// Places a blob under a name.
    pub fn add(&self, name: &str, code: &[u8]) -> usize {
        self.add_with(name, code, &[])
    }

    /// Places a blob with traps.
    pub fn add_with(&self, name: &str, code: &[u8], traps: &[(u32, u8)]) -> usize {
        let arena = &self.program.arena;
        let at = arena.alloc_code(code.len(), 16, 0).unwrap();
        arena.write_code(at, code);
        let info = FuncInfo {
            name: name.into(),
            files: vec!["test.go".into()],
            lines: vec![LineEntry { pc: 0, file: 0, line: 7, inlined: 0 }],
            traps: traps.to_vec(),
            wrapper: name.contains("wrapper"),
            ..FuncInfo::default()
        };
        arena.publish(at, Box::new(info));
        at
    }

    /// A func value with these captures.
    pub fn func(&self, code: usize, captures: &[u64]) -> u64 {
        let mut words = vec![code as u64];
        words.extend(captures);
        words.leak().as_ptr() as u64
    }

    /// A func value that calls a native function with its captures as arguments.
    pub fn native(&self, name: &str, f: NativeFn, captures: &[u64]) -> u64 {
        let code = self.add(name, call_native());
        let mut words = vec![self.program.arena.native_thunk(f as usize).unwrap() as u64];
        words.extend(captures);
        self.func(code, &words)
    }

    /// An isolate whose standard error is captured.
    pub fn isolate(&self) -> (Box<Isolate>, Output) {
        self.isolate_with(Options::default())
    }

    pub fn isolate_with(&self, mut options: Options) -> (Box<Isolate>, Output) {
        let output = Output::default();
        let [input, out, _] = Gateway::process_stdio();
        options.grants.stdio = [input, out, Descriptor::Writer(Box::new(output.clone()))];
        let isolate = Isolate::new(self.program.clone(), options).unwrap();
        // SAFETY: the block is the isolate's, which does not run.
        unsafe { (*isolate.block).reserved[4] = self.table.as_ptr() as u64 };
        (isolate, output)
    }
}

/// What was written to standard error.
#[derive(Clone, Default)]
pub struct Output(Arc<Mutex<Vec<u8>>>);

impl Output {
    pub fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }
}

impl Write for Output {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

blob! { call_native,
    "push rbp",
    "mov rbp, rsp",
    "sub rsp, 16",
    "mov rax, [rdi]",
    "lea rsi, [rdi + 8]",
    "mov rdi, r15",
    "mov rdx, rsp",
    "call rax",
    "mov rax, [rsp]",
    "leave",
    "ret",
}
