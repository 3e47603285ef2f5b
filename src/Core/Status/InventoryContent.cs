using BitbucketOperator.Core.Api.V1Alpha1;
using BitbucketOperator.Core.Discovery;
using BitbucketOperator.Core.Inventory;
using BitbucketOperator.Core.Model;
using BitbucketOperator.Core.Planning;
using BitbucketOperator.Core.Port;

namespace BitbucketOperator.Core.Status;

/// <summary>
/// What the BitbucketInventory objects of a connection hold after a reconcile. Equal input, equal content; one project is written
/// at a time, and nothing of it is kept.
/// </summary>
public sealed class InventoryContent
{
    /// <summary>How many repositories an object holds at most.</summary>
    public const int MostRepositories = 200;

    private readonly ReconcileOutcome _outcome;
    private readonly WebhookTally _tally;
    private readonly VerifiedScopes _verified;
    private readonly string? _brokenEntry;

    private InventoryContent(ReconcileOutcome outcome, WebhookTally tally, VerifiedScopes verified)
    {
        (_outcome, _tally, _verified) = (outcome, tally, verified);
        _brokenEntry = _tally.Failures.FirstOrDefault(f => f.Place == Place.Everywhere)?.Fault.Reason.Name;
    }

    /// <summary>True when the listing was complete and plausible: an object that is not among <see cref="Objects"/> is of a project that went.</summary>
    public bool IsComplete { get; private init; }

    /// <summary>Not every webhook was synced yet.</summary>
    public bool IsSyncing => _tally.IsSyncing;

    /// <summary>The content after a reconcile; null where it did not get as far as webhooks.</summary>
    internal static InventoryContent? Of(ReconcileOutcome outcome, WebhookTally tally, VerifiedScopes verified) =>
        outcome.Observed is { ReachesWebhooks: true, RepositoryListing: { IsUsable: true } listing, Selection: not null } && !outcome.Connection.IsDeleting
            ? new InventoryContent(outcome, tally, verified)
            {
                IsComplete = listing.IsComplete && ListingPlausibility.Of(outcome.Connection, listing).Doubt is null,
            }
            : null;

    /// <summary>Every object, with name, spec and status alone.</summary>
    public IEnumerable<BitbucketInventory> Objects()
    {
        var selection = _outcome.Observed.Selection!;
        var rules = selection.Skipped.ToDictionary(s => s.Repository.Id, s => s.Rule, StringComparer.Ordinal);
        var projects = selection.Selected.Concat(selection.Skipped.Select(s => s.Repository))
            .GroupBy(r => r.IsInPersonalProject ? null : r.Name.Project.ToUpperInvariant(), StringComparer.Ordinal)
            .OrderBy(g => g.Key, StringComparer.Ordinal);
        foreach (var project in projects)
        {
            // A new repository has the highest id of a Data Center, so that the parts before the last stay as they are.
            var sorted = project.OrderBy(r => r.Id.Length).ThenBy(r => r.Id, StringComparer.Ordinal).Chunk(MostRepositories);
            foreach (var (part, repositories) in sorted.Index())
            {
                yield return Object(project.Key is null ? null : repositories[0].Name.Project, part, repositories, rules);
            }
        }
    }

    private BitbucketInventory Object(string? project, int part, Repository[] repositories, Dictionary<string, SkipRule> rules)
    {
        var connection = _outcome.Connection.Name;
        var rows = repositories.Select(r => Row(r, project is null, rules)).ToList();
        var inventory = new BitbucketInventory
        {
            Spec = new BitbucketInventorySpec { Connection = connection, Project = project },
            Status = new BitbucketInventoryStatus
            {
                Desired = _outcome.Observed.Desired.Count == 0 ? null : _outcome.State.DesiredFingerprint[..16],
                Summary = Summary(rows),
                Levels = rows.Exists(r => r.Selected) ? Levels(repositories) : null,
                Repositories = rows,
                Hint = InventoryHints.Write(_outcome.Connection, ScopesOf(repositories), _verified, _tally),
            },
        };
        inventory.Metadata.Name = InventoryNames.Of(connection, project, part);
        return inventory;
    }

    // Each inventory names the project or workspace above its repositories.
    private IEnumerable<string> ScopesOf(Repository[] repositories)
    {
        var above = _outcome.Levels.ProjectLevelOf(repositories[0]);
        return repositories.Select(r => r.Id).Concat(above is null ? [] : [above.Scope.Id]);
    }

    private InventorySummary Summary(List<InventoryRepository> rows)
    {
        var selected = rows.Count(r => r.Selected);
        return new InventorySummary
        {
            Repositories = rows.Count,
            Selected = selected,
            Webhooks = _outcome.Observed.Desired.Count == 0 ? null : $"{rows.Count(r => r.Webhooks == "Ready")}/{selected}",
            Reason = rows.Select(r => r.Reason).OfType<string>().CountBy(r => r, StringComparer.Ordinal)
                .OrderByDescending(r => r.Value).ThenBy(r => r.Key, StringComparer.Ordinal).Select(r => r.Key).FirstOrDefault(),
        };
    }

    private List<InventoryLevel>? Levels(Repository[] repositories)
    {
        var above = _outcome.Levels.ProjectLevelOf(repositories[0]);
        var levels = _outcome.Observed.Desired.Select(d => new InventoryLevel
        {
            Webhook = d.Name,
            Level = above is not null && above.Entries.TryGetValue(d.Name, out var level) && level.ProjectLevel
                ? above.Scope.Kind.ToString()
                : nameof(ScopeKind.Repository),
        }).OrderBy(l => l.Webhook, StringComparer.Ordinal).ToList();
        return levels.Count == 0 ? null : levels;
    }

    private InventoryRepository Row(Repository repository, bool isShared, Dictionary<string, SkipRule> rules)
    {
        var isSelected = !rules.TryGetValue(repository.Id, out var rule);
        var (webhooks, reason) = isSelected && _outcome.Observed.Desired.Count > 0 ? Webhooks(repository) : default;
        return new InventoryRepository
        {
            Id = repository.Id,
            Project = isShared ? repository.Name.Project : null,
            Slug = repository.Name.Slug,
            Name = repository.Title,
            Clone = repository.CloneUrls?.For(repository.Name) is { } clone ? new InventoryClone { Https = clone.Https, Ssh = clone.Ssh } : null,
            Archived = repository.Archived ? true : null,
            Selected = isSelected,
            SkippedBy = isSelected ? null : rule.ToString(),
            Webhooks = webhooks,
            Reason = reason,
        };
    }

    private (string State, string? Reason) Webhooks(Repository repository)
    {
        var above = _outcome.Levels.ProjectLevelOf(repository) is { CountProjectLevel: > 0 } levels ? levels : null;
        var own = _tally.Checks.GetValueOrDefault(repository.Id);
        var inherited = above is null ? null : _tally.Checks.GetValueOrDefault(above.Scope.Id);
        if ((own?.Ready ?? 0) == _outcome.Levels.CountOn(repository) && (above is null || above.CountProjectLevel == inherited?.Ready))
        {
            return ("Ready", null);
        }

        var why = FirstFailure(own) ?? FirstFailure(inherited) ?? _brokenEntry;
        return why is null ? ("Waiting", null) : ("Failed", why);
    }

    private static string? FirstFailure(ScopeCheck? check) => check is { Failures: [var first, ..] } ? first.Fault.Reason.Name : null;
}
