namespace BitbucketOperator.Chaos.Runs;

/// <summary>What to play.</summary>
internal sealed record ChaosOptions
{
    /// <summary>How many schedules.</summary>
    public required int Schedules { get; init; }

    /// <summary>The first seed; the others follow.</summary>
    public required long Seed { get; init; }

    /// <summary>How many worlds play at once.</summary>
    public required int Worlds { get; init; }

    /// <summary>Numbers of the steps to play; empty for all.</summary>
    public IReadOnlyList<int> Keep { get; init; } = [];

    /// <summary>The API server or its storage is killed while they play, round by round.</summary>
    public bool Outages { get; init; }

    /// <summary>Whether a schedule that fails is made smaller.</summary>
    public bool Reduce { get; init; } = true;

    /// <summary>Where the logs of schedules that fail go.</summary>
    public required string Output { get; init; }

    /// <summary>Is told what is being done.</summary>
    public Action<string> Say { get; init; } = Console.WriteLine;
}
