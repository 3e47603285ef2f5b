using BitbucketOperator.Runtime.Kubeconfig;
using System.Security.Cryptography;
using BitbucketOperator.Cli.Output;
using BitbucketOperator.Cli.Settings;
using BitbucketOperator.Core.Port;
using BitbucketOperator.Runtime.Client;

namespace BitbucketOperator.Cli.Plugin;

/// <summary>Ends a command with one line for people.</summary>
internal sealed class PluginException(int exitCode, string message) : Exception(message)
{
    public int ExitCode { get; } = exitCode;

    /// <summary>Runs a command; an error that people can do something about becomes one line on standard error.</summary>
    public static async Task<int> GuardAsync(Func<Task<int>> command)
    {
        try
        {
            return await command();
        }
        catch (Exception error) when (IsExpected(error))
        {
            Screen.Error.Line($"error: {ShownUrl.In(MessageOf(error).ReplaceLineEndings(" "))}");
            return (error as PluginException)?.ExitCode ?? ExitCodes.NotHealthy;
        }
    }

    /// <summary>True for what a cluster, its kubeconfig or a network can do to us.</summary>
    public static bool IsExpected(Exception error) => error
        is PluginException or FaultException or KubernetesApiException or KubeconfigException
        or HttpRequestException or System.Text.Json.JsonException or CryptographicException or IOException or TimeoutException
        or InvalidOperationException;

    private static string MessageOf(Exception error) => error switch
    {
        HttpRequestException => $"the API server cannot be reached: {error.Message}",
        _ => error.Message,
    };
}
