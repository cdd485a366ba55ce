//! Structs shared between Go packages and the runtime: arguments that natives get by pointer.
//!
//! Go declares each in the overlay or in the standard library, under the name in [`SHARED`]. A test of crate `itab` compares
//! the fields' names and offsets with the declaration: a Go name is that of the Rust field without underscores, in any
//! case.

use crate::types::Type;
use crate::value::{GoSlice, GoString};
use core::ffi::{c_char, c_void};
use core::mem::offset_of;

/// A struct as both sides declare it.
#[derive(Clone, Copy, Debug)]
pub struct SharedStruct {
    /// Its package's path and name in Go.
    pub go: (&'static str, &'static str),
    /// Size in bytes.
    pub size: usize,
    /// The fields with their offsets.
    pub fields: &'static [(&'static str, usize)],
}

macro_rules! shared {
    ($($(#[$doc:meta])* $package:literal $go:literal = $name:ident {
        $($(#[$field_doc:meta])* $field:ident: $ty:ty,)*
    })*) => {
        $(
            $(#[$doc])*
            #[repr(C)]
            #[derive(Clone, Copy, Debug)]
            pub struct $name {
                $($(#[$field_doc])* pub $field: $ty,)*
            }
        )*

        /// All of them.
        pub const SHARED: &[SharedStruct] = &[$(SharedStruct {
            go: ($package, $go),
            size: size_of::<$name>(),
            fields: &[$((stringify!($field), offset_of!($name, $field))),*],
        }),*];
    };
}

shared! {
    /// Statistics of a heap: the fields of Go's `runtime.MemStats` that mean something here.
    "runtime" "memstats" = MemStats {
        /// Bytes of allocated objects, the dead ones since the last collection included.
        heap_alloc: u64,
        /// Bytes ever allocated.
        total_alloc: u64,
        /// Bytes got from the kernel.
        sys: u64,
        /// Objects ever allocated.
        mallocs: u64,
        /// Objects ever freed.
        frees: u64,
        /// Address space that was used, in bytes.
        heap_sys: u64,
        /// Bytes in free pages.
        heap_idle: u64,
        /// Bytes in spans.
        heap_inuse: u64,
        /// Bytes of free pages given back to the kernel.
        heap_released: u64,
        /// Allocated objects.
        heap_objects: u64,
        /// Bytes of the collector's tables.
        gc_sys: u64,
        /// Heap size at which the next collection is due.
        next_gc: u64,
        /// End of the last collection, in nanoseconds since 1970.
        last_gc: u64,
        /// Time in collections, in nanoseconds.
        pause_total_ns: u64,
        /// Time in the last collection, in nanoseconds.
        last_pause_ns: u64,
        /// Collections.
        num_gc: u32,
        /// Collections that were asked for.
        num_forced_gc: u32,
    }

    /// What is known about a program counter.
    "runtime" "location" = Location {
        /// The function's name.
        name: GoString,
        /// The file.
        file: GoString,
        /// Where the function's code begins.
        entry: usize,
        /// The line.
        line: usize,
        /// The line of the function's declaration.
        start_line: usize,
        /// Whether the function was inlined there.
        inlined: bool,
    }

    /// A field of a struct type that package reflect wants made.
    "reflect" "internField" = InternField {
        /// Its name.
        name: GoString,
        /// The package of an unexported name.
        pkg_path: GoString,
        /// Its tag.
        tag: GoString,
        /// Its type.
        typ: *const Type,
        /// Whether it is embedded.
        embedded: bool,
    }

    /// A case of a `reflect.Select`.
    "reflect" "runtimeSelect" = RuntimeSelect {
        /// What it does: [`SELECT_SEND`], [`SELECT_DEFAULT`], or receive.
        dir: u64,
        /// The channel's type.
        typ: *const Type,
        /// The channel.
        ch: *mut c_void,
        /// What is sent, or room for what is received.
        val: *mut u8,
    }

    /// A request to start a process.
    "syscall" "request" = ForkRequest {
        /// The program.
        argv0: *const c_char,
        /// The new root directory, or nil.
        chroot: *const c_char,
        /// The working directory, or nil.
        dir: *const c_char,
        /// The arguments.
        argv: *const *const c_char,
        /// The environment.
        envv: *const *const c_char,
        /// `[]int`: which descriptor each of the child's is; changed here. There is room for a copy.
        files: GoSlice,
        /// The pipe for the child's error.
        pipe: i64,
        /// User and groups, or nil.
        credential: *const Credential,
        /// The process group.
        pgid: i64,
        /// The controlling terminal.
        ctty: i64,
        /// The signal when the parent ends.
        pdeathsig: i64,
        /// Whether to begin a session.
        setsid: bool,
        /// Whether to set the process group.
        setpgid: bool,
        /// Whether to set the controlling terminal.
        setctty: bool,
        /// Whether to have none.
        noctty: bool,
        /// Whether to be in the terminal's foreground.
        foreground: bool,
    }

    /// Whom a new process belongs to.
    "syscall" "Credential" = Credential {
        /// User.
        uid: u32,
        /// Group.
        gid: u32,
        /// `[]uint32`: other groups.
        groups: GoSlice,
        /// Whether to leave the other groups as they are.
        no_set_groups: bool,
    }
}

/// `reflect.SelectSend`
pub const SELECT_SEND: u64 = 1;
/// `reflect.SelectDefault`
pub const SELECT_DEFAULT: u64 = 3;
