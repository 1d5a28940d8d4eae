# The AWS guide for version 1, command for command and in its order, for each of its four ways to install: install, verify,
# run a job, read its log, delete what there is, uninstall. At last nothing may be left.
#
#   sh tests/it/dist/guide.sh [WAY…]     yaml, helm, namespaced-yaml, namespaced-helm; one after the other, if none is named
#
# To be run in the project's folder, on a cluster that has nothing of the operator. What a person downloads and edits is
# copied and edited here, what a person reads is looked for by grep, and releases of Helm have names: it cannot make one of
# crd_chart. ROLE, REGISTRY and TRAINING_ROLE are your own.
set -eux

role=${ROLE:-arn:aws:iam::123456789012:role/sagemaker-operator}
registry=${REGISTRY:-registry.example.com}
training_role=${TRAINING_ROLE:-arn:aws:iam::123456789012:role/train}
cluster_wide=sagemaker-k8s-operator-system
team=ml-team
charts=$PWD/dist/charts rolebased=$PWD/dist/rolebased samples=$PWD/tests/samples
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

# edited FILE: as it is after a person has put in what is theirs.
edited() {
  sed -e "s|arn:aws:iam::123456789012:role/DELETE_ME|$role|" -e "s|registry.example.com|$registry|" \
    -e "s/PLACEHOLDER-NAMESPACE/$team/g" "$rolebased/$1" > "$(basename "$1")"
}

# is_verified NAMESPACE: the kinds are there, and the pod runs.
is_verified() {
  test "$(kubectl get crd | grep -c sagemaker.aws.amazon.com)" = 8
  kubectl -n "$1" rollout status deployment/sagemaker-k8s-operator-controller-manager --timeout=60s
  kubectl -n "$1" get pods | grep '^sagemaker-k8s-operator-controller-manager-.* 1/1 *Running'
}

# runs_a_job NAMESPACE. The agent that reads what the job writes sends it every five seconds.
runs_a_job() {
  sed "s|roleArn: .*|roleArn: $training_role|" "$samples/xgboost-mnist-trainingjob.yaml" > xgboost-mnist-trainingjob.yaml
  kubectl apply -n "$1" -f xgboost-mnist-trainingjob.yaml
  kubectl smlogs -n "$1" trainingjob xgboost-mnist --wait -f --quiet-for 7s > log
  test -s log
  kubectl wait -n "$1" --for=condition=Complete trainingjob/xgboost-mnist --timeout=60s
  kubectl get -n "$1" trainingjob xgboost-mnist | grep Completed
  kubectl describe -n "$1" trainingjob xgboost-mnist | grep 'Training Job Status: *Completed'
}

delete_all_objects() {
  for kind in hyperparametertuningjob trainingjobs batchtransformjob processingjob hostingautoscalingpolicies \
    hostingdeployment endpointconfigs models; do
    kubectl delete --all --all-namespaces --timeout=60s $kind.sagemaker.aws.amazon.com
  done
}

nothing_is_left() {
  kinds=namespaces,customresourcedefinitions,clusterroles,clusterrolebindings,roles,rolebindings,serviceaccounts
  kinds=$kinds,deployments,pods,services,networkpolicies,poddisruptionbudgets,configmaps,secrets,leases
  kubectl get $kinds --all-namespaces -o custom-columns=:.kind,:.metadata.namespace,:.metadata.name > all
  if grep -e sagemaker -e "$team" all; then
    exit 1
  fi
}

yaml() {
  edited installer.yaml
  kubectl apply -f installer.yaml
  is_verified $cluster_wide
  runs_a_job default
  delete_all_objects
  kubectl delete --timeout=60s -f installer.yaml
}

helm_() {
  helm install -n $cluster_wide --create-namespace sagemaker-operator "$charts/installer/rolebased" \
    --set "roleArn=$role" --set "image.registry=$registry"
  helm ls -n $cluster_wide | grep deployed
  is_verified $cluster_wide
  runs_a_job default
  delete_all_objects
  helm delete -n $cluster_wide --wait sagemaker-operator
  # The chart keeps the kinds, and the namespace was there for it.
  kubectl delete --timeout=60s -f "$charts/../crds"
  kubectl delete --timeout=60s namespace $cluster_wide
}

namespaced_yaml() {
  edited namespaced/crd.yaml
  edited namespaced/operator.yaml
  kubectl apply -f crd.yaml
  kubectl get crds | grep sagemaker.aws.amazon.com
  kubectl apply -f operator.yaml
  is_verified $team
  runs_a_job $team
  delete_all_objects
  kubectl delete --timeout=60s -f operator.yaml
  kubectl delete --timeout=60s -f crd.yaml
}

namespaced_helm() {
  helm install sagemaker-crds "$charts/namespaced/crd_chart" | grep 'Delete all objects before you uninstall this chart'
  kubectl get crds | grep sagemaker.aws.amazon.com
  helm install -n $team --create-namespace sagemaker-operator "$charts/namespaced/operator_chart" \
    --set "roleArn=$role" --set "image.registry=$registry"
  helm ls --all-namespaces | grep deployed
  is_verified $team
  runs_a_job $team
  delete_all_objects
  helm delete -n $team --wait sagemaker-operator
  helm delete --wait sagemaker-crds
  kubectl delete --timeout=60s namespace $team
}

if [ $# = 0 ]; then
  set -- yaml helm namespaced-yaml namespaced-helm
fi
for way in "$@"; do
  case $way in
    yaml) yaml ;;
    helm) helm_ ;;
    namespaced-yaml) namespaced_yaml ;;
    namespaced-helm) namespaced_helm ;;
    *) echo "error: there is no way $way" >&2; exit 2 ;;
  esac
  nothing_is_left
done
