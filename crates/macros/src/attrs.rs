//! `#[go(...)]` on fields and variants.

use syn::{Attribute, LitStr};

/// What stands in a `#[go(...)]`.
#[derive(Default)]
pub(crate) struct GoAttrs {
    /// `name = "X"`: the name in Go.
    pub(crate) name: Option<LitStr>,
    /// `skip`: Go does not have it.
    pub(crate) skip: bool,
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
                } else {
                    return Err(meta.error("there are `name = \"X\"` and `skip`"));
                }
                Ok(())
            })?;
        }
        Ok(found)
    }
}
