using BitbucketOperator.Convergence.Tests.Rules;
using BitbucketOperator.Core.Api.V1Alpha1;

namespace BitbucketOperator.Convergence.Tests.Histories;

/// <summary>Takes out of a history that breaks a rule whatever it takes none of to break one.</summary>
internal sealed class Reducer(Hosting hosting)
{
    private const int MaxPlays = 400;
    private int _plays;

    /// <summary>The reduced history and how it fails; null when it does not fail again.</summary>
    public async Task<(History History, string Failure)?> ReduceAsync(History history)
    {
        if (await FailureOfAsync(history) is not { } failure)
        {
            return null;
        }

        var reduced = (History: history, Failure: failure);
        for (var progress = true; progress && _plays < MaxPlays;)
        {
            progress = false;
            foreach (var smaller in Smaller(reduced.History))
            {
                if (_plays < MaxPlays && await FailureOfAsync(smaller) is { } still)
                {
                    reduced = (smaller, still);
                    progress = true;
                    break;
                }
            }
        }

        return reduced;
    }

    private static IEnumerable<History> Smaller(History history)
    {
        for (var length = history.Steps.Count / 2; length > 0; length /= 2)
        {
            for (var at = 0; at + length <= history.Steps.Count; at += length)
            {
                yield return history with { Steps = [.. history.Steps.Take(at), .. history.Steps.Skip(at + length)] };
            }
        }

        var setup = history.Setup;
        foreach (var entries in Without(setup.Entries))
        {
            yield return history with { Setup = setup with { Entries = entries } };
        }

        if (setup.Repositories.Count > 1)
        {
            yield return history with { Setup = setup with { Repositories = [.. setup.Repositories.SkipLast(1)] } };
        }

        if (setup.Projects > 1)
        {
            yield return history with { Setup = setup with { Projects = setup.Projects - 1 } };
        }

        if (setup.ManagesAbove != 0)
        {
            yield return history with { Setup = setup with { ManagesAbove = 0 } };
        }

        var everything = new SetDiscovery(0, 0, 0, Archived: false, Forks: true);
        if (setup.Discovery != everything)
        {
            yield return history with { Setup = setup with { Discovery = everything } };
        }

        foreach (var (index, outcome) in history.Steps.Index().Where(s => s.Item is Pass).Select(s => (s.Index, (Pass)s.Item)))
        {
            foreach (var simpler in Simpler(outcome))
            {
                yield return history with { Steps = [.. history.Steps.Take(index), simpler, .. history.Steps.Skip(index + 1)] };
            }
        }

        foreach (var tries in Without(history.Deletion ?? []))
        {
            yield return history with { Deletion = tries };
        }
    }

    private static IEnumerable<Pass> Simpler(Pass outcome)
    {
        foreach (var faults in Without(outcome.Faults))
        {
            yield return outcome with { Faults = faults };
        }

        if (outcome.Crash is not null)
        {
            yield return outcome with { Crash = null };
        }
    }

    private static IEnumerable<T[]> Without<T>(IReadOnlyList<T> all) =>
        Enumerable.Range(0, all.Count).Select(i => all.Where((_, at) => at != i).ToArray());

    private async Task<string?> FailureOfAsync(History history)
    {
        _plays++;
        try
        {
            await Story.PlayAsync(hosting, history);
            return null;
        }
        catch (BrokenRuleException e)
        {
            return e.Message;
        }
    }
}
