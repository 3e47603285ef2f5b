using System.Text;
using System.Text.RegularExpressions;

namespace BitbucketOperator.Core.Connection;

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
