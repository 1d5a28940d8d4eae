//! Alerts for Prometheus and a dashboard for Grafana, from the metrics that the operator has.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::{Value, json};

use super::charts::literal;
use super::files::File;
use crate::lifecycle::PRODUCT_LABEL;

const WRITTEN: &str = "# Generated from src/install by `UPDATE=1 cargo test`.\n";
const RULES: &str = include_str!("monitoring/rules.yaml");
/// What dashboard and rules are called.
const CALLED: &str = "sagemaker-operator";

/// The rules as the Prometheus operator takes them.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct PrometheusRule {
    api_version: &'static str,
    kind: &'static str,
    metadata: Metadata,
    spec: serde_yaml::Value,
}

#[derive(Serialize)]
struct Metadata {
    name: &'static str,
    labels: BTreeMap<&'static str, &'static str>,
}

/// The files below `dist/prometheus` and `dist/grafana`.
///
/// # Errors
/// If one cannot be written as YAML, which would be a defect of ours.
pub fn monitoring() -> Result<Vec<File>, serde_yaml::Error> {
    let rule = PrometheusRule {
        api_version: "monitoring.coreos.com/v1",
        kind: "PrometheusRule",
        metadata: Metadata { name: CALLED, labels: BTreeMap::from([PRODUCT_LABEL]) },
        spec: serde_yaml::from_str(RULES)?,
    };
    let file = |path: &str, text| File { path: path.to_owned(), text };
    Ok(vec![
        file("prometheus/rules.yaml", format!("{WRITTEN}{RULES}")),
        file("prometheus/prometheusrule.yaml", format!("{WRITTEN}{}", serde_yaml::to_string(&rule)?)),
        file("grafana/sagemaker-operator.json", format!("{:#}\n", dashboard())),
    ])
}

/// Both as templates of the charts.
pub(super) fn templates() -> Result<String, serde_yaml::Error> {
    let rules: serde_yaml::Value = serde_yaml::from_str(RULES)?;
    let texts = [
        ("alerts", literal(&rules)?),
        ("dashboard", literal(&json!({ "sagemaker-operator.json": dashboard().to_string() }))?),
    ];
    Ok(texts
        .map(|(name, text)| format!("\n{{{{- define \"sagemaker-operator.{name}\" -}}}}\n{text}{{{{- end }}}}\n"))
        .concat())
}

/// A row of the dashboard, and its panels.
type Row = (&'static str, &'static [Panel]);

/// A panel: in its queries, `OWN` and `KINDS` stand for what the variables of the dashboard select.
struct Panel {
    title: &'static str,
    about: &'static str,
    unit: &'static str,
    /// Each with its legend.
    queries: &'static [(&'static str, &'static str)],
}

const ROWS: [Row; 4] = [
    (
        "Objects",
        &[
            Panel {
                title: "Leaders",
                about: "Operators that hold their Lease. None: nothing is started, stopped or reported.",
                unit: "short",
                queries: &[("sum by (namespace) (sagemaker_operator_leading{OWN})", "{{namespace}}")],
            },
            Panel {
                title: "Objects by standing",
                about: "stalled: refused by AWS until somebody changes something.",
                unit: "short",
                queries: &[("sum by (standing) (sagemaker_operator_objects{KINDS})", "{{standing}}")],
            },
            Panel {
                title: "Objects that need somebody",
                about: "Stalled, failed, or in deletion, by kind.",
                unit: "short",
                queries: &[(
                    "sum by (kind, standing) (sagemaker_operator_objects{KINDS,standing=~\"stalled|failed|deleting\"}) > 0",
                    "{{kind}} {{standing}}",
                )],
            },
            Panel {
                title: "Delay of the status",
                about: "How long after a change in AWS it is written into a status.",
                unit: "s",
                queries: &[
                    (
                        "histogram_quantile(0.5, sum by (le) (rate(sagemaker_operator_status_lag_seconds_bucket{KINDS}[$__rate_interval])))",
                        "median",
                    ),
                    (
                        "histogram_quantile(0.9, sum by (kind, le) (rate(sagemaker_operator_status_lag_seconds_bucket{KINDS}[$__rate_interval])))",
                        "{{kind}}, 9 in 10",
                    ),
                ],
            },
        ],
    ),
    (
        "Calls to AWS",
        &[
            Panel {
                title: "Calls by outcome",
                about: "throttled: beyond the quota of the account. denied: the role lacks a right.",
                unit: "reqps",
                queries: &[(
                    "sum by (outcome) (rate(sagemaker_operator_aws_calls_total{OWN}[$__rate_interval]))",
                    "{{outcome}}",
                )],
            },
            Panel {
                title: "Calls by operation",
                about: "What the quota of the account is used for.",
                unit: "reqps",
                queries: &[(
                    "sum by (operation, region) (rate(sagemaker_operator_aws_calls_total{OWN}[$__rate_interval]))",
                    "{{operation}} {{region}}",
                )],
            },
            Panel {
                title: "How long AWS takes",
                about: "Nine calls in ten are answered within this time.",
                unit: "s",
                queries: &[(
                    "histogram_quantile(0.9, sum by (operation, le) (rate(sagemaker_operator_aws_call_duration_seconds_bucket{OWN}[$__rate_interval])))",
                    "{{operation}}",
                )],
            },
            Panel {
                title: "Wait for a turn",
                about: "How long nine calls in ten wait at most, so that the quota is kept.",
                unit: "s",
                queries: &[(
                    "histogram_quantile(0.9, sum by (operation, le) (rate(sagemaker_operator_aws_call_wait_seconds_bucket{OWN}[$__rate_interval])))",
                    "{{operation}}",
                )],
            },
        ],
    ),
    (
        "Reconcile passes",
        &[
            Panel {
                title: "Passes by result",
                about: "retry: an error that may pass.",
                unit: "ops",
                queries: &[(
                    "sum by (result) (rate(sagemaker_operator_passes_total{KINDS}[$__rate_interval]))",
                    "{{result}}",
                )],
            },
            Panel {
                title: "Passes by kind",
                about: "",
                unit: "ops",
                queries: &[(
                    "sum by (kind) (rate(sagemaker_operator_passes_total{KINDS}[$__rate_interval]))",
                    "{{kind}}",
                )],
            },
            Panel {
                title: "Queued",
                about: "Objects that wait to be looked at, also those that are due later.",
                unit: "short",
                queries: &[("sum by (kind) (sagemaker_operator_queued{KINDS})", "{{kind}}")],
            },
        ],
    ),
    (
        "Listings",
        &[
            Panel {
                title: "Watched",
                about: "Resources whose changes are read from listings.",
                unit: "short",
                queries: &[("sum by (kind) (sagemaker_operator_watched{KINDS})", "{{kind}}")],
            },
            Panel {
                title: "How long a listing takes",
                about: "With all its pages, nine in ten at most.",
                unit: "s",
                queries: &[(
                    "histogram_quantile(0.9, sum by (kind, le) (rate(sagemaker_operator_listing_duration_seconds_bucket{KINDS}[$__rate_interval])))",
                    "{{kind}}",
                )],
            },
        ],
    ),
];

/// Columns of Grafana's grid.
const COLUMNS: usize = 24;
const HEIGHT: usize = 8;

fn dashboard() -> Value {
    let mut panels = Vec::new();
    let mut top = 0;
    for (title, row) in ROWS {
        let place = json!({ "x": 0, "y": top, "w": COLUMNS, "h": 1 });
        panels.push(json!({ "id": panels.len() + 1, "type": "row", "title": title, "collapsed": false, "panels": [], "gridPos": place }));
        let width = COLUMNS / row.len();
        for (column, panel) in row.iter().enumerate() {
            let place = json!({ "x": column * width, "y": top + 1, "w": width, "h": HEIGHT });
            panels.push(panel.drawn(panels.len() + 1, &place));
        }
        top += 1 + HEIGHT;
    }
    json!({
        "uid": CALLED,
        "title": "SageMaker operator",
        "tags": ["sagemaker", "kubernetes"],
        "schemaVersion": 39,
        "editable": true,
        "graphTooltip": 1,
        "time": { "from": "now-6h", "to": "now" },
        "refresh": "1m",
        "templating": { "list": [
            { "name": "datasource", "label": "Data source", "type": "datasource", "query": "prometheus" },
            variable("namespace", "Operator's namespace", "label_values(sagemaker_operator_leading, namespace)"),
            variable("kind", "Kind", "label_values(sagemaker_operator_objects, kind)"),
        ] },
        "panels": panels,
    })
}

/// A variable of the dashboard. All is also what has no such label.
fn variable(name: &str, label: &str, query: &str) -> Value {
    json!({
        "name": name, "label": label, "type": "query", "datasource": source(), "refresh": 2, "sort": 1,
        "query": { "query": query, "refId": name }, "definition": query,
        "multi": true, "includeAll": true, "allValue": ".*",
        "current": { "selected": true, "text": ["All"], "value": ["$__all"] },
    })
}

fn source() -> Value {
    json!({ "type": "prometheus", "uid": "${datasource}" })
}

impl Panel {
    fn drawn(&self, id: usize, place: &Value) -> Value {
        let Self { title, about, unit, queries } = self;
        let own = r#"namespace=~"$namespace""#;
        let targets: Vec<_> = queries
            .iter()
            .zip("ABCDEF".chars())
            .map(|((query, legend), letter)| {
                let query = query.replace("KINDS", &format!(r#"{own},kind=~"$kind""#)).replace("OWN", own);
                json!({ "refId": letter.to_string(), "expr": query, "legendFormat": legend, "datasource": source() })
            })
            .collect();
        json!({
            "id": id, "type": "timeseries", "title": title, "description": about, "datasource": source(),
            "gridPos": place, "targets": targets,
            "fieldConfig": { "defaults": { "unit": unit, "min": 0 }, "overrides": [] },
            "options": { "legend": { "displayMode": "list", "placement": "bottom" }, "tooltip": { "mode": "multi", "sort": "desc" } },
        })
    }
}
