using BitbucketOperator.BitbucketSimulator.Faults;
using BitbucketOperator.Core.Port;
using SimulatedFault = BitbucketOperator.BitbucketSimulator.Faults.Fault;

namespace BitbucketOperator.Bitbucket.Tests.Http;

/// <summary>A redirect leads the credential nowhere.</summary>
public sealed class RedirectTests
{
    private const string Path = "/rest/api/1.0/projects/PLAT/repos/api";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>{other} is the listener's host and port, {own} the server's.</summary>
    [Theory]
    [InlineData(false, "http://{other}" + Path)]
    [InlineData(true, "http://{other}" + Path)]
    [InlineData(true, "https://{other}" + Path)]
    [InlineData(true, "http://{own}" + Path)]
    [InlineData(false, "//{other}" + Path)]
    [InlineData(false, "http://bot:pw@{other}" + Path)]
    [InlineData(false, "http://{own}@{other}" + Path)]
    [InlineData(false, "http://{other}#@{own}" + Path)]
    [InlineData(false, "http://bot:pw@{own}" + Path)]
    [InlineData(false, "http://{own}/elsewhere")]
    [InlineData(false, "http://{own}/rest/../elsewhere")]
    [InlineData(false, "ftp://{other}" + Path)]
    public async Task RedirectElsewhere_IsRefusedAndNeverCalled(bool tls, string location)
    {
        await using var given = await Given.ServerAsync(new() { Tls = tls });
        using var other = new RawServer("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"u8.ToArray());
        location = location.Replace("{other}", other.Url.Authority, StringComparison.Ordinal)
            .Replace("{own}", given.Server.BaseUrl.Authority, StringComparison.Ordinal);
        given.Server.Faults.Add(new SimulatedFault { Kind = FaultKind.Redirect, Location = location, Path = "/rest/**" });
        using var bitbucket = given.Client();
        Func<Task>[] calls =
        [
            () => bitbucket.GetServerAsync(Cancellation),
            () => bitbucket.GetRepositoryAsync(Given.Api, Cancellation),
            () => Given.ListAsync(bitbucket),
            () => bitbucket.ListWebhooksAsync(Given.ApiPlace, Cancellation),
            () => bitbucket.CreateWebhookAsync(Given.ApiPlace, Given.Hook(), Cancellation),
            () => bitbucket.DeleteWebhookAsync(Given.ApiPlace, "1", Cancellation),
        ];

        foreach (var call in calls)
        {
            var fault = await Given.FaultAsync(call);
            (fault.Class, fault.Reason.Name).ShouldBe((FaultClass.Transient, "RedirectRefused"));
            fault.Message.ShouldNotContain("pw");
        }

        other.Seen.ShouldBeEmpty();
        given.Server.Requests.Entries.Count(entry => entry.CredentialSent).ShouldBe(calls.Length);
    }
}
