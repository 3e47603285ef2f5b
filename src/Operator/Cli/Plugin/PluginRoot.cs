using System.CommandLine;
using BitbucketOperator.Cli.Check;

namespace BitbucketOperator.Cli.Plugin;

/// <summary>The commands of <c>kubectl bitbucket</c>: the same binary by another name.</summary>
internal static class PluginRoot
{
    /// <summary>The name that kubectl looks for.</summary>
    public const string ProgramName = "kubectl-bitbucket";

    /// <summary>True when the process was started by that name: as a copy, or by a link.</summary>
    public static bool IsMeant => Path.GetFileNameWithoutExtension(Environment.GetCommandLineArgs()[0]) == ProgramName;

    public static RootCommand Create()
    {
        var cluster = new ClusterFlags();
        var (look, act) = (new LookCommands(cluster), new ActCommands(cluster));
        var root = new RootCommand("Looks after the BitbucketConnections of a cluster.")
        {
            look.Status(), look.Repos(), look.Plan(), act.Reconcile(), act.Suspend(), act.Resume(), look.DoctorCommand(), CheckCommand.Create(),
        };
        cluster.AddTo(root);
        root.Subcommands.Add(CompletionCommands.Scripts());
        root.Subcommands.Add(CompletionCommands.Candidates(root));
        return root;
    }
}
