using System.Text;
using System.Text.RegularExpressions;
using BitbucketOperator.Core.Port;

namespace BitbucketOperator.Core.Discovery;

/// <summary>
/// A pattern of PROJECT/slug: <c>*</c> stands for any characters but a slash, <c>**</c> for any, <c>?</c> for one but a
/// slash. Case does not matter, as in Bitbucket.
/// </summary>
internal sealed class Glob
{
    private readonly Regex _regex;

    public Glob(string pattern)
    {
        Pattern = pattern;
        _regex = new Regex(
            Translate(pattern), RegexOptions.NonBacktracking | RegexOptions.IgnoreCase | RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture);
    }

    public string Pattern { get; }

    public bool Matches(RepositoryName name) => _regex.IsMatch(name.ToString());

    /// <summary>True when it matches every repository that a project can have; null stands for every project.</summary>
    public bool TakesAllOf(string? project) => project is null
        ? Pattern is "**" or "*/*" or "**/*" or "*/**" or "**/**"
        : After(project + "/")
            .Any(at => Tail(at) is { Length: > 0 } tail && tail.All(c => c is '*' or '?') && tail.Count(c => c == '?') <= 1 && tail.Contains('*'));

    /// <summary>True when it can match some repository of a project; null stands for any project.</summary>
    public bool MayTakeSomeOf(string? project) => project is null
        ? Pattern.Contains('/', StringComparison.Ordinal) || Pattern.Contains("**", StringComparison.Ordinal)
        : After(project + "/").Any(at => Tail(at) is { Length: > 0 } tail && !tail.Contains('/', StringComparison.Ordinal));

    private string Tail(int at) => Pattern[at..];

    // Where in the pattern one can be when this much of a name is read.
    private SortedSet<int> After(string read)
    {
        var at = WithSkippedStars([0]);
        foreach (var c in read)
        {
            at = WithSkippedStars(at.Where(i => i < Pattern.Length).SelectMany(i => Step(i, c)));
        }

        return at;
    }

    private IEnumerable<int> Step(int at, char c)
    {
        var token = Pattern[at];
        if (token == '*')
        {
            return c != '/' || IsDouble(at) ? [at] : [];
        }

        return token == '?' ? c == '/' ? [] : [at + 1] : char.ToUpperInvariant(token) == char.ToUpperInvariant(c) ? [at + 1] : [];
    }

    private bool IsDouble(int at) => Pattern.AsSpan(at).StartsWith("**");

    private SortedSet<int> WithSkippedStars(IEnumerable<int> positions)
    {
        var all = new SortedSet<int>();
        foreach (var start in positions)
        {
            var at = start;
            while (all.Add(at) && at < Pattern.Length && Pattern[at] == '*')
            {
                at += IsDouble(at) ? 2 : 1;
            }
        }

        return all;
    }

    private static string Translate(string pattern)
    {
        var regex = new StringBuilder("\\A");
        for (var i = 0; i < pattern.Length; i++)
        {
            switch (pattern[i])
            {
                case '*' when i + 1 < pattern.Length && pattern[i + 1] == '*':
                    regex.Append(".*");
                    i++;
                    break;
                case '*':
                    regex.Append("[^/]*");
                    break;
                case '?':
                    regex.Append("[^/]");
                    break;
                default:
                    regex.Append(Regex.Escape(pattern[i].ToString()));
                    break;
            }
        }

        return regex.Append("\\z").ToString();
    }
}
