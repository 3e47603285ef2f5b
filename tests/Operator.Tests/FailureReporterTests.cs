using BitbucketOperator.Testing.Cluster;
using System.Net;
using BitbucketOperator.Controllers;
using BitbucketOperator.Core.Api;
using BitbucketOperator.Core.Api.V1Alpha1;
using BitbucketOperator.Core.Port;
using BitbucketOperator.Runtime.Client;
using BitbucketOperator.Runtime.Model;
using BitbucketOperator.Runtime.Patching;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using k8s.Models;

namespace BitbucketOperator.Operator.Tests;

/// <summary>The condition Ready says what ended a reconcile unforeseen, not the log alone.</summary>
public sealed class FailureReporterTests(ClusterFixture fixture)
{
    [Fact]
    public async Task SecretThatTheOperatorMayNotRead_IsSaid_AndHeals()
    {
        await using var scenario = await Scenario.StartAsync(fixture, withOperator: false);
        var kubeconfig = await fixture.KubeconfigWithoutAsync("secrets", "get");
        await using (OperatorProcess.Start(kubeconfig, scenario.Namespace, environment: null))
        {
            await scenario.ApplyAsync();
            var refused = await scenario.WaitReasonAsync(ConditionTypes.Ready, "ApiServerDenied");
            var ready = refused.Status!.Conditions.Find(c => c.Type == ConditionTypes.Ready)!;
            ready.Status.ShouldBe(ConditionState.False);
            ready.Message.ShouldContain("Grant the operator's ServiceAccount the permission");
            refused.Status.Conditions.Find(c => c.Type == ConditionTypes.Reconciling)!.Message.ShouldContain("cannot get resource \"secrets\"");
            await scenario.UntilAsync(
                "a Warning event",
                async () => (await scenario.KubectlAsync("get", "events", "-o", "json")).Contains("ApiServerDenied", StringComparison.Ordinal),
                () => "none");
        }

        scenario.StartOperator();
        await scenario.WaitReadyAsync(6);
    }

    [Theory]
    [InlineData(HttpStatusCode.Forbidden, "ApiServerDenied", 1)]
    [InlineData(HttpStatusCode.Unauthorized, "ApiServerDenied", 1)]
    [InlineData(HttpStatusCode.UnprocessableEntity, "ApiServerRejected", 1)]
    [InlineData(HttpStatusCode.RequestEntityTooLarge, "ApiServerRejected", 1)]
    [InlineData(HttpStatusCode.BadRequest, "ApiServerRejected", 1)]
    [InlineData(HttpStatusCode.TooManyRequests, "ApiServerUnavailable", 3)]
    [InlineData(HttpStatusCode.ServiceUnavailable, "ApiServerUnavailable", 3)]
    [InlineData(null, "InternalError", 1)]
    public async Task Failure_IsWritten_AtOnceOrWhenItLasts_AndKeepsWhatWasKnown(HttpStatusCode? status, string reason, int times)
    {
        var world = new World();
        for (var time = 1; time <= times; time++)
        {
            var result = await world.FailAsync(
                status is { } code ? new KubernetesApiException(code, "", "no. ") : new InvalidOperationException("with a secret in it"));
            result.IsSuccess.ShouldBeFalse();
            var ready = world.Entity.Status!.Conditions.Single(c => c.Type == ConditionTypes.Ready);
            ready.Reason.ShouldBe(time < times ? "Succeeded" : reason);
        }

        world.Entity.Status!.Conditions.ShouldContain(c => c.Type == ConditionTypes.WebhooksReady && c.Reason == "InSync");
        world.Entity.Status.ObservedGeneration.ShouldBe(7);
        world.Entity.Status.Server!.Version.ShouldBe("9.4.2");
        world.Entity.Status.Bookkeeping!.ManagedIn.ShouldBe(["PLAT"]);
        world.Entity.Status.LastHandledReconcileAt.ShouldBe("noon");
        world.Events.ShouldBe([reason]);
        world.Entity.Status.Conditions.ShouldAllBe(c => !c.Message.Contains("secret in it", StringComparison.Ordinal));
    }

    [Fact]
    public async Task AnswerOfTheApiServer_IsOneLine_WithoutSecretsOfUrls()
    {
        var world = new World();
        var answer = $"url: Invalid value: \"https://ci.example.com/hook?token=hunter22\":\r\n\u001b[31m\u202eno{new string('x', 5_000)}";
        await world.FailAsync(new KubernetesApiException(HttpStatusCode.UnprocessableEntity, "", answer));
        var message = world.Entity.Status!.Conditions.Single(c => c.Type == ConditionTypes.Reconciling).Message;
        message.ShouldContain("https://ci.example.com/hook?token=…");
        message.ShouldNotContain("hunter22");
        message.EnumerateRunes().ShouldAllBe(r => !VisibleText.IsHidden(r));
        message.Length.ShouldBeLessThan(600);
    }

    [Fact]
    public async Task FailureThatEnds_IsForgotten()
    {
        var world = new World();
        for (var i = 0; i < 5; i++)
        {
            await world.FailAsync(new TimeoutException("no answer"));
            await world.FailAsync(new TimeoutException("no answer"));
            await world.SucceedAsync();
        }

        world.Writes.ShouldBe(0);
    }

    [Fact]
    public async Task OtherWritersAndLeaders_AreNoFailure()
    {
        var world = new World();
        await Should.ThrowAsync<KubernetesApiException>(() => world.FailAsync(new KubernetesApiException(HttpStatusCode.Conflict, "", "changed")));
        await Should.ThrowAsync<NotLeadingException>(() => world.FailAsync(new NotLeadingException()));
        await Should.ThrowAsync<WriteGateClosedException>(() => world.FailAsync(new WriteGateClosedException()));
        world.Writes.ShouldBe(0);
    }

    [Fact]
    public async Task StatusThatCannotBeWrittenAtAll_IsNoOtherFailure()
    {
        var world = new World { IsBroken = true };
        (await world.FailAsync(new InvalidOperationException())).ErrorMessage!.ShouldContain("Internal error");
        world.Events.ShouldBeEmpty();
    }

    private sealed class World : IStatusWriter<BitbucketConnection>
    {
        private readonly FailureReporter _reporter;

        public World() => _reporter = new(
            new ConnectionStates(),
            this,
            (_, reason, _, _, _) =>
            {
                Events.Add(reason);
                return Task.CompletedTask;
            },
            new FakeTimeProvider(),
            NullLogger<FailureReporter>.Instance);

        public BitbucketConnection Entity { get; } = new()
        {
            Metadata = new V1ObjectMeta { Name = "platform", NamespaceProperty = "ci", Uid = "1", Generation = 7 },
            Status = new BitbucketConnectionStatus
            {
                ObservedGeneration = 6,
                Server = new() { Version = "9.4.2" },
                Bookkeeping = new() { ManagedIn = ["PLAT"] },
                LastHandledReconcileAt = "noon",
                Conditions =
                [
                    new() { Type = ConditionTypes.Ready, Status = ConditionState.True, Reason = "Succeeded", Message = "" },
                    new() { Type = ConditionTypes.WebhooksReady, Status = ConditionState.True, Reason = "InSync", Message = "" },
                ],
            },
        };

        public List<string> Events { get; } = [];

        public int Writes { get; private set; }

        public bool IsBroken { get; init; }

        public Task<ReconciliationResult<BitbucketConnection>> FailAsync(Exception error) =>
            _reporter.ReportAsync(Entity, () => Task.FromException<ReconciliationResult<BitbucketConnection>>(error), CancellationToken.None);

        public Task<ReconciliationResult<BitbucketConnection>> SucceedAsync() =>
            _reporter.ReportAsync(
                Entity, () => Task.FromResult(ReconciliationResult<BitbucketConnection>.Success(Entity)), CancellationToken.None);

        public Task<bool> PatchAsync(BitbucketConnection observed, Action<BitbucketConnection> change, CancellationToken cancellationToken)
        {
            Writes++;
            if (IsBroken)
            {
                throw new KubernetesApiException(HttpStatusCode.UnprocessableEntity, "", "no");
            }

            change(observed);
            return Task.FromResult(true);
        }
    }
}
