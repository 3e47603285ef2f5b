using System.Text.Json;
using BitbucketOperator.Core.Api;
using BitbucketOperator.Core.Api.V1Alpha1;
using BitbucketOperator.Core.Discovery;
using BitbucketOperator.Core.Mapping;
using BitbucketOperator.Core.Observation;
using BitbucketOperator.Core.Port;

namespace BitbucketOperator.Core.Tests;

/// <summary>Status fits into etcd and into a terminal, however large the server is.</summary>
public sealed class StatusSizeTests
{
    private const int Repositories = 50_000;
    private static readonly string LongName = new('n', 100);

    [Theory]
    [InlineData(Mode.Enforce)]
    [InlineData(Mode.Plan)]
    public void Status_OfTheWorstMixture_IsBelow20Kilobytes(Mode mode)
    {
        var listed = Enumerable.Range(0, Repositories).Select(i =>
            new Repository($"{i}", new RepositoryName($"P{i % 5_000}{LongName}", $"r{i}-{LongName}"))).ToList();
        var connection = Connection(mode);
        var observed = new ConnectionObserved
        {
            Now = DateTimeOffset.UnixEpoch.AddDays(20_000),
            Credential = new Credential.HttpAccessToken(new SecretText("t")),
            Server = new ServerInfo("9.4.2", LongName),
            Account = new Account(LongName),
            Desired = [.. connection.Spec.Webhooks.Select(w =>
                DesiredWebhook.Of(w.ToModel(), (SecretText?)null, Outcomes.Self, allowHttp: false, Flavour.DataCenter))],
            RepositoryListing = new RepositoryListing(listed, [], [], []),
            Selection = RepositorySelection.Of(connection.Spec.Discovery.ToModel(), listed),
        };
        var scopes = new PlayedScopes
        {
            Webhooks = listed.Where((_, i) => i % 2 == 0).ToDictionary(r => r.Id, r => Failed(r.Id), StringComparer.Ordinal),
        };
        var status = scopes.Finish(connection, scopes.Settle(connection, observed)).Status;
        status.Failures!.Count.ShouldBe(10);
        (status.Plan?.Count ?? 0).ShouldBe(mode == Mode.Plan ? 20 : 0, "as many as fit");
        JsonSerializer.SerializeToUtf8Bytes(status, ApiJsonContext.Default.BitbucketConnectionStatus).Length.ShouldBeLessThan(20_000);
    }

    // Every message is another one, and as long as a server's words may be.
    private static Outcome<IReadOnlyList<Webhook>> Failed(string id) => Fault.Waiting(
        Reasons.WebhookPermissionDenied, id.PadLeft(6, '0') + new string('m', 300));

    private static BitbucketConnection Connection(Mode mode) => new()
    {
        Metadata = new k8s.Models.V1ObjectMeta { Name = "platform", NamespaceProperty = "ci", Uid = "u", Generation = 1 },
        Spec = new BitbucketConnectionSpec
        {
            Url = "https://bb.example.com",
            Mode = mode,
            Webhooks = [new WebhookSpec { Name = new string('w', 50), Url = $"https://ci.example.com/{LongName}", Level = WebhookLevel.Repository }],
        },
    };
}
