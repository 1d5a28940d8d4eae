//! `kubectl sagemaker metrics`: is it learning?

mod find;
mod plot;
mod read;
mod series;

use std::ffi::OsString;
use std::time::Duration;

use clap::{Args, ValueEnum};
use sagemaker_operator::cli::{AwsFlags, Cluster, Complaint, Console, Failure, KubeFlags, Outcome, Type, worst};
use serde_json::{Value, json};
use tokio::time::{Instant, sleep_until};

use crate::canvas::Canvas;
use crate::find::named;
use crate::held::Held;
use crate::wanted::Wanted;
use find::{Finder, Unit};
use read::Log;
use series::{Point, Series};

/// The columns of curves that go to no terminal.
const WIDTH: u16 = 80;
/// The time between two drawings.
const INTERVAL: Duration = Duration::from_millis(500);

/// The flags of `metrics`.
#[derive(Debug, Args)]
pub(crate) struct Metrics {
    /// A job, by its name alone or with its type: mnist, trainingjob/mnist, trainingjob mnist.
    #[arg(value_name = "TYPE|NAME", required = true)]
    words: Vec<String>,
    /// Only metrics whose name has this in it; may be repeated.
    #[arg(long = "metric", value_name = "TEXT")]
    only: Vec<String>,
    /// A metric and the pattern of which the first group is its value, in place of the job's own; may be repeated.
    #[arg(long = "define", value_name = "NAME=REGEX", value_parser = definition)]
    defined: Vec<(String, String)>,
    /// Of a tuning job this trial: best, its number, or the name of its training job.
    #[arg(long, default_value = "best")]
    trial: String,
    /// The host that tells of them, where there are several: 0 is algo-1.
    #[arg(long, default_value_t = 0, value_name = "N")]
    rank: u32,
    /// Goes on as the log does, until the job ends.
    #[arg(short, long)]
    follow: bool,
    /// How it comes out, if not as curves.
    #[arg(short, long, value_name = "FORMAT")]
    output: Option<Output>,
    #[command(flatten)]
    aws: AwsFlags,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Output {
    /// A line for each value
    Csv,
    /// A JSON object a line for each value
    Json,
    /// The curves as a picture
    Svg,
}

fn definition(text: &str) -> Result<(String, String), String> {
    let (name, pattern) = text.split_once('=').ok_or("it has to be NAME=REGEX, such as 'loss=Loss: ([0-9.]+)'")?;
    Ok((name.to_owned(), pattern.to_owned()))
}

impl Metrics {
    pub(crate) async fn run(self, kube: &KubeFlags, console: &mut Console) -> Result<Outcome, Failure> {
        let draws = self.output.is_none() && self.follow;
        if draws && !console.out_is_terminal() {
            let complaint = Complaint::usage("curves that are drawn anew need a terminal");
            return Err(complaint.hint("without -f, or with -o csv or -o json").into());
        }
        if self.follow && self.output == Some(Output::Svg) {
            return Err(Complaint::usage("a picture cannot be followed").hint("without -f, or with -o csv").into());
        }
        let cluster = Cluster::from_flags(kube).await?;
        let (mut found, outcomes) = named(&cluster, &Wanted::of(&self.words)?, "metrics").await?.told(console);
        let Some(held) = found.pop() else { return Ok(worst(outcomes)) };
        if !found.is_empty() || !outcomes.is_empty() {
            return Err(Complaint::usage("one job at a time: which?").into());
        }
        let finder = self.finder(&held)?;
        let log = Log::open(self.log(&held, kube)?, draws)?;
        let mut seen = Seen { finder, only: &self.only, rank: self.rank, all: Vec::new(), lines: 0 };
        let outcome =
            if draws { follow(log, &mut seen, console).await? } else { self.read(log, &mut seen, console).await? };
        if seen.all.is_empty() {
            // Why the log could not be read has been said.
            return if outcome == Outcome::Done { Err(seen.nothing(&held).into()) } else { Ok(outcome) };
        }
        match self.output {
            Some(Output::Csv | Output::Json) => {}
            Some(Output::Svg) => {
                let svg = plot::picture(&seen.all);
                console
                    .print(&svg.map_err(|error| Complaint::new(format!("the picture cannot be drawn: {error}")))?)?;
            }
            None if draws => {}
            None => {
                let width = if console.out_is_terminal() { console.width() } else { WIDTH };
                console.print(&(seen.curves(width).join("\n") + "\n"))?;
            }
        }
        Ok(outcome)
    }

    /// The metrics of the job's own definitions, or of those that were typed.
    fn finder(&self, held: &Held) -> Result<Finder, Complaint> {
        if !self.defined.is_empty() {
            return Finder::new(&self.defined);
        }
        let spec = &held.stored.data["spec"];
        let definitions = [
            &spec["algorithmSpecification"]["metricDefinitions"],
            &spec["trainingJobDefinition"]["algorithmSpecification"]["metricDefinitions"],
        ];
        let text = |it: &Value, field: &str| it[field].as_str().map(str::to_owned);
        let definitions = definitions.into_iter().filter_map(Value::as_array).flatten();
        let definitions: Vec<_> = definitions.filter_map(|it| text(it, "name").zip(text(it, "regex"))).collect();
        Finder::new(&definitions)
    }

    /// What `kubectl smlogs` is told to read.
    fn log(&self, held: &Held, kube: &KubeFlags) -> Result<Vec<OsString>, Complaint> {
        let title = held.object.title();
        if held.object.type_.logged().is_none() {
            return Err(Complaint::usage(format!("{title} has no log")));
        }
        let mut args: Vec<OsString> = vec![title.into()];
        if held.object.type_ == Type::HyperparameterTuningJob {
            args.extend(["--trial".into(), (&self.trial).into()]);
        }
        args.extend(self.follow.then(|| "-f".into()));
        args.extend(kube.to_args());
        args.extend(self.aws.to_args());
        Ok(args)
    }

    /// Reads all of it; what is to come out line by line does so at once.
    async fn read(&self, mut log: Log, seen: &mut Seen<'_>, console: &mut Console) -> Result<Outcome, Failure> {
        if self.output == Some(Output::Csv) {
            console.print(&csv_row(CSV))?;
        }
        while let Some(line) = log.next().await? {
            for (metric, unit, point) in seen.take(&line) {
                let text = match self.output {
                    Some(Output::Csv) => csv(&metric, unit, &point),
                    Some(Output::Json) => as_json(&metric, unit, &point),
                    Some(Output::Svg) | None => continue,
                };
                console.print(&text)?;
                if self.follow {
                    console.flush()?;
                }
            }
        }
        Ok(log.end().await?.0)
    }
}

/// Draws the curves anew as they grow.
async fn follow(mut log: Log, seen: &mut Seen<'_>, console: &mut Console) -> Result<Outcome, Failure> {
    let mut canvas = Canvas::default();
    let mut draw = |seen: &Seen<'_>, console: &mut Console| {
        let mut lines = if seen.all.is_empty() { vec![seen.waiting()] } else { seen.curves(console.width()) };
        lines.truncate(usize::from(console.height()).saturating_sub(1).max(1));
        canvas.draw(lines.iter().map(String::as_str), console)
    };
    draw(seen, console)?;
    let mut due = None;
    loop {
        tokio::select! {
            line = log.next() => match line? {
                Some(line) => {
                    seen.take(&line);
                    due.get_or_insert_with(|| Instant::now() + INTERVAL);
                }
                None => break,
            },
            () = sleep_until(due.unwrap_or_else(Instant::now)), if due.is_some() => {
                draw(seen, console)?;
                due = None;
            }
        }
    }
    draw(seen, console)?;
    let (outcome, said) = log.end().await?;
    if !said.is_empty() {
        console.say(&said);
    }
    Ok(outcome)
}

/// What was seen so far.
struct Seen<'a> {
    finder: Finder,
    only: &'a [String],
    rank: u32,
    all: Vec<Series>,
    lines: usize,
}

impl Seen<'_> {
    /// Takes a line. Returns what it adds.
    fn take(&mut self, line: &read::Line) -> Vec<(String, Option<Unit>, Point)> {
        self.lines += 1;
        if line.rank.is_some_and(|rank| rank != self.rank) {
            return Vec::new();
        }
        let is_wanted =
            |metric: &str| self.only.is_empty() || self.only.iter().any(|text| metric.contains(text.as_str()));
        let time = line.timestamp.as_deref().unwrap_or_default();
        let readings = self.finder.values(&line.message).into_iter().filter(|reading| is_wanted(&reading.metric));
        let added = readings.map(|reading| {
            let (metric, unit) = (reading.metric.clone(), reading.step.map(|step| step.unit));
            let point = Series::add(&mut self.all, reading, time);
            (metric, unit, point)
        });
        added.collect()
    }

    fn curves(&self, width: u16) -> Vec<String> {
        self.all.iter().flat_map(|series| plot::lines(series, width)).collect()
    }

    fn waiting(&self) -> String {
        format!("no metric in {} lines so far", self.lines)
    }

    fn nothing(&self, held: &Held) -> Complaint {
        let which = if self.only.is_empty() { String::new() } else { format!(" named {}", self.only.join(" or ")) };
        let title = held.object.title();
        let complaint = Complaint::new(format!("no metric{which} in the {} lines of the log of {title}", self.lines));
        complaint.hint(
            "say how it is printed: --define 'loss=Loss: ([0-9.]+)', or spec.algorithmSpecification.metricDefinitions",
        )
    }
}

/// The columns of CSV.
const CSV: [&str; 5] = ["metric", "count", "number", "time", "value"];

fn csv(metric: &str, unit: Option<Unit>, point: &Point) -> String {
    let step = point.step.map(|step| step.to_string()).unwrap_or_default();
    csv_row([metric, unit.map_or("", Unit::word), &step, &point.time, &point.value.to_string()])
}

fn csv_row(columns: [&str; 5]) -> String {
    let mut writer = csv::Writer::from_writer(Vec::new());
    // Neither memory nor text can refuse a row.
    let row = writer.write_record(columns).ok().and_then(|()| writer.into_inner().ok()).unwrap_or_default();
    String::from_utf8(row).unwrap_or_default()
}

fn as_json(metric: &str, unit: Option<Unit>, point: &Point) -> String {
    let mut value = json!({ "metric": metric, "time": point.time, "value": point.value });
    if let Some((unit, step)) = unit.zip(point.step) {
        value[unit.word()] = json!(step);
    }
    format!("{value}\n")
}
