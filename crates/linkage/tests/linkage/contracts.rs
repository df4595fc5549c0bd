//! Who may rely on whom, and when.

use enishi_linkage::{AccreditationGround, AnyContract, Contract, ContractError, LookupMethod, Platform};
use enishi_party::VerifierModel;
use enishi_testkit::at;

use crate::world::{accreditation, entrusted_until, provider, proxy_until, terms};

fn deemed() -> AccreditationGround {
    AccreditationGround::DeemedByFullDelegation { platform: provider("platform") }
}

fn grounds() -> [AccreditationGround; 3] {
    [AccreditationGround::Statutory, AccreditationGround::Certified, deemed()]
}

#[test]
fn the_provider_verifies_under_entrusted_and_the_platform_under_proxy() {
    let (entrusted, proxy) = (entrusted_until("minato-credit", 10), proxy_until("sakura-credit", 10));
    assert_eq!((entrusted.verifier(), entrusted.model()), (&provider("minato"), VerifierModel::Entrusted));
    assert_eq!((proxy.verifier(), proxy.model()), (&provider("platform"), VerifierModel::Proxy));
    assert_eq!(proxy.provider(), &provider("sakura"));
    assert_eq!(entrusted.policy().lookup, LookupMethod::Ocsp);
}

#[test]
fn every_ground_makes_a_verifier_for_oneself() {
    for ground in grounds() {
        let made =
            Contract::entrusted(terms("minato-credit", LookupMethod::Crl), accreditation(ground, 0, 10));
        assert!(made.is_ok());
    }
}

#[test]
fn a_platform_that_is_only_deemed_a_verifier_verifies_for_nobody() {
    for ground in grounds() {
        let expected = matches!(ground, AccreditationGround::DeemedByFullDelegation { .. })
            .then_some(ContractError::PlatformOnlyDeemed);
        let platform = Platform { id: provider("platform"), accreditation: accreditation(ground, 0, 10) };
        let made = Contract::proxy(terms("sakura-credit", LookupMethod::Crl), &platform);
        assert_eq!(made.err(), expected);
    }
}

#[test]
fn an_accreditation_that_never_holds_makes_no_contract() {
    for (from, until) in [(0, 0), (1, 0)] {
        let accreditation = accreditation(AccreditationGround::Certified, from, until);
        let own = Contract::entrusted(terms("minato-credit", LookupMethod::Crl), accreditation.clone());
        assert_eq!(own.err(), Some(ContractError::EmptyValidity));
        let platform = Platform { id: provider("platform"), accreditation };
        let made = Contract::proxy(terms("sakura-credit", LookupMethod::Crl), &platform);
        assert_eq!(made.err(), Some(ContractError::EmptyValidity));
    }
}

#[test]
fn a_contract_is_in_force_from_its_first_moment_to_before_its_last() {
    let accreditation = accreditation(AccreditationGround::Certified, 100, 200);
    let contract = Contract::entrusted(terms("minato-credit", LookupMethod::Crl), accreditation).unwrap();
    let contract = AnyContract::Entrusted(contract);
    for (second, in_force) in [(99, false), (100, true), (199, true), (200, false)] {
        assert_eq!(contract.in_force(at(second)), in_force, "{second}");
    }
}
