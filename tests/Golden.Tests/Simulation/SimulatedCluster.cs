using System.Text;
using BitbucketOperator.Cli.Run;
using BitbucketOperator.Controllers;
using BitbucketOperator.Core.Api;
using BitbucketOperator.Core.Api.V1Alpha1;
using BitbucketOperator.Core.Credentials;
using BitbucketOperator.Core.Mapping;
using BitbucketOperator.Core.Model;
using BitbucketOperator.Core.Ownership;
using BitbucketOperator.Core.Port;
using BitbucketOperator.Core.Status;
using BitbucketOperator.Golden.Tests.Given;
using BitbucketOperator.Runtime.Events;
using BitbucketOperator.Runtime.Model;
using BitbucketOperator.Runtime.Patching;
using BitbucketOperator.Testing;
using k8s;
using k8s.Models;

namespace BitbucketOperator.Golden.Tests.Simulation;

/// <summary>What the reconciler has of a cluster: the connection and its status, the other connections, Secrets and ConfigMaps, events.</summary>
internal sealed class SimulatedCluster(TimeProvider clock) : IReferenceSource, IConnections, ISyncs, IInventories, IStatusWriter<BitbucketConnection>
{
    public const string Name = "cluster";

    private readonly HashSet<string> _made = new(StringComparer.Ordinal);
    private readonly PlayedInventories _inventories = new();
    private World _world = new();
    private List<BitbucketConnection> _others = [];

    /// <summary>When the step began.</summary>
    public DateTimeOffset Since { get; private set; }

    private DateTimeOffset Now => clock.GetUtcNow();

    /// <summary>The resource as it is stored.</summary>
    public BitbucketConnection Connection { get; private set; } = new();

    public WebhookOwner Owner => WebhookOwner.Of(Name, Connection.ToModel());

    public IReadOnlyList<BitbucketConnection> Others => _others;

    /// <summary>Each status that was written, since the step began.</summary>
    public List<BitbucketConnectionStatus> Written { get; } = [];

    public List<(string Reason, string Text)> Events { get; } = [];

    /// <summary>Names of the connections that were to be reconciled because of this one.</summary>
    public SortedSet<string> Woken { get; } = new(StringComparer.Ordinal);

    public List<string> SecretsMade { get; } = [];

    public static WebhookOwner OwnerOf(string name, string cluster) => WebhookOwner.Of(cluster, name.Split('/')[0], name.Split('/')[1]);

    /// <summary>Makes the resource and what it refers to so; its status stays.</summary>
    public void Become(Step step)
    {
        (_world, Since) = (step.World, Now);
        var status = Connection.Status;
        Connection = Application.Connections.Copy(step.Connection);
        Connection.Status = status;
        _others = step.World.Others.ConvertAll(r => r.ToConnection(Connection));
        Written.Clear();
        Events.Clear();
        Woken.Clear();
        SecretsMade.Clear();
    }

    public Task<bool> PatchAsync(BitbucketConnection observed, Action<BitbucketConnection> change, CancellationToken cancellationToken)
    {
        if (StatusPatch.Of(Application.Connections, Connection, change) is null)
        {
            return Task.FromResult(false);
        }

        var changed = Application.Connections.Copy(Connection);
        change(changed);
        Connection.Status = Application.Connections.Copy(changed).Status;
        Written.Add(Connection.Status!);
        ConditionInvariants.Check(Connection, Now);
        return Task.FromResult(true);
    }

    public Task PublishAsync(IKubernetesObject<V1ObjectMeta> entity, string reason, string message, EventType type, CancellationToken cancellationToken)
    {
        Events.Add((reason, $"{type} {message}"));
        return Task.CompletedTask;
    }

    public void Enqueue(EntityKey key) => Woken.Add($"{key.Namespace}/{key.Name}");

    public void EnqueueAfter(EntityKey key, TimeSpan delay)
    {
    }

    /// <summary>Tells of all connections, as the watch does.</summary>
    public void Tell(IEntityObserver<BitbucketConnection> observer)
    {
        foreach (var connection in _others.Append(Connection))
        {
            observer.Observe(EntityKey.Of(connection), connection);
        }
    }

    public void Continue(Connection connection)
    {
    }

    public void Forget(Connection connection)
    {
    }

    public Task<VerifiedScopes> LoadAsync(BitbucketConnection connection, CancellationToken cancellationToken) =>
        Task.FromResult(_inventories.Read(connection.ToModel()));

    // What is told there is that of the checks, which the report shows.
    public Task FlushAsync(BitbucketConnection connection, InventoryContent content, CancellationToken cancellationToken)
    {
        _inventories.Write(content);
        return Task.CompletedTask;
    }

    public void Forget(string uid)
    {
    }

    /// <summary>Whether clean-up would find the place.</summary>
    public bool IsOnRecord(WebhookScope scope)
    {
        var managed = Connection.Status?.Bookkeeping?.ManagedIn ?? [];
        return (scope.Repository is { } repository ? new[] { repository.Name.Project, repository.Name.ToString() } : [scope.Id])
            .Any(name => managed.Contains(name, StringComparer.OrdinalIgnoreCase));
    }

    public Task<ReferencedData> SecretAsync(string @namespace, string name, CancellationToken cancellationToken) =>
        Task.FromResult(new ReferencedData("Secret", @namespace, name, Bytes(Secret(name))) { Type = _world.SecretTypes.GetValueOrDefault(name, "Opaque") });

    public Task<ReferencedData> ConfigMapAsync(string @namespace, string name, CancellationToken cancellationToken) =>
        Task.FromResult(new ReferencedData("ConfigMap", @namespace, name, Bytes(_world.ConfigMaps.GetValueOrDefault(name))));

    public Task<ReferencedData> FindOrMakeSecretAsync(GeneratedSecret wanted, CancellationToken cancellationToken)
    {
        if (Secret(wanted.Name) is null)
        {
            if (_world.GeneratedSecretsFault is { } fault)
            {
                throw fault.ToException();
            }

            _made.Add(wanted.Name);
            SecretsMade.Add(wanted.Name);
        }

        return SecretAsync(wanted.Namespace, wanted.Name, cancellationToken);
    }

    /// <summary>The secret that an entry of spec.webhooks asks for; null for none.</summary>
    public string? SecretOf(WebhookSpec entry) => entry.SecretRef is { } reference
        ? Secret(reference.Name)?.GetValueOrDefault(reference.Key)
        : GeneratedSecret.Of(Connection.ToModel(), entry.ToModel()) is { } generated
            ? (Secret(generated.Name) ?? Made).GetValueOrDefault(GeneratedSecret.Key)
            : null;

    private static Dictionary<string, string> Made { get; } = new(StringComparer.Ordinal) { [GeneratedSecret.Key] = "s3cr3t-made" };

    private Dictionary<string, string>? Secret(string name)
    {
        if (_world.SecretsMissing.Contains(name, StringComparer.Ordinal))
        {
            return null;
        }

        return _world.Secrets.GetValueOrDefault(name) ?? (_made.Contains(name) ? Made : name switch
        {
            "bitbucket-token" => new(StringComparer.Ordinal) { ["token"] = "s3cr3t-t0ken" },
            "bitbucket-api" => new(StringComparer.Ordinal) { ["email"] = "ci@example.com", ["token"] = "s3cr3t-api" },
            "bitbucket-login" => new(StringComparer.Ordinal) { ["username"] = "ci-bot", ["password"] = "s3cr3t-login" },
            "ci-hook" => new(StringComparer.Ordinal) { ["secret"] = "s3cr3t-hook" },
            "hooks" => new(StringComparer.Ordinal) { ["token"] = "s3cr3t-hooks" },
            _ => null,
        });
    }

    private static Dictionary<string, byte[]>? Bytes(Dictionary<string, string>? data) =>
        data?.ToDictionary(d => d.Key, d => Encoding.UTF8.GetBytes(d.Value), StringComparer.Ordinal);
}
