using System.Globalization;
using BitbucketOperator.Cli.Output;
using BitbucketOperator.Core.Api;
using BitbucketOperator.Core.Api.V1Alpha1;
using BitbucketOperator.Core.Discovery;
using BitbucketOperator.Core.Mapping;

namespace BitbucketOperator.Cli.Plugin;

/// <summary>Draws a connection's status as a tree.</summary>
internal sealed class StatusTree(Screen screen, Paint paint)
{
    public void Write(BitbucketConnection connection)
    {
        var status = connection.Status;
        screen.Line($"{paint.Bold(connection.ToModel().FullName)}  {Mark(status)}  {connection.Spec.Url}");
        if (status is null)
        {
            screen.Line($"└─ {Verdict.MessageOf(null)}: is it running, and does it watch this namespace?");
            return;
        }

        var counts = Counts(status);
        var branches = Branches(connection, status).Where(b => b.Lines.Count > 0 || b.Title == counts).ToList();
        foreach (var (title, lines) in branches)
        {
            var last = title == branches[^1].Title;
            screen.Line($"{(last ? "└─" : "├─")} {title}");
            for (var i = 0; i < lines.Count; i++)
            {
                screen.Line($"{(last ? "   " : "│  ")}{(i == lines.Count - 1 ? "└─" : "├─")} {lines[i]}");
            }
        }
    }

    private IEnumerable<(string Title, List<Painted> Lines)> Branches(BitbucketConnection connection, BitbucketConnectionStatus status)
    {
        yield return ("conditions", status.Conditions.ConvertAll(c => Painted.Of($"{Coloured(c)} {c.Reason}: {c.Message}")));
        yield return ("permissions", (status.Permissions ?? []).ConvertAll(Permission));
        yield return (Counts(status), Skipped(status.Repositories?.Skipped).ConvertAll(Painted.Quoted));
        yield return ("failures", (status.Failures ?? []).ConvertAll(f => Painted.Quoted(Failure(f))));
        yield return ("notes", Notes(connection, status).ConvertAll(Painted.Quoted));
    }

    private Painted Mark(BitbucketConnectionStatus? status)
    {
        var ready = Verdict.Find(status, ConditionTypes.Ready);
        return ready?.Status switch
        {
            ConditionState.True when Verdict.Warnings(status!).Count == 0 => paint.Good("Ready"),
            ConditionState.True => paint.Doubtful($"Ready, {ready.Reason}"),
            ConditionState.False => paint.Bad($"not ready, {ready.Reason}"),
            _ => paint.Doubtful(ready?.Reason ?? "no status yet"),
        };
    }

    private Painted Coloured(Condition condition)
    {
        var text = $"{condition.Type}={condition.Status}";
        var isProblem = ConditionTypes.IsNegative(condition.Type);
        var isWell = condition.Status == (isProblem ? ConditionState.False : ConditionState.True);
        return isWell ? paint.Good(text) : condition.Status == ConditionState.False ? paint.Bad(text) : paint.Doubtful(text);
    }

    private Painted Permission(PermissionStatus permission)
    {
        var state = permission.State switch
        {
            PermissionState.Granted => paint.Good("Granted"),
            PermissionState.Missing => paint.Bad("Missing"),
            _ => paint.Doubtful("Unknown"),
        };
        var message = permission.Message is null ? "" : $": {permission.Message}";
        return Painted.Of($"{permission.Capability} {state} ({permission.Required}){message}");
    }

    private static string Failure(FailureStatus failure) =>
        $"{failure.Count} {failure.Reason}: {failure.Message} ({string.Join(", ", failure.Examples)})";

    private static string Counts(BitbucketConnectionStatus status)
    {
        var (selected, discovered) = (status.Repositories?.Selected ?? 0, status.Repositories?.Discovered ?? 0);
        return $"{selected} of {discovered} repositories selected, webhooks {Webhooks(status)}";
    }

    private static string Webhooks(BitbucketConnectionStatus status) => status.Webhooks?.Summary is { Length: > 0 } summary ? $"on {summary}" : "on none";

    private static List<string> Skipped(SkippedStatus? skipped)
    {
        (int? Count, SkipRule Rule)[] rules =
        [
            (skipped?.Archived, SkipRule.Archived), (skipped?.Forks, SkipRule.Forks), (skipped?.Personal, SkipRule.Personal),
            (skipped?.NotIncluded, SkipRule.NotIncluded), (skipped?.Excluded, SkipRule.Excluded),
        ];
        var invalid = skipped?.Invalid is { } count ? (string[])[$"{count} with an invalid key or slug"] : [];
        return [.. rules.Where(r => r.Count is not null).Select(r => $"{r.Count} {SkipRules.Word(r.Rule)}"), .. invalid];
    }

    private static IEnumerable<string> Waits(BitbucketConnectionStatus status)
    {
        if (status.Webhooks is { Waiting: { } waiting, ExpectedCompletion: { } end })
        {
            yield return string.Create(CultureInfo.InvariantCulture, $"{waiting} webhooks wait for a sync, expected by {end.UtcDateTime:yyyy-MM-dd HH:mm}Z");
        }

        if (status.Repositories?.EffectiveInterval is { } interval)
        {
            yield return $"repositories are listed every {interval}, not more often, because of Bitbucket's rate limit";
        }

        if (status.Webhooks?.EffectiveInterval is { } webhookInterval)
        {
            yield return $"webhooks are verified every {webhookInterval}, not more often, because of Bitbucket's rate limit";
        }
    }

    private static List<string> Notes(BitbucketConnection connection, BitbucketConnectionStatus status)
    {
        var notes = new List<string>();
        if (status.ObservedGeneration != connection.Metadata.Generation)
        {
            notes.Add("the status speaks of an older spec");
        }

        if (connection.Spec.Mode == Mode.Plan)
        {
            notes.Add($"mode Plan: {(status.Plan?.Count ?? 0) + (status.PlanNotListed ?? 0)} changes planned");
        }

        if (status.FailuresNotListed is { } more)
        {
            notes.Add($"{more} more failures");
        }

        notes.AddRange(Waits(status));
        if (status.Server?.BaseUrlMismatch is { } mismatch)
        {
            notes.Add(mismatch);
        }

        return notes;
    }
}
