namespace BitbucketOperator.Core.Inventory;

/// <summary>What could be seen of the webhooks of a project or workspace.</summary>
public enum ScopeView
{
    /// <summary>They were not read yet, or nothing depends on them.</summary>
    NotRead,

    /// <summary>All.</summary>
    Read,

    /// <summary>All, through one of the repositories that inherit them; they cannot be changed.</summary>
    Inherited,

    /// <summary>Nothing: the credential may not.</summary>
    Denied,

    /// <summary>There are none: the server keeps no webhooks there, or the scope is gone.</summary>
    Absent,

    /// <summary>Nothing, for a reason that says nothing about rights.</summary>
    Failed,
}
