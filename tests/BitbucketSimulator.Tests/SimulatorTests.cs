using System.Net;
using System.Security.Cryptography.X509Certificates;
using BitbucketOperator.BitbucketSimulator.State;

namespace BitbucketOperator.BitbucketSimulator.Tests;

public sealed class SimulatorTests
{
    [Fact]
    public async Task Server_comes_back_on_its_port_with_its_state_and_authority()
    {
        using var authority = new Authority();
        var first = await Given.SimulatorAsync(new SimulatorOptions { Tls = true, Authority = authority });
        var (port, pem) = (first.BaseUrl.Port, first.CaPem);
        await first.DisposeAsync();

        await using var second = await Simulator.StartAsync(
            new SimulatorOptions { Tls = true, Authority = authority, Port = port, World = first.World },
            TestContext.Current.CancellationToken);
        using var client = second.CreateClient("user-token");

        second.CaPem.ShouldBe(pem);
        (await client.GetReplyAsync("rest/api/1.0/projects/PLAT/repos/api")).Status.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task Port_in_use_is_an_error()
    {
        await using var first = await Given.SimulatorAsync();

        await Should.ThrowAsync<IOException>(
            () => Simulator.StartAsync(new SimulatorOptions { Port = first.BaseUrl.Port }, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Certificate_is_signed_by_the_authority_for_localhost_and_further_names()
    {
        await using var sim = await Given.SimulatorAsync(new SimulatorOptions { Tls = true, SubjectNames = ["bitbucket.test", "10.1.2.3"] });
        using var trusting = sim.CreateClient();
        using var stranger = new HttpClient { BaseAddress = sim.BaseUrl };
        using var byName = sim.CreateClient();
        byName.BaseAddress = new UriBuilder(sim.BaseUrl) { Host = "localhost" }.Uri;

        (await trusting.GetReplyAsync("status")).Status.ShouldBe(HttpStatusCode.OK);
        (await byName.GetReplyAsync("status")).Status.ShouldBe(HttpStatusCode.OK);
        await Should.ThrowAsync<HttpRequestException>(() => stranger.GetReplyAsync("status"));
        using var ca = X509Certificate2.CreateFromPem(sim.CaPem);
        ca.Extensions.OfType<X509BasicConstraintsExtension>().Single().CertificateAuthority.ShouldBeTrue();
        ca.HasPrivateKey.ShouldBeFalse();
    }

    [Fact]
    public async Task Plain_http_has_no_authority_and_control_is_on_another_port()
    {
        await using var sim = await Given.SimulatorAsync();

        sim.CaPem.ShouldBe("");
        sim.BaseUrl.Scheme.ShouldBe("http");
        sim.ControlUrl.Port.ShouldNotBe(sim.BaseUrl.Port);
    }
}
