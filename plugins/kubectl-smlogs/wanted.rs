//! What was typed, in terms of what there is.

use std::cell::RefCell;
use std::path::PathBuf;
use std::time::Duration;

use chrono::Utc;
use sagemaker_operator::cli::{AwsFlags, Chosen, Complaint, Console, KubeFlags, Moment, Target, Type};
use sagemaker_operator::lifecycle::Region;
use sagemaker_operator::logs::{Grep, Look, Manner, Millis, Times, Which};

use crate::args::{Args, TailLines};
use crate::source::Trial;
use crate::wait::Limit;
use crate::writer::LineWriter;

/// What is wanted, once it is clear.
#[derive(Debug)]
pub(crate) struct Wanted {
    pub(crate) subjects: Subjects,
    pub(crate) trial: Option<Trial>,
    pub(crate) variant: Option<String>,
    pub(crate) which: Which,
    pub(crate) since: Option<Millis>,
    pub(crate) until: Option<Millis>,
    pub(crate) pattern: Option<String>,
    pub(crate) follow: bool,
    pub(crate) tail: Option<usize>,
    pub(crate) wait: bool,
    pub(crate) quiet_for: Duration,
    pub(crate) limit: Limit,
    pub(crate) resume: Option<PathBuf>,
    pub(crate) no_merge: bool,
    /// What is searched for, as it was typed.
    searched: Vec<String>,
    pub(crate) writer: RefCell<LineWriter>,
    pub(crate) kube: KubeFlags,
    pub(crate) aws: AwsFlags,
    /// The region, instead of the objects' own.
    pub(crate) region: Option<Region>,
}

/// Whose logs.
#[derive(Debug)]
pub(crate) enum Subjects {
    /// Those of these objects.
    Objects(Vec<Target>),
    /// Those of all objects of these kinds that are meant.
    Chosen(Vec<Type>, Chosen),
    /// That of a job without an object, by its name in SageMaker.
    Job(Type, String),
}

impl Wanted {
    /// What was typed, in terms of what there is.
    pub(crate) fn new(args: Args, console: &Console) -> Result<Self, Complaint> {
        let Args {
            words,
            follow,
            wait,
            quiet_for,
            selector,
            all,
            all_namespaces,
            job,
            trial,
            variant,
            tail,
            since,
            until,
            rank,
            stream,
            log_search_prefix,
            grep,
            grep_v,
            before_context,
            after_context,
            around,
            filter,
            output,
            timestamps,
            hide_log_stream_name,
            no_merge,
            timeout,
            resume,
            color: _,
            kube,
            aws,
            region,
        } = args;
        let subjects = match job {
            Some(job) => Subjects::job(&words, job)?,
            None if selector.is_some() || all || all_namespaces => {
                Subjects::chosen(&words, all, Chosen { labels: selector, all_namespaces })?
            }
            None => Subjects::Objects(Target::parse_all("kubectl smlogs", &words)?),
        };
        for type_ in subjects.types() {
            type_.logged().ok_or_else(|| no_log(type_))?;
            check(type_, trial.is_some(), variant.is_some(), rank.is_some())?;
        }
        if timeout.is_some() && !follow && !wait {
            return Err(Complaint::usage("--timeout is for following").hint("use it with -f or --wait"));
        }
        if resume.is_some() && (before_context > 0 || after_context > 0 || around.is_some()) {
            return Err(Complaint::usage("--resume cannot keep account of context: -B, --after-context or -C")
                .hint("leave them out, or search the output: grep -C"));
        }
        let now = Utc::now();
        if let (Some(first), Some(last)) = (&since, &until)
            && first.at(now) > last.at(now)
        {
            return Err(Complaint::usage(format!("--since {first} is after --until {last}: no line is between them")));
        }
        let moment = |moment: Moment| Millis(moment.at(now).timestamp_millis());
        let to_terminal = console.out_is_terminal();
        let manner = Manner {
            look: output.map_or(if to_terminal { Look::Short } else { Look::V1 }, Look::from),
            times: timestamps.map(Times::from),
            hide_stream: hide_log_stream_name,
            colour: console.colour(),
            to_terminal,
        };
        let typed = |name: &str, regex: &Option<regex::Regex>| regex.as_ref().map(|regex| format!("{name} {regex}"));
        let searched = [typed("--grep", &grep), typed("--grep-v", &grep_v)].into_iter().flatten().collect();
        let (before, after) = around.map_or((before_context, after_context), |around| (around, around));
        Ok(Self {
            subjects,
            trial,
            variant,
            which: Which { starting_with: log_search_prefix, ranks: rank, glob: stream },
            since: since.map(moment),
            until: until.map(moment),
            pattern: filter,
            // What is not there yet can only be followed.
            follow: follow || wait,
            wait,
            tail: tail.and_then(|TailLines(lines)| lines),
            quiet_for,
            limit: Limit::new(timeout),
            resume,
            no_merge,
            searched,
            writer: RefCell::new(LineWriter::new(manner, Grep::new(grep, grep_v, before, after))),
            kube,
            aws,
            region,
        })
    }

    /// Which lines are wanted, as it was typed.
    pub(crate) fn lines(&self) -> String {
        let Which { starting_with, ranks, glob } = &self.which;
        let option = |name: &str, value: Option<String>| value.map(|value| format!("{name} {value}"));
        let number = match &self.trial {
            Some(Trial::Number(number)) => Some(number.to_string()),
            Some(Trial::Best | Trial::Named(_)) | None => None,
        };
        let options = [
            option("--trial", number),
            option("--variant", self.variant.clone()),
            option("-p", starting_with.as_ref().map(ToString::to_string)),
            option("--rank", ranks.as_ref().map(ToString::to_string)),
            option("--stream", glob.as_ref().map(ToString::to_string)),
            option("--filter", self.pattern.clone()),
        ];
        let options: Vec<String> = options.into_iter().flatten().chain(self.searched.iter().cloned()).collect();
        if options.is_empty() { "of all streams".to_owned() } else { format!("with {}", options.join(" ")) }
    }
}

/// An option for another type is a slip.
fn check(type_: Type, trial: bool, variant: bool, rank: bool) -> Result<(), Complaint> {
    if trial && type_ != Type::HyperparameterTuningJob {
        let complaint = Complaint::usage(format!("a {} has no trials", type_.singular()));
        return Err(complaint.hint("--trial is for hyperparametertuningjob"));
    }
    if rank && matches!(type_, Type::BatchTransformJob | Type::HostingDeployment) {
        let complaint = Complaint::usage(format!("the hosts of a {} have no ranks", type_.singular()));
        return Err(complaint.hint("choose streams by name: --stream GLOB"));
    }
    if variant && type_ != Type::HostingDeployment {
        let complaint = Complaint::usage(format!("a {} has no variants", type_.singular()));
        return Err(complaint.hint("--variant is for hostingdeployment"));
    }
    Ok(())
}

pub(crate) fn no_log(type_: Type) -> Complaint {
    Complaint::new(format!("a {} has no log that smlogs can read", type_.singular())).hint(match type_ {
        Type::Model | Type::EndpointConfig | Type::HostingAutoscalingPolicy => {
            "its endpoint logs: kubectl get hostingdeployment, then kubectl smlogs hostingdeployment NAME"
        }
        Type::TrainingJob
        | Type::ProcessingJob
        | Type::BatchTransformJob
        | Type::HyperparameterTuningJob
        | Type::HostingDeployment => "kubectl smlogs",
    })
}

impl Subjects {
    fn job(words: &[String], job: String) -> Result<Self, Complaint> {
        match Type::all_named(words, "--job")?[..] {
            [type_] => Ok(Self::Job(type_, job)),
            ref several => Err(Complaint::usage(format!("of which type is the job {job:?}?"))
                .hint(format_args!("kubectl smlogs {} --job {job}", several[0].singular()))),
        }
    }

    fn chosen(words: &[String], all: bool, chosen: Chosen) -> Result<Self, Complaint> {
        let because = match (&chosen.labels, all) {
            (Some(_), _) => "-l",
            (None, true) => "--all",
            (None, false) => "-A",
        };
        Ok(Self::Chosen(Type::all_named(words, because)?, chosen))
    }

    fn types(&self) -> Vec<Type> {
        match self {
            Self::Objects(targets) => targets.iter().map(|target| target.type_).collect(),
            Self::Chosen(types, _) => types.clone(),
            Self::Job(type_, _) => vec![*type_],
        }
    }
}
