//! How far it goes.

use clap::Args;

/// What goes and what stays.
#[derive(Debug, Clone, Copy, Args)]
pub(super) struct Scope {
    /// Leaves what the objects have in AWS as it is: jobs run on, endpoints serve on, and both bill.
    #[arg(long)]
    pub(super) keep_aws: bool,
    /// Takes the definitions of the kinds (CRDs) away too, and the roles for people.
    #[arg(long)]
    pub(super) crds: bool,
}

impl Scope {
    /// As it is typed.
    pub(super) fn flags(self) -> String {
        let flags = [(self.keep_aws, " --keep-aws"), (self.crds, " --crds")];
        flags.into_iter().filter(|(is_set, _)| *is_set).map(|(_, flag)| flag).collect()
    }
}
