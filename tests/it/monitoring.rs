//! Alerts and the dashboard: Prometheus reads every expression, and none names what a running operator does not have.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use serde_json::Value;

use crate::operator::eight::{MODEL, NAME, parts};
use crate::support::eventually::PATIENCE;
use crate::support::judges::{self, Named};
use crate::support::operator::hasty;
use crate::support::{Namespace, Simulator, built, eventually, helm};

/// What Prometheus adds to what it scrapes from a pod.
const OF_THE_SCRAPE: &str = "namespace";

fn committed(path: &str) -> String {
    fs::read_to_string(built::root().join("dist").join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

fn dashboard() -> Value {
    serde_json::from_str(&committed("grafana/sagemaker-operator.json")).expect("JSON")
}

/// The expressions of the panels, with a value where Grafana puts one in.
fn of_panels(dashboard: &Value) -> Vec<String> {
    let panels = dashboard["panels"].as_array().expect("panels").iter();
    let targets = panels.flat_map(|panel| panel["targets"].as_array().into_iter().flatten());
    targets.map(|target| target["expr"].as_str().expect("a query").replace("$__rate_interval", "5m")).collect()
}

/// The metrics of a page, each with its labels. Those of a histogram are its three series.
fn exposed(page: &str) -> BTreeMap<String, BTreeSet<String>> {
    let mut metrics: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for line in page.lines().filter(|line| !line.starts_with('#')) {
        let (series, _) = line.rsplit_once(' ').expect("a series and its value");
        let (name, labels) = series.split_once('{').unwrap_or((series, ""));
        let labels = labels.trim_end_matches('}').split("\",").filter_map(|label| Some(label.split_once("=\"")?.0));
        metrics.entry(name.to_owned()).or_default().extend(labels.map(str::to_owned));
    }
    metrics
}

/// What an expression names is there, with its labels.
fn is_exposed(named: &Named, exposed: &BTreeMap<String, BTreeSet<String>>) {
    let mut all = BTreeSet::from([OF_THE_SCRAPE.to_owned()]);
    for (metric, selected) in &named.metrics {
        let labels = exposed.get(metric).unwrap_or_else(|| panic!("no {metric}: {}", named.query));
        all.extend(labels.iter().cloned());
        for label in selected {
            assert!(label == OF_THE_SCRAPE || labels.contains(label), "{metric} has no {label}: {}", named.query);
        }
    }
    for label in &named.labels {
        assert!(all.contains(label), "nothing has {label}: {}", named.query);
    }
}

#[test]
fn alerts_and_panels_name_what_a_running_operator_has_and_every_metric_has_a_panel() {
    let aws = Simulator::with(["--speed", "200", "--no-quotas"]);
    aws.make_model(MODEL, "image");
    let home = Namespace::new("monitoring");
    let operator = hasty(&home, &aws).start();
    for part in parts() {
        home.apply(part.manifest(false).to_string());
    }
    // A job that is listed while it runs has shown all there is to show.
    let named = judges::rules(&committed("prometheus/rules.yaml"), &of_panels(&dashboard()));
    let exposed = eventually("all metrics", PATIENCE, || {
        let page = operator.page("metrics")?;
        let exposed = exposed(&page);
        let families = page.lines().filter_map(|line| line.strip_prefix("# TYPE ")?.split(' ').next());
        let missing: Vec<_> =
            families.filter(|family| !exposed.keys().any(|series| series.starts_with(family))).collect();
        if missing.is_empty() { Ok(exposed) } else { Err(format!("{missing:?} have no series")) }
    });
    for named in &named {
        is_exposed(named, &exposed);
    }

    let panels = named.iter().rev().take(of_panels(&dashboard()).len());
    let drawn: BTreeSet<_> = panels.flat_map(|named| named.metrics.keys().cloned()).collect();
    // Of a histogram, the buckets tell all.
    let is_part = |series: &str, ending: &str| {
        series.strip_suffix(ending).is_some_and(|family| exposed.contains_key(&format!("{family}_bucket")))
    };
    let own = exposed.keys().filter(|series| !is_part(series, "_sum") && !is_part(series, "_count"));
    let undrawn: Vec<_> = own.filter(|series| !drawn.contains(*series)).collect();
    assert!(undrawn.is_empty(), "no panel has {undrawn:?}");
    assert!(exposed.len() > 10, "{exposed:?}");
}

#[test]
fn what_is_selected_by_is_a_word_that_the_operator_has() {
    let words = |label: &str, text: &str| -> BTreeSet<String> {
        let ahead = [format!("{label}=\""), format!("{label}=~\"")];
        let found = ahead.iter().flat_map(|ahead| text.split(ahead.as_str()).skip(1));
        let values = found.filter_map(|rest| rest.split('"').next()).flat_map(|values| values.split('|'));
        values.filter(|value| !value.starts_with('$')).map(str::to_owned).collect()
    };
    let text = of_panels(&dashboard()).join("\n") + &committed("prometheus/rules.yaml");
    let source = |file: &str| fs::read_to_string(built::root().join("src/operator").join(file)).expect("it is there");
    for (label, file) in [("outcome", "metrics.rs"), ("standing", "roster.rs"), ("result", "controller.rs")] {
        let (words, source) = (words(label, &text), source(file));
        assert!(!words.is_empty(), "{label}");
        for word in words {
            assert!(source.contains(&format!("=> \"{word}\",")), "no {label} is ever {word}");
        }
    }
}

#[test]
fn an_object_in_deletion_is_counted_as_one() {
    let aws = Simulator::at_speed(200.0);
    let home = Namespace::new("monitoring-deletion");
    let operator = hasty(&home, &aws).start();
    let job = parts().into_iter().find(|part| part.plural == "processingjobs").expect("one of eight");
    home.apply(job.manifest(false).to_string());
    home.until(job.plural, NAME, "running", |object| object["status"]["arn"].is_string());
    aws.deny("sagemaker:StopProcessingJob");
    home.delete(job.plural, NAME);
    let series = r#"sagemaker_operator_objects{kind="ProcessingJob",standing="deleting"} 1"#;
    eventually("one in deletion", PATIENCE, || {
        let page = operator.page("metrics")?;
        if page.contains(series) { Ok(()) } else { Err(page) }
    });
    aws.allow_all();
    home.until_gone(job.plural, NAME);
}

/// What fires when, as a file for `promtool test rules`.
const ALERTS: &str = "tests/it/monitoring/alerts.yaml";

#[test]
fn each_alert_fires_after_its_time_and_not_before_and_not_for_less() {
    let path = built::root().join(ALERTS);
    judges::alerts(&path);
    let told: Value = serde_yaml::from_str(&fs::read_to_string(path).expect("it is checked in")).expect("YAML");
    let stories = told["tests"].as_array().expect("stories").iter();
    let moments = stories.map(|story| story["alert_rule_test"].as_array().expect("moments"));
    let ends: BTreeSet<(String, bool, bool)> = moments
        .map(|moments| {
            let fires = |moment: &Value| !moment["exp_alerts"].as_array().expect("a list").is_empty();
            let last = moments.last().expect("one at least");
            let name = last["alertname"].as_str().expect("a name").to_owned();
            (name, !fires(&moments[0]), fires(last))
        })
        .collect();
    let rules: Value = serde_yaml::from_str(&committed("prometheus/rules.yaml")).expect("YAML");
    for alert in rules["groups"][0]["rules"].as_array().expect("rules") {
        let name = alert["alert"].as_str().expect("a name").to_owned();
        for fires in [true, false] {
            assert!(ends.contains(&(name.clone(), true, fires)), "no story in which {name} fires at last: {fires}");
        }
    }
}

#[test]
fn each_alert_says_what_happened_and_what_to_do() {
    let of = |file: &str| serde_yaml::from_str::<Value>(&committed(file)).expect("YAML");
    let rules = of("prometheus/rules.yaml");
    assert_eq!(of("prometheus/prometheusrule.yaml")["spec"], rules);
    for alert in rules["groups"][0]["rules"].as_array().expect("rules") {
        for annotation in ["summary", "description", "next_step"] {
            let text = alert["annotations"][annotation].as_str().unwrap_or_default();
            assert!(text.len() > 10, "{annotation} of {}", alert["alert"]);
        }
        let severity = alert["labels"]["severity"].as_str().unwrap_or_default();
        assert!(["warning", "critical"].contains(&severity), "{}", alert["alert"]);
    }
    // Helm must not take a template of Prometheus or Grafana for one of its own.
    let values =
        "{roleArn: 'arn:aws:iam::123456789012:role/o', prometheusRule: {enabled: true}, dashboard: {enabled: true}}";
    for chart in [helm::CLUSTER, helm::NAMESPACED] {
        let objects = helm::objects(&helm::render(chart, "ml", values).ok());
        let one = |kind: &str| objects.iter().find(|object| object["kind"] == kind).expect("it is wanted");
        assert_eq!(one("PrometheusRule")["spec"], rules);
        let drawn = one("ConfigMap")["data"]["sagemaker-operator.json"].as_str().expect("a text");
        assert_eq!(serde_json::from_str::<Value>(drawn).expect("JSON"), dashboard());
    }
}
