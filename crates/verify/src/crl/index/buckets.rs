//! One block for each page, filled with its records until it is full and goes to the details.

use super::spool::BLOCK;

/// Blocks of one allocation.
const BLOCKS_A_SLAB: usize = 128;

/// The blocks that are being filled.
#[derive(Default)]
pub(super) struct Buckets {
    slabs: Vec<Box<[u8]>>,
    /// Records in each block.
    fills: Vec<u16>,
}

impl Buckets {
    /// Another block, empty.
    pub(super) fn add(&mut self) {
        if self.fills.len().is_multiple_of(BLOCKS_A_SLAB) {
            self.slabs.push(vec![0; BLOCKS_A_SLAB * BLOCK].into_boxed_slice());
        }
        self.fills.push(0);
    }

    /// Puts a record into a block, and tells how many it then has.
    #[inline]
    pub(super) fn put<const OCTETS: usize>(&mut self, bucket: usize, record: &[u8; OCTETS]) -> Option<usize> {
        let fill = self.fills.get_mut(bucket)?;
        let at = (bucket % BLOCKS_A_SLAB) * BLOCK + usize::from(*fill) * OCTETS;
        let slab = self.slabs.get_mut(bucket / BLOCKS_A_SLAB)?;
        *slab.get_mut(at..)?.first_chunk_mut::<OCTETS>()? = *record;
        *fill += 1;
        Some(usize::from(*fill))
    }

    /// Takes the records of a block out; it is empty then.
    pub(super) fn take(&mut self, bucket: usize) -> Option<(&[u8; BLOCK], u16)> {
        let fill = std::mem::take(self.fills.get_mut(bucket)?);
        let at = (bucket % BLOCKS_A_SLAB) * BLOCK;
        let block = self.slabs.get(bucket / BLOCKS_A_SLAB)?.get(at..)?.first_chunk()?;
        Some((block, fill))
    }
}
