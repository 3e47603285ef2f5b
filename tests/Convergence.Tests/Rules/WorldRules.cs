using BitbucketOperator.Testing.Servers;
using BitbucketOperator.Convergence.Tests.Histories;
using BitbucketOperator.Convergence.Tests.World;
using BitbucketOperator.Core.Api.V1Alpha1;

namespace BitbucketOperator.Convergence.Tests.Rules;

/// <summary>A rule that was broken.</summary>
public sealed class BrokenRuleException(string message) : Exception(message);

/// <summary>What no pass may do, whatever goes wrong in it and wherever it is cut off.</summary>
internal static class WorldRules
{
    public static Earlier Remember(Scene scene) => new(scene.Server.Hooks, scene.Server.Counters.Requests);

    public static void Check(Scene scene, Earlier earlier, bool cleanUp)
    {
        var before = earlier.Hooks;
        var after = scene.Server.Hooks.ToDictionary(h => h.Id, StringComparer.Ordinal);
        foreach (var hook in before.Where(h => !Marks.IsOurs(h)))
        {
            CheckForeign(scene, hook, after.GetValueOrDefault(hook.Id), earlier.Requests);
        }

        if (!cleanUp)
        {
            CheckNoneLost(scene, before, after.Values);
        }
    }

    private static void CheckForeign(Scene scene, Hook before, Hook? after, long requests)
    {
        if (after == before)
        {
            return;
        }

        if (after is null)
        {
            // The look at it comes before what makes it superfluous: then it was ours for a moment.
            if (WasAdopted(scene, before, requests))
            {
                return;
            }

            throw new BrokenRuleException($"a webhook of somebody else was deleted: {before}");
        }

        if (!MayBeAdopted(scene, before, after))
        {
            throw new BrokenRuleException($"a webhook of somebody else was changed: {before}\nto {after}");
        }
    }

    private static bool MayBeAdopted(Scene scene, Hook before, Hook after) =>
        Marks.EntryOf(after) is { } name
        && scene.Resource.Spec.Webhooks.Find(w => w.Name == name) is { } entry
        && after.Fields == scene.Resource.Wanted(entry)
        && MayBeAdoptedFor(scene, before, entry);

    private static bool MayBeAdoptedFor(Scene scene, Hook before, WebhookSpec entry) =>
        scene.Resource.Spec.Adoption is not Adoption.Never and var adoption
        && Marks.IsUnsigned(before)
        && scene.Resource.Wanted(entry) is { } wanted
        && (IsAlike(scene, before.Fields, wanted) || (adoption == Adoption.Always && before.Fields.Url == wanted.Url));

    private static bool WasAdopted(Scene scene, Hook before, long requests) =>
        scene.Resource.Spec.Webhooks.Exists(w => MayBeAdoptedFor(scene, before, w))
        && scene.Server.Requests.Entries.Any(r => r.Number > requests && r.Method == "PUT" && r.Status == 200
            && r.Path.Split('/')[^1].Trim('{', '}') == before.Id.Trim('{', '}'));

    // Nobody sees the secret of a webhook on Cloud: one that has some secret is as alike as can be told.
    private static bool IsAlike(Scene scene, HookFields one, HookFields wanted) => one == wanted
        || (scene.IsCloud && one.Secret is not null && wanted.Secret is not null && one with { Secret = wanted.Secret } == wanted);

    private static void CheckNoneLost(Scene scene, IReadOnlyList<Hook> before, IReadOnlyCollection<Hook> after)
    {
        var wanted = scene.Resource.Spec.Webhooks.ConvertAll(w => w.Name);
        var selected = Selection.Of(scene).Where(r => !r.Archived && scene.Server.Sees(r)).ToList();
        var had = before.Where(h => Marks.EntryOf(h) is { } entry && wanted.Contains(entry)).ToList();
        foreach (var repository in selected)
        {
            foreach (var entry in Served(had, repository).Except(Served(after, repository).Concat(ServedByOthers(repository)), StringComparer.Ordinal))
            {
                throw new BrokenRuleException($"webhook {entry} served {repository.Path} and had to go on, and is gone");
            }
        }

        // The webhook of another connection that has the URL delivers in place of ours: of two the older stays.
        IEnumerable<string> ServedByOthers(Repo repository) => scene.Resource.Spec.Webhooks
            .Where(w => after.Any(h => IsAt(h, repository) && !Marks.IsOurs(h) && !Marks.IsUnsigned(h) && h.Fields.Url == w.Url))
            .Select(w => w.Name);

        // By a webhook of its own, or of what it lies in.
        IEnumerable<string> Served(IEnumerable<Hook> hooks, Repo repository) =>
            hooks.Where(h => IsAt(h, repository)).Select(Marks.EntryOf).OfType<string>().Distinct(StringComparer.Ordinal);

        bool IsAt(Hook hook, Repo repository) => hook.PlaceId == repository.Id || hook.PlaceId == scene.Server.ProjectLevelOf(repository);
    }
}

/// <summary>What there was before a pass.</summary>
/// <param name="Hooks">The webhooks.</param>
/// <param name="Requests">How many requests had come in.</param>
internal sealed record Earlier(IReadOnlyList<Hook> Hooks, long Requests);
