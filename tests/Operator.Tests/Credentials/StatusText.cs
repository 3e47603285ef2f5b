using System.Globalization;
using System.Text;
using BitbucketOperator.Core.Api.V1Alpha1;
using BitbucketOperator.Core.Schedule;
using BitbucketOperator.Core.Status;

namespace BitbucketOperator.Operator.Tests.Credentials;

/// <summary>A status as a person reads it: what matters of <c>kubectl describe</c>, a line for each thing.</summary>
internal static class StatusText
{
    public static string Of(BitbucketConnectionStatus status, NextReconcile next, IEnumerable<ConnectionEvent> events)
    {
        var text = new StringBuilder();
        foreach (var condition in status.Conditions)
        {
            Line(text, condition.Type, $"{condition.Status} {condition.Reason}", condition.Message);
        }

        Line(text, "server", status.Server is { } server ? $"{server.DisplayName} {server.Version}".Trim() : "-", status.Server?.BaseUrlMismatch);
        Line(text, "account", status.Account is { } account ? $"{account.Name ?? "-"} {account.Kind}".Trim() : "-");
        foreach (var permission in status.Permissions ?? [])
        {
            Line(text, permission.Capability, $"{permission.State} {permission.FoundBy} {Counts(permission)}".Trim(),
                $"[{permission.Required}]", permission.Message);
        }

        Line(text, "repositories", status.Repositories is { } found ? $"{found.Selected} of {found.Discovered}" : "-");
        Line(text, "webhooks", status.Webhooks!.Summary);
        foreach (var failure in status.Failures ?? [])
        {
            Line(text, "failure", $"{failure.Count} {failure.Reason} {string.Join(", ", failure.Examples)}", failure.Message);
        }

        Line(text, "next", next.After is { } after ? When(after.TotalMinutes) : "back-off");
        foreach (var happened in events)
        {
            Line(text, "event", $"{(happened.Warning ? "Warning" : "Normal")} {happened.Reason}", happened.Message);
        }

        return text.ToString();
    }

    // The first pause after a 429 without a time is 30 seconds with jitter, and a little of it is over when it is told.
    private static string When(double minutes) =>
        minutes is > 0.35 and <= 0.6 ? "in half a minute" : $"in {minutes.ToString("0", CultureInfo.InvariantCulture)} minutes";

    private static string Counts(PermissionStatus permission) =>
        permission is { GrantedOn: null, MissingOn: null } ? "" : $"on {permission.GrantedOn ?? 0}, missing on {permission.MissingOn ?? 0}";

    private static void Line(StringBuilder text, string name, string what, params ReadOnlySpan<string?> more)
    {
        text.Append(name.PadRight(22)).Append("  ").Append(what);
        foreach (var part in more)
        {
            if (!string.IsNullOrEmpty(part))
            {
                text.Append("  ").Append(part);
            }
        }

        text.Append('\n');
    }
}
