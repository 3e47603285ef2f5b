using BitbucketOperator.Testing.Servers;
using BitbucketOperator.Convergence.Tests.Histories;
using BitbucketOperator.Convergence.Tests.World;
using BitbucketOperator.Core.Api.V1Alpha1;
using BitbucketOperator.Core.Ownership;

namespace BitbucketOperator.Convergence.Tests.Rules;

/// <summary>How the world must be when all faults are gone and the operator has had its few passes.</summary>
internal static class RestRules
{
    /// <summary>What is not as it must be; empty at rest.</summary>
    public static IReadOnlyList<string> Violations(Scene scene)
    {
        var selected = Selection.Of(scene);
        if (selected.Count == 0)
        {
            // Rules that select nothing take nothing away.
            return [];
        }

        var hooks = scene.Server.Hooks.ToLookup(h => h.PlaceId, StringComparer.Ordinal);
        var found = selected.SelectMany(r => OfSelected(scene, r, hooks)).ToList();
        foreach (var repository in scene.Server.Repositories.Except(selected))
        {
            found.AddRange(hooks[repository.Id].Where(h => Marks.IsOurs(h) && !scene.Lost.Contains(h.Id))
                .Select(h => $"{repository.Path} is not selected and still has {h}"));
        }

        found.AddRange(scene.Server.ProjectLevel.SelectMany(
            scope => OfAbove(scene, scope, [.. selected.Where(r => scene.Server.ProjectLevelOf(r) == scope)], [.. hooks[scope]])));
        return [.. found, .. OfStatus(scene, selected, hooks)];
    }

    /// <summary>Webhooks of ours that a finished clean-up left behind.</summary>
    public static IReadOnlyList<string> Leftovers(Scene scene) =>
        [.. scene.Server.Hooks.Where(h => Marks.IsOurs(h) && !scene.Lost.Contains(h.Id)).Select(h => $"{scene.Server.NameOf(h.PlaceId)} still has {h}")];

    private static IEnumerable<string> OfSelected(Scene scene, Repo repository, ILookup<string, Hook> hooks)
    {
        var all = scene.Resource.Spec.Webhooks;
        var here = all.FindAll(e => !Levels.IsAbove(scene, e, repository));
        var theirs = hooks[scene.Server.ProjectLevelOf(repository)].Where(h => !Marks.IsOurs(h)).ToList();
        foreach (var violation in Of(scene, repository.Path, here, [.. hooks[repository.Id]], theirs))
        {
            yield return violation;
        }

        // Nobody looks at a repository that is to have none, unless something tells that it had some. Where somebody else's webhook
        // keeps ours from the place above, the one on the repository stays.
        var kept = all.FindAll(e => !here.Contains(e) && IsContested(theirs, e)).ConvertAll(e => e.Name);
        foreach (var hook in hooks[repository.Id].Where(h =>
            Marks.EntryOf(h) is { } name && !here.Exists(w => w.Name == name) && !kept.Contains(name) && (here.Count > 0 || !scene.Lost.Contains(h.Id))))
        {
            yield return $"{repository.Path} has {hook}, which must not be there";
        }
    }

    private static IEnumerable<string> OfAbove(Scene scene, string scope, IReadOnlyList<Repo> selected, IReadOnlyList<Hook> hooks)
    {
        var entries = selected.Count == 0 ? [] : scene.Resource.Spec.Webhooks.FindAll(e => Levels.IsAbove(scene, e, selected[0]));
        var left = hooks.Where(h => Marks.IsOurs(h) && !entries.Exists(e => e.Name == Marks.EntryOf(h)) && !scene.Lost.Contains(h.Id));
        return [.. Of(scene, scope, entries, hooks, []), .. left.Where(h => !IsNeeded(scene, h, selected))
            .Select(h => $"{scope} has {h}, which must not be there")];
    }

    // Where somebody else's webhook keeps ours from a repository, the one above it stays.
    private static bool IsNeeded(Scene scene, Hook hook, IReadOnlyList<Repo> selected) =>
        scene.Resource.Spec.Webhooks.Find(e => e.Name == Marks.EntryOf(hook)) is { } entry
        && selected.Any(r => scene.Server.Hooks.Any(h => !Marks.IsOurs(h) && h.Fields.Url == entry.Url && (h.PlaceId == r.Id || h.PlaceId == hook.PlaceId)));

    private static IEnumerable<string> Of(
        Scene scene, string scope, IEnumerable<WebhookSpec> entries, IReadOnlyList<Hook> hooks, IEnumerable<Hook> projectLevel)
    {
        foreach (var entry in entries)
        {
            var mine = hooks.Where(h => Marks.EntryOf(h) == entry.Name).ToList();
            var contested = IsContested(hooks.Concat(projectLevel), entry);
            if (mine.Count < (contested ? 0 : 1) || mine.Count > 1)
            {
                yield return $"{scope} has {mine.Count} webhooks {entry.Name}";
            }

            foreach (var hook in mine.Where(h => !IsRight(scene, h, entry)))
            {
                yield return $"{scope} has {hook} for {entry.Name}, which must be {scene.Resource.Wanted(entry)}";
            }
        }
    }

    private static bool IsRight(Scene scene, Hook hook, WebhookSpec entry)
    {
        var wanted = scene.Resource.Wanted(entry)!;
        return hook.Fields == wanted && (IsSigned(Resource.Owner) || IsSigned(Resource.Owner with { Cluster = null }));

        // One of an earlier version does not name the cluster, and need not.
        bool IsSigned(WebhookOwner owner)
        {
            var (title, marker) = Marks.Sign(scene.IsCloud, owner, entry.Name, wanted.Secret);
            return hook.Title == title && hook.Marker == marker;
        }
    }

    // Where somebody else's webhook has the url, one of ours is kept if it was there first, and not made if it was not.
    private static bool IsContested(IEnumerable<Hook> hooks, WebhookSpec entry) => hooks.Any(h => !Marks.IsOurs(h) && h.Fields.Url == entry.Url);

    private static IEnumerable<string> OfStatus(Scene scene, IReadOnlyList<Repo> selected, ILookup<string, Hook> hooks)
    {
        var entries = scene.Resource.Spec.Webhooks;
        var wanted = selected.SelectMany(r => entries.Select(e => (Scope: Levels.IsAbove(scene, e, r) ? scene.Server.ProjectLevelOf(r) : r.Id, Entry: e)))
            .Distinct().ToList();
        var right = wanted.Count(w => hooks[w.Scope].Any(h => Marks.EntryOf(h) == w.Entry.Name && IsRight(scene, h, w.Entry)));
        var status = scene.Resource.Connection.Status!;
        if (status.Webhooks is not { } webhooks || webhooks.Desired != wanted.Count || webhooks.Ready != right)
        {
            yield return $"status counts {status.Webhooks?.Summary} webhooks, and there are {right} of {wanted.Count}";
        }

        if (status.Repositories?.Selected != selected.Count)
        {
            yield return $"status counts {status.Repositories?.Selected} selected repositories, and there are {selected.Count}";
        }
    }
}
