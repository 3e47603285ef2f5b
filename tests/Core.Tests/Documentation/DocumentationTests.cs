using System.Text.RegularExpressions;
using BitbucketOperator.Core.Api.V1Alpha1;
using BitbucketOperator.Core.Credentials;
using BitbucketOperator.Core.Mapping;
using BitbucketOperator.Core.Port;
using BitbucketOperator.Testing;

namespace BitbucketOperator.Core.Tests.Documentation;

/// <summary>What the pages show is so.</summary>
public sealed partial class DocumentationTests
{
    private const string Head = "apiVersion: bitbucketoperator.dev/v1alpha1\nkind: BitbucketConnection\nmetadata: { name: sample }\n";

    public static TheoryData<string> Pages => [.. Docs.Pages];

    public static MatrixTheoryData<AuthType, Capability> Rights => new(Enum.GetValues<AuthType>(), Enum.GetValues<Capability>());

    [Theory]
    [MemberData(nameof(Rights))]
    public void Right_StandsInTheTableOfCredentials(AuthType type, Capability capability)
    {
        var rows = Docs.Read("docs/credentials.md").Split('\n').Where(l => l.StartsWith('|')).Select(l => l.Split('|').Select(c => c.Trim()).ToList()).ToList();
        var column = rows.Find(r => r[1] == "Capability")!.FindIndex(c => c.Contains($"`{type}`", StringComparison.Ordinal));
        column.ShouldBePositive($"docs/credentials.md, The rights, has no column for {type}");
        var cell = rows.Find(r => r[1] == $"`{capability}`")![column].Trim('`');
        cell.ShouldBe(CredentialDescriptors.Of(type.ToModel()).RequiredPermission(capability) ?? "");
    }

    [Theory]
    [MemberData(nameof(Pages))]
    public void Connections_AreReadStrictly(string page)
    {
        foreach (var document in Docs.Blocks(Docs.Read(page), "yaml").SelectMany(b => b.Split("---\n")))
        {
            // Many snippets are of the spec alone.
            var connection = document.StartsWith("spec:", StringComparison.Ordinal) ? Head + document : document;
            if (connection.Contains("kind: BitbucketConnection", StringComparison.Ordinal))
            {
                Should.NotThrow(() => Yaml.ReadConnection(connection), connection).Spec.Auth.SecretRef.Name.ShouldNotBeEmpty(connection);
            }
        }
    }

    [Theory]
    [MemberData(nameof(Pages))]
    public void Links_LeadSomewhere(string page) => Link().Matches(Code().Replace(Docs.Prose(Docs.Read(page)), "")).Select(m => m.Groups["target"].Value)
        .Where(target => !target.Contains("://", StringComparison.Ordinal) && IsBroken(page, target))
        .ShouldBeEmpty();

    private static bool IsBroken(string page, string target)
    {
        var (path, anchor) = target.Split('#') is [var before, var after] ? (before, after) : (target, "");
        var file = path.Length == 0 ? page : Path.Combine(Path.GetDirectoryName(page)!, path);
        var full = Path.Combine(Docs.Root, file);
        return !Path.Exists(full) || (anchor.Length > 0 && !Docs.Anchors(Docs.Read(file)).Contains(anchor, StringComparer.Ordinal));
    }

    [GeneratedRegex("`[^`\n]*`", RegexOptions.None, 1000)]
    private static partial Regex Code();

    [GeneratedRegex(@"\]\((?<target>[^)\s]+)\)", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Link();
}
