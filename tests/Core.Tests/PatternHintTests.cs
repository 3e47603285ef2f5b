using BitbucketOperator.Core.Discovery;
using BitbucketOperator.Core.Model;
using BitbucketOperator.Core.Port;

namespace BitbucketOperator.Core.Tests;

/// <summary>Patterns that match nothing, and how they are meant.</summary>
public sealed class PatternHintTests
{
    [Theory]
    [InlineData("JDoe/*", "~JDoe/*")]
    [InlineData("jdoe/notes.git", "~jdoe/notes")]
    [InlineData("PLAT/api.git", "PLAT/api")]
    [InlineData("https://bitbucket.example.com/bitbucket/scm/plat/api.git", "PLAT/api")]
    [InlineData("https://bitbucket.example.com/projects/PLAT/repos/api/browse", "PLAT/api")]
    [InlineData("https://bitbucket.example.com/users/jdoe/repos/notes", "~jdoe/notes")]
    [InlineData("ssh://git@bitbucket.example.com:7999/~jdoe/notes.git", "~jdoe/notes")]
    [InlineData("git@bitbucket.org:acme/api.git", "PLAT/api")]
    [InlineData("https://bitbucket.org/acme/api/src/main/", "PLAT/api")]
    [InlineData("OTHER/*", null)]
    [InlineData("PLAT/other.git", null)]
    [InlineData("https://bitbucket.org/acme/other", null)]
    public void PatternThatMatchesNothing_IsHintedOnlyWhereTheHintMatches(string pattern, string? right)
    {
        Repository[] listed = [new("1", new("PLAT", "api")), new("2", new("~jdoe", "notes"), Personal: true)];
        foreach (var spec in new[] { new DiscoveryRules { Include = [pattern] }, new DiscoveryRules { Exclude = [pattern] } })
        {
            PatternHints.Of(spec, RepositorySelection.Of(spec, listed)).Select(h => h.Right).ShouldBe(right is null ? [] : [right]);
        }
    }

    [Fact]
    public void PatternThatMatches_GetsNoHint()
    {
        Repository[] listed = [new("1", new("jdoe", "notes")), new("2", new("~jdoe", "notes"), Personal: true)];
        var spec = new DiscoveryRules { Exclude = ["jdoe/*"] };

        PatternHints.Of(spec, RepositorySelection.Of(spec, listed)).ShouldBeEmpty();
    }
}
