//! Service Quotas: how many instances an account may have, which is told here and not enforced.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::place::{Context, partition};
use super::refusal::Refusal;
use super::signature::hex;

/// Types and purposes that SageMaker has quotas for: as many as fill more than one page.
const FAMILIES: [&str; 6] = ["m5", "c5", "r5", "g5", "p3", "m4"];
const SIZES: [&str; 5] = ["large", "xlarge", "2xlarge", "4xlarge", "8xlarge"];
const PURPOSES: [&str; 5] = ["training job", "spot training job", "processing job", "transform job", "endpoint"];
/// What an account may have that has not asked for another.
const DEFAULT: f64 = 20.0;
/// The size of a page that is not asked for.
const PAGE: usize = 100;

/// The quotas of one account in one region.
#[derive(Debug, Default)]
pub(super) struct ServiceQuotas {
    /// Those that are not the default, by name.
    applied: BTreeMap<String, f64>,
}

impl ServiceQuotas {
    /// Applies a quota.
    ///
    /// # Errors
    /// If SageMaker has none of this name.
    pub(super) fn apply(&mut self, name: &str, value: f64) -> Result<(), Refusal> {
        if !names().any(|known| known == name) {
            return Err(Refusal::validation(format!("SageMaker has no quota {name:?}")));
        }
        self.applied.insert(name.to_owned(), value);
        Ok(())
    }

    /// Answers one operation.
    pub(super) fn handle(&self, context: &Context<'_>, operation: &str, request: &Value) -> Result<Value, Refusal> {
        match operation {
            "ListServiceQuotas" => self.list(context, request),
            other => Err(Refusal::new("UnknownOperationException", format!("The sandbox has no {other}."))),
        }
    }

    /// The token is the number of quotas seen.
    fn list(&self, context: &Context<'_>, request: &Value) -> Result<Value, Refusal> {
        if request["ServiceCode"] != "sagemaker" {
            return Err(Refusal::new(
                "NoSuchResourceException",
                "The request failed because the specified service does not exist.",
            ));
        }
        let size = request["MaxResults"].as_u64().and_then(|size| usize::try_from(size).ok()).unwrap_or(PAGE);
        let start = match request["NextToken"].as_str() {
            None => 0,
            Some(token) => token
                .parse::<usize>()
                .map_err(|_| Refusal::new("InvalidPaginationTokenException", "The pagination token is not valid."))?,
        };
        let mut quotas: Vec<Value> =
            names().skip(start).take(size + 1).map(|name| self.quota(context, &name)).collect();
        let has_more = quotas.len() > size;
        quotas.truncate(size);
        let mut answer = json!({ "Quotas": quotas });
        if has_more {
            answer["NextToken"] = (start + size).to_string().into();
        }
        Ok(answer)
    }

    fn quota(&self, context: &Context<'_>, name: &str) -> Value {
        let Context { account, region, .. } = context;
        let code = format!("L-{}", &hex(&Sha256::digest(name))[..8].to_uppercase());
        json!({
            "ServiceCode": "sagemaker",
            "ServiceName": "Amazon SageMaker",
            "QuotaArn": format!("arn:{}:servicequotas:{region}:{account}:sagemaker/{code}", partition(region)),
            "QuotaCode": code,
            "QuotaName": name,
            "Value": self.applied.get(name).copied().unwrap_or(DEFAULT),
            "Unit": "None",
            "Adjustable": true,
            "GlobalQuota": false,
            "QuotaAppliedAtLevel": "ACCOUNT",
        })
    }
}

fn names() -> impl Iterator<Item = String> {
    FAMILIES.into_iter().flat_map(|family| {
        SIZES.into_iter().flat_map(move |size| {
            PURPOSES.into_iter().map(move |purpose| format!("ml.{family}.{size} for {purpose} usage"))
        })
    })
}
