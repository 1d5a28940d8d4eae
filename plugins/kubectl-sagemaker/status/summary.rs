//! What is said below the table.

use sagemaker_operator::cli::Sign;

use super::row::{Row, Standing};

/// `4 objects: 3 moving, 1 needs you (trainingjob/bert-large).`
pub(super) fn of(rows: &[Row]) -> String {
    let all = format!("{} object{}", rows.len(), if rows.len() == 1 { "" } else { "s" });
    let count = |standing| rows.iter().filter(|row| row.standing == standing).count();
    let words = [
        (Standing::Moving, "moving"),
        (Standing::Ready, "ready"),
        (Standing::Ended, "ended"),
        (Standing::Failed, "failed"),
    ];
    let counts = words.map(|(standing, word)| (count(standing), word));
    let mut parts: Vec<String> =
        counts.iter().filter(|(number, _)| *number > 0).map(|(number, word)| format!("{number} {word}")).collect();
    let stuck: Vec<&str> =
        rows.iter().filter(|row| row.standing == Standing::Stuck).map(|row| row.name.as_str()).collect();
    match stuck[..] {
        [] => {}
        [one] => parts.push(format!("1 needs you ({one})")),
        [one, another] => parts.push(format!("2 need you ({one}, {another})")),
        [one, ..] => parts.push(format!("{} need you ({one}, …)", stuck.len())),
    }
    format!("{all}: {}.", parts.join(", "))
}

/// Whether an operator is there to move things on.
pub(super) fn sign_of_life(sign: &Sign) -> String {
    format!("Operator {}.", sign.told())
}
