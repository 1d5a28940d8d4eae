use super::super::iam::PARTS;
use super::super::uses::{USES, parts};
use super::*;

fn terms(partition: Partition, namespace: Option<&str>) -> Terms {
    let namespace = namespace.map(str::to_owned);
    Terms { partition, account: "123456789012".to_owned(), passed: Vec::new(), namespace }
}

/// Every use by itself and in each way.
fn every() -> Vec<(String, &'static [Part], Document)> {
    let ways = Partition::ALL.into_iter().flat_map(|partition| [(partition, None), (partition, Some("ml"))]);
    let of = |(partition, namespace)| {
        let terms = terms(partition, namespace);
        USES.into_iter().map(move |(name, _, parts)| {
            (format!("{name} in {partition}, {namespace:?}"), parts, policy(parts, &terms))
        })
    };
    ways.flat_map(of).collect()
}

#[test]
fn a_policy_allows_the_actions_of_the_table_and_no_other() {
    for (name, parts, document) in every() {
        let mut actions: Vec<_> = parts.iter().copied().flat_map(needs).map(|need| need.action).collect();
        actions.sort_unstable();
        actions.dedup();
        assert_eq!(document.actions(), actions, "{name}");
    }
    for part in PARTS {
        assert!(USES.iter().any(|(.., parts)| parts.contains(&part)), "{part:?} is of no use to anybody");
    }
}

#[test]
fn iam_takes_each_of_them() {
    for (name, _, document) in every() {
        let size = size(&document);
        assert!(size <= LARGEST, "{name} has {size} characters");
        let mut sids: Vec<_> = document.statement.iter().map(|it| it.sid.unwrap()).collect();
        sids.sort_unstable();
        let count = sids.len();
        sids.dedup();
        assert_eq!(sids.len(), count, "{name} has two statements of one name");
        assert!(sids.iter().all(|sid| sid.chars().all(|char| char.is_ascii_alphanumeric())), "{name}: {sids:?}");
    }
}

#[test]
fn only_what_has_no_arn_is_allowed_on_everything() {
    let without_arn = |action: &String| {
        let name = action.split_once(':').unwrap().1;
        (name.starts_with("List") && name.ends_with('s') && name != "ListTags")
            || ["DescribeScalableTargets", "DescribeScalingPolicies", "DescribeAlarms"].contains(&name)
    };
    for (name, _, document) in every() {
        for Statement { sid, action, resource, .. } in &document.statement {
            assert!(!resource.0.is_empty(), "{name}: {sid:?}");
            let is_any = resource.0.contains(&"*".to_owned());
            assert_eq!(is_any, action.0.iter().all(without_arn), "{name}: {sid:?} {action:?} {resource:?}");
            assert!(action.0.iter().all(|action| !action.contains('*')), "{name}: {action:?}");
        }
    }
}

#[test]
fn in_a_namespaces_policy_every_write_has_a_condition_but_what_cannot_have_one() {
    let document = policy(parts("all"), &terms(Partition::Aws, Some("ml")));
    let writes = |statement: &&Statement| {
        let needs: Vec<Need> = PARTS.into_iter().flat_map(needs).collect();
        let is_write = |action: &String| needs.iter().any(|it| it.action == action && it.access == Access::Write);
        statement.action.0.iter().any(is_write)
    };
    let is_of_it = |statement: &&Statement| {
        let like = statement.condition.get("StringLike").into_iter().flatten();
        like.clone().count() == 1 && like.into_iter().all(|(key, value)| key.ends_with(OBJECT) && value.0 == ["ml/*"])
    };
    let free: Vec<_> =
        document.statement.iter().filter(writes).filter(|it| !is_of_it(it)).map(|it| it.sid.unwrap()).collect();
    assert_eq!(free, ["PassRoles", "ScalingAlarms", "ServiceLinkedRole"]);
    assert!(limits(parts("all"), &terms(Partition::Aws, Some("ml"))).len() > 3);
    assert!(policy(parts("all"), &terms(Partition::Aws, None)).statement.iter().all(|it| {
        let condition = format!("{:?}", it.condition);
        !condition.contains("ResourceTag") && !condition.contains("RequestTag")
    }));
}

#[test]
fn arns_are_those_of_the_partition() {
    for partition in Partition::ALL {
        let document = policy(parts("all"), &terms(partition, None));
        for resource in document.statement.iter().flat_map(|it| &it.resource.0).filter(|it| *it != "*") {
            assert!(resource.starts_with(&format!("arn:{partition}:")), "{resource}");
        }
    }
}

#[test]
fn the_training_policy() {
    let passed = vec!["arn:aws:iam::123456789012:role/train".to_owned()];
    let terms = Terms { passed, ..terms(Partition::Aws, None) };
    insta::assert_snapshot!(policy(parts("training"), &terms), @r#"
    {
      "Version": "2012-10-17",
      "Statement": [
        {
          "Sid": "TrainingJobs",
          "Effect": "Allow",
          "Action": [
            "sagemaker:DescribeTrainingJob",
            "sagemaker:CreateTrainingJob",
            "sagemaker:UpdateTrainingJob",
            "sagemaker:StopTrainingJob"
          ],
          "Resource": "arn:aws:sagemaker:*:123456789012:training-job/*"
        },
        {
          "Sid": "Lists",
          "Effect": "Allow",
          "Action": "sagemaker:ListTrainingJobs",
          "Resource": "*"
        },
        {
          "Sid": "PassRoles",
          "Effect": "Allow",
          "Action": "iam:PassRole",
          "Resource": "arn:aws:iam::123456789012:role/train",
          "Condition": {
            "StringEquals": {
              "iam:PassedToService": "sagemaker.amazonaws.com"
            }
          }
        },
        {
          "Sid": "Tags",
          "Effect": "Allow",
          "Action": [
            "sagemaker:ListTags",
            "sagemaker:AddTags",
            "sagemaker:DeleteTags"
          ],
          "Resource": "arn:aws:sagemaker:*:123456789012:training-job/*"
        }
      ]
    }
    "#);
}

#[test]
fn what_a_namespace_may_have_trained() {
    insta::assert_snapshot!(policy(parts("training"), &terms(Partition::Aws, Some("ml"))), @r#"
    {
      "Version": "2012-10-17",
      "Statement": [
        {
          "Sid": "Look",
          "Effect": "Allow",
          "Action": [
            "sagemaker:DescribeTrainingJob",
            "sagemaker:ListTags"
          ],
          "Resource": "arn:aws:sagemaker:*:123456789012:training-job/*"
        },
        {
          "Sid": "Lists",
          "Effect": "Allow",
          "Action": "sagemaker:ListTrainingJobs",
          "Resource": "*"
        },
        {
          "Sid": "CreateInNamespace",
          "Effect": "Allow",
          "Action": "sagemaker:CreateTrainingJob",
          "Resource": "arn:aws:sagemaker:*:123456789012:training-job/*",
          "Condition": {
            "StringLike": {
              "aws:RequestTag/sagemaker.aws.amazon.com/k8s-object": "ml/*"
            }
          }
        },
        {
          "Sid": "ChangeInNamespace",
          "Effect": "Allow",
          "Action": [
            "sagemaker:UpdateTrainingJob",
            "sagemaker:StopTrainingJob",
            "sagemaker:AddTags",
            "sagemaker:DeleteTags"
          ],
          "Resource": "arn:aws:sagemaker:*:123456789012:training-job/*",
          "Condition": {
            "StringLike": {
              "aws:ResourceTag/sagemaker.aws.amazon.com/k8s-object": "ml/*"
            }
          }
        },
        {
          "Sid": "PassRoles",
          "Effect": "Allow",
          "Action": "iam:PassRole",
          "Resource": "arn:aws:iam::123456789012:role/*",
          "Condition": {
            "StringEquals": {
              "iam:PassedToService": "sagemaker.amazonaws.com"
            }
          }
        },
        {
          "Sid": "TagWhatIsCreated",
          "Effect": "Allow",
          "Action": "sagemaker:AddTags",
          "Resource": "arn:aws:sagemaker:*:123456789012:training-job/*",
          "Condition": {
            "StringEquals": {
              "sagemaker:TaggingAction": "CreateTrainingJob"
            },
            "StringLike": {
              "aws:RequestTag/sagemaker.aws.amazon.com/k8s-object": "ml/*"
            }
          }
        }
      ]
    }
    "#);
}

#[test]
fn what_cannot_be_narrowed_down_is_said() {
    let told = |name: &str, namespace| limits(parts(name), &terms(Partition::Aws, namespace)).join("\n");
    assert_eq!(told("log-reader", None), "");
    insta::assert_snapshot!(told("all", Some("ml")), @r#"
    it passes any role of the account to SageMaker: name those that objects use with --pass-role ARN
    reading is not limited to the namespace: a look at what is not there yet would be denied instead of answered with "not found", and lists and log groups carry no tags of objects
    which roles are passed cannot be limited by a resource's tags, only by --pass-role
    alarms of auto scaling and its service-linked role carry no tags of objects
    what does not carry the tag sagemaker.aws.amazon.com/k8s-object can neither be changed nor ended: what version 1 or somebody else made, or what has 50 tags of its own, until somebody tags it
    "#);
    insta::assert_snapshot!(told("log-reader", Some("ml")), @r#"reading is not limited to the namespace: a look at what is not there yet would be denied instead of answered with "not found", and lists and log groups carry no tags of objects"#);
    insta::assert_snapshot!(told("namespace-roles", None), @"it takes on any role that trusts the operator's: narrow RolesOfNamespaces down to those you use");
}
