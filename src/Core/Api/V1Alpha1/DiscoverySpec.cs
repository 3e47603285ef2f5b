namespace BitbucketOperator.Core.Api.V1Alpha1;

/// <summary>Rules that select repositories.</summary>
[ValidationRule(
    "!has(self.repositories) || size(self.repositories) == 0 || ((!has(self.projects) || size(self.projects) == 0) && (!has(self.include) || "
        + "size(self.include) == 0))",
    "discovery.repositories is an exact list and cannot be combined with discovery.projects or discovery.include: keep one of them",
    FieldPath = ".repositories")]
public sealed class DiscoverySpec
{
    /// <summary>Keys of the projects to look into, such as PLAT, or ~jdoe for a personal one. Empty: everything that the credential can see.</summary>
    [Items(0, 500)]
    [Length(1, 128)]
    [Pattern("^(~[A-Za-z0-9._-]+|[A-Za-z0-9][A-Za-z0-9._-]*)$")]
    [ListType]
    public List<string> Projects { get; set; } = [];

    /// <summary>
    /// Patterns of PROJECT/slug; a repository needs to match one. * stands for any characters but /, ? for one, ** for
    /// any with /; letters match without regard to case. Empty: all.
    /// </summary>
    [Items(0, 200)]
    [Length(1, 256)]
    [ListType]
    public List<string> Include { get; set; } = [];

    /// <summary>Patterns of PROJECT/slug, written like those of include; a repository that matches one is left out. Wins over include.</summary>
    [Items(0, 200)]
    [Length(1, 256)]
    [ListType]
    public List<string> Exclude { get; set; } = [];

    /// <summary>
    /// Exact list of PROJECT/slug. They are fetched one by one and nothing is listed, as a token of a single repository
    /// needs it. Cannot be combined with projects or include. Empty: the rules above select.
    /// </summary>
    [Items(0, 500)]
    [Length(3, 256)]
    [Pattern("^[^/]+/[^/]+$")]
    [ListType]
    public List<string> Repositories { get; set; } = [];

    /// <summary>True selects archived repositories too.</summary>
    public bool Archived { get; set; }

    /// <summary>False leaves out forks.</summary>
    public bool Forks { get; set; } = true;

    /// <summary>True selects repositories of personal projects too. Those named by projects or repositories are always selected.</summary>
    public bool Personal { get; set; }

    /// <summary>
    /// A listing that lost more than this share of the repositories at once, in percent, or all of them, is doubted: no
    /// webhook is removed until it recovers or somebody confirms it.
    /// </summary>
    [Range(0, 100)]
    public int MaxShrinkPercent { get; set; } = 50;
}
