namespace BitbucketOperator.Chaos.Rules;

/// <summary>Rules that a world broke; the message lists what.</summary>
internal sealed class BrokenRuleException(IReadOnlyList<string> violations) : Exception(string.Join('\n', violations));
