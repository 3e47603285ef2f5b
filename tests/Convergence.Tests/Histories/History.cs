using System.Text;

namespace BitbucketOperator.Convergence.Tests.Histories;

/// <summary>All that happens to one connection, from its first day on.</summary>
/// <param name="Setup">How it begins.</param>
/// <param name="Steps">What happens then, in order. Numbers in a step pick among what is there at that time.</param>
/// <param name="Deletion">
/// How it ends. Null: with the faults gone and the rights back, it must come to rest. Else the resource is deleted, and these
/// are the first tries to clean up.
/// </param>
internal sealed record History(Setup Setup, IReadOnlyList<Step> Steps, IReadOnlyList<CleanUp>? Deletion)
{
    public override string ToString()
    {
        var text = new StringBuilder($"{Setup}\n");
        foreach (var step in Steps)
        {
            text.Append("- ").Append(step).Append('\n');
        }

        foreach (var step in Deletion ?? [])
        {
            text.Append("- deleted: ").Append(step).Append('\n');
        }

        return text.Append(Deletion is null ? "- heals" : "- deleted, and heals").ToString();
    }
}

/// <summary>How a history begins.</summary>
/// <param name="PageSize">Largest page of a listing.</param>
/// <param name="Projects">How many.</param>
/// <param name="Repositories">Which.</param>
/// <param name="Entries">Of spec.webhooks.</param>
/// <param name="Discovery">The rules.</param>
/// <param name="ManagesAbove">Bits of the projects, or of the workspace, whose webhooks the account may manage.</param>
internal sealed record Setup(
    int PageSize, int Projects, IReadOnlyList<SetupRepository> Repositories, IReadOnlyList<SetEntry> Entries, SetDiscovery Discovery, int ManagesAbove)
{
    public override string ToString() =>
        $"{Projects} projects, pages of {PageSize}, may manage above {ManagesAbove}, {string.Join(", ", Repositories)}\n- "
            + $"{string.Join("\n- ", Entries.Append<Step>(Discovery))}\n--";
}

/// <summary>A repository of the beginning.</summary>
internal sealed record SetupRepository(int Project, bool Archived, bool Fork)
{
    public override string ToString() => $"{Project}{(Archived ? " archived" : "")}{(Fork ? " fork" : "")}";
}
