//! Every leaf of `RegisterScalableTarget` and `PutScalingPolicy` has a field, arrives with its value, and is no difference
//! when it comes back.

use std::collections::{BTreeMap, BTreeSet};

use sagemaker_operator::api::{HostingAutoscalingPolicySpec, crd};
use serde_json::{Map, Value, json};

use super::{POLICIES, hasty, world, writes_after};
use crate::support::Namespace;

/// As AWS's documentation of the two operations has it; three of them are members of both.
const LEAVES: usize = 82;
const OPERATIONS: [&str; 2] = ["RegisterScalableTarget", "PutScalingPolicy"];
/// What a leaf is called in a spec where the rule of the small first letter does not tell.
const OTHER_NAMES: [(&str, &str); 1] = [("RoleARN", "roleARN")];
/// Fields of the spec that no request has under that name.
const OURS: [&str; 6] = [
    "region",
    "sageMakerEndpoint",
    "resourceId[].endpointName",
    "resourceId[].inferenceComponentName",
    "resourceId[].variantName",
    "tags[].key",
];

/// A leaf of a request.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Leaf {
    /// Member by member; lists on the way end in `[]`.
    path: Vec<String>,
    shape: String,
}

fn model() -> Value {
    let file: Value = serde_json::from_str(include_str!("../../fixtures/api-model.json")).expect("the fixture is JSON");
    file["services"]["application-autoscaling"].clone()
}

/// The leaves of both operations, each once.
fn leaves(model: &Value) -> BTreeSet<Leaf> {
    let mut found = BTreeSet::new();
    for operation in OPERATIONS {
        let input = model["operations"][operation]["input"].as_str().expect("the operation has a request");
        collect(model, input, &[], &mut found);
    }
    found
}

/// The paths of all leaves, as a request has them and as a spec would.
pub(crate) fn paths() -> Vec<(String, String)> {
    leaves(&model()).iter().map(|leaf| (leaf.wire_path(), leaf.spec_path())).collect()
}

fn collect(model: &Value, shape: &str, path: &[String], found: &mut BTreeSet<Leaf>) {
    for (member, inner) in model["shapes"][shape]["members"].as_object().into_iter().flatten() {
        let mut inner = inner.as_str().expect("a member has a shape");
        let mut name = member.clone();
        if let Some(items) = model["shapes"][inner]["member"].as_str() {
            (inner, name) = (items, format!("{member}[]"));
        }
        let path = [path, &[name]].concat();
        if model["shapes"][inner]["type"] == "structure" {
            collect(model, inner, &path, found);
        } else {
            found.insert(Leaf { path, shape: inner.to_owned() });
        }
    }
}

impl Leaf {
    fn wire_path(&self) -> String {
        self.path.join(".")
    }

    fn spec_path(&self) -> String {
        self.path.iter().map(|member| in_spec(member)).collect::<Vec<_>>().join(".")
    }

    /// A value that AWS takes; of numbers and texts one that no other leaf has, as far as can be.
    fn value(&self, model: &Value) -> Value {
        let shape = &model["shapes"][self.shape.as_str()];
        let path = self.wire_path();
        let number = 301 + i64::from(path.bytes().fold(7_u8, |sum, byte| sum.wrapping_mul(31).wrapping_add(byte)));
        match shape["type"].as_str().expect("a shape has a type") {
            // What is on by default has to be off to be seen, and the other way round.
            "boolean" => json!(!path.ends_with("ReturnData")),
            "integer" => json!(shape["max"].as_i64().map_or(number, |most| number.min(most))),
            "double" => json!(f64::from(i32::try_from(number).expect("a small number")) + 0.5),
            "string" => match words(&path) {
                Some(word) => json!(word),
                None => shape["enum"].as_array().and_then(|words| words.last()).cloned().unwrap_or_else(|| {
                    json!(
                        path.to_ascii_lowercase()
                            .replace("[]", "")
                            .replace('.', "_")
                            .chars()
                            .rev()
                            .take(60)
                            .collect::<String>()
                    )
                }),
            },
            other => panic!("{path}: a leaf cannot be a {other}"),
        }
    }
}

/// Words that the endpoint of the test, or AWS, asks for.
fn words(path: &str) -> Option<&'static str> {
    match path {
        "ResourceId" => Some("endpoint/shop/variant/main"),
        "ServiceNamespace" => Some("sagemaker"),
        "ScalableDimension" => Some("sagemaker:variant:DesiredInstanceCount"),
        "RoleARN" => Some("arn:aws:iam::123456789012:role/scaling"),
        "PolicyName" => Some("every-leaf"),
        path if path.ends_with("PredefinedMetricType") => Some("SageMakerVariantInvocationsPerInstance"),
        path if path.ends_with("StepScalingPolicyConfiguration.MetricAggregationType") => Some("Maximum"),
        path if path.ends_with("MaxCapacityBreachBehavior") => Some("IncreaseMaxCapacity"),
        path if path.ends_with(".Mode") => Some("ForecastAndScale"),
        _ => None,
    }
}

fn in_spec(member: &str) -> String {
    if let Some((_, name)) = OTHER_NAMES.iter().find(|(wire, _)| *wire == member) {
        return (*name).to_owned();
    }
    let mut letters = member.chars();
    letters.next().into_iter().flat_map(char::to_lowercase).chain(letters).collect()
}

/// What belongs into one object: there is one for each way to scale, and for each way to name a metric.
struct Flavour {
    name: &'static str,
    policy_type: &'static str,
    /// The configuration that it has.
    configuration: &'static str,
    /// Parts of the paths of leaves that do not go with the others.
    without: &'static [&'static str],
}

const TRACKING: (&str, &str) = ("TargetTrackingScaling", "TargetTrackingScalingPolicyConfiguration");

const FLAVOURS: [Flavour; 5] = [
    Flavour {
        name: "predefined",
        policy_type: TRACKING.0,
        configuration: TRACKING.1,
        without: &["CustomizedMetricSpecification"],
    },
    Flavour {
        name: "metric",
        policy_type: TRACKING.0,
        configuration: TRACKING.1,
        without: &["PredefinedMetricSpecification", "Metrics[]"],
    },
    Flavour {
        name: "metrics",
        policy_type: TRACKING.0,
        configuration: TRACKING.1,
        without: &[
            "PredefinedMetricSpecification",
            "CustomizedMetricSpecification.Dimensions[]",
            "CustomizedMetricSpecification.MetricName",
            "CustomizedMetricSpecification.Namespace",
            "CustomizedMetricSpecification.Statistic",
            "CustomizedMetricSpecification.Unit",
        ],
    },
    Flavour { name: "step", policy_type: "StepScaling", configuration: "StepScalingPolicyConfiguration", without: &[] },
    Flavour {
        name: "predictive",
        policy_type: "PredictiveScaling",
        configuration: "PredictiveScalingPolicyConfiguration",
        without: &[],
    },
];

/// The leaves of a flavour.
fn of_flavour(leaves: &BTreeSet<Leaf>, flavour: &Flavour) -> Vec<Leaf> {
    let belongs = |leaf: &&Leaf| {
        let path = leaf.wire_path();
        let is_of_another = path.contains("PolicyConfiguration.") && !path.starts_with(flavour.configuration);
        !is_of_another && !flavour.without.iter().any(|part| path.contains(part))
    };
    leaves.iter().filter(belongs).cloned().collect()
}

fn put(root: &mut Value, path: &[String], name: &dyn Fn(&str) -> String, value: Value) {
    let (member, rest) = path.split_first().expect("a path leads somewhere");
    let (bare, is_list) = member.strip_suffix("[]").map_or((member.as_str(), false), |bare| (bare, true));
    let place = root.as_object_mut().expect("structures all the way").entry(name(bare));
    if rest.is_empty() {
        place.or_insert(value);
        return;
    }
    let empty = Value::Object(Map::new());
    let inner = place.or_insert_with(|| if is_list { json!([empty]) } else { empty });
    put(if is_list { &mut inner[0] } else { inner }, rest, name, value);
}

fn at<'a>(root: &'a Value, path: &[String]) -> Option<&'a Value> {
    path.iter().try_fold(root, |value, member| match member.strip_suffix("[]") {
        Some(list) => value.get(list)?.get(0),
        None => value.get(member),
    })
}

/// The spec of a flavour with all its leaves, and what the two requests have to hold.
fn all_of(model: &Value, flavour: &Flavour) -> (Value, Vec<(Leaf, Value)>) {
    let mut spec = json!({
        "region": "us-west-2",
        "resourceId": [{ "endpointName": "shop", "variantName": "main" }],
        "tags": [{ "key": "team", "value": "blue" }],
    });
    let mut wanted = Vec::new();
    for leaf in of_flavour(&leaves(model), flavour) {
        let value = match leaf.wire_path().as_str() {
            "PolicyType" => json!(flavour.policy_type),
            "MinCapacity" => json!(2),
            _ if leaf.path[0] == "Tags" => continue,
            _ => leaf.value(model),
        };
        if leaf.wire_path() != "ResourceId" {
            put(&mut spec, &leaf.path, &in_spec, value.clone());
        }
        wanted.push((leaf, value));
    }
    (spec, wanted)
}

#[test]
fn every_leaf_of_the_api_is_a_field_and_no_field_is_unknown_to_it() {
    let model = model();
    let leaves = leaves(&model);
    assert_eq!(leaves.len(), LEAVES);
    let definition = crd::all().into_iter().find(|crd| crd.spec.names.kind == "HostingAutoscalingPolicy");
    let definition = serde_json::to_value(definition).unwrap();
    let mut fields = BTreeMap::new();
    fields_of(&definition["spec"]["versions"][0]["schema"]["openAPIV3Schema"]["properties"]["spec"], "", &mut fields);
    // Of a map and of the one resource id, this is what there is in a spec.
    let mut expected: BTreeSet<_> =
        leaves.iter().map(Leaf::spec_path).filter(|path| !["resourceId", "tags"].contains(&path.as_str())).collect();
    expected.extend(OURS.map(str::to_owned));
    expected.insert("tags[].value".to_owned());
    assert_eq!(fields.keys().cloned().collect::<BTreeSet<_>>(), expected);
    for leaf in &leaves {
        let Some(field) = fields.get(&leaf.spec_path()) else { continue };
        let path = leaf.spec_path();
        let shape = &model["shapes"][leaf.shape.as_str()];
        let type_ = match shape["type"].as_str() {
            Some("double") => "number",
            Some(type_) => type_,
            None => panic!("{path}: a shape has a type"),
        };
        assert_eq!(field["type"], type_, "{path}");
        assert!(field.get("enum").is_none(), "{path}: a word that AWS learns tomorrow would be refused");
        assert!(type_ != "string" || field["maxLength"].is_number(), "{path}: the cost of rules needs a limit");
        if let (Some(ours), Some(theirs)) = (field["maxLength"].as_i64(), shape["max"].as_i64()) {
            assert!(ours >= theirs || path == "policyName", "{path}: {ours} is less than {theirs}");
        }
        assert!(field["minLength"].as_i64() <= shape["min"].as_i64().max(Some(1)), "{path}");
    }
}

fn fields_of(schema: &Value, path: &str, fields: &mut BTreeMap<String, Value>) {
    if let Some(items) = schema.get("items") {
        fields_of(items, &format!("{path}[]"), fields);
    } else if let Some(inner) = schema["properties"].as_object() {
        for (name, field) in inner {
            assert!(field["description"].as_str().is_some_and(|words| words.len() > 8), "{path}.{name} says nothing");
            fields_of(field, format!("{path}.{name}").trim_start_matches('.'), fields);
        }
    } else {
        fields.insert(path.to_owned(), schema.clone());
    }
}

#[test]
fn the_flavours_hold_every_leaf() {
    let model = model();
    let all = leaves(&model);
    let held: BTreeSet<_> = FLAVOURS.iter().flat_map(|flavour| of_flavour(&all, flavour)).collect();
    assert_eq!(held, all);
    for flavour in &FLAVOURS {
        let (spec, _) = all_of(&model, flavour);
        let typed: HostingAutoscalingPolicySpec = serde_json::from_value(spec.clone()).unwrap();
        assert_eq!(serde_json::to_value(typed).unwrap(), spec, "{}", flavour.name);
    }
}

#[test]
fn every_leaf_arrives_and_is_no_difference_when_it_comes_back() {
    let model = model();
    let mut arrived = BTreeSet::new();
    for flavour in &FLAVOURS {
        let name = flavour.name;
        let (aws, _hand) = world(&["shop"]);
        let home = Namespace::new("scaling-leaves");
        let _operator = hasty(&home, &aws).start();
        let (spec, wanted) = all_of(&model, flavour);
        let object = json!({
            "apiVersion": "sagemaker.aws.amazon.com/v1", "kind": "HostingAutoscalingPolicy",
            "metadata": { "name": name }, "spec": spec,
        });
        home.apply(object.to_string());
        home.until_condition(POLICIES, name, "Ready");
        let registered = aws.applied("RegisterScalableTarget").remove(0).request;
        let put = aws.applied("PutScalingPolicy").remove(0).request;
        for (leaf, value) in &wanted {
            let sent = [&registered, &put].into_iter().filter_map(|request| at(request, &leaf.path));
            let sent: Vec<_> = sent.collect();
            assert!(!sent.is_empty() && sent.iter().all(|sent| *sent == value), "{}: {sent:?}", leaf.wire_path());
            arrived.insert(leaf.clone());
        }
        assert_eq!(registered["Tags"]["team"], "blue");
        // Seen as it was put, it needs no second call.
        assert_eq!(writes_after(&aws, 0).len(), 2, "{name}: {:?}", writes_after(&aws, 0));
    }
    // The tags are a map, seen to above.
    arrived.extend(leaves(&model).into_iter().filter(|leaf| leaf.path[0] == "Tags"));
    assert_eq!(arrived, leaves(&model));
}

/// Fields whose type is wider than in the first release, which took whole numbers only.
const WIDER: [&str; 1] = ["spec.targetTrackingScalingPolicyConfiguration.targetValue"];

#[test]
fn every_field_of_the_first_release_is_there_with_its_type() {
    let definition = crd::all().into_iter().find(|crd| crd.spec.names.kind == "HostingAutoscalingPolicy");
    let definition = serde_json::to_value(definition).unwrap();
    let schema = &definition["spec"]["versions"][0]["schema"]["openAPIV3Schema"];
    let rows = include_str!("../../fixtures/v1-fields.tsv").lines().filter_map(|row| {
        let columns: Vec<_> = row.split('\t').collect();
        (columns[0] == "HostingAutoscalingPolicy").then(|| (columns[1], columns[2], columns[3] == "yes"))
    });
    let mut count = 0;
    for (path, type_, required) in rows {
        let (parent, name) = path.rsplit_once('.').unwrap_or(("", path));
        let find = |path: &str| {
            path.split('.').filter(|step| !step.is_empty()).try_fold(schema, |schema, step| {
                let field = &schema["properties"][step.trim_end_matches("[]")];
                Some(if step.ends_with("[]") { &field["items"] } else { field }).filter(|field| !field.is_null())
            })
        };
        let field = find(path).unwrap_or_else(|| panic!("{path} is gone"));
        let format = field["format"].as_str().map(|format| format!("/{format}")).unwrap_or_default();
        let items = field["items"]["type"].as_str().map(|items| format!("<{items}>")).unwrap_or_default();
        let described = format!("{}{items}{format}", field["type"].as_str().unwrap_or("nothing"));
        let expected = if WIDER.contains(&path) { "number/double" } else { type_ };
        assert_eq!(described, expected, "{path}");
        let list = find(parent).and_then(|parent| parent["required"].as_array());
        let is_required = list.is_some_and(|list| list.contains(&json!(name)));
        assert!(required || !is_required, "{path} was not required");
        count += 1;
    }
    assert_eq!(count, 37);
}
