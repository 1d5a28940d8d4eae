//! Everything together: control plane, AWS simulator, our kinds and the operator.

mod operator;
mod products;
mod simulator;

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::cluster::ControlPlane;
use crate::env::MISLEADING;
use crate::progress::Step;
use crate::{place, program, tied};
use operator::Operator;
use simulator::Simulator;

/// What is installed, seen from the project's folder, in which all commands run.
const INSTALLER: &str = "dist/rolebased/installer.yaml";

/// What may be chosen about it.
#[derive(Debug, Clone, clap::Args)]
pub(crate) struct Options {
    /// How many times as fast as SageMaker a job goes through its life.
    #[arg(long, default_value_t = 10.0)]
    pub(crate) speed: f64,
    /// Start no operator: run your own, with the environment from target/sandbox/env.
    #[arg(long)]
    pub(crate) no_operator: bool,
    /// A rule by which calls to AWS go wrong, such as
    /// '{"operation":"CreateTrainingJob","nth":1,"action":"resetAfter"}'.
    #[arg(long, value_name = "JSON")]
    pub(crate) fault: Vec<String>,
    /// The simulator's port; 0 takes any free one.
    #[arg(long, default_value_t = 0)]
    pub(crate) port: u16,
}

/// The running stack. Dropping it stops it, operator first.
#[derive(Debug)]
pub(crate) struct Stack {
    operator: Option<Operator>,
    simulator: Simulator,
    control_plane: ControlPlane,
    /// Our programs and kubectl, and nothing else.
    programs: PathBuf,
}

impl Stack {
    /// Starts everything, one tick a step. The logs of simulator and operator stay in `logs` after the end.
    pub(crate) async fn start(options: &Options, logs: &Path) -> anyhow::Result<Self> {
        let built = products::build().await?;

        let mut step = Step::start("control plane");
        step.update("starting kube-apiserver and etcd");
        let control_plane = ControlPlane::start().await?;
        let version = control_plane.client().await?.apiserver_version().await?.git_version;
        step.done(format_args!("Kubernetes {version} at {}", control_plane.access().server));

        let step = Step::start("AWS simulator");
        let simulator = Simulator::start(options, logs).await?;
        step.done(format_args!("{}, {} times as fast as SageMaker", simulator.endpoint, options.speed));

        let programs = products::link(&built, &control_plane)?;
        let mut stack = Self { operator: None, simulator, control_plane, programs };
        stack.install().await?;
        if !options.no_operator {
            let step = Step::start("operator");
            let operator = Operator::start(&stack, logs).await?;
            step.done(format_args!("log in {}", place::short(&operator.log)));
            stack.operator = Some(operator);
        }
        Ok(stack)
    }

    async fn install(&self) -> anyhow::Result<()> {
        let step = Step::start("kinds");
        let mut apply = self.command("kubectl")?;
        // All but the operator itself: it is a process here, with the rights that the installer gives it.
        apply.args(["apply", "-l", "app.kubernetes.io/component!=operator", "-f", INSTALLER]);
        let applied = program::to_end(apply, "kubectl apply", |_| {}).await?;
        let mut wait = self.command("kubectl")?;
        wait.args(["wait", "--for=condition=Established", "--timeout=60s", "-f", "dist/crds"]);
        program::to_end(wait, "kubectl wait", |_| {}).await?;
        // What kubectl has discovered so far is from before the kinds: `kubectl get sagemaker` would not know them.
        let _ = std::fs::remove_dir_all(self.kubectl_cache());
        let kinds = applied.lines().filter(|line| line.starts_with("customresourcedefinition")).count();
        step.done(format_args!("{kinds} of sagemaker.aws.amazon.com/v1"));
        Ok(())
    }

    /// A program that finds all of it in its environment, as a user who has sourced `target/sandbox/env`.
    pub(crate) fn command(&self, program: &str) -> anyhow::Result<Command> {
        let mut command = tied::command(program)?;
        for misleading in MISLEADING {
            command.env_remove(misleading);
        }
        command.current_dir(place::root()).envs(self.env());
        let path = std::env::var_os("PATH").unwrap_or_default();
        let own = std::iter::once(self.programs.clone());
        command.env("PATH", std::env::join_paths(own.chain(std::env::split_paths(&path)))?);
        Ok(command)
    }

    /// The environment that leads to it, but for PATH.
    pub(crate) fn env(&self) -> Vec<(&'static str, String)> {
        let access = self.control_plane.access();
        let mut env = vec![
            ("KUBECONFIG", access.kubeconfig.display().to_string()),
            // Else kubectl remembers this short-lived server below the user's home.
            ("KUBECACHEDIR", self.kubectl_cache().display().to_string()),
        ];
        env.extend(self.simulator.env());
        env
    }

    fn kubectl_cache(&self) -> PathBuf {
        self.control_plane.access().kubeconfig.with_file_name("kubectl-cache")
    }

    /// The folder with kubectl, the operator and both plugins.
    pub(crate) fn programs(&self) -> &Path {
        &self.programs
    }

    /// The control plane, for what is done without kubectl.
    pub(crate) fn control_plane(&self) -> &ControlPlane {
        &self.control_plane
    }

    /// Resolves, with the reason, when a part of it ends by itself.
    pub(crate) async fn broken(&mut self) -> anyhow::Error {
        let mut tick = tokio::time::interval(std::time::Duration::from_millis(200));
        loop {
            tick.tick().await;
            if let Err(error) = self.check() {
                return error;
            }
        }
    }

    fn check(&mut self) -> anyhow::Result<()> {
        self.control_plane.check()?;
        self.simulator.check()?;
        self.operator.as_mut().map_or(Ok(()), Operator::check)
    }
}
