//! `#[go(...)]` on types, fields, variants, methods and functions.

use syn::{Attribute, LitStr};

/// What stands in a `#[go(...)]`.
#[derive(Default)]
pub(crate) struct GoAttrs {
    /// `name = "X"`: the name in Go.
    pub(crate) name: Option<LitStr>,
    /// `skip`: Go does not have it.
    pub(crate) skip: bool,
    /// `package = "path name"`, which `#[itab::package]` adds: path and name of the package that a type belongs to.
    pub(crate) home: Option<(String, String)>,
}

impl GoAttrs {
    pub(crate) fn of(attrs: &[Attribute]) -> syn::Result<GoAttrs> {
        let mut found = GoAttrs::default();
        for attr in attrs.iter().filter(|a| a.path().is_ident("go")) {
            attr.parse_nested_meta(|meta| {
                if meta.path.is_ident("name") {
                    found.name = Some(meta.value()?.parse()?);
                } else if meta.path.is_ident("skip") {
                    found.skip = true;
                } else if meta.path.is_ident("package") {
                    let home: LitStr = meta.value()?.parse()?;
                    found.home = home.value().split_once(' ').map(|(path, name)| (path.into(), name.into()));
                } else {
                    return Err(meta.error("there are `name = \"X\"` and `skip`"));
                }
                Ok(())
            })?;
        }
        Ok(found)
    }
}
