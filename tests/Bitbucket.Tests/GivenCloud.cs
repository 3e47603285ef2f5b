using System.Net;
using BitbucketOperator.Bitbucket.Http;
using BitbucketOperator.BitbucketSimulator;
using BitbucketOperator.BitbucketSimulator.Cloud;
using BitbucketOperator.BitbucketSimulator.Serving;
using BitbucketOperator.BitbucketSimulator.State;
using BitbucketOperator.Core.Port;
using BitbucketOperator.Core.Status;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace BitbucketOperator.Bitbucket.Tests;

/// <summary>A simulated Bitbucket Cloud: one workspace with three repositories in two projects, a credential of each kind, and clients for it.</summary>
internal sealed class GivenCloud : IAsyncDisposable
{
    public const string Workspace = "acme";
    public const string Email = "bot@example.com";
    public const string ApiTokenText = "api-5ecret-of-the-bot";
    public const string RepositoryTokenText = "repository-5ecret";
    public const string ProjectTokenText = "project-5ecret";
    public const string WorkspaceTokenText = "workspace-5ecret";
    public const string ConsumerKey = "consumer-key";
    public const string ConsumerSecret = "consumer-5ecret";

    public static readonly RepositoryName Api = new("PLAT", "api");

    public static readonly WebhookScope ApiPlace = Given.Scope("PLAT", "api");
    public static readonly Credential ApiToken = new Credential.ApiToken(Email, new(ApiTokenText));
    public static readonly Credential RepositoryToken = new Credential.AccessToken(new(RepositoryTokenText));
    public static readonly Credential ProjectToken = new Credential.AccessToken(new(ProjectTokenText));
    public static readonly Credential WorkspaceToken = new Credential.AccessToken(new(WorkspaceTokenText));
    public static readonly Credential Consumer = new Credential.OAuth2(ConsumerKey, new(ConsumerSecret));
    public static readonly Credential AppPassword = new Credential.AppPassword("bot", new("app-5ecret"));

    private static readonly string[] AllScopes = ["account", "project", "repository", "pullrequest", "webhook"];

    private readonly ServiceProvider _services;
    private readonly CapturedLog _log = new();

    private GivenCloud(CloudSimulator server, BitbucketOptions options, TimeProvider time, Uri? api, IWriteGate? gate)
    {
        Server = server;
        var services = new ServiceCollection();
        services.AddSingleton<IWebProxy>(new WebProxy());
        services.AddSingleton(time);
        services.AddLogging(logging => logging.SetMinimumLevel(LogLevel.Trace).AddProvider(_log));
        services.AddBitbucket(options with { CloudApiUrl = api ?? server.ApiUrl, CloudTokenUrl = server.TokenUrl, AllowedHosts = Given.ThisMachine });
        if (gate is not null) services.AddSingleton(gate);
        _services = services.BuildServiceProvider();
    }

    public CloudSimulator Server { get; }

    /// <summary>Everything that was logged, by whomever.</summary>
    public IReadOnlyCollection<string> Logged => _log.Lines;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>Server and clients share the clock.</summary>
    /// <param name="client">How clients behave.</param>
    /// <param name="time">The clock.</param>
    /// <param name="tls">Serve https.</param>
    /// <param name="generate">Repositories to make up.</param>
    /// <param name="api">Where clients look for the API; the server when null.</param>
    /// <param name="gate">What writes are asked of; nothing when null.</param>
    public static async Task<GivenCloud> ServerAsync(
        BitbucketOptions? client = null, TimeProvider? time = null, bool tls = false, CloudGeneration? generate = null, Uri? api = null,
        IWriteGate? gate = null)
    {
        time ??= TimeProvider.System;
        var server = await CloudSimulator.StartAsync(new() { Tls = tls, Seed = Seed(), TimeProvider = time, Generate = generate }, Cancellation);
        return new(server, client ?? new BitbucketOptions { RetryDelay = TimeSpan.FromMilliseconds(1) }, time, api, gate);
    }

    public static CloudSeed Seed() => new()
    {
        Workspaces =
        [
            new()
            {
                Slug = Workspace,
                Projects =
                [
                    new() { Key = "PLAT",
                        Repositories = [new() { Name = "api", PullRequests = ["one"] }, new() { Name = "web", Empty = true, ForkOf = "acme/api" }] },
                    new() { Key = "TOOLS", Repositories = [new() { Name = "cli" }] },
                    new() { Key = "EMPTY" },
                ],
            },
        ],
        Users = [new() { Name = "bot", Email = Email, DisplayName = "CI bot",
            Roles = { [Workspace] = WorkspaceRole.Member }, Workspaces = { [Workspace] = Level.Admin }, AppPasswords = ["app-5ecret"] }],
        Tokens =
        [
            new()
            {
                Name = "api-token",
                Token = ApiTokenText,
                User = "bot",
                Scopes =
                [
                    "read:user:bitbucket", "read:workspace:bitbucket", "read:project:bitbucket", "read:repository:bitbucket", "read:pullrequest:bitbucket",
                    "read:webhook:bitbucket", "write:webhook:bitbucket", "delete:webhook:bitbucket",
                ],
            },
            new() { Name = "repository-token", Token = RepositoryTokenText, Repository = "acme/api", Scopes = ["pullrequest", "webhook"] },
            new() { Name = "project-token", Token = ProjectTokenText, Project = "acme/PLAT", Scopes = ["project", "pullrequest", "webhook"] },
            new() { Name = "workspace-token", Token = WorkspaceTokenText, Workspace = Workspace, Scopes = [.. AllScopes] },
        ],
        Consumers = [new() { Workspace = Workspace, ClientId = ConsumerKey, Secret = ConsumerSecret, Scopes = [.. AllScopes] }],
    };

    public static WebhookDefinition Hook(SecretText? secret = null, params string[] events) =>
        Given.Hook(secret, events is [] ? ["repo:push", "pullrequest:created"] : events) with
        {
            Marker = "bitbucket-operator/1 owner=0123456789abcdef hook=ci" + (secret is null ? "" : " secret=fedcba9876543210"),
        };

    /// <summary>A client with the bot's API token unless told otherwise.</summary>
    public IBitbucket Client(Credential? credential = null, string workspace = Workspace, string field = "spec.auth", Credential? other = null) =>
        _services.GetRequiredService<IBitbucketConnector>().Connect(
            new(new("https://bitbucket.org"), Flavour.Cloud, credential ?? ApiToken, Server.CaPem is { Length: > 0 } pem ? pem : null)
            {
                Workspace = workspace,
                CredentialField = field,
            },
            other);

    /// <summary>Changes the scopes of a token of the seed.</summary>
    public void SetScopes(string token, params string[] scopes) => Server.Change(world => CloudWorld.SetScopes(world.TokenNamed(token), scopes));

    public async ValueTask DisposeAsync()
    {
        await _services.DisposeAsync();
        await Server.DisposeAsync();
    }
}
