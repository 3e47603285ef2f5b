namespace BitbucketOperator.Core.Connection;

/// <summary>Where the webhook of one entry of spec.webhooks lives, within one project or workspace.</summary>
/// <param name="Above">On the project or workspace itself; false: on each of its repositories.</param>
/// <param name="Held">Nobody can tell now whether that is right, so that whatever is there stays as it is.</param>
public readonly record struct EntryLevel(bool Above, bool Held = false);

/// <summary>What could be seen of the webhooks of a project or workspace.</summary>
public enum PlaceView
{
    /// <summary>Nobody has a reason to look there.</summary>
    NotLookedAt,

    /// <summary>Not due: it counts as it was found last.</summary>
    Remembered,

    /// <summary>All.</summary>
    Read,

    /// <summary>All, through one of the repositories that inherit them; they cannot be changed.</summary>
    Inherited,

    /// <summary>Nothing: the credential may not.</summary>
    Denied,

    /// <summary>There are none: the server keeps no webhooks there, or the place is gone.</summary>
    Absent,

    /// <summary>Nothing, for a reason that says nothing about rights.</summary>
    Failed,
}
