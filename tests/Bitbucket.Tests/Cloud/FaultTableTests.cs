using BitbucketOperator.Bitbucket.Cloud;
using BitbucketOperator.Bitbucket.Http;
using BitbucketOperator.BitbucketSimulator.DataCenter;
using BitbucketOperator.BitbucketSimulator.State;
using BitbucketOperator.Core.Port;

namespace BitbucketOperator.Bitbucket.Tests.Cloud;

public sealed class FaultTableTests
{
    private const string Mechanism = "This API is not accessible by this authentication mechanism";
    private const string Removed = "CHANGE-2770 - Functionality has been deprecated";
    private const string NoApi = "Resource not found There is no API hosted at this URL";

    /// <summary>operation; status; kind; message; missing scope; expected "Class Reason" or null.</summary>
    public static TheoryData<string, int, string, string, string?, string?> Rows => new()
    {
        // The token endpoint.
        { "FetchToken", 200, "Json", "", null, null },
        { "FetchToken", 200, "Html", "", null, "Transient UnexpectedAnswer" },
        { "FetchToken", 302, "Empty", "", null, "Transient RedirectRefused" },
        { "FetchToken", 400, "Empty", "", null, "Transient UnexpectedAnswer" },
        { "FetchToken", 400, "Html", "", null, "Transient UnexpectedAnswer" },
        { "FetchToken", 401, "Empty", "", null, "Waiting CredentialRejected" },
        { "FetchToken", 401, "Html", "", null, "Transient UnexpectedAnswer" },
        { "FetchToken", 403, "Empty", "", null, "Transient UnexpectedAnswer" },
        { "FetchToken", 404, "Json", "", null, "Transient UnexpectedAnswer" },
        { "FetchToken", 429, "Other", "", null, "Waiting RateLimited" },
        { "FetchToken", 503, "Html", "", null, "Transient ServerError" },

        // The proof of the credential.
        { "ReadUser", 200, "Json", "", null, null },
        { "ReadUser", 200, "Html", "", null, "Transient UnexpectedAnswer" },
        { "ReadUser", 200, "Empty", "", null, "Transient UnexpectedAnswer" },
        { "ReadUser", 302, "Empty", "", null, "Transient RedirectRefused" },
        { "ReadUser", 401, "Json", "Token is invalid", null, "Waiting CredentialRejected" },
        { "ReadUser", 401, "Empty", "", null, "Waiting CredentialRejected" },
        { "ReadUser", 401, "Other", "Unauthorized", null, "Waiting CredentialRejected" },
        { "ReadUser", 401, "Html", "", null, "Waiting CredentialRejected" },
        { "ReadUser", 403, "Json", "lack", "account", null },
        { "ReadUser", 403, "Json", "Forbidden", null, "Transient UnexpectedAnswer" },
        { "ReadUser", 403, "Empty", "", null, "Transient UnexpectedAnswer" },
        { "ReadUser", 403, "Html", "", null, "Transient UnexpectedAnswer" },
        { "ReadUser", 404, "Json", NoApi, null, "Transient UnexpectedAnswer" },
        { "ReadUser", 410, "Json", Removed, null, "Waiting EndpointRemoved" },

        // What lies in the workspace.
        { "ReadWorkspace", 200, "Json", "", null, null },
        { "ReadWorkspace", 403, "Json", "lack", "read:workspace:bitbucket", "Waiting ReadPermissionDenied" },
        { "ReadWorkspace", 404, "Json", "No workspace", null, "Waiting WorkspaceNotFound" },
        { "ListProjects", 403, "Json", "lack", "project", "Waiting ReadPermissionDenied" },
        { "ListPullRequests", 403, "Json", "lack", "pullrequest", "Waiting ReadPermissionDenied" },
        { "ListPullRequests", 404, "Json", "", null, "Waiting RepositoryNotFound" },
        { "ReadProject", 403, "Json", "lack", "project", "Waiting ReadPermissionDenied" },
        { "ReadProject", 404, "Json", "", null, "Waiting ProjectNotFound" },
        { "ListRepositories", 200, "Json", "", null, null },
        { "ListRepositories", 200, "Html", "", null, "Transient UnexpectedAnswer" },
        { "ListRepositories", 200, "Empty", "", null, "Transient UnexpectedAnswer" },
        { "ListRepositories", 400, "Json", "Invalid page", null, "Transient UnexpectedAnswer" },
        { "ListRepositories", 401, "Json", "Access token expired.", null, "Waiting CredentialRejected" },
        { "ListRepositories", 401, "Json", Mechanism, null, "Waiting ReadPermissionDenied" },
        { "ListRepositories", 403, "Json", "lack", "repository", "Waiting ReadPermissionDenied" },
        { "ListRepositories", 403, "Json", "Forbidden", null, "Waiting ReadPermissionDenied" },
        { "ListRepositories", 403, "Other", "RBAC: access denied", null, "Transient UnexpectedAnswer" },
        { "ListRepositories", 404, "Json", "No workspace", null, "Waiting WorkspaceNotFound" },
        { "ListRepositories", 404, "Empty", "", null, "Transient UnexpectedAnswer" },
        { "ListRepositories", 404, "Json", NoApi, null, "Transient UnexpectedAnswer" },
        { "ListRepositories", 404, "Html", "", null, "Transient UnexpectedAnswer" },
        { "ListRepositories", 410, "Json", Removed, null, "Waiting EndpointRemoved" },
        { "ListRepositories", 410, "Json", "This account has been marked as spam.", null, "Waiting ReadPermissionDenied" },
        { "ReadRepository", 301, "Empty", "", null, "Transient RedirectRefused" },
        { "ReadRepository", 403, "Json", "To access this repository, an admin must whitelist your IP.", null, "Waiting ReadPermissionDenied" },
        { "ReadRepository", 404, "Json", "You may not have access", null, "Waiting RepositoryNotFound" },
        { "ReadRepository", 404, "Html", "", null, "Transient UnexpectedAnswer" },

        // Webhooks.
        { "ListWebhooks", 200, "Json", "", null, null },
        { "ListWebhooks", 403, "Json", "lack", "webhook", "Waiting WebhookPermissionDenied" },
        { "ListWebhooks", 403, "Json", "admin", null, "Waiting WebhookPermissionDenied" },
        { "ListWebhooks", 403, "Empty", "", null, "Transient UnexpectedAnswer" },
        { "ListWebhooks", 404, "Json", "", null, "Waiting RepositoryNotFound" },
        { "CreateWebhook", 201, "Json", "", null, null },
        { "CreateWebhook", 201, "Empty", "", null, "Transient UnexpectedAnswer" },
        { "CreateWebhook", 400, "Html", "", null, "Transient UnexpectedAnswer" },
        { "CreateWebhook", 400, "Empty", "", null, "Transient UnexpectedAnswer" },
        { "CreateWebhook", 400, "Json", "\"pr:opened\" is not a valid event.", null, "Terminal UnknownEvent" },
        { "CreateWebhook", 400, "Json", "Events must be unique.", null, "Terminal WebhookRejected" },
        { "CreateWebhook", 400, "Json", "The URL must resolve to a public address.", null, "Waiting WebhookRejected" },
        { "CreateWebhook", 400, "Json", "Enter a valid URL.", null, "Terminal WebhookRejected" },
        { "CreateWebhook", 400, "Json", "The maximum number of webhooks (50) has been reached.", null, "Waiting WebhookRejected" },
        { "CreateWebhook", 400, "Json", "secret: Ensure this value has at most 128 characters.", null, "Waiting WebhookRejected" },
        { "CreateWebhook", 400, "Json", "description: too long", null, "Terminal WebhookRejected" },
        { "CreateWebhook", 403, "Json", "lack", "write:webhook:bitbucket", "Waiting WebhookPermissionDenied" },
        { "CreateWebhook", 404, "Json", "", null, "Waiting RepositoryNotFound" },
        { "CreateWebhook", 409, "Json", "", null, "Transient WebhookRejected" },
        { "CreateWebhook", 500, "Json", "", null, "Transient ServerError" },
        { "UpdateWebhook", 400, "Json", "Required field: \"url\" is not present", null, "Waiting WebhookRejected" },
        { "UpdateWebhook", 403, "Json", "This repository is set to read-only.", null, "Waiting WebhookPermissionDenied" },
        { "UpdateWebhook", 404, "Json", "", null, "Transient WebhookRejected" },
        { "DeleteWebhook", 204, "Empty", "", null, null },
        { "DeleteWebhook", 200, "Html", "", null, "Transient UnexpectedAnswer" },
        { "DeleteWebhook", 403, "Json", "lack", "delete:webhook:bitbucket", "Waiting WebhookPermissionDenied" },
        { "DeleteWebhook", 404, "Json", "", null, null },
        { "DeleteWebhook", 404, "Empty", "", null, "Transient UnexpectedAnswer" },
        { "DeleteWebhook", 404, "Html", "", null, "Transient UnexpectedAnswer" },
        { "DeleteWebhook", 410, "Json", Removed, null, "Waiting EndpointRemoved" },

        // Anything.
        { "ListWebhooks", 303, "Empty", "", null, "Transient RedirectRefused" },
        { "ListWebhooks", 402, "Json", "", null, "Transient UnexpectedAnswer" },
        { "ListWebhooks", 408, "Empty", "", null, "Transient ServerError" },
        { "ListWebhooks", 409, "Json", "", null, "Transient ServerError" },
        { "ListWebhooks", 429, "Other", "Rate limit for this resource has been exceeded", null, "Waiting RateLimited" },
        { "ListWebhooks", 429, "Empty", "", null, "Waiting RateLimited" },
        { "ListWebhooks", 429, "Html", "", null, "Waiting RateLimited" },
        { "ListWebhooks", 502, "Html", "", null, "Transient ServerError" },
        { "ListWebhooks", 503, "Html", "", null, "Transient ServerError" },
    };

    [Theory]
    [MemberData(nameof(Rows))]
    public void Answer_MeansThis(string operation, int status, string kind, string message, string? missing, string? expected)
    {
        var fault = Of(operation, new(status, Enum.Parse<BodyKind>(kind)) { Message = message, Required = missing is null ? [] : [missing] });

        (fault is null ? null : $"{fault.Class} {fault.Reason}").ShouldBe(expected);
    }

    [Fact]
    public void StatusesThatHealWithoutANewSpec_AreNeverTerminal()
    {
        int[] statuses = [401, 403, 404, 408, 409, 410, 429, .. Enumerable.Range(500, 100)];
        foreach (var operation in Enum.GetNames<Operation>())
        {
            foreach (var status in statuses)
            {
                foreach (var kind in Enum.GetValues<BodyKind>())
                    Of(operation, new(status, kind))?.Class.ShouldNotBe(FaultClass.Terminal, $"{operation} {status} {kind}");
            }
        }
    }

    [Theory]
    [InlineData("unauthorized_client", "Invalid OAuth client credentials", "its key and secret")]
    [InlineData("invalid_client", "Client credentials are invalid", "its key and secret")]
    [InlineData("invalid_grant", "Cannot use client_credentials with a consumer marked as \"public\".", "private consumer")]
    [InlineData("invalid_request", "No callback uri defined for the OAuth client.", "a callback URL")]
    [InlineData("invalid_scope", "The scope is not valid", "Tick the permissions")]
    [InlineData("unsupported_grant_type", "no", "Look for unsupported_grant_type")]
    [InlineData("consumer_suspended", "Ask the administrator", "Look for consumer_suspended")]
    public void TokenEndpointThatRefuses_SaysWhatToDoWithTheConsumer(string error, string message, string cure)
    {
        var fault = Of("FetchToken", new(400) { Error = error, Message = message }, CredentialKind.OAuth2)!;

        (fault.Class, fault.Reason.Name).ShouldBe((FaultClass.Waiting, "CredentialRejected"));
        fault.Message.ShouldContain(message);
        fault.Message.ShouldContain(cure);
        fault.Message.Contains("the key and the secret", StringComparison.Ordinal).ShouldBe(cure == "the key and the secret");
    }

    [Theory]
    [InlineData(400, "temporarily_unavailable", "ServerError")]
    [InlineData(403, "server_error", "ServerError")]
    [InlineData(403, "Forbidden", "UnexpectedAnswer")]
    [InlineData(401, "Access denied", "UnexpectedAnswer")]
    public void TokenEndpointThatSaysNothingOfTheConsumer_IsAskedAgain(int status, string error, string reason)
    {
        var fault = Of("FetchToken", new(status) { Error = error, Message = error }, CredentialKind.OAuth2)!;

        (fault.Class, fault.Reason.Name).ShouldBe((FaultClass.Transient, reason));
        fault.Message.ShouldContain(error);
        fault.Message.ShouldNotContain("key");
    }

    [Theory]
    [InlineData("To access this repository, enable two-step verification.", "Enable two-step verification")]
    [InlineData("The workspace requires 2FA", "Enable two-step verification")]
    [InlineData("Enable two step authentication.", "Enable two-step verification")]
    [InlineData("Two-factor authentication is required.", "Enable two-step verification")]
    [InlineData("An admin must whitelist your IP.", "IP allowlist")]
    [InlineData("Your IP address is not whitelisted.", "IP allowlist")]
    [InlineData("The IP is not on the allow list", "IP allowlist")]
    [InlineData("The IP is not on the workspace's allowlist", "IP allowlist")]
    [InlineData("The IP is not allow-listed", "IP allowlist")]
    [InlineData("No access to {1c2fa0b3-0000-4000-8000-2fa000000000}", "API token lacks permission to administer the repository")]
    public void GateOfTheWorkspace_IsKnownByItsWords(string message, string cure) =>
        Of("ListWebhooks", new(403) { Message = message })!.Message.ShouldContain(cure);

    [Theory]
    [InlineData("spec.workspace")]
    [InlineData("spec.url")]
    public void MissingWorkspace_IsCorrectedWhereItIsNamed(string field)
    {
        var credential = new CredentialFacts(CredentialKind.APIToken, "spec.auth") { WorkspaceField = field };

        FaultTable.Of(Call("ListRepositories"), new(404) { Message = "No workspace" }, credential)!.Message.ShouldContain($"in {field}, not the name");
    }

    [Fact]
    public void ServerErrorWithAWebPage_IsCalledThat() =>
        Of("ListWebhooks", new(502, BodyKind.Html))!.Message.ShouldStartWith("Server answered 502 with a web page while listing webhooks");

    [Theory]
    [InlineData(CredentialKind.APIToken, "CredentialRejected", "the e-mail address of its account")]
    [InlineData(CredentialKind.AccessToken, "CredentialRejected", "revoked")]
    [InlineData(CredentialKind.OAuth2, "CredentialRejected", "consumer")]
    [InlineData(CredentialKind.AppPassword, "AppPasswordRemoved", "has removed app passwords")]
    public void RefusedCredential_IsCuredByItsKindAndInItsField(CredentialKind type, string reason, string cure)
    {
        var fault = FaultTable.Of(Call("ReadUser"), new(401), new(type, "spec.webhookAuth"))!;

        (fault.Class, fault.Reason.Name).ShouldBe((FaultClass.Waiting, reason));
        fault.Message.ShouldContain(cure);
        fault.Message.ShouldContain("spec.webhookAuth.secretRef");
        fault.Message.ShouldNotContain("spec.auth");
    }

    [Theory]
    [InlineData(CredentialKind.APIToken, "repo_access_token", "this is a repository access token. Set it to AccessToken")]
    [InlineData(CredentialKind.APIToken, "project_access_token", "this is a project access token. Set it to AccessToken")]
    [InlineData(CredentialKind.AppPassword, "workspace_access_token", "this is a workspace access token. Set it to AccessToken")]
    [InlineData(CredentialKind.OAuth2, "workspace_access_token", "this is a workspace access token. Set it to AccessToken")]
    [InlineData(CredentialKind.AccessToken, "api_token", "this is an API token. Set it to APIToken")]
    public void CredentialThatBitbucketKnowsAsAnotherKind_IsToldSo(CredentialKind type, string header, string expected)
    {
        foreach (var status in new[] { 200, 401, 403 })
        {
            var fault = FaultTable.Of(Call("ReadUser"), new(status) { CredentialType = header }, new(type, "spec.auth"))!;

            (fault.Class, fault.Reason.Name).ShouldBe((FaultClass.Waiting, "WrongCredentialKind"));
            fault.Message.ShouldContain(expected);
        }
    }

    [Theory]
    [InlineData(CredentialKind.AccessToken, "repo_access_token")]
    [InlineData(CredentialKind.APIToken, "api_token")]
    [InlineData(CredentialKind.OAuth2, "oauth2")]
    [InlineData(CredentialKind.APIToken, "apikey")]
    [InlineData(CredentialKind.APIToken, null)]
    public void KindThatFitsOrIsNotKnown_IsNoObstacle(CredentialKind type, string? header) =>
        FaultTable.Of(Call("ReadUser"), new(200) { CredentialType = header }, new(type, "spec.auth")).ShouldBeNull();

    [Theory]
    [InlineData(CredentialKind.AccessToken, 401, null)]
    [InlineData(CredentialKind.AccessToken, 403, null)]
    [InlineData(CredentialKind.OAuth2, 403, null)]
    [InlineData(CredentialKind.APIToken, 403, "WrongCredentialKind")]
    [InlineData(CredentialKind.AppPassword, 401, "WrongCredentialKind")]
    public void UserThatIsClosedToTheMechanism_ProvesAnAccessToken(CredentialKind type, int status, string? reason) =>
        FaultTable.Of(Call("ReadUser"), new(status) { Message = Mechanism }, new(type, "spec.auth"))?.Reason.Name.ShouldBe(reason);

    [Fact]
    public void TokenThatBeginsLikeAnotherKind_IsAHintInTheRefusalOnly()
    {
        var credential = CredentialFacts.Of(new Credential.AccessToken(new("ATATT3x5ecret")), "spec.auth");

        FaultTable.Of(Call("ReadUser"), new(401), credential)!.Message.ShouldContain("looks like an API token: if so, set spec.auth.type to APIToken");
        FaultTable.Of(Call("ReadUser"), new(200), credential).ShouldBeNull();
    }

    [Fact]
    public void EmailAddressThatIsNone_IsToldWhenTheTokenIsRefused()
    {
        var credential = CredentialFacts.Of(new Credential.ApiToken("bot", new("5ecret")), "spec.auth");

        FaultTable.Of(Call("ReadUser"), new(401), credential)!.Message.ShouldContain("has no @");
    }

    [Theory]
    [InlineData(CredentialKind.APIToken, "write:webhook:bitbucket",
        "Put an API token that has scope write:webhook:bitbucket too into")]
    [InlineData(CredentialKind.OAuth2, "webhook", "Tick Webhooks: Read and write (scope webhook) on the OAuth consumer")]
    [InlineData(CredentialKind.AccessToken, "webhook", "Put a project access token that has scope webhook too into")]
    public void MissingScope_IsNamedWithTheWayToAddIt(CredentialKind type, string scope, string cure)
    {
        var answer = new AnswerFacts(403) { Required = [scope], CredentialType = type == CredentialKind.AccessToken ? "project_access_token" : null };

        Of("ListWebhooks", answer, type)!.Message.ShouldContain($" lacks scope {scope}. {cure}");
    }

    [Fact]
    public void AccessTokenThatMayNotList_IsToldToNameItsRepository() =>
        Of("ListRepositories", new(403) { Message = "Forbidden" }, CredentialKind.AccessToken)!.Message.ShouldContain("spec.discovery.repositories");

    [Fact]
    public void FieldThatIsRefused_IsKnownByItsNameRatherThanByWords() =>
        Of("CreateWebhook", new(400) { Message = "https://events.example.com is internal", Fields = ["url"] })!.Message.ShouldContain("from the internet");

    [Fact]
    public void FullRepository_IsToldTheLimit() =>
        Of("CreateWebhook", new(400) { Message = "Too many webhooks" })!.Message.ShouldContain("at most 50 webhooks");

    [Fact]
    public void RetryAfter_IsPassedOnAndKeptOutOfTheMessage()
    {
        foreach (var status in new[] { 429, 503 })
        {
            var fault = Of("ListWebhooks", new(status, BodyKind.Empty) { RetryAfter = TimeSpan.FromSeconds(77) })!;

            (fault.Class, fault.RetryAfter).ShouldBe((FaultClass.Waiting, TimeSpan.FromSeconds(77)));
            fault.Message.ShouldNotContain("77");
        }
    }

    private static Fault? Of(string operation, AnswerFacts answer, CredentialKind type = CredentialKind.APIToken) =>
        FaultTable.Of(Call(operation), answer, new(type, "spec.auth"));

    private static RestCall Call(string operation) => Enum.Parse<Operation>(operation) switch
    {
        Operation.FetchToken or Operation.ReadUser or Operation.ReadWorkspace or Operation.ListProjects or Operation.ListRepositories =>
            new(Enum.Parse<Operation>(operation), "acme"),
        Operation.ReadProject => new(Operation.ReadProject, "acme", "PLAT"),
        var other => new(other, "acme", "PLAT", new("PLAT", "api")),
    };
}
