//! Few numbers in order, as the steps from one to the next: two octets a number where a town's are among a nation's.

/// Numbers from one that is written out to the next: so many steps are walked at most.
const STRIDE: usize = 64;

/// Numbers that rise, each once.
pub(super) struct Steps {
    /// Every so-manieth number, and where the steps from it begin.
    marks: Box<[(u32, u32)]>,
    /// A step of 16 bits, or zero and then both halves of a wider one.
    steps: Box<[u16]>,
    len: usize,
}

impl Steps {
    /// Takes numbers that rise.
    pub(super) fn of(numbers: &[u32]) -> Self {
        let (mut marks, mut steps, mut before) = (Vec::new(), Vec::new(), 0);
        for (rank, &number) in numbers.iter().enumerate() {
            if rank.is_multiple_of(STRIDE) {
                marks.push((number, u32::try_from(steps.len()).unwrap_or(u32::MAX)));
            } else {
                let step = number.saturating_sub(before);
                match u16::try_from(step) {
                    Ok(step) => steps.push(step),
                    Err(_) => {
                        let [a, b, c, d] = step.to_be_bytes();
                        steps.extend([0, u16::from_be_bytes([a, b]), u16::from_be_bytes([c, d])]);
                    }
                }
            }
            before = number;
        }
        Self { marks: marks.into(), steps: steps.into(), len: numbers.len() }
    }

    pub(super) const fn len(&self) -> usize {
        self.len
    }

    /// A number's place in the order.
    pub(super) fn rank(&self, number: u32) -> Option<usize> {
        let mark = self.marks.partition_point(|(mark, _)| *mark <= number).checked_sub(1)?;
        let &(mut at, begin) = self.marks.get(mark)?;
        let mut steps = self.steps.get(usize::try_from(begin).ok()?..)?.iter();
        let first = mark.saturating_mul(STRIDE);
        for rank in first..first.saturating_add(STRIDE).min(self.len) {
            if at >= number {
                return (at == number).then_some(rank);
            }
            at = at.saturating_add(match *steps.next()? {
                0 => (u32::from(*steps.next()?) << 16) | u32::from(*steps.next()?),
                step => u32::from(step),
            });
        }
        None
    }

    #[cfg(test)]
    pub(super) const fn octets(&self) -> usize {
        self.marks.len() * 8 + self.steps.len() * 2
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::{any, prop, prop_assert_eq, proptest};

    use super::Steps;

    proptest! {
        #[test]
        fn every_number_has_its_place_and_no_other_has_one(
            near in prop::collection::btree_set(0_u32..3_000, 0..300),
            far in prop::collection::btree_set(any::<u32>(), 0..300),
        ) {
            let numbers: BTreeSet<u32> = near.union(&far).copied().collect();
            let numbers: Vec<u32> = numbers.into_iter().collect();
            let steps = Steps::of(&numbers);
            prop_assert_eq!(steps.len(), numbers.len());
            let beside = numbers.iter().flat_map(|number| [number.wrapping_sub(1), *number, number.wrapping_add(1)]);
            for asked in beside.chain([0, u32::MAX]) {
                prop_assert_eq!(steps.rank(asked), numbers.binary_search(&asked).ok(), "{}", asked);
            }
        }
    }
}
