//! `kubectl sagemaker status`: what is going on?

mod live;
mod row;
mod summary;
pub(crate) mod table;

use chrono::Utc;
use clap::{Args, ValueEnum};
use futures::future::join_all;
use kube::api::DynamicObject;
use sagemaker_operator::cli::{
    Chosen, Cluster, Complaint, Console, Failure, KubeFlags, Object, Outcome, Type, list, operator_sign, worst,
};
use serde_json::json;

use crate::wanted::Wanted;
use row::Standing;
pub(crate) use row::{Row, hosts};

/// The flags of `status`.
#[derive(Debug, Args)]
#[expect(clippy::struct_excessive_bools, reason = "flags are")]
pub(crate) struct Status {
    /// Types and names, such as: trainingjob, trainingjob/mnist, or just a name. Without any: all objects.
    #[arg(value_name = "TYPE|NAME")]
    words: Vec<String>,
    /// In all namespaces.
    #[arg(short = 'A', long)]
    all_namespaces: bool,
    /// Only objects with these labels, such as team=vision.
    #[arg(short = 'l', long, value_name = "LABELS")]
    selector: Option<String>,
    /// Only what has not ended.
    #[arg(long)]
    active: bool,
    /// Only what has failed or needs somebody.
    #[arg(long, conflicts_with = "active")]
    failed: bool,
    /// Goes on to show what changes, until Ctrl-C.
    #[arg(short, long)]
    watch: bool,
    /// How it comes out.
    #[arg(short, long, value_name = "FORMAT")]
    output: Option<Output>,
    /// The column that decides the order.
    #[arg(long, value_name = "COLUMN", default_value = "name")]
    sort_by: SortBy,
    /// Without the table's first line.
    #[arg(long)]
    no_headers: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Output {
    /// With the names in SageMaker, the instances and the console's pages
    Wide,
    /// The objects, as JSON
    Json,
    /// The objects, as YAML
    Yaml,
    /// TYPE/NAME, one a line
    Name,
}

/// What the table is sorted by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum SortBy {
    /// By namespace and name
    Name,
    /// The youngest first
    Age,
    /// What needs somebody first, what has ended last
    Status,
    /// By region
    Region,
}

/// What the cluster holds of what is wanted.
struct Found {
    objects: Vec<(Object, DynamicObject)>,
    /// What could not be listed, and names that nothing has.
    missed: Vec<Complaint>,
}

impl Status {
    pub(crate) async fn run(self, kube: &KubeFlags, console: &mut Console) -> Result<Outcome, Failure> {
        let wanted = Wanted::of(&self.words)?;
        if self.watch && matches!(self.output, Some(Output::Json | Output::Yaml | Output::Name)) {
            let complaint = Complaint::usage("--watch shows a table: it has no other form than -o wide");
            return Err(complaint.hint("kubectl get KIND --watch -o json").into());
        }
        let cluster = Cluster::from_flags(kube).await?;
        if self.watch {
            return Box::pin(live::run(&self, &cluster, &wanted, console)).await;
        }
        let (found, sign) = tokio::join!(self.find(&cluster, &wanted), operator_sign(&cluster, cluster.namespace()));
        let Found { objects, missed } = found?;
        let failures: Vec<Outcome> = missed.iter().map(Complaint::outcome).collect();
        for complaint in &missed {
            console.say(&complaint.to_string());
        }
        let outcome = worst(failures.into_iter().chain([Outcome::Done]));
        match self.output {
            Some(Output::Json) => print_json(objects, console)?,
            Some(Output::Yaml) => print_yaml(objects, console)?,
            Some(Output::Name) => {
                for (object, _) in &objects {
                    console.print(&format!("{}\n", object.title()))?;
                }
            }
            None | Some(Output::Wide) if objects.is_empty() => {
                if missed.is_empty() {
                    console.say(&format!("{} {}", self.nothing(&cluster, &wanted), summary::sign_of_life(&sign)));
                }
            }
            None | Some(Output::Wide) => {
                let rows = rows(&objects);
                console.print(&table::draw(&rows, self.look(console)))?;
                console.flush()?;
                console.say(&format!("{} {}", summary::of(&rows), summary::sign_of_life(&sign)));
            }
        }
        Ok(outcome)
    }

    /// All objects that are meant. What of one kind cannot be listed keeps nobody from seeing the others.
    async fn find(&self, cluster: &Cluster, wanted: &Wanted) -> Result<Found, Complaint> {
        let chosen = Chosen { labels: self.selector.clone(), all_namespaces: self.all_namespaces };
        let types = wanted.types();
        let answers = join_all(types.iter().map(|type_| list(cluster, *type_, &chosen))).await;
        let (mut objects, mut missed) = (Vec::new(), Vec::new());
        for (type_, answer) in types.iter().zip(answers) {
            match answer {
                Ok(found) => {
                    objects.extend(found.into_iter().map(|object| (Object::new(*type_, object.clone()), object)));
                }
                Err(complaint) => missed.push(complaint),
            }
        }
        if missed.len() == types.len() {
            return Err(missed.swap_remove(0));
        }
        let known: Vec<(Type, &str)> = objects.iter().map(|(object, _)| (object.type_, &*object.name)).collect();
        missed.extend(wanted.missing(&known, &self.place(cluster)));
        objects.retain(|(object, _)| wanted.means(object.type_, &object.name) && self.shows(object));
        objects.sort_by_cached_key(|(object, _)| self.order(object));
        Ok(Found { objects, missed })
    }

    fn shows(&self, object: &Object) -> bool {
        match Standing::of(object) {
            Standing::Moving | Standing::Ready => !self.failed,
            Standing::Ended => !self.failed && !self.active,
            Standing::Failed => !self.active,
            Standing::Stuck => true,
        }
    }

    /// What the objects are sorted by, before their namespaces and names.
    fn order(&self, object: &Object) -> (String, i64, String, String) {
        let (text, number) = match self.sort_by {
            SortBy::Name => (String::new(), 0),
            SortBy::Age => (String::new(), -object.created.map_or(i64::MAX, |created| created.timestamp())),
            SortBy::Status => (String::new(), Standing::of(object) as i64),
            SortBy::Region => (object.region().map(|region| region.to_string()).unwrap_or_default(), 0),
        };
        (text, number, object.namespace.clone(), object.title())
    }

    fn look(&self, console: &Console) -> table::Look {
        table::Look {
            namespaces: self.all_namespaces,
            wide: self.output == Some(Output::Wide),
            headers: !self.no_headers,
            width: console.out_is_terminal().then(|| console.width()),
        }
    }

    fn place(&self, cluster: &Cluster) -> String {
        if self.all_namespaces { "any namespace".to_owned() } else { format!("namespace {}", cluster.namespace()) }
    }

    /// What is said if there is nothing to show.
    fn nothing(&self, cluster: &Cluster, wanted: &Wanted) -> String {
        let labels = self.selector.as_ref().map(|labels| format!(" with labels {labels}")).unwrap_or_default();
        let which = match (self.active, self.failed) {
            (true, _) => "that has not ended ",
            (_, true) => "that has failed or needs you ",
            _ => "",
        };
        format!("No {}{labels} {which}in {}.", wanted.name(), self.place(cluster))
    }
}

fn rows(objects: &[(Object, DynamicObject)]) -> Vec<Row> {
    let now = Utc::now();
    objects.iter().map(|(object, _)| Row::new(object, now)).collect()
}

fn print_json(objects: Vec<(Object, DynamicObject)>, console: &mut Console) -> Result<(), Failure> {
    let text = serde_json::to_string_pretty(&as_list(objects))
        .map_err(|error| Complaint::new(format!("cannot write the objects as JSON: {error}")))?;
    console.print(&text)?;
    console.print("\n")?;
    Ok(())
}

fn print_yaml(objects: Vec<(Object, DynamicObject)>, console: &mut Console) -> Result<(), Failure> {
    let text = serde_yaml::to_string(&as_list(objects))
        .map_err(|error| Complaint::new(format!("cannot write the objects as YAML: {error}")))?;
    console.print(&text)?;
    Ok(())
}

fn as_list(objects: Vec<(Object, DynamicObject)>) -> serde_json::Value {
    let items: Vec<DynamicObject> = objects.into_iter().map(|(_, object)| object).collect();
    json!({ "apiVersion": "v1", "kind": "List", "items": items })
}
