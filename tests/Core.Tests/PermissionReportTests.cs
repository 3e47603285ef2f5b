using BitbucketOperator.Core.Api.V1Alpha1;
using BitbucketOperator.Core.Discovery;
using BitbucketOperator.Core.Mapping;
using BitbucketOperator.Core.Model;
using BitbucketOperator.Core.Observation;
using BitbucketOperator.Core.Planning;
using BitbucketOperator.Core.Port;
using BitbucketOperator.Core.Status;

namespace BitbucketOperator.Core.Tests;

public sealed class PermissionReportTests
{
    [Theory]
    [InlineData(AuthType.HTTPAccessToken, "a login, PROJECT_READ, REPO_READ, REPO_READ, REPO_ADMIN, REPO_ADMIN")]
    [InlineData(AuthType.AccessToken, "account, project, repository, pullrequest, webhook, webhook")]
    [InlineData(
        AuthType.APIToken,
        "read:user:bitbucket, read:project:bitbucket, read:repository:bitbucket, read:pullrequest:bitbucket, read:webhook:bitbucket, write:webhook:bitbucket,"
            + " delete:webhook:bitbucket")]
    public void Rows_AreTheRightsOfTheKindInOrder(AuthType type, string rights)
    {
        var rows = Report(Connection(type), Observed());
        string.Join(", ", rows.Select(r => r.Required)).ShouldBe(rights);
        rows.ConvertAll(r => Enum.Parse<Capability>(r.Capability)).ShouldBeInOrder();
    }

    [Fact]
    public void WebhookAuth_ItsKindAndItsReportTellOfWebhooks()
    {
        var connection = Connection(AuthType.AccessToken);
        connection.Spec.WebhookAuth = new AuthSpec { Type = AuthType.APIToken, SecretRef = new CredentialSecretReference { Name = "hooks" } };
        var rows = Report(connection, Observed() with
        {
            Report = Findings(Grant.Granted),
            WebhookAccount = new Account("hooks-bot"),
            WebhookReport = Findings(Grant.Missing),
        });
        rows.Where(r => r.State == PermissionState.Missing).Select(r => r.Required)
            .ShouldBe(["read:webhook:bitbucket", "write:webhook:bitbucket", "delete:webhook:bitbucket"]);
        rows[^1].Message!.ShouldContain("too into Secret \"hooks\"");
    }

    [Fact]
    public void WhatThePassTried_WinsOverTheScopes()
    {
        var rows = Report(Connection(AuthType.AccessToken), Observed(repositories: 2) with { Report = Findings(Grant.Missing) });
        var row = rows.Find(r => r.Capability == "ReadRepositories")!;
        (row.State, row.FoundBy, row.GrantedOn).ShouldBe((PermissionState.Granted, FoundBy.Tried, 2));
    }

    [Fact]
    public void ReportThatFailed_LeavesTheRowsAsTheyWere()
    {
        var connection = Connection(AuthType.AccessToken);
        connection.Status = new BitbucketConnectionStatus { Permissions = Report(connection, Observed() with { Report = Findings(Grant.Granted) }) };
        var failed = Observed() with { Report = Fault.Transient(BitbucketOperator.Core.Api.Reasons.ServerError, "no") };
        Report(connection, failed).Skip(1).ShouldAllBe(r => r.State == PermissionState.Granted);
    }

    [Fact]
    public void AccessToken_NamesNobodyWhateverItsScopes() =>
        Report(Connection(AuthType.AccessToken), Observed() with { Report = Findings(Grant.Missing) })[0].State.ShouldBe(PermissionState.Unknown);

    [Fact]
    public void KindThatChanged_KeepsNoRowOfTheOldOne()
    {
        var connection = Connection(AuthType.AccessToken);
        connection.Status = new BitbucketConnectionStatus { Permissions = Report(connection, Observed() with { Report = Findings(Grant.Granted) }) };
        connection.Spec.Auth.Type = AuthType.APIToken;
        Report(connection, Observed()).ConvertAll(r => r.State).ShouldAllBe(s => s == PermissionState.Unknown);
    }

    [Theory]
    [InlineData(AuthType.APIToken, "Put an API token that has scope write:webhook:bitbucket too into")]
    [InlineData(AuthType.AccessToken, "Put an access token that has scope webhook too into")]
    [InlineData(AuthType.OAuth2, "Tick Webhooks: Read and write (scope webhook) on the OAuth consumer")]
    [InlineData(AuthType.AppPassword, "set spec.auth.type to APIToken")]
    [InlineData(AuthType.HTTPAccessToken, "Grant it to the token and its user")]
    [InlineData(AuthType.Basic, "Grant it to the user")]
    public void MissingRight_TheCureIsTheKindsOwn(AuthType type, string cure) =>
        Report(Connection(type), Observed() with { Report = Findings(Grant.Missing) })
            .Find(r => r.Capability == "ManageWebhooks")!.Message!.ShouldContain(cure);

    private static Outcome<CredentialReport> Findings(Grant state) => new CredentialReport(
        PrincipalKind.Workspace, Enum.GetValues<Capability>().ToDictionary(c => c, _ => new Finding(state, Evidence.Scopes)));

    private static List<PermissionStatus> Report(BitbucketConnection connection, ConnectionObserved observed)
    {
        var outcome = Outcomes.Of(connection, observed);
        return PermissionReport.Of(outcome, WebhookTally.Of(outcome), connection.Status).ShouldNotBeNull();
    }

    private static ConnectionObserved Observed(int repositories = 0)
    {
        var listed = Enumerable.Range(0, repositories).Select(i => new Repository($"{i}", new RepositoryName("PLAT", $"r{i}"))).ToList();
        return new ConnectionObserved
        {
            Now = DateTimeOffset.UnixEpoch,
            Account = new Account(Name: null),
            RepositoryListing = new RepositoryListing(listed, [], [], []),
            Selection = RepositorySelection.Of(new DiscoveryRules(), listed),
        };
    }

    private static BitbucketConnection Connection(AuthType type) => new()
    {
        Metadata = new k8s.Models.V1ObjectMeta { Name = "platform", NamespaceProperty = "ci", Uid = "u", Generation = 1 },
        Spec = new BitbucketConnectionSpec
        {
            Url = type is AuthType.HTTPAccessToken or AuthType.Basic ? "https://bb.example.com" : "https://bitbucket.org/acme",
            Auth = new AuthSpec { Type = type, SecretRef = new CredentialSecretReference { Name = "s" } },
        },
    };
}
