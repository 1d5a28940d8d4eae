//! What a person was to put into the installer, and did not.

use crate::lifecycle::{
    ANNOTATION_EKS_ROLE, OPERATOR_ACCOUNT, OPERATOR_DEPLOYMENT, PLACEHOLDER_NAMESPACE, PLACEHOLDER_ROLE,
};

/// A line for each placeholder that is still there, with what to do. `namespace` is the one to look after, `home` the
/// one that the operator runs in, `role` the role in AWS that the pod was given.
pub(super) fn left(namespace: Option<&str>, home: &str, role: Option<&str>) -> Vec<String> {
    let mut lines = Vec::new();
    if namespace == Some(PLACEHOLDER_NAMESPACE) {
        lines.push(format!(
            "--namespace is still {PLACEHOLDER_NAMESPACE}, so that no object is seen; hint: put in the namespace, or write \
             --namespace=$(POD_NAMESPACE) as operator.yaml does"
        ));
    }
    if let Some(role) = role.filter(|role| role.ends_with(&format!("/{PLACEHOLDER_ROLE}"))) {
        lines.push(format!(
            "the role is still the placeholder {role}, so that AWS refuses everything; hint: kubectl annotate --overwrite \
             serviceaccount {OPERATOR_ACCOUNT} -n {home} {ANNOTATION_EKS_ROLE}=ARN, and then kubectl rollout restart \
             deployment {OPERATOR_DEPLOYMENT} -n {home}"
        ));
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_placeholder_is_told_with_what_to_put_there() {
        let role = "arn:aws-cn:iam::123456789012:role/DELETE_ME";
        insta::assert_snapshot!(left(Some("PLACEHOLDER-NAMESPACE"), "ml", Some(role)).join("\n"), @r"
        --namespace is still PLACEHOLDER-NAMESPACE, so that no object is seen; hint: put in the namespace, or write --namespace=$(POD_NAMESPACE) as operator.yaml does
        the role is still the placeholder arn:aws-cn:iam::123456789012:role/DELETE_ME, so that AWS refuses everything; hint: kubectl annotate --overwrite serviceaccount sagemaker-k8s-operator-default -n ml eks.amazonaws.com/role-arn=ARN, and then kubectl rollout restart deployment sagemaker-k8s-operator-controller-manager -n ml
        ");
    }

    #[test]
    fn what_was_put_in_is_not_told() {
        for (namespace, role) in [
            (None, None),
            (Some("ml"), Some("arn:aws:iam::123456789012:role/sagemaker")),
            (Some("placeholder-namespace"), Some("arn:aws:iam::123456789012:role/NEVER_DELETE_ME")),
        ] {
            assert_eq!(left(namespace, "ml", role), Vec::<String>::new());
        }
    }
}
