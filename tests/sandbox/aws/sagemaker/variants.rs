//! The production variants behind an endpoint: which model, how much weight, how many instances.

use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::super::clock::{self, Millis};
use super::super::logs::{Host, Run, Workload};
use super::super::place::Context;
use super::super::refusal::Refusal;
use super::super::signature::hex;
use super::endpoints::Stock;
use super::jobs::instance;

/// What an endpoint configuration makes run.
#[derive(Debug, Clone)]
pub(super) struct Fleet {
    /// The configuration's name.
    pub(super) config: String,
    variants: Vec<Variant>,
    /// `DataCaptureConfig` of the configuration.
    pub(super) capture: Value,
}

#[derive(Debug, Clone)]
struct Variant {
    name: String,
    image: String,
    weight: f64,
    /// None: serverless.
    count: Option<i64>,
    serverless: Value,
    resolved: Millis,
}

/// Where an endpoint logs.
pub(super) fn log_group(endpoint: &str) -> String {
    format!("/aws/sagemaker/Endpoints/{endpoint}")
}

impl Fleet {
    /// What a configuration asks for.
    pub(super) fn of_config(context: &Context<'_>, stock: Stock<'_>, config: &str) -> Result<Self, Refusal> {
        let request = &stock.configs.find(context, config)?.request;
        let variants = request["ProductionVariants"].as_array().into_iter().flatten().map(|variant| {
            let model = variant["ModelName"].as_str().map(|model| stock.models.find(context, model)).transpose()?;
            let serverless = variant["ServerlessConfig"].clone();
            let count = variant["InitialInstanceCount"].as_i64().unwrap_or(1);
            Ok(Variant {
                name: variant["VariantName"].as_str().unwrap_or_default().to_owned(),
                image: model.map(|model| model.image().to_owned()).unwrap_or_default(),
                weight: variant["InitialVariantWeight"].as_f64().unwrap_or(1.0),
                count: serverless.is_null().then_some(count),
                serverless,
                resolved: context.now,
            })
        });
        let variants = variants.collect::<Result<_, _>>()?;
        Ok(Self { config: config.to_owned(), variants, capture: request["DataCaptureConfig"].clone() })
    }

    /// Why this fleet will not come up: a model whose image has `fail` in its name does not answer.
    pub(super) fn failure(&self) -> Option<String> {
        let broken = self.variants.iter().find(|variant| variant.image.contains("fail"))?;
        Some(format!(
            "The primary container for production variant {} did not pass the ping health check. Please check \
             CloudWatch logs for this endpoint.",
            broken.name
        ))
    }

    /// Whether even the way back is barred: the image has `stuck` in its name too.
    pub(super) fn cannot_roll_back(&self) -> bool {
        self.variants.iter().any(|variant| variant.image.contains("stuck"))
    }

    /// Whether nobody is told why it was taken back: an image has `silent` in its name.
    pub(super) fn is_silent(&self) -> bool {
        self.variants.iter().any(|variant| variant.image.contains("silent"))
    }

    /// Whether it stops answering soon after it came up: an image has `dies` in its name.
    pub(super) fn dies(&self) -> bool {
        self.variants.iter().any(|variant| variant.image.contains("dies"))
    }

    /// Keeps weights and counts of variants of the same name, but for the properties excluded.
    pub(super) fn retain(&mut self, serving: &Self, excluded: &Value) {
        let keeps = |property: &str| {
            !excluded.as_array().into_iter().flatten().any(|it| it["VariantPropertyType"].as_str() == Some(property))
        };
        for variant in &mut self.variants {
            let Some(old) = serving.variants.iter().find(|old| old.name == variant.name) else { continue };
            if keeps("DesiredWeight") {
                variant.weight = old.weight;
            }
            if keeps("DesiredInstanceCount") && old.count.is_some() && variant.count.is_some() {
                variant.count = old.count;
            }
        }
        if keeps("DataCaptureConfig") {
            self.capture = serving.capture.clone();
        }
    }

    /// Sets weights and counts.
    pub(super) fn scale(&mut self, desired: &Value) -> Result<(), Refusal> {
        for wish in desired.as_array().into_iter().flatten() {
            let name = wish["VariantName"].as_str().unwrap_or_default();
            let config = &self.config;
            let Some(variant) = self.variants.iter_mut().find(|variant| variant.name == name) else {
                let text = format!(
                    "The variant name(s) \"{name}\" is/are not present within endpoint configuration \"{config}\"."
                );
                return Err(Refusal::validation(text));
            };
            variant.weight = wish["DesiredWeight"].as_f64().unwrap_or(variant.weight);
            if let (Some(_), Some(count)) = (variant.count, wish["DesiredInstanceCount"].as_i64()) {
                variant.count = Some(count);
            }
        }
        Ok(())
    }

    /// Whether there is a variant of that name.
    pub(super) fn has(&self, variant: &str) -> bool {
        self.variants.iter().any(|it| it.name == variant)
    }

    /// As Describe shows the variants that serve, with what is to become of them.
    pub(super) fn summaries(&self, target: &Self) -> Value {
        let summary = |variant: &Variant| {
            let desired = target.variants.iter().find(|it| it.name == variant.name).unwrap_or(variant);
            let mut summary = json!({
                "VariantName": variant.name,
                "CurrentWeight": variant.weight,
                "DesiredWeight": desired.weight,
            });
            if !variant.image.is_empty() {
                summary["DeployedImages"] = json!([{
                    "SpecifiedImage": variant.image,
                    "ResolvedImage": resolved(&variant.image),
                    "ResolutionTime": clock::seconds(variant.resolved),
                }]);
            }
            if let (Some(current), Some(desired)) = (variant.count, desired.count) {
                summary["CurrentInstanceCount"] = current.into();
                summary["DesiredInstanceCount"] = desired.into();
            }
            if !variant.serverless.is_null() {
                summary["CurrentServerlessConfig"] = variant.serverless.clone();
            }
            summary
        };
        self.variants.iter().map(summary).collect()
    }

    /// `DataCaptureConfig` as Describe words it.
    pub(super) fn capture_summary(&self) -> Value {
        let enabled = self.capture["EnableCapture"].as_bool().unwrap_or(false);
        json!({
            "EnableCapture": enabled,
            "CaptureStatus": if enabled { "Started" } else { "Stopped" },
            "CurrentSamplingPercentage": self.capture["InitialSamplingPercentage"],
            "DestinationS3Uri": self.capture["DestinationS3Uri"],
            "KmsKeyId": self.capture["KmsKeyId"].as_str().unwrap_or_default(),
        })
    }

    /// Lets every instance write from a moment on: `<variant>/<instance>`.
    pub(super) fn write_logs(&self, context: &Context<'_>, endpoint: &str, from: Millis) {
        let starts_ms = u64::try_from(from).unwrap_or(0);
        let hosts = self.variants.iter().flat_map(|variant| {
            let count = u64::try_from(variant.count.unwrap_or(1)).unwrap_or(1);
            (1..=count).map(move |number| {
                let machine = instance(&format!("{endpoint}/{}", variant.name), number);
                Host { stream: format!("{}/{machine}", variant.name), starts_ms }
            })
        });
        context.logs.begin(Run {
            account: context.account.to_owned(),
            region: context.region.to_owned(),
            group: log_group(endpoint),
            job: endpoint.to_owned(),
            hosts: hosts.collect(),
            workload: Workload { seed: starts_ms, ..Workload::default() },
        });
    }
}

/// An image by its digest instead of its tag.
fn resolved(image: &str) -> String {
    let name = image.rsplit_once(':').map_or(image, |(name, _)| name);
    format!("{name}@sha256:{}", hex(&Sha256::digest(image)))
}
