using BitbucketOperator.Core.Api;
using BitbucketOperator.Core.Api.V1Alpha1;
using BitbucketOperator.Core.Credentials;
using BitbucketOperator.Core.Discovery;
using BitbucketOperator.Core.Inventory;
using BitbucketOperator.Core.Levels;
using BitbucketOperator.Core.Mapping;
using BitbucketOperator.Core.Messages;
using BitbucketOperator.Core.Model;
using BitbucketOperator.Core.Planning;
using BitbucketOperator.Core.Port;

namespace BitbucketOperator.Core.Status;

/// <summary>
/// What the credential may do: what the reconcile itself tried, else what the credential was asked for, else what was known
/// before. Nothing is guessed.
/// </summary>
internal sealed class PermissionReport
{
    private readonly ReconcileOutcome _outcome;
    private readonly BitbucketConnectionStatus? _before;
    private readonly WebhookPermissions _permissions;
    private readonly int _selected;
    private readonly WebhookLevels _levels;

    private PermissionReport(ReconcileOutcome outcome, WebhookTally tally, BitbucketConnectionStatus? before)
    {
        _outcome = outcome;
        _before = before;
        _permissions = WebhookPermissions.Of(outcome, tally);
        _selected = outcome.Observed.Selection?.Selected.Count ?? 0;
        _levels = tally.Levels;
    }

    private ConnectionSpec Spec => _outcome.Connection.Spec;

    /// <summary>Null where a reconcile broke off before it could tell: what was known stays.</summary>
    public static List<PermissionStatus>? Of(ReconcileOutcome outcome, WebhookTally tally, BitbucketConnectionStatus? before)
    {
        if (outcome.Observed.RepositoryListing is not { IsUsable: true } inventory)
        {
            return null;
        }

        var report = new PermissionReport(outcome, tally, before);
        return [.. Enum.GetValues<Capability>().Select(c => report.Row(c, inventory)).OfType<PermissionStatus>()];
    }

    private PermissionStatus? Row(Capability capability, RepositoryListing inventory)
    {
        var auth = AuthOf(capability);
        var isOfProjectLevel = capability is Capability.ManageProjectWebhooks or Capability.ManageWorkspaceWebhooks;
        if (CredentialDescriptors.Of(auth.Kind).RequiredPermission(capability) is not { } permission
            || (isOfProjectLevel && !_levels.Scopes.Any(p => p.IsAsked)))
        {
            return null;
        }

        var row = capability switch
        {
            Capability.ReadAccount => OfLogin(),
            Capability.ReadRepositories => OfListing(inventory),
            Capability.ReadWebhooks => OnRepositories(capability, _permissions.Seen, _permissions.Hidden),
            Capability.ManageWebhooks => OfWriting(),
            Capability.DeleteWebhooks => OnRepositories(capability, granted: 0, _permissions.NotRemoved) ?? OfDone(capability, removals: true),
            Capability.ManageProjectWebhooks or Capability.ManageWorkspaceWebhooks => OnProjectLevel(auth),
            Capability.ReadProjects or Capability.ReadPullRequests => null,
        };
        row ??= OfFinding(capability);
        var known = row is null ? Known(capability, permission) : null;
        row ??= known ?? new PermissionStatus { FoundBy = FoundBy.NotTried };
        return new PermissionStatus
        {
            Capability = capability.ToString(),
            Required = permission,
            State = row.State,
            FoundBy = row.FoundBy,
            GrantedOn = row.GrantedOn,
            MissingOn = row.MissingOn,
            Example = row.Example,
            Message = capability == Capability.ManageWebhooks ? WithFallback(row, isKnown: row == known) : row.Message,
        };
    }

    private PermissionStatus? OnProjectLevel(CredentialSource auth)
    {
        var asked = _levels.Scopes.Where(p => p is { IsAsked: true, View: not (ScopeView.Absent or ScopeView.Failed) }).ToList();
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
            Example = denied[0].Scope.Name,
            Message = CredentialDescriptors.Of(auth.Kind).MissingOnProjectLevel(auth, FieldOf(Capability.ManageWebhooks), MissingOn(auth, denied)),
        };
    }

    private static string MissingOn(CredentialSource auth, List<ScopeLevels> denied) =>
        Sentences.MissingOnProjectLevel(CredentialDescriptors.Of(auth.Kind).Noun, denied[0].Scope, denied.Count);

    // What Auto would do with more permissions is worth a word, and no fault. It is all that a row of status says whose
    // permission is granted or was not tried, and is said again.
    private string? WithFallback(PermissionStatus row, bool isKnown)
    {
        if (!_outcome.Observed.ReachesWebhooks)
        {
            return row.Message;
        }

        var outOfReach = _levels.Scopes.Where(p => p.IsOutOfReach).ToList();
        var own = isKnown && (row.State == PermissionState.Granted || row.FoundBy == FoundBy.NotTried) ? null : row.Message;
        return own is not null || outOfReach.Count == 0 ? own : Sentences.AutoKeepsOnRepositories(MissingOn(AuthOf(Capability.ManageWebhooks), outOfReach));
    }

    private static bool ConcernsWebhooks(Capability capability) => capability switch
    {
        Capability.ReadAccount or Capability.ReadProjects or Capability.ReadRepositories or Capability.ReadPullRequests => false,
        Capability.ReadWebhooks or Capability.ManageWebhooks or Capability.DeleteWebhooks => true,
        Capability.ManageProjectWebhooks or Capability.ManageWorkspaceWebhooks => true,
    };

    private CredentialSource AuthOf(Capability capability) => (ConcernsWebhooks(capability) ? Spec.WebhookAuth : null) ?? Spec.Auth;

    private CredentialDescriptor DescriptorOf(Capability capability) => CredentialDescriptors.Of(AuthOf(capability).Kind);

    private string FieldOf(Capability capability) => ConcernsWebhooks(capability) ? Spec.WebhookAuthField : Fields.Auth;

    private CredentialReport? ReportOn(Capability capability) =>
        (ConcernsWebhooks(capability) && Spec.WebhookAuth is not null ? _outcome.Observed.WebhookReport : _outcome.Observed.Report)?.Value;

    private PermissionStatus? OfLogin()
    {
        if (Spec.Flavour == Flavour.DataCenter || _outcome.Observed.Account?.Value?.Name is not null)
        {
            return Tried(granted: null);
        }

        return CredentialDescriptors.Of(Spec.Auth.Kind) is CloudDescriptor { HasAccount: false } kind
            ? new PermissionStatus { Message = Sentences.NobodyNamed(kind.Article, kind.Noun) }
            : null;
    }

    private PermissionStatus? OfListing(RepositoryListing inventory)
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
            Example = denied[0].Place?.Name,
            Message = (denied[0].Words with { Cure = denied[0].Words.Cure ?? CredentialDescriptors.Of(Spec.Auth.Kind).AfterDenial }).Text,
        };
    }

    private PermissionStatus? OfWriting()
    {
        var kind = DescriptorOf(Capability.ManageWebhooks);
        var removing = kind.RequiredPermission(Capability.DeleteWebhooks) is null ? _permissions.NotRemoved.Where(IsSelected) : [];
        var denied = _permissions.NotChanged.Union(removing, StringComparer.OrdinalIgnoreCase);
        if (HidingIsLackOfPermission(kind))
        {
            denied = denied.Union(_permissions.Hidden, StringComparer.OrdinalIgnoreCase);
        }

        // On Data Center one right lets see and change, so that who sees may change.
        var missing = denied.Order(StringComparer.OrdinalIgnoreCase).ToList();
        var granted = Spec.Flavour == Flavour.DataCenter
            ? _permissions.Seen - missing.Except(_permissions.Hidden, StringComparer.OrdinalIgnoreCase).Count()
            : 0;
        return OnRepositories(Capability.ManageWebhooks, granted, missing) ?? OfDone(Capability.ManageWebhooks, removals: false);
    }

    private bool IsSelected(string name) =>
        _outcome.Observed.Selection!.Selected.Any(r => string.Equals(r.Name.ToString(), name, StringComparison.OrdinalIgnoreCase));

    // Where seeing has a scope of its own, its absence says nothing about changing.
    private bool HidingIsLackOfPermission(CredentialDescriptor kind) =>
        kind.RequiredPermission(Capability.ReadWebhooks) == kind.RequiredPermission(Capability.ManageWebhooks)
        || OfFinding(Capability.ReadWebhooks)?.State == PermissionState.Granted;

    // That something was done is remembered in status, for it is not done again.
    private PermissionStatus? OfDone(Capability capability, bool removals)
    {
        if (OfFinding(capability) is { State: not PermissionState.Unknown } found)
        {
            return found;
        }

        return _outcome.Applied.Any(a => a.Fault is null && (a.Change.Kind == ChangeKind.Remove) == removals) ? Tried(granted: null) : null;
    }

    private PermissionStatus? OnRepositories(Capability capability, int granted, IReadOnlyList<string> missing)
    {
        if (missing.Count == 0)
        {
            return granted > 0 ? Tried(granted) : null;
        }

        var where = Sentences.MissingOn(missing, _selected);
        return new PermissionStatus
        {
            State = PermissionState.Missing,
            FoundBy = FoundBy.Tried,
            GrantedOn = granted > 0 ? granted : null,
            MissingOn = missing.Count,
            Example = missing[0],
            Message = DescriptorOf(capability).MissingOnRepositories(
                AuthOf(capability), FieldOf(capability), capability, where, FindingOf(capability)?.State),
        };
    }

    private Finding? FindingOf(Capability capability) => ReportOn(capability)?.Findings.GetValueOrDefault(capability);

    private PermissionStatus? OfFinding(Capability capability)
    {
        if (FindingOf(capability) is not { } finding)
        {
            return null;
        }

        var cure = finding.State == Grant.Missing
            ? DescriptorOf(capability).Missing(AuthOf(capability), FieldOf(capability), capability)
            : null;
        return new PermissionStatus { State = finding.State.ToApi(), FoundBy = finding.FoundBy.ToApi(), Message = finding.Message ?? cure };
    }

    // What was not tried this time stays as it was: all about webhooks when nobody may look at them, what the credential was
    // not asked for, and a right that there was no need to use again.
    private PermissionStatus? Known(Capability capability, string permission)
    {
        var row = _before?.Permissions?.Find(p => p.Capability == capability.ToString() && p.Required == permission);
        if (row is null || (ConcernsWebhooks(capability) && !StatusWriter.IsCounted(_outcome.Observed)))
        {
            return row;
        }

        var used = capability is Capability.ManageWebhooks or Capability.DeleteWebhooks
            && row is { State: PermissionState.Granted, FoundBy: FoundBy.Tried };
        return row is { GrantedOn: null, MissingOn: null } && (ReportOn(capability) is null || used) ? row : null;
    }

    private static PermissionStatus Tried(int? granted) =>
        new() { State = PermissionState.Granted, FoundBy = FoundBy.Tried, GrantedOn = granted };
}
