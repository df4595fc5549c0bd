//! The date of a revocation as seconds since 1970: there are tens of millions, so eight octets are read at a time.

#[cfg(test)]
mod tests;

/// The first year of the table.
const FIRST_YEAR: u64 = 1970;
/// Years in the table: 32 bits of seconds end in 2106.
const YEARS: usize = 137;
const MONTHS: usize = 12;
const DAY: u64 = 86_400;

/// A month: when it begins, in seconds since 1970, and how many days it has.
#[derive(Clone, Copy)]
struct Month {
    begins: u64,
    days: u64,
}

static CALENDAR: [Month; YEARS * MONTHS] = calendar();

#[expect(
    clippy::indexing_slicing,
    reason = "evaluated by the compiler, which refuses an index that is out of bounds"
)]
const fn calendar() -> [Month; YEARS * MONTHS] {
    let mut all = [Month { begins: 0, days: 0 }; YEARS * MONTHS];
    let (mut at, mut begins, mut year) = (0, 0, FIRST_YEAR);
    while at < all.len() {
        let month = at % MONTHS + 1;
        let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
        let days = match month {
            2 if leap => 29,
            2 => 28,
            4 | 6 | 9 | 11 => 30,
            _ => 31,
        };
        all[at] = Month { begins, days };
        begins += days * DAY;
        at += 1;
        if month == MONTHS {
            year += 1;
        }
    }
    all
}

/// `17 0d` and `YYMMDDHHMMSSZ`, the octets in the order of their addresses from the lowest bits; the topmost octet is passed over.
const HEAD: u64 = 0x3030_3030_3030_0d17;
const TAIL: u64 = 0x005a_3030_3030_3030;
const SEVEN_OCTETS: u64 = 0x00ff_ffff_ffff_ffff;
/// Takes every octet above 9 to its top bit.
const ABOVE_NINE: u64 = 0x7676_7676_7676_7676;
const TOP_BITS: u64 = 0x8080_8080_8080_8080;
/// Every other octet.
const EVEN: u64 = 0x00ff_00ff_00ff_00ff;

/// Reads a UTCTime, tag and length included, from its first eight octets and the next seven; `None` is for a slower reader.
#[inline]
pub(super) fn utc_time(head: u64, tail: u64) -> Option<u32> {
    let (head, tail) = (head ^ HEAD, (tail & SEVEN_OCTETS) ^ TAIL);
    // Tag, length and Z are zero now, all others digits.
    let exact = (head & 0xffff) | (tail >> 48);
    let digits = head | tail | head.wrapping_add(ABOVE_NINE) | tail.wrapping_add(ABOVE_NINE);
    if exact != 0 || digits & TOP_BITS != 0 {
        return None;
    }
    let (head, tail) = (pairs(head), pairs(tail));
    let (year, month, day) = ((head >> 16) & 0xff, (head >> 32) & 0xff, head >> 48);
    let (hour, minute, second) = (tail & 0xff, (tail >> 16) & 0xff, (tail >> 32) & 0xff);
    // RFC 5280 §4.1.2.5.1: two-digit years below 50 are 20xx.
    let year = if year < 50 { year + 2000 } else { year + 1900 };
    seconds(year, month, day, (hour, minute, second))
}

/// Reads the content of a GeneralizedTime of 2050 and later (RFC 5280 §4.1.2.5.2); `None` is for a slower reader.
pub(super) fn generalized_time(content: &[u8]) -> Option<u32> {
    let content: &[u8; 15] = content.try_into().ok()?;
    let (head, tail) = content.split_first_chunk::<8>()?;
    let [tail @ .., b'Z'] = tail else { return None };
    let (head, tail) = (u64::from_le_bytes(*head) ^ 0x3030_3030_3030_3030, padded(tail) ^ 0x3030_3030_3030);
    let digits = head | tail | head.wrapping_add(ABOVE_NINE) | tail.wrapping_add(ABOVE_NINE);
    if digits & TOP_BITS != 0 {
        return None;
    }
    let (head, tail) = (pairs(head), pairs(tail));
    let year = (head & 0xff) * 100 + ((head >> 16) & 0xff);
    let (month, day) = ((head >> 32) & 0xff, head >> 48);
    let time = (tail & 0xff, (tail >> 16) & 0xff, (tail >> 32) & 0xff);
    if year < 2050 { None } else { seconds(year, month, day, time) }
}

fn padded(octets: &[u8]) -> u64 {
    octets.iter().rev().fold(0, |sum, &octet| (sum << 8) | u64::from(octet))
}

/// Two digits each, the tens at the lower address, as numbers in lanes of 16 bits.
const fn pairs(digits: u64) -> u64 {
    // At most 99 in each lane: nothing is carried over.
    (digits & EVEN).wrapping_mul(10).wrapping_add((digits >> 8) & EVEN)
}

fn seconds(year: u64, month: u64, day: u64, (hour, minute, second): (u64, u64, u64)) -> Option<u32> {
    let (month, day) = (month.wrapping_sub(1), day.wrapping_sub(1));
    // Years before the first wrap to a place far outside.
    let at = year.wrapping_sub(FIRST_YEAR).wrapping_mul(12).wrapping_add(month);
    let its = CALENDAR.get(usize::try_from(at).ok()?)?;
    if month >= 12 || day >= its.days || hour >= 24 || minute >= 60 || second >= 60 {
        return None;
    }
    u32::try_from(its.begins + day * DAY + hour * 3600 + minute * 60 + second).ok()
}
