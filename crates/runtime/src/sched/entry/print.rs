//! Entries of print statements.
//!
//! Codegen brackets the operands of one statement with `printlock` and `printunlock`; what is printed in between goes
//! out in one write.

use crate::sched::isolate;
use crate::sched::printer::{Printer, format_complex, format_complex64, format_float, format_float32};
use itab_abi::block::IsolateBlock;

/// Runs `f` on the isolate's buffer and writes it out unless a statement is being collected.
///
/// # Safety
/// `block` belongs to the isolate that runs on this thread.
unsafe fn with_printer(block: *mut IsolateBlock, f: impl FnOnce(&mut Printer)) {
    // SAFETY: the isolate runs on this thread only, and `f` does not call back into it.
    let isolate = unsafe { &mut *isolate::of(block) };
    f(&mut isolate.printer);
    if isolate.printer.depth == 0 && !isolate.printer.text.is_empty() {
        let text = std::mem::take(&mut isolate.printer.text);
        isolate.gateway.write_err(&text);
        isolate.printer.text = text;
        isolate.printer.text.clear();
    }
}

macro_rules! entries {
    ($($(#[$doc:meta])* fn $name:ident($printer:ident $(, $arg:ident: $ty:ty)*) $body:block)*) => {
        $(
            $(#[$doc])*
            ///
            /// # Safety
            /// `block` belongs to the isolate that runs on this thread; pointers are valid.
            pub unsafe extern "C" fn $name(block: *mut IsolateBlock $(, $arg: $ty)*) {
                // SAFETY: as the caller says.
                unsafe { with_printer(block, |$printer| $body) }
            }
        )*
    };
}

entries! {
    /// Holds the output together until `printunlock`.
    fn printlock(p) { p.depth += 1 }
    /// Ends the bracket.
    fn printunlock(p) { p.depth = p.depth.saturating_sub(1) }
    /// A bool.
    fn printbool(p, v: bool) { p.text.extend_from_slice(if v { b"true" } else { b"false" }) }
    /// A signed integer.
    fn printint(p, v: i64) { p.add(v) }
    /// An unsigned integer.
    fn printuint(p, v: u64) { p.add(v) }
    /// A float64.
    fn printfloat(p, v: f64) { p.add(format_float(v)) }
    /// A float32.
    fn printfloat32(p, v: f64) { p.add(format_float32(v as f32)) }
    /// A complex128.
    fn printcomplex(p, re: f64, im: f64) { p.add(format_complex(re, im)) }
    /// A complex64.
    fn printcomplex64(p, re: f64, im: f64) { p.add(format_complex64(re as f32, im as f32)) }
    /// A string.
    fn printstring(p, s: *const u8, n: usize) {
        if n > 0 {
            p.text.extend_from_slice(std::slice::from_raw_parts(s, n));
        }
    }
    /// An address.
    fn printpointer(p, v: usize) { p.add(format_args!("{v:#x}")) }
    /// A slice's length, capacity and pointer.
    fn printslice(p, v: usize, len: u64, cap: u64) { p.add(format_args!("[{len}/{cap}]{v:#x}")) }
    /// An interface's two words.
    fn printeface(p, typ: usize, data: usize) { p.add(format_args!("({typ:#x},{data:#x})")) }
    /// A space.
    fn printsp(p) { p.text.push(b' ') }
    /// A newline.
    fn printnl(p) { p.text.push(b'\n') }
}
