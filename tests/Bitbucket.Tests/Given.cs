using System.Net;
using BitbucketOperator.Bitbucket.Http;
using BitbucketOperator.BitbucketSimulator;
using BitbucketOperator.BitbucketSimulator.Serving;
using BitbucketOperator.BitbucketSimulator.State;
using BitbucketOperator.Core.Port;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Repository = BitbucketOperator.Core.Port.Repository;

namespace BitbucketOperator.Bitbucket.Tests;

/// <summary>A simulated server with one bot, one project of two repositories, and clients for it.</summary>
internal sealed class Given : IAsyncDisposable
{
    public const string Token = "tok-5ecret-of-the-bot";
    public const string Password = "pass-5ecret-of-the-bot";

    /// <summary>Every host, and the addresses of this machine that tests listen on.</summary>
    public static readonly IReadOnlyList<string> ThisMachine = ["*", "127.0.0.1", "127.0.0.2", "localhost"];

    public static readonly RepositoryName Api = new("PLAT", "api");

    public static readonly WebhookScope ApiPlace = Scope("PLAT", "api");

    private readonly ServiceProvider _services;
    private readonly CapturedLog _log = new();

    private Given(Simulator server, BitbucketOptions options, IWebProxy? environmentProxy, IWriteGate? gate)
    {
        Server = server;
        var services = new ServiceCollection();
        services.AddSingleton(environmentProxy ?? new WebProxy());
        services.AddLogging(logging => logging.SetMinimumLevel(LogLevel.Trace).AddProvider(_log));
        services.AddBitbucket(options);
        if (gate is not null) services.AddSingleton(gate);
        _services = services.BuildServiceProvider();
    }

    public Simulator Server { get; }

    /// <summary>Everything that was logged, by whomever.</summary>
    public IReadOnlyCollection<string> Logged => _log.Lines;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>Clients may connect to this machine unless <paramref name="client"/> lists other hosts.</summary>
    public static async Task<Given> ServerAsync(
        SimulatorOptions? options = null, BitbucketOptions? client = null, IWebProxy? environmentProxy = null, IWriteGate? gate = null)
    {
        var server = await Simulator.StartAsync((options ?? new()) with { Seed = options?.Seed ?? Seed() }, Cancellation);
        client ??= new BitbucketOptions { RetryDelay = TimeSpan.FromMilliseconds(1) };
        return new(server, client.AllowedHosts.Count > 0 ? client : client with { AllowedHosts = ThisMachine }, environmentProxy, gate);
    }

    /// <summary>A repository by its address alone, as a place of webhooks.</summary>
    public static WebhookScope Scope(string project, string slug) => WebhookScope.Of(new Repository($"{project}/{slug}", new(project, slug)));

    public static Seed Seed() => new()
    {
        Users = [new() { Name = "bot", Password = Password, Projects = { ["PLAT"] = "PROJECT_ADMIN" } }],
        Projects = [new() { Key = "PLAT", Repositories = [new() { Name = "api" }, new() { Name = "web" }] }],
        Tokens = [new() { Name = "operator", Token = Token, User = "bot", Permissions = ["PROJECT_ADMIN", "REPO_ADMIN"] }],
    };

    public static WebhookDefinition Hook(SecretText? secret = null, params string[] events) => new(
        "ci",
        "bitbucket-operator/ns/name/ci",
        "https://ci.example.com/hooks",
        (events is [] ? ["repo:refs_changed", "pr:opened"] : events).ToHashSet(StringComparer.Ordinal),
        Active: true,
        SslVerification: true,
        secret);

    /// <summary>A client with the bot's token unless told otherwise; it trusts the server's authority.</summary>
    public IBitbucket Client(Credential? credential = null, Uri? url = null) => Client(credential, Server.CaPem is { Length: > 0 } pem ? pem : null, url: url);

    public IBitbucket Client(Credential? credential, string? caBundle, bool insecure = false, Uri? url = null) =>
        Connect(target => target with
        {
            Url = url ?? target.Url,
            Credential = credential ?? target.Credential,
            CaBundle = caBundle,
            InsecureSkipVerify = insecure,
        });

    /// <summary>A client for what <paramref name="change"/> makes of the usual target.</summary>
    public IBitbucket Connect(Func<ConnectionTarget, ConnectionTarget> change, Credential? other = null) =>
        _services.GetRequiredService<IBitbucketConnector>().Connect(change(new(
            Server.BaseUrl, Flavour.DataCenter, new Credential.HttpAccessToken(new(Token)), Server.CaPem is { Length: > 0 } pem ? pem : null)), other);

    public static Credential Bearer(string token) => new Credential.HttpAccessToken(new(token));

    public static Credential Basic(string password) => new Credential.Basic("bot", new(password));

    /// <summary>The fault that a call ends with.</summary>
    public static async Task<Fault> FaultAsync(Func<Task> call) => (await call.ShouldThrowAsync<FaultException>()).Fault;

    public static async Task<List<Repository>> ListAsync(IBitbucket bitbucket, string? project = null)
    {
        var found = new List<Repository>();
        var pages = bitbucket.ListRepositories(project);
        while (await pages.NextAsync(Cancellation) is { } page) found.AddRange(page);
        return found;
    }

    public async ValueTask DisposeAsync()
    {
        await _services.DisposeAsync();
        await Server.DisposeAsync();
    }
}
