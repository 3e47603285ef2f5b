using BitbucketOperator.Core.Api;
using BitbucketOperator.Core.Port;

namespace BitbucketOperator.Bitbucket.Cloud;

/// <summary>
/// First contact, and the proof of the credential. One request does for both: even where a credential may not read its
/// user, the answer tells that it is good, and of which kind.
/// </summary>
internal sealed class CredentialProbe(ApiSession session, string workspace)
{
    private readonly RestCall _readUser = new(Operation.ReadUser, workspace);
    private readonly RestCall _readWorkspace = new(Operation.ReadWorkspace, workspace);
    private Reply? _user;

    /// <summary>What came of asking for the user; null before that, and when the credential was refused before.</summary>
    public AnswerFacts? User => _user?.Facts;

    public async Task<ServerInfo> GetServerAsync(CancellationToken cancellationToken)
    {
        try
        {
            _user = await session.AskAsync(_readUser, HttpMethod.Get, session.Urls.User, body: null, cancellationToken);
        }
        catch (FaultException) when (session.Refusal is not null)
        {
            // A server that gives an OAuth consumer no token answers all the same.
        }

        return FaultOfUser() is { } fault && fault.Reason.Condition == ConditionTypes.Reachable
            ? throw new FaultException(fault)
            : new(Version: null, "Bitbucket Cloud");
    }

    /// <summary>To be asked after <see cref="GetServerAsync"/>.</summary>
    public async Task<Account> GetAccountAsync(CancellationToken cancellationToken)
    {
        if (session.Refusal is { } refusal) throw new FaultException(refusal);
        if (FaultOfUser() is { } fault) throw session.Refused(fault);
        var user = _user ?? throw new InvalidOperationException("The server has to be asked first.");
        var account = user.Answer.Succeeded ? Named(user) : new(Name: null);

        // No access token may read a user. The workspace may be closed to it or be another: what counts is that it is not a 401.
        if (user.Facts.IsOtherMechanism) await ProveByWorkspaceAsync(cancellationToken);
        session.AcceptLogin();
        return account;
    }

    private async Task ProveByWorkspaceAsync(CancellationToken cancellationToken)
    {
        var reply = await session.AskAsync(_readWorkspace, HttpMethod.Get, session.Urls.Workspace, body: null, cancellationToken);
        if (FaultTable.Of(_readWorkspace, reply.Facts, session.Credential) is not { } fault) return;
        if (ApiSession.DisprovesLogin(fault)) throw session.Refused(fault);
    }

    private Account Named(Reply reply)
    {
        var user = ApiSession.Read(_readUser, reply.Answer, CloudJson.Default.WireUser);
        if (user is { Uuid: null, AccountId: null } || user.Type == "error") throw new FaultException(FaultTable.Unreadable(_readUser));
        if (session.Credential.Descriptor.Principal != PrincipalKind.User) return new(Name: null);
        var name = string.IsNullOrWhiteSpace(user.DisplayName) ? user.Nickname : user.DisplayName;
        return new(session.Text.CleanOrNull(name));
    }

    private Fault? FaultOfUser() => _user is { } reply ? FaultTable.Of(_readUser, reply.Facts, session.Credential) : null;
}
