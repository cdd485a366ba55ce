//! Which allocation cell a shape has.
//!
//! A shape is an object's size and the mask of its pointer words. Compiled code allocates by a bump in its shape's
//! [`Cell`](itab_abi::block::Cell), at a constant offset from the isolate block; so the number of the cell is decided
//! once per program, in this table, and each isolate of the program fills the cells from its own heap. Pointer-free
//! sizes have fixed cells. Numbers are never reused. Shapes that come after the last number get cell 0, which stays
//! empty.

use itab_abi::block::{CELL_COUNT, FIRST_SHAPE_CELL, MAX_CELL_SIZE, noscan_cell};
use rustc_hash::FxHashMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU32, Ordering};

/// Size in bytes and pointer words of an object of at most [`MAX_CELL_SIZE`] bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Shape {
    /// Bytes, a multiple of 8.
    pub size: u32,
    /// Bit i: word i may hold a pointer.
    pub mask: u64,
}

/// The cells of a program's shapes.
#[derive(Debug, Default)]
pub struct ShapeTable {
    cells: Mutex<FxHashMap<Shape, u32>>,
    len: AtomicU32,
}

impl ShapeTable {
    /// A table in which only pointer-free sizes have cells.
    pub fn new() -> ShapeTable {
        ShapeTable::default()
    }

    /// The cell for objects of `size` bytes with pointers in the words of `mask`, given out if the shape is new. 0: it
    /// has none and must be allocated by a call.
    pub fn cell(&self, size: usize, mask: u64) -> usize {
        self.lookup(size, mask, true)
    }

    /// The same without giving out a new cell.
    pub fn find(&self, size: usize, mask: u64) -> usize {
        self.lookup(size, mask, false)
    }

    fn lookup(&self, size: usize, mask: u64, insert: bool) -> usize {
        if size == 0 || size > MAX_CELL_SIZE {
            return 0;
        }
        let size = size.next_multiple_of(8);
        if mask == 0 {
            return noscan_cell(size);
        }
        let shape = Shape { size: size as u32, mask };
        let mut cells = self.cells.lock().unwrap_or_else(|e| e.into_inner());
        if let Some(&cell) = cells.get(&shape) {
            return cell as usize;
        }
        let next = FIRST_SHAPE_CELL + cells.len();
        if !insert || next >= CELL_COUNT {
            return 0;
        }
        cells.insert(shape, next as u32);
        self.len.store(cells.len() as u32, Ordering::Release);
        next
    }

    /// Number of cells given out, for noticing that there are new ones.
    pub fn len(&self) -> u32 {
        self.len.load(Ordering::Acquire)
    }

    /// Whether no shape has a cell of its own.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_stable() {
        let table = ShapeTable::new();
        assert_eq!(table.cell(24, 0), 3);
        assert_eq!(table.cell(20, 0), 3);
        assert_eq!(table.find(16, 0b11), 0);
        let cell = table.cell(16, 0b11);
        assert_eq!(cell, FIRST_SHAPE_CELL);
        assert_eq!(table.cell(16, 0b01), FIRST_SHAPE_CELL + 1);
        assert_eq!(table.cell(16, 0b11), cell);
        assert_eq!(table.find(16, 0b11), cell);
        assert_eq!(table.cell(520, 1), 0);
        for mask in 1..10_000 {
            table.cell(512, mask);
        }
        assert_eq!(table.cell(512, 20_000), 0);
        assert_eq!(table.len() as usize, CELL_COUNT - FIRST_SHAPE_CELL);
    }
}
