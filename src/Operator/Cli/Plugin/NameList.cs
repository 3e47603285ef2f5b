namespace BitbucketOperator.Cli.Plugin;

/// <summary>Names of connections for the shell, where nothing may go wrong aloud.</summary>
internal static class NameList
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);

    public static IEnumerable<string> Read(Func<ClusterConnections> open)
    {
        // System.CommandLine asks for completions without awaiting; the process does nothing else.
        var names = Task.Run(() => ReadAsync(open));
        return names.GetAwaiter().GetResult();
    }

    private static async Task<IReadOnlyList<string>> ReadAsync(Func<ClusterConnections> open)
    {
        try
        {
            using var cluster = open();
            using var limit = new CancellationTokenSource(Patience, TimeProvider.System);
            return [.. (await cluster.ListAsync(allNamespaces: false, limit.Token)).Select(c => c.Metadata.Name)];
        }
        catch (Exception error) when (PluginException.IsExpected(error) || error is OperationCanceledException)
        {
            return [];
        }
    }
}
