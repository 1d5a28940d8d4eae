//! Whether the next job will still find an instance: the account's quotas, and how much of them is in use.

use std::time::Duration;

use sagemaker_operator::aws::{AccountQuota, Api, sagemaker_quotas};
use sagemaker_operator::lifecycle::{Cause, Place, Refusal, Region};

use super::line::{Finding, Line, some};
use super::refused::{said, unanswered};
use super::usage::{Usage, usage};

pub(super) const QUOTAS: &str = "quotas";
/// How long counting, and reading thousands of quotas page by page, may each take.
const PATIENCE: Duration = Duration::from_secs(15);
/// A quota of which this part is in use is nearly used up.
const NEAR: f64 = 0.8;

/// What AWS has said.
#[derive(Debug, Default)]
pub(super) struct Seen {
    pub(super) usage: Usage,
    /// Those that anything counts against.
    pub(super) quotas: Vec<AccountQuota>,
}

/// Counts what runs, and asks for the quotas that it counts against.
///
/// # Errors
/// What AWS did not answer.
pub(super) async fn look(aws: &Api, place: &Place) -> Result<Seen, Refusal> {
    let counted = tokio::time::timeout(PATIENCE, Box::pin(usage(aws, place))).await;
    let usage = counted.unwrap_or_else(|_| Err(unanswered("counting what runs", PATIENCE)))?;
    let names = usage.counts.keys().cloned().collect();
    let listed = tokio::time::timeout(PATIENCE, sagemaker_quotas(aws.clients(), place, &names)).await;
    let quotas = listed.unwrap_or_else(|_| Err(unanswered("ListServiceQuotas", PATIENCE)))?;
    Ok(Seen { usage, quotas })
}

/// The check.
pub(super) fn line(region: &Region, seen: &Result<Seen, Refusal>) -> Line {
    let Seen { usage, quotas } = match seen {
        Ok(seen) => seen,
        // What may not be read is told by the check of rights.
        Err(Refusal { operation, cause: Cause::Denied { .. }, .. }) => {
            return Line::skip(QUOTAS, format!("{operation} is denied"));
        }
        Err(refusal) => return Line::skip(QUOTAS, format!("{}: {}", refusal.operation, said(refusal))),
    };
    if usage.counts.is_empty() {
        return Line::pass(QUOTAS, format!("nothing runs in {region}"));
    }
    let least = if usage.is_partial { "at least " } else { "" };
    let mut used: Vec<Used<'_>> = quotas.iter().filter_map(|quota| Used::of(quota, usage)).collect();
    used.sort_by(|a, b| b.part().total_cmp(&a.part()));
    let Some(fullest) = used.first() else {
        let names: Vec<String> = usage.counts.keys().cloned().collect();
        return Line::skip(QUOTAS, format!("Service Quotas does not know in {region}: {}", some(&names)));
    };
    let passed = format!("in {region} none is nearly used up; most of all {least}{}", fullest.told());
    let near = used.iter().filter(|used| used.part() >= NEAR);
    let findings = near.map(|used| Finding::warn(format!("{least}{}", used.told())).next(used.ask_for_more(region)));
    Line::of(QUOTAS, passed, findings.collect())
}

/// A quota and what is used of it.
struct Used<'a> {
    quota: &'a AccountQuota,
    count: u64,
}

impl<'a> Used<'a> {
    fn of(quota: &'a AccountQuota, usage: &Usage) -> Option<Self> {
        Some(Self { quota, count: *usage.counts.get(&quota.name)? })
    }

    /// Above 1 where a quota was lowered below what runs.
    #[expect(clippy::cast_precision_loss, reason = "nobody has 2^52 instances")]
    fn part(&self) -> f64 {
        self.count as f64 / self.quota.limit.max(f64::MIN_POSITIVE)
    }

    /// One more than there is.
    #[expect(clippy::cast_precision_loss, reason = "nobody has 2^52 instances")]
    fn more(&self) -> f64 {
        (self.count + 1) as f64
    }

    fn told(&self) -> String {
        format!("{} of {} {}", self.count, self.quota.limit, self.quota.name)
    }

    fn ask_for_more(&self, region: &Region) -> String {
        format!(
            "to ask for more: aws service-quotas request-service-quota-increase --service-code sagemaker \
             --quota-code {} --desired-value {} --region {region}",
            self.quota.code,
            (2.0 * self.quota.limit).max(self.more())
        )
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    fn seen(used: &[(&str, u64, Option<f64>)], is_partial: bool) -> Seen {
        let counts: BTreeMap<String, u64> = used.iter().map(|(name, count, _)| ((*name).to_owned(), *count)).collect();
        let quotas = used.iter().filter_map(|(name, _, limit)| {
            Some(AccountQuota { name: (*name).to_owned(), code: "L-0123ABCD".to_owned(), limit: (*limit)? })
        });
        Seen { usage: Usage { counts, is_partial }, quotas: quotas.collect() }
    }

    #[test]
    fn a_quota_is_nearly_used_up_at_four_fifths() {
        let refused = |cause, code: &str, message: &str| {
            let (code, message) = (code.to_owned(), message.to_owned());
            Err(Refusal { operation: "ListServiceQuotas", cause, code, message, request_id: None })
        };
        let (training, endpoint) = ("ml.p3.2xlarge for training job usage", "ml.m5.large for endpoint usage");
        let region = "us-west-2".parse().unwrap();
        let lines = [
            Ok(seen(&[], false)),
            Ok(seen(&[(training, 7, Some(10.0)), (endpoint, 1, Some(8.0))], false)),
            Ok(seen(&[(training, 7, Some(10.0)), (endpoint, 3, None)], true)),
            Ok(seen(&[(training, 8, Some(10.0)), (endpoint, 1, Some(8.0))], false)),
            Ok(seen(&[(training, 2, Some(2.0)), (endpoint, 3, Some(1.0))], true)),
            Ok(seen(&[(endpoint, 1, Some(0.0))], false)),
            Ok(seen(&[(training, 2, None), (endpoint, 3, None)], false)),
            refused(Cause::Denied { action: None, resource: None }, "AccessDeniedException", "User: carol is not"),
            refused(Cause::Throttled, "TooManyRequestsException", "Rate exceeded"),
        ]
        .map(|seen| line(&region, &seen).text(None, false));
        insta::assert_snapshot!(lines.concat(), @r"
        PASS  quotas          nothing runs in us-west-2
        PASS  quotas          in us-west-2 none is nearly used up; most of all 7 of 10 ml.p3.2xlarge for training job usage
        PASS  quotas          in us-west-2 none is nearly used up; most of all at least 7 of 10 ml.p3.2xlarge for training job usage
        WARN  quotas          8 of 10 ml.p3.2xlarge for training job usage
                              → to ask for more: aws service-quotas request-service-quota-increase --service-code sagemaker --quota-code L-0123ABCD --desired-value 20 --region us-west-2
        WARN  quotas          at least 3 of 1 ml.m5.large for endpoint usage; at least 2 of 2 ml.p3.2xlarge for training job usage
                              → to ask for more: aws service-quotas request-service-quota-increase --service-code sagemaker --quota-code L-0123ABCD --desired-value 4 --region us-west-2
        WARN  quotas          1 of 0 ml.m5.large for endpoint usage
                              → to ask for more: aws service-quotas request-service-quota-increase --service-code sagemaker --quota-code L-0123ABCD --desired-value 2 --region us-west-2
        SKIP  quotas          not checked: Service Quotas does not know in us-west-2: ml.m5.large for endpoint usage, ml.p3.2xlarge for training job usage
        SKIP  quotas          not checked: ListServiceQuotas is denied
        SKIP  quotas          not checked: ListServiceQuotas: TooManyRequestsException: Rate exceeded
        ");
    }
}
