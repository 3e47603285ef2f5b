using BitbucketOperator.Core.Port;

namespace BitbucketOperator.Core.Mapping;

/// <summary>How status.failures[].examples names the place of a failure: <c>PLAT/api (ci)</c>.</summary>
public static class FailureExamples
{
    /// <summary>The text of an example.</summary>
    /// <param name="place">Where it fails.</param>
    /// <param name="webhook">Name of the entry in spec.webhooks; null when it concerns all.</param>
    public static string Format(Place place, string? webhook)
    {
        var name = place.Kind switch
        {
            ScopeKind.Repository => place.Name,
            ScopeKind.Project => WebhookScope.OfProject(place.Name).Id,
            ScopeKind.Workspace => WebhookScope.OfWorkspace(place.Name).Id,
        };
        return webhook is null ? name : $"{name} ({webhook})";
    }

    /// <summary>Reads one.</summary>
    public static (Place Place, string? Webhook) Parse(string example)
    {
        var at = example.EndsWith(')') ? example.LastIndexOf(" (", StringComparison.Ordinal) : -1;
        var (name, webhook) = at < 0 ? (example, null) : (example[..at], example[(at + 2)..^1]);
        var place = WebhookScope.ParseProjectLevel(name) is { } scope ? Place.Of(scope) : new Place(ScopeKind.Repository, name);
        return (place, webhook);
    }
}
