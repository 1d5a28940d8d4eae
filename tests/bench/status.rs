//! `kubectl sagemaker status` of a thousand objects.

use std::process::Stdio;

use http::Method;
use serde_json::json;

use crate::measure::{self, Taken, median};
use crate::stage::Stage;
use crate::table::{Row, Table};

const OBJECTS: usize = 1000;
const RUNS: usize = 15;

/// All of them in one namespace. `kubectl get` of the same objects stands beside it.
pub(crate) fn run(table: &mut Table) {
    let stage = Stage::new("status", 1.0);
    let (cluster, namespace) = (stage.home.cluster(), stage.home.name());
    let path = format!("/apis/sagemaker.aws.amazon.com/v1/namespaces/{namespace}/trainingjobs");
    for number in 0..OBJECTS {
        let name = format!("job-{number:04}");
        cluster.request(Method::POST, &path, Some(&Stage::object(&name, 1))).expect("an object can be made");
        let status = json!({ "trainingJobStatus": "InProgress", "secondaryStatus": "Training" });
        stage.home.report("trainingjobs", &name, &status);
    }
    let millis = |taken: Taken| taken.wall.as_secs_f64() * 1000.0;
    let (mut ours, mut kubectl) = (Vec::new(), Vec::new());
    for _ in 0..RUNS {
        ours.push(millis(measure::run(&mut stage.sagemaker(&["status"]), Stdio::null())));
        kubectl.push(millis(measure::run(&mut stage.kubectl_get_all(), Stdio::null())));
    }
    let row = |figure: &str, ours, goal| Row { figure: figure.to_owned(), plain: None, ours, goal, unit: "ms" };
    table.add(row("status of 1,000 objects", median(ours), Some(300.0)));
    table.add(row("kubectl get of them beside it", median(kubectl), None));
}
