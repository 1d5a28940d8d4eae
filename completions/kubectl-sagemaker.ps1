# Completion of kubectl-smlogs and kubectl-sagemaker in PowerShell 5.1 and newer, for those who call them so:
#   kubectl sagemaker completion powershell | Out-String | Invoke-Expression
# After `kubectl smlogs` itself kubectl completes: see `kubectl sagemaker completion kubectl`.

Register-ArgumentCompleter -Native -CommandName 'kubectl-smlogs', 'kubectl-sagemaker' -ScriptBlock {
    param($typed, $line, $cursor)
    $program, $before = @($line.CommandElements | Where-Object { $_.Extent.EndOffset -lt $cursor } | ForEach-Object { $_.Extent.Text })
    # Before 7.3 an empty word does not reach a program.
    $last = if ($typed -or $PSVersionTable.PSVersion -ge [version]'7.3') { "$typed" } else { '""' }
    $answer = @(& $program __complete @before $last 2>$null)
    # Of --flag=value the value is completed, and PowerShell wants the whole word.
    $flag = if ("$typed" -match '^-[^=]*=') { $Matches[0] } else { '' }
    # Without an answer PowerShell offers files, which is what :0 means.
    $answer | Where-Object { $_ -notmatch '^:\d+$' } | ForEach-Object {
        $word, $what = "$_" -split "`t", 2
        if (-not $what) { $what = $word }
        [System.Management.Automation.CompletionResult]::new("$flag$word", $word, 'ParameterValue', $what)
    }
}
