//! A second opinion: OpenSSL 3 reads, verifies and asks.
//!
//! What it needs to be told: `-attime` (the authority's clock is not the wall's), `-policy` with `-explicit_policy` (it
//! reads the critical policies but accepts any unless asked), and nothing else. Directory-named distribution points
//! and the three keys under one name are no obstacle to it as long as lists are given by file.

use std::{
    fs,
    io::{Read, Write},
    net::TcpStream,
    path::{Path, PathBuf},
    process::{Command, Output},
    sync::Arc,
};

use base64::{Engine, engine::general_purpose::STANDARD};
use enishi_authority::{
    Authority, GenerationNumber, IssuedCertificates, Municipality, OcspAnswers, OcspKey, RevocationReason,
    ServiceConfig, public_router,
};
use enishi_jpki::{AuthCertificate, CaCertificate, Carrier, CertKind, Profile};
use enishi_verify::{Limits, OcspRequest, RevocationReason as Reason, Standing, check_ocsp};
use jiff::Timestamp;
use tempfile::TempDir;

use crate::{
    http::serve,
    partitions::point_sha256,
    world::{NOW, World, at, config, keys, person},
};

const AUTH: CertKind = CertKind::Authentication;
const SIGN: CertKind = CertKind::Signing;
const AUTH_POLICY: &str = "1.2.392.200149.8.5.1.0.30";
const SIGN_POLICY: &str = "1.2.392.200149.8.5.1.0.20";

/// Says so and is false where there is no OpenSSL 3; under `CI=true` that is a failure.
fn can_run(test: &str) -> bool {
    let version = Command::new("openssl").arg("version").output();
    let version = version.map_or_else(|error| error.to_string(), |its| text(&its.stdout));
    let major = version.strip_prefix("OpenSSL ").and_then(|rest| rest.split('.').next()?.parse::<u32>().ok());
    if major.is_some_and(|major| major >= 3) {
        return true;
    }
    println!("NOT RUN: openssl ({test}: {})", version.trim());
    assert_ne!(std::env::var("CI").as_deref(), Ok("true"), "openssl 3 is missing");
    false
}

fn text(octets: &[u8]) -> String {
    String::from_utf8_lossy(octets).into_owned()
}

fn openssl(arguments: &[&str]) -> Output {
    Command::new("openssl").args(arguments).output().unwrap()
}

/// Standard output of a command that succeeds.
fn succeeds(arguments: &[&str]) -> String {
    let output = openssl(arguments);
    assert!(output.status.success(), "{arguments:?}: {}{}", text(&output.stdout), text(&output.stderr));
    text(&output.stdout)
}

/// Everything that a failing command says.
fn fails(arguments: &[&str]) -> String {
    let output = openssl(arguments);
    assert!(!output.status.success(), "{arguments:?}: {}", text(&output.stdout));
    text(&output.stdout) + &text(&output.stderr)
}

struct Files(TempDir);

impl Files {
    fn new() -> Self {
        Self(TempDir::new().unwrap())
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn put(&self, name: &str, content: &[u8]) -> String {
        let path = self.path(name);
        fs::write(&path, content).unwrap();
        path.to_str().unwrap().to_owned()
    }

    fn pem(&self, name: &str, label: &str, ders: &[Vec<u8>]) -> String {
        let blocks: String = ders
            .iter()
            .map(|der| {
                let lines: Vec<String> = STANDARD.encode(der).as_bytes().chunks(64).map(text).collect();
                format!("-----BEGIN {label}-----\n{}\n-----END {label}-----\n", lines.join("\n"))
            })
            .collect();
        self.put(name, blocks.as_bytes())
    }
}

fn anchors(authority: &Authority, kind: CertKind) -> Vec<Vec<u8>> {
    let all = authority.authority_certificates().into_iter();
    all.filter(|its| its.kind == kind).map(|its| its.der).collect()
}

fn lists(authority: &Authority, kind: CertKind) -> Vec<Vec<u8>> {
    let all = authority.authority_certificates().into_iter();
    all.filter(|its| its.kind == kind)
        .map(|its| authority.published_crl(kind, &its.key_id).unwrap().unwrap().der)
        .collect()
}

#[test]
fn openssl_reads_the_certificates() {
    if !can_run("openssl_reads_the_certificates") {
        return;
    }
    let (world, files) = (World::new(), Files::new());
    let issued = world.card("resident-1");
    let show = |name: &str, der: &[u8]| {
        let file = files.put(name, der);
        succeeds(&["x509", "-inform", "DER", "-in", &file, "-noout", "-text", "-nameopt", "utf8"])
    };
    let auth = show("auth", &issued.auth_der);
    for line in [
        "Version: 3 (0x2)",
        "Serial Number: 120000001 (0x7270e01)",
        "Signature Algorithm: sha256WithRSAEncryption",
        "Not After : Feb 17 14:59:59 2031 GMT",
        "Public-Key: (2048 bit)",
        "X509v3 Key Usage: critical\n                Digital Signature\n",
        "TLS Web Client Authentication",
        "X509v3 Certificate Policies: critical",
        "Policy: 1.2.392.200149.8.5.1.0.30",
        "CPS: http://www.jpki.go.jp/cps.html",
        "X509v3 Issuer Alternative Name:",
        "OCSP - URI:http://127.0.0.1:8080/ocsp",
        "CN = Kiyose-shi CRLDP",
    ] {
        assert!(auth.contains(line), "{line}: {auth}");
    }
    let signing = show("signing", &issued.signing.unwrap().der);
    for line in ["Digital Signature, Non Repudiation", "othername:", "Policy: 1.2.392.200149.8.5.1.0.20"] {
        assert!(signing.contains(line), "{line}: {signing}");
    }
    let authority = show("authority", &issued.auth_ca_der);
    for line in
        ["X509v3 Basic Constraints: critical\n                CA:TRUE\n", "Certificate Sign, CRL Sign"]
    {
        assert!(authority.contains(line), "{line}: {authority}");
    }
}

fn verify(files: &Files, kind: CertKind, policy: &str, now: &str, certificate: &str) -> Vec<String> {
    let mut arguments = vec!["verify".to_owned(), "-attime".to_owned(), at(now).as_second().to_string()];
    let kind = if kind == AUTH { "auth" } else { "sign" };
    for (option, file) in [("-CAfile", format!("{kind}-anchors")), ("-CRLfile", format!("{kind}-lists"))] {
        arguments.extend([option.to_owned(), files.path(&file).to_str().unwrap().to_owned()]);
    }
    for option in ["-x509_strict", "-crl_check", "-policy", policy, "-explicit_policy", certificate] {
        arguments.push(option.to_owned());
    }
    arguments
}

#[test]
fn openssl_verifies_path_policy_and_revocation() {
    if !can_run("openssl_verifies_path_policy_and_revocation") {
        return;
    }
    let (world, files) = (World::new(), Files::new());
    let good = world.card("resident-1");
    let revoked = world.card("resident-2");
    let older = world
        .authority
        .issue_from(GenerationNumber::Second, &person("resident-3"), keys(0), Carrier::Card, at(NOW))
        .unwrap();
    let why = RevocationReason::KeyCompromise;
    let revoked_signing = revoked.signing.clone().unwrap().serial;
    world.authority.revoke(AUTH, &revoked.auth_serial, why, at(NOW)).unwrap();
    world.authority.revoke(SIGN, &revoked_signing, RevocationReason::AffiliationChanged, at(NOW)).unwrap();
    world.authority.publish(at(NOW)).unwrap();
    for (kind, name) in [(AUTH, "auth"), (SIGN, "sign")] {
        files.pem(&format!("{name}-anchors"), "CERTIFICATE", &anchors(&world.authority, kind));
        files.pem(&format!("{name}-lists"), "X509 CRL", &lists(&world.authority, kind));
    }
    let later = "2026-11-20T04:00:00Z";
    let der = |issued: &IssuedCertificates, kind| match kind {
        CertKind::Authentication => issued.auth_der.clone(),
        CertKind::Signing => issued.signing.clone().unwrap().der,
    };
    let run = |kind, policy, now, certificate: &str, check: fn(&[&str]) -> String| {
        let arguments = verify(&files, kind, policy, now, certificate);
        check(&arguments.iter().map(String::as_str).collect::<Vec<_>>())
    };
    for (kind, policy, other) in [(AUTH, AUTH_POLICY, SIGN_POLICY), (SIGN, SIGN_POLICY, AUTH_POLICY)] {
        let good = files.pem("good", "CERTIFICATE", &[der(&good, kind)]);
        let older = files.pem("older", "CERTIFICATE", &[der(&older, kind)]);
        let revoked = files.pem("revoked", "CERTIFICATE", &[der(&revoked, kind)]);
        for certificate in [&good, &older] {
            assert!(run(kind, policy, later, certificate, succeeds).contains(": OK"));
        }
        assert!(run(kind, other, later, &good, fails).contains("no explicit policy"));
        assert!(run(kind, policy, later, &revoked, fails).contains("certificate revoked"));
        // Two days on, the list has ended.
        assert!(run(kind, policy, "2026-11-22T04:00:00Z", &good, fails).contains("CRL has expired"));
    }
}

#[test]
fn openssl_takes_a_partition_for_the_certificates_that_name_it_and_for_no_others() {
    if !can_run("openssl_takes_a_partition_for_the_certificates_that_name_it_and_for_no_others") {
        return;
    }
    let (world, files) = (World::new(), Files::new());
    let (good, revoked) = (world.card("resident-1"), world.card("resident-2"));
    let mut elsewhere = person("resident-3");
    elsewhere.municipality = Municipality::new("13210", "Tokyo-to", "Koganei-shi").unwrap();
    let elsewhere = world.authority.issue(&elsewhere, keys(0), Carrier::Card, at(NOW)).unwrap();
    world.authority.revoke(AUTH, &revoked.auth_serial, RevocationReason::KeyCompromise, at(NOW)).unwrap();
    world.authority.publish(at(NOW)).unwrap();
    let certificate = AuthCertificate::parse(&good.auth_der, &Profile::SANDBOX).unwrap();
    let (_, key_id) = world.issuer(AUTH);
    let partition =
        world.authority.published_partition(AUTH, &key_id, &point_sha256(&certificate)).unwrap().unwrap();
    let anchor = files.pem("auth-anchors", "CERTIFICATE", std::slice::from_ref(&good.auth_ca_der));
    files.pem("auth-lists", "X509 CRL", std::slice::from_ref(&partition.der));
    let list = files.put("partition", &partition.der);
    let shown = openssl(&["crl", "-inform", "DER", "-in", &list, "-CAfile", &anchor, "-noout", "-text"]);
    assert!(text(&shown.stderr).contains("verify OK"), "{}", text(&shown.stderr));
    for line in ["X509v3 Issuing Distribution Point: critical", "CN = Kiyose-shi CRLDP"] {
        assert!(text(&shown.stdout).contains(line), "{line}: {}", text(&shown.stdout));
    }
    let run = |issued: &IssuedCertificates, check: fn(&[&str]) -> String| {
        let certificate = files.pem("certificate", "CERTIFICATE", std::slice::from_ref(&issued.auth_der));
        let arguments = verify(&files, AUTH, AUTH_POLICY, "2026-11-20T04:00:00Z", &certificate);
        // Without it OpenSSL reads no scope that is narrower than all reasons and all certificates.
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        let (last, options) = arguments.split_last().unwrap();
        check(&[options, &["-extended_crl", *last]].concat())
    };
    assert!(run(&good, succeeds).contains(": OK"));
    assert!(run(&revoked, fails).contains("certificate revoked"));
    let refused = run(&elsewhere, fails);
    assert!(refused.contains("different CRL scope"), "{refused}");
}

#[test]
fn openssl_reads_the_lists() {
    if !can_run("openssl_reads_the_lists") {
        return;
    }
    let (world, files) = (World::new(), Files::new());
    let issued = world.card("resident-1");
    world.authority.revoke(AUTH, &issued.auth_serial, RevocationReason::CertificateHold, at(NOW)).unwrap();
    world.authority.publish(at(NOW)).unwrap();
    for (list, anchor) in lists(&world.authority, AUTH).iter().zip(anchors(&world.authority, AUTH)) {
        let list = files.put("list", list);
        let anchor = files.pem("anchor", "CERTIFICATE", &[anchor]);
        let output = openssl(&["crl", "-inform", "DER", "-in", &list, "-CAfile", &anchor, "-noout", "-text"]);
        assert!(text(&output.stderr).contains("verify OK"), "{}", text(&output.stderr));
        let shown = text(&output.stdout);
        for line in [
            "Version 2 (0x1)",
            "X509v3 CRL Number: \n                1\n",
            "Serial Number: 07270E01",
            "Certificate Hold",
        ] {
            assert!(shown.contains(line), "{line}: {shown}");
        }
    }
}

/// OpenSSL compares answers with the clock on the wall, and so must the authority then.
#[expect(clippy::disallowed_methods, reason = "the other program reads the wall clock")]
fn wall_clock() -> Timestamp {
    Timestamp::now()
}

#[tokio::test(flavor = "multi_thread")]
async fn openssl_asks_our_responder() {
    if !can_run("openssl_asks_our_responder") {
        return;
    }
    let folder = TempDir::new().unwrap();
    drop(Authority::create(folder.path(), config(), wall_clock()).unwrap());
    let mut citizens = (1..).map(|number| format!("resident-{number}"));
    for ocsp_key in [OcspKey::Rsa2048, OcspKey::P256] {
        for ocsp_answers in [OcspAnswers::Live, OcspAnswers::Presigned] {
            let service = ServiceConfig { ocsp_key, ocsp_answers, ..ServiceConfig::default() };
            let authority = Arc::new(Authority::open_with(folder.path(), service).unwrap());
            let two = [citizens.next().unwrap(), citizens.next().unwrap()];
            ask_as_openssl(authority, two).await;
        }
    }
}

/// With and without a nonce, twice each, by POST; and by GET, whose answer OpenSSL is handed.
async fn ask_as_openssl(authority: Arc<Authority>, citizens: [String; 2]) {
    let files = Files::new();
    let clock = Arc::new(wall_clock);
    let address = serve(public_router(Arc::clone(&authority), clock)).await;
    let url = format!("http://{address}/ocsp");
    let issue =
        |citizen: &str| authority.issue(&person(citizen), keys(0), Carrier::Card, wall_clock()).unwrap();
    let (good, revoked) = (issue(&citizens[0]), issue(&citizens[1]));
    authority.revoke(AUTH, &revoked.auth_serial, RevocationReason::KeyCompromise, wall_clock()).unwrap();
    let anchor = files.pem("anchor", "CERTIFICATE", std::slice::from_ref(&good.auth_ca_der));
    let good = files.pem("good", "CERTIFICATE", &[good.auth_der]);
    let revoked = files.pem("revoked", "CERTIFICATE", &[revoked.auth_der]);
    tokio::task::spawn_blocking(move || {
        let question = files.path("question").to_str().unwrap().to_owned();
        for (name, certificate, said) in
            [("good", &good, "good: good"), ("revoked", &revoked, "revoked: revoked")]
        {
            let asked = ["-issuer", &anchor, "-cert", certificate];
            for nonce in ["-nonce", "-no_nonce"] {
                for _ in 0..2 {
                    let post =
                        [&["ocsp", nonce, "-CAfile", &anchor, "-url", &url], asked.as_slice()].concat();
                    let output = openssl(&post);
                    let (out, err) = (text(&output.stdout), text(&output.stderr));
                    assert!(err.contains("Response verify OK") && out.contains(said), "{name}: {out}{err}");
                    assert!(!err.to_lowercase().contains("nonce"), "{err}");
                }
                succeeds(&[&["ocsp", nonce, "-reqout", &question], asked.as_slice()].concat());
                let answer = files.put("answer", &get(&url, &fs::read(&question).unwrap()));
                let read =
                    ["ocsp", "-CAfile", &anchor, "-respin", &answer, "-reqin", &question, "-resp_text"];
                let output = openssl(&read);
                let (out, err) = (text(&output.stdout), text(&output.stderr));
                assert!(err.contains("Response verify OK") && !err.to_lowercase().contains("nonce"), "{err}");
                assert!(out.contains(&format!("Cert Status: {name}")), "{out}");
            }
        }
        for hash in ["-sha1", "-sha256"] {
            let output = openssl(&[
                "ocsp", hash, "-issuer", &anchor, "-CAfile", &anchor, "-url", &url, "-cert", &good, "-cert",
                &revoked, "-serial", "0x77",
            ]);
            let (out, err) = (text(&output.stdout), text(&output.stderr));
            assert!(output.status.success(), "{out}{err}");
            // The signature, its delegation and the nonce.
            assert!(err.contains("Response verify OK"), "{err}");
            assert!(!err.to_lowercase().contains("nonce"), "{err}");
            assert!(out.contains("good: good"), "{out}");
            assert!(out.contains("revoked: revoked") && out.contains("Reason: keyCompromise"), "{out}");
            assert!(out.contains("0x77: unknown"), "{out}");
        }
    })
    .await
    .unwrap();
}

/// The body of what a GET gives (RFC 6960 appendix A.1).
fn get(url: &str, question: &[u8]) -> Vec<u8> {
    let encoded = STANDARD.encode(question).replace('+', "%2B").replace('/', "%2F").replace('=', "%3D");
    let host = url.strip_prefix("http://").unwrap().split('/').next().unwrap();
    let mut stream = TcpStream::connect(host).unwrap();
    write!(stream, "GET /ocsp/{encoded} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n").unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).unwrap();
    let body = answer.windows(4).position(|octets| octets == b"\r\n\r\n").unwrap() + 4;
    answer.split_off(body)
}

/// The database of `openssl ca`, as its responder reads it.
fn index(entries: &[(&str, &IssuedCertificates)]) -> String {
    let line = |(state, issued): &(&str, &IssuedCertificates)| {
        let number = hex::encode_upper(issued.auth_serial.expose_der_content());
        format!("{state}\t{number}\tunknown\t/C=JP/CN=resident\n")
    };
    entries.iter().map(line).collect()
}

#[test]
fn openssls_responder_is_believed_by_our_verifier() {
    if !can_run("openssls_responder_is_believed_by_our_verifier") {
        return;
    }
    let (folder, files) = (TempDir::new().unwrap(), Files::new());
    let authority = Authority::create(folder.path(), config(), wall_clock()).unwrap();
    let issue =
        |citizen: &str| authority.issue(&person(citizen), keys(0), Carrier::Card, wall_clock()).unwrap();
    let (good, revoked, unknown) = (issue("resident-1"), issue("resident-2"), issue("resident-3"));
    let entries = [("V\t310217145959Z\t", &good), ("R\t310217145959Z\t260102030405Z,superseded", &revoked)];
    let index = files.put("index", index(&entries).as_bytes());
    let anchor = files.pem("anchor", "CERTIFICATE", std::slice::from_ref(&good.auth_ca_der));
    let issuer = CaCertificate::parse(&good.auth_ca_der, &Profile::SANDBOX).unwrap();
    let delegate = files.pem("delegate", "CERTIFICATE", &[delegate(&authority, &good, &issuer)]);
    let key = |name: &str| pem_key(&files, folder.path(), name);
    let (authority_key, delegate_key) = (key("authca03.p8"), key("authocsp.p8"));

    // Signed by the authority itself, and by its delegate.
    for (signer, key) in [(&anchor, &authority_key), (&delegate, &delegate_key)] {
        let ask = |issued: &IssuedCertificates| {
            let certificate = AuthCertificate::parse(&issued.auth_der, &Profile::SANDBOX).unwrap();
            let request = OcspRequest::new(&certificate, &issuer, [5; 32]);
            let question = files.put("question", &request.to_der());
            let answer = files.path("answer");
            succeeds(&[
                "ocsp",
                "-index",
                &index,
                "-CA",
                &anchor,
                "-rsigner",
                signer,
                "-rkey",
                key,
                "-reqin",
                &question,
                "-respout",
                answer.to_str().unwrap(),
                "-nmin",
                "10",
            ]);
            let answer = fs::read(answer).unwrap();
            check_ocsp(&answer, &request, &issuer, &Limits::default(), wall_clock())
                .map(|answer| answer.standing())
        };
        assert_eq!(ask(&good).unwrap(), Standing::Good);
        let superseded = Standing::Revoked { reason: Reason::Superseded, at: at("2026-01-02T03:04:05Z") };
        assert_eq!(ask(&revoked).unwrap(), superseded);
        let refused = ask(&unknown);
        assert!(matches!(refused, Err(enishi_verify::OcspError::UnknownCertificate)), "{refused:?}");
    }
}

/// Our responder's certificate, out of one of its answers.
fn delegate(authority: &Authority, issued: &IssuedCertificates, issuer: &CaCertificate) -> Vec<u8> {
    let certificate = AuthCertificate::parse(&issued.auth_der, &Profile::SANDBOX).unwrap();
    let request = OcspRequest::new(&certificate, issuer, [6; 32]);
    let answer = authority.answer_ocsp(&request.to_der(), wall_clock());
    // The certificate is the last element: a SEQUENCE with a two-octet length that reaches to the end.
    let start = (0..answer.len())
        .rev()
        .filter(|start| answer[*start..].starts_with(&[0x30, 0x82]))
        .find(|start| {
            let length = u16::from_be_bytes([answer[start + 2], answer[start + 3]]);
            start + 4 + usize::from(length) == answer.len()
        })
        .unwrap();
    answer[start..].to_vec()
}

fn pem_key(files: &Files, folder: &Path, name: &str) -> String {
    let pkcs8 = fs::read(folder.join("keys").join(name)).unwrap();
    files.pem(name, "PRIVATE KEY", &[pkcs8])
}
