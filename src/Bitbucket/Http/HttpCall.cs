using System.Net.Http.Headers;
using BitbucketOperator.Bitbucket.RateLimiting;
using BitbucketOperator.Core.Port;

namespace BitbucketOperator.Bitbucket.Http;

/// <summary>A request before it is sent; can be sent several times.</summary>
/// <param name="Operation">What it is for, one of few words: metrics and traces show it.</param>
/// <param name="Method">The HTTP method.</param>
/// <param name="Uri">Where to.</param>
/// <param name="Authorization">Who asks; null for nobody.</param>
/// <param name="Body">What to send; null for nothing.</param>
internal sealed record HttpCall(string Operation, HttpMethod Method, Uri Uri, AuthenticationHeaderValue? Authorization = null, byte[]? Body = null)
{
    /// <summary>What it is counted with. Default <c>Repositories</c>.</summary>
    public RequestGroup Group { get; init; } = RequestGroup.Repositories;

    /// <summary>What the body is. Default <c>application/json</c>.</summary>
    public string MediaType { get; init; } = "application/json";

    /// <summary>Whether it may change something that others see. Default: all but GET.</summary>
    public bool IsWrite { get; init; } = Method != HttpMethod.Get;

    /// <summary>Builds the message of one try.</summary>
    /// <param name="productVersion">The operator's.</param>
    /// <param name="gate">Asked when a write leaves; null where nothing closes it.</param>
    public HttpRequestMessage ToMessage(string productVersion, IWriteGate? gate)
    {
        var message = new HttpRequestMessage(Method, Uri);
        message.Headers.Authorization = Authorization;
        message.Headers.Accept.Add(new("application/json"));
        message.Headers.AcceptEncoding.Add(new(BoundedBody.Encoding));
        message.Headers.UserAgent.Add(new("bitbucket-operator", productVersion));
        if (Method != HttpMethod.Get) message.Headers.TryAddWithoutValidation("X-Atlassian-Token", "no-check");
        if (IsWrite && gate is not null) message.Content = new GatedContent(Body ?? [], gate);
        else if (Body is not null) message.Content = new ByteArrayContent(Body);
        if (Body is not null) message.Content!.Headers.ContentType = new(MediaType) { CharSet = "utf-8" };
        return message;
    }
}
