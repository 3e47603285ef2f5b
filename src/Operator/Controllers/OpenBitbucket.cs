using BitbucketOperator.Core.Port;

namespace BitbucketOperator.Controllers;

/// <summary>Whom to talk to, and as whom.</summary>
/// <param name="Main">With the credential of spec.auth.</param>
/// <param name="Webhooks">With that of spec.webhookAuth; null where there is none, so that the main one serves.</param>
internal sealed record Targets(ConnectionTarget Main, ConnectionTarget? Webhooks);

/// <summary>A server, opened with each credential that the connection has: by a reconcile that reads it, for the syncs that follow.</summary>
internal sealed class OpenBitbucket : IDisposable
{
    private readonly IBitbucket? _webhooks;

    private OpenBitbucket(Targets targets, IBitbucket main, IBitbucket? webhooks)
    {
        Targets = targets;
        Main = main;
        _webhooks = webhooks;
    }

    public Targets Targets { get; }

    /// <summary>For all but webhooks.</summary>
    public IBitbucket Main { get; }

    /// <summary>For webhooks.</summary>
    public IBitbucket Webhooks => _webhooks ?? Main;

    /// <summary>True where webhooks have a credential of their own.</summary>
    public bool IsSplit => _webhooks is not null;

    /// <exception cref="FaultException">As <see cref="IBitbucketConnector.Connect"/> throws it.</exception>
    public static OpenBitbucket Open(IBitbucketConnector connector, Targets targets)
    {
        var main = connector.Connect(targets.Main, targets.Webhooks?.Credential);
        try
        {
            return new OpenBitbucket(targets, main, targets.Webhooks is { } webhooks ? connector.Connect(webhooks, targets.Main.Credential) : null);
        }
        catch (FaultException)
        {
            main.Dispose();
            throw;
        }
    }

    /// <summary>What the limits of its accounts make of a connection's work.</summary>
    public Outlook Foresee(string connection, Workload work)
    {
        if (_webhooks is null)
        {
            return Main.Foresee(connection, work);
        }

        var listings = Main.Foresee(connection, work with { Waiting = 0, Verification = work.Verification with { Requests = 0 } });
        var syncs = _webhooks.Foresee($"{connection} webhooks", work with { Discovery = work.Discovery with { Requests = 0 } });
        return syncs with { Interval = listings.Interval };
    }

    public void Dispose()
    {
        Main.Dispose();
        _webhooks?.Dispose();
    }
}
