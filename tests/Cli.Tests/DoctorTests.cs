using BitbucketOperator.BitbucketSimulator.State;
using BitbucketOperator.Cli.Plugin;
using BitbucketOperator.Core.Api;
using BitbucketOperator.Core.Api.V1Alpha1;
using BitbucketOperator.Core.Model;

namespace BitbucketOperator.Cli.Tests;

/// <summary>What <c>doctor</c> concludes from two views.</summary>
public sealed class DoctorTests
{
    private static readonly (string, string)[] Well =
        [("Reachable", "Connected"), ("CredentialValid", "Authenticated"), ("RepositoriesDiscovered", "Discovered"), ("WebhooksReady", "InSync")];

    [Theory]
    [InlineData("ServerUnreachable", null, "network policies")]
    [InlineData("TlsUntrusted", null, "The operator cannot reach the server (TlsUntrusted) and you can")]
    [InlineData("HostNotAllowed", null, "by its own flags")]
    [InlineData(null, "ServerUnreachable", "You cannot reach the server from here")]
    [InlineData("ServerUnreachable", "ServerUnreachable", "the server, or spec.url, is the cause")]
    public void Reachability_TellsWhoseNetworkIsTheMatter(string? theirs, string? ours, string expected) =>
        Doctor.Diagnose(Connection(Status("Reachable", theirs)), Status("Reachable", ours)).ShouldContain(expected);

    [Theory]
    [InlineData("CredentialRejected", "CredentialRejected", "the network is not the cause")]
    [InlineData("CredentialRejected", null, "has been put right since")]
    [InlineData(null, "CredentialRejected", "it has changed since")]
    public void Credential_TellsWhoseViewIsTheNewer(string? theirs, string? ours, string expected) =>
        Doctor.Diagnose(Connection(Status("CredentialValid", theirs)), Status("CredentialValid", ours)).ShouldContain(expected);

    [Fact]
    public void NoStatus_SendsToTheOperator() =>
        Doctor.Diagnose(Connection(null), Status("Reachable", null)).ShouldStartWith("The operator has not looked at this connection");

    [Fact]
    public void OlderGeneration_IsTold() =>
        Doctor.Diagnose(Connection(Status("Reachable", null), generation: 2), Status("Reachable", null)).ShouldContain("has not come to the latest spec");

    private static BitbucketConnection Connection(BitbucketConnectionStatus? status, long generation = 1) =>
        new() { Metadata = new() { Name = "platform", Generation = generation }, Status = status };

    private static BitbucketConnectionStatus Status(string type, string? fault) => new()
    {
        ObservedGeneration = 1,
        Conditions =
        [
            .. Well.Select(w => w.Item1 == type && fault is not null
                ? new Condition { Type = type, Status = ConditionState.False, Reason = fault, Message = "what it says" }
                : new Condition { Type = w.Item1, Status = ConditionState.True, Reason = w.Item2 }),
        ],
    };
}
