using System.CommandLine;

namespace BitbucketOperator.Commands;

/// <summary><c>crd</c>: prints the custom resource definition that this binary goes with.</summary>
internal static class CrdCommand
{
    public static Command Create()
    {
        var command = new Command("crd", "Print the custom resource definition, for kubectl apply -f -.");
        command.SetAction(async (_, cancellationToken) =>
        {
            await using var crd = typeof(CrdCommand).Assembly.GetManifestResourceStream("crd.yaml")
                ?? throw new InvalidOperationException("The binary was built without its custom resource definition: run make generate first");
            await using var output = Console.OpenStandardOutput();
            await crd.CopyToAsync(output, cancellationToken);
            return 0;
        });
        return command;
    }
}
