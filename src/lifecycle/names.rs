//! Names in SageMaker, bit for bit as the original operator makes them: they are how running resources are found again.

/// The name of a resource whose object gives none: the object's name and its uid, at most `limit` bytes. A point, which
/// names in Kubernetes may have and SageMaker refuses, is a hyphen: nothing can run under the name with the point.
///
/// ```
/// use sagemaker_operator::lifecycle::resource_name;
///
/// let name = resource_name("cf1e16fb-10a5-11ea-aa45-0a350733ba06", "xgboost-mnist", 63);
/// assert_eq!(name, "xgboost-mnist-cf1e16fb10a511eaaa450a350733ba06");
/// ```
pub fn resource_name(uid: &str, object_name: &str, limit: usize) -> String {
    generated(&bare_uid(uid), &object_name.replace('.', "-"), limit)
}

/// `optional-required`, shortened to `limit` bytes at the end of `optional`; `required` alone where nothing of `optional`
/// would be left.
pub fn generated(required: &str, optional: &str, limit: usize) -> String {
    let whole = optional.len() + 1 + required.len();
    let excess = whole.saturating_sub(limit);
    if excess < optional.len() {
        format!("{}-{required}", first_bytes(optional, optional.len() - excess))
    } else if excess == 0 {
        // Only for an empty `optional`, which the original keeps with its dash.
        format!("-{required}")
    } else {
        first_bytes(required, limit).to_owned()
    }
}

/// Whether the name carries the object's uid as [`resource_name`] puts it there.
pub fn embeds_uid(name: &str, uid: &str) -> bool {
    let bare = bare_uid(uid);
    bare.len() == 32 && (name == bare || name.strip_suffix(&bare).is_some_and(|rest| rest.ends_with('-')))
}

/// Whether SageMaker started the training job of that name for the tuning job of that name: it names trials after their
/// tuning job, with a number and eight letters or digits.
pub fn is_trial_of(trial: &str, tuning_job: &str) -> bool {
    let parts: Option<Vec<&str>> = trial.strip_prefix(tuning_job).map(|rest| rest.split('-').collect());
    parts.is_some_and(|parts| {
        matches!(parts[..], ["", number, suffix]
            if number.len() >= 3 && number.bytes().all(|digit| digit.is_ascii_digit())
            && suffix.len() == 8 && suffix.bytes().all(|letter| letter.is_ascii_alphanumeric()))
    })
}

fn bare_uid(uid: &str) -> String {
    uid.replace('-', "")
}

/// Kubernetes' names are ASCII; should one not be, the cut goes to the character before.
fn first_bytes(text: &str, length: usize) -> &str {
    &text[..text.floor_char_boundary(length)]
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const UID: &str = "cf1e16fb-10a5-11ea-aa45-0a350733ba06";
    const BARE: &str = "cf1e16fb10a511eaaa450a350733ba06";

    #[test]
    fn names_are_those_of_the_original() {
        let thirty = "a23456789b23456789c23456789d2-";
        for (object, limit, name) in [
            ("xgboost-mnist", 63, format!("xgboost-mnist-{BARE}")),
            // Exactly at the limit, and one byte above it.
            ("a23456789b23456789c23456789d23", 63, format!("a23456789b23456789c23456789d23-{BARE}")),
            ("a23456789b23456789c23456789d234", 63, format!("a23456789b23456789c23456789d23-{BARE}")),
            // A cut that ends in a dash gives two, which SageMaker takes.
            ("a23456789b23456789c23456789d2-xyz", 63, format!("{thirty}-{BARE}")),
            // Tuning jobs: nothing of the object's name fits.
            ("xgboost-mnist-hpo", 32, BARE.to_owned()),
            ("x", 33, BARE.to_owned()),
            ("x", 34, format!("x-{BARE}")),
            ("xy", 34, format!("x-{BARE}")),
            ("with.dot", 63, format!("with-dot-{BARE}")),
        ] {
            assert_eq!(resource_name(UID, object, limit), name, "{object} within {limit}");
        }
    }

    #[test]
    fn only_a_name_that_ends_in_the_uid_embeds_it() {
        assert!(embeds_uid(&format!("x-{BARE}"), UID));
        assert!(embeds_uid(BARE, UID));
        assert!(!embeds_uid(&format!("x{BARE}"), UID), "no dash");
        assert!(!embeds_uid(&format!("{BARE}-x"), UID));
        assert!(!embeds_uid("anything-", ""), "an empty uid is no proof");
    }

    proptest! {
        #[test]
        fn a_name_keeps_the_limit_and_is_found_again(object in "[a-z0-9]([a-z0-9.-]{0,80}[a-z0-9])?", limit in 32_usize..=63) {
            let name = resource_name(UID, &object, limit);
            prop_assert!(name.len() <= limit);
            prop_assert!(embeds_uid(&name, UID));
            prop_assert_eq!(&name, &resource_name(UID, &object, limit));
        }

        #[test]
        fn no_text_makes_it_panic(required in ".{0,40}", optional in ".{0,40}", limit in 0_usize..=63) {
            let _ = generated(&required, &optional, limit);
        }
    }
}
