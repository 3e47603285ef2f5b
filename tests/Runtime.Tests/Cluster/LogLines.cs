using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace BitbucketOperator.Runtime.Tests;

/// <summary>Keeps what an operator logs, by the name of the event.</summary>
internal sealed class LogLines : ILoggerProvider, ILogger
{
    private readonly ConcurrentQueue<(string? Event, string Text)> _lines = new();

    public IReadOnlyList<string> Of(string @event) => [.. _lines.Where(l => l.Event == @event).Select(l => l.Text)];

    public ILogger CreateLogger(string categoryName) => this;

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(
        LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
        _lines.Enqueue((eventId.Name, formatter(state, exception)));

    public void Dispose()
    {
    }
}
