//! The relay's ports, with what goes through them counted.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use enishi_iso8583::{Class, Message};
use enishi_jpki::{CaCertificate, EndEntity, Serial};
use enishi_linkage::{
    Lookup, LookupMethod, Meter, PairingUnavailable, RevocationSource, RevocationUnavailable, SerialPairing,
    StoreFault,
};
use enishi_party::{ProviderId, Timestamp};
use enishi_relay::{Switch, SwitchError};
use enishi_transport::InFlight;
use enishi_verify::{RevocationStatus, Standing};

use super::{ExchangeLabels, LookupLabels, MeteredLabels, ProviderLabels, RelayMetrics, ResultLabels};

const fn method_word(method: LookupMethod) -> &'static str {
    match method {
        LookupMethod::Crl => "crl",
        LookupMethod::Ocsp => "ocsp",
    }
}

/// A source of statuses.
pub(crate) struct CountedRevocation<S> {
    pub(crate) source: Arc<S>,
    pub(crate) metrics: RelayMetrics,
}

#[async_trait]
impl<S: RevocationSource> RevocationSource for CountedRevocation<S> {
    async fn status(
        &self,
        certificate: &EndEntity,
        authority: &CaCertificate,
        method: LookupMethod,
        now: Timestamp,
    ) -> Result<RevocationStatus, RevocationUnavailable> {
        let status = self.source.status(certificate, authority, method, now).await;
        let result = match status.as_ref().map(RevocationStatus::standing) {
            Ok(Standing::Good) => "good",
            Ok(Standing::Revoked { .. }) => "revoked",
            Err(_) => "unavailable",
        };
        self.metrics.lookups.get_or_create(&LookupLabels { method: method_word(method), result }).inc();
        status
    }
}

/// Counted look-ups, counted for operators as well.
pub(crate) struct CountedMeter<M> {
    pub(crate) meter: Arc<M>,
    pub(crate) metrics: RelayMetrics,
}

#[async_trait]
impl<M: Meter> Meter for CountedMeter<M> {
    async fn record(&self, lookup: &Lookup, now: Timestamp) -> Result<(), StoreFault> {
        self.meter.record(lookup, now).await?;
        let labels = MeteredLabels {
            verifier: (&lookup.verifier).into(),
            purpose: lookup.purpose.word(),
            method: method_word(lookup.method),
        };
        self.metrics.metered.get_or_create(&labels).inc();
        Ok(())
    }
}

/// J-LIS's pairing of serial numbers.
pub(crate) struct CountedPairing<P> {
    pub(crate) pairing: P,
    pub(crate) metrics: RelayMetrics,
}

#[async_trait]
impl<P: SerialPairing> SerialPairing for CountedPairing<P> {
    async fn auth_serial_of(
        &self,
        signing: &Serial,
        now: Timestamp,
    ) -> Result<Option<Serial>, PairingUnavailable> {
        let found = self.pairing.auth_serial_of(signing, now).await;
        let result = match &found {
            Ok(Some(_)) => "found",
            Ok(None) => "none",
            Err(_) => "unavailable",
        };
        self.metrics.pairings.get_or_create(&ResultLabels { result }).inc();
        found
    }
}

/// The way to the providers.
pub(crate) struct CountedSwitch<S> {
    pub(crate) switch: Arc<S>,
    pub(crate) metrics: RelayMetrics,
}

#[async_trait]
impl<S: Switch> Switch for CountedSwitch<S> {
    async fn exchange(
        &self,
        provider: &ProviderId,
        message: &Message,
        timeout: Duration,
    ) -> Result<Message, SwitchError> {
        let labels = ProviderLabels { provider: provider.into() };
        let _in_flight = InFlight::begin(&self.metrics.in_flight.get_or_create_owned(&labels));
        let heard = self.switch.exchange(provider, message, timeout).await;
        let result = match &heard {
            Ok(_) => "answered",
            Err(SwitchError::NotSent) => "not_sent",
            Err(SwitchError::Unanswered) => "unanswered",
        };
        let message = match message.mti().class {
            Class::Authorisation => "authorisation",
            Class::Reversal => "reversal",
            _ => "other",
        };
        let ProviderLabels { provider } = labels;
        self.metrics.exchanges.get_or_create(&ExchangeLabels { provider, message, result }).inc();
        heard
    }
}
