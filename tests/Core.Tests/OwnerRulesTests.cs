using BitbucketOperator.Core.Api;
using BitbucketOperator.Core.Model;
using BitbucketOperator.Core.Observation;
using BitbucketOperator.Core.Ownership;
using BitbucketOperator.Core.Planning;
using BitbucketOperator.Core.Port;

namespace BitbucketOperator.Core.Tests;

public sealed class OwnerRulesTests
{
    private const string Url = "https://ci.example.com/";
    private static readonly WebhookOwner Self = WebhookOwner.Of("cluster", "ci", "platform");
    private static readonly WebhookOwner Other = WebhookOwner.Of("cluster", "team", "other");

    [Fact]
    public void LiveOwnerThatDesiresTheUrl_KeepsIt()
    {
        var owned = Judge(Other, Known());
        owned.Kind.ShouldBe(OwnerKind.Other);
        owned.OwnerName.ShouldBe("team/other");
    }

    [Fact]
    public void DeletedOwner_IsLeaving() => Judge(Other, Known() with { IsDeleting = true }).Kind.ShouldBe(OwnerKind.Leaving);

    [Theory]
    [InlineData(true, true, OwnerKind.Nobody)]
    [InlineData(false, true, OwnerKind.Other)]
    [InlineData(true, false, OwnerKind.Other)]
    public void OwnerThatDoesNotDesireIt_CountsOnlyWhereAllIsKnown(bool watchesAll, bool hasCluster, object kind)
    {
        var owner = hasCluster ? Other : Other with { Cluster = null };
        Judge(owner, Known() with { UrlKeys = [] }, watchesAll).Kind.ShouldBe(kind);
        Judge(owner, known: null, watchesAll).Kind.ShouldBe(kind);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void SameNameInAnotherCluster_IsTheFormerSelf(bool hasCluster)
    {
        var former = WebhookOwner.Of("before", "ci", "platform");
        Judge(hasCluster ? former : former with { Cluster = null }, known: null).Kind.ShouldBe(OwnerKind.FormerSelf);
    }

    [Fact]
    public void MarkerWithAndWithoutCluster_IsRead()
    {
        WebhookMarker.Parse("bitbucket-operator/1 owner=a hook=ci secret=b").ShouldBe(new WebhookMarker("a", "ci", "b"));
        WebhookMarker.Parse("bitbucket-operator/1 owner=a hook=ci cluster=c").ShouldBe(new WebhookMarker("a", "ci", null) { Cluster = "c" });
    }

    [Theory]
    [InlineData(Flavour.DataCenter)]
    [InlineData(Flavour.Cloud)]
    public void MarkerOfAnEarlierVersion_IsInSyncAndKeepsTheFingerprint(Flavour flavour)
    {
        var (now, before) = (Desired(Self, flavour), Desired(Self with { Cluster = null }, flavour));
        var (written, earlier) = (now.Definition.Value!, before.Definition.Value!);
        written.Marker.ShouldContain("cluster=");
        ScopePlanner.Drift(Stored(earlier), written).ShouldBeEmpty();
        ScopePlanner.Drift(Stored(written), written).ShouldBeEmpty();
        ScopePlanner.Drift(Stored(written), earlier).ShouldBeEmpty("who does not know the cluster leaves its word");
        ScopePlanner.Drift(Stored(Desired(Self with { Cluster = "0a1b2c3d" }, flavour).Definition.Value!), written).ShouldBe(["owner mark"]);
        DesiredWebhook.Fingerprint([now]).ShouldBe(DesiredWebhook.Fingerprint([before]));
    }

    [Theory]
    [InlineData("ci (bitbucket-operator team/other 0123456789abcdef)", "team/other")]
    [InlineData("ci (bitbucket-operator <b>/x 0123456789abcdef)", null)]
    [InlineData("ci (bitbucket-operator a/b/c 0123456789abcdef)", null)]
    [InlineData("by hand", null)]
    public void NameOfTheOwner_IsShownOnlyIfItIsAName(string title, string? name) =>
        WebhookMarker.OwnerNameOf(Stored(Desired(Self, Flavour.DataCenter).Definition.Value!) with { Title = title }).ShouldBe(name);

    [Fact]
    public void CopiedOwnerId_IsRefusedForTheYounger()
    {
        var connection = new Connection
        {
            Namespace = "ci",
            Name = "platform",
            OwnerId = Other.Id,
            CreatedAt = new DateTime(2026, 1, 2, 0, 0, 0, DateTimeKind.Utc),
            Spec = new ConnectionSpec { Url = "https://bb.example.com", Auth = new CredentialSource(default, "") },
        };
        var other = Known() with { Writes = true, CreatedAt = connection.CreatedAt.AddDays(1) };
        Refusal(other).ShouldBe(Reasons.InvalidOwnerId);
        Refusal(other with { IsAnnotated = true }).ShouldBeNull();
        Refusal(other with { IsAnnotated = true, CreatedAt = connection.CreatedAt.AddDays(-1) }).ShouldBe(Reasons.InvalidOwnerId);
        Refusal(other with { Writes = false }).ShouldBeNull();
        Refusal(other with { IsDeleting = true }).ShouldBeNull();
        Refusal(other with { ServerKey = "https://elsewhere.example.com" }).ShouldBeNull();

        Reason? Refusal(KnownOwner owner) => OwnerRules.Refusal(connection, ListedOwners.Of([(Other.Id, owner)]))?.Reason;
    }

    [Fact]
    public void Successor_IsWhoLivesOnWithTheId_AndWritesToTheServer()
    {
        var leaving = new Connection
        {
            Namespace = "ci",
            Name = "platform",
            IsDeleting = true,
            Spec = new ConnectionSpec { Url = "https://bb.example.com", Auth = new CredentialSource(default, "") },
        };
        var heir = Known() with { Writes = true, IsAnnotated = true };
        SuccessorOf(heir).ShouldBe(heir);
        SuccessorOf(heir with { Writes = false }).ShouldBeNull();
        SuccessorOf(heir with { IsDeleting = true }).ShouldBeNull();
        SuccessorOf(heir with { ServerKey = "https://elsewhere.example.com" }).ShouldBeNull();
        SuccessorOf(heir with { Name = "ci/platform" }).ShouldBeNull("it is itself");
        var first = heir with { Name = "team/first", IsAnnotated = false };
        OwnerRules.Successor(leaving, Other.Id, ListedOwners.Of([(Other.Id, heir), (Other.Id, first)])).ShouldBe(first);

        KnownOwner? SuccessorOf(KnownOwner owner) => OwnerRules.Successor(leaving, Other.Id, ListedOwners.Of([(Other.Id, owner)]));
    }

    private static KnownOwner Known() => new("team/other", "https://bb.example.com", [WebhookUrl.KeyOf(Url)]);

    private static OwnedWebhook Judge(WebhookOwner owner, KnownOwner? known, bool watchesAll = true)
    {
        var webhook = Stored(Desired(owner, Flavour.DataCenter).Definition.Value!);
        return OwnerRules.OwnerOf(webhook, WebhookMarker.Parse(webhook.Marker), Self, new Owners(known, watchesAll));
    }

    private static DesiredWebhook Desired(WebhookOwner owner, Flavour flavour) =>
        DesiredWebhook.Of(new WebhookEntry("ci", Url), new SecretText("s3cret"), owner, allowHttp: false, flavour);

    private static Webhook Stored(WebhookDefinition d) =>
        new("7", d.Title, d.Marker, d.Url, d.Events, d.Active, d.SslVerification, new WebhookSecret(IsSet: true, Value: null));

    private sealed class Owners(KnownOwner? known, bool watchesAll) : IOwners
    {
        public bool IsComplete => watchesAll;

        public IReadOnlyList<KnownOwner> Find(string ownerId) => known is not null && ownerId == Other.Id ? [known] : [];

        public bool IsAwaited(string ownerId, WebhookScope scope, string url) => false;
    }
}
