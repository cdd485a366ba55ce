//! The data image: what the package variables of every new isolate hold at first.
//!
//! The image holds constants, literals and pointers to what all isolates share. A pointer to another variable has a
//! different value in each isolate, so it stands in a list of relocations that the isolate applies to its copy.

use crate::link::{LinkError, Linker};
use crate::origin::Origin;
use itab_ir::program::StaticReloc;
use itab_runtime::sched::program::{DataImage, DataReloc};

/// Initial contents of the package variables, with a mask of the words that may hold pointers.
pub(crate) fn data_image(origin: &mut Origin, linker: &mut Linker) -> Result<DataImage, LinkError> {
    let program = origin.ir();
    let size = program.globals_size.next_multiple_of(8) as usize;
    let mut image = DataImage { bytes: vec![], size, relocs: vec![], ptr_mask: vec![0; size.div_ceil(64)] };
    let globals = program.globals.clone();
    for g in &globals {
        let mark = &mut image.ptr_mask;
        program.types.for_each_pointer(g.ty, g.offset, &mut |off| mark[off as usize / 64] |= 1 << (off / 8 % 8));
    }
    for g in &globals {
        let Some(init) = &g.init else { continue };
        let end = g.offset as usize + init.bytes.len();
        if image.bytes.len() < end {
            image.bytes.resize(end, 0);
        }
        image.bytes[g.offset as usize..end].copy_from_slice(&init.bytes);
        for (off, reloc) in &init.relocs {
            write_reloc(&mut image, g.offset + off, reloc, origin, linker)?;
        }
    }
    Ok(image)
}

/// Writes what a word of the image holds, or leaves it to the isolates.
fn write_reloc(
    image: &mut DataImage,
    at: u64,
    reloc: &StaticReloc,
    origin: &mut Origin,
    linker: &mut Linker,
) -> Result<(), LinkError> {
    let address = match reloc {
        StaticReloc::Global(g, off) => {
            let target = (origin.ir().global(*g).offset + off) as u32;
            image.relocs.push(DataReloc { at: at as u32, target });
            return Ok(());
        }
        StaticReloc::Str(bytes) => linker.constant(bytes, 1)?,
        StaticReloc::Value(ty, bytes) => {
            let align = origin.ir().types.align_of(*ty) as u32;
            linker.constant(bytes, align)?
        }
        StaticReloc::Type(ty) => linker.descriptor(*ty, origin)? as usize,
        StaticReloc::Itab(inter, typ) => linker.itab(*inter, *typ, origin)?,
        StaticReloc::FuncVal(f) => linker.func_val(*f)?,
    };
    image.bytes[at as usize..at as usize + 8].copy_from_slice(&address.to_le_bytes());
    Ok(())
}
