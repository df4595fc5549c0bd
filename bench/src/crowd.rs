//! Card holders of one authority, and the authentication of each: what ③ does between a token and a clearance.

use std::io::Cursor;

use aws_lc_rs::signature::{
    ECDSA_P384_SHA384_ASN1, ECDSA_P384_SHA384_FIXED, ParsedPublicKey, RSA_PKCS1_2048_8192_SHA256,
    VerificationAlgorithm,
};
use enishi_jpki::{AuthCertificate, CaCertificate, CertKind, Profile, SignatureAlgorithm, Token};
use enishi_lists::DetailFiles;
use enishi_party::Timestamp;
use enishi_verify::{Anchors, CrlShelf, CrlSource, Limits, ProvenHolder, RevocationStatus, clear, prove};

use crate::error::BenchError;
use crate::people::{Holder, People};
use crate::recut::{self, NextKey, Signer};

/// Holders of certificates with keys of one kind, their authority's list, and two memories of them.
pub(crate) struct Crowd {
    pub(crate) holders: Vec<Holder>,
    /// The authority's certificate.
    #[cfg_attr(not(feature = "peers"), expect(dead_code, reason = "only peers ask"))]
    pub(crate) authority: Vec<u8>,
    /// A small list of it, for those who read lists into objects.
    #[cfg_attr(not(feature = "peers"), expect(dead_code, reason = "only peers ask"))]
    pub(crate) small_list: Vec<u8>,
    shelf: CrlShelf,
    pub(crate) now: Timestamp,
    /// Everybody finds room in this memory.
    seen: Anchors,
    /// In this one a single certificate does, so everybody who comes is new, is kept, and pushes out the last.
    first: Anchors,
    bare: Bare,
}

/// Keys ready for use, and the messages: what is left when everything but the verifications is taken away.
struct Bare {
    authority: ParsedPublicKey,
    cards: Vec<(ParsedPublicKey, Vec<u8>)>,
}

/// Whether the certificates were seen before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Sight {
    First,
    Again,
}

impl Crowd {
    /// RSA-2048, as the cards of today.
    pub(crate) fn of_today(
        people: &People,
        list: &mut dyn CrlSource,
        small_list: Vec<u8>,
    ) -> Result<Self, BenchError> {
        let holders = people.holders.iter().map(Holder::again).collect();
        Self::new(people, holders, people.issuer()?.clone(), list, small_list)
    }

    /// The same people with cards of the next generation, P-384 in card and authority, and a small list.
    pub(crate) fn of_the_next_generation(people: &People, small_list: &[u8]) -> Result<Self, BenchError> {
        let key = NextKey::generate()?;
        let signer = Signer::P384(&key);
        let der = recut::certificate(people.issuer()?.der(), Some(&key.spki()), None, &signer)?;
        let authority = CaCertificate::parse(&der, &Profile::SANDBOX)
            .map_err(BenchError::of("an authority's certificate"))?;
        let holders = people.holders.iter().map(|holder| next(holder, &signer)).collect::<Result<_, _>>()?;
        let list = recut::list(small_list, &signer)?;
        Self::new(people, holders, authority, &mut Cursor::new(list.clone()), list)
    }

    fn new(
        people: &People,
        holders: Vec<Holder>,
        authority: CaCertificate,
        list: &mut dyn CrlSource,
        small_list: Vec<u8>,
    ) -> Result<Self, BenchError> {
        let now = people.now;
        let (der, key_id) = (authority.der().to_vec(), authority.subject_key_id().clone());
        let bare = Bare::new(&authority, &holders)?;
        let anchors = Anchors::new(vec![authority]).map_err(BenchError::of("anchors"))?;
        let shelf = CrlShelf::new(anchors.clone(), Limits::default());
        shelf
            .place_from(
                CertKind::Authentication,
                &key_id,
                None,
                list,
                &DetailFiles::new(people.path("")),
                now,
            )
            .map_err(BenchError::of("the authority's list"))?;
        let first = anchors.clone().remembering(1);
        Ok(Self { holders, authority: der, small_list, shelf, now, seen: anchors, first, bare })
    }

    /// Holder after holder.
    pub(crate) fn each<'a>(
        &'a self,
        step: impl Fn(&'a Self, usize) -> Result<(), BenchError> + 'a,
    ) -> impl FnMut() -> Result<(), BenchError> + 'a {
        let mut at = 0_usize;
        move || {
            at = at.wrapping_add(1) % self.holders.len().max(1);
            step(self, at)
        }
    }

    pub(crate) fn holder(&self, at: usize) -> Result<&Holder, BenchError> {
        let missing = || BenchError::Failed { what: "a holder", why: "there is none".to_owned() };
        self.holders.get(at).ok_or_else(missing)
    }

    /// The verifications that an authentication cannot do without, bare: of the very signatures over the very octets.
    pub(crate) fn verify_bare(&self, at: usize, sight: Sight) -> Result<(), BenchError> {
        let failed =
            || BenchError::Failed { what: "a bare verification", why: "it does not hold".to_owned() };
        let holder = self.holder(at)?;
        if sight == Sight::First {
            let certificate = &holder.certificate;
            let signed = self.bare.authority.verify_sig(certificate.tbs_der(), certificate.signature_bytes());
            signed.map_err(|_| failed())?;
        }
        let (key, message) = self.bare.cards.get(at).ok_or_else(failed)?;
        key.verify_sig(message, holder.token.signature()).map_err(|_| failed())
    }

    /// Path and possession.
    pub(crate) fn prove(&self, at: usize, sight: Sight) -> Result<ProvenHolder, BenchError> {
        let Holder { token, challenge, context, .. } = self.holder(at)?;
        let anchors = match sight {
            Sight::First => &self.first,
            Sight::Again => &self.seen,
        };
        prove(token.clone(), challenge, context.clone(), anchors, &Profile::SANDBOX, self.now)
            .map_err(BenchError::of("a proof"))
    }

    /// Path, possession and revocation by the list at hand.
    pub(crate) fn authenticate(&self, at: usize, sight: Sight) -> Result<(), BenchError> {
        let (proven, now) = (self.prove(at, sight)?, self.now);
        let certificate = proven.certificate();
        let list = self.shelf.current(certificate.kind(), certificate.issuer_key_id(), now);
        let missing = || BenchError::Failed { what: "the list", why: "none is current".to_owned() };
        let status = RevocationStatus::from_crl(&*list.ok_or_else(missing)?, certificate, now)
            .map_err(BenchError::of("the list"))?;
        clear(proven, status, now).map(drop).map_err(BenchError::of("clearing"))
    }
}

impl Bare {
    fn new(authority: &CaCertificate, holders: &[Holder]) -> Result<Self, BenchError> {
        type Form = &'static dyn VerificationAlgorithm;
        let (certificates, cards): (Form, Form) = match authority.signature_algorithm() {
            SignatureAlgorithm::Es384 => (&ECDSA_P384_SHA384_ASN1, &ECDSA_P384_SHA384_FIXED),
            SignatureAlgorithm::Rs256 | SignatureAlgorithm::Es256 => {
                (&RSA_PKCS1_2048_8192_SHA256, &RSA_PKCS1_2048_8192_SHA256)
            }
        };
        let parse = |form, key: &[u8]| ParsedPublicKey::new(form, key).map_err(BenchError::of("a key"));
        let card = |holder: &Holder| {
            let key = parse(cards, holder.certificate.public_key_octets())?;
            Ok((key, holder.challenge.message(holder.token.algorithm())))
        };
        Ok(Self {
            authority: parse(certificates, authority.public_key_octets())?,
            cards: holders.iter().map(card).collect::<Result<_, BenchError>>()?,
        })
    }
}

/// The holder with a card of the next generation.
fn next(holder: &Holder, authority: &Signer<'_>) -> Result<Holder, BenchError> {
    let key = NextKey::generate()?;
    let der = recut::certificate(&holder.der, Some(&key.spki()), None, authority)?;
    let certificate = AuthCertificate::parse(&der, &Profile::SANDBOX)
        .map_err(BenchError::of("a certificate of the next generation"))?;
    let algorithm = SignatureAlgorithm::Es384;
    let signature = key.sign(&holder.challenge.message(algorithm))?;
    let token = Token::new(der.clone(), algorithm, signature).map_err(BenchError::of("a token"))?;
    let (challenge, context) = (holder.challenge.clone(), holder.context.clone());
    Ok(Holder { certificate, der, token, challenge, context })
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use enishi_jpki::SignatureAlgorithm;

    use super::{Crowd, Sight};
    use crate::list;
    use crate::people::People;

    #[test]
    fn everybody_of_both_generations_is_authenticated_at_first_sight_and_again() {
        let folder = tempfile::tempdir().unwrap();
        let people = People::make(folder.path()).unwrap();
        let list = list::with_entries(&people, 100).unwrap();
        let today = Crowd::of_today(&people, &mut Cursor::new(list.clone()), list.clone()).unwrap();
        let next = Crowd::of_the_next_generation(&people, &list).unwrap();
        for (crowd, algorithm) in [(today, SignatureAlgorithm::Rs256), (next, SignatureAlgorithm::Es384)] {
            for at in (0..crowd.holders.len()).chain(0..crowd.holders.len()) {
                let certificate = &crowd.holder(at).unwrap().certificate;
                assert_eq!(certificate.key_algorithm().signs_with(), algorithm);
                assert_eq!(certificate.signature_algorithm(), algorithm);
                crowd.authenticate(at, Sight::First).unwrap();
                crowd.authenticate(at, Sight::Again).unwrap();
                crowd.verify_bare(at, Sight::First).unwrap();
                crowd.verify_bare(at, Sight::Again).unwrap();
            }
        }
    }
}
