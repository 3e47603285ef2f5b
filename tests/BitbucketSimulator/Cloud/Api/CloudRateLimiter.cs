using System.Globalization;
using BitbucketOperator.BitbucketSimulator.Serving;
using BitbucketOperator.BitbucketSimulator.State;

namespace BitbucketOperator.BitbucketSimulator.Cloud.Api;

/// <summary>Calls of the last hour, for each credential and group of resources. Call it under the state's lock.</summary>
internal sealed class CloudRateLimiter(CloudWorld world, TimeProvider clock)
{
    private static readonly TimeSpan Window = TimeSpan.FromHours(1);
    private readonly Dictionary<string, Queue<DateTimeOffset>> _calls = new(StringComparer.Ordinal);

    /// <summary>Counts one call; the 429 answer when the budget is used up.</summary>
    public Answer? Take(HttpContext http, CloudCaller caller)
    {
        var settings = world.RateLimit;
        if (GroupOf(http.Request.Path, caller, settings) is not { } group) return null;
        var key = $"{caller.BudgetKey ?? http.Connection.RemoteIpAddress?.ToString()} {group.Name}";
        if (!_calls.TryGetValue(key, out var calls)) _calls[key] = calls = new();
        var now = clock.GetUtcNow();
        while (calls.TryPeek(out var oldest) && oldest <= now - Window) calls.Dequeue();
        var refused = settings.Enabled && calls.Count >= group.Limit;
        if (settings.Enabled && (!refused || settings.RefusedCallsCount)) calls.Enqueue(now);
        if (caller.Token is { IsAccessToken: true }) SetHeaders(http.Response, group, calls.Count, settings);
        return refused ? Refuse(settings, calls, group, now) : null;
    }

    private static Group? GroupOf(PathString path, CloudCaller caller, CloudRateLimit settings)
    {
        if (caller.BudgetKey is null) return new("anonymous", settings.AnonymousPerHour);
        var segments = path.Value!.Split('/', StringSplitOptions.RemoveEmptyEntries);
        if (segments.Length < 2) return null;
        var hooks = Array.IndexOf(segments, "hooks");
        if (hooks == (segments[1] == "repositories" ? 4 : 3)) return new("webhooks", settings.WebhooksPerHour);
        return segments[1] == "repositories" ? new("api", settings.RepositoriesPerHour) : null;
    }

    private static void SetHeaders(HttpResponse response, Group group, int used, CloudRateLimit settings)
    {
        var near = group.Limit * 8 / 10;
        response.Headers["X-RateLimit-Limit"] = group.Limit.ToString(CultureInfo.InvariantCulture);
        response.Headers["X-RateLimit-Resource"] = group.Name;
        response.Headers["X-RateLimit-NearLimit"] = settings.NearLimit == NearLimitStyle.Number
            ? near.ToString(CultureInfo.InvariantCulture)
            : used >= near ? "true" : "false";
    }

    private static Answer Refuse(CloudRateLimit settings, Queue<DateTimeOffset> calls, Group group, DateTimeOffset now)
    {
        var answer = new Answer(429) { Text = settings.EmptyBody ? null : "Rate limit for this resource has been exceeded", ContentType = "text/plain" };
        if (settings.RetryAfter)
        {
            var free = calls.Skip(Math.Max(0, calls.Count - group.Limit)).First() + Window;
            answer.Headers["Retry-After"] = Math.Ceiling((free - now).TotalSeconds).ToString(CultureInfo.InvariantCulture);
        }

        return answer;
    }

    private sealed record Group(string Name, int Limit);
}
