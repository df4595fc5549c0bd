use std::fmt;

#[cfg(test)]
mod tests;

/// Which characters an element may contain; all are ASCII.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Charset {
    /// `n`: digits.
    Numeric,
    /// `an`: letters and digits.
    Alnum,
    /// `ans`: the printable characters, space among them.
    Ans,
    /// `x+n`: `C` or `D`, then digits.
    SignedNumeric,
    /// `z`: what track 2 and 3 may contain, digits and the separators `=`, `D`.
    Track,
}

impl Charset {
    /// The place of the first character that is not admitted.
    pub(crate) fn first_refused(self, value: &[u8]) -> Option<usize> {
        let mut bytes = value.iter();
        match self {
            Self::Numeric => bytes.position(|byte| !byte.is_ascii_digit()),
            Self::Alnum => bytes.position(|byte| !byte.is_ascii_alphanumeric()),
            Self::Ans => bytes.position(|byte| !matches!(byte, b' '..=b'~')),
            Self::SignedNumeric => match bytes.next()? {
                b'C' | b'D' => bytes.position(|byte| !byte.is_ascii_digit()).map(|at| at.saturating_add(1)),
                _ => Some(0),
            },
            Self::Track => bytes.position(|byte| !matches!(byte, b'0'..=b'9' | b'=' | b'D')),
        }
    }

    /// The standard's abbreviation.
    #[must_use]
    pub const fn abbreviation(self) -> &'static str {
        match self {
            Self::Numeric => "n",
            Self::Alnum => "an",
            Self::Ans => "ans",
            Self::SignedNumeric => "x+n",
            Self::Track => "z",
        }
    }
}

impl fmt::Display for Charset {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Numeric => "ASCII digits",
            Self::Alnum => "ASCII letters and digits",
            Self::Ans => "printable ASCII",
            Self::SignedNumeric => "C or D, then ASCII digits",
            Self::Track => "ASCII digits and track separators",
        })
    }
}
