using System.Diagnostics.Metrics;
using BitbucketOperator.Cli.Settings;
using BitbucketOperator.Controllers;
using BitbucketOperator.Core.Api.V1Alpha1;
using BitbucketOperator.Core.Port;
using BitbucketOperator.Runtime.Informers;
using BitbucketOperator.Runtime.Queue;

namespace BitbucketOperator.Cli.Run;

/// <summary>
/// What metrics say of each connection: read from its status at every scrape, so that nothing is kept and the series of a
/// deleted connection end with it. Only the replica that leads serves it. An instrument is defined here and nowhere else:
/// the table in docs/metrics.md is written from the names, units and descriptions below, and what follows <c>Labels:</c>
/// in a description names its labels.
/// </summary>
internal sealed class ConnectionMetrics : IDisposable
{
    /// <summary>Name of the meter.</summary>
    public const string Name = "BitbucketOperator";

    /// <summary>The instrument with the most series.</summary>
    public const string ConditionInstrument = Prefix + "condition";

    private const string Prefix = "bitbucket_operator.connection.";
    private const string State = "state";
    private readonly Meter _meter = new(Name);
    private readonly EntityStore<BitbucketConnection> _store;
    private readonly EntityQueue<BitbucketConnection> _queue;
    private readonly ConnectionStates _states;
    private readonly TimeProvider _clock;
    private SyncWorkers? _workers;

    public ConnectionMetrics(
        EntityStore<BitbucketConnection> store, EntityQueue<BitbucketConnection> queue, ConnectionStates states, TimeProvider clock)
    {
        (_store, _queue, _states, _clock) = (store, queue, states, clock);
        _meter.CreateObservableGauge(
            "bitbucket_operator.build.info",
            () => new Measurement<int>(1, Label("version", Versions.Product)),
            unit: null,
            "Always 1. Labels: version");
        Gauge("condition",
            "1 for the status (True, False or Unknown) and the reason that a condition has. Labels: namespace, name, type, status, reason", Conditions);
        Gauge("suspended", "1 while spec.suspend is true, else 0. Labels: namespace, name", c => [Of(c, c.Spec.Suspend ? 1 : 0)]);
        Gauge(
            "generation",
            "Generation of the spec, which every change of it raises. Labels: namespace, name",
            c => [Of(c, c.Metadata.Generation ?? 0)]);
        Gauge("repositories", "Repositories, state discovered or selected. Labels: namespace, name, state", Repositories);
        Gauge("webhooks", "Webhooks, state desired, ready, waiting or failed. Labels: namespace, name, state", Webhooks);
        Gauge("syncs_due", "Repositories, projects and workspaces whose webhooks are to be synced now. Labels: namespace, name", SyncsDue);
        Gauge(
            "deliveries",
            "Webhooks by how their deliveries go, state checked, failing or circuit_broken; absent where Bitbucket does not tell. "
            + "Labels: namespace, name, state",
            Deliveries);
        _meter.CreateObservableGauge(
            "bitbucket_operator.syncs.waiting",
            SyncsWaiting,
            unit: null,
            "Repositories, projects and workspaces that are due and wait for their sync, of all connections, class cleanup, missing, "
            + "changed, retry or verification. Labels: class");
        _meter.CreateObservableGauge(
            "bitbucket_operator.sync.oldest",
            () => _workers?.OldestSync.TotalSeconds ?? 0,
            "s",
            "How long the oldest sync that is running has been running, 0 while none is.");
        _meter.CreateObservableGauge(
            Prefix + "credential_expiry_timestamp",
            () => Each(Expiry),
            "s",
            "When the credential of spec.auth ends, in seconds since 1970; absent where that is not known. Labels: namespace, name");
        _meter.CreateObservableCounter(
            Prefix + "webhook_changes",
            () => Each(Changes),
            unit: null,
            "Webhooks that this replica changed in Bitbucket, change create, update, adopt or remove. Labels: namespace, name, change");
    }

    public void Dispose() => _meter.Dispose();

    /// <summary>From now on the gauges tell of these workers too.</summary>
    public void Observe(SyncWorkers workers) => _workers = workers;

    private void Gauge(string name, string description, Func<BitbucketConnection, IEnumerable<Measurement<long>>> read) =>
        _meter.CreateObservableGauge(Prefix + name, () => Each(read), unit: null, description);

    private IEnumerable<Measurement<long>> Each(Func<BitbucketConnection, IEnumerable<Measurement<long>>> read) =>
        _queue.IsOpen ? _store.List().SelectMany(read) : [];

    private static IEnumerable<Measurement<long>> Conditions(BitbucketConnection connection) =>
        (connection.Status?.Conditions ?? []).Select(
            c => Of(connection, 1, Label("type", c.Type), Label("status", c.Status.ToString()), Label("reason", c.Reason)));

    private static IEnumerable<Measurement<long>> Repositories(BitbucketConnection connection) => connection.Status?.Repositories is { } repositories
        ? [Of(connection, repositories.Discovered, Label(State, "discovered")), Of(connection, repositories.Selected, Label(State, "selected"))]
        : [];

    private static IEnumerable<Measurement<long>> Webhooks(BitbucketConnection connection) => connection.Status?.Webhooks is { } webhooks
        ?
        [
            Of(connection, webhooks.Desired, Label(State, "desired")),
            Of(connection, webhooks.Ready, Label(State, "ready")),
            Of(connection, webhooks.Waiting ?? 0, Label(State, "waiting")),
            Of(connection, webhooks.Failed, Label(State, "failed")),
        ]
        : [];

    private static IEnumerable<Measurement<long>> Deliveries(BitbucketConnection connection) =>
        connection.Status?.Webhooks?.Deliveries is { Note: null } deliveries
        ?
        [
            Of(connection, deliveries.Checked, Label(State, "checked")),
            Of(connection, deliveries.Failing, Label(State, "failing")),
            Of(connection, deliveries.CircuitBroken ?? 0, Label(State, "circuit_broken")),
        ]
        : [];

    private static IEnumerable<Measurement<long>> Expiry(BitbucketConnection connection) =>
        connection.Status?.Account?.ExpiresAt is { } end ? [Of(connection, end.ToUnixTimeSeconds())] : [];

    private IEnumerable<Measurement<long>> Changes(BitbucketConnection connection) => _states.Find(connection.Metadata.Uid) is { } memory
        ? Kinds.Select(k => Of(connection, memory.ChangesOf(k.Kind), Label("change", k.Name)))
        : [];

    private IEnumerable<Measurement<long>> SyncsDue(BitbucketConnection connection) =>
        _states.Find(connection.Metadata.Uid) is { } state ? [Of(connection, state.Sync.Due)] : [];

    private IEnumerable<Measurement<int>> SyncsWaiting() =>
        Classes.Select(c => new Measurement<int>(_states.Waiting(c.Class, _clock.GetUtcNow()), Label("class", c.Name)));

    private static Measurement<long> Of(BitbucketConnection connection, long value, params ReadOnlySpan<KeyValuePair<string, object?>> labels) =>
        new(value, [Label("namespace", connection.Metadata.NamespaceProperty), Label("name", connection.Metadata.Name), .. labels]);

    private static KeyValuePair<string, object?> Label(string name, string value) => new(name, value);

    private static readonly (WorkClass Class, string Name)[] Classes =
        [.. Enum.GetValues<WorkClass>().Where(c => c != WorkClass.Discovery).Select(c => (c, c.ToString().ToLowerInvariant()))];
    private static readonly (ChangeKind Kind, string Name)[] Kinds =
        [.. Enum.GetValues<ChangeKind>().Select(k => (k, k.ToString().ToLowerInvariant()))];
}
