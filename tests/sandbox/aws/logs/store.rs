//! The groups and streams there are, each with the moment from which it is known.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use super::stream::Stream;
use super::written::Written;
use super::{Ending, LogError, Run, Scope};

/// The groups of every account and region.
#[derive(Debug, Default)]
pub(super) struct Store {
    places: HashMap<(String, String), BTreeMap<String, Group>>,
    /// How many streams and puts there have been; each has a number of its own.
    serials: u64,
}

/// One log group.
#[derive(Debug, Default)]
pub(super) struct Group {
    /// When `CreateLogGroup` made it.
    pub(super) created_ms: Option<u64>,
    pub(super) streams: BTreeMap<String, Arc<Stream>>,
    /// The streams of each run of each job.
    runs: HashMap<String, Vec<Vec<String>>>,
}

impl Group {
    /// From when on the service knows it. A job's group is made by the first send of the first host.
    pub(super) fn appears_ms(&self) -> Option<u64> {
        let streams = self.streams.values().filter_map(|stream| stream.appears_ms());
        streams.chain(self.created_ms).min()
    }

    /// Whether the service knows it by now.
    pub(super) fn is_known(&self, now_ms: u64) -> bool {
        let mut streams = self.streams.values();
        known(self.created_ms, now_ms) || streams.any(|stream| known(stream.appears_ms(), now_ms))
    }

    /// The streams whose names begin so, known or not.
    pub(super) fn with_prefix(&self, prefix: &str) -> impl Iterator<Item = &Arc<Stream>> {
        let from = self.streams.range::<str, _>((std::ops::Bound::Included(prefix), std::ops::Bound::Unbounded));
        from.map(|(_, stream)| stream).take_while(move |stream| stream.name.starts_with(prefix))
    }

    /// A stream that the service knows by now.
    pub(super) fn stream(&self, name: &str, now_ms: u64) -> Result<&Arc<Stream>, LogError> {
        let stream = self.streams.get(name).filter(|stream| known(stream.appears_ms(), now_ms));
        stream.ok_or_else(|| LogError::not_found("The specified log stream does not exist."))
    }
}

impl Store {
    pub(super) fn begin(&mut self, run: Run) {
        let Run { account, region, group, job, hosts, workload } = run;
        let mut serial = self.serials;
        self.serials += hosts.len() as u64;
        let group = self.places.entry((account, region)).or_default().entry(group).or_default();
        group.runs.entry(job).or_default().push(hosts.iter().map(|host| host.stream.clone()).collect());
        for host in &hosts {
            serial += 1;
            let written = Written::new(&workload, host, hosts.len(), serial);
            let stream = Stream { written: Some(written), ..Stream::new(&host.stream) };
            group.streams.insert(host.stream.clone(), Arc::new(stream));
        }
    }

    /// Ends the latest run then, and those before it that would go on for longer: they were announced together.
    pub(super) fn end(&mut self, scope: &Scope, group: &str, job: &str, ending: &Ending) {
        let Some(group) = self.groups_mut(scope).get_mut(group) else { return };
        for (age, run) in group.runs.get(job).into_iter().flatten().rev().enumerate() {
            for name in run {
                let stream = group.streams.get_mut(name).map(Arc::make_mut);
                if let Some(written) = stream.and_then(|stream| stream.written.as_mut())
                    && (age == 0 || written.goes_on_after(scope.now_ms))
                {
                    written.end(scope.now_ms, ending);
                }
            }
        }
    }

    /// All groups of a place, known or not.
    pub(super) fn groups(&self, scope: &Scope) -> impl Iterator<Item = (&String, &Group)> {
        self.places.get(&place(scope)).into_iter().flatten()
    }

    /// The same, to be changed.
    pub(super) fn groups_mut(&mut self, scope: &Scope) -> &mut BTreeMap<String, Group> {
        self.places.entry(place(scope)).or_default()
    }

    /// A group that the service knows by now.
    pub(super) fn group(&self, scope: &Scope, name: &str) -> Result<&Group, LogError> {
        let group = self.places.get(&place(scope)).and_then(|groups| groups.get(name));
        group.filter(|group| group.is_known(scope.now_ms)).ok_or_else(no_group)
    }

    /// The same, to be changed, and a number for what is added to it.
    pub(super) fn group_mut(&mut self, scope: &Scope, name: &str) -> Result<(&mut Group, u64), LogError> {
        self.serials += 1;
        let serial = self.serials;
        let group = self.groups_mut(scope).get_mut(name);
        let group = group.filter(|group| group.is_known(scope.now_ms)).ok_or_else(no_group)?;
        Ok((group, serial))
    }
}

/// Whether something that appears then is there now.
pub(super) fn known(appears_ms: Option<u64>, now_ms: u64) -> bool {
    appears_ms.is_some_and(|appears| appears <= now_ms)
}

fn place(scope: &Scope) -> (String, String) {
    (scope.account.clone(), scope.region.clone())
}

fn no_group() -> LogError {
    LogError::not_found("The specified log group does not exist.")
}
