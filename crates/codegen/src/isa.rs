//! The target machine and Cranelift's settings.

use crate::compiler::{CodegenError, CodegenOptions, OptLevel};
use cranelift_codegen::isa::{self, OwnedTargetIsa};
use cranelift_codegen::settings::{self, Configurable};

/// The machine that the options name.
///
/// The pinned register holds the isolate block. Frame pointers make tracebacks and `recover` possible. Frames over a
/// page touch every page of themselves, so that a guard page below a stack is never jumped over.
/// Where blocks begin is what `alignment` and the check of finished code need.
pub fn make(options: &CodegenOptions) -> Result<OwnedTargetIsa, CodegenError> {
    let mut flags = settings::builder();
    let opt_level = match options.opt_level {
        OptLevel::None => "none",
        OptLevel::Speed => "speed",
    };
    let settings = [
        ("opt_level", opt_level),
        ("enable_verifier", if options.verify { "true" } else { "false" }),
        ("unwind_info", "false"),
        ("preserve_frame_pointers", "true"),
        ("enable_pinned_reg", "true"),
        ("is_pic", "false"),
        ("enable_probestack", "true"),
        ("probestack_strategy", "inline"),
        ("machine_code_cfg_info", "true"),
    ];
    for (name, value) in settings {
        flags.set(name, value).map_err(|e| unsupported(&e.to_string()))?;
    }
    let flags = settings::Flags::new(flags);
    let builder = match &options.target {
        None => cranelift_native::builder().map_err(unsupported)?,
        Some(t) => isa::lookup_by_name(t).map_err(|e| unsupported(&e.to_string()))?,
    };
    builder.finish(flags).map_err(|e| unsupported(&e.to_string()))
}

fn unsupported(why: &str) -> CodegenError {
    CodegenError { function: "target machine".into(), message: why.into() }
}
