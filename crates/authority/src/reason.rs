//! Reasons for revocation as numbers (CRLReason, RFC 5280 §5.3.1).

use enishi_verify::RevocationReason;

const CODES: [(RevocationReason, u8); 7] = [
    (RevocationReason::Unspecified, 0),
    (RevocationReason::KeyCompromise, 1),
    (RevocationReason::CaCompromise, 2),
    (RevocationReason::AffiliationChanged, 3),
    (RevocationReason::Superseded, 4),
    (RevocationReason::CessationOfOperation, 5),
    (RevocationReason::CertificateHold, 6),
];

pub(crate) fn code(reason: RevocationReason) -> u8 {
    CODES.iter().find(|(known, _)| *known == reason).map_or(0, |(_, code)| *code)
}

pub(crate) fn from_code(code: u8) -> Option<RevocationReason> {
    CODES.iter().find(|(_, known)| *known == code).map(|(reason, _)| *reason)
}
