namespace BitbucketOperator.Core.Port;

/// <summary>The flavours of Bitbucket.</summary>
public enum Flavour
{
    /// <summary>Self-hosted: Bitbucket Data Center or Server.</summary>
    DataCenter,

    /// <summary>Hosted by Atlassian: bitbucket.org.</summary>
    Cloud,
}
