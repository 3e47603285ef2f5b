using BitbucketOperator.Core.Api.V1Alpha1;

namespace BitbucketOperator.Core.Connection;

/// <summary>Plans one place that must have webhooks, entry by entry.</summary>
internal sealed class SelectedPlace
{
    private readonly WebhookPlace _place;
    private readonly WebhookOwner _owner;
    private readonly Adoption _adoption;
    private readonly Contest _contest;
    private readonly PlaceWish _wish;
    private readonly List<MarkedWebhook> _found;
    private readonly List<MarkedWebhook> _above;

    private readonly List<string> _inSync = [];
    private readonly List<WebhookChange> _changes = [];
    private readonly List<WebhookChange> _removals = [];
    private readonly List<WebhookChange> _later = [];
    private readonly List<string> _served = [];
    private readonly List<WebhookFailure> _failures = [];

    public SelectedPlace(WebhookPlace place, IReadOnlyList<Webhook> found, WebhookOwner owner, Adoption adoption, Contest contest, PlaceWish wish)
    {
        (_place, _owner, _adoption, _contest, _wish) = (place, owner, adoption, contest, wish);
        _found = [.. found.Select(w => new MarkedWebhook(w, WebhookMarker.Of(w, owner)))];
        _above = [.. wish.Above.Select(w => new MarkedWebhook(w, WebhookMarker.Of(w, owner))).Where(m => m.Marker?.Owner != owner.Id)];
    }

    public PlacePlan Plan(IReadOnlyList<DesiredWebhook> desired, bool mayRemove)
    {
        foreach (var wanted in desired)
        {
            if (wanted.Definition.Value is { } definition)
            {
                PlanEntry(wanted.Name, definition);
            }
            else
            {
                _failures.Add(WebhookFailure.At(_place, wanted.Name, wanted.Definition.Fault!));
            }
        }

        _removals.AddRange(_found
            .Where(m => m.Marker is { } k && k.Owner == _owner.Id && !desired.Any(d => d.Name == k.Hook))
            .Select(m => Removal(m.Marker!.Hook, m.Webhook, $"spec.webhooks has no entry {m.Marker.Hook}")));
        var own = _found.Count(m => m.Marker?.Owner == _owner.Id);
        return new PlacePlan(_place, Selected: true, _inSync, mayRemove ? [.. _changes, .. _removals] : _changes, _failures)
        {
            RemovalsWithheld = !mayRemove && _removals.Count > 0,
            Later = _later,
            Served = _served,
            LeavesOurs = _changes.Count > 0 || own > (mayRemove ? _removals.Count : 0),
        };
    }

    private void PlanEntry(string name, WebhookDefinition definition)
    {
        // One of ours for another entry is neither a rival nor to be taken: it is kept or removed as that entry says.
        var ours = _found.Where(m => m.Marker is { } k && k.Owner == _owner.Id && k.Hook == name).Select(m => m.Webhook).ToList();
        var (task, reason) = _wish.Of(name);
        switch (task)
        {
            case EntryTask.Keep:
                Keep(name, definition, ours);
                break;
            case EntryTask.Leave:
                _inSync.AddRange(_wish.Counts(name) && ours.Exists(w => PlacePlanner.Drift(w, definition).Count == 0) ? [name] : []);
                break;
            default:
                (task == EntryTask.Remove ? _removals : _later).AddRange(ours.Select(w => Removal(name, w, reason)));
                break;
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
            && PlacePlanner.SameUrl(m.Webhook.Url, definition.Url)
            && !_changes.Exists(c => c.Current?.Id == m.Webhook.Id));
        return new UrlRules(_place, name, definition, others, _contest)
        {
            Above = _above.FindAll(m => PlacePlanner.SameUrl(m.Webhook.Url, definition.Url)),
            AbovePlace = _wish.AbovePlace,
            WhyCreate = _wish.Moves(name) ?? "there is none",
        };
    }

    // Ours stays for the winner to take over, so that no delivery is missed, or goes when the winner has its own.
    private void Yield(string name, List<Webhook> ours, Rival winner, bool isServed)
    {
        _failures.Add(WebhookFailure.At(_place, name, Contest.Lost(name, winner)));
        if (isServed)
        {
            _served.Add(name);
            _removals.AddRange(ours.Select(w => Removal(name, w, $"{winner.Name}, which is older, has its own there")));
        }
    }

    // Of several of ours the one to keep is the one that needs no change, else the oldest.
    private WebhookChange? Repair(string name, WebhookDefinition definition, List<Webhook> ours)
    {
        var keeper = ours.Find(w => PlacePlanner.Drift(w, definition).Count == 0) ?? PlacePlanner.Oldest(ours);
        _removals.AddRange(ours.Where(w => w != keeper).Select(w => Removal(name, w, $"it doubles webhook {keeper.Id}")));
        var drift = PlacePlanner.Drift(keeper, definition);
        return drift.Count == 0
            ? null
            : new WebhookChange(ChangeKind.Update, _place, name, keeper, definition, $"it differs in {string.Join(", ", drift)}");
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

    private WebhookChange Removal(string name, Webhook webhook, string why) => new(ChangeKind.Remove, _place, name, webhook, Desired: null, why);
}
