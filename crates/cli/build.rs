//! Links the command to a fixed address, as Go's own commands are: the twenty thousand addresses in its tables need not
//! be written when it starts, which is a twentieth of the time of a small program.

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    if std::env::var("CARGO_CFG_TARGET_ENV").is_ok_and(|env| env == "gnu") {
        println!("cargo:rustc-link-arg-bins=-no-pie");
    }
}
