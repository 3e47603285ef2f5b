using System.CommandLine;
using BitbucketOperator.Cli.Settings;

namespace BitbucketOperator.Cli;

/// <summary><c>crd</c>: prints the custom resource definitions that this binary goes with.</summary>
internal static class CrdCommand
{
    public static Command Create()
    {
        var command = new Command("crd", "Print the custom resource definitions, for kubectl apply -f -.");
        command.SetAction(async (_, cancellationToken) =>
        {
            await using var output = Console.OpenStandardOutput();
            foreach (var open in new[] { EmbeddedDefinition.Open, EmbeddedDefinition.OpenInventories })
            {
                await using var definition = open();
                await definition.CopyToAsync(output, cancellationToken);
            }

            return 0;
        });
        return command;
    }
}
