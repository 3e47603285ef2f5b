using BitbucketOperator.Testing.Servers;
using BitbucketOperator.BitbucketSimulator.Faults;
using BitbucketOperator.Convergence.Tests.Rules;
using BitbucketOperator.Convergence.Tests.World;
using BitbucketOperator.Core.Api.V1Alpha1;
using Microsoft.Extensions.Time.Testing;

namespace BitbucketOperator.Convergence.Tests.Histories;

/// <summary>What the steps of a history act on.</summary>
internal sealed class Scene : IAsyncDisposable
{
    private readonly List<string> _log = [];
    private int _tokens;

    private Scene(PlayedServer server, FakeTimeProvider clock)
    {
        Server = server;
        Resource = new Resource(server);
        Operator = new PlayedOperator(server, Resource, clock, status => StatusRules.Check(this, status));
    }

    public PlayedServer Server { get; }

    public Resource Resource { get; }

    public PlayedOperator Operator { get; }

    public bool IsCloud => Server.Hosting == Hosting.Cloud;

    /// <summary>
    /// Ids of webhooks of ours that the operator need not find where it has no reason to look: people took them to other places
    /// than status.webhooks.managedIn tells, or status itself was lost.
    /// </summary>
    public HashSet<string> Lost { get; } = new(StringComparer.Ordinal);

    /// <summary>What the steps came to.</summary>
    public string Log => string.Join('\n', _log);

    public static async Task<Scene> SetUpAsync(Hosting hosting, Setup setup)
    {
        var clock = new FakeTimeProvider(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));
        var scene = new Scene(await PlayedServer.StartAsync(hosting, setup.PageSize, clock), clock);
        foreach (var project in Words.Projects.Take(setup.Projects))
        {
            scene.Server.AddProject(project);
        }

        foreach (var (index, repository) in setup.Repositories.Index())
        {
            scene.Server.AddRepository(
                Words.Projects[repository.Project % setup.Projects], Words.Slugs[index], repository.Archived, index > 0 && repository.Fork);
        }

        foreach (var number in Enumerable.Range(1, Words.Secrets))
        {
            scene.Resource.WriteSecret(Resource.SecretName(number));
        }

        foreach (var (index, scope) in scene.Server.ProjectLevel.Index())
        {
            scene.Server.SetManagesAbove(scope, (setup.ManagesAbove & (1 << index)) != 0);
        }

        scene.ReplaceToken();
        setup.Discovery.ApplyTo(scene);
        foreach (var entry in setup.Entries)
        {
            entry.ApplyTo(scene);
        }

        return scene;
    }

    /// <summary>Takes note that the webhooks of ours on these repositories are no longer where they were made.</summary>
    public void Lose(Func<Repo, bool> repositories)
    {
        var ids = Server.Repositories.Where(repositories).Select(r => r.Id).ToHashSet(StringComparer.Ordinal);
        Lost.UnionWith(Server.Hooks.Where(h => ids.Contains(h.PlaceId) && Marks.IsOurs(h)).Select(h => h.Id));
    }

    /// <summary>The same of the webhooks of one place.</summary>
    public void LoseAt(string scopeId) => Lost.UnionWith(Server.Hooks.Where(h => h.PlaceId == scopeId && Marks.IsOurs(h)).Select(h => h.Id));

    public void Note(string text) => _log.Add("  " + text);

    /// <summary>Another token in place of the present one, which stays valid.</summary>
    public void ReplaceToken()
    {
        var token = $"token-number-{++_tokens}";
        Server.AddToken(token);
        Resource.UseToken(token);
    }

    /// <summary>The webhook, repository or entry that a number of a step stands for; null when there is none.</summary>
    public static T? Pick<T>(IReadOnlyList<T> all, int number)
        where T : class => all.Count == 0 ? null : all[number % all.Count];

    /// <summary>A pass, or a clean-up, under faults; <paramref name="crash"/> ends the process in the midst of it.</summary>
    /// <returns>What a clean-up came to; false for a pass.</returns>
    public async Task<bool> RunAsync(IEnumerable<Fault> faults, Crash? crash = null, bool cleanUp = false)
    {
        Operator.Clock.Advance(TimeSpan.FromSeconds(20));
        foreach (var fault in faults)
        {
            Server.Faults.Add(fault);
        }

        string[] cuts = crash is null ? [] : [.. crash.ToFaults().Select(Server.Faults.Add)];
        var before = WorldRules.Remember(this);
        var done = false;
        bool IsDead() => Array.Exists(cuts, c => Server.Faults.Hits(c) > 0);
        if (cleanUp)
        {
            done = await Operator.CleanUpAsync(dies: crash is not null);
        }
        else
        {
            await Operator.PassAsync(IsDead, dies: crash is not null);
        }

        Server.Faults.Clear();
        if (crash is not null)
        {
            Operator.Restart();
        }

        WorldRules.Check(this, before, cleanUp);
        var ready = Resource.Connection.Status?.Conditions.Find(c => c.Type == "Ready");
        Note($"{(cleanUp ? "clean-up" : "outcome")}{(crash is null ? "" : " died")}: Ready {ready?.Status} {ready?.Reason} {ready?.Message}");
        return done;
    }

    public async ValueTask DisposeAsync()
    {
        await Operator.DisposeAsync();
        await Server.DisposeAsync();
    }
}
