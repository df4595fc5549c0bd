use super::Gate;

#[test]
fn places_are_counted_apart_and_given_back() {
    let gate = Gate::new(2);
    let first = gate.admit(&"one");
    let _second = gate.admit(&"one").unwrap();
    assert!(gate.admit(&"one").is_none());
    assert!(gate.admit(&"two").is_some());
    drop(first);
    assert!(gate.admit(&"one").is_some());
}

#[test]
fn whoever_has_no_connection_is_forgotten() {
    let gate = Gate::new(1);
    for name in 0..100 {
        drop(gate.admit(&name));
    }
    assert!(gate.held.lock().unwrap().is_empty());
}
