using System.Text;
using System.Text.RegularExpressions;

namespace BitbucketOperator.BitbucketSimulator.Faults;

/// <summary>Patterns over paths: <c>*</c> stays within a segment, <c>**</c> does not.</summary>
internal static class Glob
{
    public static Regex Compile(string glob)
    {
        var pattern = new StringBuilder("^");
        for (var i = 0; i < glob.Length; i++)
        {
            var twice = glob[i] == '*' && i + 1 < glob.Length && glob[i + 1] == '*';
            pattern.Append(glob[i] == '*' ? (twice ? ".*" : "[^/]*") : Regex.Escape(glob[i].ToString()));
            if (twice) i++;
        }

        return new Regex(pattern.Append('$').ToString(), RegexOptions.IgnoreCase | RegexOptions.CultureInvariant);
    }
}
