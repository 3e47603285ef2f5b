using BitbucketOperator.Core.Inventory;
using BitbucketOperator.Core.Messages;
using BitbucketOperator.Core.Model;
using BitbucketOperator.Core.Observation;
using BitbucketOperator.Core.Ownership;
using BitbucketOperator.Core.Port;

namespace BitbucketOperator.Core.Planning;

/// <summary>Plans one scope that must have webhooks, entry by entry.</summary>
internal sealed class SelectedScope
{
    private readonly WebhookScope _scope;
    private readonly WebhookOwner _owner;
    private readonly AdoptionRule _adoption;
    private readonly ConflictRules _conflicts;
    private readonly ScopeTasks _tasks;
    private readonly List<MarkedWebhook> _found;
    private readonly List<MarkedWebhook> _projectLevel;

    private readonly List<string> _inSync = [];
    private readonly List<WebhookChange> _changes = [];
    private readonly List<WebhookChange> _removals = [];
    private readonly List<WebhookChange> _later = [];
    private readonly List<string> _served = [];
    private readonly List<WebhookFailure> _failures = [];

    public SelectedScope(
        WebhookScope scope, IReadOnlyList<Webhook> found, WebhookOwner owner, AdoptionRule adoption, ConflictRules conflicts, ScopeTasks tasks)
    {
        (_scope, _owner, _adoption, _conflicts, _tasks) = (scope, owner, adoption, conflicts, tasks);
        _found = [.. found.Select(w => new MarkedWebhook(w, WebhookMarker.Of(w, owner)))];
        _projectLevel = [.. tasks.ProjectLevel.Select(w => new MarkedWebhook(w, WebhookMarker.Of(w, owner))).Where(m => m.Marker?.Owner != owner.Id)];
    }

    public ScopePlan Plan(IReadOnlyList<DesiredWebhook> desired, bool mayRemove)
    {
        foreach (var entry in desired)
        {
            if (entry.Definition.Value is { } definition)
            {
                PlanEntry(entry.Name, definition);
            }
            else
            {
                _failures.Add(WebhookFailure.At(_scope, entry.Name, entry.Definition.Fault!));
            }
        }

        _removals.AddRange(_found
            .Where(m => m.Marker is { } k && k.Owner == _owner.Id && !desired.Any(d => d.Name == k.Hook))
            .Select(m => Removal(m.Marker!.Hook, m.Webhook, Sentences.NoEntry(m.Marker.Hook))));
        var own = _found.Count(m => m.Marker?.Owner == _owner.Id);
        return new ScopePlan(_scope, Selected: true, _inSync, mayRemove ? [.. _changes, .. _removals] : _changes, _failures)
        {
            RemovalsWithheld = !mayRemove && _removals.Count > 0,
            Later = _later,
            Served = _served,
            LeavesOurs = _changes.Count > 0 || own > (mayRemove ? _removals.Count : 0),
        };
    }

    private void PlanEntry(string name, WebhookDefinition definition)
    {
        // One of ours for another entry is neither in conflict nor to be taken over: it is kept or removed as that entry says.
        var ours = _found.Where(m => m.Marker is { } k && k.Owner == _owner.Id && k.Hook == name).Select(m => m.Webhook).ToList();
        var (task, reason) = _tasks.Of(name);
        switch (task)
        {
            case EntryTask.Keep:
                Keep(name, definition, ours);
                break;
            case EntryTask.Leave:
                _inSync.AddRange(_tasks.Counts(name) && ours.Exists(w => ScopePlanner.Drift(w, definition).Count == 0) ? [name] : []);
                break;
            case EntryTask.Remove:
                _removals.AddRange(ours.Select(w => Removal(name, w, reason)));
                break;
            case EntryTask.RemoveLater:
                _later.AddRange(ours.Select(w => Removal(name, w, reason)));
                break;
            default:
                throw new NotSupportedException($"Nothing is known of the task {task}.");
        }
    }

    private void Keep(string name, WebhookDefinition definition, List<Webhook> ours)
    {
        var rules = RulesOf(name, definition);
        if (rules.Winner(mayHoldOnly: ours.Count == 0) is { } winner)
        {
            Yield(name, ours, winner, rules.IsServedBy(winner));
            return;
        }

        if (rules.Doubled() is { } doubled)
        {
            _failures.Add(doubled);
            if (ours.Count == 0)
            {
                return;
            }
        }

        var (change, failure) = ours.Count > 0 ? (Repair(name, definition, ours), null) : rules.Find(_adoption);
        Sort(name, change, failure);
    }

    private UrlRules RulesOf(string name, WebhookDefinition definition)
    {
        // What another entry with the same url takes over is not there for this one.
        var others = _found.FindAll(m => m.Marker?.Owner != _owner.Id
            && ScopePlanner.SameUrl(m.Webhook.Url, definition.Url)
            && !_changes.Exists(c => c.Current?.Id == m.Webhook.Id));
        return new UrlRules(_scope, name, definition, others, _conflicts)
        {
            ProjectLevel = _projectLevel.FindAll(m => ScopePlanner.SameUrl(m.Webhook.Url, definition.Url)),
            ProjectLevelScope = _tasks.ProjectLevelScope,
            WhyCreate = _tasks.Moves(name) ?? Sentences.ThereIsNone,
        };
    }

    // Ours stays for the winner to take over, so that no delivery is missed, or goes when the winner has its own.
    private void Yield(string name, List<Webhook> ours, ConflictingConnection winner, bool isServed)
    {
        _failures.Add(WebhookFailure.At(_scope, name, ConflictRules.Lost(name, winner)));
        if (isServed)
        {
            _served.Add(name);
            _removals.AddRange(ours.Select(w => Removal(name, w, Sentences.OlderHasItsOwn(winner.Name))));
        }
    }

    // Of several of ours the one to keep is the one that needs no change, else the oldest.
    private WebhookChange? Repair(string name, WebhookDefinition definition, List<Webhook> ours)
    {
        var keeper = ours.Find(w => ScopePlanner.Drift(w, definition).Count == 0) ?? ScopePlanner.Oldest(ours);
        _removals.AddRange(ours.Where(w => w != keeper).Select(w => Removal(name, w, Sentences.Doubles(keeper.Id))));
        var drift = ScopePlanner.Drift(keeper, definition);
        return drift.Count == 0
            ? null
            : new WebhookChange(ChangeKind.Update, _scope, name, keeper, definition, Sentences.DiffersIn(drift));
    }

    private void Sort(string name, WebhookChange? change, WebhookFailure? failure)
    {
        if (change is not null)
        {
            _changes.Add(change);
        }
        else if (failure is not null)
        {
            _failures.Add(failure);
        }
        else
        {
            _inSync.Add(name);
        }
    }

    private WebhookChange Removal(string name, Webhook webhook, string why) =>
        new(ChangeKind.Remove, _scope, name, webhook, Desired: null, why);
}
