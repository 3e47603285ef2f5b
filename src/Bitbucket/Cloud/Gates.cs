using System.Text.RegularExpressions;

namespace BitbucketOperator.Bitbucket.Cloud;

/// <summary>What a workspace asks of everybody who comes in, by the words in which Bitbucket has said so over the years.</summary>
internal static partial class Gates
{
    /// <summary>Two-step verification.</summary>
    public static bool AsksForSecondStep(string message) => SecondStep().IsMatch(message);

    /// <summary>An address on the IP allowlist.</summary>
    public static bool AsksForAddress(string message) => Address().IsMatch(message);

    [GeneratedRegex(@"\b(?:(?:two|2)[ -]?(?:step|factor)|2fa|2sv|multi[ -]?factor|mfa)\b", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex SecondStep();

    [GeneratedRegex(@"\b(?:allow|white)[ -]?list", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Address();
}
