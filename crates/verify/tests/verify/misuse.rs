//! What must not be possible, held by types: this file does not compile if it becomes possible.

use std::fmt::Display;

use enishi_jpki::{AuthCertificate, CaCertificate, Serial, SigningCertificate};
use enishi_verify::{
    Evidence, OcspAnswer, ProvenHolder, RevocationStatus, SignedDocument, VerifiedHolder, VerifiedSigner,
};
use serde::Serialize;

/// Two implementations of one call are ambiguous, so the call compiles only while the second one is impossible.
macro_rules! never {
    ($type:ty: $($bound:path),+) => {
        $(const _: fn() = || {
            trait Either<Case> {
                fn which() {}
            }
            struct Bound;
            impl<T: ?Sized> Either<()> for T {}
            impl<T: ?Sized + $bound> Either<Bound> for T {}
            let _ = <$type as Either<_>>::which;
        };)+
    };
}

never!(RevocationStatus: Clone, Serialize, Display);
never!(OcspAnswer: Clone, Serialize, Display);
never!(ProvenHolder: Clone, Serialize, Display);
never!(VerifiedHolder: Clone, Serialize, Display);
never!(SignedDocument: Clone, Serialize, Display);
never!(VerifiedSigner: Clone, Serialize, Display);
never!(Evidence: Serialize, Display);
never!(Serial: Serialize, Display);
never!(AuthCertificate: Serialize, Display);
never!(SigningCertificate: Serialize, Display);

/// The macro itself tells: an authority's certificate may be copied.
#[test]
fn what_may_be_copied_can_be() {
    fn copied<T: Clone>(value: &T) -> T {
        value.clone()
    }
    let authority: CaCertificate = crate::world::auth_authority();
    assert_eq!(copied(&authority).der(), authority.der());
}
