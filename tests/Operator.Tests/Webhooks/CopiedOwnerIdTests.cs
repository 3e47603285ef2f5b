using BitbucketOperator.Bitbucket.Http;
using BitbucketOperator.Controllers;
using BitbucketOperator.Core.Api;
using BitbucketOperator.Core.Api.V1Alpha1;
using BitbucketOperator.Core.Mapping;
using BitbucketOperator.Core.Ownership;
using BitbucketOperator.Core.Port;
using BitbucketOperator.Core.Status;
using BitbucketOperator.Core.Validation;
using Microsoft.Extensions.Time.Testing;

namespace BitbucketOperator.Operator.Tests.Webhooks;

/// <summary>The annotation owner-id copied to a connection that has webhooks of its own: when it goes, it must not take another one's away.</summary>
public sealed class CopiedOwnerIdTests
{
    private const string Original = "beaac70a3bb6e21e";

    [Theory]
    [InlineData(true, false)]
    [InlineData(false, true)]
    public async Task CopyThatIsDeleted_TouchesNothingWhileTheOriginalWrites(bool writes, bool asksTheServer)
    {
        var copy = new BitbucketConnection
        {
            Metadata = new()
            {
                Name = "copy",
                NamespaceProperty = "ci",
                Uid = "copy",
                Generation = 2,
                CreationTimestamp = new DateTime(2026, 1, 2, 0, 0, 0, DateTimeKind.Utc),
                DeletionTimestamp = new DateTime(2026, 1, 3, 0, 0, 0, DateTimeKind.Utc),
                Annotations = new Dictionary<string, string>(StringComparer.Ordinal) { [Annotations.OwnerId] = Original },
            },
            Spec = new()
            {
                Url = "https://bb.example.com",
                Auth = new() { Type = AuthType.HTTPAccessToken, SecretRef = new() { Name = "bitbucket" } },
                Webhooks = [new WebhookSpec { Name = "ci", Url = "https://ci.example.com/hook" }],
            },
            Status = new() { Bookkeeping = new() { ManagedIn = ["PLAT"] } },
        };
        var connection = copy.ToModel();
        var original = new KnownOwner("ci/original", connection.Spec.ServerKey, []) { Writes = writes };
        var references = new MemoryReferences();
        references.Secrets["bitbucket"] = new(StringComparer.Ordinal) { ["token"] = "token-that-is-right" };
        var clock = new FakeTimeProvider(new DateTimeOffset(2026, 1, 3, 0, 0, 0, TimeSpan.Zero));
        var connector = new CountedConnector();
        var reconciler = new ConnectionReconciler(
            new ConnectionPreparer(references, new ConnectionPolicy(AllowHttp: false)),
            new ConnectionObserver(new BitbucketOptions(), clock),
            connector,
            ListedOwners.Of([(Original, original)]),
            clock);

        var outcome = await reconciler.CleanUpAsync(
            connection, WebhookOwner.Of("cluster", connection), new ConnectionState(), TestContext.Current.CancellationToken);

        (connector.Count > 0).ShouldBe(asksTheServer);
        var summary = CleanupSummary.Of(outcome, removed: 0, copy.Status);
        summary.Done.ShouldBeFalse();
        summary.IsBlocked.ShouldBeTrue();
        summary.Message.Contains("ci/original", StringComparison.Ordinal).ShouldBe(!asksTheServer, summary.Message);
    }

    // A server that cannot be had.
    private sealed class CountedConnector : IBitbucketConnector
    {
        public int Count { get; private set; }

        public IBitbucket Connect(ConnectionTarget target, Credential? other = null)
        {
            Count++;
            throw new FaultException(Fault.Transient(Reasons.ServerUnreachable, "bb.example.com does not answer"));
        }
    }
}
