//! Hostile certificates, tokens and answers of any shape cost counted work: signatures verified, octets allocated.
//!
//! Counted on the checking thread, where all of it happens; what the cryptographic library takes for itself is one
//! key at a time, whose size the profile bounds.

use std::sync::LazyLock;

use allocation_counter::measure;
use aws_lc_rs::rsa::KeySize;
use enishi_jpki::asn1::{encode, encode_all, tag};
use enishi_jpki::oid::Oid;
use enishi_jpki::{CertKind, SignatureAlgorithm, SigningCertificate, Token};
use proptest::prelude::{any, prop, prop_assert, proptest};

use crate::answer::{Answer, by_key, delegate_spec, nonce, revoked};
use crate::issue::{self, Ext, Key, Spec, Who};
use crate::limits::{OCTETS_PER_AUTHENTICATION_MAX, SIGNATURES_PER_AUTHENTICATION_MAX};
use crate::signature::counted;
use crate::world::{
    anchors, auth_authority, certificate, challenge, good_token, holder_spec, hours, limits, now,
    prove_token, proven, request, token,
};
use crate::{Limits, OcspError, StatusPolicy, check_document, clear, examine_ocsp, judge};

/// What a certificate and its challenge may cost, and what an answer may.
const EACH_HALF: usize = SIGNATURES_PER_AUTHENTICATION_MAX / 2;

/// What a refused proof may cost: the challenge's signature is verified twice before it is refused, so that the time of a
/// refusal does not tell whether the certificate was seen before.
const REFUSED_PROOF: usize = EACH_HALF + 1;

/// Runs work twice: to make what is made once, then counted. Gives signatures verified and octets held at most.
fn cost(work: impl Fn()) -> (usize, usize) {
    work();
    let mut signatures = 0;
    let memory = measure(|| signatures = counted::during(&work));
    (signatures, usize::try_from(memory.bytes_max).unwrap())
}

/// `depth` SEQUENCEs, each inside the other.
fn nested(depth: usize) -> Vec<u8> {
    (0..depth).fold(vec![tag::NULL, 0], |inside, _| encode(tag::SEQUENCE, &inside))
}

/// Extensions of so many octets in all, of so many each.
fn extensions(count: u32, octets: usize) -> Vec<Ext> {
    let base = Oid::new_unwrap("1.3.6.1.4.1.99999");
    (0..count)
        .map(|arc| Ext(base.push_arc(arc).unwrap(), false, encode(tag::OCTET_STRING, &vec![7; octets])))
        .collect()
}

fn long_key() -> &'static Key {
    static MADE: LazyLock<Key> = LazyLock::new(|| Key::rsa_of(KeySize::Rsa4096));
    &MADE
}

/// Tokens as they come over the wire: certificate and signature at most.
fn tokens() -> Vec<(&'static str, Token)> {
    let of = |spec: &Spec| token(spec.build(), Who::Holder.key(), &challenge());
    let with = |change: fn(&mut Spec)| {
        let mut spec = holder_spec();
        change(&mut spec);
        of(&spec)
    };
    let raw =
        |certificate: Vec<u8>| Token::new(certificate, SignatureAlgorithm::Rs256, vec![7; 512]).unwrap();
    let mut long = holder_spec();
    long.spki = long_key().spki();
    vec![
        ("good", good_token()),
        ("a key of 4096 bits", token(long.build(), long_key(), &challenge())),
        ("a forged signature of 512 octets", raw(holder_spec().build())),
        ("a certificate that nobody signed", with(|s| s.signature = Some(issue::bits(&[7; 256])))),
        ("32 extensions and as large as it may be", with(|s| s.extensions.extend(extensions(24, 50)))),
        ("more extensions than are read", with(|s| s.extensions.extend(extensions(100, 2)))),
        ("one giant extension", with(|s| s.extensions.extend(extensions(1, 2200)))),
        ("a subject nested to the largest size", with(|s| s.subject = nested(700))),
        (
            "an extension nested to the largest size",
            with(|s| {
                s.extensions.push(Ext(Oid::new_unwrap("1.3.6.1.4.1.99999.1"), false, nested(500)));
            }),
        ),
        ("nothing but nesting", raw(nested(1000))),
        ("nothing but zeros", raw(vec![0; 4096])),
        ("lengths that promise 4 GiB", raw([0x30, 0x84, 0xff, 0xff, 0xff, 0xff].repeat(600))),
    ]
}

#[test]
fn a_token_of_any_shape_costs_three_signatures_at_most() {
    for (shape, token) in tokens() {
        let (signatures, octets) = cost(|| drop(prove_token(token.clone())));
        assert!(signatures <= REFUSED_PROOF, "{shape}: {signatures} signatures");
        assert!(octets <= OCTETS_PER_AUTHENTICATION_MAX, "{shape}: {octets} octets");
        // Nothing here is larger than a few copies of the token.
        assert!(octets <= 64 * 1024, "{shape}: {octets} octets");
    }
    // A certificate that was seen before may cost one less.
    assert!((1..=EACH_HALF).contains(&cost(|| drop(prove_token(good_token()))).0));
}

#[test]
fn a_profile_that_does_not_hold_costs_no_signature() {
    for (shape, token) in tokens().into_iter().filter(|(shape, _)| shape.contains("nothing but")) {
        assert_eq!(cost(|| drop(prove_token(token.clone()))).0, 0, "{shape}");
    }
}

/// Answers that a hostile responder, or whoever stands between, can send.
fn answers() -> Vec<(&'static str, Vec<u8>, usize)> {
    let base = Answer::good;
    let other = holder_spec().build();
    let unfit = {
        let mut spec = delegate_spec();
        spec.signer = Who::OtherAuthority.key();
        spec.build()
    };
    let mut noisy = delegate_spec();
    noisy.extensions.extend(extensions(20, 100));
    let by_authority = Answer {
        responder: by_key(Who::AuthAuthority.key()),
        signer: Who::AuthAuthority.key(),
        certificates: vec![],
        ..base()
    };
    vec![
        ("good, by a delegate", base().build(), 2),
        ("good, by the authority", by_authority.build(), 1),
        ("revoked", Answer { standing: revoked(hours(-9), 4), ..base() }.build(), 2),
        ("signed by nobody", Answer { signer: Who::OtherHolder.key(), ..base() }.build(), 2),
        (
            "a delegate that nobody delegated",
            Answer { certificates: vec![unfit.clone()], ..base() }.build(),
            1,
        ),
        ("the responder's name four times", Answer { certificates: vec![unfit; 4], ..base() }.build(), 1),
        ("5,000 certificates", Answer { certificates: vec![other.clone(); 5000], ..base() }.build(), 0),
        (
            "5,000 delegates",
            Answer { certificates: vec![delegate_spec().build(); 5000], ..base() }.build(),
            2,
        ),
        ("a delegate of many extensions", Answer { certificates: vec![noisy.build()], ..base() }.build(), 2),
        ("5,000 statuses", Answer { copies: 5000, ..base() }.build(), 2),
        ("an extension of 1 MiB", Answer { extensions: extensions(1, 1 << 20), ..base() }.build(), 2),
        ("30 extensions of 100 KiB", Answer { extensions: extensions(30, 100 << 10), ..base() }.build(), 2),
        ("5,000 extensions", Answer { extensions: extensions(5000, 8), ..base() }.build(), 0),
        ("a nonce of 1 MiB", Answer { extensions: vec![nonce(&vec![7; 1 << 20])], ..base() }.build(), 0),
        ("a nested standing", Answer { standing: encode(0xa1, &nested(5000)), ..base() }.build(), 2),
        ("a nested CertID", Answer { cert_id: nested(5000), ..base() }.build(), 2),
        ("a nested responder", Answer { responder: encode(0xa1, &nested(5000)), ..base() }.build(), 0),
        ("nothing but nesting", nested(100_000), 0),
        (
            "4 GiB promised",
            encode_all(tag::SEQUENCE, &[&[0x0a, 1, 0], &[0xa0, 0x84, 0xff, 0xff, 0xff, 0xff]]),
            0,
        ),
    ]
}

#[test]
fn an_answer_of_any_shape_costs_two_signatures_at_most_even_where_no_limit_of_size_holds_it_off() {
    let open = Limits { ocsp_octets_max: usize::MAX, ..limits() };
    for (shape, answer, expected) in answers() {
        let look = |limits: &Limits| {
            cost(|| drop(examine_ocsp(&answer, &request(), &auth_authority(), limits, now())))
        };
        let (signatures, octets) = look(&open);
        assert_eq!(signatures, expected, "{shape}");
        assert!(signatures <= EACH_HALF, "{shape}: {signatures} signatures");
        assert!(octets <= OCTETS_PER_AUTHENTICATION_MAX, "{shape}: {octets} octets");
        let (signatures, octets) = look(&limits());
        assert!(signatures <= EACH_HALF && octets <= 64 * 1024, "{shape}: {octets} octets");
    }
}

#[test]
fn an_answer_over_the_limit_of_size_is_not_looked_at() {
    for (shape, answer, _) in answers().into_iter().filter(|(_, answer, _)| answer.len() > 16 * 1024) {
        let request = request();
        let authority = auth_authority();
        let (signatures, octets) = cost(|| {
            let refused = examine_ocsp(&answer, &request, &authority, &Limits::default(), now());
            assert_eq!(refused.map(drop), Err(OcspError::TooLarge { octets: answer.len() }));
        });
        assert_eq!((signatures, octets), (0, 0), "{shape}");
    }
}

#[test]
fn a_whole_authentication_verifies_four_signatures_and_a_list_adds_none() {
    let answer = Answer::good().build();
    let list = crate::world::accept(&crate::list::List::new());
    let certificate = certificate();
    let (signatures, octets) = cost(|| {
        let holder = proven();
        let found = examine_ocsp(&answer, &request(), holder.authority(), &limits(), now()).unwrap();
        let status = judge(&certificate, Some(found), Some(&list), &StatusPolicy::EITHER, &limits(), now());
        assert!(clear(holder, status.unwrap(), now()).is_ok());
    });
    // A certificate that was seen before may cost one less.
    assert!((3..=SIGNATURES_PER_AUTHENTICATION_MAX).contains(&signatures), "{signatures} signatures");
    assert!(octets <= OCTETS_PER_AUTHENTICATION_MAX, "{octets} octets");
}

#[test]
fn a_signed_document_costs_two_signatures_and_one_over_the_limit_none() {
    let spec = Spec::holder(CertKind::Signing, Who::SigningAuthority, Who::Holder);
    let certificate = SigningCertificate::parse(&spec.build(), &enishi_jpki::Profile::SANDBOX).unwrap();
    for (octets, expected) in [(1, 2), (16 * 1024 * 1024, 2), (16 * 1024 * 1024 + 1, 0)] {
        let document = vec![7; octets];
        let (signatures, held) = cost(|| {
            drop(check_document(&document, &[7; 256], certificate.clone(), &anchors(), now()));
        });
        assert!(signatures <= expected && (signatures == 0) == (expected == 0), "{octets}: {signatures}");
        // The document is the caller's: no copy of it is made.
        assert!(held <= 64 * 1024, "{octets}: {held}");
    }
}

proptest! {
    #[test]
    fn random_octets_cost_no_signature(octets in prop::collection::vec(any::<u8>(), 1..4096)) {
        let token = Token::new(octets.clone(), SignatureAlgorithm::Rs256, vec![7; 256]).unwrap();
        let (signatures, held) = cost(|| {
            drop(prove_token(token.clone()));
            drop(examine_ocsp(&octets, &request(), &auth_authority(), &limits(), now()));
        });
        prop_assert!(signatures == 0 && held <= 64 * 1024);
    }

    #[test]
    fn a_damaged_answer_costs_two_signatures_at_most(at in 0_usize..4000, flip in 1..=u8::MAX) {
        let mut answer = Answer::good().build();
        let at = at % answer.len();
        answer[at] ^= flip;
        let look = || drop(examine_ocsp(&answer, &request(), &auth_authority(), &limits(), now()));
        prop_assert!(cost(look).0 <= EACH_HALF);
    }

    #[test]
    fn a_damaged_token_costs_three_signatures_at_most(at in 0_usize..4000, flip in 1..=u8::MAX) {
        let mut certificate = holder_spec().build();
        let at = at % certificate.len();
        certificate[at] ^= flip;
        let damaged = Token::new(certificate, SignatureAlgorithm::Rs256, good_token().signature().to_vec()).unwrap();
        prop_assert!(cost(|| drop(prove_token(damaged.clone()))).0 <= REFUSED_PROOF);
    }
}
