use super::named_quality;

/// As a Prometheus server asks.
const COLLECTOR: &str = "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,\
                         application/openmetrics-text;version=0.0.1;q=0.5,text/plain;version=1.0.0;q=0.4,\
                         text/plain;version=0.0.4;q=0.3,*/*;q=0.2";

#[test]
fn the_best_quality_of_a_named_type_counts() {
    assert_eq!(named_quality(COLLECTOR, "application/openmetrics-text"), Some(600));
    assert_eq!(named_quality(COLLECTOR, "text/plain"), Some(400));
    assert_eq!(named_quality("Text/Plain", "text/plain"), Some(1000));
}

#[test]
fn a_wildcard_names_nothing() {
    assert_eq!(named_quality("*/*", "text/plain"), None);
    assert_eq!(named_quality("", "text/plain"), None);
}

#[test]
fn what_is_no_quality_is_none() {
    for wrong in ["2", "-1", "x", "0.1234", "0.x", ""] {
        assert_eq!(named_quality(&format!("text/plain;q={wrong}"), "text/plain"), Some(0), "{wrong}");
    }
    assert_eq!(named_quality("text/plain;q=0.75", "text/plain"), Some(750));
    assert_eq!(named_quality("text/plain;q=0", "text/plain"), Some(0));
}
