using System.Text;

namespace BitbucketOperator.Testing;

/// <summary>What differs between two texts, line by line: - is expected and missing, + is there and not expected.</summary>
public static class LineDiff
{
    /// <summary>Every line of both, with what tells where it stands.</summary>
    public static string Of(string expected, string actual)
    {
        var (a, b) = (expected.Split('\n'), actual.Split('\n'));
        var common = CommonLengths(a, b);
        var text = new StringBuilder();
        var (i, j) = (0, 0);
        while (i < a.Length || j < b.Length)
        {
            if (i < a.Length && j < b.Length && a[i] == b[j])
            {
                text.Append("  ").Append(a[i++]).Append('\n');
                j++;
            }
            else if (j == b.Length || (i < a.Length && common[i + 1, j] >= common[i, j + 1]))
            {
                text.Append("- ").Append(a[i++]).Append('\n');
            }
            else
            {
                text.Append("+ ").Append(b[j++]).Append('\n');
            }
        }

        return text.ToString();
    }

    private static int[,] CommonLengths(string[] a, string[] b)
    {
        var lengths = new int[a.Length + 1, b.Length + 1];
        for (var i = a.Length - 1; i >= 0; i--)
        {
            for (var j = b.Length - 1; j >= 0; j--)
            {
                lengths[i, j] = a[i] == b[j] ? lengths[i + 1, j + 1] + 1 : Math.Max(lengths[i + 1, j], lengths[i, j + 1]);
            }
        }

        return lengths;
    }
}
