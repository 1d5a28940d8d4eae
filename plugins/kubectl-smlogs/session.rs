//! From what was typed to the logs that are meant: their objects, their names in SageMaker, and where they are.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::sync::Arc;

use futures::future::join_all;
use sagemaker_operator::aws::{Clients, CloudWatchLogs, Options, Retries};
use sagemaker_operator::cli::{Chosen, Cluster, Complaint, Console, Failure, Object, Outcome, Type, worst};
use sagemaker_operator::lifecycle::{Place, Region};
use sagemaker_operator::logs::{Event, Identity, Look, Narrowed, Origin, Selection, Whose};

use crate::bulk::Together;
use crate::resume::Resume;
use crate::source::{Source, Trial, label_all};
use crate::wait;
use crate::wanted::{Subjects, Wanted, no_log};

/// How often the one thread is given up until the request of the API server is on its way: it is handed over, connects,
/// and says hello.
const TURNS: usize = 3;

impl Wanted {
    pub(crate) async fn run(self, console: &mut Console) -> Result<Outcome, Failure> {
        let cluster = match &self.subjects {
            Subjects::Objects(_) | Subjects::Chosen(..) => Some(Cluster::from_flags(&self.kube).await?),
            Subjects::Job(..) => None,
        };
        let clients = Arc::new(Clients::new(Options {
            profile: self.aws.profile.clone(),
            endpoint_url: self.aws.endpoint_url.clone(),
            // Repeating a call is left to the reader, who knows what can wait.
            retries: Retries::Caller,
            ..Options::default()
        }));
        let session = Session { wanted: self, cluster, clients, together: RefCell::default() };
        // Most jobs run where the person works: what AWS needs is made ready while the API server is asked.
        let limit = session.wanted.limit;
        let prepare = async {
            // The handshake with the API server is the longer wait: it begins first.
            for _ in 0..TURNS {
                tokio::task::yield_now().await;
            }
            session.prepare().await;
            Ok(())
        };
        let found = async { tokio::try_join!(session.find(console), prepare) };
        let (Found { mut sources, missed }, ()) = Box::pin(limit.bounds("finding what is meant", found)).await??;
        label_all(&mut sources);
        let failed: Vec<Outcome> = missed.iter().map(Complaint::outcome).collect();
        for complaint in missed {
            console.say(&complaint.to_string());
        }
        if sources.is_empty() {
            return Ok(worst(failed));
        }
        let outcome = if session.wanted.follow {
            Box::pin(crate::follow::run(&session, &sources, console)).await?
        } else {
            Box::pin(crate::read::run(&session, &sources, console)).await?
        };
        Ok(worst(failed.into_iter().chain([outcome])))
    }
}

/// What there is to read, and what of it was not found.
struct Found {
    sources: Vec<Source>,
    missed: Vec<Complaint>,
}

/// All that reading logs takes.
#[derive(Debug)]
pub(crate) struct Session {
    pub(crate) wanted: Wanted,
    /// The cluster, unless there is no object to ask it about.
    pub(crate) cluster: Option<Cluster>,
    pub(crate) clients: Arc<Clients>,
    /// What the readings of each region share.
    together: RefCell<BTreeMap<String, Together>>,
}

impl Session {
    /// Finds what is meant, or waits for it. Of several objects some may be missing; at least one is there.
    async fn find(&self, console: &mut Console) -> Result<Found, Complaint> {
        let Wanted { wait, limit, .. } = self.wanted;
        let (mut sources, mut missed) = (Vec::new(), Vec::new());
        let mut found = Vec::new();
        match (&self.wanted.subjects, &self.cluster) {
            (Subjects::Job(type_, job), _) => {
                let place = Place { region: self.region(None, job).await?, endpoint: None, role: None };
                let logged = type_.logged().ok_or_else(|| no_log(*type_))?;
                let mut source = Source::of_job(*type_, logged, job.clone(), place);
                if self.wanted.trial == Some(Trial::Best) && !self.wanted.follow {
                    let said = source.describe(&self.clients).await;
                    source.best = said.map_err(|refusal| source.untold(refusal))?.best_trial().map(str::to_owned);
                }
                sources.push(source);
            }
            (Subjects::Objects(targets), Some(cluster)) if wait => {
                found.extend(wait::for_objects(cluster, targets, limit, console).await?.into_iter().map(Ok));
            }
            (Subjects::Chosen(types, chosen), Some(cluster)) if wait => {
                found.extend(wait::for_some(cluster, types, chosen, limit, console).await?.into_iter().map(Ok));
            }
            (Subjects::Objects(targets), Some(cluster)) => {
                found = join_all(targets.iter().map(|target| cluster.find(target))).await;
            }
            (Subjects::Chosen(types, chosen), Some(cluster)) => {
                for list in join_all(types.iter().map(|type_| cluster.choose(*type_, chosen))).await {
                    found.extend(list?.into_iter().map(Ok));
                }
                if found.is_empty() {
                    return Err(none_chosen(types, chosen, cluster));
                }
            }
            (Subjects::Objects(_) | Subjects::Chosen(..), None) => {}
        }
        for object in found {
            match object {
                Ok(object) => sources.push(self.source(object).await?),
                Err(complaint) => missed.push(complaint),
            }
        }
        match (sources.is_empty(), missed.len()) {
            (true, 1) => Err(missed.remove(0)),
            _ => Ok(Found { sources, missed }),
        }
    }

    /// Makes ready what reading at the usual place will take.
    async fn prepare(&self) {
        let usual = match self.wanted.region.clone() {
            Some(region) => Some(region),
            None => self.clients.default_region().await,
        };
        if let Some(region) = usual {
            let place = Place { region, endpoint: None, role: None };
            self.clients.prepare(&place).await;
            // Nobody waits for it, nor for it to fail.
            let clients = Arc::clone(&self.clients);
            tokio::spawn(async move { clients.connect_to_logs(&place).await });
        }
    }

    async fn source(&self, object: Object) -> Result<Source, Complaint> {
        let logged = object.type_.logged().ok_or_else(|| no_log(object.type_))?;
        let region = self.region(object.region(), &object.title()).await?;
        let place = Place { region, endpoint: object.endpoint(), role: None };
        Ok(Source::of_object(object, logged, place))
    }

    async fn region(&self, own: Option<Region>, title: &str) -> Result<Region, Complaint> {
        match self.wanted.region.clone().or(own) {
            Some(region) => Ok(region),
            None => self.clients.default_region().await.ok_or_else(|| {
                Complaint::new(format!("it is not clear in which region {title} runs")).hint("use --region REGION")
            }),
        }
    }

    /// What of the log of `job` is wanted; `object` is as young as it can be had.
    pub(crate) fn selection(
        &self,
        source: &Source,
        job: &str,
        object: Option<&Object>,
    ) -> Result<Selection, Complaint> {
        let best = object.and_then(Object::best_trial).or(source.best.as_deref());
        source.selection(job, &self.wanted, best)
    }

    /// The lines of that selection.
    pub(crate) fn open(&self, source: &Source, selection: &Selection) -> Narrowed<CloudWatchLogs<'_>> {
        Narrowed::new(self.calls(source), selection.clone())
    }

    /// The log service where that log is.
    pub(crate) fn calls(&self, source: &Source) -> CloudWatchLogs<'_> {
        CloudWatchLogs::new(&self.clients, source.place.clone())
    }

    /// What the readings in a region share.
    pub(crate) fn together(&self, region: &Region) -> Together {
        let mut together = self.together.borrow_mut();
        let region = region.as_str();
        together.entry(region.to_owned()).or_insert_with(|| Together::in_region(region)).clone()
    }

    /// Which log that is, and which of its lines are wanted, for a resume file.
    pub(crate) fn identity(&self, source: &Source, selection: &Selection, object: Option<&Object>) -> Identity {
        let whose = match &selection.whose {
            Whose::Job(job) => format!("{job} in "),
            Whose::Trials { tuning, .. } => format!("the trials of {tuning} in "),
            Whose::Endpoint { .. } => String::new(),
        };
        let log = format!("{whose}{}, {}", selection.group, source.place.region);
        let arn = object.and_then(Object::arn).map(str::to_owned);
        Identity { log, arn, lines: self.wanted.lines() }
    }

    /// Lines as text, each with where it comes from.
    pub(crate) fn text<'e>(&self, lines: impl IntoIterator<Item = (&'e Origin, &'e Event)>) -> String {
        self.wanted.writer.borrow_mut().text(lines)
    }

    /// The identities of those logs whose names are known by now.
    pub(crate) fn known(&self, sources: &[Source]) -> Vec<Identity> {
        let known = sources.iter().filter_map(|source| {
            let selection = self.selection(source, source.job()?, source.object()).ok()?;
            Some(self.identity(source, &selection, source.object()))
        });
        known.collect()
    }

    /// Opens the file of `--resume`, if one is wanted, for these logs.
    pub(crate) fn resume(&self, logs: &[Identity], console: &mut Console) -> Result<Option<Resume>, Complaint> {
        self.wanted.resume.as_ref().map(|path| Resume::open(path, logs, console)).transpose()
    }

    /// Prints lines.
    pub(crate) fn print<'e>(
        &self,
        lines: impl IntoIterator<Item = (&'e Origin, &'e Event)>,
        console: &mut Console,
    ) -> Result<(), Failure> {
        self.wanted.writer.borrow_mut().print(lines, console)
    }

    /// Whether lines came, but none that was searched for.
    pub(crate) fn has_found_nothing(&self) -> bool {
        self.wanted.writer.borrow().has_found_nothing()
    }

    fn look(&self) -> Look {
        self.wanted.writer.borrow().look()
    }

    /// Whether lines look as people like them.
    pub(crate) fn is_short(&self) -> bool {
        match self.look() {
            Look::Short => true,
            Look::V1 | Look::Raw | Look::Json => false,
        }
    }

    /// What is read, and how it is: v1's line, which scripts look for, or what a person wants to know. `object` is as
    /// young as it can be had.
    pub(crate) fn header(&self, source: &Source, object: Option<&Object>) -> String {
        let region = &source.place.region;
        let name = object.map(|object| &*object.name).or(source.job()).unwrap_or_default();
        match (self.look(), object) {
            (Look::V1, Some(object)) => {
                let label = source.logged.name_label;
                let job = object.sagemaker_name().unwrap_or_default();
                let status = object.status_word().unwrap_or_default();
                let header = format!("{name:?} has SageMaker {label} {job:?} in region \"{region}\"");
                match source.type_ {
                    Type::TrainingJob => {
                        let secondary = object.secondary_status().unwrap_or_default();
                        format!("{header}, status {status:?} and secondary status {secondary:?}")
                    }
                    _ => format!("{header}, status {status:?}"),
                }
            }
            (Look::V1 | Look::Short | Look::Raw | Look::Json, _) => {
                let instances = object.and_then(Object::instances);
                let instances = instances.map(|instances| format!("  {instances}")).unwrap_or_default();
                format!("{name}  {}  {region}{instances}", source.type_.kind())
            }
        }
    }
}

fn none_chosen(types: &[Type], chosen: &Chosen, cluster: &Cluster) -> Complaint {
    let types: Vec<String> = types.iter().map(|type_| type_.singular()).collect();
    let Chosen { labels, all_namespaces } = chosen;
    let with = labels.as_ref().map(|labels| format!(" with labels {labels}")).unwrap_or_default();
    let within =
        if *all_namespaces { "any namespace".to_owned() } else { format!("namespace {:?}", cluster.namespace()) };
    Complaint::new(format!("there is no {}{with} in {within}", types.join(" or ")))
        .hint(format_args!("kubectl get {} -A --show-labels", types.join(",")))
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
