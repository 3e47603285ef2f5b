using System.Net;

namespace BitbucketOperator.BitbucketSimulator;

/// <summary>How a simulator of any flavour listens and keeps time.</summary>
public abstract record CommonOptions
{
    /// <summary>Port of the Bitbucket side; 0 takes a free one.</summary>
    public int Port { get; init; }

    /// <summary>Port of the control side; 0 takes a free one.</summary>
    public int ControlPort { get; init; }

    /// <summary>Address both sides listen on; the loopback address by default.</summary>
    public IPAddress Bind { get; init; } = IPAddress.Loopback;

    /// <summary>Serve https with a certificate from an authority made at start.</summary>
    public bool Tls { get; init; }

    /// <summary>Authority to sign with; give the same one to a restarted simulator. Null makes one.</summary>
    public Authority? Authority { get; init; }

    /// <summary>Further host names and addresses for the certificate, besides localhost and 127.0.0.1.</summary>
    public IReadOnlyList<string> SubjectNames { get; init; } = [];

    /// <summary>YAML file with initial state.</summary>
    public string? SeedFile { get; init; }

    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;

    /// <summary>Seed of the one source of chance, the probability of faults.</summary>
    public int RandomSeed { get; init; } = 1;

    /// <summary>How many requests the log keeps; counters go on beyond it.</summary>
    public int RequestLogCapacity { get; init; } = 50_000;
}
