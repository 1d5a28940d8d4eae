# Completion of kubectl-smlogs and kubectl-sagemaker in bash 4.1 and newer, for those who call them so:
#   source <(kubectl sagemaker completion bash)
# An alias gets it by such a line, also if it stands for `kubectl smlogs`:
#   alias sml='kubectl smlogs'; complete -F _kubectl_smlogs sml
# After `kubectl smlogs` itself kubectl completes: see `kubectl sagemaker completion kubectl`.

_kubectl_smlogs() { __kubectl_sagemaker_ask kubectl-smlogs; }
_kubectl_sagemaker() { __kubectl_sagemaker_ask kubectl-sagemaker; }

__kubectl_sagemaker_ask() {
  local rest=$COMP_LINE words=() word line typed directive=

  # bash splits words at = and : too; only blanks count here.
  for word in "${COMP_WORDS[@]:0:COMP_CWORD+1}"; do
    if [[ $rest == [[:blank:]]* || ${#words[@]} -eq 0 ]]; then
      words+=("$word")
    else
      words[${#words[@]}-1]+=$word
    fi
    rest=${rest#"${rest%%[![:blank:]]*}"}
    rest=${rest#"$word"}
  done

  COMPREPLY=()
  while IFS= read -r line; do
    case $line in
      :[0-9]*) directive=${line#:} ;;
      *) COMPREPLY+=("${line%%$'\t'*}") ;;
    esac
  done < <("$1" __complete "${words[@]:1}" 2>/dev/null)

  # It is only what follows the last : that bash replaces.
  typed=${words[${#words[@]}-1]}
  [[ $typed == -*=* ]] && typed=${typed#*=}
  if [[ $typed == *:* && $COMP_WORDBREAKS == *:* ]]; then
    COMPREPLY=("${COMPREPLY[@]#"${typed%"${typed##*:}"}"}")
  fi
  if [[ $directive == 0 ]]; then
    compopt -o default
  fi
}

complete -F _kubectl_smlogs kubectl-smlogs
complete -F _kubectl_sagemaker kubectl-sagemaker
