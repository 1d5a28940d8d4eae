//! `kubectl sagemaker stop`: ends a job and keeps its object.

use clap::Args;
use sagemaker_operator::aws::Api;
use sagemaker_operator::cli::{AwsFlags, Cluster, Complaint, Console, Failure, KubeFlags, Outcome, worst};
use sagemaker_operator::lifecycle::{Cause, Owner, Past, Sighting, Step};

use crate::agree::{asked, is_yes};
use crate::find;
use crate::held::Held;
use crate::resource::{Resource, aws, resource_of};
use crate::wanted::Wanted;

/// The flags of `stop`.
#[derive(Debug, Args)]
pub(crate) struct Stop {
    /// Jobs, by their names alone or with their types: mnist, trainingjob/mnist, trainingjob mnist.
    #[arg(value_name = "TYPE|NAME", required = true)]
    words: Vec<String>,
    /// Does not ask.
    #[arg(short, long)]
    yes: bool,
    /// Says what would be done, and does nothing.
    #[arg(long)]
    dry_run: bool,
    #[command(flatten)]
    aws: AwsFlags,
}

impl Stop {
    pub(crate) async fn run(self, kube: &KubeFlags, console: &mut Console) -> Result<Outcome, Failure> {
        let cluster = Cluster::from_flags(kube).await?;
        let (found, mut outcomes) = find::named(&cluster, &Wanted::of(&self.words)?, "stop").await?.told(console);
        let (aws, namespace) = (aws(&self.aws), kube.in_namespace());
        for held in found {
            let ended = self.stop(&aws, &held, &namespace, console).await;
            outcomes.push(console.told(ended.map(|()| Outcome::Done))?);
        }
        Ok(worst(outcomes))
    }

    async fn stop(&self, aws: &Api, held: &Held, namespace: &str, console: &mut Console) -> Result<(), Failure> {
        let title = held.object.title();
        if !held.object.type_.is_job() {
            let complaint =
                Complaint::usage(format!("{title} lasts, and has nothing to stop: it ends with its object"));
            return Err(complaint.hint(format_args!("kubectl delete {title}{namespace}")).into());
        }
        let resource = resource_of(held).map_err(|why| Complaint::new(format!("{title}: {why}")))?;
        let job = resource.name().to_owned();
        let Some(word) = running(&*resource, aws, &title).await? else {
            console.prose(&format!("{title}: {job} has ended already\n"))?;
            return Ok(());
        };
        let instances = held.object.instances().map(|all| format!(", {all}")).unwrap_or_default();
        console.prose(&format!("{title}: the job {job} in {} is {word}{instances}\n", resource.place().region))?;
        if self.dry_run {
            console.print("It would be stopped, and its object kept.\n")?;
            return Ok(());
        }
        if !self.yes {
            let command = format!("kubectl sagemaker stop {title}{namespace} --yes");
            let answer = asked(console, "Stop it? What it has not saved is lost. [y/N]", &command).await?;
            if !is_yes(&answer) {
                return Err(Complaint::refused("nothing was changed").into());
            }
        }
        match resource.stop(aws).await {
            Ok(()) => {}
            Err(refusal) if refusal.cause == Cause::AlreadyEnded => {
                console.prose(&format!("{title}: {job} has ended already\n"))?;
                return Ok(());
            }
            Err(refusal) => return Err(Complaint::new(format!("{job} could not be stopped: {refusal}")).into()),
        }
        console.prose(&format!("{title} is being stopped; its object stays\n"))?;
        Ok(())
    }
}

/// SageMaker's word for a job that runs; `None` if it has ended.
///
/// # Errors
/// If there is no such job to stop, or nobody can say.
async fn running(resource: &dyn Resource, aws: &Api, title: &str) -> Result<Option<String>, Complaint> {
    let job = resource.name();
    let seen = resource
        .look(aws)
        .await
        .map_err(|refusal| Complaint::new(format!("{title} cannot be looked at: {refusal}")))?;
    match (seen.to_go, &seen.sighting) {
        (_, Sighting::Present { owner: Owner::Foreign | Owner::Elsewhere, .. }) => {
            Err(Complaint::refused(format!("the job {job} is not of {title}: nothing was changed")))
        }
        (Step::Release, Sighting::Present { .. }) => Ok(None),
        (_, Sighting::Present { .. }) => Ok(Some(seen.word.unwrap_or_else(|| "there".to_owned()))),
        (_, Sighting::Absent) if seen.past == Past::Nothing => {
            Err(Complaint::new(format!("nothing was started for {title} yet"))
                .hint("to have it never started: delete it"))
        }
        (_, Sighting::Absent) => {
            Err(Complaint::new(format!("SageMaker does not know the job {job} of {title} any more")))
        }
        (_, Sighting::AbsentElsewhere) => Err(Complaint::new(format!(
            "the job {job} of {title} is not where your credentials look: it was started in another account"
        ))
        .hint("use credentials of its account: --profile NAME")),
    }
}
