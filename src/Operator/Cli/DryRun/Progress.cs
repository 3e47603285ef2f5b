using System.Diagnostics;
using System.Globalization;
using BitbucketOperator.Core.Port;

namespace BitbucketOperator.Cli.DryRun;

/// <summary>Shows on a terminal that something goes on, and with -v each request. All of it on standard error.</summary>
internal sealed class Progress(bool verbose) : IDisposable
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(200);
    private readonly Lock _lock = new();
    private readonly bool _shows = !verbose && !Console.IsErrorRedirected;
    private readonly long _start = Stopwatch.GetTimestamp();
    private string _what = "";
    private int _answers;
    private int _width;
    private long _shown;

    /// <summary>Names what goes on from now on.</summary>
    public void Begin(string what)
    {
        lock (_lock)
        {
            (_what, _answers) = (VisibleText.Escape(what), 0);
            Show();
        }
    }

    /// <summary>An answer came, or none.</summary>
    public void Answered(HttpRequestMessage request, string outcome, TimeSpan took)
    {
        if (verbose)
        {
            var url = request.RequestUri!.GetComponents(UriComponents.HttpRequestUrl, UriFormat.UriEscaped);
            Console.Error.WriteLine(VisibleText.Escape($"{request.Method} {url} {outcome} {took.TotalMilliseconds:0} ms"));
            return;
        }

        lock (_lock)
        {
            _answers++;
            if (Stopwatch.GetElapsedTime(_shown) > Pause)
            {
                Show();
            }
        }
    }

    /// <summary>Takes the line away.</summary>
    public void Dispose()
    {
        lock (_lock)
        {
            if (_width > 0)
            {
                Console.Error.Write($"\r{new string(' ', _width)}\r");
                _width = 0;
            }
        }
    }

    private void Show()
    {
        if (!_shows)
        {
            return;
        }

        var seconds = Stopwatch.GetElapsedTime(_start).TotalSeconds;
        var line = string.Create(CultureInfo.InvariantCulture, $"{_what}: {_answers:N0} answers from Bitbucket, {seconds:0} s");
        Console.Error.Write($"\r{line.PadRight(_width)}");
        (_width, _shown) = (line.Length, Stopwatch.GetTimestamp());
    }
}

/// <summary>Tells of every request that is sent.</summary>
internal sealed class RequestWatch(Progress progress) : DelegatingHandler
{
    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var start = Stopwatch.GetTimestamp();
        var outcome = "no answer";
        try
        {
            var response = await base.SendAsync(request, cancellationToken);
            outcome = ((int)response.StatusCode).ToString(CultureInfo.InvariantCulture);
            return response;
        }
        finally
        {
            progress.Answered(request, outcome, Stopwatch.GetElapsedTime(start));
        }
    }
}
