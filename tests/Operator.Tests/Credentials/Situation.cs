using BitbucketOperator.BitbucketSimulator.Faults;
using BitbucketOperator.BitbucketSimulator.State;
using YamlDotNet.Serialization;
using YamlDotNet.Serialization.NamingConventions;

namespace BitbucketOperator.Operator.Tests.Credentials;

/// <summary>A case's situation.yaml: what is up with the server. Absent: nothing.</summary>
internal sealed class Situation
{
    /// <summary>Nothing listens where the server ought to be.</summary>
    public bool Down { get; set; }

    public List<SituationFault> Faults { get; set; } = [];

    public static Situation Read(string folder)
    {
        var file = Path.Combine(folder, "situation.yaml");
        return File.Exists(file)
            ? new DeserializerBuilder().WithNamingConvention(CamelCaseNamingConvention.Instance).Build().Deserialize<Situation>(File.ReadAllText(file))
            : new Situation();
    }
}

internal sealed class SituationFault
{
    public FaultKind Kind { get; set; }

    public string Path { get; set; } = "**";

    public int Status { get; set; } = 500;

    public string? Body { get; set; }

    public string? RetryAfter { get; set; }

    public int? Count { get; set; }

    public Fault ToFault() =>
        new() { Kind = Kind, Path = Path, Status = Status, Body = Body, RetryAfter = RetryAfter, Count = Count, ContentType = "text/plain" };
}
