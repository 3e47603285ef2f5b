using System.CommandLine;
using BitbucketOperator.Cli.Settings;

namespace BitbucketOperator.Cli;

/// <summary><c>crd</c>: prints the custom resource definition that this binary goes with.</summary>
internal static class CrdCommand
{
    public static Command Create()
    {
        var command = new Command("crd", "Print the custom resource definition, for kubectl apply -f -.");
        command.SetAction(async (_, cancellationToken) =>
        {
            await using var crd = EmbeddedDefinition.Open();
            await using var output = Console.OpenStandardOutput();
            await crd.CopyToAsync(output, cancellationToken);
            return 0;
        });
        return command;
    }
}
