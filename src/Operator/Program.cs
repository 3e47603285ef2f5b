using System.CommandLine;
using BitbucketOperator.Commands;
using BitbucketOperator.Commands.Check;

var root = new RootCommand("Keeps the webhooks of Bitbucket repositories as BitbucketConnection resources declare them. Without a command: run.")
{
    RunCommand.Create("run", "Run the controller (the default)."),
    CheckCommand.Create(),
    CrdCommand.Create(),
    ProbeCommand.Create(),
};
RunCommand.AddTo(root);
return await root.Parse(args).InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = null });
