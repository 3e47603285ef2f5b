using System.CommandLine;

namespace BitbucketOperator.Cli.Plugin;

/// <summary>The flags that every command of the plugin has, by their names in kubectl.</summary>
internal sealed class ClusterFlags
{
    private readonly Option<string?> _namespace = new("--namespace", "-n")
    {
        Description = "Namespace. Default: the context's.",
        Recursive = true,
    };

    private readonly Option<string?> _context = new("--context")
    {
        Description = "Context of the kubeconfig file. Default: its current one.",
        Recursive = true,
    };

    private readonly Option<string?> _kubeconfig = new("--kubeconfig")
    {
        Description = "Kubeconfig file. Default: KUBECONFIG or ~/.kube/config.",
        Recursive = true,
    };

    /// <summary>Adds them to a command and all below it.</summary>
    public void AddTo(Command command)
    {
        command.Options.Add(_namespace);
        command.Options.Add(_context);
        command.Options.Add(_kubeconfig);
    }

    /// <summary>Opens the cluster.</summary>
    /// <exception cref="PluginException">There is no such kubeconfig or context.</exception>
    public ClusterConnections Open(ParseResult parsed) =>
        ClusterConnections.Open(parsed.GetValue(_kubeconfig), parsed.GetValue(_context), parsed.GetValue(_namespace));

    /// <summary>The argument that names a connection.</summary>
    public Argument<string> Name()
    {
        var name = new Argument<string>("name") { Description = "Name of the BitbucketConnection." };
        Complete(name);
        return name;
    }

    /// <summary>Has names complete from the cluster; a flag that nobody knows is not taken for one.</summary>
    public void Complete<T>(Argument<T> name)
    {
        name.CompletionSources.Add(context => Names(context.ParseResult));
        name.Validators.Add(result =>
        {
            if (result.Tokens is [{ Value: ['-', ..] flag }])
            {
                result.AddError($"there is no flag {flag}");
            }
        });
    }

    /// <summary>An action that ends with one clear line when the cluster does not do what it was asked.</summary>
    public void Run(Command command, Func<ParseResult, ClusterConnections, CancellationToken, Task<int>> action) =>
        command.SetAction((parsed, cancellationToken) => PluginException.GuardAsync(async () =>
        {
            using var cluster = Open(parsed);
            return await action(parsed, cluster, cancellationToken);
        }));

    // None when the cluster does not answer at once.
    private IEnumerable<string> Names(ParseResult parsed) => NameList.Read(() => Open(parsed));
}
