using BitbucketOperator.Testing.Servers;
using System.Text;
using BitbucketOperator.Controllers;
using BitbucketOperator.Core.Api.V1Alpha1;
using BitbucketOperator.Core.Credentials;
using BitbucketOperator.Core.Ownership;

namespace BitbucketOperator.Convergence.Tests.World;

/// <summary>The resource and its Secrets, as people write them.</summary>
internal sealed class Resource : IReferenceSource
{
    public const int MaxEntries = 3;
    private const string CredentialSecret = "bitbucket";
    private readonly Dictionary<string, string> _secrets = new(StringComparer.Ordinal);
    private readonly HashSet<string> _everUsed = new(StringComparer.Ordinal);
    private readonly IReadOnlyList<string> _eventSets;
    private int _rotations;

    public Resource(PlayedServer server)
    {
        _eventSets = server.EventSets;
        Connection = new BitbucketConnection { Metadata = { NamespaceProperty = "ci", Name = "platform", Uid = "uid-1", Generation = 1 } };
        Connection.Spec.Url = server is PlayedDataCenter dataCenter ? dataCenter.Url.AbsoluteUri : $"https://bitbucket.org/{PlayedCloud.Workspace}";
        Connection.Spec.Auth = new AuthSpec
        {
            Type = server.Hosting == Hosting.Cloud ? AuthType.APIToken : AuthType.HTTPAccessToken,
            SecretRef = new CredentialSecretReference { Name = CredentialSecret },
        };
    }

    public static WebhookOwner Owner { get; } = WebhookOwner.Of("cluster", "ci", "platform");

    public static WebhookOwner Other { get; } = WebhookOwner.Of("cluster", "ci", "other");

    public BitbucketConnection Connection { get; private set; }

    public BitbucketConnectionSpec Spec => Connection.Spec;

    public string Token { get; private set; } = "";

    /// <summary>Every text that nobody may ever read in a status.</summary>
    public IReadOnlyCollection<string> EverSecret => _everUsed;

    public void UseToken(string token)
    {
        Token = token;
        _everUsed.Add(token);
    }

    /// <summary>A person changed the spec: the API server counts it.</summary>
    public void Edited() => Connection.Metadata.Generation++;

    /// <summary>The resource was deleted without its finalizer, as with its cluster, and made again from its manifest.</summary>
    public void MakeAgain()
    {
        var generation = 1 + (Connection.Metadata.Generation ?? 0);
        Connection = new BitbucketConnection
        {
            Metadata = { NamespaceProperty = "ci", Name = "platform", Uid = $"uid-{generation}", Generation = 1 },
            Spec = Connection.Spec,
        };
    }

    public static string SecretName(int number) => $"hook-secret-{number}";

    public void WriteSecret(string name)
    {
        var value = $"{name}-value-{++_rotations}-that-nobody-may-read";
        _secrets[name] = value;
        _everUsed.Add(value);
    }

    public void DeleteSecret(string name) => _secrets.Remove(name);

    public string? SecretOf(string name) => _secrets.GetValueOrDefault(name);

    public IReadOnlyList<string> EventsAt(int pick) => pick >= _eventSets.Count - 1 ? [] : _eventSets[pick].Split(' ');

    /// <summary>How an entry's webhook has to be; null while the entry's Secret does not exist.</summary>
    public HookFields? Wanted(WebhookSpec entry)
    {
        var secret = entry.SecretRef is { } reference ? SecretOf(reference.Name) : null;
        return entry.SecretRef is not null && secret is null
            ? null
            : new HookFields(entry.Url, entry.Events.Count == 0 ? _eventSets[^1] : HookFields.Join(entry.Events), entry.Active, entry.SslVerification, secret);
    }

    public Task<ReferencedData> SecretAsync(string @namespace, string name, CancellationToken cancellationToken)
    {
        var data = name == CredentialSecret
            ? new Dictionary<string, string> { ["token"] = Token, ["email"] = PlayedCloud.Email }
            : _secrets.TryGetValue(name, out var value) ? new Dictionary<string, string> { ["secret"] = value } : null;
        return Task.FromResult(new ReferencedData("Secret", @namespace, name, data?.ToDictionary(d => d.Key, d => Encoding.UTF8.GetBytes(d.Value))));
    }

    public Task<ReferencedData> FindOrMakeSecretAsync(GeneratedSecret wanted, CancellationToken cancellationToken) =>
        SecretAsync(wanted.Namespace, wanted.Name, cancellationToken);

    public Task<ReferencedData> ConfigMapAsync(string @namespace, string name, CancellationToken cancellationToken) =>
        Task.FromResult(new ReferencedData("ConfigMap", @namespace, name, Data: null));
}
