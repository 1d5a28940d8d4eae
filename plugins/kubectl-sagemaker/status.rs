//! `kubectl sagemaker status`: what is going on?

use chrono::Utc;
use clap::{Args, ValueEnum};
use kube::api::DynamicObject;
use sagemaker_operator::cli::{
    Cluster, Complaint, Console, Failure, KubeFlags, Object, OperatorLease, Outcome, Type, list, operator_lease, span,
};
use serde_json::json;

use crate::table::{self, Row, Standing};

/// The flags of `status`.
#[derive(Debug, Args)]
pub(crate) struct Status {
    /// In all namespaces.
    #[arg(short = 'A', long)]
    all_namespaces: bool,
    /// How it comes out.
    #[arg(short, long, value_name = "FORMAT")]
    output: Option<Output>,
    /// Without the table's first line.
    #[arg(long)]
    no_headers: bool,
}

/// The kinds that run to an end.
const JOBS: [Type; 4] =
    [Type::TrainingJob, Type::ProcessingJob, Type::BatchTransformJob, Type::HyperparameterTuningJob];

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Output {
    /// With the names in SageMaker and the instances
    Wide,
    /// The objects, as JSON
    Json,
    /// TYPE/NAME, one a line
    Name,
}

impl Status {
    pub(crate) async fn run(self, kube: &KubeFlags, console: &mut Console) -> Result<Outcome, Failure> {
        let cluster = Cluster::from_flags(kube).await?;
        let (found, lease) = tokio::join!(found(&cluster, self.all_namespaces, console), operator_lease(&cluster));
        let found = found?;
        if self.output == Some(Output::Json) {
            let items: Vec<_> = found.into_iter().map(|(_, object)| object).collect();
            print_json(&items, console)?;
            return Ok(Outcome::Done);
        }
        let objects: Vec<Object> = found.into_iter().map(|(type_, object)| Object::new(type_, object)).collect();
        if objects.is_empty() {
            let place = if self.all_namespaces {
                "any namespace".to_owned()
            } else {
                format!("namespace {}", cluster.namespace())
            };
            console.say(&format!("No jobs in {place}. {}", sign_of_life(lease)));
            return Ok(Outcome::Done);
        }
        if self.output == Some(Output::Name) {
            for object in &objects {
                console.print(&format!("{}\n", object.title()))?;
            }
            return Ok(Outcome::Done);
        }
        let now = Utc::now();
        let mut rows: Vec<Row> = objects.iter().map(|object| Row::new(object, now)).collect();
        rows.sort_by(|a, b| (&a.namespace, &a.name).cmp(&(&b.namespace, &b.name)));
        let look = table::Look {
            namespaces: self.all_namespaces,
            wide: self.output == Some(Output::Wide),
            headers: !self.no_headers,
            width: console.out_is_terminal().then(|| console.width()),
        };
        console.print(&table::draw(&rows, look))?;
        console.flush()?;
        console.say(&format!("{} {}", summary(&rows), sign_of_life(lease)));
        Ok(Outcome::Done)
    }
}

/// All jobs. What of one kind cannot be listed keeps nobody from seeing the others.
async fn found(
    cluster: &Cluster,
    all_namespaces: bool,
    console: &mut Console,
) -> Result<Vec<(Type, DynamicObject)>, Failure> {
    let asked = JOBS.map(|type_| async move { (type_, list(cluster, type_, all_namespaces).await) });
    let [training, processing, transform, tuning] = asked;
    let answers: [_; JOBS.len()] = tokio::join!(training, processing, transform, tuning).into();
    let (mut found, mut complaints) = (Vec::new(), Vec::new());
    for (type_, answer) in answers {
        match answer {
            Ok(objects) => found.extend(objects.into_iter().map(|object| (type_, object))),
            Err(complaint) => complaints.push(complaint),
        }
    }
    if complaints.len() == JOBS.len() {
        return Err(complaints.swap_remove(0).into());
    }
    for complaint in complaints {
        console.say(&format!("warning: {complaint}"));
    }
    Ok(found)
}

fn print_json(items: &[DynamicObject], console: &mut Console) -> Result<(), Failure> {
    let all = json!({ "apiVersion": "v1", "kind": "List", "items": items });
    let text = serde_json::to_string_pretty(&all)
        .map_err(|error| Complaint::new(format!("cannot write the objects as JSON: {error}")))?;
    console.print(&text)?;
    console.print("\n")?;
    Ok(())
}

/// `4 objects: 3 moving, 1 needs you (trainingjob/bert-large).`
fn summary(rows: &[Row]) -> String {
    let all = format!("{} object{}", rows.len(), if rows.len() == 1 { "" } else { "s" });
    let count = |standing| rows.iter().filter(|row| row.standing == standing).count();
    let stuck: Vec<&str> =
        rows.iter().filter(|row| row.standing == Standing::Stuck).map(|row| row.name.as_str()).collect();
    let mut parts = Vec::new();
    for (number, word) in [(count(Standing::Moving), "moving"), (count(Standing::Ended), "ended")] {
        if number > 0 {
            parts.push(format!("{number} {word}"));
        }
    }
    match stuck[..] {
        [] => {}
        [one] => parts.push(format!("1 needs you ({one})")),
        [one, another] => parts.push(format!("2 need you ({one}, {another})")),
        [one, ..] => parts.push(format!("{} need you ({one}, …)", stuck.len())),
    }
    format!("{all}: {}.", parts.join(", "))
}

fn sign_of_life(lease: Option<OperatorLease>) -> String {
    let Some(OperatorLease { renewed, lasts }) = lease else {
        return "Operator unknown: its Lease cannot be read.".to_owned();
    };
    let ago = (Utc::now() - renewed).to_std().unwrap_or_default();
    if ago <= lasts {
        format!("Operator alive, last seen {} ago.", span(ago))
    } else {
        format!("Operator not running: last seen {} ago.", span(ago))
    }
}
