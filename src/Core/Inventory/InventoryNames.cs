using System.Security.Cryptography;
using System.Text;

namespace BitbucketOperator.Core.Inventory;

/// <summary>Names of BitbucketInventory objects: readable at the front, unique by a hash at the end.</summary>
public static class InventoryNames
{
    private const int Longest = 63;
    private const int HashLength = 10;

    /// <summary>The object's name: at most 63 characters, and another one for every connection, project and part.</summary>
    /// <param name="connection">Name of the connection.</param>
    /// <param name="project">Key of the project; null for personal repositories.</param>
    /// <param name="part">From 0 on, where a project has several.</param>
    public static string Of(string connection, string? project, int part)
    {
        var hash = Hash($"{connection}\n{project?.ToUpperInvariant()}\n{part}");
        var readable = Readable($"{connection}-{project ?? "personal"}{(part == 0 ? "" : $"-{part + 1}")}");
        return $"{Cut(readable, Longest - HashLength - 1)}-{hash}";
    }

    /// <summary>The value of the label that names the connection.</summary>
    public static string LabelOf(string connection) =>
        connection.Length <= Longest ? connection : $"{Cut(connection, Longest - HashLength - 1)}-{Hash(connection)}";

    private static string Cut(string text, int length) => (text.Length <= length ? text : text[..length]).TrimEnd('-', '.');

    private static string Readable(string text) =>
        string.Concat(text.ToLowerInvariant().Select(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) ? c : '-'));

    private static string Hash(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)))[..HashLength];
}
