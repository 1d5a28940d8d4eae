//! How much of SageMaker an account may use, as Service Quotas tells it.

use std::collections::BTreeSet;

use super::Clients;
use super::errors::refusal;
use crate::lifecycle::{Place, Refusal};

const LIST_SERVICE_QUOTAS: &str = "ListServiceQuotas";
/// SageMaker's code there.
const SERVICE: &str = "sagemaker";
/// The largest page.
/// Source: <https://docs.aws.amazon.com/servicequotas/2019-06-24/apireference/API_ListServiceQuotas.html>
const PAGE: i32 = 100;

/// A quota of an account in a region.
#[derive(Debug, Clone, PartialEq)]
pub struct AccountQuota {
    /// Such as `ml.p3.2xlarge for training job usage`, as SageMaker's own refusals call it.
    pub name: String,
    /// What it is asked for by: `L-` and eight digits.
    pub code: String,
    /// How much there may be, in the unit that the name tells.
    pub limit: f64,
}

/// The quotas of SageMaker that have these names; those that Service Quotas does not know are missing. SageMaker has
/// thousands, in no order, which are read page by page until all are found.
///
/// # Errors
/// Why Service Quotas did not answer.
pub async fn sagemaker_quotas(
    clients: &Clients,
    place: &Place,
    names: &BTreeSet<String>,
) -> Result<Vec<AccountQuota>, Refusal> {
    let client = aws_sdk_servicequotas::Client::new(&clients.sdk_config(place).await);
    let (mut found, mut next) = (Vec::new(), None);
    while found.len() < names.len() {
        let page =
            client.list_service_quotas().service_code(SERVICE).max_results(PAGE).set_next_token(next).send().await;
        let page = page.map_err(|error| refusal(LIST_SERVICE_QUOTAS, &error));
        clients.heed(place, page.as_ref().err());
        let page = page?;
        found.extend(page.quotas().iter().filter_map(|quota| {
            let name = quota.quota_name().filter(|name| names.contains(*name))?;
            let code = quota.quota_code().unwrap_or_default();
            Some(AccountQuota { name: name.to_owned(), code: code.to_owned(), limit: quota.value()? })
        }));
        next = page.next_token().map(str::to_owned);
        if next.is_none() {
            break;
        }
    }
    Ok(found)
}
