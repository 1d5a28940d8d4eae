//! AWS's own model of the API, as far as our kinds need it: `tests/fixtures/api-model.json`.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use serde::Deserialize;

/// The operations and shapes of one service.
#[derive(Debug, Deserialize)]
pub(crate) struct Model {
    operations: BTreeMap<String, Operation>,
    shapes: BTreeMap<String, Shape>,
}

#[derive(Debug, Deserialize)]
struct Operation {
    input: String,
    output: String,
}

/// What a value may be.
#[derive(Debug, Deserialize)]
pub(crate) struct Shape {
    #[serde(rename = "type")]
    pub(crate) sort: Sort,
    #[serde(default)]
    pub(crate) members: BTreeMap<String, String>,
    #[serde(default)]
    pub(crate) required: Vec<String>,
    /// What a list holds.
    pub(crate) member: Option<String>,
    /// What a map's keys and values are.
    pub(crate) key: Option<String>,
    pub(crate) value: Option<String>,
    /// The least and the greatest number, length or count.
    pub(crate) min: Option<i64>,
    pub(crate) max: Option<i64>,
    pub(crate) pattern: Option<String>,
    #[serde(default, rename = "enum")]
    pub(crate) words: Vec<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Sort {
    Boolean,
    Double,
    Float,
    Integer,
    List,
    Long,
    Map,
    String,
    Structure,
    Timestamp,
}

/// A value that a request may carry, and where: a scalar, a list of scalars or a map.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Leaf {
    pub(crate) path: Vec<Segment>,
    /// The shape of the scalar (in a list: of its items) or of the map.
    pub(crate) shape: String,
}

/// One step of a path: a member, and whether it is a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Segment {
    pub(crate) member: String,
    pub(crate) is_list: bool,
}

impl Model {
    /// SageMaker.
    pub(crate) fn sagemaker() -> &'static Self {
        static MODEL: OnceLock<Model> = OnceLock::new();
        MODEL.get_or_init(|| {
            #[derive(Deserialize)]
            struct File {
                services: BTreeMap<String, Model>,
            }
            let text = include_str!("../../fixtures/api-model.json");
            let mut file: File = serde_json::from_str(text).expect("the fixture is a model");
            file.services.remove("sagemaker").expect("of SageMaker too")
        })
    }

    /// The shape of that name.
    pub(crate) fn shape(&self, name: &str) -> &Shape {
        &self.shapes[name]
    }

    /// The shape of an operation's request.
    pub(crate) fn input(&self, operation: &str) -> &str {
        &self.operations[operation].input
    }

    /// All leaves of an operation's request.
    pub(crate) fn leaves(&self, operation: &str) -> Vec<Leaf> {
        let mut leaves = Vec::new();
        self.collect(self.input(operation), &[], &mut leaves);
        leaves
    }

    /// All leaves of an operation's answer.
    pub(crate) fn answers(&self, operation: &str) -> Vec<Leaf> {
        let mut leaves = Vec::new();
        self.collect(&self.operations[operation].output, &[], &mut leaves);
        leaves
    }

    /// The leaves that a structure cannot be without; none, if the shape is no structure.
    pub(crate) fn required_leaves(&self, shape: &str, at: &[Segment]) -> Vec<Leaf> {
        let shape = self.shape(shape);
        let mut leaves = Vec::new();
        for member in &shape.required {
            let (path, inner) = self.step(at, member, &shape.members[member]);
            match self.shape(inner).sort {
                Sort::Structure => leaves.extend(self.required_leaves(inner, &path)),
                _ => leaves.push(Leaf { path, shape: inner.to_owned() }),
            }
        }
        leaves
    }

    fn collect(&self, shape: &str, at: &[Segment], leaves: &mut Vec<Leaf>) {
        for (member, shape) in &self.shape(shape).members {
            let (path, inner) = self.step(at, member, shape);
            match self.shape(inner).sort {
                Sort::Structure => self.collect(inner, &path, leaves),
                _ => leaves.push(Leaf { path, shape: inner.to_owned() }),
            }
        }
    }

    /// Goes down to a member, and through it if it is a list.
    fn step<'a>(&'a self, at: &[Segment], member: &str, shape: &'a str) -> (Vec<Segment>, &'a str) {
        let items = self.shape(shape).member.as_deref();
        let mut path = at.to_vec();
        path.push(Segment { member: member.to_owned(), is_list: items.is_some() });
        (path, items.unwrap_or(shape))
    }
}

impl Leaf {
    /// The leaf's place in a request, such as `InputDataConfig[].DataSource.S3DataSource.S3Uri`.
    pub(crate) fn wire_path(&self) -> String {
        written(self.path.iter().map(|segment| (segment.member.clone(), segment.is_list)))
    }

    /// The leaf's place in a spec, such as `inputDataConfig[].dataSource.s3DataSource.s3Uri`.
    pub(crate) fn spec_path(&self) -> String {
        written(self.path.iter().map(|segment| (segment.spec_name(), segment.is_list)))
    }

    /// Whether it stands in a list of scalars.
    pub(crate) fn is_in_list(&self) -> bool {
        self.path.last().is_some_and(|last| last.is_list)
    }
}

impl Segment {
    /// The name in our specs: with a small first letter, but for those that the first release got wrong.
    pub(crate) fn spec_name(&self) -> String {
        match self.member.as_str() {
            "HookParameters" => return "ruleParameters".to_owned(),
            capital @ ("JoinSource" | "OutputFilter") => return capital.to_owned(),
            _ => {}
        }
        let mut letters = self.member.chars();
        letters.next().into_iter().flat_map(char::to_lowercase).chain(letters).collect()
    }
}

fn written(path: impl Iterator<Item = (String, bool)>) -> String {
    let parts: Vec<_> = path.map(|(name, is_list)| if is_list { format!("{name}[]") } else { name }).collect();
    parts.join(".")
}
