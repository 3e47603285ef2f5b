namespace BitbucketOperator.Cli.Settings;

/// <summary>What the exit codes of <c>check</c> and of the kubectl plugin mean.</summary>
internal static class ExitCodes
{
    /// <summary>All is well.</summary>
    public const int Healthy = 0;

    /// <summary>It is not, or what was asked for could not be done.</summary>
    public const int NotHealthy = 1;

    /// <summary>The question makes no sense: wrong flags, manifests or kubeconfig.</summary>
    public const int BadInput = 2;
}
