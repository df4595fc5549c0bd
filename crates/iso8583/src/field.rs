use crate::bitmap::{hex_digits, nibble};
use crate::error::Fault;
use crate::reader::Reader;
use crate::spec::{Encoding, FieldSpec, Padding, Prefix};
use crate::{Error, Message, Part};

/// Reads one element as its row says, and appends its value to the message.
pub(crate) fn read(spec: &FieldSpec, reader: &mut Reader<'_>, message: &mut Message) -> Result<(), Error> {
    let de = spec.de();
    let length = read_length(spec, reader)?;
    let offset = reader.offset();
    let wire = reader.take(length, Part::Element(de))?;
    match spec.encoding() {
        Encoding::Text(_) => {
            let value = match spec.padding() {
                Padding::RightSpaces => without_padding(wire),
                Padding::None | Padding::LeftZeros => wire,
            };
            check(spec, value, offset)?;
            message.append(de, value.iter().copied());
        }
        Encoding::Hex => {
            let digit = |byte| nibble(byte);
            if let Some(at) = wire.iter().position(|&byte| digit(byte).is_none()) {
                let expected = "upper-case hexadecimal digits";
                return Err(Error::Content { de, offset: offset.saturating_add(at), expected });
            }
            let (pairs, _) = wire.as_chunks::<2>();
            let value = pairs.iter().filter_map(|&[high, low]| Some(digit(high)? << 4 | digit(low)?));
            message.append(de, value);
        }
        Encoding::Raw => {
            check(spec, wire, offset)?;
            message.append(de, wire.iter().copied());
        }
    }
    Ok(())
}

/// Writes one element as its row says.
pub(crate) fn write(spec: &FieldSpec, value: &[u8], out: &mut Vec<u8>) -> Result<(), Error> {
    let (de, offset, found) = (spec.de(), out.len(), value.len());
    let (min, max) = (spec.min(), spec.max());
    if !(min..=max).contains(&found) {
        return Err(Error::Length { de, offset, min, max, found });
    }
    write_prefix(spec.prefix(), found, out);
    let fill = max.saturating_sub(found);
    if spec.padding() == Padding::LeftZeros {
        out.extend(std::iter::repeat_n(b'0', fill));
    }
    check(spec, value, out.len())?;
    match spec.encoding() {
        Encoding::Text(_) | Encoding::Raw => out.extend_from_slice(value),
        Encoding::Hex => out.extend(value.iter().copied().flat_map(hex_digits)),
    }
    if spec.padding() == Padding::RightSpaces {
        if value.last() == Some(&b' ') {
            let expected = "a value that does not end with its padding";
            return Err(Error::Content { de, offset, expected });
        }
        out.extend(std::iter::repeat_n(b' ', fill));
    }
    Ok(())
}

/// Character set and structure of a value that begins at `offset`.
pub(crate) fn check(spec: &FieldSpec, value: &[u8], offset: usize) -> Result<(), Error> {
    let de = spec.de();
    if let Encoding::Text(charset) = spec.encoding()
        && let Some(at) = charset.first_refused(value)
    {
        return Err(Error::Charset { de, offset: offset.saturating_add(at), expected: charset });
    }
    spec.content().check(value).map_err(|Fault { at, expected }| Error::Content {
        de,
        offset: offset.saturating_add(at),
        expected,
    })
}

/// The number of bytes on the line: by the table, or by the prefix, which the table bounds.
fn read_length(spec: &FieldSpec, reader: &mut Reader<'_>) -> Result<usize, Error> {
    let de = spec.de();
    if spec.prefix() == Prefix::Fixed {
        return Ok(match spec.encoding() {
            Encoding::Text(_) | Encoding::Raw => spec.max(),
            Encoding::Hex => spec.max().saturating_mul(2),
        });
    }
    let offset = reader.offset();
    let expected = spec.prefix().digits();
    let digits = reader.take(expected, Part::Prefix(de))?;
    let mut found = 0_usize;
    for (at, digit) in digits.iter().enumerate() {
        if !digit.is_ascii_digit() {
            return Err(Error::Prefix { de, offset: offset.saturating_add(at), expected });
        }
        found = found.saturating_mul(10).saturating_add(usize::from(digit & 0xF));
    }
    let (min, max) = (spec.min(), spec.max());
    if !(min..=max).contains(&found) {
        return Err(Error::Length { de, offset, min, max, found });
    }
    Ok(found)
}

/// The length has been held against the table, whose rows fit their prefix.
fn write_prefix(prefix: Prefix, length: usize, out: &mut Vec<u8>) {
    let digit = |unit: usize| u8::try_from(length / unit % 10).map_or(b'0', |digit| b'0' + digit);
    match prefix {
        Prefix::Fixed => {}
        Prefix::Ll => out.extend([digit(10), digit(1)]),
        Prefix::Lll => out.extend([digit(100), digit(10), digit(1)]),
    }
}

/// Only spaces: whatever else stands at the end is the character set's to refuse.
fn without_padding(wire: &[u8]) -> &[u8] {
    let end = wire.iter().rposition(|&byte| byte != b' ').map_or(0, |last| last.saturating_add(1));
    wire.get(..end).unwrap_or_default()
}
