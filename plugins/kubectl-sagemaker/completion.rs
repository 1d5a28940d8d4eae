//! `kubectl sagemaker completion`: what makes kubectl and the shells complete both plugins. krew installs no such files,
//! so the plugin brings them along.

use clap::{Args, ValueEnum};
use sagemaker_operator::cli::{Console, Failure, Outcome};

/// The argument of `completion`.
#[derive(Debug, Args)]
pub(crate) struct Completion {
    /// For whom.
    #[arg(value_name = "WHOM")]
    whom: Whom,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Whom {
    /// A script that puts kubectl_complete-smlogs and kubectl_complete-sagemaker where kubectl finds them: pipe it to sh
    Kubectl,
    /// A script to source, for those who call kubectl-smlogs and kubectl-sagemaker so
    Bash,
    /// The same for zsh
    Zsh,
    /// The same for fish
    Fish,
    /// The same for PowerShell
    Powershell,
}

const BASH: &str = include_str!("../../completions/kubectl-sagemaker.bash");
const ZSH: &str = include_str!("../../completions/_kubectl-sagemaker");
const FISH: &str = include_str!("../../completions/kubectl-sagemaker.fish");
const POWERSHELL: &str = include_str!("../../completions/kubectl-sagemaker.ps1");
const FOR_KUBECTL: [(&str, &str); 2] = [
    ("kubectl_complete-smlogs", include_str!("../../completions/kubectl_complete-smlogs")),
    ("kubectl_complete-sagemaker", include_str!("../../completions/kubectl_complete-sagemaker")),
];

const INSTALL: &str = "\
#!/bin/sh
# kubectl, from 1.26 on, completes a plugin by asking kubectl_complete-NAME, which it looks for on PATH. This puts those
# of both plugins beside kubectl-sagemaker:
#   kubectl sagemaker completion kubectl | sh
# or into another folder of PATH:
#   kubectl sagemaker completion kubectl | sh -s -- FOLDER
# kubectl's own completion has to be set up too: kubectl completion --help
set -e
folder=$1
if [ -z \"$folder\" ]; then
  plugin=$(command -v kubectl-sagemaker) || { echo 'kubectl-sagemaker is not on PATH: name a folder' >&2; exit 1; }
  folder=$(dirname \"$plugin\")
fi
";

impl Completion {
    pub(crate) fn run(self, console: &mut Console) -> Result<Outcome, Failure> {
        match self.whom {
            Whom::Kubectl => console.print(&for_kubectl())?,
            Whom::Bash => console.print(BASH)?,
            Whom::Zsh => console.print(ZSH)?,
            Whom::Fish => console.print(FISH)?,
            Whom::Powershell => console.print(POWERSHELL)?,
        }
        Ok(Outcome::Done)
    }
}

fn for_kubectl() -> String {
    let mut script = INSTALL.to_owned();
    for (name, text) in FOR_KUBECTL {
        // An old one may be a link to somewhere else.
        let put = format!(
            "\nrm -f \"$folder/{name}\"\ncat > \"$folder/{name}\" <<'EOF'\n{text}EOF\nchmod +x \"$folder/{name}\"\necho \"$folder/{name}\"\n"
        );
        script.push_str(&put);
    }
    script
}
