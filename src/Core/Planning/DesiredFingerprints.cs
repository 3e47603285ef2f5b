using BitbucketOperator.Core.Inventory;
using BitbucketOperator.Core.Levels;
using BitbucketOperator.Core.Model;
using BitbucketOperator.Core.Observation;
using BitbucketOperator.Core.Port;

namespace BitbucketOperator.Core.Planning;

/// <summary>
/// What is desired of scopes, as texts: a scope whose text changed is due at once. All that a plan depends on beside the scope's
/// own webhooks is in it, so that a scope never counts as synced for a state that was not read.
/// </summary>
internal sealed class DesiredFingerprints
{
    private readonly string _selected;
    private readonly string _others;
    private readonly DesiredState _state;
    private readonly bool _isSeenElsewhere;
    private readonly Dictionary<string, string> _below;
    private readonly Dictionary<string, string> _projectLevel;

    public DesiredFingerprints(DesiredState state, ProjectLevelPlanner projectLevel)
    {
        // What mode Plan found is read again before it is applied.
        var mode = state.Connection.Spec.Mode == WriteMode.Plan ? " planned" : "";
        _state = state;
        _isSeenElsewhere = projectLevel.IsSeenElsewhere;
        _selected = $"{state.DesiredFingerprint}/{DesiredWebhook.FingerprintWithoutSecrets(state.Desired)}{mode}";
        _others = (state.MayRemove ? "none" : "none withheld") + mode;
        _below = state.Levels.Scopes.ToDictionary(p => p.Scope.Id, p => _selected + Below(p, projectLevel), StringComparer.Ordinal);
        _projectLevel = state.Levels.Scopes.ToDictionary(
            p => p.Scope.Id, p => $"{_selected} {Seen(p.View)}{p.Rules}{projectLevel.SettledBelow(p)}", StringComparer.Ordinal);
    }

    /// <summary>What is desired of one scope: the webhooks, or none.</summary>
    public string For(WebhookScope scope)
    {
        if (!_state.Levels.IsSelected(scope))
        {
            return scope.Repository is null && !_isSeenElsewhere ? _others + " unseen" : _others;
        }

        return scope.Repository is { } repository
            ? _state.Levels.ProjectLevelOf(repository) is { } levels ? _below[levels.Scope.Id] : _selected
            : _projectLevel[scope.Id];
    }

    // A read that failed is repeated after its back-off, not at once.
    private static ScopeView Seen(ScopeView view) => view == ScopeView.Failed ? ScopeView.NotRead : view;

    private static string Below(ScopeLevels levels, ProjectLevelPlanner projectLevel)
    {
        var inPlace = projectLevel.InPlace(levels);
        return string.Concat(levels.Entries.Where(e => e.Value != default).OrderBy(e => e.Key, StringComparer.Ordinal)
            .Select(e => $" {e.Key} {(e.Value.Held ? "held" : inPlace.Contains(e.Key) ? "in place above" : "above")}"));
    }
}
