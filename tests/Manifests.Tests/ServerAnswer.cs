using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using BitbucketOperator.ControlPlane;
using BitbucketOperator.Core.Api.V1Alpha1;
using BitbucketOperator.Manifests.Documents;

namespace BitbucketOperator.Manifests.Tests;

/// <summary>What an API server says of an object.</summary>
/// <param name="IsAccepted">Whether it takes it.</param>
/// <param name="Problems">Each as "path: message"; those of rules left out, and of unknown fields without a cure.</param>
/// <param name="Text">All of it.</param>
internal sealed partial record ServerAnswer(bool IsAccepted, IReadOnlyList<string> Problems, string Text)
{
    public static ServerAnswer OfKubectl(CommandResult result)
    {
        var lines = result.Error.Split('\n')
            .Select(line => Prefix().Replace(line, ""))
            .Where(line => Problem().IsMatch(line));
        return new ServerAnswer(result.ExitCode == 0, Sorted(lines.Concat(Unknown(result.Error))), result.Error);
    }

    public static ServerAnswer OfResponse(bool isAccepted, string body)
    {
        if (isAccepted)
        {
            return new ServerAnswer(true, [], body);
        }

        var status = JsonNode.Parse(body)!;
        var causes = status["details"]?["causes"]?.AsArray() ?? [];
        var problems = causes.Select(cause => $"{cause!["field"]}: {cause["message"]}").Concat(Unknown(status["message"]!.GetValue<string>()));
        return new ServerAnswer(false, Sorted(problems), body);
    }

    /// <summary>Our errors in the same form, less those that the server does not come to: it looks for unknown fields first.</summary>
    public IReadOnlyList<string> Comparable(IEnumerable<Problem> problems)
    {
        var ours = Of(problems);
        return Problems.Any(Field().IsMatch) ? [.. ours.Where(p => Field().IsMatch(p))] : ours;
    }

    private static List<string> Of(IEnumerable<Problem> problems) => Sorted(problems
        .Where(p => p.Severity == Severity.Error)
        .Select(p => Field().IsMatch(p.Message) ? p.Message : $"{p.Path}: {p.Message}"));

    private static IEnumerable<string> Unknown(string text) =>
        text.Contains("strict decoding error", StringComparison.Ordinal) ? Field().Matches(text).Select(m => m.Value) : [];

    // The server names no field for a number out of its type's range, and says so when it leaves out the rules.
    private static List<string> Sorted(IEnumerable<string> problems) =>
    [
        .. problems
            .Where(p => !p.Contains("some validation rules were not checked", StringComparison.Ordinal))
            .Select(p => Range().Replace(p, "$1"))
            .Select(ApiText.Mask)
            .Distinct().Order(StringComparer.Ordinal),
    ];

    [GeneratedRegex("""^(The BitbucketConnection ".*?" is invalid: |\* )""")]
    private static partial Regex Prefix();

    [GeneratedRegex(@"^[A-Za-z<][\w.\[\]<>]*: (Required|Invalid|Unsupported|Duplicate|Too|Forbidden)")]
    private static partial Regex Problem();

    [GeneratedRegex("""unknown field "([^"\\]|\\.)*"(?=[:,\s]|$)""")]
    private static partial Regex Field();

    [GeneratedRegex("^.*(Checked value must be of type .* in .*)$")]
    private static partial Regex Range();
}
