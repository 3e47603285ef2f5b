using System.Collections.Frozen;
using BitbucketOperator.Core.Port;

namespace BitbucketOperator.Core.Credentials;

/// <summary>The data of a Secret or ConfigMap, by key; null when the object does not exist.</summary>
public sealed record ReferencedData(string Kind, string Namespace, string Name, IReadOnlyDictionary<string, byte[]>? Data)
{
    /// <summary>The Secret's type, such as <c>Opaque</c>; null where it is not a Secret or not known.</summary>
    public string? Type { get; init; }

    /// <summary>
    /// The connection that names it is being deleted, perhaps with its namespace: nobody is asked to create what is missing. Default: false.
    /// </summary>
    public bool IsForDeletion { get; init; }

    /// <summary>The object's labels.</summary>
    public IReadOnlyDictionary<string, string> Labels { get; init; } = FrozenDictionary<string, string>.Empty;
}

/// <summary>A user name and password for a proxy.</summary>
public sealed record ProxyLogin(string Username, SecretText Password);
