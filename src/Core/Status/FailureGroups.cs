using BitbucketOperator.Core.Api;
using BitbucketOperator.Core.Api.V1Alpha1;
using BitbucketOperator.Core.Mapping;
using BitbucketOperator.Core.Port;

namespace BitbucketOperator.Core.Status;

/// <summary>One failure, before it is grouped with others.</summary>
/// <param name="Place">Where.</param>
/// <param name="Webhook">Name of the entry in spec.webhooks; null when it concerns all.</param>
/// <param name="Reason">Why.</param>
/// <param name="Message">Why, for people, without the place.</param>
internal sealed record SingleFailure(Place Place, string? Webhook, Reason Reason, string Message);

/// <summary>Writes status.failures: what fails for one reason in many places is one group.</summary>
internal static class FailureGroups
{
    /// <summary>How many groups there are at most.</summary>
    public const int Most = 10;

    private const int MostExamples = 5;
    private const int MostCharacters = 300;

    /// <summary>The largest groups, and how many failures they leave out.</summary>
    /// <param name="failures">All, sorted by place.</param>
    public static (List<FailureStatus> Groups, int NotListed) Of(IReadOnlyList<SingleFailure> failures)
    {
        var groups = failures.GroupBy(f => (f.Reason.Name, f.Message))
            .Select(g => Group(g.Key.Name, g.Key.Message, [.. g]))
            .OrderByDescending(g => g.Count)
            .ThenBy(g => g.Reason, StringComparer.Ordinal)
            .ThenBy(g => g.Message, StringComparer.Ordinal)
            .Take(Most)
            .ToList();
        return (groups, failures.Count - groups.Sum(g => g.Count));
    }

    private static FailureStatus Group(string reason, string message, List<SingleFailure> failures) => new()
    {
        Reason = reason,
        Message = message,
        Count = failures.Count,
        Examples = Bounds.First(failures.Select(f => FailureExamples.Format(f.Place, f.Webhook)), MostExamples, MostCharacters, e => e.Length),
    };
}
