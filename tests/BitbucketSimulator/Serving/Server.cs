using System.Text.Json.Nodes;
using BitbucketOperator.BitbucketSimulator.Faults;

namespace BitbucketOperator.BitbucketSimulator.Serving;

/// <summary>What every part of one running simulator shares, whichever flavour it plays.</summary>
internal abstract class Server(CommonOptions options)
{
    public CommonOptions Options => options;

    public TimeProvider Clock => options.TimeProvider;

    public RequestLog Requests { get; } = new(options.RequestLogCapacity);

    public FaultEngine Faults { get; } = new(options.RandomSeed);

    /// <summary>Empty or /something, never with a slash at the end.</summary>
    public virtual string ContextPath => "";

    /// <summary>Scheme, host and port; known once the listener is up.</summary>
    public string Origin { get; set; } = "";

    /// <summary>Which page a listing request asks for, from 1.</summary>
    public abstract int PageOf(HttpRequest request);

    /// <summary>What this flavour answers while it is down.</summary>
    public abstract Answer Unavailable(PathString pathBase);

    /// <summary>Makes a listing's page lie about the one that follows.</summary>
    public abstract void SpoilPage(JsonObject page, Fault fault, HttpRequest request);
}
