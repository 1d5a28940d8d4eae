//! `cargo sandbox up`: everything runs until Ctrl-C.

use anyhow::Context as _;
use futures::{StreamExt as _, TryStreamExt as _};
use kube::api::{Api, DynamicObject, PostParams};
use kube::discovery::ApiResource;

use crate::env::{Claim, EnvFile};
use crate::progress::{self, Step};
use crate::stack::{Options, Stack};
use crate::{place, stop};

/// What `cargo sandbox up` takes.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    options: Options,
    /// Apply as many training jobs at once.
    #[arg(long, default_value_t = 0)]
    jobs: usize,
}

/// The manifest of which `--jobs` makes copies.
const SAMPLE: &str = "tests/samples/xgboost-mnist-trainingjob.yaml";

/// Starts the stack and stays.
pub(crate) async fn run(args: Args) -> anyhow::Result<()> {
    tokio::select! {
        result = stay(args) => result,
        told = stop::wanted(false) => {
            progress::note("\nstopped");
            told
        }
    }
}

async fn stay(args: Args) -> anyhow::Result<()> {
    let claim = Claim::take()?;
    let mut stack = Stack::start(&args.options, &place::output_folder("up")?).await?;
    let env = EnvFile::write(claim, &stack)?;
    if args.jobs > 0 {
        apply_jobs(&stack, args.jobs).await?;
    }
    progress::note(format_args!(
        "
In another terminal:
  . {}
  kubectl apply -f {SAMPLE}
  kubectl smlogs trainingjob xgboost-mnist -f
  kubectl get trainingjobs

Ctrl-C stops everything and removes it.",
        env.short()
    ));
    Err(stack.broken().await)
}

async fn apply_jobs(stack: &Stack, count: usize) -> anyhow::Result<()> {
    let mut step = Step::start("jobs");
    let manifest = std::fs::read_to_string(place::root().join(SAMPLE))?;
    let sample: DynamicObject = serde_yaml::from_str(&manifest).with_context(|| format!("{SAMPLE} is no object"))?;
    let types = sample.types.clone().context("the sample has a kind")?;
    let resource = ApiResource::from_gvk(&(&types).try_into()?);
    let jobs: Api<DynamicObject> = Api::default_namespaced_with(stack.control_plane().client().await?, &resource);
    let create = |number: usize| {
        let (mut job, jobs) = (sample.clone(), &jobs);
        job.metadata.name = Some(format!("xgboost-mnist-{number}"));
        async move { jobs.create(&PostParams::default(), &job).await }
    };
    let mut created = futures::stream::iter(1..=count).map(create).buffer_unordered(16);
    let mut done = 0;
    while created.try_next().await?.is_some() {
        done += 1;
        step.update(format_args!("{done} of {count}"));
    }
    step.done(format_args!("{count} training jobs, xgboost-mnist-1 and on"));
    Ok(())
}
