//! What holds an object, what would be done about it, and what somebody can do who is refused.

use chrono::{DateTime, Utc};
use sagemaker_operator::cli::{Sign, age, defused, span};
use sagemaker_operator::lifecycle::OPERATOR_NAMESPACE;

use super::decide::{Aws, Verdict, Why};
use super::family::{Family, Member};
use super::plan::{Action, what};

/// How many children are told of one by one.
const CHILDREN: usize = 10;

/// What is the matter.
pub(super) fn situation(family: &Family, now: DateTime<Utc>) -> String {
    let parent = family.parent();
    let title = parent.held.object.title();
    let state = match parent.held.deleting_since() {
        Some(since) => {
            format!("has been deleting for {}", age((now - since).to_std().unwrap_or_default()))
        }
        None => "is not being deleted".to_owned(),
    };
    let holders: Vec<&str> = parent.held.ours().into_iter().chain(parent.held.others()).collect();
    let held = if holders.is_empty() { String::new() } else { format!(", held by {}", holders.join(" and ")) };
    let mut lines = vec![format!("{title} {state}{held}.")];
    lines.push(format!("  operator   {}", operator(&family.operator)));
    lines.push(format!("  SageMaker  {}", parent.told()));
    let children: Vec<&Member> = family.members[1..].iter().collect();
    for child in children.iter().take(CHILDREN) {
        lines.push(format!("  child      {}: {}", child.held.object.title(), child.told()));
    }
    if children.len() > CHILDREN {
        lines.push(format!("  child      … and {} more", children.len() - CHILDREN));
    }
    lines.iter().map(|line| defused(line) + "\n").collect()
}

fn operator(sign: &Sign) -> String {
    match sign {
        Sign::Alive { by, ago } => format!("alive: {by} renewed the Lease {} ago", span(*ago)),
        Sign::Silent { ago } => format!("not running: nobody has held the Lease for {}", span(*ago)),
        Sign::Absent => "not running: nobody holds a Lease, and no pod of it runs".to_owned(),
        Sign::Unleased { pod } => {
            format!("counts as alive: pod {pod} runs without the Lease, as it starts or because it is the original one")
        }
        Sign::Unknown(why) => format!("unknown, which counts as alive: {why}"),
    }
}

impl Member {
    /// What AWS has of it.
    fn told(&self) -> String {
        let Some(resource) = &self.resource else {
            return match &self.aws {
                Aws::Unknown(why) => format!("unknown: {why}"),
                other => format!("{other:?}"),
            };
        };
        let (name, region) = (resource.name(), &resource.place().region);
        match &self.aws {
            Aws::Nothing => "nothing was ever started".to_owned(),
            Aws::Gone => format!("{name} in {region} is gone"),
            Aws::Ended(word) => format!("{name} in {region} has ended: {word}"),
            Aws::Foreign => format!("{name} in {region} is somebody else's, and stays as it is"),
            Aws::There(word) | Aws::Stopping(word) => format!("{name} in {region} is {word}{}", self.cost()),
            Aws::Unknown(why) => format!("{name} in {region}: unknown, {why}"),
        }
    }
}

/// What is done, or would be.
pub(super) fn actions(plan: &[Action], family: &Family) -> String {
    let lines = plan.iter().map(|action| format!("  {}", defused(&action.told(family))));
    std::iter::once("What is to be done:".to_owned()).chain(lines).map(|line| line + "\n").collect()
}

/// A way to go on, and what comes of it.
type Way = (String, &'static str);

/// Why nothing was done, and what can be. `command` is the command that would do it but for its flags.
pub(super) fn refusal(why: Why, family: &Family, command: &str, namespace: &str) -> String {
    let parent = family.parent();
    let title = parent.held.object.title();
    let name = &parent.held.object.name;
    let force = || (format!("{command} --force --confirm {name}"), "do it all the same");
    let abandon = || (format!("{command} --abandon-aws-resource --confirm {name}"), "let go, and leave it behind");
    let (says, ways): (String, Vec<Way>) = match why {
        Why::NotOurs => (not_ours(parent), Vec::new()),
        Why::NotDeleting => {
            let delete = format!("kubectl delete {title}{namespace}");
            (format!("Nobody has deleted {title}."), vec![(delete, "have the operator stop it and let it go"), force()])
        }
        Why::OperatorAlive => {
            let see = format!("kubectl sagemaker describe {title}{namespace}");
            (at_work(family), vec![(see, "see what it waits for"), force()])
        }
        Why::StillThere => {
            let is_in_the_way = |member: &&Member| member.verdict == Verdict::Refused(Why::StillThere);
            let left = family.members.iter().find(is_in_the_way).unwrap_or(parent);
            let says = format!("Letting {title} go now would leave {} there{}.", left.named(), left.cost());
            let start = format!("kubectl get deployments -n {OPERATOR_NAMESPACE}");
            let is_job = parent.held.object.type_.is_job();
            let stop = if is_job { "stop it, wait, let go" } else { "delete it in AWS, wait, let go" };
            (
                says,
                vec![
                    (start, "start the operator, which does all of it by itself (best)"),
                    (format!("{command} --stop-aws"), stop),
                    abandon(),
                ],
            )
        }
        Why::InUse => {
            let says = format!("Something else needs what {title} has in AWS, so that it is not deleted there.");
            (says, vec![abandon()])
        }
        Why::Unknown => {
            let thing = what(parent.held.object.type_);
            let says = format!("Nobody knows what letting {title} go would leave: it may be a {thing} that bills.");
            let look = (format!("{command} --profile NAME"), "look with credentials of its account (best)");
            (says, vec![look, abandon()])
        }
    };
    let says = format!("{} Nothing was changed.{}", defused(&says), if ways.is_empty() { "" } else { " You can" });
    let ways = ways.into_iter().map(|(way, comes)| format!("  {way}\n      {comes}"));
    std::iter::once(says).chain(ways).map(|line| line + "\n").collect()
}

fn not_ours(member: &Member) -> String {
    let (title, others) = (member.held.object.title(), member.held.others());
    if others.is_empty() {
        return format!("The operator does not hold {title}, and neither does anybody else.");
    }
    format!("The operator does not hold {title}: whoever put {} there has to let it go.", others.join(" and "))
}

/// What the operator is doing about it, as far as is known.
fn at_work(family: &Family) -> String {
    match (&family.operator, family.parent().held.object.obstacle()) {
        (Sign::Alive { .. }, Some(obstacle)) => {
            let first = obstacle.lines().next().unwrap_or_default().to_owned();
            format!("The operator works on it, and lets it go by itself when it can. It says: {first}.")
        }
        (Sign::Alive { .. }, None) => "The operator works on it, and lets it go by itself.".to_owned(),
        (Sign::Silent { .. } | Sign::Absent | Sign::Unleased { .. } | Sign::Unknown(_), _) => {
            "The operator may be at work on it.".to_owned()
        }
    }
}
