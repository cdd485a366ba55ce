//! `itab licenses`: the licences of itab, of the crates in it, and of Go if its source is packed in.
//!
//! `cargo xtask licenses` writes the file with the licences of the crates. A test compares it with the dependencies.

use std::io::Write;
use std::process::ExitCode;

const OWN: &str = "\
itab is licensed under MIT or Apache-2.0, as you like.
It contains the following crates.

";

/// Prints all of them.
pub fn print() -> ExitCode {
    let mut text = format!("{OWN}{}", include_str!("../licenses.txt"));
    if let Some(go) = itab::packed_license() {
        text += "\nIt contains the source of Go's standard library:\n\n";
        text += go;
    }
    // A reader that has seen enough is no failure.
    let _ = std::io::stdout().write_all(text.as_bytes());
    ExitCode::SUCCESS
}
