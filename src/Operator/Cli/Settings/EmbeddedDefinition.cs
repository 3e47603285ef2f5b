namespace BitbucketOperator.Cli.Settings;

/// <summary>The custom resource definition that this binary carries.</summary>
internal static class EmbeddedDefinition
{
    /// <summary>The definition as YAML.</summary>
    /// <exception cref="InvalidOperationException">The binary was built without it.</exception>
    public static Stream Open() => typeof(EmbeddedDefinition).Assembly.GetManifestResourceStream("crd.yaml")
        ?? throw new InvalidOperationException("The binary was built without its custom resource definition: run make generate first");
}
