using BitbucketOperator.Bitbucket.Http;
using BitbucketOperator.Core.Api;
using BitbucketOperator.Core.Port;

namespace BitbucketOperator.Bitbucket.Cloud;

/// <summary>
/// Finds out what a credential may do: by the scopes that Bitbucket says it has, or by requests that change nothing where
/// it says none.
/// </summary>
internal sealed class CredentialExaminer(ApiSession session, CredentialProbe probe, string workspace)
{
    // Bitbucket asks for the scope before it looks for the webhook, and no webhook has this id.
    private const string NoWebhook = "{00000000-0000-0000-0000-000000000000}";

    private static readonly byte[] NoChange =
        """{"description":"none","url":"https://bitbucket.org/","active":false,"skip_cert_verification":false,"events":["repo:push"]}"""u8.ToArray();

    private CredentialFacts Credential => session.Credential;

    public async Task<CredentialReport> ExamineAsync(Repository? sample, CancellationToken cancellationToken) => new(
        KindOfAccount(),
        session.GrantedScopes is { } scopes ? ByScopes(Scopes.Parse(scopes)) : await ByTryingAsync(sample, cancellationToken));

    private PrincipalKind? KindOfAccount() => session.CredentialType switch
    {
        "repo_access_token" => PrincipalKind.Repository,
        "project_access_token" => PrincipalKind.Project,
        "workspace_access_token" => PrincipalKind.Workspace,
        _ => Credential.Descriptor.Principal,
    };

    private Dictionary<Capability, Finding> ByScopes(IReadOnlySet<string> scopes)
    {
        var findings = new Dictionary<Capability, Finding>();
        foreach (var capability in Enum.GetValues<Capability>())
        {
            if (!IsAsked(capability)) continue;
            var permission = Credential.Descriptor.RequiredPermission(capability)!;
            findings[capability] = scopes.Contains(permission)
                ? new(Grant.Granted, Evidence.Scopes)
                : new(Grant.Missing, Evidence.Scopes, Missing([permission]));
        }

        return findings;
    }

    // A token without an account has nobody whom it could read. Rights on the workspace do not depend on scopes.
    private bool IsAsked(Capability capability) =>
        Credential.Descriptor.RequiredPermission(capability) is not null
        && capability != Capability.ManageWorkspaceWebhooks
        && (capability != Capability.ReadAccount || Credential.Descriptor.HasAccount);

    private async Task<Dictionary<Capability, Finding>> ByTryingAsync(Repository? sample, CancellationToken cancellationToken)
    {
        var findings = new Dictionary<Capability, Finding>();
        if (IsAsked(Capability.ReadAccount) && probe.User is { } user) findings[Capability.ReadAccount] = OfRead(new(Operation.ReadUser, workspace), user);
        await TryAsync(Capability.ReadProjects, Call(Operation.ListProjects), HttpMethod.Get, session.Urls.Projects);
        if (sample is null) return findings;

        var webhook = session.Urls.Webhook(WebhookScope.Of(sample), NoWebhook);
        await TryAsync(Capability.ReadPullRequests, Call(Operation.ListPullRequests), HttpMethod.Get, session.Urls.PullRequests(sample.Name.Slug));
        await TryAsync(Capability.ReadWebhooks, Call(Operation.ListWebhooks), HttpMethod.Get, session.Urls.Webhooks(WebhookScope.Of(sample)));
        await TryAsync(Capability.ManageWebhooks, Call(Operation.UpdateWebhook), HttpMethod.Put, webhook, NoChange);
        await TryAsync(Capability.DeleteWebhooks, Call(Operation.DeleteWebhook), HttpMethod.Delete, webhook);
        return findings;

        async Task TryAsync(Capability capability, RestCall call, HttpMethod method, Uri uri, byte[]? body = null)
        {
            if (IsAsked(capability)) findings[capability] = await FindAsync(call, method, uri, body, cancellationToken);
        }

        RestCall Call(Operation operation) => new(operation, workspace, sample?.Name.Project, sample?.Name);
    }

    private async Task<Finding> FindAsync(RestCall call, HttpMethod method, Uri uri, byte[]? body, CancellationToken cancellationToken)
    {
        try
        {
            var reply = await session.AskAsync(call, method, uri, body, cancellationToken);
            return call.Writes ? OfWrite(call, reply.Facts) : OfRead(call, reply.Facts);
        }
        catch (FaultException exception)
        {
            return Finding.Unanswered(exception.Fault.Message);
        }
    }

    private Finding OfRead(RestCall call, AnswerFacts answer)
    {
        if (answer.Required.Count > 0) return new(Grant.Missing, Evidence.Tried, Missing(answer.Required));
        if (FaultTable.Of(call, answer, Credential) is not { } fault)
        {
            return answer.Status < 300
                ? new(Grant.Granted, Evidence.Tried)
                : new(Grant.Unknown, Evidence.Tried, "Bitbucket does not name the account");
        }

        var denied = fault.Reason == Reasons.ReadPermissionDenied || fault.Reason == Reasons.WebhookPermissionDenied;
        return denied ? new(Grant.Missing, Evidence.Tried, fault.Message) : Finding.Unanswered(fault.Message);
    }

    private Finding OfWrite(RestCall call, AnswerFacts answer) => answer switch
    {
        { Status: 403, Required.Count: > 0 } => new(Grant.Missing, Evidence.Tried, Missing(answer.Required)),
        { Status: 404, Kind: BodyKind.Json or BodyKind.Empty } => new(Grant.Granted, Evidence.Tried),
        _ => Finding.Unanswered(FaultTable.Answered(call, answer).Text),
    };

    private string Missing(IReadOnlyList<string> scopes) =>
        $"{Wording.Lacks(Credential.Descriptor.Noun, $"scope {string.Join(" and ", scopes)}")}. {Scopes.Cure(Credential, session.CredentialType, scopes)}";
}
