using System.Globalization;
using BitbucketOperator.BitbucketSimulator.Faults;
using BitbucketOperator.BitbucketSimulator.Receiving;
using BitbucketOperator.BitbucketSimulator.State;
using BitbucketOperator.Core.Api;
using BitbucketOperator.Core.Api.V1Alpha1;

namespace BitbucketOperator.Operator.Tests.Webhooks;

/// <summary>Where webhooks live, and how they move, over the wire.</summary>
public sealed class LevelTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(Hosting.DataCenter, "project:PLAT", "1 webhook in place (1 on a project)")]
    [InlineData(Hosting.Cloud, "workspace:acme", "1 webhook in place (1 on the workspace)")]
    public async Task Auto_GoesUpWhereTheRulesTakeAll(Hosting hosting, string place, string message)
    {
        await using var world = await StartAsync(hosting, WebhookLevel.Auto);
        var (status, _, _) = await world.PassAsync();
        world.Where.ShouldBe([place]);
        Of(status, ConditionTypes.WebhooksReady).Message.ShouldBe(message);
        (status.Webhooks!.ReadyOfDesired(), string.Join(' ', status.Bookkeeping!.ManagedIn!)).ShouldBe(("1/1", place));
        await AtRestAsync(world);
    }

    [Theory]
    [InlineData(Hosting.DataCenter)]
    [InlineData(Hosting.Cloud)]
    public async Task Exclusion_KeepsAutoOnTheRepositories(Hosting hosting)
    {
        await using var world = await StartAsync(hosting, WebhookLevel.Auto);
        world.Connection.Spec.Discovery.Exclude = ["*/sandbox-*"];
        var (status, _, _) = await world.PassAsync();
        world.Where.ShouldBe(Repositories(hosting));
        status.Permissions!.ShouldNotContain(p => p.Message != null && p.Message.StartsWith("Auto", StringComparison.Ordinal));
        await AtRestAsync(world);
    }

    [Fact]
    public async Task ProjectWithExclusions_TellsWhomItCoversToo()
    {
        await using var world = await StartAsync(Hosting.DataCenter, WebhookLevel.Project);
        world.Connection.Spec.Discovery.Exclude = ["PLAT/web"];
        var (status, _, _) = await world.PassAsync();
        world.Where.ShouldBe(["project:PLAT"]);
        status.Webhooks!.BeyondSelection.ShouldNotBeNull().First.ShouldBe(["PLAT/web"]);
        var row = status.Permissions!.Find(p => p.Capability == "ManageProjectWebhooks").ShouldNotBeNull();
        (row.State, row.GrantedOn).ShouldBe((PermissionState.Granted, 1));
        await AtRestAsync(world);
    }

    [Fact]
    public async Task WithoutProjectAdmin_AutoFallsBackAndSaysSo_AndProjectFails()
    {
        await using var world = await StartAsync(Hosting.DataCenter, WebhookLevel.Auto);
        MayManageProject(world, false);
        var (status, _, _) = await world.PassAsync();
        world.Where.ShouldBe(Repositories(Hosting.DataCenter));
        Of(status, ConditionTypes.Ready).Status.ShouldBe(ConditionState.True);
        status.Failures.ShouldBeNull();
        status.Permissions!.Find(p => p.Capability == "ManageWebhooks")!.Message.ShouldBe(
            "Auto uses repository webhooks: token lacks PROJECT_ADMIN on 1 project (e.g. PLAT)");
        await AtRestAsync(world);

        world.Webhook.Level = WebhookLevel.Project;
        status = (await world.PassAsync()).Status;
        status.Bookkeeping!.ManagedIn.ShouldBe(["PLAT"], "clean-up must not wait for a right to a project that never got a webhook");
        var failure = status.Failures.ShouldHaveSingleItem();
        (failure.Examples.Single(), failure.Reason).ShouldBe(("project:PLAT", "WebhookPermissionDenied"));
        status.Permissions!.Find(p => p.Capability == "ManageProjectWebhooks")!.Message.ShouldNotBeNull()
            .ShouldStartWith("token lacks PROJECT_ADMIN on 1 project (e.g. PLAT). Grant it to the token");
        world.Where.ShouldBe(Repositories(Hosting.DataCenter), "what serves the repositories stays until the project can");
        await AtRestAsync(world);

        MayManageProject(world, true);
        await world.VerifyAgainAsync();
        await SettleAsync(world);
        world.Where.ShouldBe(["project:PLAT"]);
    }

    [Fact]
    public async Task OldServer_FallsBack()
    {
        await using var world = await StartAsync(Hosting.DataCenter, WebhookLevel.Auto);
        world.DataCenter.Change(w => w.Version = ServerVersion.Parse("8.5.0"));
        var (status, _, _) = await world.PassAsync();
        world.Where.ShouldBe(Repositories(Hosting.DataCenter));
        status.Permissions!.ShouldNotContain(p => p.Message != null && p.Message.StartsWith("Auto", StringComparison.Ordinal));
        await AtRestAsync(world);
        world.Webhook.Level = WebhookLevel.Project;
        (await world.PassAsync()).Status.Failures.ShouldHaveSingleItem().Reason.ShouldBe("LevelNotSupported");
    }

    [Theory]
    [InlineData(WebhookLevel.Repository, WebhookLevel.Auto)]
    [InlineData(WebhookLevel.Project, WebhookLevel.Repository)]
    public async Task Moving_MissesNoPushAndDoublesForOnePassOnly(WebhookLevel from, WebhookLevel to)
    {
        await using var world = await StartAsync(Hosting.DataCenter, from);
        await using var receiver = await WebhookReceiver.StartAsync(() => null, authority: new(), cancel: Cancellation);
        (world.Webhook.Url, world.Webhook.SslVerification) = (receiver.Url.AbsoluteUri, false);
        await SettleAsync(world);
        (await PushedAsync(world, receiver)).ShouldBe([1, 1]);
        world.Webhook.Level = to;
        world.Connection.Metadata.Generation++;

        var pushed = new List<int[]>();
        world.Synced = async () => pushed.Add(await PushedAsync(world, receiver));

        var (status, _, _) = await world.PassAsync();

        world.Synced = () => Task.CompletedTask;
        pushed.ShouldAllBe(p => p.SequenceEqual(new[] { 1, 1 }) || p.SequenceEqual(new[] { 2, 2 }));
        pushed.ShouldContain(p => p.SequenceEqual(new[] { 2, 2 }), "the old webhooks stay until the new ones are in place");
        (await PushedAsync(world, receiver)).ShouldBe([1, 1]);
        status.Webhooks!.ReadyOfDesired().ShouldBe(to == WebhookLevel.Auto ? "1/1" : "2/2");
        world.Where.ShouldBe(to == WebhookLevel.Auto ? ["project:PLAT"] : Repositories(Hosting.DataCenter));
        await AtRestAsync(world);
    }

    [Fact]
    public async Task RepositoryThatCannotGetItsOwn_KeepsTheOneOfTheProject()
    {
        await using var world = await StartAsync(Hosting.DataCenter, WebhookLevel.Auto);
        await SettleAsync(world);
        world.Webhook.Level = WebhookLevel.Repository;
        var refused = world.Faults.Add(new Fault { Kind = FaultKind.Status, Status = 500, Method = "POST", Path = "**/repos/web/webhooks" });
        await SettleAsync(world);
        var message = Of((await world.PassAsync()).Status, ConditionTypes.WebhooksReady).Message;
        message.ShouldEndWith("webhooks of project PLAT stay until all its repositories have theirs");
        world.Where.ShouldBe(["PLAT/api", "project:PLAT"]);

        world.Faults.Remove(refused);
        await SettleAsync(world);
        world.Where.ShouldBe(Repositories(Hosting.DataCenter));
    }

    [Fact]
    public async Task RepositoryMovedBetweenProjectsOfDifferentLevels_FollowsAtOnce()
    {
        await using var world = await StartAsync(Hosting.DataCenter, WebhookLevel.Auto);
        world.DataCenter.Change(w => w.UserNamed("ci-bot").ProjectGrants[w.ProjectAt("HIDDEN").Id] = Level.Admin);
        world.Connection.Spec.Discovery.Exclude = ["PLAT/sandbox-*"];
        await SettleAsync(world);
        world.Where.ShouldBe(["PLAT/api", "PLAT/web", "project:HIDDEN"]);

        world.DataCenter.Change(w => w.MoveRepository(w.RepositoryAt("PLAT/web"), key: "HIDDEN"));
        (await world.PassAsync()).Status.Webhooks!.ReadyOfDesired().ShouldBe("2/2");
        world.Where.ShouldBe(["PLAT/api", "project:HIDDEN"], "the project's webhook serves it from now on");

        world.DataCenter.Change(w => w.MoveRepository(w.RepositoryAt("HIDDEN/vault"), key: "PLAT"));
        (await world.PassAsync()).Status.Webhooks!.ReadyOfDesired().ShouldBe("3/3");
        world.Where.ShouldBe(["PLAT/api", "PLAT/vault", "project:HIDDEN"]);
        await AtRestAsync(world);
    }

    [Theory]
    [InlineData(Hosting.DataCenter, 503)]
    [InlineData(Hosting.DataCenter, 429)]
    [InlineData(Hosting.Cloud, 500)]
    public async Task Hiccup_MovesNothing(Hosting hosting, int status)
    {
        await using var world = await StartAsync(hosting, WebhookLevel.Auto);
        await SettleAsync(world);
        var (where, attempts) = (world.Where, world.WriteAttempts);
        var path = hosting == Hosting.Cloud ? "**/workspaces/acme/hooks" : "**/projects/PLAT/webhooks";
        var fault = world.Faults.Add(new Fault { Kind = FaultKind.Status, Status = status, Method = "GET", Path = path });
        var since = Of(world.Connection.Status!, ConditionTypes.WebhooksReady).LastTransitionTime;
        var ((failing, _, events), _) = await world.RestartedPassAsync();
        if (status == 429)
        {
            var held = Of(failing, ConditionTypes.WebhooksReady);
            (held.Reason, held.LastTransitionTime).ShouldBe(("InSync", since), "a limit pauses all syncs and is no failure of a scope");
            failing.Failures.ShouldBeNull();
            events.ShouldBeEmpty();
        }
        else
        {
            var failure = failing.Failures.ShouldHaveSingleItem();
            failure.Examples.ShouldBe([hosting == Hosting.Cloud ? "workspace:acme" : "project:PLAT"]);
        }

        world.Faults.Remove(fault);
        (await world.PassAsync()).Status.Failures.ShouldBeNull();
        world.Where.ShouldBe(where);
        world.WriteAttempts.ShouldBe(attempts);
    }

    [Theory]
    [InlineData(Hosting.DataCenter)]
    [InlineData(Hosting.Cloud)]
    public async Task RestartOnRepositories_SaysTheSameAndReadsNone(Hosting hosting)
    {
        await using var world = await StartAsync(hosting, WebhookLevel.Repository);
        await SettleAsync(world);
        var before = Said(world.Connection.Status!);

        var ((status, _, events), reads) = await world.RestartedPassAsync();

        Said(status).ShouldBe(before);
        events.ShouldBeEmpty();
        reads.ShouldBe(0);

        (reads, (status, _, events)) = (world.WebhookReads, await world.VerifyAgainAsync());
        Said(status).ShouldBe(before);
        events.ShouldBeEmpty();
        (world.WebhookReads - reads).ShouldBeGreaterThanOrEqualTo(Repositories(hosting).Length);
    }

    [Theory]
    [InlineData(Hosting.DataCenter, WebhookLevel.Auto, "")]
    [InlineData(Hosting.Cloud, WebhookLevel.Auto, "")]
    [InlineData(Hosting.DataCenter, WebhookLevel.Auto, "PLAT/none")]
    [InlineData(Hosting.Cloud, WebhookLevel.Auto, "PLAT/none")]
    [InlineData(Hosting.DataCenter, WebhookLevel.Project, "PLAT/web")]
    public async Task Restart_ReadsWhatTellsTheLevelsAlone(Hosting hosting, WebhookLevel level, string excluded)
    {
        await using var world = await StartAsync(hosting, level);
        world.Connection.Spec.Discovery.Exclude = excluded.Length > 0 ? [excluded] : [];
        await SettleAsync(world);
        var (summary, where) = (world.Connection.Status!.Webhooks!.ReadyOfDesired(), world.Where);

        world.Requests.Reset();
        var ((status, _, _), _) = await world.RestartedPassAsync();

        var listed = world.Requests.Entries.Where(e => e.Method == "GET" && e.Path.EndsWith("hooks", StringComparison.Ordinal)).Select(e => e.Path).ToList();
        listed.Count.ShouldBeInRange(1, 2, "to know the level, and for what is desired there");
        listed.ShouldAllBe(p => p.EndsWith(hosting == Hosting.Cloud ? "/workspaces/acme/hooks" : "/projects/PLAT/webhooks", StringComparison.Ordinal));
        status.Webhooks!.ReadyOfDesired().ShouldBe(summary);
        world.Where.ShouldBe(where);
        await AtRestAsync(world);
    }

    [Fact]
    public async Task DowngradedToken_LeavesTheWebhookOfTheProjectWhereItIs()
    {
        await using var world = await StartAsync(Hosting.DataCenter, WebhookLevel.Auto);
        await SettleAsync(world);
        var attempts = world.WriteAttempts;
        world.DataCenter.Change(w => World.SetPermissions(w.TokenNamed("right"), ["PROJECT_READ", "REPO_READ"]));
        var (status, _, _) = await world.VerifyAgainAsync();
        Of(status, ConditionTypes.WebhooksReady).Reason.ShouldBe("VerifiedBeforeDowngrade");
        Of(status, ConditionTypes.Ready).Status.ShouldBe(ConditionState.True);
        world.Where.ShouldBe(["project:PLAT"]);
        world.WriteAttempts.ShouldBe(attempts);
        await AtRestAsync(world);
    }

    [Fact]
    public async Task RepositoryRightsAlone_SeeTheWebhookOfTheProject()
    {
        await using var world = await StartAsync(Hosting.DataCenter, WebhookLevel.Auto);
        await SettleAsync(world);
        MayManageProject(world, false);
        var (status, _, _) = await world.VerifyAgainAsync();
        Of(status, ConditionTypes.WebhooksReady).Message.ShouldBe("1 webhook in place (1 on a project)", "a repository tells what it inherits");
        await AtRestAsync(world);

        world.DataCenter.Change(w => w.Webhooks.Single().Active = false);
        (await world.VerifyAgainAsync()).Status.Failures.ShouldHaveSingleItem().Examples.ShouldBe(["project:PLAT"]);

        world.DataCenter.Change(w => w.RemoveWebhook(w.Webhooks.Single()));
        await world.VerifyAgainAsync();
        await SettleAsync(world);
        world.Where.ShouldBe(Repositories(Hosting.DataCenter), "what nobody can make there again is made on the repositories");
    }

    [Fact]
    public async Task ThousandRepositoriesOnFiftyProjects_ArePagesAndARequestOrTwoPerProject()
    {
        await using var world = await StartAsync(Hosting.DataCenter, WebhookLevel.Auto);
        world.DataCenter.Change(w =>
        {
            w.Quirks.PageCap = 100;
            for (var project = 1; project < 50; project++)
            {
                var key = string.Create(CultureInfo.InvariantCulture, $"P{project}");
                w.UserNamed("ci-bot").ProjectGrants[w.AddProject(key).Id] = Level.Admin;
                for (var repository = 0; repository < 20; repository++)
                {
                    w.AddRepository(key, string.Create(CultureInfo.InvariantCulture, $"r{repository}"));
                }
            }
        });
        await SettleAsync(world);
        Of(world.Connection.Status!, ConditionTypes.WebhooksReady).Message.ShouldBe("50 webhooks in place (50 on projects)");

        foreach (var restarted in new[] { true, false })
        {
            world.DataCenter.Requests.Reset();
            _ = restarted ? (await world.RestartedPassAsync()).Pass : await world.PassAsync();
            var paths = world.DataCenter.Requests.Entries.Select(e => e.Path).ToList();
            paths.Count(p => p.EndsWith("/webhooks", StringComparison.Ordinal))
                .ShouldBeLessThanOrEqualTo(restarted ? 100 : 50, "what is desired of a project that nobody has seen is known when it was");
            paths.ShouldNotContain(p => p.Contains("/repos/", StringComparison.Ordinal) && p.Contains("/webhooks", StringComparison.Ordinal));
            paths.Count(p => p.EndsWith("/repos", StringComparison.Ordinal)).ShouldBe(10, "pages of the listing, of 982 repositories");
            world.DataCenter.Counters.WebhookWriteAttempts.ShouldBe(0);
        }
    }

    [Fact]
    public async Task DeliveriesOfTheProjectsWebhook_AreTold()
    {
        await using var world = await StartAsync(Hosting.DataCenter, WebhookLevel.Auto);
        await using var receiver = await WebhookReceiver.StartAsync(() => null, authority: new(), cancel: Cancellation);
        (world.Webhook.Url, world.Webhook.SslVerification, world.Webhook.TestPing) = (receiver.Url.AbsoluteUri, false, true);
        await world.PassAsync();
        receiver.Deliveries.ShouldHaveSingleItem().Event.ShouldBe("diagnostics:ping");
        receiver.AnswerStatus = 500;
        await PushedAsync(world, receiver);
        var ((status, _, _), _) = await world.RestartedPassAsync();
        var failure = status.Failures.ShouldHaveSingleItem();
        (failure.Examples.Single(), failure.Reason).ShouldBe(("project:PLAT (ci)", "DeliveriesFailing"));
        Of(status, ConditionTypes.Ready).Message.ShouldContain("e.g. ci of PLAT");
    }

    private static async Task<PassWorld> StartAsync(Hosting hosting, WebhookLevel level)
    {
        var world = await PassWorld.StartAsync(hosting);
        world.Webhook.Level = level;
        return world;
    }

    private static string[] Repositories(Hosting hosting) => hosting == Hosting.Cloud ? ["PLAT/api", "PLAT/web", "TOOLS/cli"] : ["PLAT/api", "PLAT/web"];

    // A project's administrator, or one of all its repositories.
    private static void MayManageProject(PassWorld world, bool may) => world.DataCenter.Change(w =>
    {
        w.UserNamed("ci-bot").ProjectGrants[w.ProjectAt("PLAT").Id] = may ? Level.Admin : Level.Read;
        foreach (var repository in w.ProjectAt("PLAT").Repositories)
        {
            w.UserNamed("ci-bot").RepositoryGrants[repository.Id] = Level.Admin;
        }
    });

    private static async Task SettleAsync(PassWorld world)
    {
        for (var pass = 0; pass < 3; pass++)
        {
            await world.PassAsync();
        }
    }

    private static async Task AtRestAsync(PassWorld world)
    {
        var attempts = world.WriteAttempts;
        await world.PassAsync();
        await world.RestartedPassAsync();
        await world.VerifyAgainAsync();
        world.WriteAttempts.ShouldBe(attempts, "a pass at rest writes nothing");
    }

    // How many deliveries a push to each repository makes.
    private static async Task<int[]> PushedAsync(PassWorld world, WebhookReceiver receiver)
    {
        var counts = new List<int>();
        foreach (var repository in Repositories(Hosting.DataCenter))
        {
            var before = receiver.Deliveries.Count(d => d.Event == "repo:refs_changed");
            await world.DataCenter.PushAsync(repository, cancel: Cancellation);
            counts.Add(receiver.Deliveries.Count(d => d.Event == "repo:refs_changed") - before);
        }

        return [.. counts];
    }

    // Conditions with their times, and the counts.
    private static string Said(BitbucketConnectionStatus status) => string.Join(
        '\n',
        status.Conditions.Select(c => $"{c.Type} {c.Status} {c.Reason} {c.Message} {c.LastTransitionTime:O}")
            .Append(status.Webhooks!.ReadyOfDesired())
            .Concat(status.Bookkeeping?.ManagedIn ?? []));

    private static Condition Of(BitbucketConnectionStatus status, string type) => status.Conditions.Find(c => c.Type == type)!;
}
