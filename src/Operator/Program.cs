using System.CommandLine;
using BitbucketOperator.Cli;
using BitbucketOperator.Cli.Check;
using BitbucketOperator.Cli.Plugin;
using BitbucketOperator.Cli.Run;
using BitbucketOperator.Cli.Settings;

// Without a time-out for the end, Ctrl-C ends the process at once; the controller listens to signals itself.
var configuration = new InvocationConfiguration { ProcessTerminationTimeout = null };
var root = PluginRoot.IsMeant ? PluginRoot.Create() : Operator();
var parsed = root.Parse(args);
var code = await parsed.InvokeAsync(configuration);
return parsed.Errors.Count > 0 && (PluginRoot.IsMeant || parsed.CommandResult.Command.Name == "check") ? ExitCodes.BadInput : code;

static RootCommand Operator()
{
    var root = new RootCommand("Keeps the webhooks of Bitbucket repositories as BitbucketConnection resources declare them. Without a command: run.")
    {
        RunCommand.Create("run", "Run the controller (the default)."),
        CheckCommand.Create(),
        CrdCommand.Create(),
        ProbeCommand.Create(),
        UninstallCheckCommand.Create(),
    };
    RunCommand.AddTo(root);
    return root;
}
