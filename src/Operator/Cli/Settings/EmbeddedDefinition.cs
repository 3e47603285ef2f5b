namespace BitbucketOperator.Cli.Settings;

/// <summary>The custom resource definitions that this binary carries.</summary>
internal static class EmbeddedDefinition
{
    /// <summary>That of BitbucketConnection as YAML.</summary>
    /// <exception cref="InvalidOperationException">The binary was built without it.</exception>
    public static Stream Open() => Open("crd.yaml");

    /// <summary>That of BitbucketInventory as YAML.</summary>
    /// <exception cref="InvalidOperationException">The binary was built without it.</exception>
    public static Stream OpenInventories() => Open("inventories.yaml");

    private static Stream Open(string name) => typeof(EmbeddedDefinition).Assembly.GetManifestResourceStream(name)
        ?? throw new InvalidOperationException("The binary was built without its custom resource definition: run make generate first");
}
