using System.Net;
using System.Text.Json;
using BitbucketOperator.Bitbucket.Http;
using BitbucketOperator.Core.Api;
using BitbucketOperator.Core.Port;

namespace BitbucketOperator.Bitbucket.DataCenter;

/// <summary>First contact: does the server run, is it Bitbucket, which version, and whom does it take us for?</summary>
internal sealed class ServerProbe(RestSession session)
{
    public const string Properties = "application-properties";
    public const string RecentRepositories = "profile/recent/repos?limit=1";

    public static readonly RestCall ReadServer = new(Operation.ReadServer);
    public static readonly RestCall ProveLogin = new(Operation.ProveLogin);

    public async Task<ServerInfo> GetServerAsync(CancellationToken cancellationToken)
    {
        var status = await session.SendWithoutCredentialAsync(ReadServer, session.Urls.Status, cancellationToken);
        if (FaultOf(StateOf(status)) is { } fault) throw new FaultException(fault);
        var answer = await ReadPropertiesAsync(cancellationToken);
        var server = RestSession.Read(ReadServer, answer, WireJson.Default.WireServer);
        if (string.IsNullOrWhiteSpace(server.Version) || (server.DisplayName is null && server.BuildNumber is null))
            throw new FaultException(FaultTable.OtherProduct);
        return new(session.Text.Clean(server.Version), session.Text.CleanOrNull(server.DisplayName));
    }

    /// <summary>To be asked after <see cref="GetServerAsync"/>.</summary>
    public async Task<Account> GetAccountAsync(CancellationToken cancellationToken)
    {
        if (session.Refusal is { } refusal) throw new FaultException(refusal);
        if (session.User is { } user) return new(user);

        // Anybody may read the version. Recent repositories are not, so this answer proves a login even without a name.
        await session.SendAsync(ProveLogin, HttpMethod.Get, RecentRepositories, body: null, cancellationToken);
        session.AcceptThatNobodyIsNamed();
        return new(session.User);
    }

    // The version is worth knowing even when the credential is refused; the refusal is kept by the session.
    private async Task<HttpAnswer> ReadPropertiesAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await session.SendAsync(ReadServer, HttpMethod.Get, Properties, body: null, cancellationToken);
        }
        catch (FaultException) when (session.Refusal is not null)
        {
            var uri = session.Urls.Api(Properties);
            var answer = await session.SendWithoutCredentialAsync(ReadServer, uri, cancellationToken);
            var facts = AnswerFacts.Of(answer, uri, namesNobody: false, session.Text);
            return FaultTable.Of(ReadServer, facts) is { } fault ? throw new FaultException(fault) : answer;
        }
    }

    // Old proxies do not let this page through: what cannot be read says nothing.
    private static string? StateOf(HttpAnswer answer)
    {
        if (answer.Kind != BodyKind.Json || answer.Status is not (HttpStatusCode.OK or >= HttpStatusCode.InternalServerError)) return null;
        try
        {
            return answer.Read(WireJson.Default.WireStatus)?.State;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    internal static Fault? FaultOf(string? state) => state switch
    {
        "STARTING" => Fault.Transient(Reasons.ServerStarting, "Bitbucket is starting, retrying"),
        "FIRST_RUN" => Fault.Transient(Reasons.ServerStarting, ("Bitbucket is not set up", "Open it in a browser and finish its set-up")),
        "MAINTENANCE" => Fault.Transient(Reasons.ServerInMaintenance, "Bitbucket is in maintenance, retrying"),
        "ERROR" => Fault.Transient(Reasons.ServerError, ("Bitbucket is in an error state", "Check its logs")),
        _ => null,
    };
}
