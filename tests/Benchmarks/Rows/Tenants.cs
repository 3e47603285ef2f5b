using System.Globalization;
using System.Text.Json.Nodes;
using BitbucketOperator.Benchmarks.World;

namespace BitbucketOperator.Benchmarks.Rows;

/// <summary>Many small connections: each has a project of its own with two repositories, a token of that project, and no rules.</summary>
internal static class Tenants
{
    private const int PerNamespace = 25;

    public static string NamespaceOf(int tenant) => "team-" + ((tenant - 1) / PerNamespace).ToString("000", CultureInfo.InvariantCulture);

    public static string NameOf(int tenant) => Seeds.ProjectOf(tenant).ToLowerInvariant();

    /// <summary>Makes the namespaces, Secrets and connections.</summary>
    public static async Task AddAsync(
        BenchWorld world, SimulatorProcess bitbucket, int count, bool oneUrl, CancellationToken cancellationToken)
    {
        foreach (var ns in Enumerable.Range(1, count).Select(NamespaceOf).Distinct(StringComparer.Ordinal))
        {
            await world.AddNamespaceAsync(ns, bitbucket.CaPem, cancellationToken);
        }

        await world.ApplyAllAsync(Enumerable.Range(1, count).Select(SecretOf), cancellationToken);
        await world.ApplyAllAsync(Enumerable.Range(1, count).Select(i => ConnectionOf(bitbucket, i, oneUrl)), cancellationToken);
    }

    private static JsonObject SecretOf(int tenant) =>
        Manifests.Secret(NamespaceOf(tenant), NameOf(tenant), ("token", Seeds.TokenOf(Seeds.ProjectOf(tenant))));

    private static JsonObject ConnectionOf(SimulatorProcess bitbucket, int tenant, bool oneUrl)
    {
        var url = oneUrl ? Manifests.HookUrl : $"https://ci.example.com/{NameOf(tenant)}";
        return Manifests.Connection(
            NamespaceOf(tenant), NameOf(tenant), Manifests.DataCenterSpec(bitbucket.Url, NameOf(tenant), "Repository", url));
    }
}
