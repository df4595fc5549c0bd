use axum::http::{HeaderMap, HeaderValue, header};
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::metrics::info::Info;
use prometheus_client::registry::{Registry, Unit};

use super::Format;

fn registry() -> Registry {
    let mut registry = Registry::default();
    let counter: Counter = Counter::default();
    counter.inc_by(3);
    registry.register("acts", "Acts", counter);
    registry.register("level", "A level", Gauge::<i64>::default());
    registry.register("build", "The build", Info::new([("version", "1\"\\\n2")]));
    let histogram = Histogram::new([0.5]);
    histogram.observe(0.25);
    registry.register_with_unit("took", "How long", Unit::Seconds, histogram);
    registry
}

fn wanted(accept: &str) -> Format {
    let mut headers = HeaderMap::new();
    headers.insert(header::ACCEPT, HeaderValue::from_str(accept).unwrap());
    Format::wanted(&headers)
}

#[test]
fn open_metrics_is_for_who_asks_for_it() {
    assert_eq!(Format::wanted(&HeaderMap::new()), Format::PrometheusText);
    assert_eq!(wanted("*/*"), Format::PrometheusText);
    assert_eq!(wanted("text/html,*/*;q=0.8"), Format::PrometheusText);
    assert_eq!(wanted("application/openmetrics-text"), Format::OpenMetrics);
    assert_eq!(wanted("application/openmetrics-text;q=0.5,text/plain;q=0.4"), Format::OpenMetrics);
    assert_eq!(wanted("application/openmetrics-text;q=0.3,text/plain"), Format::PrometheusText);
    assert_eq!(wanted("application/openmetrics-text;q=0"), Format::PrometheusText);
}

#[test]
fn the_older_text_has_the_older_names_and_types() {
    insta::assert_snapshot!(Format::PrometheusText.write(&registry()).unwrap(), @r#"
    # HELP acts_total Acts.
    # TYPE acts_total counter
    acts_total 3
    # HELP level A level.
    # TYPE level gauge
    level 0
    # HELP build_info The build.
    # TYPE build_info gauge
    build_info{version="1\"\\\n2"} 1
    # HELP took_seconds How long.
    # TYPE took_seconds histogram
    took_seconds_sum 0.25
    took_seconds_count 1
    took_seconds_bucket{le="0.5"} 1
    took_seconds_bucket{le="+Inf"} 1
    "#);
}

#[test]
fn open_metrics_ends_as_it_must() {
    let text = Format::OpenMetrics.write(&registry()).unwrap();
    assert!(text.ends_with("# EOF\n"), "{text}");
    assert!(text.contains("# TYPE acts counter\nacts_total 3\n"), "{text}");
    assert!(text.contains("# UNIT took_seconds seconds\n"), "{text}");
}
