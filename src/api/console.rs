//! Links into the AWS console.

use crate::lifecycle::Region;

/// The console's page with the streams of `group` whose names start with `prefix`.
///
/// Both are left as they are: the page takes its parameters from the fragment, and the names of jobs and groups hold
/// nothing that would need escaping there.
pub fn log_streams(region: &Region, group: &str, prefix: &str) -> String {
    let host = console_host(region);
    format!(
        "https://{region}.{host}/cloudwatch/home?region={region}#logStream:group={group};prefix={prefix};\
         streamFilter=typeLogStreamPrefix"
    )
}

/// The console's page of a resource of SageMaker; `kind` is that of its object. `None` for what has no page.
pub fn page(region: &Region, kind: &str, name: &str) -> Option<String> {
    let place = match kind {
        "TrainingJob" => "jobs",
        "ProcessingJob" => "processing-jobs",
        "BatchTransformJob" => "transform-jobs",
        "HyperparameterTuningJob" => "hyper-tuning-jobs",
        "HostingDeployment" => "endpoints",
        "Model" => "models",
        "EndpointConfig" => "endpointConfig",
        _ => return None,
    };
    Some(format!("https://{region}.{}/sagemaker/home?region={region}#/{place}/{name}", console_host(region)))
}

/// What the names of a region's services end with.
/// Source: <https://docs.aws.amazon.com/general/latest/gr/rande.html>
pub(super) fn dns_suffix(region: &Region) -> &'static str {
    match region.partition() {
        "aws-cn" => "amazonaws.com.cn",
        "aws-eusc" => "amazonaws.eu",
        "aws-iso" => "c2s.ic.gov",
        "aws-iso-b" => "sc2s.sgov.gov",
        "aws-iso-e" => "cloud.adc-e.uk",
        "aws-iso-f" => "csp.hci.ic.gov",
        _ => "amazonaws.com",
    }
}

/// Each partition has a console of its own; in all of them a region's console is a subdomain.
fn console_host(region: &Region) -> &'static str {
    match region.partition() {
        "aws-cn" => "console.amazonaws.cn",
        "aws-us-gov" => "console.amazonaws-us-gov.com",
        "aws-eusc" => "console.amazonaws-eusc.eu",
        "aws-iso" => "console.c2shome.ic.gov",
        "aws-iso-b" => "console.sc2shome.sgov.gov",
        "aws-iso-e" => "console.csphome.adc-e.uk",
        "aws-iso-f" => "console.csphome.hci.ic.gov",
        _ => "console.aws.amazon.com",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_partition_has_a_console_of_its_own() {
        let link = |region: &str| log_streams(&region.parse().unwrap(), "/aws/sagemaker/TrainingJobs", "job-1");
        let links: Vec<_> = ["us-west-2", "cn-north-1", "us-gov-west-1", "us-isob-east-1", "eusc-de-east-1"]
            .into_iter()
            .map(link)
            .collect();
        insta::assert_snapshot!(links.join("\n"), @"
        https://us-west-2.console.aws.amazon.com/cloudwatch/home?region=us-west-2#logStream:group=/aws/sagemaker/TrainingJobs;prefix=job-1;streamFilter=typeLogStreamPrefix
        https://cn-north-1.console.amazonaws.cn/cloudwatch/home?region=cn-north-1#logStream:group=/aws/sagemaker/TrainingJobs;prefix=job-1;streamFilter=typeLogStreamPrefix
        https://us-gov-west-1.console.amazonaws-us-gov.com/cloudwatch/home?region=us-gov-west-1#logStream:group=/aws/sagemaker/TrainingJobs;prefix=job-1;streamFilter=typeLogStreamPrefix
        https://us-isob-east-1.console.sc2shome.sgov.gov/cloudwatch/home?region=us-isob-east-1#logStream:group=/aws/sagemaker/TrainingJobs;prefix=job-1;streamFilter=typeLogStreamPrefix
        https://eusc-de-east-1.console.amazonaws-eusc.eu/cloudwatch/home?region=eusc-de-east-1#logStream:group=/aws/sagemaker/TrainingJobs;prefix=job-1;streamFilter=typeLogStreamPrefix
        ");
    }

    #[test]
    fn no_two_partitions_share_a_console() {
        let regions = [
            "us-east-1",
            "cn-north-1",
            "us-gov-east-1",
            "us-iso-east-1",
            "us-isob-east-1",
            "eu-isoe-west-1",
            "us-isof-south-1",
            "eusc-de-east-1",
        ];
        let hosts: std::collections::BTreeSet<_> = regions.map(|region| console_host(&region.parse().unwrap())).into();
        assert_eq!(hosts.len(), regions.len());
    }
}
