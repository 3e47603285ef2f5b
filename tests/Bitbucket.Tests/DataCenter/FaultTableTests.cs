using BitbucketOperator.Bitbucket.DataCenter;
using BitbucketOperator.Bitbucket.Http;
using BitbucketOperator.BitbucketSimulator.DataCenter;
using BitbucketOperator.BitbucketSimulator.State;
using BitbucketOperator.Core.Port;

namespace BitbucketOperator.Bitbucket.Tests.DataCenter;

public sealed class FaultTableTests
{
    private const string Authorisation = "AuthorisationException";
    private const string IncorrectPassword = "IncorrectPasswordAuthenticationException";
    private const string Captcha = "CaptchaRequiredAuthenticationException";

    /// <summary>operation; status; exception; user named; kind; expected "Class Reason" or null.</summary>
    public static TheoryData<string, int, string?, bool, string, string?> Rows => new()
    {
        // First contact.
        { "ReadServer", 200, null, true, "Json", null },
        { "ReadServer", 200, null, false, "Html", "Transient NotBitbucket" },
        { "ReadServer", 200, null, false, "Other", "Transient NotBitbucket" },
        { "ReadServer", 200, null, false, "Empty", "Transient UnexpectedAnswer" },
        { "ReadServer", 302, null, false, "Empty", "Transient RedirectRefused" },
        { "ReadServer", 401, "AuthenticationException", false, "Json", "Waiting CredentialRejected" },
        { "ReadServer", 401, IncorrectPassword, false, "Json", "Waiting CredentialRejected" },
        { "ReadServer", 401, null, false, "Html", "Waiting CredentialRejected" },
        { "ReadServer", 401, null, false, "Empty", "Waiting CredentialRejected" },
        { "ReadServer", 401, Captcha, false, "Json", "Waiting CaptchaRequired" },
        { "ReadServer", 403, Captcha, false, "Json", "Waiting CaptchaRequired" },
        { "ReadServer", 403, null, false, "Html", "Transient UnexpectedAnswer" },
        { "ReadServer", 404, null, false, "Json", "Transient NotBitbucket" },
        { "ReadServer", 404, null, false, "Html", "Transient NotBitbucket" },
        { "ReadServer", 500, null, false, "Html", "Transient ServerError" },

        // Does the server take us for somebody?
        { "ProveLogin", 200, null, false, "Json", null },
        { "ProveLogin", 200, null, false, "Html", "Transient UnexpectedAnswer" },
        { "ProveLogin", 401, Authorisation, false, "Json", "Waiting AnonymousFallback" },
        { "ProveLogin", 401, null, false, "Empty", "Waiting AnonymousFallback" },
        { "ProveLogin", 401, Authorisation, true, "Json", "Waiting ReadPermissionDenied" },
        { "ProveLogin", 404, null, false, "Json", "Transient UnexpectedAnswer" },

        // Repositories.
        { "ListRepositories", 200, null, true, "Json", null },
        { "ListRepositories", 200, null, true, "Html", "Transient UnexpectedAnswer" },
        { "ListRepositories", 200, null, true, "Empty", "Transient UnexpectedAnswer" },
        { "ListRepositories", 204, null, true, "Empty", "Transient UnexpectedAnswer" },
        { "ListRepositories", 400, null, true, "Json", "Transient UnexpectedAnswer" },
        { "ListRepositories", 401, Authorisation, true, "Json", "Waiting ReadPermissionDenied" },
        { "ListRepositories", 401, null, true, "Empty", "Waiting ReadPermissionDenied" },
        { "ListRepositories", 401, Authorisation, false, "Json", "Waiting AnonymousFallback" },
        { "ListRepositories", 401, "AuthenticationException", false, "Json", "Waiting CredentialRejected" },
        { "ListRepositories", 404, "NoSuchProjectException", true, "Json", "Waiting ProjectNotFound" },
        { "ListRepositories", 404, null, true, "Json", "Waiting ProjectNotFound" },
        { "ListRepositories", 404, null, true, "Html", "Transient UnexpectedAnswer" },
        { "ReadProject", 404, "NoSuchProjectException", true, "Json", "Waiting ProjectNotFound" },
        { "ReadProject", 401, Authorisation, true, "Json", "Waiting ReadPermissionDenied" },
        { "ReadRepository", 301, null, true, "Empty", "Transient RedirectRefused" },
        { "ReadRepository", 401, Authorisation, true, "Json", "Waiting ReadPermissionDenied" },
        { "ReadRepository", 404, "NoSuchRepositoryException", true, "Json", "Waiting RepositoryNotFound" },
        { "ReadRepository", 404, "NoSuchProjectException", true, "Json", "Waiting ProjectNotFound" },
        { "ReadRepository", 404, null, true, "Html", "Transient UnexpectedAnswer" },

        // What a credential is and may do.
        { "FindUser", 401, Authorisation, true, "Json", "Waiting ReadPermissionDenied" },
        { "FindUser", 404, null, true, "Json", "Transient UnexpectedAnswer" },
        { "ListProjects", 200, null, true, "Json", null },
        { "ListProjects", 401, Authorisation, true, "Json", "Waiting ReadPermissionDenied" },
        { "ListProjects", 401, Authorisation, false, "Json", "Waiting AnonymousFallback" },
        { "ListProjects", 404, null, true, "Json", "Transient UnexpectedAnswer" },
        { "ListPullRequests", 200, null, true, "Json", null },
        { "ListPullRequests", 401, Authorisation, true, "Json", "Waiting ReadPermissionDenied" },
        { "ListPullRequests", 404, "NoSuchRepositoryException", true, "Json", "Waiting RepositoryNotFound" },
        { "ListPullRequests", 500, null, true, "Json", "Transient ServerError" },

        // Webhooks.
        { "ListWebhooks", 200, null, true, "Json", null },
        { "ListWebhooks", 401, Authorisation, true, "Json", "Waiting WebhookPermissionDenied" },
        { "ListWebhooks", 401, Authorisation, false, "Json", "Waiting AnonymousFallback" },
        { "ListWebhooks", 403, null, true, "Json", "Waiting WebhookPermissionDenied" },
        { "ListWebhooks", 401, null, true, "Html", "Transient UnexpectedAnswer" },
        { "ListWebhooks", 403, null, true, "Html", "Transient UnexpectedAnswer" },
        { "ListWebhooks", 403, null, true, "Empty", "Transient UnexpectedAnswer" },
        { "ListWebhooks", 407, null, true, "Empty", "Transient UnexpectedAnswer" },
        { "ListWebhooks", 404, "NoSuchRepositoryException", true, "Json", "Waiting RepositoryNotFound" },
        { "ListWebhooks", 404, null, true, "Html", "Transient UnexpectedAnswer" },
        { "ListInheritedWebhooks", 404, null, true, "Json", "Waiting LevelNotSupported" },
        { "ListInheritedWebhooks", 404, null, true, "Other", "Waiting LevelNotSupported" },
        { "ListInheritedWebhooks", 200, null, true, "Empty", "Waiting LevelNotSupported" },
        { "ReadDeliveries", 404, null, true, "Other", null },
        { "ProveLogin", 401, "NoAccessAuthenticationException", false, "Json", "Waiting CredentialRejected" },
        { "CreateWebhook", 200, null, true, "Json", null },
        { "CreateWebhook", 201, null, true, "Json", null },
        { "CreateWebhook", 201, null, true, "Empty", "Transient UnexpectedAnswer" },
        { "CreateWebhook", 400, null, true, "Json", "Terminal WebhookRejected" },
        { "CreateWebhook", 401, Authorisation, true, "Json", "Waiting WebhookPermissionDenied" },
        { "CreateWebhook", 400, null, true, "Html", "Transient UnexpectedAnswer" },
        { "CreateWebhook", 409, null, true, "Json", "Transient WebhookRejected" },
        { "CreateWebhook", 500, null, true, "Json", "Transient ServerError" },
        { "UpdateWebhook", 400, null, true, "Json", "Terminal WebhookRejected" },
        { "UpdateWebhook", 404, null, true, "Json", "Transient WebhookRejected" },
        { "UpdateWebhook", 404, "NoSuchRepositoryException", true, "Json", "Waiting RepositoryNotFound" },
        { "DeleteWebhook", 204, null, true, "Empty", null },
        { "DeleteWebhook", 200, null, true, "Html", "Transient UnexpectedAnswer" },
        { "DeleteWebhook", 401, Authorisation, true, "Json", "Waiting WebhookPermissionDenied" },
        { "DeleteWebhook", 404, null, true, "Json", null },
        { "DeleteWebhook", 404, "NoSuchProjectException", true, "Json", null },
        { "DeleteWebhook", 404, null, true, "Html", "Transient UnexpectedAnswer" },

        // Anything.
        { "ListWebhooks", 303, null, true, "Empty", "Transient RedirectRefused" },
        { "ListWebhooks", 405, null, true, "Json", "Transient UnexpectedAnswer" },
        { "ListWebhooks", 408, null, true, "Empty", "Transient ServerError" },
        { "ListWebhooks", 409, null, true, "Json", "Transient ServerError" },
        { "ListWebhooks", 429, null, true, "Empty", "Waiting RateLimited" },
        { "ListWebhooks", 502, null, false, "Html", "Transient ServerError" },
        { "ListWebhooks", 503, null, false, "Html", "Transient ServerError" },
        { "ListWebhooks", 504, null, false, "Html", "Transient ServerError" },
    };

    [Theory]
    [MemberData(nameof(Rows))]
    public void Answer_MeansThis(string operation, int status, string? exception, bool named, string kind, string? expected)
    {
        var fault = FaultTable.Of(Call(operation), new(status, Enum.Parse<BodyKind>(kind))
        {
            Exceptions = exception is null ? [] : [exception],
            User = named ? "bot" : null,
        });

        (fault is null ? null : $"{fault.Class} {fault.Reason}").ShouldBe(expected);
    }

    [Fact]
    public void TransientStatuses_AreNeverTerminal()
    {
        int[] statuses = [401, 403, 404, 408, 409, 429, .. Enumerable.Range(500, 100)];
        foreach (var operation in Enum.GetNames<Operation>())
        {
            foreach (var status in statuses)
            {
                foreach (var kind in Enum.GetValues<BodyKind>())
                    FaultTable.Of(Call(operation), new(status, kind))?.Class.ShouldNotBe(FaultClass.Terminal, $"{operation} {status} {kind}");
            }
        }
    }

    [Fact]
    public void UnknownEvent_IsTerminalAndNamesTheEventAndTheField()
    {
        var fault = FaultTable.Of(Call("CreateWebhook"), new(400) { Message = "the event repo:exploded is unknown" })!;

        fault.Class.ShouldBe(FaultClass.Terminal);
        fault.Reason.Name.ShouldBe("UnknownEvent");
        fault.Message.ShouldContain("repo:exploded");
        fault.Message.ShouldContain("spec.webhooks[].events");
    }

    [Fact]
    public void UnknownEventWithoutItsName_ListsTheCandidates()
    {
        var call = Call("CreateWebhook") with { Events = new HashSet<string> { "pr:opened", "pr:closed" } };

        FaultTable.Of(call, new(400) { Message = "the event ${validatedValue} is unknown" })!.Message.ShouldContain("one of pr:closed, pr:opened");
    }

    [Fact]
    public void MissingPermission_NamesRepositoryPermissionAndAnswer() =>
        FaultTable.Of(Call("ListWebhooks"), new(401) { User = "bot", Exceptions = [Authorisation] })!.Message.ShouldBe(
            "token lacks REPO_ADMIN");

    [Fact]
    public void PermissionDeniedWhereProxyStripsNames_IsNoLostLogin() =>
        FaultTable.Of(Call("ListWebhooks"), new(401) { NamesNobody = true, Exceptions = [Authorisation] })!.Reason.Name.ShouldBe("WebhookPermissionDenied");

    [Fact]
    public void CredentialRevokedWhereProxyStripsNames_IsRejected() =>
        FaultTable.Of(Call("ListWebhooks"), new(401) { NamesNobody = true, Exceptions = ["AuthenticationException"] })!.Reason.Name.ShouldBe(
            "CredentialRejected");

    [Fact]
    public void CaptchaTold_ByHeaderAlone_IsKnown() =>
        FaultTable.Of(Call("ReadServer"), new(403) { DeniedReason = "CAPTCHA_CHALLENGE; login-url=/login" })!.Reason.Name.ShouldBe("CaptchaRequired");

    [Theory]
    [InlineData(IncorrectPassword)]
    [InlineData("AuthenticationException")]
    [InlineData(Captcha)]
    [InlineData(Authorisation)]
    public void RefusedCredential_IsNamedByItsField(string exception) =>
        FaultTable.Of(Call("ProveLogin"), new(401) { Exceptions = [exception], CredentialPlace = "the Secret of spec.webhookAuth.secretRef" })!
            .Message.ShouldContain("the Secret of spec.webhookAuth.secretRef");

    [Fact]
    public void XsrfRefusal_NamesTheHeader()
    {
        var fault = FaultTable.Of(Call("CreateWebhook"), new(403) { User = "bot", Message = "XSRF check failed" })!;

        (fault.Class, fault.Reason.Name).ShouldBe((FaultClass.Transient, "WebhookRejected"));
        fault.Message.ShouldContain("X-Atlassian-Token");
    }

    [Theory]
    [InlineData(429, "RateLimited")]
    [InlineData(503, "ServerError")]
    public void RetryAfter_IsPassedOnAndKeptOutOfTheMessage(int status, string reason)
    {
        var fault = FaultTable.Of(Call("ListWebhooks"), new(status, BodyKind.Empty) { RetryAfter = TimeSpan.FromSeconds(77) })!;

        (fault.Class, fault.Reason.Name, fault.RetryAfter).ShouldBe((FaultClass.Waiting, reason, TimeSpan.FromSeconds(77)));
        fault.Message.ShouldNotContain("77");
    }

    [Theory]
    [InlineData(502)]
    [InlineData(503)]
    public void ServerErrorWithAWebPage_IsCalledThat(int status) => FaultTable.Of(Call("ListWebhooks"), new(status, BodyKind.Html))!.Message
        .ShouldBe($"Server answered {status} with a web page while listing webhooks");

    [Fact]
    public void Redirect_NamesWhereTo() =>
        FaultTable.Of(Call("ReadServer"), new(302, BodyKind.Empty) { RedirectsTo = "https://sso.example.com" })!.Message.ShouldContain(
            "https://sso.example.com");

    [Theory]
    [InlineData("STARTING", "ServerStarting")]
    [InlineData("FIRST_RUN", "ServerStarting")]
    [InlineData("MAINTENANCE", "ServerInMaintenance")]
    [InlineData("ERROR", "ServerError")]
    [InlineData("RUNNING", null)]
    [InlineData("NEW_WORD", null)]
    [InlineData(null, null)]
    public void ServerState_MeansThis(string? state, string? reason) => ServerProbe.FaultOf(state)?.Reason.Name.ShouldBe(reason);

    private static RestCall Call(string operation) => Enum.Parse<Operation>(operation) switch
    {
        Operation.ReadServer or Operation.ProveLogin or Operation.FindUser or Operation.ListProjects => new(Enum.Parse<Operation>(operation)),
        Operation.ListRepositories or Operation.ReadProject => new(Enum.Parse<Operation>(operation), "PLAT"),
        var other => new(other, "PLAT", new("PLAT", "api")),
    };
}
