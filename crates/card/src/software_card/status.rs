//! The status words that the card answers with.

/// SW1 and SW2, the last two bytes of every answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Status(u16);

impl Status {
    pub(super) const OK: Self = Self(0x9000);
    pub(super) const MEMORY_FAILURE: Self = Self(0x6581);
    pub(super) const WRONG_LENGTH: Self = Self(0x6700);
    pub(super) const CHANNEL_NOT_PROVIDED: Self = Self(0x6881);
    pub(super) const SECURE_MESSAGING_NOT_PROVIDED: Self = Self(0x6882);
    pub(super) const WRONG_FILE_STRUCTURE: Self = Self(0x6981);
    pub(super) const SECURITY_STATUS: Self = Self(0x6982);
    /// What measured cards answer where ISO/IEC 7816-4 would say 6983.
    pub(super) const BLOCKED: Self = Self(0x6984);
    pub(super) const CONDITIONS_NOT_MET: Self = Self(0x6985);
    pub(super) const NO_CURRENT_FILE: Self = Self(0x6986);
    pub(super) const NO_SECURE_MESSAGING_HERE: Self = Self(0x69FC);
    pub(super) const WRONG_DATA: Self = Self(0x6A80);
    pub(super) const NOT_FOUND: Self = Self(0x6A82);
    pub(super) const WRONG_P1_P2: Self = Self(0x6A86);
    pub(super) const REFERENCE_NOT_FOUND: Self = Self(0x6A88);
    pub(super) const WRONG_OFFSET: Self = Self(0x6B00);
    pub(super) const INSTRUCTION_NOT_PROVIDED: Self = Self(0x6D00);
    pub(super) const CLASS_NOT_PROVIDED: Self = Self(0x6E00);
    pub(super) const SELF_DIAGNOSIS_FAILURE: Self = Self(0x6F00);

    /// 63Cx: how many tries a PIN has left (ISO/IEC 7816-4 table 6).
    pub(super) fn tries(left: u8) -> Self {
        Self(0x63C0 | u16::from(left & 0x0F))
    }

    pub(super) fn to_bytes(self) -> [u8; 2] {
        self.0.to_be_bytes()
    }
}
