use std::time::Duration;

use super::Backoff;

const FIRST: Duration = Duration::from_millis(200);
const MOST: Duration = Duration::from_secs(30);

#[test]
fn pauses_double_up_to_the_most_and_start_anew_after_a_success() {
    let mut backoff = Backoff::new(FIRST, MOST);
    let pauses: Vec<_> = (0..10).map(|_| backoff.pause(0).as_millis()).collect();
    assert_eq!(pauses, [200, 400, 800, 1600, 3200, 6400, 12_800, 25_600, 30_000, 30_000]);
    backoff.succeeded();
    assert_eq!(backoff.pause(0), FIRST);
}

#[test]
fn the_jitter_takes_away_at_most_a_half() {
    for random in [0, 1, 1000, u16::MAX / 2, u16::MAX] {
        let mut backoff = Backoff::new(FIRST, MOST);
        for _ in 0..100 {
            let full = FIRST.saturating_mul(1 << backoff.failures.min(16)).min(MOST);
            let pause = backoff.pause(random);
            assert!(pause <= full && pause >= full / 2, "{pause:?} of {full:?}");
        }
    }
}
