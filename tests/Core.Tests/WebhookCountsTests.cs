using BitbucketOperator.Core.Api;
using BitbucketOperator.Core.Api.V1Alpha1;
using BitbucketOperator.Core.Discovery;
using BitbucketOperator.Core.Inventory;
using BitbucketOperator.Core.Mapping;
using BitbucketOperator.Core.Observation;
using BitbucketOperator.Core.Planning;
using BitbucketOperator.Core.Port;
using BitbucketOperator.Core.Schedule;
using BitbucketOperator.Core.Status;
using CsCheck;

namespace BitbucketOperator.Core.Tests;

/// <summary>What status counts of webhooks while syncs wait, run, fail and find things changed.</summary>
public sealed class WebhookCountsTests
{
    private static readonly DateTimeOffset Now = DateTimeOffset.UnixEpoch.AddDays(20_000);
    private static readonly Fault Denied = Fault.Waiting(Reasons.WebhookPermissionDenied, "REPO_ADMIN is missing");
    private static readonly Fault Broken = Fault.Transient(Reasons.ServerError, "500");

    private static readonly Gen<Step[]> Histories = Gen.Select(Gen.Enum<What>(), Gen.Int[0, 7], (what, number) => new Step(what, number)).Array[1, 40];

    private enum What
    {
        Sync,
        SyncAll,
        Deny,
        Break,
        Heal,
        Drop,
        ChangeSpec,
        ChangeLevel,
        AddEntry,
        SwitchMode,
        Deselect,
        Restart,
        LoseServer,
    }

    [Fact]
    public void Desired_IsReadyAndWaitingAndFailed_WhateverHappened() => Histories.Sample(
        history =>
        {
            var world = new World();
            foreach (var step in history)
            {
                world.Do(step);
                var (webhooks, due) = world.Report();
                var waiting = webhooks.Waiting ?? 0;
                Math.Min(Math.Min(webhooks.Ready, webhooks.Failed), waiting).ShouldBeGreaterThanOrEqualTo(0);
                (webhooks.Ready + waiting + webhooks.Failed).ShouldBe(webhooks.Desired);
                (due is not null && waiting != due).ShouldBeFalse($"{due} are to be synced, and {waiting} wait");
            }
        },
        iter: 400);

    [Fact]
    public void StatusOfAnOlderVersion_IsCompleted()
    {
        var kept = WebhookCounts.Kept(new WebhooksStatus { Desired = 10, Ready = 6, Failed = 1 });
        kept.ShouldBe(new WebhookCounts(10, 6, 3, 1));
        WebhookCounts.Kept(before: null).ShouldBe(new WebhookCounts(0, 0, 0, 0));
    }

    private sealed record Step(What What, int Number);

    private sealed class World
    {
        private readonly PlayedScopes _scopes = new();
        private readonly BitbucketConnection _connection = new()
        {
            Metadata = new k8s.Models.V1ObjectMeta { Name = "platform", NamespaceProperty = "ci", Uid = "u", Generation = 1 },
            Spec = new BitbucketConnectionSpec { Url = "https://bb.example.com", Webhooks = [Entry("ci")] },
        };

        private readonly Repository[] _listed =
            [.. Enumerable.Range(0, 8).Select(i => new Repository($"{i}", new RepositoryName(i < 5 ? "PLAT" : "TOOLS", $"r{i}")))];

        private bool _isLost;

        public void Do(Step step)
        {
            var id = $"{step.Number}";
            _isLost = step.What == What.LoseServer;
            switch (step.What)
            {
                case What.Sync:
                    Sync(step.Number);
                    break;
                case What.SyncAll:
                    _scopes.Settle(_connection, Observed());
                    break;
                case What.Deny or What.Break:
                    _scopes.Webhooks[id] = step.What == What.Deny ? Denied : Broken;
                    _scopes.Checks.Remove(id);
                    break;
                case What.Heal or What.Drop:
                    _scopes.Webhooks[id] = Array.Empty<Webhook>();
                    _scopes.Checks.Remove(id);
                    break;
                case What.Restart:
                    _scopes.Restart();
                    break;
                case What.LoseServer:
                    break;
                default:
                    ChangeSpec(step);
                    break;
            }
        }

        /// <summary>The status that is written, and how many webhooks wait for a sync; null where that is not to be told.</summary>
        public (WebhooksStatus Webhooks, int? Waiting) Report()
        {
            var observed = _isLost ? new ConnectionObserved { Now = Now, Server = Broken } : Observed();
            var state = _scopes.State(_connection, observed);
            _connection.Status = ConnectionSummary.Of(new ReconcileOutcome(state, []), _connection.Status).Status;
            var isCounted = !_isLost && _connection.Spec.Mode == Mode.Enforce;
            return (_connection.Status.Webhooks!, isCounted ? WaitingIn(state) : null);
        }

        private static int WaitingIn(DesiredState state) => state.Levels.Desired
            .Where(d => !SyncSchedule.IsSynced(state.Scopes[d.Scope.Id], state) && state.Assume(state.Scopes[d.Scope.Id], Now) is null)
            .Sum(d => d.Count);

        private static WebhookSpec Entry(string name) => new() { Name = name, Url = $"https://{name}.example.com/" };

        private void ChangeSpec(Step step)
        {
            _connection.Metadata.Generation++;
            var spec = _connection.Spec;
            switch (step.What)
            {
                case What.ChangeLevel:
                    spec.Webhooks[0].Level = (WebhookLevel)(step.Number % 3);
                    break;
                case What.AddEntry:
                    spec.Webhooks = [Entry("ci"), .. Enumerable.Range(0, step.Number % 3).Select(i => Entry($"more{i}"))];
                    break;
                case What.SwitchMode:
                    spec.Mode = step.Number % 2 == 0 ? Mode.Enforce : Mode.Plan;
                    break;
                case What.Deselect:
                    spec.Discovery.Exclude = [$"*/r{step.Number}"];
                    break;
                default:
                    spec.Webhooks[0].Url = $"https://ci.example.com/{step.Number}";
                    break;
            }
        }

        private void Sync(int number)
        {
            var state = _scopes.State(_connection, Observed());
            var due = SyncSchedule.Items(state, Now).Where(i => i.DueAt <= Now).ToList();
            if (due.Count > 0)
            {
                _scopes.Sync(state, due[number % due.Count].Scope);
            }
        }

        private ConnectionObserved Observed() => new()
        {
            Now = Now,
            Owner = Outcomes.Self,
            Server = new ServerInfo("9.4.2", "Bitbucket"),
            Account = new Account("ci-bot"),
            RepositoryListing = new RepositoryListing(_listed, [], [], []),
            Selection = RepositorySelection.Of(_connection.Spec.Discovery.ToModel(), _listed),
            Desired = [.. _connection.ToModel().Spec.Webhooks.Select(w =>
                DesiredWebhook.Of(w, new SecretText("s"), Outcomes.Self, allowHttp: false, Flavour.DataCenter))],
            AssumesWhatIsKnown = true,
        };
    }
}
