using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using BitbucketOperator.BitbucketSimulator.State;

namespace BitbucketOperator.BitbucketSimulator.Deliveries;

/// <summary>Carries one delivery to its receiver, with or without a look at the certificate.</summary>
internal sealed class Courier : IDisposable
{
    private static readonly TimeSpan RequestTimeout = TimeSpan.FromSeconds(10);

    private readonly TimeProvider _clock;
    private readonly HttpClient _strict = new(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false }) { Timeout = Timeout.InfiniteTimeSpan };
    private readonly HttpClient _lax;

    [SuppressMessage("Security", "CA5359:Do Not Disable Certificate Validation", Justification = "A webhook can ask for exactly this")]
    [SuppressMessage("Security", "MA0039:Do not write your own certificate validation method", Justification = "As above")]
    public Courier(TimeProvider clock)
    {
        _clock = clock;
        var handler = new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false };
        handler.SslOptions.RemoteCertificateValidationCallback = (_, _, _, _) => true;
        _lax = new HttpClient(handler) { Timeout = Timeout.InfiniteTimeSpan };
    }

    /// <summary>A request with the event's key and, if there is a secret, the signature over the raw body.</summary>
    public static HttpRequestMessage Compose(string url, string key, string body, string? secret)
    {
        var bytes = Encoding.UTF8.GetBytes(body);
        var request = new HttpRequestMessage(HttpMethod.Post, url) { Content = new ByteArrayContent(bytes) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json") { CharSet = "utf-8" };
        request.Headers.Add("X-Event-Key", key);
        if (secret is not null) request.Headers.Add("X-Hub-Signature", Signature.Of(secret, bytes));
        return request;
    }

    public async Task<(Outcome Outcome, string Description, int? Status)> SendAsync(HttpRequestMessage request, bool verifyTls, CancellationToken cancel)
    {
        using var timeout = new CancellationTokenSource(RequestTimeout, _clock);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(cancel, timeout.Token);
        try
        {
            using var response = await (verifyTls ? _strict : _lax).SendAsync(request, HttpCompletionOption.ResponseHeadersRead, both.Token);
            var status = (int)response.StatusCode;
            return (response.IsSuccessStatusCode ? Outcome.Success : Outcome.Failure, status.ToString(CultureInfo.InvariantCulture), status);
        }
        catch (HttpRequestException e)
        {
            return (Outcome.Error, e.HttpRequestError == HttpRequestError.SecureConnectionError ? "TLS handshake failed" : e.Message, null);
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            return (Outcome.Error, "timed out", null);
        }
    }

    public void Dispose()
    {
        _strict.Dispose();
        _lax.Dispose();
    }
}

/// <summary>The signature header of deliveries.</summary>
internal static class Signature
{
    public static string Of(string secret, ReadOnlySpan<byte> body) =>
        "sha256=" + Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), body));

    public static bool Matches(string secret, ReadOnlySpan<byte> body, string? header) =>
        header is not null && CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(Of(secret, body)), Encoding.UTF8.GetBytes(header));
}
