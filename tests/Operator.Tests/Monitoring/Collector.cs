using System.Collections.Concurrent;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace BitbucketOperator.Operator.Tests.Monitoring;

/// <summary>A span as it was sent.</summary>
internal sealed record SentSpan(string Name, string TraceId, string Id, string ParentId);

/// <summary>Takes what OpenTelemetry sends over http/protobuf.</summary>
internal sealed class Collector : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly ConcurrentQueue<(string Path, byte[] Body)> _received = new();

    private Collector(WebApplication app)
    {
        _app = app;
        app.Run(HandleAsync);
    }

    public string Address => _app.Urls.Single();

    public IReadOnlyList<byte[]> Metrics => Bodies("/v1/metrics");

    public IReadOnlyList<byte[]> Traces => Bodies("/v1/traces");

    /// <summary>All spans: resource spans are field 1, their scopes field 2, and of those the spans field 2.</summary>
    public IReadOnlyList<SentSpan> Spans =>
    [
        .. Traces.SelectMany(b => Fields(b, 1)).SelectMany(r => Fields(r, 2)).SelectMany(s => Fields(s, 2))
            .Select(s => new SentSpan(Text(s, 5), Hex(s, 1), Hex(s, 2), Hex(s, 4))),
    ];

    public static async Task<Collector> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        var app = builder.Build();
        app.Urls.Add("http://127.0.0.1:0");
        var collector = new Collector(app);
        await app.StartAsync();
        return collector;
    }

    /// <summary>Ends it, and looks for secrets in all that it was sent.</summary>
    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        foreach (var (path, body) in _received)
        {
            Marked.ShouldNotBeIn($"what was sent to {path}", System.Text.Encoding.UTF8.GetString(body));
        }
    }

    private async Task HandleAsync(HttpContext context)
    {
        using var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body);
        _received.Enqueue((context.Request.Path, body.ToArray()));
    }

    private List<byte[]> Bodies(string path) => [.. _received.Where(r => r.Path == path).Select(r => r.Body)];

    private static string Text(byte[] message, int field) => System.Text.Encoding.UTF8.GetString(Fields(message, field).SingleOrDefault() ?? []);

    private static string Hex(byte[] message, int field) => Convert.ToHexStringLower(Fields(message, field).SingleOrDefault() ?? []);

    // The values of a field that have a length; all others are passed over.
    private static List<byte[]> Fields(byte[] message, int wanted)
    {
        var found = new List<byte[]>();
        for (var at = 0; at < message.Length;)
        {
            var key = Number(message, ref at);
            switch (key & 7)
            {
                case 0:
                    Number(message, ref at);
                    break;
                case 1:
                    at += 8;
                    break;
                case 5:
                    at += 4;
                    break;
                default:
                    var length = (int)Number(message, ref at);
                    if (key >> 3 == (ulong)wanted)
                    {
                        found.Add(message[at..(at + length)]);
                    }

                    at += length;
                    break;
            }
        }

        return found;
    }

    private static ulong Number(byte[] message, ref int at)
    {
        var value = 0UL;
        for (var shift = 0; ; shift += 7)
        {
            var next = message[at++];
            value |= (ulong)(next & 0x7F) << shift;
            if (next < 0x80)
            {
                return value;
            }
        }
    }
}
