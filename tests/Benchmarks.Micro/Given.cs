using System.Globalization;
using BitbucketOperator.Core.Observation;
using BitbucketOperator.Core.Ownership;
using BitbucketOperator.Core.Port;

namespace BitbucketOperator.Benchmarks.Micro;

/// <summary>Input for the benchmarks.</summary>
internal static class Given
{
    public static readonly WebhookOwner Owner = WebhookOwner.Of("cluster", "ci", "platform");

    public static Repository Repository(int number) => new(
        number.ToString(CultureInfo.InvariantCulture),
        new RepositoryName($"TEAM{number % 100:00}", $"service-{number}"),
        Archived: number % 10 == 0,
        Fork: number % 15 == 0);

    public static Repository[] Repositories(int count) => [.. Enumerable.Range(1, count).Select(Repository)];

    public static DesiredWebhook Desired(string name)
    {
        var url = $"https://ci.example.com/hooks/{name}";
        var marker = new WebhookMarker(Owner.Id, name, "3f9a1c2b7d8e9f00");
        HashSet<string> events = ["repo:refs_changed", "pr:opened", "pr:merged"];
        return new DesiredWebhook(name, url, new WebhookDefinition(
            WebhookMarker.Title(name, Owner),
            marker.ToString(),
            url,
            events,
            Active: true,
            SslVerification: true,
            new SecretText("bench-secret")));
    }

    /// <summary>A webhook that is as desired.</summary>
    public static Webhook InPlace(DesiredWebhook desired, int id)
    {
        var d = desired.Definition.Value!;
        return new Webhook(
            id.ToString(CultureInfo.InvariantCulture),
            d.Title,
            d.Marker,
            d.Url,
            d.Events,
            d.Active,
            d.SslVerification,
            new WebhookSecret(IsSet: true, d.Secret));
    }

    /// <summary>A webhook of somebody else.</summary>
    public static Webhook Foreign(int id) => new(
        id.ToString(CultureInfo.InvariantCulture),
        $"by hand {id}",
        Marker: null,
        $"https://other.example.com/{id}",
        new HashSet<string>(StringComparer.Ordinal) { "repo:refs_changed" },
        Active: true,
        SslVerification: true,
        WebhookSecret.None);
}
