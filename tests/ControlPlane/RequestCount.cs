using System.Globalization;
using System.Text.RegularExpressions;

namespace BitbucketOperator.ControlPlane;

/// <summary>How often an API server has answered a kind of request with success.</summary>
/// <param name="Verb">As the server's metrics name it: <c>POST</c>, <c>PUT</c>, <c>PATCH</c>, <c>APPLY</c>, <c>DELETE</c>, <c>DELETECOLLECTION</c>
/// for writes.</param>
/// <param name="Group">API group; empty for the core.</param>
/// <param name="Resource">Plural name.</param>
/// <param name="Subresource">Such as <c>status</c>; else empty.</param>
/// <param name="Count">Number of requests.</param>
public sealed record RequestCount(string Verb, string Group, string Resource, string Subresource, long Count);

/// <summary>Reads the API server's own request counters.</summary>
internal static partial class RequestMetrics
{
    private static readonly string[] Writing = ["POST", "PUT", "PATCH", "APPLY", "DELETE", "DELETECOLLECTION"];

    // Leases are renewed all the time; reviews and token requests are questions in the form of a POST.
    private static readonly string[] NotCounted =
        ["leases", "subjectaccessreviews", "selfsubjectaccessreviews", "selfsubjectreviews", "selfsubjectrulesreviews", "tokenreviews"];

    /// <summary>The successful writes in a scrape of <c>/metrics</c>, leases and dry runs left out.</summary>
    public static IReadOnlyList<RequestCount> WritesIn(string metrics) =>
        [.. metrics.Split('\n')
            .Select(line => Sample().Match(line))
            .Where(match => match.Success)
            .Select(match => (Labels: LabelsOf(match.Groups["labels"].Value), Value: match.Groups["value"].Value))
            .Where(sample => IsWrite(sample.Labels))
            .Select(sample => new RequestCount(
                sample.Labels["verb"],
                sample.Labels["group"],
                sample.Labels["resource"],
                sample.Labels["subresource"],
                (long)double.Parse(sample.Value, CultureInfo.InvariantCulture)))];

    private static bool IsWrite(Dictionary<string, string> labels) =>
        Writing.Contains(labels["verb"], StringComparer.Ordinal)
        && labels["code"].StartsWith('2')
        && labels["dry_run"].Length == 0
        && labels["subresource"] != "token"
        && !NotCounted.Contains(labels["resource"], StringComparer.Ordinal);

    private static Dictionary<string, string> LabelsOf(string text) =>
        Label().Matches(text).ToDictionary(m => m.Groups["name"].Value, m => m.Groups["value"].Value, StringComparer.Ordinal);

    [GeneratedRegex("""^apiserver_request_total\{(?<labels>[^}]*)\} (?<value>\S+)""", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Sample();

    [GeneratedRegex(@"(?<name>\w+)=""(?<value>[^""]*)""", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Label();
}
