//! The values of one metric, in their order.

use super::find::{Reading, Unit};

/// A point of a series.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Point {
    /// When the line was written, as smlogs tells it.
    pub(super) time: String,
    pub(super) value: f64,
    /// How far the training was, where the line said so.
    pub(super) step: Option<f64>,
}

/// The values of one metric.
#[derive(Debug, Clone)]
pub(super) struct Series {
    pub(super) metric: String,
    unit: Option<Unit>,
    pub(super) points: Vec<Point>,
}

/// What is better.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Goal {
    Low,
    High,
    Unknown,
}

impl Series {
    /// One more value of a metric. Returns the point that it became.
    pub(super) fn add(all: &mut Vec<Self>, reading: Reading, time: &str) -> Point {
        let Reading { metric, value, step } = reading;
        let at = all.iter().position(|series| series.metric == metric).unwrap_or_else(|| {
            all.push(Self { metric, unit: step.map(|step| step.unit), points: Vec::new() });
            all.len() - 1
        });
        let series = &mut all[at];
        // What counts once by this and once by that counts by neither.
        series.unit = series.unit.filter(|unit| step.is_some_and(|step| step.unit == *unit));
        let point = Point { time: time.to_owned(), value, step: step.map(|step| step.number) };
        // While a log is followed, a line may come after later ones.
        let place = series.points.partition_point(|known| known.time <= point.time);
        series.points.insert(place, point.clone());
        point
    }

    /// What the points are counted by, if all are and it rises: a count that begins anew, or stands, tells no order.
    pub(super) fn unit(&self) -> Option<Unit> {
        let steps: Vec<f64> = self.points.iter().filter_map(|point| point.step).collect();
        let rises = steps.windows(2).all(|pair| pair[0] <= pair[1]);
        let moves = steps.windows(2).filter(|pair| pair[0] < pair[1]).count() * 2 + 2 >= steps.len();
        self.unit.filter(|_| steps.len() == self.points.len() && rises && moves)
    }

    /// The points that are numbers, with what they are counted by.
    pub(super) fn numbers(&self) -> Vec<(f64, f64)> {
        let by_step = self.unit().is_some();
        let counted = self.points.iter().zip(1_u32..).map(|(point, nth)| {
            let x = point.step.filter(|_| by_step).unwrap_or_else(|| f64::from(nth));
            (x, point.value)
        });
        counted.filter(|(_, value)| value.is_finite()).collect()
    }

    /// `validation:error   now 0.0171 (round 199)   best 0.0169 (round 187)`.
    pub(super) fn headline(&self) -> String {
        let numbers = self.numbers();
        let word = self.unit().map_or("value", Unit::word);
        let told = |what: &str, point: Option<&(f64, f64)>| {
            point.map(|(x, value)| format!("{what} {} ({word} {})", short(*value), short(*x)))
        };
        let by_value = |a: &&(f64, f64), b: &&(f64, f64)| a.1.total_cmp(&b.1);
        // Of equals the first.
        let (lowest, highest) = (numbers.iter().min_by(by_value), numbers.iter().rev().max_by(by_value));
        let bests = match goal(&self.metric) {
            Goal::Low => vec![told("best", lowest)],
            Goal::High => vec![told("best", highest)],
            Goal::Unknown => vec![told("lowest", lowest), told("highest", highest)],
        };
        let lost = self.points.iter().position(|point| !point.value.is_finite()).map(|at| {
            let count = self.points.iter().filter(|point| !point.value.is_finite()).count();
            let first = self.points[at].step.filter(|_| self.unit().is_some());
            let first = first.map_or_else(|| format!("value {}", at + 1), |step| format!("{word} {}", short(step)));
            format!("not a number {count} times, first at {first}")
        });
        let parts = [told("now", numbers.last())].into_iter().chain(bests).chain([lost]).flatten();
        std::iter::once(self.metric.clone()).chain(parts).collect::<Vec<_>>().join("   ")
    }
}

fn goal(metric: &str) -> Goal {
    const LOW: [&str; 8] = ["loss", "error", "rmse", "perplexity", "mse", "mae", "mape", "ppl"];
    const HIGH: [&str; 13] =
        ["acc", "auc", "f1", "precision", "recall", "score", "reward", "bleu", "rouge", "ndcg", "iou", ":map", "-map"];
    let lower = metric.to_lowercase();
    let has = |words: &[&str]| words.iter().any(|word| lower.contains(word));
    match (has(&LOW), has(&HIGH)) {
        (true, false) => Goal::Low,
        (false, true) => Goal::High,
        (true, true) | (false, false) => Goal::Unknown,
    }
}

/// A number in the fewest digits that tell it from its neighbours: four that count.
pub(super) fn short(number: f64) -> String {
    let magnitude = number.abs();
    if number.fract() == 0.0 && magnitude < 1e6 {
        return format!("{number:.0}");
    }
    if !(1e-4..1e6).contains(&magnitude) {
        return format!("{number:.2e}");
    }
    let decimals = match magnitude {
        100.0.. => 1,
        10.0.. => 2,
        1.0.. => 3,
        0.1.. => 4,
        0.01.. => 5,
        _ => 6,
    };
    let text = format!("{number:.decimals$}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

#[cfg(test)]
mod tests {
    use super::super::find::Step;
    use super::*;

    fn series(metric: &str, values: &[(Option<f64>, f64)]) -> Series {
        let mut all = Vec::new();
        for (step, value) in values {
            let step = step.map(|number| Step { unit: Unit::Round, number });
            let value = Reading { metric: metric.to_owned(), value: *value, step };
            Series::add(&mut all, value, "");
        }
        all.remove(0)
    }

    #[test]
    fn a_headline_tells_where_it_is_and_where_it_was_best() {
        for (metric, values, headline) in [
            (
                "validation:error",
                &[(Some(0.0), 0.5), (Some(1.0), 0.25), (Some(2.0), 0.25), (Some(3.0), 0.375)][..],
                "validation:error   now 0.375 (round 3)   best 0.25 (round 1)",
            ),
            ("val_acc", &[(None, 0.5), (None, 0.75)], "val_acc   now 0.75 (value 2)   best 0.75 (value 2)"),
            (
                "lr",
                &[(None, 0.1), (None, 1e-5)],
                "lr   now 1.00e-5 (value 2)   lowest 1.00e-5 (value 2)   highest 0.1 (value 1)",
            ),
            (
                "loss",
                &[(Some(1.0), 2.0), (Some(2.0), f64::NAN), (Some(3.0), f64::NAN)],
                "loss   now 2 (round 1)   best 2 (round 1)   not a number 2 times, first at round 2",
            ),
            ("loss", &[(None, f64::NAN)], "loss   not a number 1 times, first at value 1"),
        ] {
            assert_eq!(series(metric, values).headline(), headline);
        }
    }

    #[test]
    fn a_count_that_begins_anew_or_stands_is_not_gone_by() {
        let by = |steps: &[f64]| {
            let values: Vec<_> = steps.iter().map(|step| (Some(*step), 1.0)).collect();
            series("loss", &values).unit().is_some()
        };
        assert!(by(&[0.0]) && by(&[0.0, 1.0, 2.0]) && by(&[0.0, 0.0, 1.0, 1.0, 2.0, 2.0]));
        assert!(!by(&[0.0, 1.0, 0.0, 1.0]) && !by(&[1.0, 1.0, 1.0, 1.0, 2.0]));
        assert!(series("loss", &[(Some(1.0), 1.0), (None, 1.0)]).unit().is_none());
    }

    #[test]
    fn what_comes_late_finds_its_place() {
        let mut all = Vec::new();
        for (time, value) in
            [("10:00:01.000", 1.0), ("10:00:03.000", 3.0), ("10:00:02.000", 2.0), ("10:00:03.000", 4.0)]
        {
            Series::add(&mut all, Reading { metric: "loss".to_owned(), value, step: None }, time);
        }
        let values: Vec<f64> = all[0].points.iter().map(|point| point.value).collect();
        assert_eq!(values, [1.0, 2.0, 3.0, 4.0]);
    }

    #[test]
    fn numbers_are_short() {
        for (number, text) in [
            (0.017_123, "0.01712"),
            (199.0, "199"),
            (2.5, "2.5"),
            (1234.56, "1234.6"),
            (0.000_012, "1.20e-5"),
            (0.0, "0"),
            (-0.25, "-0.25"),
            (3e9, "3.00e9"),
        ] {
            assert_eq!(short(number), text);
        }
    }
}
