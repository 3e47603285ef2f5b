using System.Security.Cryptography.X509Certificates;

namespace BitbucketOperator.Runtime.Kubeconfig;

/// <summary>Where an API server is, how to trust it, and as whom to talk to it.</summary>
public sealed record ApiServerAccess
{
    /// <summary>The server; a path in front of its own is kept.</summary>
    public required Uri Server { get; init; }

    /// <summary>The authorities that its certificate may come from; null for those of the system.</summary>
    public X509Certificate2Collection? Authorities { get; init; }

    /// <summary>Any certificate will do. Default: false.</summary>
    public bool SkipTlsVerify { get; init; }

    /// <summary>The name that its certificate is for; null for the server's host.</summary>
    public string? TlsServerName { get; init; }

    /// <summary>The proxy to go through; null for what the environment says.</summary>
    public Uri? Proxy { get; init; }

    /// <summary>No proxy is used, whatever the environment says. Default: false.</summary>
    public bool IsDirect { get; init; }

    /// <summary>The namespace of the context, or of the pod; null when there is none.</summary>
    public string? Namespace { get; init; }

    /// <summary>What proves who sends a request. Default: nothing.</summary>
    public IApiLogin Login { get; init; } = FixedLogin.None;

    /// <summary>Whom to act as; null for oneself.</summary>
    public Impersonation? Impersonation { get; init; }
}

/// <summary>Whom to act as.</summary>
/// <param name="User">Name.</param>
/// <param name="Uid">UID; null for none.</param>
/// <param name="Group">Group; null for none.</param>
/// <param name="Extra">Extra fields.</param>
public sealed record Impersonation(string User, string? Uid, string? Group, IReadOnlyList<KeyValuePair<string, string>> Extra)
{
    /// <summary>Adds it to a request.</summary>
    public void AddTo(HttpRequestMessage request)
    {
        Add("User", User);
        Add("Uid", Uid);
        Add("Group", Group);
        foreach (var (key, value) in Extra)
        {
            Add($"Extra-{Uri.EscapeDataString(key)}", value);
        }

        void Add(string what, string? value)
        {
            if (value is not null)
            {
                request.Headers.TryAddWithoutValidation($"Impersonate-{what}", value);
            }
        }
    }
}

/// <summary>A kubeconfig cannot be used; the message says what and where.</summary>
public sealed class KubeconfigException : Exception
{
    /// <inheritdoc/>
    public KubeconfigException(string message)
        : base(message)
    {
    }

    /// <inheritdoc/>
    public KubeconfigException(string message, Exception inner)
        : base(message, inner)
    {
    }
}
