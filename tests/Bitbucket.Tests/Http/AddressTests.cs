using BitbucketOperator.Core.Port;

namespace BitbucketOperator.Bitbucket.Tests.Http;

/// <summary>Where a connection may point, over the wire.</summary>
public sealed class AddressTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("127.0.0.1", "spec.url: 127.0.0.1 is a loopback address")]
    [InlineData("localhost", "spec.url: localhost leads to 127.0.0.1, a loopback address")]
    [InlineData("0.0.0.0", "spec.url: 0.0.0.0 is an unspecified address")]
    [InlineData("[::ffff:127.0.0.1]", "spec.url: ::ffff:127.0.0.1 leads to 127.0.0.1, a loopback address")]
    [InlineData("2130706433", "spec.url: 127.0.0.1 is a loopback address")]
    public async Task ThisMachine_IsRefusedUnlessListed(string host, string message)
    {
        await using var given = await Given.ServerAsync(client: new() { AllowedHosts = ["*"] });
        using var bitbucket = given.Client(url: new($"http://{host}:{given.Server.BaseUrl.Port}/"));

        var fault = await Given.FaultAsync(() => bitbucket.GetServerAsync(Cancellation));

        (fault.Class, fault.Reason.Name).ShouldBe((FaultClass.Waiting, "AddressNotAllowed"));
        fault.Message.ShouldStartWith(message);
        fault.Message.ShouldContain("--allowed-hosts");
        given.Server.Requests.Entries.ShouldBeEmpty();
    }

    [Fact]
    public async Task NameThatIsListed_MayLeadToThisMachine()
    {
        await using var given = await Given.ServerAsync(client: new() { AllowedHosts = ["localhost"] });
        using var bitbucket = given.Client(url: new($"http://localhost:{given.Server.BaseUrl.Port}/"));

        (await bitbucket.GetAccountAsync(Cancellation)).Name.ShouldBe("bot");
    }

    [Fact]
    public async Task HostThatIsNotListed_IsRefusedBeforeAnythingIsSent()
    {
        await using var given = await Given.ServerAsync(client: new() { AllowedHosts = ["localhost"] });

        var fault = Should.Throw<FaultException>(() => given.Client()).Fault;

        (fault.Class, fault.Reason.Name).ShouldBe((FaultClass.Terminal, "HostNotAllowed"));
        fault.Message.ShouldContain("spec.url");
        fault.Message.ShouldContain("127.0.0.1");
    }

    [Fact]
    public async Task ProxyThatIsNotListed_IsRefusedBeforeAnythingIsSent()
    {
        await using var given = await Given.ServerAsync(client: new() { AllowedHosts = ["127.0.0.1"] });

        var fault = Should.Throw<FaultException>(() => given.Connect(t => t with { Proxy = new(new("http://proxy.example.com:3128")) })).Fault;

        (fault.Class, fault.Reason.Name).ShouldBe((FaultClass.Terminal, "HostNotAllowed"));
        fault.Message.ShouldContain("spec.proxy.url");
        fault.Message.ShouldContain("proxy.example.com");
    }

    [Fact]
    public async Task PrivateAddress_IsRefusedWhenToldSo()
    {
        await using var given = await Given.ServerAsync(client: new() { AllowedHosts = ["*"], DenyPrivate = true });
        using var bitbucket = given.Client(url: new("http://10.0.0.1/"));

        var fault = await Given.FaultAsync(() => bitbucket.GetServerAsync(Cancellation));

        fault.Reason.Name.ShouldBe("AddressNotAllowed");
        fault.Message.ShouldStartWith("spec.url: 10.0.0.1 is a private address");
    }
}
