//! Revocation, pairing and meter over the town's own authority, with their faults.

use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use enishi_authority::Relation;
use enishi_jpki::{CaCertificate, CertKind, EndEntity, Serial};
use enishi_linkage::{
    Lookup, LookupMethod, Meter, PairingUnavailable, RevocationSource, RevocationUnavailable, SerialPairing,
    StoreFault,
};
use enishi_party::Timestamp;
use enishi_verify::{Crl, Limits, OcspRequest, RevocationStatus, check_ocsp};

use crate::{Gate, Town};

/// What was counted, and asked, in the order in which it happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Tally {
    /// A look-up was counted: verifier, purpose, method.
    Counted(String, &'static str, LookupMethod),
    /// A status was asked for.
    Asked(CertKind, LookupMethod),
    /// The pairing was asked for.
    Paired,
}

#[derive(Debug, Default)]
struct State {
    tally: Vec<Tally>,
    down: bool,
    meter_broken: bool,
    pairing_down: bool,
    paired: Option<Option<Serial>>,
    gate: Option<Arc<Gate>>,
}

/// The ways to J-LIS, and the meter beside them.
#[derive(Debug, Default)]
pub struct Lookups(Mutex<State>);

impl Lookups {
    /// What happened since the last call.
    pub fn take_tally(&self) -> Vec<Tally> {
        std::mem::take(&mut self.0.lock().unwrap().tally)
    }

    /// Neither list nor responder can be had.
    pub fn revocation_fails(&self) {
        self.0.lock().unwrap().down = true;
    }

    /// Everything can be had again.
    pub fn recovers(&self) {
        let mut state = self.0.lock().unwrap();
        (state.down, state.meter_broken, state.pairing_down) = (false, false, false);
    }

    /// The meter cannot write.
    pub fn meter_fails(&self) {
        self.0.lock().unwrap().meter_broken = true;
    }

    /// The pairing cannot be had.
    pub fn pairing_fails(&self) {
        self.0.lock().unwrap().pairing_down = true;
    }

    /// The authority says this of every pairing.
    pub fn pairing_says(&self, serial: Option<Serial>) {
        self.0.lock().unwrap().paired = Some(serial);
    }

    /// The next who asks for a status waits at the gate.
    pub fn wait_at(&self, gate: &Arc<Gate>) {
        self.0.lock().unwrap().gate = Some(Arc::clone(gate));
    }
}

#[async_trait]
impl RevocationSource for Lookups {
    async fn status(
        &self,
        certificate: &EndEntity,
        authority: &CaCertificate,
        method: LookupMethod,
        now: Timestamp,
    ) -> Result<RevocationStatus, RevocationUnavailable> {
        let (gate, down) = {
            let mut state = self.0.lock().unwrap();
            state.tally.push(Tally::Asked(certificate.kind(), method));
            (state.gate.take(), state.down)
        };
        if let Some(gate) = gate {
            gate.pass().await;
        }
        if down {
            return Err(RevocationUnavailable { reason: "nobody answers".to_owned() });
        }
        let (town, limits) = (Town::get().authority(), Limits::default());
        Ok(match method {
            LookupMethod::Crl => {
                let list = town.published_crl(certificate.kind(), authority.subject_key_id());
                let list = Crl::accept(&list.unwrap().unwrap().der, authority, None, &limits, now).unwrap();
                RevocationStatus::from_crl(&list, certificate, now).unwrap()
            }
            LookupMethod::Ocsp => {
                let request = OcspRequest::new(certificate, authority, [8; 32]);
                let answer = town.answer_ocsp(&request.to_der(), now);
                RevocationStatus::from_ocsp(check_ocsp(&answer, &request, authority, &limits, now).unwrap())
            }
        })
    }
}

#[async_trait]
impl Meter for Lookups {
    async fn record(&self, lookup: &Lookup, _: Timestamp) -> Result<(), StoreFault> {
        let mut state = self.0.lock().unwrap();
        if state.meter_broken {
            return Err(StoreFault { reason: "the meter is broken".to_owned() });
        }
        let counted = Tally::Counted(lookup.verifier.to_string(), lookup.purpose.word(), lookup.method);
        state.tally.push(counted);
        Ok(())
    }
}

#[async_trait]
impl SerialPairing for Lookups {
    async fn auth_serial_of(
        &self,
        signing: &Serial,
        _: Timestamp,
    ) -> Result<Option<Serial>, PairingUnavailable> {
        let mut state = self.0.lock().unwrap();
        state.tally.push(Tally::Paired);
        match &state.paired {
            _ if state.pairing_down => Err(PairingUnavailable { reason: "nobody answers".to_owned() }),
            Some(said) => Ok(said.clone()),
            None => {
                let authority = Town::get().authority();
                Ok(authority.pairing(CertKind::Signing, signing, Relation::Counterpart).unwrap())
            }
        }
    }
}
