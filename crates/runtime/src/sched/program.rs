//! A linked program: what its isolates share.
//!
//! The runtime knows a program by its code arena, the image of its package variables, and a few hooks: the compiler that
//! makes bodies when they are first called, and Go functions that make the values of run-time errors.

use crate::code::arena::{Arena, Exits};
use crate::heap::malloc_shape::ShapeTable;
use crate::types::itab;
use crate::types::persistent::PersistentMem;
use crate::types::{TypeRef, Types};
use std::io;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};

/// Compiles function bodies on demand. Called on an isolate's system stack, from many threads at once.
pub trait Compiler: Send + Sync {
    /// The code of function `func`, compiled and published in the arena. It may compile others along with it and set
    /// their slots; the runtime sets that of `func`.
    ///
    /// # Errors
    /// When there is no such code; the isolate ends with the error's text.
    fn compile(&self, func: u32) -> Result<usize, CompileError>;

    /// Code that goes between frames of package reflect and calls of funcs of type `ftyp`.
    ///
    /// # Errors
    /// When there is no such code; the isolate ends with the error's text.
    fn frame_code(&self, ftyp: TypeRef<'_>, kind: FrameKind) -> Result<FrameCode, CompileError> {
        Err(CompileError(format!("a program without reflection is asked for {kind:?} of {}", ftyp.string())))
    }
}

/// What [`Compiler::frame_code`] makes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FrameKind {
    /// `func(fn, frame unsafe.Pointer)`: calls the func value `fn` with the arguments in a frame.
    Call,
    /// The same for a method whose code `fn` points to; the frame starts with the receiver's word.
    CallMethod,
    /// The code of a func value whose first capture is a `func(self, frame unsafe.Pointer)`, which gets the arguments.
    Stub,
}

/// Code for the funcs of a type.
#[derive(Clone, Copy, Debug)]
pub struct FrameCode {
    /// Its address.
    pub code: usize,
    /// Size of a frame in bytes.
    pub frame_size: usize,
}

/// Why a body could not be compiled.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct CompileError(pub String);

/// Initial contents of the package variables.
#[derive(Clone, Debug, Default)]
pub struct DataImage {
    /// Leading bytes; the rest of the variables is zero. Addresses in the arena are already in place.
    pub bytes: Vec<u8>,
    /// Size of all variables.
    pub size: usize,
    /// Words that hold addresses of package variables.
    pub relocs: Vec<DataReloc>,
    /// Bit i tells whether word i may hold a pointer, least significant bit first.
    pub ptr_mask: Vec<u8>,
}

/// A word of the image that holds the address of a variable of the same isolate.
#[derive(Clone, Copy, Debug)]
pub struct DataReloc {
    /// Offset of the word.
    pub at: u32,
    /// Offset of the variable that it points to.
    pub target: u32,
}

/// Go functions that the runtime calls, as addresses of stubs.
#[derive(Clone, Copy, Debug)]
pub struct ErrorValues {
    /// `func(s string) any`: a `runtime.Error` whose text is `runtime error: ` and `s`.
    pub error_string: usize,
    /// `func(s string, addr uintptr) any`: the same with the address of a fault.
    pub error_address: usize,
    /// `func(s string) any`: a `runtime.Error` whose text is `s`.
    pub plain_error: usize,
    /// `func(x int64, signed bool, y int, code uint8) any`: out of range; codes as `itab_abi::runtime_fns::BoundsCode`.
    pub bounds_error: usize,
    /// `func(iface, concrete, asserted unsafe.Pointer, missing string) any`: a `*runtime.TypeAssertionError` for `*Type`s.
    pub type_assertion_error: usize,
    /// `func() any`: a `*runtime.PanicNilError`.
    pub panic_nil_error: usize,
    /// `func(v any) (text string, ok bool)`: `v.Error()` or `v.String()`, if `v` has one of them; for a `runtime.Error` too.
    pub print_text: usize,
}

/// What the isolates of a program share.
pub struct Program {
    /// Code and static data.
    pub arena: Arc<Arena>,
    /// Type descriptors and itabs, in the arena's data.
    pub types: Arc<Types>,
    /// Which sizes and pointer masks have allocation cells.
    pub shapes: Arc<ShapeTable>,
    /// Initial package variables. Set before the first isolate is made.
    pub data: OnceLock<DataImage>,
    /// Makes bodies. A program without one has all its code from the start.
    pub compiler: OnceLock<Box<dyn Compiler>>,
    /// Constructors of run-time errors. Without them such panics have a value of the runtime's own.
    pub error_values: OnceLock<ErrorValues>,
}

impl Program {
    /// A program without code. `sched::setup` makes one whose code leaves for this runtime.
    ///
    /// # Errors
    /// When the system refuses the memory for the arena.
    pub fn new(arena_size: usize, exits: Exits) -> io::Result<Arc<Program>> {
        let arena = Arena::new(arena_size, exits)?;
        let memory = ArenaMemory { arena: arena.clone(), used: AtomicUsize::new(0) };
        Ok(Arc::new(Program {
            types: Types::new(Box::new(memory)),
            shapes: Arc::new(ShapeTable::new()),
            arena,
            data: OnceLock::new(),
            compiler: OnceLock::new(),
            error_values: OnceLock::new(),
        }))
    }

    /// Code of function `number`, compiling it if need be. Runs on the caller's stack.
    ///
    /// # Errors
    /// As [`Compiler::compile`]; also when the program has no compiler.
    pub fn code_of(&self, number: u32) -> Result<usize, CompileError> {
        if let Some(code) = self.arena.func_code(number) {
            return Ok(code);
        }
        let Some(compiler) = self.compiler.get() else {
            return Err(CompileError(format!("function {number} has no code and the program no compiler")));
        };
        let code = compiler.compile(number)?;
        // SAFETY: the compiler says that this is the code of that function.
        unsafe { self.set_func_code(number, code) };
        Ok(code)
    }

    /// Publishes the code of function `number`: its slot is set, and method tables and itabs enter it without the stub.
    ///
    /// # Safety
    /// As [`Arena::set_func_code`].
    pub unsafe fn set_func_code(&self, number: u32, code: usize) {
        // SAFETY: passed on.
        unsafe { self.arena.set_func_code(number, code) };
        itab::code_ready(&self.types, self.arena.stub(number), code);
    }
}

/// Gives the interner memory near the code.
struct ArenaMemory {
    arena: Arc<Arena>,
    used: AtomicUsize,
}

// SAFETY: the arena hands out zeroed, disjoint memory of one mapping at ascending addresses, and this keeps it alive.
unsafe impl PersistentMem for ArenaMemory {
    fn alloc(&self, size: usize, align: usize) -> *mut u8 {
        self.used.fetch_add(size, Ordering::Relaxed);
        self.arena.alloc_data(size, align).unwrap_or(std::ptr::null_mut())
    }

    fn used(&self) -> usize {
        self.used.load(Ordering::Relaxed)
    }
}
