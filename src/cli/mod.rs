//! What both plugins share: kubectl flags, the console, exit codes, the completion of what is being typed.

mod aws_flags;
mod client;
mod complaint;
mod complete;
mod connect;
mod console;
mod events;
mod exit;
mod find;
mod installation;
mod kube_flags;
mod kubeconfig;
mod object;
mod operator;
mod read;
mod refused;
mod target;
mod time;
mod write;

pub use aws_flags::AwsFlags;
pub use complaint::{Complaint, Failure};
pub use complete::{COMPLETE, complete, first_word};
pub use connect::Cluster;
pub use console::{Colour, Console, defused};
pub use events::Told;
pub use exit::{Outcome, worst};
pub use find::{Chosen, Look, list};
pub use installation::{Deployed, cluster_uid, deployed, kubernetes_version, missing_types};
pub use kube_flags::KubeFlags;
pub use object::{Ending, Machines, Object};
pub use operator::{Sign, operator_sign, operator_sign_for_sure};
pub use read::{Deed, ISSUER_PATH, Unread};
pub use refused::{credentials_trouble, log_trouble, wrong_region};
pub use target::{Logged, Target, Type, nearest};
pub use time::{Moment, age, clock, span};
pub use write::{Note, Unwritten};
