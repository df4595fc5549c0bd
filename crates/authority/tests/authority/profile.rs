//! Every field of the certificates against a table of its own, written down from the profile and not from the code.

use std::fmt::Write as _;

use aws_lc_rs::signature::{RSA_PKCS1_2048_8192_SHA256, UnparsedPublicKey};
use enishi_authority::{AuthorityConfig, CarrierKeys, GenerationNumber, SerialPlan, WithSigning};
use enishi_jpki::{Carrier, CertKind};
use x509_cert::{
    Certificate,
    der::{
        Decode, Encode, Reader, SliceReader, Tag, Tagged,
        asn1::{Any, AnyRef},
    },
    ext::pkix::name::{DistributionPointName, GeneralName},
    ext::pkix::{
        AuthorityInfoAccessSyntax, AuthorityKeyIdentifier, CrlDistributionPoints, IssuerAltName,
        SubjectAltName, SubjectKeyIdentifier,
    },
    name::Name,
};

use crate::world::{World, at, config, key, keys, person};

const CPS: &str = "http://www.jpki.go.jp/cps.html";

const JAPANESE_AUTH: &str = "2.5.4.6 PrintableString JP
2.5.4.10 UTF8String 公的個人認証サービス
2.5.4.11 UTF8String 公的個人認証サービス利用者証明用
2.5.4.11 UTF8String 地方公共団体情報システム機構
";
const JAPANESE_SIGN: &str = "2.5.4.6 PrintableString JP
2.5.4.10 UTF8String 公的個人認証サービス
2.5.4.11 UTF8String 公的個人認証サービス署名用
2.5.4.11 UTF8String 地方公共団体情報システム機構
";
const AUTHORITY_AUTH: &str = "2.5.4.6 PrintableString JP
2.5.4.10 UTF8String JPKI-SANDBOX
2.5.4.11 UTF8String JPKI for user authentication
2.5.4.11 UTF8String Japan Agency for Local Authority Information Systems
";
const AUTHORITY_SIGN: &str = "2.5.4.6 PrintableString JP
2.5.4.10 UTF8String JPKI-SANDBOX
2.5.4.11 UTF8String JPKI for digital signature
2.5.4.11 UTF8String Japan Agency for Local Authority Information Systems
";
const POINT_AUTH: &str = "2.5.4.6 PrintableString JP
2.5.4.10 UTF8String JPKI-SANDBOX
2.5.4.11 UTF8String JPKI for user authentication
2.5.4.11 UTF8String CRL Distribution Points
2.5.4.11 UTF8String Tokyo-to
2.5.4.3 UTF8String Kiyose-shi CRLDP
";
const POINT_SIGN: &str = "2.5.4.6 PrintableString JP
2.5.4.10 UTF8String JPKI-SANDBOX
2.5.4.11 UTF8String JPKI for digital signature
2.5.4.11 UTF8String CRL Distribution Points
2.5.4.11 UTF8String Tokyo-to
2.5.4.3 UTF8String Kiyose-shi CRLDP
";

fn parse(der: &[u8]) -> Certificate {
    let certificate = Certificate::from_der(der).unwrap();
    assert_eq!(certificate.to_der().unwrap(), der, "DER reads back octet for octet");
    certificate
}

/// One line for each attribute of a name that has one attribute in each RDN.
fn show(name: &Name) -> String {
    let mut text = String::new();
    for rdn in name.iter_rdn() {
        let [attribute] = rdn.as_ref().as_slice() else { panic!("one attribute in each RDN") };
        let value = std::str::from_utf8(attribute.value.value()).unwrap();
        let tag = match attribute.value.tag() {
            Tag::PrintableString => "PrintableString",
            Tag::Utf8String => "UTF8String",
            other => panic!("string of tag {other}"),
        };
        writeln!(text, "{} {tag} {value}", attribute.oid).unwrap();
    }
    text
}

fn directory_name(name: &GeneralName) -> String {
    match name {
        GeneralName::DirectoryName(name) => show(name),
        other => panic!("{other:?}"),
    }
}

fn layout(certificate: &Certificate) -> Vec<(String, bool)> {
    let extensions = certificate.tbs_certificate().extensions().unwrap();
    extensions.iter().map(|its| (its.extn_id.to_string(), its.critical)).collect()
}

fn value(certificate: &Certificate, id: &str) -> Vec<u8> {
    let extensions = certificate.tbs_certificate().extensions().unwrap();
    let found = extensions.iter().find(|its| its.extn_id.to_string() == id).unwrap();
    found.extn_value.as_bytes().to_vec()
}

fn table(rows: &[(&str, bool)]) -> Vec<(String, bool)> {
    rows.iter().map(|(id, critical)| ((*id).to_owned(), *critical)).collect()
}

/// Version, algorithm, key, times and signature, alike in all three.
fn check_frame(certificate: &Certificate, der: &[u8], issuer_der: &[u8], spki: Option<&[u8]>) {
    let issuer = parse(issuer_der);
    let tbs = certificate.tbs_certificate();
    let algorithm = hex::decode("300d06092a864886f70d01010b0500").unwrap();
    assert_eq!(tbs.signature().to_der().unwrap(), algorithm);
    assert_eq!(certificate.signature_algorithm().to_der().unwrap(), algorithm);
    let key = issuer.tbs_certificate().subject_public_key_info().subject_public_key.raw_bytes();
    UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, key)
        .verify(&tbs.to_der().unwrap(), certificate.signature().raw_bytes())
        .unwrap();
    if let Some(spki) = spki {
        assert_eq!(tbs.subject_public_key_info().to_der().unwrap(), spki);
    }
    // [0] { INTEGER 2 } is the first field, and the times are two UTCTimes of 13 characters.
    let tbs_content = AnyRef::from_der(&tbs.to_der().unwrap()).unwrap().value().to_vec();
    assert!(tbs_content.starts_with(&[0xa0, 3, 2, 1, 2]));
    let validity = tbs.validity().to_der().unwrap();
    assert_eq!((validity.len(), validity[2], validity[17]), (32, 0x17, 0x17));
    assert!(validity.ends_with(b"145959Z"), "ends at 23:59:59 in Japan");
    assert!(der.len() < 2_048);
}

#[test]
fn an_authority_certificate_has_the_profiles_fields_in_order() {
    let world = World::new();
    let mut numbers = Vec::new();
    for certificate in world.authority.authority_certificates() {
        let parsed = parse(&certificate.der);
        check_frame(&parsed, &certificate.der, &certificate.der, None);
        let (name, japanese) = match certificate.kind {
            CertKind::Authentication => (AUTHORITY_AUTH, JAPANESE_AUTH),
            CertKind::Signing => (AUTHORITY_SIGN, JAPANESE_SIGN),
        };
        let tbs = parsed.tbs_certificate();
        assert_eq!(show(tbs.issuer()), name);
        assert_eq!(show(tbs.subject()), name);
        assert_eq!(
            layout(&parsed),
            table(&[
                ("2.5.29.15", true),
                ("2.5.29.17", false),
                ("2.5.29.19", true),
                ("2.5.29.31", false),
                ("2.5.29.14", false),
            ])
        );
        assert_eq!(hex::encode(value(&parsed, "2.5.29.15")), "03020106");
        assert_eq!(hex::encode(value(&parsed, "2.5.29.19")), "30030101ff");
        let names = SubjectAltName::from_der(&value(&parsed, "2.5.29.17")).unwrap().0;
        assert_eq!(names.iter().map(directory_name).collect::<Vec<_>>(), [japanese]);
        assert_eq!(point(&parsed), name);
        let key_id = SubjectKeyIdentifier::from_der(&value(&parsed, "2.5.29.14")).unwrap();
        assert_eq!(key_id.0.as_bytes(), certificate.key_id.as_octets());
        // The published ones have 1,301 to 1,319 octets; the longer organisation stands in each three times.
        assert!((1_301 + 24..=1_319 + 24).contains(&certificate.der.len()), "{}", certificate.der.len());
        numbers.push(hex::encode(tbs.serial_number().as_bytes()));
    }
    assert_eq!(numbers, ["01", "01312d00", "07270e00", "01", "0121eac0", "06cb8080"]);
}

fn point(certificate: &Certificate) -> String {
    let points = CrlDistributionPoints::from_der(&value(certificate, "2.5.29.31")).unwrap().0;
    let [point] = points.as_slice() else { panic!("one distribution point") };
    assert!(point.reasons.is_none() && point.crl_issuer.is_none());
    match point.distribution_point.as_ref().unwrap() {
        DistributionPointName::FullName(names) => {
            let [name] = names.as_slice() else { panic!("one name") };
            directory_name(name)
        }
        DistributionPointName::NameRelativeToCRLIssuer(_) => panic!("a relative name"),
    }
}

/// certificatePolicies: one policy, one CPS qualifier.
fn policies(last_arcs: &str) -> String {
    let uri = hex::encode(CPS);
    format!("303d303b060b2a83088c9b550805{last_arcs}302c302a06082b06010505070201161e{uri}")
}

fn check_authority_key(certificate: &Certificate, issuer_der: &[u8], name: &str) {
    let issuer = parse(issuer_der);
    let found = AuthorityKeyIdentifier::from_der(&value(certificate, "2.5.29.35")).unwrap();
    let key_id = SubjectKeyIdentifier::from_der(&value(&issuer, "2.5.29.14")).unwrap();
    assert_eq!(found.key_identifier.unwrap().as_bytes(), key_id.0.as_bytes());
    assert_eq!(found.authority_cert_issuer.unwrap().iter().map(directory_name).collect::<Vec<_>>(), [name]);
    assert_eq!(&found.authority_cert_serial_number.unwrap(), issuer.tbs_certificate().serial_number());
}

#[test]
fn an_authentication_certificate_has_the_profiles_fields_in_order() {
    let world = World::new();
    let issued = world.card("resident-1");
    let certificate = parse(&issued.auth_der);
    check_frame(&certificate, &issued.auth_der, &issued.auth_ca_der, Some(key(0).spki_der()));
    assert_eq!(show(certificate.tbs_certificate().issuer()), AUTHORITY_AUTH);
    let subject = show(certificate.tbs_certificate().subject());
    let name = subject.strip_prefix("2.5.4.6 PrintableString JP\n2.5.4.3 UTF8String ").unwrap().trim_end();
    assert_eq!(name.len(), 14 + 5 + 4);
    assert!(name.ends_with("13221003A"));
    assert!(name.bytes().all(|octet| octet.is_ascii_uppercase() || octet.is_ascii_digit()));
    assert_eq!(
        layout(&certificate),
        table(&[
            ("2.5.29.15", true),
            ("2.5.29.37", false),
            ("2.5.29.32", true),
            ("2.5.29.18", false),
            ("2.5.29.31", false),
            ("1.3.6.1.5.5.7.1.1", false),
            ("2.5.29.35", false),
            ("2.5.29.14", false),
        ])
    );
    assert_eq!(hex::encode(value(&certificate, "2.5.29.15")), "03020780");
    assert_eq!(hex::encode(value(&certificate, "2.5.29.37")), "300a06082b06010505070302");
    assert_eq!(hex::encode(value(&certificate, "2.5.29.32")), policies("01001e"));
    let names = IssuerAltName::from_der(&value(&certificate, "2.5.29.18")).unwrap().0;
    assert_eq!(names.iter().map(directory_name).collect::<Vec<_>>(), [JAPANESE_AUTH]);
    assert_eq!(point(&certificate), POINT_AUTH);
    let access = AuthorityInfoAccessSyntax::from_der(&value(&certificate, "1.3.6.1.5.5.7.1.1")).unwrap().0;
    let [access] = access.as_slice() else { panic!("one address") };
    assert_eq!(access.access_method.to_string(), "1.3.6.1.5.5.7.48.1");
    match &access.access_location {
        GeneralName::UniformResourceIdentifier(uri) => assert_eq!(uri.as_str(), "http://127.0.0.1:8080/ocsp"),
        other => panic!("{other:?}"),
    }
    check_authority_key(&certificate, &issued.auth_ca_der, AUTHORITY_AUTH);
}

#[test]
fn a_signing_certificate_has_the_profiles_fields_in_order() {
    let world = World::new();
    let issued = world.card("resident-1");
    let signing = issued.signing.unwrap();
    let certificate = parse(&signing.der);
    check_frame(&certificate, &signing.der, &issued.sign_ca_der, Some(key(1).spki_der()));
    assert_eq!(show(certificate.tbs_certificate().issuer()), AUTHORITY_SIGN);
    let subject = show(certificate.tbs_certificate().subject());
    let name = subject
        .strip_prefix(
            "2.5.4.6 PrintableString JP
2.5.4.7 UTF8String Tokyo-to
2.5.4.7 UTF8String Kiyose-shi
2.5.4.3 UTF8String ",
        )
        .unwrap()
        .trim_end();
    // 03:00 UTC is noon in Japan.
    assert!(name.starts_with("20261120120000"), "{name}");
    assert_eq!(name.len(), 14 + 5 + 5 + 4);
    assert!(name.ends_with("13221003A"));
    assert!(name.trim_end_matches('A').bytes().all(|octet| octet.is_ascii_digit()));
    assert_eq!(
        layout(&certificate),
        table(&[
            ("2.5.29.15", true),
            ("2.5.29.17", false),
            ("2.5.29.32", true),
            ("2.5.29.18", false),
            ("2.5.29.31", false),
            ("2.5.29.35", false),
            ("2.5.29.14", false),
        ])
    );
    assert_eq!(hex::encode(value(&certificate, "2.5.29.15")), "030206c0");
    assert_eq!(hex::encode(value(&certificate, "2.5.29.32")), policies("010014"));
    let names = IssuerAltName::from_der(&value(&certificate, "2.5.29.18")).unwrap().0;
    assert_eq!(names.iter().map(directory_name).collect::<Vec<_>>(), [JAPANESE_SIGN]);
    assert_eq!(point(&certificate), POINT_SIGN);
    check_authority_key(&certificate, &issued.sign_ca_der, AUTHORITY_SIGN);
}

#[test]
fn the_four_attributes_stand_in_other_names_in_the_profiles_order() {
    let world = World::new();
    let signing = world.card("resident-1").signing.unwrap();
    let content = value(&parse(&signing.der), "2.5.29.17");
    let mut found = Vec::new();
    let mut inside = SliceReader::new(AnyRef::from_der(&content).unwrap().value()).unwrap();
    while !inside.is_finished() {
        found.push(hex::encode(Any::decode(&mut inside).unwrap().to_der().unwrap()));
    }
    let address = "東京都清瀬市架空町一丁目２番３号";
    let expected: Vec<String> = [
        (1, "霧島\u{3000}千景"),
        (4, "319800217"),
        (3, "2"),
        (5, address),
        (2, "01000"),
        (6, "0000000000000000"),
    ]
    .into_iter()
    .map(|(last, text)| {
        let length = text.len();
        // A0 { OID of 12 octets, A0 { 0C text } }, all of them short enough for one length octet.
        format!(
            "a0{:02x}060a2a83088c9b55080505{last:02x}a0{:02x}0c{length:02x}{}",
            length + 16,
            length + 2,
            hex::encode(text)
        )
    })
    .collect();
    assert_eq!(found, expected);
}

#[test]
fn a_phone_has_policies_of_its_own() {
    let world = World::new();
    let issued =
        world.authority.issue(&person("resident-1"), keys(0), Carrier::Phone, at(crate::world::NOW)).unwrap();
    assert_eq!(hex::encode(value(&parse(&issued.auth_der), "2.5.29.32")), policies("010032"));
    assert_eq!(hex::encode(value(&parse(&issued.signing.unwrap().der), "2.5.29.32")), policies("010028"));
}

#[test]
fn with_the_test_systems_names_and_numbers_the_size_is_that_of_the_dumped_certificate() {
    // J-LIS's test certificate of 1,590 octets: serials of 3 octets, O=JPKI-TEST in three places.
    let mut settings: AuthorityConfig = config();
    settings.ocsp_uri = "http://test-ocspauthnorm.jpki.go.jp".to_owned();
    settings.serials = SerialPlan::Sequential { authentication_from: 0x28_0000, signing_from: 0x28_0000 };
    let world = World::with(settings);
    let keys = CarrierKeys { signing: WithSigning::Without, ..keys(0) };
    let issued =
        world.authority.issue(&person("resident-1"), keys, Carrier::Card, at(crate::world::NOW)).unwrap();
    let longer_organisation = 3 * ("JPKI-SANDBOX".len() - "JPKI-TEST".len());
    assert_eq!(issued.auth_der.len(), 1_590 + longer_organisation);
}

#[test]
fn generations_share_a_name_and_are_staggered_and_the_newest_issues() {
    let world = World::new();
    for kind in [CertKind::Authentication, CertKind::Signing] {
        let all: Vec<_> =
            world.authority.authority_certificates().into_iter().filter(|its| its.kind == kind).collect();
        let validity: Vec<String> = all
            .iter()
            .map(|its| {
                let tbs = parse(&its.der).tbs_certificate().clone();
                format!("{} {}", tbs.validity().not_before, tbs.validity().not_after)
            })
            .collect();
        assert_eq!(
            validity,
            [
                "2018-10-20T15:00:00Z 2028-10-20T14:59:59Z",
                "2022-10-20T15:00:00Z 2032-10-20T14:59:59Z",
                "2026-10-20T15:00:00Z 2036-10-20T14:59:59Z",
            ]
        );
        let keys: std::collections::BTreeSet<_> = all.iter().map(|its| its.key_id.clone()).collect();
        assert_eq!(keys.len(), 3);
    }
    let issued = world.card("resident-1");
    assert_eq!(issued.auth_ca_der, world.generation(CertKind::Authentication, GenerationNumber::Third).0);
    assert_eq!(issued.sign_ca_der, world.generation(CertKind::Signing, GenerationNumber::Third).0);
}
