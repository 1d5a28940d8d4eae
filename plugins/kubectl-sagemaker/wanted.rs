//! Which objects are meant: types, names of a type, and names of any type.

use sagemaker_operator::cli::{Complaint, Type, nearest};

/// What was typed. Empty for all there is.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Wanted {
    /// All objects of these types.
    types: Vec<Type>,
    /// Objects of these names; `None` for those of any type.
    names: Vec<(Option<Type>, String)>,
}

impl Wanted {
    /// Reads `TYPE`, `TYPE NAME...`, `TYPE/NAME...`, `NAME...`, and any mix of them: what is no type is a name, of the
    /// type before it if there is one.
    ///
    /// # Errors
    /// A type that is not known, or a name that is missing.
    pub(crate) fn of(words: &[String]) -> Result<Self, Complaint> {
        let mut wanted = Self::default();
        // The type of the names to come, until it has one.
        let (mut open, mut current) = (None, None);
        for word in words {
            match (word.split_once('/'), Type::parse(word)) {
                (Some((type_, name)), _) => {
                    let type_ = Type::parse(type_).ok_or_else(|| no_such_type(type_))?;
                    if name.is_empty() {
                        return Err(Complaint::usage(format!("which {}?", type_.singular())));
                    }
                    wanted.names.push((Some(type_), name.to_owned()));
                }
                (None, Some(type_)) => {
                    wanted.types.extend(open.replace(type_));
                    current = Some(type_);
                }
                (None, None) => {
                    open = None;
                    wanted.names.push((current, word.clone()));
                }
            }
        }
        wanted.types.extend(open);
        Ok(wanted)
    }

    /// The types that have to be looked at.
    pub(crate) fn types(&self) -> Vec<Type> {
        let is_open = self.names.iter().any(|(type_, _)| type_.is_none());
        if is_open || (self.types.is_empty() && self.names.is_empty()) {
            return Type::ALL.to_vec();
        }
        let named = |type_: &Type| self.names.iter().any(|(of, _)| of.as_ref() == Some(type_));
        Type::ALL.into_iter().filter(|type_| self.types.contains(type_) || named(type_)).collect()
    }

    /// The types of which all objects are meant.
    pub(crate) fn whole_types(&self) -> &[Type] {
        &self.types
    }

    /// The names, with their types where they have one.
    pub(crate) fn names(&self) -> &[(Option<Type>, String)] {
        &self.names
    }

    /// Whether an object is meant.
    pub(crate) fn means(&self, type_: Type, name: &str) -> bool {
        let is_all = self.types.is_empty() && self.names.is_empty();
        let is_named = |(of, wanted): &(Option<Type>, String)| wanted == name && of.is_none_or(|of| of == type_);
        is_all || self.types.contains(&type_) || self.names.iter().any(is_named)
    }

    /// What is said of names that no object has.
    pub(crate) fn missing(&self, known: &[(Type, &str)], place: &str) -> Vec<Complaint> {
        let complain = |(type_, name): &(Option<Type>, String)| {
            let same: Vec<&str> =
                known.iter().filter(|(of, _)| type_.is_none_or(|type_| type_ == *of)).map(|(_, name)| *name).collect();
            if same.contains(&name.as_str()) {
                return None;
            }
            let what = type_.map_or_else(|| "object".to_owned(), Type::singular);
            let names: Vec<String> = same.into_iter().map(str::to_owned).collect();
            Some(Complaint::new(format!("{what} {name:?} not found in {place}")).did_you_mean(&nearest(name, &names)))
        };
        self.names.iter().filter_map(complain).collect()
    }

    /// What all of that is called, of which there is none.
    pub(crate) fn name(&self) -> String {
        match &self.types[..] {
            [] => "object".to_owned(),
            types => types.iter().map(|type_| type_.singular()).collect::<Vec<_>>().join(" or "),
        }
    }
}

fn no_such_type(word: &str) -> Complaint {
    Type::unknown(word).hint(format_args!("types: {}", Type::ALL.map(Type::kind).join(", ")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wanted(words: &str) -> Result<Wanted, Complaint> {
        Wanted::of(&words.split_whitespace().map(str::to_owned).collect::<Vec<_>>())
    }

    #[test]
    fn types_names_and_both_are_told_apart() {
        let name = |type_, name: &str| (type_, name.to_owned());
        let (training, model) = (Some(Type::TrainingJob), Some(Type::Model));
        for (words, types, names) in [
            ("", vec![], vec![]),
            ("trainingjobs", vec![Type::TrainingJob], vec![]),
            ("trainingjobs Model", vec![Type::TrainingJob, Type::Model], vec![]),
            ("trainingjob a b", vec![], vec![name(training, "a"), name(training, "b")]),
            ("trainingjob a model", vec![Type::Model], vec![name(training, "a")]),
            ("model/b a", vec![], vec![name(model, "b"), name(None, "a")]),
        ] {
            assert_eq!(wanted(words), Ok(Wanted { types, names }), "{words}");
        }
        assert_eq!(
            wanted("trainjob/a").unwrap_err().to_string().lines().next(),
            Some("error: there is no type \"trainjob\"")
        );
        assert_eq!(wanted("model/").unwrap_err().to_string(), "error: which model?");
    }

    #[test]
    fn only_what_may_be_meant_is_looked_at() {
        assert_eq!(wanted("").unwrap().types(), Type::ALL);
        assert_eq!(wanted("mnist").unwrap().types(), Type::ALL);
        assert_eq!(wanted("model trainingjob/a").unwrap().types(), [Type::TrainingJob, Type::Model]);
        let wanted = wanted("model trainingjob/a").unwrap();
        assert!(wanted.means(Type::Model, "any") && wanted.means(Type::TrainingJob, "a"));
        assert!(!wanted.means(Type::TrainingJob, "b") && !wanted.means(Type::ProcessingJob, "a"));
    }

    #[test]
    fn a_slip_in_a_name_is_told_with_what_it_is_near_to() {
        let known = [(Type::TrainingJob, "mnist"), (Type::Model, "digits")];
        let missing = |words: &str| {
            let missing = wanted(words).unwrap().missing(&known, "namespace ml");
            missing.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
        };
        assert_eq!(missing("mnist model/digits"), "");
        insta::assert_snapshot!(missing("minst model/mnist"), @r#"
        error: object "minst" not found in namespace ml
        did you mean: mnist
        error: model "mnist" not found in namespace ml
        "#);
    }
}
