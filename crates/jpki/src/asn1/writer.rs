//! The few encodings that this project writes itself.

/// Encodes one element: tag, minimal length, content.
#[must_use]
pub fn encode(tag: u8, content: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(content.len().saturating_add(6));
    out.push(tag);
    match u8::try_from(content.len()) {
        Ok(short) if short < 0x80 => out.push(short),
        _ => {
            let octets = content.len().to_be_bytes();
            let leading = octets.iter().take_while(|&&octet| octet == 0).count();
            let minimal = octets.get(leading..).unwrap_or_default();
            out.push(0x80 | u8::try_from(minimal.len()).unwrap_or(0x7f));
            out.extend_from_slice(minimal);
        }
    }
    out.extend_from_slice(content);
    out
}

/// Encodes one element whose content is other elements in order.
#[must_use]
pub fn encode_all(tag: u8, parts: &[&[u8]]) -> Vec<u8> {
    encode(tag, &parts.concat())
}
