//! All that the simulator knows, behind one lock: calls are short, and one order of events is easy to reason about.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::autoscaling::AutoScaling;
use super::faults::Faults;
use super::iam::{Allowance, Denial};
use super::identity::Keys;
use super::journal::Journal;
use super::logs::LogService;
use super::place::Pace;
use super::quota::Quotas;
use super::sagemaker::SageMaker;
use super::service_quotas::ServiceQuotas;

/// The simulator.
#[derive(Debug)]
pub(super) struct Sandbox {
    pub(super) pace: Pace,
    pub(super) logs: LogService,
    state: Mutex<State>,
}

/// One account in one region.
#[derive(Debug, Default)]
pub(super) struct Place {
    pub(super) sagemaker: SageMaker,
    pub(super) scaling: AutoScaling,
    pub(super) quotas: ServiceQuotas,
}

/// What changes.
#[derive(Debug)]
pub(super) struct State {
    pub(super) keys: Keys,
    /// None: everything is allowed that is not denied.
    pub(super) allowance: Option<Allowance>,
    pub(super) denials: Vec<(u64, Denial)>,
    /// Numbers the denials.
    pub(super) next_denial: u64,
    pub(super) faults: Faults,
    pub(super) journal: Journal,
    /// None: calls are unlimited.
    pub(super) quotas: Option<Quotas>,
    places: HashMap<(String, String), Place>,
}

impl Sandbox {
    /// An empty world.
    pub(super) fn new(pace: Pace, faults: Faults, quotas: Option<Quotas>) -> Self {
        let state = State {
            keys: Keys::of_the_sandbox(),
            allowance: None,
            denials: Vec::new(),
            next_denial: 0,
            faults,
            journal: Journal::default(),
            quotas,
            places: HashMap::new(),
        };
        Self { pace, logs: LogService::new(), state: Mutex::new(state) }
    }

    /// The state. A call that panicked is answered with HTTP 500; the others go on.
    pub(super) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// What SageMaker holds in an account and region.
    pub(super) fn sagemaker(&mut self, account: &str, region: &str) -> &mut SageMaker {
        &mut self.place(account, region).sagemaker
    }

    /// Everything in an account and region.
    pub(super) fn place(&mut self, account: &str, region: &str) -> &mut Place {
        self.places.entry((account.to_owned(), region.to_owned())).or_default()
    }
}
