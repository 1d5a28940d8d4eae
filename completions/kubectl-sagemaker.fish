# Completion of kubectl-smlogs and kubectl-sagemaker in fish 3.4 and newer, for those who call them so:
#   kubectl sagemaker completion fish | source
# After `kubectl smlogs` itself kubectl completes: see `kubectl sagemaker completion kubectl`.

function __kubectl_sagemaker_ask
    set -l before (commandline --cut-at-cursor --tokenize --current-process)
    set -l typed (commandline --cut-at-cursor --current-token | string collect --allow-empty)
    set -l answer ($argv[1] __complete $before[2..] $typed 2>/dev/null)
    # Of --flag=value the value is completed, and fish wants the whole word.
    set -l flag (string match --regex -- '^-[^=]*=' $typed)
    if test "$answer[-1]" = :0
        set answer (__fish_complete_path (string replace -- "$flag" '' $typed))
    end
    for line in $answer
        string match --quiet --regex -- '^:[0-9]+$' $line; or printf '%s%s\n' "$flag" $line
    end
end

complete --command kubectl-smlogs --no-files --arguments '(__kubectl_sagemaker_ask kubectl-smlogs)'
complete --command kubectl-sagemaker --no-files --arguments '(__kubectl_sagemaker_ask kubectl-sagemaker)'
