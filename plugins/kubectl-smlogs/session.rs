//! From what was typed to a job's log: the object, its name in SageMaker, and where it logs.

use std::time::Duration;

use chrono::Local;
use sagemaker_operator::aws::{Clients, CloudWatchLogs, Options, Retries};
use sagemaker_operator::cli::{
    AwsFlags, Cluster, Complaint, Console, Failure, KubeFlags, Logged, Object, Outcome, Target, Type, log_trouble,
    wrong_region,
};
use sagemaker_operator::lifecycle::{Place, Region};
use sagemaker_operator::logs::{Event, LogError, Look, Millis, Renderer, Selection, Which};

use crate::args::{Args, Output};

/// What is wanted, once it is clear.
#[derive(Debug)]
pub(crate) struct Wanted {
    pub(crate) target: Target,
    pub(crate) logged: Logged,
    pub(crate) which: Which,
    pub(crate) follow: bool,
    pub(crate) tail: Option<usize>,
    pub(crate) quiet_for: Duration,
    hide_stream: bool,
    output: Option<Output>,
    kube: KubeFlags,
    aws: AwsFlags,
}

impl TryFrom<Args> for Wanted {
    type Error = Complaint;

    fn try_from(args: Args) -> Result<Self, Complaint> {
        let Args {
            words,
            follow,
            tail,
            log_search_prefix,
            hide_log_stream_name,
            output,
            quiet_for,
            color: _,
            kube,
            aws,
        } = args;
        let target = Target::parse("kubectl smlogs", &words)?;
        let logged = target.type_.logged().ok_or_else(|| no_log(target.type_))?;
        let which = log_search_prefix.map_or(Which::All, Which::StartingWith);
        let hide_stream = hide_log_stream_name;
        Ok(Self { target, logged, which, follow, tail, quiet_for, hide_stream, output, kube, aws })
    }
}

fn no_log(type_: Type) -> Complaint {
    let complaint = Complaint::new(format!("a {} has no log that smlogs can read", type_.singular()));
    match type_ {
        Type::HyperparameterTuningJob => {
            complaint.hint("its trials are TrainingJobs: kubectl get trainingjob, then kubectl smlogs trainingjob NAME")
        }
        Type::HostingDeployment => {
            complaint.hint("its endpoint logs to /aws/sagemaker/Endpoints/ENDPOINT: aws logs tail GROUP --follow")
        }
        Type::Model | Type::EndpointConfig | Type::HostingAutoscalingPolicy => {
            complaint.hint(format_args!("kubectl describe {} NAME", type_.singular()))
        }
        Type::TrainingJob | Type::ProcessingJob | Type::BatchTransformJob => complaint,
    }
}

impl Wanted {
    pub(crate) async fn run(self, console: &mut Console) -> Result<Outcome, Failure> {
        let cluster = Cluster::from_flags(&self.kube).await?;
        let object = cluster.find(&self.target).await?;
        let clients = Clients::new(Options {
            profile: self.aws.profile.clone(),
            endpoint_url: self.aws.endpoint_url.clone(),
            // Repeating a call is left to the reader, who knows what can wait.
            retries: Retries::Caller,
            ..Options::default()
        });
        let region = match self.aws.region.clone().or_else(|| object.region()) {
            Some(region) => region,
            None => clients.default_region().await.ok_or_else(|| {
                Complaint::new(format!("{} does not say in which region it runs", object.title()))
                    .hint("use --region REGION")
            })?,
        };
        let place = Place { region, endpoint: object.endpoint(), role: None };
        let renderer = self.renderer(console);
        let session = Session { wanted: self, cluster, clients, place, renderer };
        if session.wanted.follow {
            Box::pin(crate::follow::run(&session, object, console)).await
        } else {
            crate::read::run(&session, &object, console).await
        }
    }

    fn renderer(&self, console: &Console) -> Renderer<Local> {
        let short = Look::Short { colour: console.colour() };
        let look = match self.output {
            Some(Output::Short) => short,
            None if console.out_is_terminal() => short,
            Some(Output::V1) | None => Look::V1,
        };
        Renderer::new(look, self.hide_stream, Local)
    }
}

/// All that reading a log takes.
#[derive(Debug)]
pub(crate) struct Session {
    pub(crate) wanted: Wanted,
    pub(crate) cluster: Cluster,
    pub(crate) clients: Clients,
    pub(crate) place: Place,
    renderer: Renderer<Local>,
}

impl Session {
    pub(crate) fn region(&self) -> &Region {
        &self.place.region
    }

    pub(crate) fn source(&self) -> CloudWatchLogs<'_> {
        CloudWatchLogs::new(&self.clients, self.place.clone())
    }

    pub(crate) fn selection(&self, job: &str) -> Selection {
        Selection { group: self.wanted.logged.group.into(), job: job.into(), which: self.wanted.which.clone() }
    }

    pub(crate) fn print(&self, events: &[Event], console: &mut Console) -> Result<(), Failure> {
        let mut text = String::new();
        for event in events {
            self.renderer.line(event, &mut text);
        }
        if !text.is_empty() {
            console.print(&text)?;
        }
        Ok(())
    }

    /// Why the log cannot be read.
    pub(crate) fn complain(&self, error: &LogError, object: &Object) -> Complaint {
        let complaint = log_trouble(error, self.region(), self.wanted.logged.group);
        wrong_region(complaint, object, self.region())
    }

    /// Whether lines look as people like them.
    pub(crate) fn is_short(&self) -> bool {
        matches!(self.renderer.look(), Look::Short { .. })
    }

    /// The object as it is: v1's line, which scripts look for, or what a person wants to know.
    pub(crate) fn header(&self, object: &Object) -> String {
        let Object { name, .. } = object;
        match self.renderer.look() {
            Look::V1 => {
                let label = self.wanted.logged.name_label;
                let job = object.sagemaker_name().unwrap_or_default();
                let status = object.status_word().unwrap_or_default();
                let header = format!("{name:?} has SageMaker {label} {job:?} in region \"{}\"", self.region());
                match object.type_ {
                    Type::TrainingJob => {
                        let secondary = object.secondary_status().unwrap_or_default();
                        format!("{header}, status {status:?} and secondary status {secondary:?}")
                    }
                    _ => format!("{header}, status {status:?}"),
                }
            }
            Look::Short { .. } => {
                let instances = object.instances().map(|instances| format!("  {instances}")).unwrap_or_default();
                format!("{name}  {}  {}{instances}", object.type_.kind(), self.region())
            }
        }
    }
}

/// The earliest moment that a line of the job can have, by its object.
pub(crate) fn created(object: &Object) -> Millis {
    Millis(object.created.map_or(0, |created| created.timestamp_millis()))
}

/// What is told of a job that SageMaker does not know.
pub(crate) fn not_created(object: &Object) -> Complaint {
    let title = object.title();
    let complaint = match object.obstacle() {
        Some(obstacle) => Complaint::new(format!("{title} has not been created in SageMaker yet: {obstacle}")),
        None => Complaint::new(format!("{title} has not been created in SageMaker yet: no operator has taken it up")),
    };
    complaint.hint(format_args!(
        "kubectl describe {} {} -n {}, or wait for it with -f",
        object.type_.singular(),
        object.name,
        object.namespace
    ))
}
