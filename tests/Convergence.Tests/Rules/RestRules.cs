using BitbucketOperator.Convergence.Tests.Histories;
using BitbucketOperator.Convergence.Tests.World;
using BitbucketOperator.Core.Api.V1Alpha1;

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

        var hooks = scene.Server.Hooks.ToLookup(h => h.RepositoryId, StringComparer.Ordinal);
        var found = selected.SelectMany(r => OfSelected(scene, r, [.. hooks[r.Id]])).ToList();
        foreach (var repository in scene.Server.Repositories.Except(selected))
        {
            found.AddRange(hooks[repository.Id].Where(h => Marks.IsOurs(h) && !scene.Lost.Contains(h.Id))
                .Select(h => $"{repository.Path} is not selected and still has {h}"));
        }

        return [.. found, .. OfStatus(scene, selected, hooks)];
    }

    /// <summary>Webhooks of ours that a finished clean-up left behind.</summary>
    public static IReadOnlyList<string> Leftovers(Scene scene) =>
        [.. scene.Server.Hooks.Where(h => Marks.IsOurs(h) && !scene.Lost.Contains(h.Id)).Select(h => $"{scene.Server.Find(h.RepositoryId)?.Path} still has {h}")];

    private static IEnumerable<string> OfSelected(Scene scene, Repo repository, IReadOnlyList<Hook> hooks)
    {
        var ours = hooks.Where(Marks.IsOurs).ToList();
        foreach (var entry in scene.Resource.Spec.Webhooks)
        {
            var mine = ours.Where(h => Marks.EntryOf(h) == entry.Name).ToList();
            var least = IsContested(hooks, entry) ? 0 : 1;
            if (mine.Count < least || mine.Count > 1)
            {
                yield return $"{repository.Path} has {mine.Count} webhooks {entry.Name}";
            }

            foreach (var hook in mine.Where(h => !IsRight(scene, h, entry)))
            {
                yield return $"{repository.Path} has {hook} for {entry.Name}, which must be {scene.Resource.Wanted(entry)}";
            }
        }

        // Nobody looks at a repository that is to have none, unless something tells that it had some.
        var entries = scene.Resource.Spec.Webhooks;
        foreach (var hook in ours.Where(h => !entries.Exists(w => w.Name == Marks.EntryOf(h)) && (entries.Count > 0 || !scene.Lost.Contains(h.Id))))
        {
            yield return $"{repository.Path} has {hook}, for which there is no entry";
        }
    }

    private static bool IsRight(Scene scene, Hook hook, WebhookSpec entry)
    {
        var wanted = scene.Resource.Wanted(entry)!;
        var (title, marker) = Marks.Sign(scene.IsCloud, Resource.Owner, entry.Name, wanted.Secret);
        return hook.Fields == wanted && hook.Title == title && hook.Marker == marker;
    }

    // Where somebody else's webhook has the url, one of ours is kept if it was there first, and not made if it was not.
    private static bool IsContested(IEnumerable<Hook> hooks, WebhookSpec entry) => hooks.Any(h => !Marks.IsOurs(h) && h.Fields.Url == entry.Url);

    private static IEnumerable<string> OfStatus(Scene scene, IReadOnlyList<Repo> selected, ILookup<string, Hook> hooks)
    {
        var entries = scene.Resource.Spec.Webhooks;
        var right = selected.Sum(r => entries.Count(e => hooks[r.Id].Any(h => Marks.EntryOf(h) == e.Name && IsRight(scene, h, e))));
        var status = scene.Resource.Connection.Status!;
        if (status.Webhooks is not { } webhooks || webhooks.Desired != selected.Count * entries.Count || webhooks.Ready != right)
        {
            yield return $"status counts {status.Webhooks?.Summary} webhooks, and there are {right} of {selected.Count * entries.Count}";
        }

        if (status.Repositories?.Selected != selected.Count)
        {
            yield return $"status counts {status.Repositories?.Selected} selected repositories, and there are {selected.Count}";
        }
    }
}
