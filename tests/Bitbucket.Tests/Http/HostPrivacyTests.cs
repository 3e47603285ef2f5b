using System.Net;
using BitbucketOperator.Bitbucket.Http;
using BitbucketOperator.Core.Api;
using BitbucketOperator.Core.Port;
using Microsoft.Extensions.Logging;

namespace BitbucketOperator.Bitbucket.Tests.Http;

/// <summary>What is said of hosts on private addresses: nothing that would make a connection a port scanner.</summary>
public sealed class HostPrivacyTests
{
    private static readonly Fault[] Causes =
    [
        Fault.Transient(Reasons.ServerUnreachable, "10.1.2.3:22 refuses the connection."),
        Fault.Transient(Reasons.ServerUnreachable, "10.1.2.3:22 does not answer in time."),
        Fault.Transient(Reasons.UnexpectedAnswer, "10.1.2.3:22 does not answer in HTTP."),
        Fault.Transient(Reasons.TlsUntrusted, "The certificate of 10.1.2.3 is not accepted."),
        Fault.Transient(Reasons.NotBitbucket, "nothing is found there (404)"),
        Fault.Waiting(Reasons.ProxyFailed, "The proxy cannot reach it."),
    ];

    [Theory]
    [InlineData("http://10.1.2.3:22/", null)]
    [InlineData("http://[fd00::1]:22/", null)]
    [InlineData("http://8.8.8.8:22/", "http://192.168.0.1:3128/")]
    public async Task PrivateAddress_IsSpokenOfInTheSameWords_WhateverAnswers(string url, string? proxy)
    {
        var log = new CapturedLog();
        var faults = new List<Fault>();
        foreach (var cause in Causes) faults.Add((await AskAsync([], url, proxy, cause, log))!);
        faults.Distinct().ShouldHaveSingleItem().Message.ShouldContain("--allowed-hosts");
        foreach (var cause in Causes) log.Lines.ShouldContain(line => line.Contains(cause.Message, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("10.1.2.3", "http://10.1.2.3:22/")]
    [InlineData("*,10.1.2.3", "http://10.1.2.3:22/")]
    [InlineData("", "http://8.8.8.8:22/")]
    public async Task ListedHosts_AndPublicAddresses_AreSpokenOfInFull(string listed, string url)
    {
        foreach (var cause in Causes) (await AskAsync(listed.Split(',', StringSplitOptions.RemoveEmptyEntries), url, null, cause, new())).ShouldBe(cause);
    }

    [Theory]
    [InlineData("http://10.1.2.3:22/", null, "If the host needs no proxy (HTTPS_PROXY, HTTP_PROXY), list it in NO_PROXY")]
    [InlineData("http://10.9.9.9:22/", null, "NO_PROXY exempts it from the operator's proxy")]
    [InlineData("http://10.1.2.3:22/", "http://192.168.0.1:3128/", null)]
    public async Task ProxyOfTheEnvironment_IsMentioned_WhereItMatters(string url, string? proxy, string? hint)
    {
        var environment = new WebProxy("http://proxy.example.com:3128", BypassOnLocal: false, ["http://10\\.9\\."]);

        var fault = await AskAsync([], url, proxy, Causes[0], new(), environment);

        if (hint is null) fault!.Message.ShouldNotContain("NO_PROXY");
        else fault!.Message.ShouldContain(hint);
    }

    [Fact]
    public async Task WhatTheOperatorSaysItself_OrOnlyBitbucketDoes_IsSaid()
    {
        foreach (var reason in new[] { Reasons.RateLimited, Reasons.AddressNotAllowed, Reasons.ServerStarting, Reasons.ServerInMaintenance })
        {
            var cause = Fault.Transient(reason, "as it is");
            (await AskAsync([], "http://10.1.2.3/", null, cause, new())).ShouldBe(cause);
        }

        (await AskAsync([], "http://10.1.2.3/", null, null, new())).ShouldBeNull();
    }

    [Fact]
    public async Task Client_GoesThroughIt()
    {
        await using var given = await Given.ServerAsync(client: new() { AllowedHosts = ["*"], ConnectTimeout = TimeSpan.FromMilliseconds(50), MaxRetries = 0 });
        using var bitbucket = given.Client(url: new Uri("http://10.255.255.1:9/"));
        var fault = await Should.ThrowAsync<FaultException>(() => bitbucket.GetServerAsync(TestContext.Current.CancellationToken));
        fault.Fault.Message.ShouldContain("private address");
    }

    private static async Task<Fault?> AskAsync(string[] listed, string url, string? proxy, Fault? cause, CapturedLog log, IWebProxy? environment = null)
    {
        var privacy = new HostPrivacy(new HostRules(listed), environment ?? new WebProxy(), new LoggerFactory([log]).CreateLogger<HostPrivacy>());
        try
        {
            await privacy.AskAsync(
                new Uri(url),
                proxy is null ? null : new Uri(proxy),
                () => cause is null ? Task.FromResult(new ServerInfo("9.4.2", null)) : Task.FromException<ServerInfo>(new FaultException(cause)),
                TestContext.Current.CancellationToken);
            return null;
        }
        catch (FaultException exception)
        {
            return exception.Fault;
        }
    }
}
