//! The two texts of metrics: OpenMetrics 1.0 for who asks for it, the older Prometheus text for everyone else.

use std::fmt;
use std::fmt::Write;

use axum::http::{HeaderMap, header};
use prometheus_client::encoding::text::encode;
use prometheus_client::registry::Registry;

use super::media_range::named_quality;

/// How metrics are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Format {
    OpenMetrics,
    PrometheusText,
}

impl Format {
    /// OpenMetrics where it is named, and wanted no less than plain text.
    pub(crate) fn wanted(headers: &HeaderMap) -> Self {
        let accept: Vec<_> =
            headers.get_all(header::ACCEPT).iter().filter_map(|value| value.to_str().ok()).collect();
        let accept = accept.join(",");
        match named_quality(&accept, "application/openmetrics-text") {
            Some(wanted) if wanted > 0 && Some(wanted) >= named_quality(&accept, "text/plain") => {
                Self::OpenMetrics
            }
            Some(_) | None => Self::PrometheusText,
        }
    }

    pub(crate) const fn content_type(self) -> &'static str {
        match self {
            Self::OpenMetrics => "application/openmetrics-text; version=1.0.0; charset=utf-8",
            Self::PrometheusText => "text/plain; version=0.0.4; charset=utf-8",
        }
    }

    pub(crate) fn write(self, registry: &Registry) -> Result<String, fmt::Error> {
        let mut text = String::new();
        encode(&mut text, registry)?;
        match self {
            Self::OpenMetrics => Ok(text),
            Self::PrometheusText => prometheus_text(&text),
        }
    }
}

/// The older format names a counter by its sample, has no infos and no units, and no end.
fn prometheus_text(open_metrics: &str) -> Result<String, fmt::Error> {
    let mut text = String::with_capacity(open_metrics.len());
    // The type, which says how the family is called, comes after its help.
    let mut help = None;
    for line in open_metrics.lines() {
        if let Some(named) = line.strip_prefix("# HELP ") {
            help = named.split_once(' ');
        } else if let Some((name, kind)) =
            line.strip_prefix("# TYPE ").and_then(|named| named.split_once(' '))
        {
            let (suffix, kind) = match kind {
                "counter" => ("_total", "counter"),
                "info" => ("_info", "gauge"),
                "unknown" => ("", "untyped"),
                same => ("", same),
            };
            if let Some((_, help)) = help.take() {
                writeln!(text, "# HELP {name}{suffix} {help}")?;
            }
            writeln!(text, "# TYPE {name}{suffix} {kind}")?;
        } else if !line.starts_with('#') {
            writeln!(text, "{line}")?;
        }
    }
    Ok(text)
}

#[cfg(test)]
mod tests;
