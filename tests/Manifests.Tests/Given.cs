using BitbucketOperator.Core.Api;
using BitbucketOperator.Core.Api.V1Alpha1;
using BitbucketOperator.Manifests.Reading;

namespace BitbucketOperator.Manifests.Tests;

/// <summary>The reader of connections, as the operator sets it up.</summary>
internal static class Given
{
    public static string DefinitionText { get; } = ReadDefinition();

    public static ResourceDefinition Definition { get; } = ResourceDefinition.Parse(DefinitionText, BitbucketConnection.Version);

    public static ManifestReader<BitbucketConnection> Reader { get; } = new(Definition, ApiJsonContext.Default.BitbucketConnection);

    private static string ReadDefinition()
    {
        using var definition = new StreamReader(typeof(Given).Assembly.GetManifestResourceStream("crd.yaml")!);
        return definition.ReadToEnd();
    }
}
