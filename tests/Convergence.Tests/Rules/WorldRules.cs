using BitbucketOperator.Convergence.Tests.Histories;
using BitbucketOperator.Convergence.Tests.World;
using BitbucketOperator.Core.Api.V1Alpha1;

namespace BitbucketOperator.Convergence.Tests.Rules;

/// <summary>A rule that was broken.</summary>
public sealed class BrokenRuleException(string message) : Exception(message);

/// <summary>What no pass may do, whatever goes wrong in it and wherever it is cut off.</summary>
internal static class WorldRules
{
    public static IReadOnlyList<Hook> Remember(Scene scene) => scene.Server.Hooks;

    public static void Check(Scene scene, IReadOnlyList<Hook> before, bool cleanUp)
    {
        var after = scene.Server.Hooks.ToDictionary(h => h.Id, StringComparer.Ordinal);
        foreach (var hook in before.Where(h => !Marks.IsOurs(h)))
        {
            CheckForeign(scene, hook, after.GetValueOrDefault(hook.Id));
        }

        if (!cleanUp)
        {
            CheckNoneLost(scene, before, after.Values);
        }
    }

    private static void CheckForeign(Scene scene, Hook before, Hook? after)
    {
        if (after == before)
        {
            return;
        }

        if (after is null)
        {
            throw new BrokenRuleException($"a webhook of somebody else was deleted: {before}");
        }

        if (!MayBeAdopted(scene, before, after))
        {
            throw new BrokenRuleException($"a webhook of somebody else was changed: {before}\nto {after}");
        }
    }

    private static bool MayBeAdopted(Scene scene, Hook before, Hook after)
    {
        var spec = scene.Resource.Spec;
        if (spec.Adoption == Adoption.Never || !Marks.IsUnsigned(before) || Marks.EntryOf(after) is not { } name)
        {
            return false;
        }

        return spec.Webhooks.Find(w => w.Name == name) is { } entry
            && scene.Resource.Wanted(entry) is { } wanted
            && after.Fields == wanted
            && (IsAlike(scene, before.Fields, wanted) || (spec.Adoption == Adoption.Always && before.Fields.Url == wanted.Url));
    }

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

        // The webhook of another connection that has the URL delivers in place of ours.
        IEnumerable<string> ServedByOthers(Repo repository) => scene.Resource.Spec.Webhooks
            .Where(w => after.Any(h => h.PlaceId == repository.Id && !Marks.IsOurs(h) && !Marks.IsUnsigned(h) && h.Fields.Url == w.Url))
            .Select(w => w.Name);

        // By a webhook of its own, or of what it lies in.
        IEnumerable<string> Served(IEnumerable<Hook> hooks, Repo repository) =>
            hooks.Where(h => h.PlaceId == repository.Id || h.PlaceId == scene.Server.ProjectLevelOf(repository)).Select(Marks.EntryOf).OfType<string>().Distinct(StringComparer.Ordinal);
    }
}
