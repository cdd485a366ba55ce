//! Struct types.

use std::sync::Arc;

use crate::ObjList;

/// A struct's fields and tags.
#[derive(Clone, Debug, Default)]
pub struct Struct {
    /// The fields, in order.
    pub fields: ObjList,
    /// The fields' tags, unquoted; none if no field has one.
    pub tags: Option<Arc<[Arc<[u8]>]>>,
}

impl Struct {
    /// The tag of the `i`th field, empty if it has none.
    pub fn tag(&self, i: usize) -> &[u8] {
        self.tags.as_ref().map_or(&[], |tags| &tags[i])
    }
}
