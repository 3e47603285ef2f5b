using System.Text.Json.Nodes;

namespace BitbucketOperator.ControlPlane.Tests;

/// <summary>An open watch, read line by line.</summary>
internal sealed class Watch : IDisposable
{
    private readonly HttpClient _client;
    private readonly StreamReader _reader;

    private Watch(HttpClient client, StreamReader reader) => (_client, _reader) = (client, reader);

    public static async Task<Watch> OpenAsync(Cluster cluster, string path, string resourceVersion)
    {
        var client = cluster.CreateClient();
        var address = new Uri($"{path}?watch=true&resourceVersion={resourceVersion}", UriKind.Relative);
        var response = await client.GetAsync(address, HttpCompletionOption.ResponseHeadersRead, TestContext.Current.CancellationToken);
        response.EnsureSuccessStatusCode();
        return new Watch(client, new StreamReader(await response.Content.ReadAsStreamAsync(TestContext.Current.CancellationToken)));
    }

    /// <summary>Type and name of the next event; null when the server has ended the watch.</summary>
    public async Task<string?> NextAsync()
    {
        using var deadline = Eventually.Patience(cancellationToken: TestContext.Current.CancellationToken);
        try
        {
            var line = await _reader.ReadLineAsync(deadline.Token);
            return line is null ? null : Describe(JsonNode.Parse(line)!);
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            return null;
        }
    }

    public void Dispose()
    {
        _reader.Dispose();
        _client.Dispose();
    }

    private static string Describe(JsonNode change) => $"{change["type"]} {change["object"]!["metadata"]!["name"]}";
}
