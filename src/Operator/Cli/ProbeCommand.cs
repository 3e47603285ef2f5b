using System.CommandLine;
using System.Net.Http.Headers;
using BitbucketOperator.Cli.Settings;

namespace BitbucketOperator.Cli;

/// <summary><c>probe</c>: asks a health address until it answers with success. For images without a shell or curl.</summary>
internal static class ProbeCommand
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    public static Command Create()
    {
        var url = new Argument<string>("url") { Description = "Address to ask, such as http://127.0.0.1:8081/readyz." };
        url.Validators.Add(result =>
        {
            if (!Uri.TryCreate(result.GetValueOrDefault<string>(), UriKind.Absolute, out var uri) || uri.Scheme is not ("http" or "https"))
            {
                result.AddError("url must be an absolute http or https URL, such as http://127.0.0.1:8081/readyz");
            }
        });
        var timeout = new Option<int>("--timeout") { Description = "Seconds to go on asking for.", DefaultValueFactory = _ => 5 };
        timeout.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int>() is < 1 or > 3600)
            {
                result.AddError("--timeout must lie between 1 and 3600 seconds");
            }
        });
        var command = new Command("probe", "Ask a health address until it answers with success; exit code 1 when it does not in time.")
        {
            url, timeout,
        };
        command.SetAction((parsed, cancellationToken) =>
            RunAsync(new Uri(parsed.GetValue(url)!), TimeSpan.FromSeconds(parsed.GetValue(timeout)), TimeProvider.System, cancellationToken));
        return command;
    }

    private static async Task<int> RunAsync(Uri url, TimeSpan timeout, TimeProvider clock, CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(timeout, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        // The address is in the cluster: a proxy for the way out does not know it.
        using var client = new HttpClient(new SocketsHttpHandler { UseProxy = false, AllowAutoRedirect = false }, disposeHandler: true);
        client.DefaultRequestHeaders.UserAgent.Add(new ProductInfoHeaderValue("bitbucket-operator", Versions.Product));
        var last = "no answer";
        try
        {
            while (true)
            {
                try
                {
                    using var answer = await client.GetAsync(url, HttpCompletionOption.ResponseHeadersRead, either.Token);
                    last = $"{(int)answer.StatusCode}";
                    if (answer.IsSuccessStatusCode)
                    {
                        Console.WriteLine($"{url}: {last}");
                        return 0;
                    }
                }
                catch (HttpRequestException e)
                {
                    last = e.Message;
                }

                await Task.Delay(Pause, clock, either.Token);
            }
        }
        catch (OperationCanceledException) when (limit.IsCancellationRequested)
        {
            await Console.Error.WriteLineAsync($"{url}: {last}, for {timeout.TotalSeconds} seconds");
            return 1;
        }
    }
}
