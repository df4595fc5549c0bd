//! Others' verifiers, given the same certificates, keys and signatures in the same rounds.
//!
//! Each does of an authentication what it can do; the rows' notes say what it cannot. They are behind the feature
//! `peers`, since OpenSSL's headers are not everywhere.

#[cfg(feature = "peers")]
mod certval;
#[cfg(feature = "peers")]
mod openssl;
#[cfg(feature = "peers")]
mod webpki;

use std::time::Duration;

use crate::crowd::Crowd;
use crate::error::BenchError;
use crate::figures::Figures;
use crate::people::People;

/// What the peers did in the rounds; empty without them.
#[derive(Default)]
pub(crate) struct PeerRates {
    pub(crate) openssl: Figures,
    pub(crate) openssl_next: Figures,
    pub(crate) certval: Figures,
    pub(crate) webpki: Figures,
}

/// The peers, ready.
#[cfg(feature = "peers")]
pub(crate) struct Peers {
    openssl: openssl::OpenSsl,
    openssl_next: openssl::OpenSsl,
    certval: certval::Certval,
    webpki: webpki::Webpki,
}

#[cfg(feature = "peers")]
impl Peers {
    pub(crate) fn new(people: &People, today: &Crowd, next: &Crowd) -> Result<Self, BenchError> {
        Ok(Self {
            openssl: openssl::OpenSsl::new(today, &people.path("peer.crl"))?,
            openssl_next: openssl::OpenSsl::new(next, &people.path("peer-next.crl"))?,
            certval: certval::Certval::new(&today.authority, today.now)?,
            webpki: webpki::Webpki::new(people, today, today.now)?,
        })
    }

    pub(crate) fn turn(
        &self,
        today: &Crowd,
        next: &Crowd,
        slice: Duration,
        rates: &mut PeerRates,
    ) -> Result<(), BenchError> {
        use crate::clock::rate;
        rates.openssl.push(rate(slice, today.each(|_, at| self.openssl.authenticate(at)))?);
        rates.openssl_next.push(rate(slice, next.each(|_, at| self.openssl_next.authenticate(at)))?);
        rates
            .certval
            .push(rate(slice, today.each(|today, at| self.certval.authenticate(today.holder(at)?)))?);
        rates.webpki.push(rate(slice, today.each(|today, at| self.webpki.authenticate(today, at)))?);
        Ok(())
    }
}

/// No peers.
#[cfg(not(feature = "peers"))]
pub(crate) struct Peers;

#[cfg(not(feature = "peers"))]
impl Peers {
    pub(crate) fn new(_: &People, _: &Crowd, _: &Crowd) -> Result<Self, BenchError> {
        Ok(Self)
    }

    pub(crate) fn turn(
        &self,
        _: &Crowd,
        _: &Crowd,
        _: Duration,
        _: &mut PeerRates,
    ) -> Result<(), BenchError> {
        Ok(())
    }
}

#[cfg(all(test, feature = "peers"))]
mod tests {
    use std::time::Duration;

    use super::{PeerRates, Peers};
    use crate::crowd::Crowd;
    use crate::list;
    use crate::people::People;

    #[test]
    fn every_peer_accepts_everybody() {
        let folder = tempfile::tempdir().unwrap();
        let people = People::make(folder.path()).unwrap();
        let list = list::with_entries(&people, 100).unwrap();
        let today = Crowd::of_today(&people, &mut std::io::Cursor::new(list.clone()), list.clone()).unwrap();
        let next = Crowd::of_the_next_generation(&people, &list).unwrap();
        let peers = Peers::new(&people, &today, &next).unwrap();
        let mut rates = PeerRates::default();
        peers.turn(&today, &next, Duration::from_millis(20), &mut rates).unwrap();
        for rate in [rates.openssl, rates.openssl_next, rates.certval, rates.webpki] {
            assert!(rate.median() > Some(0.0));
        }
    }
}
