using BitbucketOperator.BitbucketSimulator;
using BitbucketOperator.BitbucketSimulator.Faults;
using BitbucketOperator.Core.Api.V1Alpha1;

namespace BitbucketOperator.Testing.Servers;

/// <summary>A simulator of either flavour, in the words of a history.</summary>
internal abstract class PlayedServer : IAsyncDisposable
{
    public abstract Hosting Hosting { get; }

    public abstract FaultEngine Faults { get; }

    public abstract RequestLog Requests { get; }

    public Counters Counters => Requests.Counters;

    /// <summary>Event keys that a history picks from; the last is what an entry without events means.</summary>
    public abstract IReadOnlyList<string> EventSets { get; }

    public abstract IReadOnlyList<string> Projects { get; }

    /// <summary>In the order in which they were made.</summary>
    public abstract IReadOnlyList<Repo> Repositories { get; }

    /// <summary>In the order in which they were made, of each repository after the other, and then those of projects or the workspace.</summary>
    public abstract IReadOnlyList<Hook> Hooks { get; }

    public static async Task<PlayedServer> StartAsync(Hosting hosting, int pageSize, TimeProvider clock) => hosting == Hosting.Cloud
        ? await PlayedCloud.StartAsync(pageSize, clock)
        : await PlayedDataCenter.StartAsync(pageSize, clock);

    /// <summary>Ids of the places above the repositories, as status names them.</summary>
    public abstract IReadOnlyList<string> ProjectLevel { get; }

    /// <summary>Ids of the places above the repositories whose webhooks the account may manage.</summary>
    public HashSet<string> Managed { get; } = new(StringComparer.Ordinal);

    /// <summary>Which of them a repository lies in.</summary>
    public abstract string ProjectLevelOf(Repo repository);

    /// <summary>For people.</summary>
    public string NameOf(string scopeId) => Find(scopeId)?.Path ?? scopeId;

    public Repo? Find(string id) => Repositories.FirstOrDefault(r => r.Id == id);

    /// <summary>Limits requests: on Cloud so many an hour in each group, on Data Center so many at once and one each two seconds.</summary>
    /// <param name="requests">How many; null for no limit.</param>
    public abstract void Limit(int? requests);

    /// <summary>Whether a repository of this address could be made or moved there.</summary>
    public abstract bool IsFree(string project, string slug);

    public abstract void AddProject(string key);

    public abstract void RenameProject(string from, string to);

    public abstract void AddRepository(string project, string slug, bool archived, bool fork);

    public abstract void RemoveRepository(string id);

    public abstract void MoveRepository(string id, string project, string slug);

    public abstract void Archive(string id, bool archived);

    public abstract void AddHook(string scopeId, string title, string? marker, HookFields fields);

    public abstract void ChangeHook(Hook hook);

    public abstract void RemoveHook(string id);

    /// <summary>Makes a credential that may do everything.</summary>
    public abstract void AddToken(string token);

    public abstract void Revoke(string token);

    /// <summary>Takes the right to manage webhooks from a token, or gives it back.</summary>
    public abstract void SetManages(string token, bool manages);

    public abstract void SetRight(string repositoryId, RepoRight right);

    /// <summary>Gives the right to manage the webhooks of a place above the repositories, or takes it.</summary>
    public void SetManagesAbove(string scopeId, bool manages)
    {
        if (manages)
        {
            Managed.Add(scopeId);
        }
        else
        {
            Managed.Remove(scopeId);
        }

        Grant(scopeId, manages);
    }

    /// <summary>The account may do everything with repositories, and see projects that hold nothing.</summary>
    public abstract void GrantAll();

    /// <summary>Whether the account sees a repository.</summary>
    public abstract bool Sees(Repo repository);

    protected abstract void Grant(string scopeId, bool manages);

    public abstract ValueTask DisposeAsync();
}
