namespace BitbucketOperator.Chaos.Schedules;

/// <summary>All that happens to a world before it is left alone.</summary>
/// <param name="Seed">What it was made from.</param>
/// <param name="Steps">In the order of their times.</param>
/// <param name="Asks">
/// Whether somebody asks for a reconcile of everything afterwards. Else the operator has to find out by itself what people
/// did to webhooks.
/// </param>
internal sealed record Schedule(long Seed, IReadOnlyList<Step> Steps, bool Asks)
{
    /// <summary>When the last trouble is over.</summary>
    public TimeSpan Length => Steps.Select(s => s.At + s.For).DefaultIfEmpty().Max();

    /// <summary>The same with some steps alone, by their numbers.</summary>
    public Schedule Only(IReadOnlyCollection<int> kept) => this with { Steps = [.. Steps.Where((_, i) => kept.Contains(i))] };

    public override string ToString() =>
        string.Join('\n', [.. Steps.Index().Select(s => $"  {s.Index,2}. {s.Item}"), Asks ? "  heals, and a reconcile is asked for" : "  heals"]);
}
