//! Models and endpoint configurations: they are there or not, and never change.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::super::clock::{self, Millis};
use super::super::model::Service;
use super::super::place::Context;
use super::super::refusal::Refusal;
use super::paging::{self, Defaults, Row};
use super::roles;
use super::tags::{self, Tags};

const NEWEST_FIRST: Defaults = Defaults { sort_by: "CreationTime", descending: true };

/// A kind of resource that does not change.
#[derive(Debug)]
pub(super) struct RecordKind {
    /// `Model` or `EndpointConfig`: members are named after it.
    word: &'static str,
    arn_word: &'static str,
    /// As texts call it.
    spoken: &'static str,
    list: &'static str,
}

/// Models.
pub(super) static MODEL: RecordKind = RecordKind { word: "Model", arn_word: "model", spoken: "model", list: "Models" };

/// Endpoint configurations.
pub(super) static ENDPOINT_CONFIG: RecordKind = RecordKind {
    word: "EndpointConfig",
    arn_word: "endpoint-config",
    spoken: "endpoint configuration",
    list: "EndpointConfigs",
};

/// The resources of one such kind in one account and region.
#[derive(Debug)]
pub(super) struct Records {
    kind: &'static RecordKind,
    records: BTreeMap<String, Record>,
}

/// One resource.
#[derive(Debug)]
pub(super) struct Record {
    name: String,
    arn: String,
    pub(super) request: Value,
    created: Millis,
    visible: Millis,
}

impl Records {
    /// None yet.
    pub(super) fn new(kind: &'static RecordKind) -> Self {
        Self { kind, records: BTreeMap::new() }
    }

    /// Create, after what is particular to the kind has been checked.
    pub(super) fn create(&mut self, context: &Context<'_>, tags: &mut Tags, request: &Value) -> Result<Value, Refusal> {
        tags::check(&request["Tags"])?;
        roles::check_account(context, &request["ExecutionRoleArn"])?;
        let name = self.name(request).to_owned();
        // As with endpoints, the name is in lower case in the ARN.
        let arn = context.arn(self.kind.arn_word, &name.to_lowercase());
        if self.records.contains_key(&name) {
            let spoken = self.kind.spoken;
            return Err(Refusal::validation(format!("Cannot create already existing {spoken} \"{arn}\".")));
        }
        tags.create(&arn, &request["Tags"]);
        let answer = json!({ self.member("Arn"): arn });
        let visible = context.now + context.blind;
        let record = Record { name: name.clone(), arn, request: request.clone(), created: context.now, visible };
        self.records.insert(name, record);
        Ok(answer)
    }

    /// Describe.
    pub(super) fn describe(&self, context: &Context<'_>, request: &Value) -> Result<Value, Refusal> {
        let name = self.name(request);
        let record = self.find(context, name)?;
        if record.is_hidden(context) {
            return Err(self.missing(context, name));
        }
        let service = Service::by_target("SageMaker").expect("SageMaker is in the model");
        let known = &service.shape(&format!("Describe{}Output", self.kind.word)).members;
        let members = record.request.as_object().into_iter().flatten().filter(|(name, _)| known.contains_key(*name));
        let mut answer: Map<_, _> = members.map(|(name, value)| (name.clone(), value.clone())).collect();
        answer.extend(self.common(record));
        answer.entry("EnableNetworkIsolation").or_insert(false.into());
        Ok(Value::Object(answer))
    }

    /// List.
    pub(super) fn list(&self, context: &Context<'_>, request: &Value) -> Result<Value, Refusal> {
        let rows = self.records.values().filter(|record| !record.is_hidden(context)).map(|record| Row {
            name: &record.name,
            status: "".into(),
            created: record.created,
            modified: record.created,
            item: record,
        });
        paging::page(request, self.kind.list, NEWEST_FIRST, rows, |record| Value::Object(self.common(record)))
    }

    /// Delete. Nothing asks whether the resource is in use: that shows later.
    pub(super) fn delete(&mut self, context: &Context<'_>, tags: &mut Tags, request: &Value) -> Result<Value, Refusal> {
        let name = self.name(request);
        tags.forget(&self.find(context, name)?.arn);
        self.records.remove(name);
        Ok(json!({}))
    }

    /// The resource of that name, which another one refers to.
    pub(super) fn find(&self, context: &Context<'_>, name: &str) -> Result<&Record, Refusal> {
        self.records.get(name).ok_or_else(|| self.missing(context, name))
    }

    fn missing(&self, context: &Context<'_>, name: &str) -> Refusal {
        let arn = context.arn(self.kind.arn_word, &name.to_lowercase());
        Refusal::validation(format!("Could not find {} \"{arn}\".", self.kind.spoken))
    }

    fn member(&self, rest: &str) -> String {
        format!("{}{rest}", self.kind.word)
    }

    fn name<'a>(&self, request: &'a Value) -> &'a str {
        request[self.member("Name")].as_str().unwrap_or_default()
    }

    fn common(&self, record: &Record) -> Map<String, Value> {
        Map::from_iter([
            (self.member("Name"), Value::from(record.name.as_str())),
            (self.member("Arn"), Value::from(record.arn.as_str())),
            ("CreationTime".to_owned(), clock::seconds(record.created)),
        ])
    }
}

impl Record {
    fn is_hidden(&self, context: &Context<'_>) -> bool {
        context.now < self.visible || context.now < self.created + context.blind
    }

    /// The image of a model's first container.
    pub(super) fn image(&self) -> &str {
        let containers = [&self.request["PrimaryContainer"], &self.request["Containers"][0]];
        containers.into_iter().find_map(|container| container["Image"].as_str()).unwrap_or_default()
    }
}

/// What shapes cannot say about a model.
pub(super) fn check_model(request: &Value) -> Result<(), Refusal> {
    match (request["PrimaryContainer"].is_null(), request["Containers"].is_null()) {
        (true, true) => Err(Refusal::validation("One of PrimaryContainer or Containers must be specified.")),
        (false, false) => {
            Err(Refusal::validation("PrimaryContainer and Containers cannot both be specified in the same request."))
        }
        (true, false) | (false, true) if request["ExecutionRoleArn"].is_null() => {
            Err(Refusal::validation("ExecutionRoleArn is required to create a model."))
        }
        (true, false) | (false, true) => Ok(()),
    }
}

/// What shapes cannot say about an endpoint configuration: its models exist, and its variants are told apart.
pub(super) fn check_endpoint_config(context: &Context<'_>, models: &Records, request: &Value) -> Result<(), Refusal> {
    let mut seen = Vec::new();
    for variant in request["ProductionVariants"].as_array().into_iter().flatten() {
        let name = variant["VariantName"].as_str().unwrap_or_default();
        if seen.contains(&name) {
            return Err(Refusal::validation(format!("Duplicate production variant name: {name}")));
        }
        seen.push(name);
        if let Some(model) = variant["ModelName"].as_str() {
            models.find(context, model)?;
        }
        let machines = [&variant["InstanceType"], &variant["InstancePools"]].iter().any(|it| !it.is_null());
        let serverless = !variant["ServerlessConfig"].is_null();
        if machines == serverless {
            return Err(Refusal::validation(format!(
                "Production variant {name} must have either instances or a serverless configuration."
            )));
        }
    }
    Ok(())
}
