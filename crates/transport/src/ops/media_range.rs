//! What an `Accept` header prefers (RFC 9110 §12.5.1), as far as two kinds of text go.

/// How much a media type is wanted, in thousandths; none where it is not named itself.
///
/// Parameters but `q` are passed over: a collector names the versions of a format that it reads, and all read the first.
pub(crate) fn named_quality(accept: &str, media_type: &str) -> Option<u16> {
    accept
        .split(',')
        .filter_map(|range| {
            let mut parts = range.split(';').map(str::trim);
            let named = parts.next()?.eq_ignore_ascii_case(media_type);
            let quality = parts.find_map(|part| part.strip_prefix("q=").map(thousandths)).unwrap_or(1000);
            named.then_some(quality)
        })
        .max()
}

/// `0.75` is 750; what is no quality is none.
fn thousandths(text: &str) -> u16 {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    match (whole, fraction.len()) {
        ("1", _) => 1000,
        ("0", 0..=3) => format!("{fraction:0<3}").parse().unwrap_or(0),
        _ => 0,
    }
}

#[cfg(test)]
mod tests;
