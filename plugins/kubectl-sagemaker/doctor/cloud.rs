//! AWS as whoever asks sees it: who they are, whether it answers, whose clock is wrong, and what they may read.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use futures::future::join_all;
use sagemaker_operator::access::iam::{Access, Part, Reason, needs};
use sagemaker_operator::aws::{Api, Clients, Identity, introduce, try_out};
use sagemaker_operator::cli::{credentials_trouble, span};
use sagemaker_operator::lifecycle::{Cause, Place, Refusal, Region};

use super::line::{Finding, Line, Verdict, some};
use super::quotas::{self, QUOTAS};
use super::refused::{said, unanswered};

pub(super) const YOURS: &str = "AWS, yours";
pub(super) const REACHED: &str = "AWS, reached";
pub(super) const CLOCK: &str = "clock";
pub(super) const LOGS: &str = "logs";
pub(super) const RIGHTS: &str = "AWS, rights";
/// All checks of AWS.
pub(super) const ALL: [&str; 6] = [YOURS, REACHED, CLOCK, LOGS, RIGHTS, QUOTAS];
/// How long one question to AWS may take.
const PATIENCE: Duration = Duration::from_secs(8);
/// A clock that is so far off works, but not for long any more.
const SLOW: TimeDelta = TimeDelta::minutes(1);
/// A signature that is older or younger is refused.
/// Source: <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-troubleshooting.html>
const WRONG: TimeDelta = TimeDelta::minutes(5);

/// Why nothing else can be asked.
const UNKNOWN: &str = "it is not known who you are";

/// What came of an action that was tried.
#[derive(Debug)]
pub(super) struct Tried {
    action: &'static str,
    answer: Result<(), Refusal>,
}

/// What AWS has said.
#[derive(Debug)]
pub(super) struct Seen {
    region: Region,
    identity: Result<Identity, Refusal>,
    /// How far this machine's clock is ahead.
    ahead: Option<TimeDelta>,
    /// Nothing if nobody knows whose rights they would be.
    tried: Vec<Tried>,
    /// Neither are quotas then.
    quotas: Option<Result<quotas::Seen, Refusal>>,
}

/// Asks AWS: who it is first, then all at the same time.
pub(super) async fn look(clients: &Clients, patient: &Api, place: &Place) -> Seen {
    let asked = tokio::time::timeout(PATIENCE, introduce(clients, place)).await;
    let (identity, ahead) = match asked {
        Ok(introduced) => (introduced.identity, introduced.served.map(|served| Utc::now() - served)),
        Err(_) => (Err(unanswered("GetCallerIdentity", PATIENCE)), None),
    };
    let region = place.region.clone();
    let Ok(Identity { account, .. }) = &identity else {
        return Seen { region, identity, ahead, tried: Vec::new(), quotas: None };
    };
    let try_one =
        async |action: &'static str| match tokio::time::timeout(PATIENCE, try_out(clients, place, account, action))
            .await
        {
            Ok(answer) => Some(Tried { action, answer: answer? }),
            Err(_) => Some(Tried { action, answer: Err(unanswered(action, PATIENCE)) }),
        };
    let tried = join_all(actions().into_iter().map(try_one));
    let (tried, quotas) = tokio::join!(tried, quotas::look(patient, place));
    Seen { region, identity, ahead, tried: tried.into_iter().flatten().collect(), quotas: Some(quotas) }
}

/// The reading actions that the plugins call, each once.
fn actions() -> Vec<&'static str> {
    let mut actions: Vec<&'static str> = Vec::new();
    for need in [Part::LogReader, Part::Companion].into_iter().flat_map(needs) {
        let is_tried = need.access == Access::Read && need.reason == Reason::Called;
        if is_tried && !actions.contains(&need.action) {
            actions.push(need.action);
        }
    }
    actions
}

/// The checks, of which there is none without a region.
pub(super) fn lines(seen: &Seen) -> Vec<Line> {
    let quotas = match &seen.quotas {
        Some(quotas) => quotas::line(&seen.region, quotas),
        None => Line::skip(QUOTAS, UNKNOWN),
    };
    vec![yours(seen), reached(seen), clock(seen), logs(seen), rights(seen), quotas]
}

/// The same where AWS is not to be asked, or cannot be.
pub(super) fn unasked(finding: &Finding) -> Vec<Line> {
    let rest = Finding::skip("AWS was not asked");
    ALL.iter().map(|check| Line::of(check, "", vec![if *check == YOURS { finding } else { &rest }.clone()])).collect()
}

fn yours(seen: &Seen) -> Line {
    let finding = match &seen.identity {
        Ok(Identity { account, arn }) => return Line::pass(YOURS, format!("account {account}, {arn}")),
        Err(refusal) => match &refusal.cause {
            Cause::Credentials => {
                let complaint = credentials_trouble(&said(refusal));
                Finding::fail(complaint.message()).nexts(complaint.hints())
            }
            Cause::Transient | Cause::Throttled => Finding::skip("the security token service does not answer"),
            Cause::Denied { .. } => {
                Finding::fail(format!("AWS denies the role: {}", said(refusal))).next("aws sts get-caller-identity")
            }
            Cause::NotFound
            | Cause::AlreadyExists
            | Cause::AlreadyEnded
            | Cause::Busy
            | Cause::Invalid
            | Cause::QuotaInUse
            | Cause::QuotaZero
            | Cause::NotLeader => Finding::fail(format!("AWS does not say who you are: {}", said(refusal)))
                .next("aws sts get-caller-identity"),
        },
    };
    Line::of(YOURS, "", vec![finding])
}

/// The services, as their endpoints are called.
const SERVICES: [(&str, &str); 4] = [
    ("sagemaker", "SageMaker"),
    ("logs", "CloudWatch Logs"),
    ("application-autoscaling", "Application Auto Scaling"),
    ("sts", "STS"),
];

/// Whether each service answers, whatever it answers.
fn reached(seen: &Seen) -> Line {
    let Seen { region, identity, tried, .. } = seen;
    let is_silent = |refusal: &Refusal| refusal.cause == Cause::Transient;
    let next = "check the network, proxies and VPC endpoints, --region and --endpoint-url";
    if let Err(refusal) = identity {
        return if is_silent(refusal) {
            let silent = format!("STS in {region} does not answer: {}; the others were not asked", refusal.message);
            Line::of(REACHED, "", vec![Finding::fail(silent).next(next)])
        } else if refusal.code.is_empty() {
            Line::skip(REACHED, "without credentials no question leaves this machine")
        } else {
            Line::skip(REACHED, "STS answers; the others were not asked, as it does not say who you are")
        };
    }
    let silent = SERVICES.iter().filter_map(|(service, name)| {
        let of_service = tried.iter().filter(|tried| tried.action.split(':').next() == Some(service));
        let refusal = of_service.filter_map(|tried| tried.answer.as_ref().err()).find(|refusal| is_silent(refusal))?;
        Some(Finding::fail(format!("{name} in {region} does not answer: {}", refusal.message)).next(next))
    });
    let names: Vec<&str> = SERVICES.iter().map(|(_, name)| *name).collect();
    Line::of(REACHED, format!("{} in {region}", names.join(", ")), silent.collect())
}

fn clock(seen: &Seen) -> Line {
    if let Err(Refusal { message, .. }) = &seen.identity
        && let Some(detail) = out_of_time(message)
    {
        return Line::of(CLOCK, "", vec![late(Verdict::Fail, detail)]);
    }
    let Some(ahead) = seen.ahead else { return Line::skip(CLOCK, "AWS has not told its time") };
    let apart = span(ahead.abs().to_std().unwrap_or_default());
    let word = if ahead < TimeDelta::zero() { "behind" } else { "ahead of" };
    let detail = format!("{apart} {word} AWS");
    if ahead.abs() >= WRONG {
        Line::of(CLOCK, "", vec![late(Verdict::Fail, format!("{detail}: AWS refuses such signatures"))])
    } else if ahead.abs() >= SLOW {
        Line::of(CLOCK, "", vec![late(Verdict::Warn, format!("{detail}; from 5m on nothing works any more"))])
    } else {
        // The header has whole seconds, and the answer was on its way.
        Line::pass(CLOCK, "less than a minute apart from AWS")
    }
}

fn late(verdict: Verdict, detail: String) -> Finding {
    Finding { verdict, ..Finding::fail(detail) }.next("set the clock, such as with: timedatectl set-ntp true")
}

/// What the service itself says of a signature's time, which it tells together with its own:
/// `Signature expired: 20261123T120000Z is now earlier than 20261123T125500Z (20261123T130000Z - 5 min.)`.
fn out_of_time(message: &str) -> Option<String> {
    let start = ["Signature expired: ", "Signature not yet current: "].into_iter().find(|it| message.contains(it))?;
    let rest = message.split_once(start)?.1;
    let moment = |text: &str| {
        let end = text.find('Z')?;
        let parsed = chrono::NaiveDateTime::parse_from_str(text.get(..=end)?, "%Y%m%dT%H%M%SZ").ok()?;
        Some(parsed.and_utc())
    };
    let ours: Option<DateTime<Utc>> = moment(rest);
    let theirs: Option<DateTime<Utc>> = rest.split_once('(').and_then(|(_, theirs)| moment(theirs));
    let Some((ours, theirs)) = ours.zip(theirs) else { return Some(format!("AWS refuses its time: {message}")) };
    let word = if ours < theirs { "behind" } else { "ahead of" };
    let apart = (ours - theirs).abs().to_std().unwrap_or_default();
    Some(format!("{} {word} AWS: AWS refuses such signatures", span(apart)))
}

/// What the loss of an action of CloudWatch Logs costs.
fn cost(action: &str) -> (Verdict, &'static str) {
    match action {
        "logs:FilterLogEvents" => (Verdict::Fail, "smlogs shows no lines"),
        "logs:GetLogEvents" => (Verdict::Warn, "smlogs reads long logs at half speed"),
        "logs:DescribeLogStreams" => (Verdict::Warn, "smlogs cannot tell which hosts have logged"),
        _ => (Verdict::Warn, "smlogs cannot tell whether anything has logged"),
    }
}

fn logs(seen: &Seen) -> Line {
    let passed = format!("readable in {}", seen.region);
    of_actions(seen, LOGS, &passed, |action| action.starts_with("logs:").then(|| cost(action)))
}

fn rights(seen: &Seen) -> Line {
    let count = seen.tried.iter().filter(|tried| !tried.action.starts_with("logs:")).count();
    let region = &seen.region;
    let passed = format!("{count} of {count} reading actions in {region}; writes are only known when they are tried");
    of_actions(seen, RIGHTS, &passed, |action| {
        let is_list = action.starts_with("sagemaker:List") && action != "sagemaker:ListTags";
        let what = match action {
            "servicequotas:ListServiceQuotas" => "doctor does not see which quotas are nearly used up",
            _ if is_list => "orphans does not see all",
            _ => "status and describe tell less than there is",
        };
        (!action.starts_with("logs:")).then_some((Verdict::Warn, what))
    })
}

fn of_actions(
    seen: &Seen,
    check: &'static str,
    passed: &str,
    cost_of: impl Fn(&str) -> Option<(Verdict, &'static str)>,
) -> Line {
    let Seen { identity, tried, .. } = seen;
    if identity.is_err() {
        return Line::skip(check, UNKNOWN);
    }
    let mut denied: Vec<(Verdict, &str, Vec<String>)> = Vec::new();
    let (mut findings, mut silent) = (Vec::new(), Vec::new());
    for Tried { action, answer } in tried {
        let (Some((verdict, cost)), Err(refusal)) = (cost_of(action), answer) else { continue };
        match &refusal.cause {
            Cause::Denied { action: named, .. } => {
                // An operation may ask for more than its own action.
                let named = named.as_deref().unwrap_or(action).to_owned();
                match denied.iter_mut().find(|(_, known, _)| *known == cost) {
                    Some((_, _, actions)) if actions.contains(&named) => {}
                    Some((_, _, actions)) => actions.push(named),
                    None => denied.push((verdict, cost, vec![named])),
                }
            }
            Cause::Transient
            | Cause::Throttled
            | Cause::Credentials
            | Cause::NotFound
            | Cause::AlreadyExists
            | Cause::AlreadyEnded
            | Cause::Busy
            | Cause::Invalid
            | Cause::QuotaInUse
            | Cause::QuotaZero
            | Cause::NotLeader => silent.push(format!("{action} ({})", said(refusal))),
        }
    }
    for (verdict, cost, actions) in denied {
        let finding = Finding { verdict, ..Finding::fail(format!("{} denied: {cost}", some(&actions))) };
        let allow = format!("allow {} to these credentials, or use another --profile", actions.join(", "));
        findings.push(finding.next(allow));
    }
    if !silent.is_empty() {
        findings.push(Finding::skip(format!("AWS has not said whether you may: {}", some(&silent))));
    }
    Line::of(check, passed, findings)
}

#[cfg(test)]
#[path = "cloud_tests.rs"]
mod tests;
