using System.Runtime.CompilerServices;
using BitbucketOperator.Core.Api.V1Alpha1;
using BitbucketOperator.Testing;

namespace BitbucketOperator.Operator.Tests.Credentials;

/// <summary>
/// Each folder below Cases is a kind of credential in a situation: the manifests (connection.yaml), what is up with the
/// server (situation.yaml), and the status that a person then sees (expected.txt). The simulators, the clients and the
/// pass are the real ones; a new folder is a new case; UPDATE_GOLDEN=1 writes its expected.txt.
/// </summary>
public sealed class CredentialMatrixTests
{
    private static readonly Dictionary<string, AuthType[]> Kinds = new(StringComparer.Ordinal)
    {
        ["data-center"] = [AuthType.HTTPAccessToken, AuthType.Basic],
        ["cloud"] = [AuthType.OAuth2, AuthType.APIToken, AuthType.AccessToken, AuthType.AppPassword],
    };

    private static readonly string[] Situations =
        ["right", "wrong", "expired", "revoked", "wrong-kind", "too-few-scopes", "rate-limited", "server-down", "tls-unknown"];

    public static TheoryData<string> Cases => [.. Directory.GetDirectories(CasesFolder).Select(d => Path.GetFileName(d)!).Order(StringComparer.Ordinal)];

    private static string CasesFolder { get; } = Path.Combine(Path.GetDirectoryName(Here())!, "Cases");

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task Case_IsAsExpected(string name)
    {
        var folder = Path.Combine(CasesFolder, name);
        await using var world = await MatrixWorld.StartAsync(folder);
        var first = await world.PassAsync();
        ConditionInvariants.Check(world.Connection, world.Clock.GetUtcNow());
        var actual = world.WithoutPlaces(StatusText.Of(first.Status, first.Next, first.Events));
        foreach (var secret in world.Secrets)
        {
            actual.ShouldNotContain(secret);
        }

        var attempts = world.WriteAttempts;
        world.Wait();
        var second = await world.PassAsync();
        world.WithoutPlaces(StatusText.Of(second.Status, first.Next, first.Events)).ShouldBe(actual, "a second pass must say the same");
        second.Events.ShouldBeEmpty();
        world.WriteAttempts.ShouldBe(attempts, "a second pass over an unchanged world must write nothing");
        Compare(Path.Combine(folder, "expected.txt"), actual);
    }

    [Fact]
    public void EveryKindInEverySituation_HasItsCase()
    {
        var wanted = Kinds.SelectMany(k => k.Value.SelectMany(type => Situations.Select(s => $"{k.Key}-{Kebab(type)}-{s}")));
        wanted.Except(Directory.GetDirectories(CasesFolder).Select(d => Path.GetFileName(d)!)).ShouldBeEmpty();
        Kinds.Values.SelectMany(v => v).ShouldBe(Enum.GetValues<AuthType>(), ignoreOrder: true);
    }

    private static void Compare(string file, string actual)
    {
        if (Environment.GetEnvironmentVariable("UPDATE_GOLDEN") == "1")
        {
            File.WriteAllText(file, actual);
        }

        var expected = File.Exists(file) ? File.ReadAllText(file) : "";
        (expected == actual).ShouldBeTrue($"{file} differs (- expected, + actual):\n{LineDiff.Of(expected, actual)}");
    }

    private static string Kebab(AuthType type) => type switch
    {
        AuthType.HTTPAccessToken => "http-access-token",
        AuthType.Basic => "basic",
        AuthType.OAuth2 => "oauth2",
        AuthType.APIToken => "api-token",
        AuthType.AccessToken => "access-token",
        _ => "app-password",
    };

    private static string Here([CallerFilePath] string path = "") => path;
}
