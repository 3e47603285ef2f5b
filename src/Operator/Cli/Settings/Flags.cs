using System.CommandLine;
using System.CommandLine.Parsing;

namespace BitbucketOperator.Cli.Settings;

/// <summary>Makes flags. One that is not given takes its value from the environment, then its default.</summary>
internal static class Flags
{
    private const string EnvironmentPrefix = "BITBUCKET_OPERATOR_";

    /// <summary>A text.</summary>
    public static Option<string?> Text(string name, string description, string? fallback) => new(name)
    {
        Description = Describe(name, description),
        DefaultValueFactory = _ => FromEnvironment(name) ?? fallback,
    };

    /// <summary>The root of an API.</summary>
    public static Option<string?> Url(string name, string description, Uri fallback)
    {
        var option = Text(name, description, fallback.OriginalString);
        option.Validators.Add(result =>
        {
            var text = result.GetValueOrDefault<string?>();
            if (!Uri.TryCreate(text, UriKind.Absolute, out var url)
                || url.Scheme is not ("http" or "https") || url.Query + url.Fragment + url.UserInfo != "")
            {
                result.AddError(
                    $"{name} must be an absolute https URL without user name and query, such as {fallback.OriginalString}, not '{text}'");
            }
        });
        return option;
    }

    /// <summary>True or false.</summary>
    public static Option<bool> Switch(string name, string description, bool fallback) => new(name)
    {
        Description = Describe(name, description),
        DefaultValueFactory = result => FromEnvironment(name) is not { } text
            ? fallback
            : bool.TryParse(text, out var value) ? value : Refuse<bool>(result, name, text, "true or false"),
    };

    /// <summary>A number within limits.</summary>
    public static Option<int> Number(string name, string description, int fallback, int least, int most)
    {
        var option = new Option<int>(name)
        {
            Description = Describe(name, description),
            DefaultValueFactory = result => FromEnvironment(name) is not { } text
                ? fallback
                : int.TryParse(text, out var value) ? value : Refuse<int>(result, name, text, "a number"),
        };
        option.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int>() is var value && (value < least || value > most))
            {
                result.AddError($"{name} must lie between {least} and {most}, not {value}");
            }
        });
        return option;
    }

    private static T Refuse<T>(ArgumentResult result, string name, string text, string desired)
        where T : struct
    {
        result.AddError($"{VariableOf(name)} must be {desired}, not '{text}'");
        return default;
    }

    /// <summary>The items of a list that is separated by commas.</summary>
    public static string[] Items(string? text) => (text ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    private static string Describe(string name, string description) => $"{description} [{VariableOf(name)}]";

    private static string VariableOf(string name) => EnvironmentPrefix + name.TrimStart('-').Replace('-', '_').ToUpperInvariant();

    private static string? FromEnvironment(string name) =>
        Environment.GetEnvironmentVariable(VariableOf(name)) is { Length: > 0 } value ? value : null;
}
