using System.CommandLine;

namespace BitbucketOperator.Cli.Plugin;

/// <summary><c>completion</c> prints what shells need; <c>__complete</c> is what that calls.</summary>
internal static class CompletionCommands
{
    private const string Hidden = "__complete";

    // What kubectl reads as its last line: complete with these alone, and no file names.
    private const string NoFiles = ":4";

    public static Command Scripts()
    {
        var shell = new Argument<string>("shell")
        {
            Description = "bash, zsh, fish; or kubectl, for the file kubectl_complete-bitbucket that kubectl's own completion calls.",
        };
        shell.AcceptOnlyFromAmong("bash", "zsh", "fish", "kubectl");
        var command = new Command("completion", "Print the script that completes commands and names.") { shell };
        command.SetAction(parsed => Console.Write(parsed.GetValue(shell) switch
        {
            "bash" => Bash,
            "zsh" => Zsh,
            "fish" => Fish,
            _ => Kubectl,
        }));
        return command;
    }

    public static Command Candidates(RootCommand root)
    {
        var words = new Argument<string[]>("words") { Arity = ArgumentArity.ZeroOrMore };
        var command = new Command(Hidden) { words };
        command.Hidden = true;
        command.TreatUnmatchedTokensAsErrors = false;
        command.SetAction(_ => Console.Write(Complete(root, Environment.GetCommandLineArgs().SkipWhile(a => a != Hidden).Skip(1).ToArray())));
        return command;
    }

    // The last word is the one to complete; it may be empty.
    private static string Complete(RootCommand root, string[] words)
    {
        var line = string.Join(' ', words.Select(w => w.Contains(' ', StringComparison.Ordinal) ? $"\"{w}\"" : w));
        var last = words is [.., var word] ? word : "";
        var found = root.Parse(line).GetCompletions(line.Length)
            .Select(c => c.Label)
            .Where(label => label.StartsWith(last, StringComparison.Ordinal)
                && (last.Length > 0 || !label.StartsWith('-')) && !label.StartsWith('/'))
            .Order(StringComparer.Ordinal);
        return string.Join('\n', [.. found, NoFiles]) + "\n";
    }

    private const string Kubectl = """
        #!/bin/sh
        # Put this on the PATH as kubectl_complete-bitbucket, executable: kubectl's own completion calls it.
        exec kubectl-bitbucket __complete "$@"

        """;

    private const string Bash = """
        _kubectl_bitbucket() {
            local line
            COMPREPLY=()
            while IFS= read -r line; do
                case $line in :*) ;; *) COMPREPLY+=("$line") ;; esac
            done < <(kubectl-bitbucket __complete "${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
        }
        complete -F _kubectl_bitbucket kubectl-bitbucket

        """;

    private const string Zsh = """
        #compdef kubectl-bitbucket
        _kubectl_bitbucket() {
            local -a found
            found=(${(f)"$(kubectl-bitbucket __complete "${(@)words[2,CURRENT]}" 2>/dev/null)"})
            compadd -- ${found:#:*}
        }
        if [ "$funcstack[1]" = "_kubectl_bitbucket" ]; then _kubectl_bitbucket "$@"; else compdef _kubectl_bitbucket kubectl-bitbucket; fi

        """;

    private const string Fish = """
        complete -c kubectl-bitbucket -f -a '(kubectl-bitbucket __complete (commandline -opc)[2..] (commandline -ct) 2>/dev/null | string match -v ":*")'

        """;
}
