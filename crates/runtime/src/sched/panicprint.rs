//! The lines that an uncaught panic prints.

use crate::code::arch::CallRegs;
use crate::sched::enter;
use crate::sched::isolate;
use crate::sched::panicking::{Fault, Panic, is_own_error};
use crate::sched::printer::{format_complex, format_complex64, format_float, format_float32};
use crate::types::TypeRef;
use itab_abi::block::IsolateBlock;
use itab_abi::iface::Eface;
use itab_abi::types::{Kind, Type};
use itab_abi::value::GoString;
use std::fmt::Write;

/// `panic: ..` for `p` and the panics that it followed, oldest first. With `methods`, a value's `Error` or `String` method
/// gives its text.
///
/// # Safety
/// Called on the stack of the isolate's running goroutine, where the panics lie.
pub(crate) unsafe fn panics(block: *mut IsolateBlock, p: *mut Panic, methods: bool) -> String {
    let mut chain = Vec::new();
    let mut next = p;
    // SAFETY: the panics are linked and live.
    while let Some(panic) = unsafe { next.as_ref() } {
        chain.push(panic);
        next = panic.link;
    }
    chain.reverse();
    let mut out = String::new();
    let mut previous: Option<&Panic> = None;
    let mut i = 0;
    while i < chain.len() {
        let panic = chain[i];
        if previous.is_some_and(|q| !q.goexit) {
            out.push('\t');
        }
        // Panicking again with the same value is one line.
        let mut last = i;
        while chain.get(last + 1).is_some_and(|q| same(q.value, panic.value) && !q.goexit) {
            last += 1;
        }
        if !panic.goexit {
            out.push_str("panic: ");
            // SAFETY: passed on.
            out.push_str(&unsafe { value_text(block, panic.value, methods) });
            out.push_str(match (panic.recovered, last > i) {
                (true, true) => " [recovered, repanicked]",
                (true, false) => " [recovered]",
                _ => "",
            });
            out.push('\n');
        }
        previous = Some(chain[last]);
        i = last + 1;
    }
    if let Some(fault) = chain.iter().find_map(|p| p.fault) {
        out.push_str(&signal_line(&fault));
        out.push('\n');
    }
    out
}

fn same(a: Eface, b: Eface) -> bool {
    a.typ == b.typ && a.data == b.data
}

/// `[signal SIGSEGV: ..]`.
pub(crate) fn signal_line(fault: &Fault) -> String {
    let name = match fault.signal {
        libc::SIGSEGV => "SIGSEGV: segmentation violation",
        libc::SIGBUS => "SIGBUS: bus error",
        libc::SIGFPE => "SIGFPE: floating-point exception",
        _ => "SIGILL: illegal instruction",
    };
    format!("[signal {name} code={:#x} addr={:#x} pc={:#x}]", fault.code, fault.addr, fault.pc)
}

/// The text of a panic's value.
///
/// # Safety
/// As [`panics`]; `value` is a Go value that is alive.
unsafe fn value_text(block: *mut IsolateBlock, value: Eface, methods: bool) -> String {
    // SAFETY: the type of a Go value is nil or a descriptor of the program.
    let Some(typ) = (unsafe { value.typ.as_ref() }) else { return "nil".into() };
    if is_own_error(value) {
        // SAFETY: such a value is a string.
        return indented(unsafe { &*value.data.cast::<GoString>() });
    }
    // SAFETY: as the caller says.
    if methods && let Some(text) = unsafe { method_text(block, value) } {
        return text;
    }
    // SAFETY: descriptors in interface values are the interner's.
    let name = unsafe { TypeRef::from_ptr(typ) }.string();
    // SAFETY: the data word holds or leads to a value of that type.
    let basic = unsafe { basic_text(typ, value) };
    match basic {
        None => format!("({name}) {:#x}", value.data as usize),
        Some(text) if !name.contains('.') => text,
        Some(text) => match typ.kind() {
            Kind::String => format!("{name}(\"{text}\")"),
            Kind::Complex64 | Kind::Complex128 => format!("{name}{text}"),
            _ => format!("{name}({text})"),
        },
    }
}

/// `v.Error()` or `v.String()`.
///
/// # Safety
/// As [`value_text`].
unsafe fn method_text(block: *mut IsolateBlock, value: Eface) -> Option<String> {
    // SAFETY: as the caller says; the isolate keeps its program alive, and `print_text` takes an interface and returns
    // a string and a bool.
    unsafe {
        let values = isolate::program(block).error_values.get()?;
        let mut regs = CallRegs::with_ints(&[value.typ as u64, value.data as u64]);
        match enter::enter_with_regs(block, values.print_text, &mut regs) {
            Ok(()) if regs.ints[2] as u8 != 0 => {
                Some(indented(&GoString { ptr: regs.ints[0] as *const u8, len: regs.ints[1] as usize }))
            }
            Ok(()) => None,
            Err(_) => Some("panic while printing panic value".into()),
        }
    }
}

/// A string with its lines after the first indented.
fn indented(s: &GoString) -> String {
    // SAFETY: a Go string's pointer is valid for its length.
    let bytes = if s.len == 0 { &[] } else { unsafe { std::slice::from_raw_parts(s.ptr, s.len) } };
    String::from_utf8_lossy(bytes).replace('\n', "\n\t")
}

/// A value of a basic kind.
///
/// # Safety
/// `value` is a Go value of type `typ`.
unsafe fn basic_text(typ: &Type, value: Eface) -> Option<String> {
    /// # Safety
    /// `value` holds a `T`.
    unsafe fn load<T: Copy>(value: Eface) -> T {
        // SAFETY: basic types are not direct, so the data word points to the value.
        unsafe { value.data.cast::<T>().read() }
    }
    let mut out = String::new();
    // SAFETY: the value is of that kind, as the caller says.
    let written = unsafe {
        match typ.kind() {
            Kind::Bool => write!(out, "{}", load::<u8>(value) != 0),
            Kind::Int | Kind::Int64 => write!(out, "{}", load::<i64>(value)),
            Kind::Int8 => write!(out, "{}", load::<i8>(value)),
            Kind::Int16 => write!(out, "{}", load::<i16>(value)),
            Kind::Int32 => write!(out, "{}", load::<i32>(value)),
            Kind::Uint | Kind::Uint64 | Kind::Uintptr => write!(out, "{}", load::<u64>(value)),
            Kind::Uint8 => write!(out, "{}", load::<u8>(value)),
            Kind::Uint16 => write!(out, "{}", load::<u16>(value)),
            Kind::Uint32 => write!(out, "{}", load::<u32>(value)),
            Kind::Float32 => write!(out, "{}", format_float32(load(value))),
            Kind::Float64 => write!(out, "{}", format_float(load(value))),
            Kind::Complex64 => {
                let [re, im] = load::<[f32; 2]>(value);
                write!(out, "{}", format_complex64(re, im))
            }
            Kind::Complex128 => {
                let [re, im] = load::<[f64; 2]>(value);
                write!(out, "{}", format_complex(re, im))
            }
            Kind::String => write!(out, "{}", indented(&load::<GoString>(value))),
            _ => return None,
        }
    };
    written.ok().map(|()| out)
}
