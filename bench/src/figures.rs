//! Figures from rounds: medians, quantiles, spread.

use std::path::{Path, PathBuf};
use std::time::Duration;

/// Revoked certificates of a nation.
pub(crate) const NATION: u32 = 20_000_000;

/// How much is spent on a run.
#[derive(Debug, Clone)]
pub(crate) struct Effort {
    /// Rounds in which all contenders have their turn.
    pub(crate) rounds: usize,
    /// The least time of one turn.
    pub(crate) slice: Duration,
    /// Purchases of one turn, all terminals together.
    pub(crate) purchases: usize,
    /// Certificates that the authority revokes and publishes.
    pub(crate) entries: u32,
    /// Entries of a nation's list.
    pub(crate) revoked: u32,
    /// The disk to be measured.
    pub(crate) folder: PathBuf,
    /// Whether a reader service may be started: nobody else's readers are in reach.
    #[cfg_attr(not(feature = "pcsc"), expect(dead_code, reason = "only readers ask"))]
    pub(crate) alone: bool,
    /// For the heading.
    pub(crate) quick: bool,
}

impl Effort {
    pub(crate) fn new(quick: bool, folder: &Path, alone: bool) -> Self {
        let (rounds, slice, purchases, revoked) =
            if quick { (3, 40, 32, 1_000_000) } else { (9, 200, 160, NATION) };
        let slice = Duration::from_millis(slice);
        Self {
            rounds,
            slice,
            purchases,
            entries: 1_000_000,
            revoked,
            folder: folder.to_owned(),
            alone,
            quick,
        }
    }
}

/// Figures of several rounds, in the order of the rounds.
#[derive(Debug, Clone, Default)]
pub(crate) struct Figures(Vec<f64>);

impl Figures {
    pub(crate) fn push(&mut self, figure: f64) {
        self.0.push(figure);
    }

    pub(crate) fn extend(&mut self, figures: impl IntoIterator<Item = f64>) {
        self.0.extend(figures);
    }

    pub(crate) fn append(&mut self, other: Self) {
        self.0.extend(other.0);
    }

    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    /// Each figure changed in the same way.
    pub(crate) fn map(&self, change: impl FnMut(f64) -> f64) -> Self {
        Self(self.0.iter().copied().map(change).collect())
    }

    /// Round by round: what two contenders did in the same moment.
    pub(crate) fn with(&self, other: &Self, join: impl Fn(f64, f64) -> f64) -> Self {
        Self(self.0.iter().zip(&other.0).map(|(one, two)| join(*one, *two)).collect())
    }

    pub(crate) fn median(&self) -> Option<f64> {
        self.quantile(0.5)
    }

    /// The figure below which this part of all lies: by rank, never between two figures.
    pub(crate) fn quantile(&self, part: f64) -> Option<f64> {
        let mut sorted = self.0.clone();
        sorted.sort_by(f64::total_cmp);
        let rank = (part * count(sorted.len())).ceil().max(1.0);
        sorted.into_iter().enumerate().find(|(at, _)| count(at.saturating_add(1)) >= rank).map(|(_, it)| it)
    }

    /// The least and the largest.
    pub(crate) fn spread(&self) -> Option<(f64, f64)> {
        Some((self.0.iter().copied().reduce(f64::min)?, self.0.iter().copied().reduce(f64::max)?))
    }
}

/// A count as a figure; ours are far below where that would round.
pub(crate) fn count(items: usize) -> f64 {
    u32::try_from(items).map_or(f64::MAX, f64::from)
}

#[cfg(test)]
mod tests {
    use super::Figures;

    fn figures(all: &[f64]) -> Figures {
        let mut figures = Figures::default();
        figures.extend(all.iter().copied());
        figures
    }

    #[test]
    fn quantiles_are_figures_by_rank() {
        let all: Vec<f64> = (1..=200).rev().map(f64::from).collect();
        let all = figures(&all);
        assert_eq!(all.median(), Some(100.0));
        assert_eq!(all.quantile(0.99), Some(198.0));
        assert_eq!(all.quantile(1.0), Some(200.0));
        assert_eq!(all.quantile(0.0), Some(1.0));
        assert_eq!(all.spread(), Some((1.0, 200.0)));
        assert_eq!(figures(&[]).median(), None);
        assert_eq!(figures(&[]).spread(), None);
    }

    #[test]
    fn contenders_are_joined_round_by_round() {
        // The second round met a busy machine, which both felt: the ratio does not.
        let (ours, bound) = (figures(&[8.0, 4.0, 8.0]), figures(&[10.0, 5.0, 10.0]));
        let ratio = ours.with(&bound, |ours, bound| ours / bound);
        assert_eq!(ratio.spread(), Some((0.8, 0.8)));
    }
}
