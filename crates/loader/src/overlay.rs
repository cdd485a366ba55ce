//! Our own Go files in the place of Go's, or beside them.
//!
//! A package of the overlay either replaces the package of GOROOT (`runtime`) or adds files to it. Added
//! files may declare again what GOROOT's files declare: module `replace` drops the other declaration. A file whose name
//! ends in an architecture (`x_arm64.go`) counts on that one alone, in whatever package it is: the build script leaves
//! the others out.

use std::borrow::Cow;
use std::collections::BTreeMap;

/// Text that is mostly part of the binary.
type Text = Cow<'static, str>;

/// Overlay files of one package.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OverlayPackage {
    /// None of GOROOT's files count.
    pub replace: bool,
    /// Names and texts.
    pub files: Vec<(Text, Text)>,
}

/// Overlay packages by import path.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Overlay {
    packages: BTreeMap<Text, OverlayPackage>,
}

include!(concat!(env!("OUT_DIR"), "/overlay_files.rs"));

/// Packages of our overlay that are ours altogether.
pub const REPLACED: &[&str] = &["runtime"];

impl Overlay {
    /// No files.
    pub fn empty() -> Overlay {
        Overlay::default()
    }

    /// The overlay that itab compiles the standard library with: the files in this crate's `overlay`.
    pub fn builtin() -> Overlay {
        let mut overlay = Overlay::default();
        for &(package, name, text) in FILES {
            overlay.add(package, name, text);
        }
        for path in REPLACED {
            if let Some(package) = overlay.packages.get_mut(*path) {
                package.replace = true;
            }
        }
        overlay
    }

    /// Takes a file out of a package.
    #[must_use]
    pub fn without(mut self, package: &str, name: &str) -> Overlay {
        if let Some(p) = self.packages.get_mut(package) {
            p.files.retain(|(n, _)| n != name);
        }
        self
    }

    /// Adds a file to a package.
    pub fn add(&mut self, package: impl Into<Text>, name: impl Into<Text>, text: impl Into<Text>) {
        self.packages.entry(package.into()).or_default().files.push((name.into(), text.into()));
    }

    /// Makes a package consist of its overlay files alone.
    pub fn replace(&mut self, package: impl Into<Text>) {
        self.packages.entry(package.into()).or_default().replace = true;
    }

    /// The files of a package.
    pub fn get(&self, package: &str) -> Option<&OverlayPackage> {
        self.packages.get(package)
    }

    /// All packages with overlay files.
    pub fn packages(&self) -> impl Iterator<Item = (&str, &OverlayPackage)> {
        self.packages.iter().map(|(path, p)| (&path[..], p))
    }
}
