{{/* Written from src/install by `UPDATE=1 cargo test`. */}}

{{- define "sagemaker-operator.alerts" -}}
groups:
- name: sagemaker-operator
  rules:
  - alert: SageMakerOperatorNoLeader
    expr: max by (namespace) (sagemaker_operator_leading) < 1 or absent(sagemaker_operator_leading)
    for: 5m
    labels:
      severity: critical
    annotations:
      summary: No SageMaker operator leads
      description: For five minutes no operator has held the Lease, or none could be scraped. Jobs that run go on running, but nothing is started, stopped or reported.
      next_step: 'kubectl sagemaker doctor; it reads the Lease and tells whose it is. The pods and their logs: kubectl logs -l control-plane=controller-manager -n {{ "{{" }} or $labels.namespace "sagemaker-k8s-operator-system" }}'
  - alert: SageMakerOperatorRetries
    expr: sum by (namespace, kind) (rate(sagemaker_operator_passes_total{result="retry"}[10m])) / sum by (namespace, kind) (rate(sagemaker_operator_passes_total[10m])) > 0.5
    for: 15m
    labels:
      severity: warning
    annotations:
      summary: Most reconcile passes of {{ "{{" }} $labels.kind }}s are repeated
      description: '{{ "{{" }} $value | humanizePercentage }} of the passes of the last ten minutes ended with an error that may pass: of AWS, or of the API server.'
      next_step: kubectl sagemaker events -A tells what is repeated; the operator's log has each error with its cause.
  - alert: SageMakerOperatorAwsUnreachable
    expr: sum by (namespace, region) (rate(sagemaker_operator_aws_calls_total{outcome="no-answer"}[10m])) / sum by (namespace, region) (rate(sagemaker_operator_aws_calls_total[10m])) > 0.2
    for: 10m
    labels:
      severity: critical
    annotations:
      summary: AWS does not answer in {{ "{{" }} $labels.region }}
      description: '{{ "{{" }} $value | humanizePercentage }} of the calls get no answer, or an error of the service. Nothing is taken for gone meanwhile; everything is tried again.'
      next_step: 'See AWS''s health dashboard for the region, then the way there: proxy, VPC endpoints, DNS. kubectl sagemaker doctor makes a call of its own.'
  - alert: SageMakerOperatorAwsThrottled
    expr: sum by (namespace, region, operation) (rate(sagemaker_operator_aws_calls_total{outcome="throttled"}[10m])) / sum by (namespace, region, operation) (rate(sagemaker_operator_aws_calls_total[10m])) > 0.1
    for: 15m
    labels:
      severity: warning
    annotations:
      summary: AWS throttles {{ "{{" }} $labels.operation }} in {{ "{{" }} $labels.region }}
      description: '{{ "{{" }} $value | humanizePercentage }} of the calls are throttled, although the operator keeps below the quota that it has found: somebody else in the account uses it too.'
      next_step: Find the other caller in CloudTrail by the operation's name, or have the quota of the account raised.
  - alert: SageMakerOperatorAwsRefused
    expr: sum by (namespace, region, operation, outcome) (increase(sagemaker_operator_aws_calls_total{outcome=~"denied|credentials"}[15m])) > 0
    for: 5m
    labels:
      severity: warning
    annotations:
      summary: The operator may not call {{ "{{" }} $labels.operation }} in {{ "{{" }} $labels.region }}
      description: AWS refused calls of the last fifteen minutes because of the operator's role or credentials ({{ "{{" }} $labels.outcome }}).
      next_step: kubectl sagemaker doctor tells what is missing, and kubectl sagemaker iam policy prints the policy that suffices.
  - alert: SageMakerObjectsStalled
    expr: sum by (namespace, kind) (sagemaker_operator_objects{standing="stalled"}) > 0
    for: 15m
    labels:
      severity: warning
    annotations:
      summary: '{{ "{{" }} $value }} of kind {{ "{{" }} $labels.kind }} stalled'
      description: 'AWS has refused them for good: nothing happens until somebody changes the object, a right, or a quota.'
      next_step: kubectl sagemaker status -A shows which; the condition Stalled of each says why and what to do.
  - alert: SageMakerObjectsStuckInDeletion
    expr: min_over_time(sum by (namespace, kind) (sagemaker_operator_objects{standing="deleting"})[1h:1m]) > 0 and sum by (namespace, kind) (sagemaker_operator_objects{standing="deleting"} offset 1h) > 0
    labels:
      severity: warning
    annotations:
      summary: Deletions of kind {{ "{{" }} $labels.kind }} do not end
      description: For an hour there has been an object in deletion at any time, {{ "{{" }} $value }} at least. One stays until its job has ended, or its endpoint is gone.
      next_step: 'kubectl sagemaker status -A shows which, and its events say what AWS answers. If AWS has nothing any more, or never will again: kubectl sagemaker unstick KIND NAME.'
  - alert: SageMakerOperatorStatusLags
    expr: histogram_quantile(0.9, sum by (namespace, kind, le) (rate(sagemaker_operator_status_lag_seconds_bucket[15m]))) > 120
    for: 15m
    labels:
      severity: warning
    annotations:
      summary: The status of {{ "{{" }} $labels.kind }}s is late
      description: One change in ten is written into a status more than {{ "{{" }} $value | humanizeDuration }} after it happened in AWS.
      next_step: 'See on the dashboard what is waited for: the quota of AWS (wait for a turn), or passes (queued). More passes at a time: --concurrency; a quota is raised by AWS.'
{{- end }}

{{- define "sagemaker-operator.dashboard" -}}
sagemaker-operator.json: '{"editable":true,"graphTooltip":1,"panels":[{"collapsed":false,"gridPos":{"h":1,"w":24,"x":0,"y":0},"id":1,"panels":[],"title":"Objects","type":"row"},{"datasource":{"type":"prometheus","uid":"${datasource}"},"description":"Operators that hold their Lease. None: nothing is started, stopped or reported.","fieldConfig":{"defaults":{"min":0,"unit":"short"},"overrides":[]},"gridPos":{"h":8,"w":6,"x":0,"y":1},"id":2,"options":{"legend":{"displayMode":"list","placement":"bottom"},"tooltip":{"mode":"multi","sort":"desc"}},"targets":[{"datasource":{"type":"prometheus","uid":"${datasource}"},"expr":"sum by (namespace) (sagemaker_operator_leading{namespace=~\"$namespace\"})","legendFormat":"{{ "{{" }}namespace}}","refId":"A"}],"title":"Leaders","type":"timeseries"},{"datasource":{"type":"prometheus","uid":"${datasource}"},"description":"stalled: refused by AWS until somebody changes something.","fieldConfig":{"defaults":{"min":0,"unit":"short"},"overrides":[]},"gridPos":{"h":8,"w":6,"x":6,"y":1},"id":3,"options":{"legend":{"displayMode":"list","placement":"bottom"},"tooltip":{"mode":"multi","sort":"desc"}},"targets":[{"datasource":{"type":"prometheus","uid":"${datasource}"},"expr":"sum by (standing) (sagemaker_operator_objects{namespace=~\"$namespace\",kind=~\"$kind\"})","legendFormat":"{{ "{{" }}standing}}","refId":"A"}],"title":"Objects by standing","type":"timeseries"},{"datasource":{"type":"prometheus","uid":"${datasource}"},"description":"Stalled, failed, or in deletion, by kind.","fieldConfig":{"defaults":{"min":0,"unit":"short"},"overrides":[]},"gridPos":{"h":8,"w":6,"x":12,"y":1},"id":4,"options":{"legend":{"displayMode":"list","placement":"bottom"},"tooltip":{"mode":"multi","sort":"desc"}},"targets":[{"datasource":{"type":"prometheus","uid":"${datasource}"},"expr":"sum by (kind, standing) (sagemaker_operator_objects{namespace=~\"$namespace\",kind=~\"$kind\",standing=~\"stalled|failed|deleting\"}) > 0","legendFormat":"{{ "{{" }}kind}} {{ "{{" }}standing}}","refId":"A"}],"title":"Objects that need somebody","type":"timeseries"},{"datasource":{"type":"prometheus","uid":"${datasource}"},"description":"How long after a change in AWS it is written into a status.","fieldConfig":{"defaults":{"min":0,"unit":"s"},"overrides":[]},"gridPos":{"h":8,"w":6,"x":18,"y":1},"id":5,"options":{"legend":{"displayMode":"list","placement":"bottom"},"tooltip":{"mode":"multi","sort":"desc"}},"targets":[{"datasource":{"type":"prometheus","uid":"${datasource}"},"expr":"histogram_quantile(0.5, sum by (le) (rate(sagemaker_operator_status_lag_seconds_bucket{namespace=~\"$namespace\",kind=~\"$kind\"}[$__rate_interval])))","legendFormat":"median","refId":"A"},{"datasource":{"type":"prometheus","uid":"${datasource}"},"expr":"histogram_quantile(0.9, sum by (kind, le) (rate(sagemaker_operator_status_lag_seconds_bucket{namespace=~\"$namespace\",kind=~\"$kind\"}[$__rate_interval])))","legendFormat":"{{ "{{" }}kind}}, 9 in 10","refId":"B"}],"title":"Delay of the status","type":"timeseries"},{"collapsed":false,"gridPos":{"h":1,"w":24,"x":0,"y":9},"id":6,"panels":[],"title":"Calls to AWS","type":"row"},{"datasource":{"type":"prometheus","uid":"${datasource}"},"description":"throttled: beyond the quota of the account. denied: the role lacks a right.","fieldConfig":{"defaults":{"min":0,"unit":"reqps"},"overrides":[]},"gridPos":{"h":8,"w":6,"x":0,"y":10},"id":7,"options":{"legend":{"displayMode":"list","placement":"bottom"},"tooltip":{"mode":"multi","sort":"desc"}},"targets":[{"datasource":{"type":"prometheus","uid":"${datasource}"},"expr":"sum by (outcome) (rate(sagemaker_operator_aws_calls_total{namespace=~\"$namespace\"}[$__rate_interval]))","legendFormat":"{{ "{{" }}outcome}}","refId":"A"}],"title":"Calls by outcome","type":"timeseries"},{"datasource":{"type":"prometheus","uid":"${datasource}"},"description":"What the quota of the account is used for.","fieldConfig":{"defaults":{"min":0,"unit":"reqps"},"overrides":[]},"gridPos":{"h":8,"w":6,"x":6,"y":10},"id":8,"options":{"legend":{"displayMode":"list","placement":"bottom"},"tooltip":{"mode":"multi","sort":"desc"}},"targets":[{"datasource":{"type":"prometheus","uid":"${datasource}"},"expr":"sum by (operation, region) (rate(sagemaker_operator_aws_calls_total{namespace=~\"$namespace\"}[$__rate_interval]))","legendFormat":"{{ "{{" }}operation}} {{ "{{" }}region}}","refId":"A"}],"title":"Calls by operation","type":"timeseries"},{"datasource":{"type":"prometheus","uid":"${datasource}"},"description":"Nine calls in ten are answered within this time.","fieldConfig":{"defaults":{"min":0,"unit":"s"},"overrides":[]},"gridPos":{"h":8,"w":6,"x":12,"y":10},"id":9,"options":{"legend":{"displayMode":"list","placement":"bottom"},"tooltip":{"mode":"multi","sort":"desc"}},"targets":[{"datasource":{"type":"prometheus","uid":"${datasource}"},"expr":"histogram_quantile(0.9, sum by (operation, le) (rate(sagemaker_operator_aws_call_duration_seconds_bucket{namespace=~\"$namespace\"}[$__rate_interval])))","legendFormat":"{{ "{{" }}operation}}","refId":"A"}],"title":"How long AWS takes","type":"timeseries"},{"datasource":{"type":"prometheus","uid":"${datasource}"},"description":"How long nine calls in ten wait at most, so that the quota is kept.","fieldConfig":{"defaults":{"min":0,"unit":"s"},"overrides":[]},"gridPos":{"h":8,"w":6,"x":18,"y":10},"id":10,"options":{"legend":{"displayMode":"list","placement":"bottom"},"tooltip":{"mode":"multi","sort":"desc"}},"targets":[{"datasource":{"type":"prometheus","uid":"${datasource}"},"expr":"histogram_quantile(0.9, sum by (operation, le) (rate(sagemaker_operator_aws_call_wait_seconds_bucket{namespace=~\"$namespace\"}[$__rate_interval])))","legendFormat":"{{ "{{" }}operation}}","refId":"A"}],"title":"Wait for a turn","type":"timeseries"},{"collapsed":false,"gridPos":{"h":1,"w":24,"x":0,"y":18},"id":11,"panels":[],"title":"Reconcile passes","type":"row"},{"datasource":{"type":"prometheus","uid":"${datasource}"},"description":"retry: an error that may pass.","fieldConfig":{"defaults":{"min":0,"unit":"ops"},"overrides":[]},"gridPos":{"h":8,"w":8,"x":0,"y":19},"id":12,"options":{"legend":{"displayMode":"list","placement":"bottom"},"tooltip":{"mode":"multi","sort":"desc"}},"targets":[{"datasource":{"type":"prometheus","uid":"${datasource}"},"expr":"sum by (result) (rate(sagemaker_operator_passes_total{namespace=~\"$namespace\",kind=~\"$kind\"}[$__rate_interval]))","legendFormat":"{{ "{{" }}result}}","refId":"A"}],"title":"Passes by result","type":"timeseries"},{"datasource":{"type":"prometheus","uid":"${datasource}"},"description":"","fieldConfig":{"defaults":{"min":0,"unit":"ops"},"overrides":[]},"gridPos":{"h":8,"w":8,"x":8,"y":19},"id":13,"options":{"legend":{"displayMode":"list","placement":"bottom"},"tooltip":{"mode":"multi","sort":"desc"}},"targets":[{"datasource":{"type":"prometheus","uid":"${datasource}"},"expr":"sum by (kind) (rate(sagemaker_operator_passes_total{namespace=~\"$namespace\",kind=~\"$kind\"}[$__rate_interval]))","legendFormat":"{{ "{{" }}kind}}","refId":"A"}],"title":"Passes by kind","type":"timeseries"},{"datasource":{"type":"prometheus","uid":"${datasource}"},"description":"Objects that wait to be looked at, also those that are due later.","fieldConfig":{"defaults":{"min":0,"unit":"short"},"overrides":[]},"gridPos":{"h":8,"w":8,"x":16,"y":19},"id":14,"options":{"legend":{"displayMode":"list","placement":"bottom"},"tooltip":{"mode":"multi","sort":"desc"}},"targets":[{"datasource":{"type":"prometheus","uid":"${datasource}"},"expr":"sum by (kind) (sagemaker_operator_queued{namespace=~\"$namespace\",kind=~\"$kind\"})","legendFormat":"{{ "{{" }}kind}}","refId":"A"}],"title":"Queued","type":"timeseries"},{"collapsed":false,"gridPos":{"h":1,"w":24,"x":0,"y":27},"id":15,"panels":[],"title":"Listings","type":"row"},{"datasource":{"type":"prometheus","uid":"${datasource}"},"description":"Resources whose changes are read from listings.","fieldConfig":{"defaults":{"min":0,"unit":"short"},"overrides":[]},"gridPos":{"h":8,"w":12,"x":0,"y":28},"id":16,"options":{"legend":{"displayMode":"list","placement":"bottom"},"tooltip":{"mode":"multi","sort":"desc"}},"targets":[{"datasource":{"type":"prometheus","uid":"${datasource}"},"expr":"sum by (kind) (sagemaker_operator_watched{namespace=~\"$namespace\",kind=~\"$kind\"})","legendFormat":"{{ "{{" }}kind}}","refId":"A"}],"title":"Watched","type":"timeseries"},{"datasource":{"type":"prometheus","uid":"${datasource}"},"description":"With all its pages, nine in ten at most.","fieldConfig":{"defaults":{"min":0,"unit":"s"},"overrides":[]},"gridPos":{"h":8,"w":12,"x":12,"y":28},"id":17,"options":{"legend":{"displayMode":"list","placement":"bottom"},"tooltip":{"mode":"multi","sort":"desc"}},"targets":[{"datasource":{"type":"prometheus","uid":"${datasource}"},"expr":"histogram_quantile(0.9, sum by (kind, le) (rate(sagemaker_operator_listing_duration_seconds_bucket{namespace=~\"$namespace\",kind=~\"$kind\"}[$__rate_interval])))","legendFormat":"{{ "{{" }}kind}}","refId":"A"}],"title":"How long a listing takes","type":"timeseries"}],"refresh":"1m","schemaVersion":39,"tags":["sagemaker","kubernetes"],"templating":{"list":[{"label":"Data source","name":"datasource","query":"prometheus","type":"datasource"},{"allValue":".*","current":{"selected":true,"text":["All"],"value":["$__all"]},"datasource":{"type":"prometheus","uid":"${datasource}"},"definition":"label_values(sagemaker_operator_leading, namespace)","includeAll":true,"label":"Operator''s namespace","multi":true,"name":"namespace","query":{"query":"label_values(sagemaker_operator_leading, namespace)","refId":"namespace"},"refresh":2,"sort":1,"type":"query"},{"allValue":".*","current":{"selected":true,"text":["All"],"value":["$__all"]},"datasource":{"type":"prometheus","uid":"${datasource}"},"definition":"label_values(sagemaker_operator_objects, kind)","includeAll":true,"label":"Kind","multi":true,"name":"kind","query":{"query":"label_values(sagemaker_operator_objects, kind)","refId":"kind"},"refresh":2,"sort":1,"type":"query"}]},"time":{"from":"now-6h","to":"now"},"title":"SageMaker operator","uid":"sagemaker-operator"}'
{{- end }}
