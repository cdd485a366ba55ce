//! What the functions of one batch share while they are compiled: symbols, read-only data, shapes of types.
//!
//! CLIF names external things by numbers. [`Symbols`] gives every [`LinkSymbol`] a number, and `finish` turns the numbers in
//! relocations back.

use crate::abi::{self, Leaf};
use crate::object::{DataItem, DataReloc, LinkSymbol};
use itab_ir::program::FuncId;
use itab_ir::ty::{TyId, TypeTable};
use rustc_hash::{FxHashMap, FxHashSet};
use std::rc::Rc;
use std::sync::Arc;

/// State of a batch.
#[derive(Default)]
pub struct Unit {
    /// Functions of the batch: calls to them are direct.
    pub batch: FxHashSet<FuncId>,
    /// Symbols that code refers to.
    pub symbols: Symbols,
    /// Read-only data.
    pub data: DataPool,
    shapes: FxHashMap<TyId, Shape>,
}

/// How a value of a type is kept while a function runs.
#[derive(Clone, Debug)]
pub enum Shape {
    /// As scalars.
    Flat(Rc<[Leaf]>),
    /// In memory: its size in bytes.
    Image(u64),
}

impl Unit {
    /// The state for a batch of these functions.
    pub fn new(batch: impl IntoIterator<Item = FuncId>) -> Unit {
        Unit { batch: batch.into_iter().collect(), ..Unit::default() }
    }

    /// How values of a type (not a tuple) are kept.
    pub fn shape(&mut self, types: &TypeTable, ty: TyId) -> Shape {
        self.shapes
            .entry(ty)
            .or_insert_with(|| match abi::leaves(types, ty) {
                Some(l) => Shape::Flat(l.into()),
                None => Shape::Image(types.size_of(ty)),
            })
            .clone()
    }
}

/// Numbers for symbols.
#[derive(Default)]
pub struct Symbols {
    targets: Vec<LinkSymbol>,
    index: FxHashMap<LinkSymbol, u32>,
}

impl Symbols {
    /// The number of a symbol.
    pub fn number(&mut self, target: &LinkSymbol) -> u32 {
        if let Some(&n) = self.index.get(target) {
            return n;
        }
        let n = self.targets.len() as u32;
        self.targets.push(target.clone());
        self.index.insert(target.clone(), n);
        n
    }

    /// The symbol with a number.
    pub fn target(&self, number: u32) -> &LinkSymbol {
        &self.targets[number as usize]
    }
}

/// Read-only data, each content once.
#[derive(Default)]
pub struct DataPool {
    items: Vec<DataItem>,
    plain: FxHashMap<(Arc<[u8]>, u32), u32>,
    with_relocs: FxHashMap<(Arc<[u8]>, Vec<DataReloc>), u32>,
}

impl DataPool {
    /// The item with these bytes.
    pub fn bytes(&mut self, bytes: &[u8], align: u32) -> LinkSymbol {
        let bytes: Arc<[u8]> = bytes.into();
        let items = &mut self.items;
        let n = *self.plain.entry((bytes.clone(), align)).or_insert_with(|| {
            items.push(DataItem { bytes, align, relocs: vec![] });
            items.len() as u32 - 1
        });
        LinkSymbol::Data(n)
    }

    /// The item with these bytes and addresses.
    pub fn item(&mut self, bytes: &[u8], align: u32, relocs: Vec<DataReloc>) -> LinkSymbol {
        if relocs.is_empty() {
            return self.bytes(bytes, align);
        }
        let bytes: Arc<[u8]> = bytes.into();
        let items = &mut self.items;
        let n = *self.with_relocs.entry((bytes.clone(), relocs.clone())).or_insert_with(|| {
            items.push(DataItem { bytes, align, relocs });
            items.len() as u32 - 1
        });
        LinkSymbol::Data(n)
    }

    /// All items.
    pub fn into_items(self) -> Vec<DataItem> {
        self.items
    }
}
