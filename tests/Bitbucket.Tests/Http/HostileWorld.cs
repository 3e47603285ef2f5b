using System.Net;
using BitbucketOperator.Bitbucket.Http;
using BitbucketOperator.Core.Port;
using BitbucketOperator.Testing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;

namespace BitbucketOperator.Bitbucket.Tests.Http;

/// <summary>A server that sends what it likes, and a client of either flavour for it, made as the operator makes it.</summary>
internal sealed class HostileWorld : IAsyncDisposable
{
    private const string Username = "bot@example.com";

    // A byte of a body may come in a chunk of its own, which has six.
    private const int PerByte = 6;

    // What the network takes before the client has looked at it.
    private const long OnTheWay = 24 * 1024 * 1024;

    private readonly ServiceProvider _services;
    private readonly CapturedLog _log = new();

    public HostileWorld(
        Flavour flavour, Func<RawServer.Reply, HostileWorld, Task> answer, BitbucketOptions? options = null, bool turnsTheClock = false)
    {
        Server = new RawServer(reply => answer(reply, this));
        var services = new ServiceCollection();
        services.AddSingleton<IWebProxy>(new WebProxy());
        if (turnsTheClock) services.AddSingleton<TimeProvider>(Clock);
        services.AddLogging(logging => logging.SetMinimumLevel(LogLevel.Trace).AddProvider(_log));
        services.AddBitbucket((options ?? new BitbucketOptions()) with
        {
            RetryDelay = TimeSpan.FromMilliseconds(1),
            AllowedHosts = Given.ThisMachine,
            CloudApiUrl = new Uri(Server.Url, "2.0"),
            CloudTokenUrl = new Uri(Server.Url, "site/oauth2/access_token"),
        });
        _services = services.BuildServiceProvider();
        var secret = new SecretText(Poisons.Secret);
        Client = Connect(flavour, flavour == Flavour.Cloud ? new Credential.ApiToken(Username, secret) : new Credential.Basic(Poisons.Username, secret));
    }

    public RawServer Server { get; }

    /// <summary>The client's, where a test turns it.</summary>
    public FakeTimeProvider Clock { get; } = new();

    public IBitbucket Client { get; }

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>Another client.</summary>
    public IBitbucket Connect(Flavour flavour, Credential credential, Uri? url = null)
    {
        url ??= flavour == Flavour.Cloud ? new("https://bitbucket.org") : Server.Url;
        var target = new ConnectionTarget(url, flavour, credential) { Workspace = GivenCloud.Workspace };
        return _services.GetRequiredService<IBitbucketConnector>().Connect(target, null);
    }

    public Task ListAsync() => Client.ListWebhooksAsync(Given.ApiPlace, Cancellation);

    public Task CreateAsync() => Client.CreateWebhookAsync(Given.ApiPlace, Given.Hook(), Cancellation);

    /// <summary>
    /// The fault that a call ends with, on whatever the server sends. It says what is wrong and what to do about it, and holds nothing of
    /// the credential, and the log does not either; and the client took no more than it may read.
    /// </summary>
    public async Task<Fault> FaultAsync(Func<Task> call) => (await EndAsync(call)).ShouldNotBeNull("it ends well");

    /// <summary>The same, of a call that may end well: then null. It ends in no other way.</summary>
    public async Task<Fault?> EndAsync(Func<Task> call)
    {
        try
        {
            await call();
            return null;
        }
        catch (FaultException exception)
        {
            ShouldBeClear(exception.Fault);
            return exception.Fault;
        }
    }

    /// <summary>Waits until the client has ended every connection.</summary>
    public Task HungUpAsync() => Eventually.IsTrueAsync("the end of every connection", () => Server.Open == 0);

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await _services.DisposeAsync();
        Server.Dispose();
    }

    private void ShouldBeClear(Fault fault)
    {
        fault.Class.ShouldBe(FaultClass.Transient, fault.Message);
        fault.Message.ShouldMatch(@"Check |context path|proxy|rest/api");
        Poisons.Traces(fault.Message, longest: 500).ShouldBeEmpty();
        _log.Lines.SelectMany(line => Poisons.EchoesIn(line)).ShouldBeEmpty();
        Server.Sent.ShouldBeLessThan((Server.Seen.Count * PerByte * (long)new BitbucketOptions().MaxResponseBytes) + OnTheWay);
    }
}
