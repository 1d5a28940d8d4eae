//! What becomes of a resource when its object is deleted.

use std::str::FromStr;

use super::InvalidIdent;

/// On an object: `stop` or `retain`.
pub const ANNOTATION_DELETION: &str = "sagemaker.aws.amazon.com/deletion-policy";

/// What becomes of a resource when its object is deleted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum DeletionPolicy {
    /// A job is stopped and a lasting resource deleted, and the object is held until that is over.
    #[default]
    Stop,
    /// It is left as it is, and the object goes at once.
    Retain,
}

impl FromStr for DeletionPolicy {
    type Err = InvalidIdent;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "stop" => Ok(Self::Stop),
            "retain" => Ok(Self::Retain),
            _ => Err(InvalidIdent::new(text, "a deletion policy: stop or retain")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_two_words_are_policies() {
        assert_eq!("stop".parse(), Ok(DeletionPolicy::Stop));
        assert_eq!("retain".parse(), Ok(DeletionPolicy::Retain));
        for wrong in ["", "Retain", "delete", "orphan"] {
            let error = wrong.parse::<DeletionPolicy>().unwrap_err().to_string();
            assert!(error.contains("stop or retain"), "{error}");
        }
    }
}
