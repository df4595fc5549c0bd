//! Tag and length of an element whose content may not be there yet.

use enishi_jpki::asn1::DerFault;

/// Tag and length in DER (X.690 §10.1); one-octet tags only, as the reader of whole elements has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Frame {
    pub(super) tag: u8,
    /// Octets of tag and length.
    pub(super) header: usize,
    /// Octets of the content.
    pub(super) content: usize,
}

impl Frame {
    /// Most octets of tag and length: one, and one with four behind.
    pub(super) const OCTETS_MAX: usize = 6;

    /// Reads the beginning of an element; `None` where tag and length are not all there.
    pub(super) fn read(input: &[u8]) -> Result<Option<Self>, DerFault> {
        let Some((&tag, rest)) = input.split_first() else { return Ok(None) };
        if tag & 0x1f == 0x1f {
            return Err(DerFault::LongTag);
        }
        let Some((&first, rest)) = rest.split_first() else { return Ok(None) };
        if first < 0x80 {
            return Ok(Some(Self { tag, header: 2, content: usize::from(first) }));
        }
        let count = usize::from(first & 0x7f);
        if count == 0 || count > 4 {
            return Err(DerFault::Length);
        }
        let Some(octets) = rest.get(..count) else { return Ok(None) };
        let length = octets.iter().fold(0_u64, |sum, &octet| (sum << 8) | u64::from(octet));
        // The fewest octets.
        if length < 0x80 || octets.first() == Some(&0) {
            return Err(DerFault::Length);
        }
        let content = usize::try_from(length).map_err(|_| DerFault::Length)?;
        Ok(Some(Self { tag, header: count.saturating_add(2), content }))
    }

    /// Octets of the whole element.
    pub(super) const fn octets(&self) -> usize {
        self.header.saturating_add(self.content)
    }
}

#[cfg(test)]
mod tests;
