//! Without `-f`: the whole log in strict order, or the end of it.

use insta::assert_snapshot;
use serde_json::json;

use super::story::{Story, assert_same, lines};

#[test]
fn a_log_is_read_whole_or_in_part() {
    let story = Story::at_speed("read", 50.0);
    let knobs = json!({ "sandbox_training_seconds": "400", "sandbox_lines_per_second": "40", "sandbox_seed": "7" });
    story.ended_job("whole", 3, &knobs);
    let written = story.written("whole");
    assert!(written.len() > 500, "{} lines", written.len());

    let whole = story.smlogs(["TrainingJobs", "whole"]).run();
    assert_snapshot!(whole.stderr, @r#""whole" has SageMaker TrainingJobName "whole" in region "us-west-2", status "Completed" and secondary status "Completed""#);
    let printed = lines(&whole.stdout);
    assert_same(&printed, &written);
    // Lines of one millisecond are ordered by the service's ids, those of one host as they were written.
    assert!(printed.is_sorted_by_key(|line| time_of(line)), "the whole in the order of time");
    for host in ["whole/algo-1-", "whole/algo-2-", "whole/algo-3-"] {
        assert_eq!(of_host(host, &printed), of_host(host, &written));
    }

    let tail = lines(&story.smlogs(["trainingjob/whole", "--tail", "20"]).run().ok());
    assert_eq!(tail, printed[printed.len() - 20..], "the last 20 lines");
    assert_eq!(lines(&story.smlogs(["trainingjob/whole", "--tail", "0"]).run().ok()), Vec::<String>::new());
    let more_than_all = (written.len() + 10).to_string();
    assert_eq!(lines(&story.smlogs(["trainingjob/whole", "--tail", &more_than_all]).run().ok()), printed);

    let of_two = lines(&story.smlogs(["trainingjob", "whole", "-p", "algo-2"]).run().ok());
    assert_eq!(of_two, of_host("whole/algo-2-", &printed), "one host");

    let hidden = lines(&story.smlogs(["trainingjob", "whole", "--tail", "1", "--hide-log-stream-name"]).run().ok());
    let (_, without_stream) = printed[printed.len() - 1].split_once(' ').unwrap();
    assert_eq!(hidden, [without_stream]);

    let short = story.smlogs(["trainingjob", "whole", "--tail", "1", "-o", "short", "-p", "algo-3"]).run().ok();
    assert!(short.starts_with("algo-3 ") && !short.contains("UTC"), "{short}");
}

/// The time of a line as text, with all its digits so that texts order as times.
fn time_of(line: &str) -> String {
    let time = line.split(' ').nth(2).expect("a line has a time");
    let (seconds, fraction) = time.split_once('.').unwrap_or((time, ""));
    format!("{seconds}.{fraction:0<3}")
}

fn of_host(host: &str, lines: &[String]) -> Vec<String> {
    lines.iter().filter(|line| line.starts_with(host)).cloned().collect()
}

#[test]
fn a_closed_pipe_ends_it_quietly() {
    let story = Story::at_speed("pipe", 50.0);
    let knobs =
        json!({ "sandbox_training_seconds": "200", "sandbox_lines_per_second": "2000", "sandbox_line_bytes": "200" });
    story.ended_job("long", 1, &knobs);
    let smlogs = "kubectl smlogs trainingjob long -n \"$NAMESPACE\" | head -n 1; echo \"${PIPESTATUS[0]}\" >&2";
    let shell = story.home.cluster().program(std::path::Path::new("bash"));
    let piped = shell.envs(story.aws.env(crate::support::simulator::Keys::default()));
    let piped = piped.env("NAMESPACE", story.home.name()).args(["-c", smlogs]).run();
    assert_eq!(lines(&piped.stdout).len(), 1);
    let said = lines(&piped.stderr);
    assert_eq!(said.last().map(String::as_str), Some("0"), "{said:?}");
    assert_eq!(said.len(), 2, "nothing but the header is said: {said:?}");
}
