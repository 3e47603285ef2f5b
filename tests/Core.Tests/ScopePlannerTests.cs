using BitbucketOperator.Core.Api.V1Alpha1;
using BitbucketOperator.Core.Mapping;
using BitbucketOperator.Core.Model;
using BitbucketOperator.Core.Observation;
using BitbucketOperator.Core.Ownership;
using BitbucketOperator.Core.Planning;
using BitbucketOperator.Core.Port;

namespace BitbucketOperator.Core.Tests;

public sealed class PlacePlannerTests
{
    private static readonly WebhookOwner Self = WebhookOwner.Of("cluster", "ci", "platform");
    private static readonly WebhookOwner Other = WebhookOwner.Of("elsewhere", "ci", "platform");
    private static readonly WebhookScope Api = WebhookScope.Of(new Repository("1", new RepositoryName("PLAT", "api")));

    [Fact]
    public void NothingThere_IsCreated() => Kinds(Plan([])).ShouldBe([ChangeKind.Create]);

    [Fact]
    public void AsWanted_IsLeftAlone()
    {
        var plan = Plan([Ours(7)]);
        plan.Changes.ShouldBeEmpty();
        plan.InSync.ShouldBe(["ci"]);
    }

    [Theory]
    [InlineData("url")]
    [InlineData("events")]
    [InlineData("active")]
    [InlineData("sslVerification")]
    [InlineData("secret")]
    public void Drift_IsNamedAndRepaired(string field)
    {
        var ours = Ours(7);
        var drifted = field switch
        {
            "url" => ours with { Url = "https://old.example.com/" },
            "events" => ours with { Events = Set("pr:opened") },
            "active" => ours with { Active = false },
            "sslVerification" => ours with { SslVerification = false },
            _ => ours with { Secret = new WebhookSecret(IsSet: true, new SecretText("other")) },
        };
        var change = Plan([drifted]).Changes.ShouldHaveSingleItem();
        change.Kind.ShouldBe(ChangeKind.Update);
        change.Reason.ShouldBe($"differs in {field}");
    }

    [Fact]
    public void HiddenSecret_IsToldByItsFingerprint()
    {
        var hidden = Ours(7) with { Secret = new WebhookSecret(IsSet: true, Value: null) };
        Plan([hidden]).Changes.ShouldBeEmpty();
        var rotated = hidden with { Marker = new WebhookMarker(Self.Id, "ci", "0000000000000000").ToString() };
        Plan([rotated]).Changes.ShouldHaveSingleItem().Reason.ShouldBe("differs in secret");
    }

    [Fact]
    public void SslVerificationUnknownToOldServers_IsNoDrift() => Plan([Ours(7) with { SslVerification = null }]).Changes.ShouldBeEmpty();

    [Fact]
    public void Duplicates_TheBestIsKept()
    {
        var plan = Plan([Ours(7) with { Active = false }, Ours(8), Ours(9)]);
        Kinds(plan).ShouldBe([ChangeKind.Remove, ChangeKind.Remove]);
        plan.Changes.Select(c => c.Current!.Id).ShouldBe(["7", "9"]);
    }

    [Fact]
    public void MarkerLostByHand_TheTitleStillTells()
    {
        var change = Plan([Ours(7) with { Marker = null }]).Changes.ShouldHaveSingleItem();
        change.Kind.ShouldBe(ChangeKind.Update);
        change.Reason.ShouldBe("differs in owner mark");
    }

    [Fact]
    public void IdenticalAndNobodys_IsAdopted() => Kinds(Plan([Foreign(3)])).ShouldBe([ChangeKind.Adopt]);

    [Fact]
    public void IdenticalAndNobodys_NeverAdopts_IsReported()
    {
        var plan = Plan([Foreign(3)], adoption: AdoptionRule.Never);
        plan.Changes.ShouldBeEmpty();
        plan.Failures.ShouldHaveSingleItem().Fault.Reason.Name.ShouldBe("WebhookNotAdopted");
    }

    [Fact]
    public void SameUrlButDifferent_IsReportedAndLeft()
    {
        var plan = Plan([Foreign(3) with { Active = false }]);
        plan.Changes.ShouldBeEmpty();
        plan.Failures.ShouldHaveSingleItem().Fault.Message.ShouldContain("differs: active");
    }

    [Fact]
    public void SameUrlOfAnotherConnection_IsAConflict()
    {
        var plan = Plan([Ours(3, Other)]);
        plan.Changes.ShouldBeEmpty();
        plan.Failures.ShouldHaveSingleItem().Fault.Reason.Name.ShouldBe("WebhookConflict");
    }

    [Fact]
    public void OtherUrls_AreNobodysBusiness() => Kinds(Plan([Foreign(3) with { Url = "https://jenkins.example.com/" }])).ShouldBe([ChangeKind.Create]);

    [Fact]
    public void EntryGoneFromTheSpec_IsRemoved() => Kinds(Plan([Ours(7)], desired: [])).ShouldBe([ChangeKind.Remove]);

    [Fact]
    public void RemovalsNotAllowed_NothingIsRemoved() => Plan([Ours(7), Ours(8)], mayRemove: false).Changes.ShouldBeEmpty();

    [Fact]
    public void EntryWithAFault_ItsWebhookIsLeft()
    {
        var broken = new DesiredWebhook("ci", "https://ci.example.com/", Fault.Waiting(BitbucketOperator.Core.Api.Reasons.WebhookSecretNotFound, "gone"));
        var plan = Plan([Ours(7), Ours(8)], desired: [broken]);
        plan.Changes.ShouldBeEmpty();
        plan.Failures.ShouldHaveSingleItem();
    }

    [Fact]
    public void Unselected_OnlyOursGo()
    {
        var plan = ScopePlanner.ForUnselected(Api, [Ours(7), Foreign(3), Ours(4, Other)], Self, mayRemove: true, "why");
        plan.Changes.ShouldHaveSingleItem().Current!.Id.ShouldBe("7");
    }

    private static ScopePlan Plan(
        IReadOnlyList<Webhook> found, IReadOnlyList<DesiredWebhook>? desired = null, AdoptionRule adoption = AdoptionRule.IfIdentical, bool mayRemove = true) =>
        ScopePlanner.ForSelected(Api, found, desired ?? [Desired(Self)], Self, adoption, ScopeFacts.None, mayRemove);

    private static DesiredWebhook Desired(WebhookOwner owner) => DesiredWebhook.Of(
        new WebhookSpec { Name = "ci", Url = "https://ci.example.com/", Events = ["repo:refs_changed"] }.ToModel(),
        new SecretText("s3cret"), owner, allowHttp: false, Flavour.DataCenter);

    private static Webhook Ours(int id, WebhookOwner? owner = null)
    {
        var wanted = Desired(owner ?? Self).Definition.Value!;
        return new Webhook($"{id}", wanted.Title, wanted.Marker, wanted.Url, wanted.Events, wanted.Active, wanted.SslVerification, new WebhookSecret(
            IsSet: true, wanted.Secret));
    }

    private static Webhook Foreign(int id) => Ours(id) with { Title = "by hand", Marker = null };

    private static HashSet<string> Set(params string[] events) => new(events, StringComparer.Ordinal);

    private static List<ChangeKind> Kinds(ScopePlan plan) => [.. plan.Changes.Select(c => c.Kind)];
}
