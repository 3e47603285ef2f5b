using BitbucketOperator.Core.Api;
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
    private readonly ScopeFacts _facts;
    private readonly ScopeTasks _tasks;
    private readonly List<MarkedWebhook> _found;
    private readonly List<OwnedWebhook> _others;
    private readonly List<OwnedWebhook> _projectLevel;

    private readonly List<string> _inSync = [];
    private readonly List<WebhookChange> _changes = [];
    private readonly List<WebhookChange> _removals = [];
    private readonly List<WebhookChange> _later = [];
    private readonly List<string> _served = [];
    private readonly List<WebhookFailure> _failures = [];
    private readonly SortedSet<string> _waitsFor = new(StringComparer.Ordinal);

    public SelectedScope(
        WebhookScope scope, IReadOnlyList<Webhook> found, WebhookOwner owner, AdoptionRule adoption, ScopeFacts facts, ScopeTasks tasks)
    {
        (_scope, _owner, _adoption, _facts, _tasks) = (scope, owner, adoption, facts, tasks);
        _found = [.. found.Select(w => new MarkedWebhook(w, WebhookMarker.Of(w, owner)))];
        _others = OthersOf(_found);
        _projectLevel = OthersOf(tasks.ProjectLevel.Select(w => new MarkedWebhook(w, WebhookMarker.Of(w, owner))));
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
            WaitsFor = [.. _waitsFor],
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
        if (rules.Older(ours.FindAll(w => WebhookUrl.AreSame(w.Url, definition.Url))) is { } theirs)
        {
            Yield(name, ours, theirs, rules.Conflict(theirs));
            return;
        }

        if (rules.Doubled() is { } doubled)
        {
            _failures.Add(doubled.Failure);
            WaitFor(doubled.Theirs);
            if (ours.Count == 0)
            {
                return;
            }
        }

        var (change, failure) = ours.Count > 0 ? Repair(name, definition, ours) : rules.Find(_adoption);
        Sort(name, change, failure);
        if (failure is not null && ours.Count == 0)
        {
            _others.FindAll(w => WebhookUrl.AreSame(w.Webhook.Url, definition.Url)).ForEach(WaitFor);
        }
    }

    private UrlRules RulesOf(string name, WebhookDefinition definition)
    {
        // What another entry with the same url takes over is not there for this one.
        var others = _others.FindAll(w =>
            WebhookUrl.AreSame(w.Webhook.Url, definition.Url) && !_changes.Exists(c => c.Current?.Id == w.Webhook.Id));
        return new UrlRules(_scope, name, definition, others)
        {
            ProjectLevel = _projectLevel.FindAll(w => WebhookUrl.AreSame(w.Webhook.Url, definition.Url)),
            ProjectLevelScope = _tasks.ProjectLevelScope,
            WhyCreate = _tasks.Moves(name) ?? Sentences.ThereIsNone,
        };
    }

    private List<OwnedWebhook> OthersOf(IEnumerable<MarkedWebhook> webhooks) =>
        [.. webhooks.Where(m => m.Marker?.Owner != _owner.Id).Select(m => OwnerRules.OwnerOf(m.Webhook, m.Marker, _owner, _facts.Owners))];

    // Of two connections that came at the same time, the one whose webhook is younger takes its own away.
    private void Yield(string name, List<Webhook> ours, OwnedWebhook theirs, WebhookFailure failure)
    {
        _failures.Add(failure);
        _served.Add(name);
        WaitFor(theirs);
        _removals.AddRange(ours.Select(w => Removal(name, w, Sentences.OtherHasItsOwn(theirs.Webhook.Id))));
    }

    private void WaitFor(OwnedWebhook theirs)
    {
        if (theirs.OwnerId is { } id)
        {
            _waitsFor.Add(id);
        }
    }

    // Of several of ours the one to keep is the one that needs no change, else the oldest.
    private (WebhookChange? Change, WebhookFailure? Failure) Repair(string name, WebhookDefinition definition, List<Webhook> ours)
    {
        var keeper = ours.Find(w => ScopePlanner.Drift(w, definition).Count == 0) ?? ScopePlanner.Oldest(ours);
        _removals.AddRange(ours.Where(w => w != keeper).Select(w => Removal(name, w, Sentences.Doubles(keeper.Id))));
        var drift = ScopePlanner.Drift(keeper, definition);
        if (drift.Count == 0)
        {
            return (null, null);
        }

        return WhyNotRepaired(name, definition, keeper, drift) is { } fault
            ? (null, WebhookFailure.At(_scope, name, fault))
            : (new WebhookChange(ChangeKind.Update, _scope, name, keeper, definition, Sentences.DiffersIn(drift)), null);
    }

    // What was written once, and is not there: writing it again for ever helps nobody.
    private Fault? WhyNotRepaired(string name, WebhookDefinition definition, Webhook found, List<string> drift)
    {
        var written = _facts.Written.FirstOrDefault(w => w.Hook == name && w.Id == found.Id);
        if (written is null || written.Desired != WrittenWebhook.FingerprintOf(definition))
        {
            return null;
        }

        var now = WrittenWebhook.FingerprintOf(found);
        return now == written.Stored ? Fault.Waiting(Reasons.WebhookNotKept, Sentences.NotKept(drift))
            : now == written.Replaced ? Fault.Waiting(Reasons.WebhookOverwritten, Sentences.Overwritten(drift))
            : null;
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
