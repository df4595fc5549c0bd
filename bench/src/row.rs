//! One figure beside its bound, its peers and its goal.

use serde::Serialize;
use serde_json::{Map, Value};

use crate::figures::Figures;

/// Which way is better.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Better {
    /// A rate.
    More,
    /// A time or a size.
    Less,
}

/// A row of the table; as JSON it has exactly these keys, `null` where there is nothing to say.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Row {
    pub(crate) name: String,
    pub(crate) ours: Option<f64>,
    pub(crate) unit: &'static str,
    /// What the machine or mathematics allows, measured in the same rounds.
    pub(crate) bound: Option<f64>,
    /// What others do, in the same unit.
    pub(crate) peers: Map<String, Value>,
    /// How near ours is to the bound: 1 is as good as can be.
    pub(crate) ratio: Option<f64>,
    /// The least ratio that we hold ourselves to.
    pub(crate) goal: Option<f64>,
    pub(crate) ok: Option<bool>,
    /// Least and largest of ours over the rounds.
    pub(crate) spread: Option<(f64, f64)>,
    pub(crate) note: String,
}

impl Row {
    /// A figure beside its bound; both have one figure a round, and the ratio is the median of the rounds' ratios.
    pub(crate) fn new(
        name: impl Into<String>,
        unit: &'static str,
        better: Better,
        ours: &Figures,
        bound: &Figures,
    ) -> Self {
        let ratio = ours.with(bound, |ours, bound| match better {
            Better::More => ours / bound,
            Better::Less => bound / ours,
        });
        let mut row = Self::alone(name, unit, ours);
        row.bound = bound.median();
        row.ratio = ratio.median().filter(|ratio| ratio.is_finite());
        row
    }

    /// A figure that has no bound.
    pub(crate) fn alone(name: impl Into<String>, unit: &'static str, ours: &Figures) -> Self {
        Self {
            name: name.into(),
            ours: ours.median(),
            unit,
            bound: None,
            peers: Map::new(),
            ratio: None,
            goal: None,
            ok: None,
            spread: ours.spread(),
            note: String::new(),
        }
    }

    /// What could not be measured here, and why.
    pub(crate) fn not_run(name: impl Into<String>, why: &str) -> Self {
        let mut row = Self::alone(name, "", &Figures::default());
        row.note = format!("not run: {why}");
        row
    }

    /// What another does; nothing where it is not there.
    pub(crate) fn peer(mut self, name: &str, figure: Option<f64>) -> Self {
        if let Some(figure) = figure.and_then(serde_json::Number::from_f64) {
            self.peers.insert(name.to_owned(), Value::Number(figure));
        }
        self
    }

    /// How many times one figure is another: for what is measured against a peer and not against a bound.
    pub(crate) fn times(mut self, one: Option<f64>, other: Option<f64>) -> Self {
        self.ratio = one.zip(other).map(|(one, other)| one / other).filter(|ratio| ratio.is_finite());
        self
    }

    /// The least ratio that we hold ourselves to.
    pub(crate) fn goal(mut self, goal: f64) -> Self {
        self.goal = Some(goal);
        self.ok = self.ratio.map(|ratio| ratio >= goal);
        self
    }

    pub(crate) fn note(mut self, note: impl Into<String>) -> Self {
        self.note = note.into();
        self
    }
}

#[cfg(test)]
mod tests {
    use super::{Better, Row};
    use crate::figures::Figures;

    fn figures(all: &[f64]) -> Figures {
        let mut figures = Figures::default();
        figures.extend(all.iter().copied());
        figures
    }

    #[test]
    fn one_is_as_good_as_can_be_whichever_way_is_better() {
        let rate = Row::new("a", "1/s", Better::More, &figures(&[90.0]), &figures(&[100.0])).goal(0.9);
        assert_eq!((rate.ratio, rate.ok), (Some(0.9), Some(true)));
        let time = Row::new("b", "ms", Better::Less, &figures(&[4.0]), &figures(&[2.0])).goal(0.6);
        assert_eq!((time.ratio, time.ok), (Some(0.5), Some(false)));
    }

    #[test]
    fn a_row_that_was_not_run_meets_no_goal() {
        let row = Row::not_run("c", "no reader").goal(0.5);
        assert_eq!((row.ours, row.ok), (None, None));
        assert_eq!(row.note, "not run: no reader");
    }

    #[test]
    fn json_has_the_keys_that_readers_count_on() {
        let row = Row::alone("d", "ms", &figures(&[1.0])).peer("other", Some(2.0)).peer("absent", None);
        let json = serde_json::to_value(row).unwrap();
        let keys: Vec<_> = json.as_object().unwrap().keys().map(String::as_str).collect();
        let mut sorted = keys.clone();
        sorted.sort_unstable();
        assert_eq!(
            sorted,
            ["bound", "goal", "name", "note", "ok", "ours", "peers", "ratio", "spread", "unit"]
        );
        assert_eq!(json["peers"].as_object().unwrap().len(), 1);
    }
}
