//! Who may take on a role: the operator by its `ServiceAccount`, and for a namespace's own role the operator.

use std::collections::BTreeMap;

use super::document::{Condition, Document, Partition, Statement, Strings};
use crate::lifecycle::OPERATOR_ACCOUNT;

/// The trust of a role for the operator in that namespace, by the issuer of the cluster's tokens (IRSA).
///
/// Source: <https://docs.aws.amazon.com/eks/latest/userguide/associate-service-account-role.html>
#[must_use]
pub fn by_issuer(partition: Partition, account: &str, issuer: &str, namespace: &str) -> Document {
    let issuer = without_scheme(issuer);
    let provider = format!("arn:{partition}:iam::{account}:oidc-provider/{issuer}");
    let subject = format!("system:serviceaccount:{namespace}:{OPERATOR_ACCOUNT}");
    let is_it = [(format!("{issuer}:aud"), "sts.amazonaws.com".into()), (format!("{issuer}:sub"), subject.into())];
    let condition = Condition::from([("StringEquals", is_it.into())]);
    trust(("Federated", provider), "sts:AssumeRoleWithWebIdentity".into(), condition)
}

/// The issuer as IAM names its provider.
fn without_scheme(issuer: &str) -> &str {
    issuer.strip_prefix("https://").unwrap_or(issuer).trim_end_matches('/')
}

/// The trust of a role for the operator in that namespace, by EKS Pod Identity.
///
/// Source: <https://docs.aws.amazon.com/eks/latest/userguide/pod-id-role.html>
#[must_use]
pub fn by_pod_identity(namespace: &str) -> Document {
    let is_it = [
        ("aws:RequestTag/kubernetes-namespace".to_owned(), namespace.into()),
        ("aws:RequestTag/kubernetes-service-account".to_owned(), OPERATOR_ACCOUNT.into()),
    ];
    let condition = Condition::from([("StringEquals", is_it.into())]);
    let actions = Strings(vec!["sts:AssumeRole".to_owned(), "sts:TagSession".to_owned()]);
    trust(("Service", "pods.eks.amazonaws.com".to_owned()), actions, condition)
}

/// The trust of the role that a namespace names for its objects: the operator's own role takes it on, and only for
/// that namespace.
#[must_use]
pub fn by_operator(operator_role: &str, namespace: &str) -> Document {
    let is_it = BTreeMap::from([("sts:ExternalId".to_owned(), namespace.into())]);
    let condition = Condition::from([("StringEquals", is_it)]);
    trust(("AWS", operator_role.to_owned()), "sts:AssumeRole".into(), condition)
}

fn trust(principal: (&'static str, String), action: Strings, condition: Condition) -> Document {
    let principal = Some([principal].into());
    Document::new(vec![Statement {
        sid: None,
        effect: "Allow",
        principal,
        action,
        resource: Strings::default(),
        condition,
    }])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lifecycle::OPERATOR_NAMESPACE;

    #[test]
    fn the_guides_trust_policy_names_the_account_the_issuer_and_the_service_account() {
        let issuer = "https://oidc.eks.us-east-1.amazonaws.com/id/D48675832CA65BD10A532F597OIDCID";
        insta::assert_snapshot!(by_issuer(Partition::Aws, "123456789012", issuer, OPERATOR_NAMESPACE), @r#"
        {
          "Version": "2012-10-17",
          "Statement": [
            {
              "Effect": "Allow",
              "Principal": {
                "Federated": "arn:aws:iam::123456789012:oidc-provider/oidc.eks.us-east-1.amazonaws.com/id/D48675832CA65BD10A532F597OIDCID"
              },
              "Action": "sts:AssumeRoleWithWebIdentity",
              "Condition": {
                "StringEquals": {
                  "oidc.eks.us-east-1.amazonaws.com/id/D48675832CA65BD10A532F597OIDCID:aud": "sts.amazonaws.com",
                  "oidc.eks.us-east-1.amazonaws.com/id/D48675832CA65BD10A532F597OIDCID:sub": "system:serviceaccount:sagemaker-k8s-operator-system:sagemaker-k8s-operator-default"
                }
              }
            }
          ]
        }
        "#);
    }

    #[test]
    fn a_pod_identity_is_that_of_the_operators_service_account() {
        insta::assert_snapshot!(by_pod_identity("ml"), @r#"
        {
          "Version": "2012-10-17",
          "Statement": [
            {
              "Effect": "Allow",
              "Principal": {
                "Service": "pods.eks.amazonaws.com"
              },
              "Action": [
                "sts:AssumeRole",
                "sts:TagSession"
              ],
              "Condition": {
                "StringEquals": {
                  "aws:RequestTag/kubernetes-namespace": "ml",
                  "aws:RequestTag/kubernetes-service-account": "sagemaker-k8s-operator-default"
                }
              }
            }
          ]
        }
        "#);
    }

    #[test]
    fn a_namespaces_role_trusts_the_operator_with_the_namespace_as_external_id() {
        insta::assert_snapshot!(by_operator("arn:aws:iam::123456789012:role/operator", "ml"), @r#"
        {
          "Version": "2012-10-17",
          "Statement": [
            {
              "Effect": "Allow",
              "Principal": {
                "AWS": "arn:aws:iam::123456789012:role/operator"
              },
              "Action": "sts:AssumeRole",
              "Condition": {
                "StringEquals": {
                  "sts:ExternalId": "ml"
                }
              }
            }
          ]
        }
        "#);
    }

    #[test]
    fn other_partitions_have_other_arns_and_an_issuer_has_no_scheme() {
        for partition in Partition::ALL {
            for issuer in ["https://example.com/id/A", "https://example.com/id/A/", "example.com/id/A"] {
                let text = by_issuer(partition, "123456789012", issuer, "ml").to_string();
                let provider = format!("\"arn:{partition}:iam::123456789012:oidc-provider/example.com/id/A\"");
                assert!(text.contains(&provider) && !text.contains("https"), "{text}");
                assert!(text.contains("\"example.com/id/A:sub\": \"system:serviceaccount:ml:"), "{text}");
            }
            assert_eq!(partition.name().parse(), Ok(partition));
        }
        assert!("aws-iso".parse::<Partition>().is_err());
    }
}
