//! Where the programs come from that judge what is ours as other people's tools do: built once, from tests/judges.

use std::io::Write as _;

use crate::go_tools::GoTools;

const PROGRAMS: [&str; 6] = ["alerts", "health", "krew", "kubeconform", "rules", "validate-krew-manifest"];

const JUDGES: GoTools = GoTools {
    folder: "judges",
    what: "kstatus, Argo CD's Lua, krew, kubeconform and Prometheus's rules",
    programs: "alerts, health, krew, kubeconform, rules, validate-krew-manifest",
    ways_out: "\
Go is missing to build kstatus, Argo CD's Lua, krew, kubeconform and Prometheus's rules. This helps:
  install Go 1.26.7 or newer (https://go.dev/dl/); the build takes two minutes, once",
    stamp: |_| String::new(),
    finish: |_| Ok(()),
    complete: |folder| PROGRAMS.iter().all(|program| folder.join(program).is_file()),
};

/// Prints the folder that has them; builds them into the cache if they are not there.
pub(crate) async fn run() -> anyhow::Result<()> {
    let folder = JUDGES.cached_or_built().await?;
    writeln!(std::io::stdout(), "{}", folder.display())?;
    Ok(())
}
