use super::*;

fn refusal(cause: Cause, code: &str, message: &str) -> Refusal {
    Refusal { operation: "X", cause, code: code.to_owned(), message: message.to_owned(), request_id: None }
}

fn denied(action: &str) -> Refusal {
    let cause = Cause::Denied { action: Some(action.to_owned()), resource: None };
    refusal(cause, "AccessDeniedException", "not authorized")
}

/// An account in which all is well, but for some actions.
fn seen(refused: &[(&str, Refusal)]) -> Seen {
    let answer = |action: &str| match refused.iter().find(|(name, _)| *name == action) {
        Some((_, refusal)) => Err(refusal.clone()),
        None => Ok(()),
    };
    let identity =
        Identity { account: "123456789012".parse().unwrap(), arn: "arn:aws:iam::123456789012:user/carol".to_owned() };
    Seen {
        region: "us-west-2".parse().unwrap(),
        identity: Ok(identity),
        ahead: Some(TimeDelta::milliseconds(700)),
        quotas: Some(Ok(quotas::Seen::default())),
        tried: actions().into_iter().map(|action| Tried { action, answer: answer(action) }).collect(),
    }
}

fn text(seen: &Seen) -> String {
    lines(seen).iter().map(|line| line.text(None, false)).collect()
}

#[test]
fn an_account_in_which_all_is_well_passes() {
    insta::assert_snapshot!(text(&seen(&[])), @r"
    PASS  AWS, yours      account 123456789012, arn:aws:iam::123456789012:user/carol
    PASS  AWS, reached    SageMaker, CloudWatch Logs, Application Auto Scaling, STS in us-west-2
    PASS  clock           less than a minute apart from AWS
    PASS  logs            readable in us-west-2
    PASS  AWS, rights     19 of 19 reading actions in us-west-2; writes are only known when they are tried
    PASS  quotas          nothing runs in us-west-2
    ");
}

#[test]
fn what_is_denied_is_named_with_what_it_costs() {
    let silent = || refusal(Cause::Transient, "", "connection refused");
    let said = [
        logs(&seen(&[("logs:FilterLogEvents", denied("logs:FilterLogEvents"))])),
        logs(&seen(&[("logs:GetLogEvents", denied("logs:GetLogEvents"))])),
        logs(&seen(&[("logs:DescribeLogGroups", silent())])),
        rights(&seen(&[("sagemaker:DescribeModel", denied("sagemaker:DescribeModel"))])),
        rights(&seen(&[
            ("sagemaker:ListModels", denied("sagemaker:ListModels")),
            ("sagemaker:ListEndpoints", denied("sagemaker:ListEndpoints")),
        ])),
        rights(&seen(&[
            ("application-autoscaling:DescribeScalableTargets", denied("cloudwatch:DescribeAlarms")),
            ("application-autoscaling:DescribeScalingPolicies", denied("cloudwatch:DescribeAlarms")),
        ])),
        rights(&seen(&[("sagemaker:ListTags", refusal(Cause::Throttled, "ThrottlingException", "Rate exceeded"))])),
        reached(&seen(&[("logs:GetLogEvents", silent()), ("logs:FilterLogEvents", silent())])),
    ];
    insta::assert_snapshot!(said.map(|line| line.text(None, false)).concat(), @r"
    FAIL  logs            logs:FilterLogEvents denied: smlogs shows no lines
                          → allow logs:FilterLogEvents to these credentials, or use another --profile
    WARN  logs            logs:GetLogEvents denied: smlogs reads long logs at half speed
                          → allow logs:GetLogEvents to these credentials, or use another --profile
    SKIP  logs            not checked: AWS has not said whether you may: logs:DescribeLogGroups (connection refused)
    WARN  AWS, rights     sagemaker:DescribeModel denied: status and describe tell less than there is
                          → allow sagemaker:DescribeModel to these credentials, or use another --profile
    WARN  AWS, rights     sagemaker:ListEndpoints, sagemaker:ListModels denied: orphans does not see all
                          → allow sagemaker:ListEndpoints, sagemaker:ListModels to these credentials, or use another --profile
    WARN  AWS, rights     cloudwatch:DescribeAlarms denied: status and describe tell less than there is
                          → allow cloudwatch:DescribeAlarms to these credentials, or use another --profile
    SKIP  AWS, rights     not checked: AWS has not said whether you may: sagemaker:ListTags (ThrottlingException: Rate exceeded)
    FAIL  AWS, reached    CloudWatch Logs in us-west-2 does not answer: connection refused
                          → check the network, proxies and VPC endpoints, --region and --endpoint-url
    ");
}

#[test]
fn without_good_credentials_the_rest_is_not_checked() {
    let with =
        |refusal| text(&Seen { identity: Err(refusal), ahead: None, tried: Vec::new(), quotas: None, ..seen(&[]) });
    let said = [
        with(refusal(Cause::Credentials, "", "no credentials in the property bag")),
        with(refusal(Cause::Credentials, "ExpiredToken", "The security token included in the request is expired")),
        with(refusal(Cause::Transient, "", "dispatch failure: connection refused")),
        with(refusal(
            Cause::Credentials,
            "SignatureDoesNotMatch",
            "Signature expired: 20261123T120000Z is now earlier than 20261123T125500Z (20261123T130000Z - 5 min.)",
        )),
    ];
    insta::assert_snapshot!(said.join("---\n"), @r"
    FAIL  AWS, yours      no AWS credentials found: neither in the environment nor in a profile, nor from a container or an instance
                          → set AWS_PROFILE or use --profile NAME; to sign in: aws sso login
    SKIP  AWS, reached    not checked: without credentials no question leaves this machine
    SKIP  clock           not checked: AWS has not told its time
    SKIP  logs            not checked: it is not known who you are
    SKIP  AWS, rights     not checked: it is not known who you are
    SKIP  quotas          not checked: it is not known who you are
    ---
    FAIL  AWS, yours      the AWS credentials have expired: ExpiredToken: The security token included in the request is expired
                          → renew them, such as with: aws sso login
    SKIP  AWS, reached    not checked: STS answers; the others were not asked, as it does not say who you are
    SKIP  clock           not checked: AWS has not told its time
    SKIP  logs            not checked: it is not known who you are
    SKIP  AWS, rights     not checked: it is not known who you are
    SKIP  quotas          not checked: it is not known who you are
    ---
    SKIP  AWS, yours      not checked: the security token service does not answer
    FAIL  AWS, reached    STS in us-west-2 does not answer: dispatch failure: connection refused; the others were not asked
                          → check the network, proxies and VPC endpoints, --region and --endpoint-url
    SKIP  clock           not checked: AWS has not told its time
    SKIP  logs            not checked: it is not known who you are
    SKIP  AWS, rights     not checked: it is not known who you are
    SKIP  quotas          not checked: it is not known who you are
    ---
    FAIL  AWS, yours      this machine's clock differs from that of AWS: SignatureDoesNotMatch: Signature expired: 20261123T120000Z is now earlier than 20261123T125500Z (20261123T130000Z - 5 min.)
                          → set the clock, such as with: timedatectl set-ntp true
    SKIP  AWS, reached    not checked: STS answers; the others were not asked, as it does not say who you are
    FAIL  clock           1h00m behind AWS: AWS refuses such signatures
                          → set the clock, such as with: timedatectl set-ntp true
    SKIP  logs            not checked: it is not known who you are
    SKIP  AWS, rights     not checked: it is not known who you are
    SKIP  quotas          not checked: it is not known who you are
    ");
}

#[test]
fn a_clock_is_judged_by_what_aws_refuses() {
    let with = |seconds: i64| clock(&Seen { ahead: Some(TimeDelta::seconds(seconds)), ..seen(&[]) }).text(None, false);
    insta::assert_snapshot!([0, -59, 90, -200, 300, -7200].map(with).concat(), @r"
    PASS  clock           less than a minute apart from AWS
    PASS  clock           less than a minute apart from AWS
    WARN  clock           1m30s ahead of AWS; from 5m on nothing works any more
                          → set the clock, such as with: timedatectl set-ntp true
    WARN  clock           3m20s behind AWS; from 5m on nothing works any more
                          → set the clock, such as with: timedatectl set-ntp true
    FAIL  clock           5m00s ahead of AWS: AWS refuses such signatures
                          → set the clock, such as with: timedatectl set-ntp true
    FAIL  clock           2h00m behind AWS: AWS refuses such signatures
                          → set the clock, such as with: timedatectl set-ntp true
    ");
}
