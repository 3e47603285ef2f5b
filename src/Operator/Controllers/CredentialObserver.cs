using BitbucketOperator.Core.Api;
using BitbucketOperator.Core.Credentials;
using BitbucketOperator.Core.Port;
using BitbucketOperator.Core.Status;

namespace BitbucketOperator.Controllers;

/// <summary>Proves credentials and finds out what they may do; asks the server no more often than it must.</summary>
internal sealed class CredentialObserver(ConnectionState memory, DateTimeOffset now)
{
    /// <summary>Logs in. A password that was refused is not sent again until it is another one: the account would be locked.</summary>
    public async Task<Login> LogInAsync(CredentialUse use, ConnectionTarget target, IBitbucket bitbucket, CancellationToken cancellationToken)
    {
        var known = Recall(use, target);
        if (known.Refused is { } refused && CredentialDescriptors.Of(target.Credential.Type).LocksAccount)
        {
            return refused;
        }

        var login = await FirstContactAsync(bitbucket, cancellationToken);
        memory.Credentials[use] = known with { Refused = IsRefused(login) ? login : null };
        return login;
    }

    /// <summary>What the credential may do. Where nothing is missing, that holds for <paramref name="interval"/>.</summary>
    /// <param name="use">Which credential.</param>
    /// <param name="target">Its target.</param>
    /// <param name="bitbucket">The server.</param>
    /// <param name="sample">A repository to try on.</param>
    /// <param name="interval">How long a report lasts; null to ask again.</param>
    /// <param name="cancellationToken">Stops the reconcile.</param>
    public async Task<Outcome<CredentialReport>> ExamineAsync(
        CredentialUse use, ConnectionTarget target, IBitbucket bitbucket, Repository? sample, TimeSpan? interval, CancellationToken cancellationToken)
    {
        var known = Recall(use, target);
        if (interval is not null && known.Report is { } report && known.ReportDueAt > now)
        {
            return report;
        }

        var found = await Reading.TryAsync(() => bitbucket.ExamineAsync(sample, cancellationToken));
        if (found.Fault?.Reason == Reasons.RateLimited && known.Report is { } before)
        {
            return before;
        }

        var merged = found.Value is { } answered ? WithEarlier(answered, known.Report) : null;
        var complete = merged?.Findings.Values.All(f => f.State == Grant.Granted) is true;
        memory.Credentials[use] = known with { Report = merged ?? known.Report, ReportDueAt = complete ? now + (interval ?? TimeSpan.Zero) : now };
        return merged is null ? found : merged;
    }

    // What a limit or a fault kept from being tried is as it was found before.
    private static CredentialReport WithEarlier(CredentialReport found, CredentialReport? before) => before is null ? found : found with
    {
        Kind = found.Kind ?? before.Kind,
        Findings = found.Findings.ToDictionary(
            f => f.Key, f => f.Value.IsUnanswered && before.Findings.GetValueOrDefault(f.Key) is { IsUnanswered: false } earlier ? earlier : f.Value),
    };

    private CredentialMemory Recall(CredentialUse use, ConnectionTarget target) =>
        memory.Credentials.TryGetValue(use, out var known) && known.Target == target ? known : new CredentialMemory(target);

    private static async Task<Login> FirstContactAsync(IBitbucket bitbucket, CancellationToken cancellationToken)
    {
        var server = await Reading.TryAsync(() => bitbucket.GetServerAsync(cancellationToken));
        var goesOn = server.Succeeded && ConnectionSummary.VersionFault(server.Value!) is null;
        return new Login(server, goesOn ? await Reading.TryAsync(() => bitbucket.GetAccountAsync(cancellationToken)) : (Outcome<Account>?)null);
    }

    private static bool IsRefused(Login login) =>
        login.Account?.Fault is { } fault && (fault.Reason == Reasons.CredentialRejected || fault.Reason == Reasons.CaptchaRequired);
}
