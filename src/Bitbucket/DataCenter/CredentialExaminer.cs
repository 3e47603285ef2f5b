using BitbucketOperator.Core.Api;
using BitbucketOperator.Core.Port;

namespace BitbucketOperator.Bitbucket.DataCenter;

/// <summary>
/// Finds out whom a credential belongs to, and tries what the pass does not try anyway: projects and pull requests.
/// Repositories and webhooks are read in the pass itself. A try that fails is a finding, not a fault.
/// </summary>
internal sealed class CredentialExaminer(RestSession session)
{
    // The page that names project and repository tokens came with a version between 7.16 and 7.20; earlier ones have none.
    private static readonly ServerVersion FirstWithTokensOfProjects = new(7, 16, 0);

    private readonly Pages _users = new(session, maxPages: 5);

    // A page is filtered after it was read: the first ones may be empty.
    private readonly Pages _projects = new(session, maxPages: 4, limit: 25);

    public async Task<CredentialReport> ExamineAsync(RepositoryName? sample, ServerVersion? version, CancellationToken cancellationToken)
    {
        return new(await KindAsync(version, cancellationToken), new Dictionary<Capability, Finding>
        {
            [Capability.ReadAccount] = session.Refusal is { } refusal ? Unknown(refusal) : new(Grant.Granted, Evidence.Tried),
            [Capability.ReadProjects] = await TryAsync(() => FindProjectAsync(sample?.Project, cancellationToken)),
            [Capability.ReadPullRequests] = sample is null
                ? new(Grant.Unknown, Evidence.NotTried, "no repository to try it on")
                : await TryAsync(() => ListPullRequestsAsync(sample, cancellationToken)),
        });
    }

    // Tokens of projects and repositories act as users that no directory knows. The filter is loose, and finds by other fields too.
    private async Task<PrincipalKind?> KindAsync(ServerVersion? version, CancellationToken cancellationToken)
    {
        if (session.Descriptor.Principal == PrincipalKind.User || version < FirstWithTokensOfProjects) return PrincipalKind.User;
        if (session.User is not { } name) return null;
        var call = new RestCall(Operation.FindUser);
        try
        {
            await foreach (var user in _users.ReadAsync(
                call, $"users?filter={Uri.EscapeDataString(name)}", WireJson.Default.WirePageWireUser, cancellationToken))
            {
                if (KindOf(user, name) is { } kind) return kind;
            }

            return PrincipalKind.ProjectOrRepository;
        }
        catch (FaultException)
        {
            return null;
        }
    }

    /// <summary>Null when it is another user.</summary>
    internal static PrincipalKind? KindOf(WireUser user, string name)
    {
        if (!string.Equals(user.Name, name, StringComparison.OrdinalIgnoreCase)) return null;
        return user.Type == "SERVICE" ? PrincipalKind.ProjectOrRepository : PrincipalKind.User;
    }

    // A listing is filtered page by page, and what the credential sees may be on any of them: a project that is known is asked for.
    private async Task<Finding> FindProjectAsync(string? known, CancellationToken cancellationToken)
    {
        if (known is not null && await MayReadAsync(known, cancellationToken)) return new(Grant.Granted, Evidence.Tried);
        var call = new RestCall(Operation.ListProjects);
        await foreach (var _ in _projects.ReadAsync(call, "projects", WireJson.Default.WirePageWireProject, cancellationToken))
            return new(Grant.Granted, Evidence.Tried);
        return new(Grant.Unknown, Evidence.Tried, "no project visible; grant PROJECT_READ if any should be");
    }

    private async Task<bool> MayReadAsync(string project, CancellationToken cancellationToken)
    {
        var call = new RestCall(Operation.ReadProject, project);
        try
        {
            await session.GetAsync(call, $"projects/{ServerUrls.Segment(project)}", WireJson.Default.WireProject, cancellationToken);
            return true;
        }
        catch (FaultException e) when (e.Fault.Reason == Reasons.ReadPermissionDenied || e.Fault.Reason == Reasons.ProjectNotFound)
        {
            return false;
        }
    }

    private async Task<Finding> ListPullRequestsAsync(RepositoryName sample, CancellationToken cancellationToken)
    {
        var call = new RestCall(Operation.ListPullRequests, sample.Project, sample);
        await session.SendAsync(
            call, HttpMethod.Get, $"{RepositoryReader.PathOf(sample)}/pull-requests?limit=1&state=ALL", body: null, cancellationToken);
        return new(Grant.Granted, Evidence.Tried);
    }

    private static async Task<Finding> TryAsync(Func<Task<Finding>> attempt)
    {
        try
        {
            return await attempt();
        }
        catch (FaultException exception) when (exception.Fault.Reason == Reasons.ReadPermissionDenied)
        {
            return new(Grant.Missing, Evidence.Tried, exception.Fault.Message);
        }
        catch (FaultException exception)
        {
            return Unknown(exception.Fault);
        }
    }

    private static Finding Unknown(Fault fault) => Finding.Unanswered(fault.Message);
}
