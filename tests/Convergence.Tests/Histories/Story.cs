using BitbucketOperator.Convergence.Tests.Rules;
using BitbucketOperator.Convergence.Tests.World;
using BitbucketOperator.Core.Api;
using BitbucketOperator.Core.Api.V1Alpha1;

namespace BitbucketOperator.Convergence.Tests.Histories;

/// <summary>Plays a history and checks every rule.</summary>
internal static class Story
{
    /// <summary>Within how many passes a healed world has to come to rest.</summary>
    public const int PassesToRest = 4;

    /// <summary>Throws, with all that happened, when a rule is broken.</summary>
    public static async Task PlayAsync(Hosting hosting, History history)
    {
        await using var scene = await Scene.SetUpAsync(hosting, history.Setup);
        try
        {
            foreach (var step in history.Steps)
            {
                scene.Note($"# {step}");
                await step.ActAsync(scene);
            }

            await (history.Deletion is { } tries ? DeleteAsync(scene, tries) : ComeToRestAsync(scene));
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            throw new BrokenRuleException($"{e.Message}\nwhat happened:\n{scene.Log}\n{(e is BrokenRuleException ? "" : e.ToString())}");
        }
    }

    private static async Task ComeToRestAsync(Scene scene)
    {
        Heal(scene);
        IReadOnlyList<string> violations = [];
        var wrote = true;
        for (var outcome = 0; outcome < PassesToRest && (outcome < 2 || wrote || violations.Count > 0); outcome++)
        {
            var attempts = scene.Server.Counters.WebhookWriteAttempts;
            scene.Operator.Clock.Advance(TimeSpan.FromHours(3));
            await scene.RunAsync([]);
            ConfirmInventory(scene);
            violations = RestRules.Violations(scene);
            wrote = scene.Server.Counters.WebhookWriteAttempts > attempts;
        }

        Require(violations.Count == 0, $"not at rest after {PassesToRest} passes: {string.Join("\n", violations)}");
        await RequireSilenceAsync(scene, TimeSpan.Zero);
        await RequireSilenceAsync(scene, TimeSpan.FromHours(3));
    }

    // A pass over a world in which nothing changed writes nothing.
    private static async Task RequireSilenceAsync(Scene scene, TimeSpan later)
    {
        var (attempts, status) = (scene.Server.Counters.WebhookWriteAttempts, StatusText.Of(scene.Resource.Connection.Status));
        scene.Operator.Clock.Advance(later);
        await scene.RunAsync([]);
        Require(scene.Server.Counters.WebhookWriteAttempts == attempts, "a pass at rest wrote to the server");
        var now = StatusText.Of(scene.Resource.Connection.Status);
        Require(now == status, $"a pass at rest changed the status from\n{status}\nto\n{now}");
    }

    private static async Task DeleteAsync(Scene scene, IReadOnlyList<CleanUp> tries)
    {
        scene.Resource.Connection.Metadata.DeletionTimestamp = scene.Operator.Clock.GetUtcNow().UtcDateTime;
        var done = false;
        foreach (var attempt in tries)
        {
            done = done || await attempt.RunAsync(scene);
        }

        // A repository that nobody may look into, and that was never seen to be as wanted, counts as without any of ours.
        scene.Lose(r => done && !scene.Operator.KnowsOf(r.Id));

        Heal(scene);
        for (var attempt = 0; attempt < PassesToRest && !done; attempt++)
        {
            scene.Operator.Clock.Advance(TimeSpan.FromHours(3));
            done = await scene.RunAsync([], cleanUp: true);
        }

        Require(done, $"the clean-up is not done after {PassesToRest} tries");
        var left = RestRules.Leftovers(scene);
        Require(left.Count == 0, $"the clean-up left webhooks behind: {string.Join("\n", left)}");
    }

    /// <summary>All rights are back, all Secrets are there, and the spec names what exists.</summary>
    private static void Heal(Scene scene)
    {
        scene.Note("# heals");
        scene.ReplaceToken();
        foreach (var name in Enumerable.Range(1, Words.Secrets).Select(Resource.SecretName).Where(n => scene.Resource.SecretOf(n) is null))
        {
            scene.Resource.WriteSecret(name);
        }

        // Where an entry asks for it, or webhooks of ours are or were there, the right is given; else Auto does without. A project of
        // another name by now is one of those where they were.
        var asks = scene.Resource.Connection.Metadata.DeletionTimestamp is not null
            || scene.Resource.Spec.Webhooks.Exists(w => w.Level is WebhookLevel.Project or WebhookLevel.Workspace);
        var known = scene.Resource.Connection.Status?.Bookkeeping?.ManagedIn ?? [];
        foreach (var scope in scene.Server.ProjectLevel.Where(p => asks || known.Contains(p) || scene.Server.Hooks.Any(h => h.PlaceId == p && Marks.IsOurs(h))))
        {
            scene.Server.SetManagesAbove(scope, manages: true);
        }

        scene.Server.GrantAll();
        var discovery = scene.Resource.Spec.Discovery;
        discovery.Projects = [.. discovery.Projects.Where(scene.Server.Projects.Contains)];
        discovery.Repositories = [.. discovery.Repositories.Where(n => scene.Server.Repositories.Any(r => r.Path == n))];
        scene.Resource.Edited();
    }

    // The repositories that the listing lacks are gone indeed: a person does what the condition says.
    private static void ConfirmInventory(Scene scene)
    {
        var connection = scene.Resource.Connection;
        var doubt = connection.Status!.Conditions.Find(c => c.Type == ConditionTypes.RepositoriesDiscovered && c.Reason == Reasons.InventorySuspect.Name);
        if (doubt is not null)
        {
            connection.Metadata.Annotations ??= new Dictionary<string, string>(StringComparer.Ordinal);
            connection.Metadata.Annotations[Annotations.ConfirmInventory] = doubt.Message.Split('"')[^2];
        }
    }

    private static void Require(bool holds, string otherwise)
    {
        if (!holds)
        {
            throw new BrokenRuleException(otherwise);
        }
    }
}
