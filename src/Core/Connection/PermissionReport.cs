using BitbucketOperator.Core.Api;
using BitbucketOperator.Core.Api.V1Alpha1;

namespace BitbucketOperator.Core.Connection;

/// <summary>
/// What the credential may do: what the pass itself tried, else what the credential was asked for, else what was known
/// before. Nothing is guessed.
/// </summary>
internal sealed class PermissionReport
{
    private readonly ConnectionPass _pass;
    private readonly WebhookRights _rights;
    private readonly int _selected;
    private readonly WebhookLevels _levels;

    private PermissionReport(ConnectionPass pass, WebhookTally tally)
    {
        _pass = pass;
        _rights = WebhookRights.Of(pass, tally);
        _selected = pass.Observed.Selection?.Selected.Count ?? 0;
        _levels = tally.Levels;
    }

    private BitbucketConnectionSpec Spec => _pass.Connection.Spec;

    /// <summary>Null where a pass broke off before it could tell: what was known stays.</summary>
    public static List<PermissionStatus>? Of(ConnectionPass pass, WebhookTally tally)
    {
        if (pass.Observed.Inventory is not { IsUsable: true } inventory)
        {
            return null;
        }

        var report = new PermissionReport(pass, tally);
        return [.. Enum.GetValues<Capability>().Select(c => report.Row(c, inventory)).OfType<PermissionStatus>()];
    }

    private PermissionStatus? Row(Capability capability, Inventory inventory)
    {
        var auth = AuthOf(capability);
        var isOfPlacesAbove = capability is Capability.ManageProjectWebhooks or Capability.ManageWorkspaceWebhooks;
        if (RequiredRight.Of(auth.Type, capability) is not { } right || (isOfPlacesAbove && !_levels.Places.Any(p => p.IsAsked)))
        {
            return null;
        }

        var row = capability switch
        {
            Capability.ReadAccount => OfLogin(),
            Capability.ReadRepositories => OfListing(inventory),
            Capability.ReadWebhooks => OnRepositories(capability, _rights.Seen, _rights.Hidden),
            Capability.ManageWebhooks => OfWriting(),
            Capability.DeleteWebhooks => OnRepositories(capability, granted: 0, _rights.NotRemoved) ?? OfDone(capability, removals: true),
            Capability.ManageProjectWebhooks or Capability.ManageWorkspaceWebhooks => OnPlacesAbove(auth),
            _ => null,
        };
        row ??= OfFinding(capability) ?? Known(capability, right) ?? new PermissionStatus { FoundBy = FoundBy.NotTried };
        return new PermissionStatus
        {
            Capability = capability.ToString(),
            Required = right,
            State = row.State,
            FoundBy = row.FoundBy,
            GrantedOn = row.GrantedOn,
            MissingOn = row.MissingOn,
            Message = capability == Capability.ManageWebhooks ? WithFallback(row.Message) : row.Message,
        };
    }

    private PermissionStatus? OnPlacesAbove(AuthSpec auth)
    {
        var asked = _levels.Places.Where(p => p is { IsAsked: true, View: not (PlaceView.Absent or PlaceView.Failed) }).ToList();
        var denied = asked.FindAll(p => p.IsDenied);
        var granted = asked.Count - denied.Count;
        if (denied.Count == 0)
        {
            return granted == 0 ? null : Tried(granted);
        }

        return new PermissionStatus
        {
            State = PermissionState.Missing,
            FoundBy = FoundBy.Tried,
            GrantedOn = granted > 0 ? granted : null,
            MissingOn = denied.Count,
            Message = RightCure.OnPlacesAbove(auth, FieldOf(Capability.ManageWebhooks), MissingOn(denied)),
        };
    }

    private static string MissingOn(List<PlaceLevels> denied) => denied[0].Place.Level == WebhookLevel.Workspace
        ? $"the right to administer workspace {denied[0].Place.Name} is missing"
        : $"PROJECT_ADMIN is missing on {(denied.Count == 1 ? "1 project" : $"{denied.Count} projects")}, first {denied[0].Place.Name}";

    // What Auto would do with more rights is worth a word, and no fault.
    private string? WithFallback(string? message)
    {
        const string fallback = "Auto keeps webhooks on repositories: ";
        var own = message?.StartsWith(fallback, StringComparison.Ordinal) == true ? null : message;
        if (!_pass.Observed.ReachesWebhooks)
        {
            return message;
        }

        var outOfReach = _levels.Places.Where(p => p.IsOutOfReach).ToList();
        return own is not null || outOfReach.Count == 0 ? own : fallback + MissingOn(outOfReach);
    }

    private static bool ConcernsWebhooks(Capability capability) =>
        capability >= Capability.ReadWebhooks;

    private AuthSpec AuthOf(Capability capability) => (ConcernsWebhooks(capability) ? Spec.WebhookAuth : null) ?? Spec.Auth;

    private string FieldOf(Capability capability) => ConcernsWebhooks(capability) ? ConnectionGate.WebhookFieldOf(Spec) : "spec.auth";

    private CredentialReport? ReportOn(Capability capability) =>
        (ConcernsWebhooks(capability) && Spec.WebhookAuth is not null ? _pass.Observed.WebhookReport : _pass.Observed.Report)?.Value;

    private PermissionStatus? OfLogin()
    {
        if (ConnectionGate.HostingOf(Spec) == Hosting.DataCenter || _pass.Observed.Account?.Value?.Name is not null)
        {
            return Tried(granted: null);
        }

        return Spec.Auth.Type == AuthType.AccessToken
            ? new PermissionStatus { Message = "an access token belongs to nobody who could be named; nothing needs this right" }
            : null;
    }

    private PermissionStatus? OfListing(Inventory inventory)
    {
        var listed = inventory.Repositories.Count;
        var denied = inventory.Faults.Where(f => f.Reason == Reasons.ReadPermissionDenied).ToList();
        if (denied.Count == 0)
        {
            return listed > 0 ? Tried(listed) : null;
        }

        return new PermissionStatus
        {
            State = PermissionState.Missing,
            FoundBy = FoundBy.Tried,
            GrantedOn = listed > 0 ? listed : null,
            MissingOn = Spec.Discovery.Repositories.Count > 0 ? denied.Count : null,
            Message = denied[0].Message.TrimEnd('.') + RightCure.AfterDenial(Spec.Auth, "spec.auth"),
        };
    }

    private PermissionStatus? OfWriting()
    {
        var type = AuthOf(Capability.ManageWebhooks).Type;
        var removing = RequiredRight.Of(type, Capability.DeleteWebhooks) is null ? _rights.NotRemoved.Where(IsSelected) : [];
        var denied = _rights.NotChanged.Union(removing, StringComparer.OrdinalIgnoreCase);
        if (HidingIsLackOfRights(type))
        {
            denied = denied.Union(_rights.Hidden, StringComparer.OrdinalIgnoreCase);
        }

        // On Data Center one right lets see and change, so that who sees may change.
        var missing = denied.Order(StringComparer.OrdinalIgnoreCase).ToList();
        var granted = ConnectionGate.HostingOf(Spec) == Hosting.DataCenter ? _rights.Seen - missing.Except(_rights.Hidden, StringComparer.OrdinalIgnoreCase).Count() : 0;
        return OnRepositories(Capability.ManageWebhooks, granted, missing) ?? OfDone(Capability.ManageWebhooks, removals: false);
    }

    private bool IsSelected(string name) =>
        _pass.Observed.Selection!.Selected.Any(r => string.Equals(r.Name.ToString(), name, StringComparison.OrdinalIgnoreCase));

    // Where seeing has a scope of its own, its absence says nothing about changing.
    private bool HidingIsLackOfRights(AuthType type) =>
        RequiredRight.Of(type, Capability.ReadWebhooks) == RequiredRight.Of(type, Capability.ManageWebhooks)
        || OfFinding(Capability.ReadWebhooks)?.State == PermissionState.Granted;

    // That something was done is remembered in status, for it is not done again.
    private PermissionStatus? OfDone(Capability capability, bool removals)
    {
        if (OfFinding(capability) is { State: not PermissionState.Unknown } found)
        {
            return found;
        }

        return _pass.Applied.Any(a => a.Fault is null && (a.Change.Kind == ChangeKind.Remove) == removals) ? Tried(granted: null) : null;
    }

    private PermissionStatus? OnRepositories(Capability capability, int granted, IReadOnlyList<string> missing)
    {
        if (missing.Count == 0)
        {
            return granted > 0 ? Tried(granted) : null;
        }

        var where = $"{Share(missing.Count)}, first {missing[0]}";
        return new PermissionStatus
        {
            State = PermissionState.Missing,
            FoundBy = FoundBy.Tried,
            GrantedOn = granted > 0 ? granted : null,
            MissingOn = missing.Count,
            Message = RightCure.OnRepositories(AuthOf(capability), FieldOf(capability), capability, where, OfFinding(capability)?.State),
        };
    }

    // Webhooks are removed from repositories too that are not selected.
    private string Share(int count) => count <= _selected
        ? $"{count} of {_selected} repositories"
        : count == 1 ? "1 repository" : $"{count} repositories";

    private PermissionStatus? OfFinding(Capability capability)
    {
        if (ReportOn(capability)?.Findings.GetValueOrDefault(capability) is not { } finding)
        {
            return null;
        }

        var cure = finding.State == PermissionState.Missing ? RightCure.OfCredential(AuthOf(capability), FieldOf(capability), capability) : null;
        return new PermissionStatus { State = finding.State, FoundBy = finding.FoundBy, Message = finding.Message ?? cure };
    }

    // What was not tried this time stays as it was: all about webhooks when nobody may look at them, what the credential was
    // not asked for, and a right that there was no need to use again.
    private PermissionStatus? Known(Capability capability, string right)
    {
        var row = _pass.Connection.Status?.Permissions?.Find(p => p.Capability == capability.ToString() && p.Required == right);
        if (row is null || (ConcernsWebhooks(capability) && !_pass.Observed.ReachesWebhooks))
        {
            return row;
        }

        var used = capability is Capability.ManageWebhooks or Capability.DeleteWebhooks && row is { State: PermissionState.Granted, FoundBy: FoundBy.Tried };
        return row is { GrantedOn: null, MissingOn: null } && (ReportOn(capability) is null || used) ? row : null;
    }

    private static PermissionStatus Tried(int? granted) => new() { State = PermissionState.Granted, FoundBy = FoundBy.Tried, GrantedOn = granted };
}
