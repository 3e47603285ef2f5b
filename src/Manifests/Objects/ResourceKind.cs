namespace BitbucketOperator.Manifests.Objects;

/// <summary>The kind of custom resource that is read, as its definition names it.</summary>
internal sealed record ResourceKind(string Group, string Version, string Kind)
{
    /// <summary>As apiVersion has it.</summary>
    public string ApiVersion => $"{Group}/{Version}";
}
