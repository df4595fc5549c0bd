//! One walk over a list whose octets come in pieces of any size: nothing is kept but what is asked for at the end.
//!
//! Nothing is refused on the way: whoever reads the list has to know first whether the authority signed it.

use enishi_jpki::Issuer;
use enishi_jpki::asn1::{DerError, DerFault};

use super::CrlError;
use super::entry::{self, Seen, USUAL_OCTETS, Usual};
use super::frame::Frame;
use super::front::Front;
use super::index::{Gathering, Index};
use super::outline::Outline;
use super::tail::{Claims, Seal};
use crate::limits::{CRL_BEHIND_OCTETS_MAX, CRL_FRONT_OCTETS_MAX};

#[cfg(test)]
mod tests;

/// Entries that are read before any of them is written down: two short loops are faster than a long one.
const TOGETHER: usize = 32;

/// The walk, and how far it came.
pub(super) struct Walk<'a> {
    outline: Outline,
    at: usize,
    phase: Phase,
    front: Vec<u8>,
    fields: Option<Result<Front, CrlError>>,
    entries: Entries<'a>,
    behind: Vec<u8>,
    behind_at: usize,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    /// Entries, until this octet.
    Entries { until: usize },
    /// Octets are passed over until this one: something before was wrong.
    Passing { until: usize },
    /// The octets behind the entries are gathered.
    Behind,
}

struct Entries<'a> {
    gathering: Gathering<'a>,
    /// The beginning of an entry whose end has not come.
    part: Vec<u8>,
    /// Where it stands.
    at: usize,
    /// What is wrong with them.
    fault: Option<CrlError>,
}

/// All of a list, of which nothing is believed yet.
pub(super) struct Walked {
    pub(super) outline: Outline,
    pub(super) front: Result<Front, CrlError>,
    /// Octets behind the entries.
    behind: Vec<u8>,
    behind_at: usize,
    /// Not of all entries, where they were put off.
    pub(super) index: Result<Index, CrlError>,
    /// Whether the list has to be walked over again, now that it is known who signed it.
    pub(super) is_put_off: bool,
}

impl<'a> Walk<'a> {
    pub(super) fn new(outline: Outline, gathering: Gathering<'a>) -> Self {
        let behind_at = outline.signed.end;
        Self {
            outline,
            at: 0,
            phase: Phase::Behind,
            front: Vec::new(),
            fields: None,
            entries: Entries { gathering, part: Vec::new(), at: 0, fault: None },
            behind: Vec::new(),
            behind_at,
        }
    }

    /// Takes the next octets; what stands behind the end of the list is passed over.
    pub(super) fn push(&mut self, octets: &[u8]) {
        let mut rest = octets;
        if self.fields.is_none() {
            let most = CRL_FRONT_OCTETS_MAX.min(self.outline.octets);
            let now = upto(rest, most.saturating_sub(self.front.len()));
            self.front.extend_from_slice(now);
            rest = rest.get(now.len()..).unwrap_or_default();
            if self.front.len() < most {
                return;
            }
            let front = std::mem::take(&mut self.front);
            self.at = self.begin(&front);
            self.go_on(front.get(self.at..).unwrap_or_default());
        }
        self.go_on(rest);
    }

    /// Reads what stands before the entries, and tells where to go on.
    fn begin(&mut self, front: &[u8]) -> usize {
        let fields = Front::read(front, &self.outline);
        let (at, phase) = match &fields {
            Ok(Front { entries: Some(entries), behind, .. }) => {
                self.behind_at = *behind;
                self.entries.fault = entries.is_empty().then(|| empty(entries.start));
                (entries.start, Phase::Entries { until: entries.end })
            }
            Ok(Front { entries: None, behind, .. }) => {
                self.behind_at = *behind;
                (*behind, Phase::Behind)
            }
            Err(_) => (self.outline.fields.start, Phase::Passing { until: self.outline.signed.end }),
        };
        self.phase = phase;
        self.fields = Some(fields);
        at
    }

    fn go_on(&mut self, octets: &[u8]) {
        let mut rest = octets;
        while !rest.is_empty() && self.at < self.outline.octets {
            let taken = self.step(rest);
            self.at = self.at.saturating_add(taken);
            rest = rest.get(taken..).unwrap_or_default();
        }
    }

    /// Takes some octets, and tells how many; none only where a phase ends.
    fn step(&mut self, octets: &[u8]) -> usize {
        let (at, until) = match self.phase {
            Phase::Entries { until } | Phase::Passing { until } => (self.at, until),
            Phase::Behind => (self.at, self.outline.octets),
        };
        let now = upto(octets, until.saturating_sub(at));
        match self.phase {
            Phase::Entries { .. } => self.entries.take(now, at),
            Phase::Passing { .. } => {}
            Phase::Behind => {
                // One more than the bound, so that it is seen at the end.
                let room = CRL_BEHIND_OCTETS_MAX.saturating_add(1).saturating_sub(self.behind.len());
                self.behind.extend_from_slice(upto(now, room));
            }
        }
        if at.saturating_add(now.len()) >= until {
            self.phase = Phase::Behind;
        }
        now.len()
    }

    /// Ends the walk: all octets of the list were pushed.
    pub(super) fn finish(self) -> Walked {
        let early = || CrlError::from(DerError { at: self.at, fault: DerFault::Truncated });
        Walked {
            front: self.fields.unwrap_or_else(|| Err(early())),
            is_put_off: self.entries.gathering.is_put_off() && self.entries.fault.is_none(),
            index: self.entries.finish(),
            behind: self.behind,
            behind_at: self.behind_at,
            outline: self.outline,
        }
    }
}

impl Entries<'_> {
    /// Takes octets of entries, the first of which stands at `at`; once something is wrong they are passed over, and
    /// once they are put off.
    fn take(&mut self, octets: &[u8], at: usize) {
        if self.fault.is_none()
            && !self.gathering.is_put_off()
            && let Err(fault) = self.read(octets, at)
        {
            self.fault = Some(fault);
        }
    }

    fn read(&mut self, octets: &[u8], mut at: usize) -> Result<(), CrlError> {
        let mut rest = octets;
        while !self.part.is_empty() && !rest.is_empty() {
            let octets = match entry::general(&self.part, self.at)? {
                Seen::Part(octets) | Seen::Whole(_, octets) => octets,
            };
            // Of one whose length is not there yet one octet at a time, so that nothing behind it is taken.
            let missing =
                if octets <= Frame::OCTETS_MAX { 1 } else { octets.saturating_sub(self.part.len()) };
            let now = upto(rest, missing);
            self.part.extend_from_slice(now);
            at = at.saturating_add(now.len());
            rest = rest.get(now.len()..).unwrap_or_default();
            if let Seen::Whole(entry, _) = entry::general(&self.part, self.at)? {
                self.part.clear();
                self.gathering.push(entry)?;
            }
        }
        while !rest.is_empty() {
            let (taken, left) = self.usual(rest)?;
            at = at.saturating_add(taken);
            rest = left;
            let octets = match entry::short(rest) {
                Some((entry, octets)) => {
                    self.gathering.push(entry)?;
                    octets
                }
                None if rest.is_empty() => return Ok(()),
                None => match entry::general(rest, at)? {
                    Seen::Whole(entry, octets) => {
                        self.gathering.push(entry)?;
                        octets
                    }
                    Seen::Part(_) => {
                        self.at = at;
                        self.part.extend_from_slice(rest);
                        return Ok(());
                    }
                },
            };
            at = at.saturating_add(octets);
            rest = rest.get(octets..).unwrap_or_default();
        }
        Ok(())
    }

    /// Takes entries of the usual form for as long as they have it; tells how many octets, and what is left.
    fn usual<'o>(&mut self, octets: &'o [u8]) -> Result<(usize, &'o [u8]), CrlError> {
        let (mut rest, mut together) = (octets, [Usual::default(); TOGETHER]);
        loop {
            let mut met = 0;
            for place in &mut together {
                let Some((entry, left)) = rest.split_first_chunk::<USUAL_OCTETS>() else { break };
                let Some(found) = entry::usual(entry) else { break };
                (*place, rest, met) = (found, left, met + 1);
            }
            self.gathering.push_usual(together.get(..met).unwrap_or_default())?;
            if met < TOGETHER {
                return Ok((octets.len().saturating_sub(rest.len()), rest));
            }
        }
    }

    fn finish(self) -> Result<Index, CrlError> {
        match self.fault {
            Some(fault) => Err(fault),
            // The field ends inside of an entry.
            None if !self.part.is_empty() => Err(DerError { at: self.at, fault: DerFault::Truncated }.into()),
            None => self.gathering.finish(),
        }
    }
}

impl Walked {
    /// What stands behind the signed part.
    pub(super) fn seal(&self) -> Result<Seal, CrlError> {
        if self.behind.len() > CRL_BEHIND_OCTETS_MAX {
            let fault = DerFault::Content("more behind the entries than in any list of ours");
            return Err(DerError { at: self.behind_at, fault }.into());
        }
        let at = self.outline.signed.end;
        let octets = self.behind.get(at.saturating_sub(self.behind_at)..).unwrap_or_default();
        Seal::read(octets).map_err(|error| CrlError::from(error).shifted(at))
    }

    /// What the extensions say, which `issuer` signed.
    pub(super) fn claims(&self, issuer: &Issuer) -> Result<Claims, CrlError> {
        let octets = self.outline.signed.end.saturating_sub(self.behind_at);
        let fields = self.behind.get(..octets).unwrap_or_default();
        Claims::read(fields, issuer).map_err(|error| error.shifted(self.behind_at))
    }
}

fn upto(octets: &[u8], most: usize) -> &[u8] {
    octets.get(..most).unwrap_or(octets)
}

/// RFC 5280 §5.1.2.6: without entries the list MUST be absent.
fn empty(at: usize) -> CrlError {
    DerError { at, fault: DerFault::Content("empty list of revoked certificates") }.into()
}
