using System.Text.RegularExpressions;
using BitbucketOperator.Core.Port;

namespace BitbucketOperator.Core.Tests;

public sealed partial class ShownUrlTests
{
    // Where a webhook's URL is compared, hashed, sent or checked. Whoever adds a line says it to people, or knows better.
    private static readonly string[] Uses =
    [
        "Core/Observation/DesiredWebhook.cs", "Core/Ownership/IOwners.cs", "Core/Ownership/OwnerRules.cs", "Core/Planning/ScopePlanner.cs",
        "Core/Planning/SelectedScope.cs", "Core/Inventory/WrittenWebhook.cs", "Core/Mapping/ConnectionMapping.cs", "Core/Port/Webhook.cs",
        "Bitbucket/DataCenter/WebhookJson.cs", "Bitbucket/Cloud/WebhookJson.cs", "Bitbucket/DataCenter/WebhookEditor.cs",
        "Bitbucket/Cloud/WebhookEditor.cs", "Bitbucket/DataCenter/DeliveryReader.cs", "Operator/Cli/DryRun/PlannedWebhooks.cs",
    ];

    public static TheoryData<string, string> Urls => new(UrlSecrets.Shown.Select(p => (p.Key, p.Value)));

    [Theory]
    [MemberData(nameof(Urls))]
    public void Url_IsShownWithoutSecrets(string url, string shown) => ShownUrl.Of(url).ShouldBe(shown);

    [Theory]
    [MemberData(nameof(Urls))]
    public void UrlInAText_IsShownAlike(string url, string shown)
    {
        if (url.Contains("://", StringComparison.Ordinal))
        {
            ShownUrl.In($"field: Invalid value: \"{url}\": must be").ShouldBe($"field: Invalid value: \"{shown}\": must be");
        }
    }

    [Fact]
    public void LongUrl_IsCut() => ShownUrl.Of($"https://h/{new string('x', 2_000)}").Length.ShouldBe(301);

    [Fact]
    public void Secrets_AreUserInfoAndValuesAsWrittenAndDecoded() =>
        ShownUrl.SecretsOf("https://me:p%40ssword@h/x?token=abc%2Fdefg&on=true#f").Select(s => s.Reveal())
            .ShouldBe(["me:p%40ssword", "me:p@ssword", "p%40ssword", "p@ssword", "abc%2Fdefg", "abc/defg"]);

    [Fact]
    public void NoSentenceAndNoReport_PrintsTheUrlOfAWebhook()
    {
        var root = SourceTree.PathOf("src");
        var found = Directory.GetFiles(root, "*.cs", SearchOption.AllDirectories)
            .Where(f => !f.Contains("/obj/", StringComparison.Ordinal) && !f.Contains("/bin/", StringComparison.Ordinal))
            .Where(f => UrlOfWebhook().IsMatch(File.ReadAllText(f)))
            .Select(f => Path.GetRelativePath(root, f).Replace('\\', '/'));

        found.Except(Uses, StringComparer.Ordinal).ShouldBeEmpty("show a webhook's URL with ShownUrl.Of, which hides what is secret in it");
    }

    // In the places of before, none is put into a sentence.
    [Fact]
    public void PlacesThatUseTheUrl_PutItIntoNoSentence() =>
        Uses.Where(f => f != "Core/Observation/DesiredWebhook.cs" && f != "Bitbucket/DataCenter/DeliveryReader.cs")
            .Where(f => Interpolated().IsMatch(File.ReadAllText(SourceTree.PathOf(["src", .. f.Split('/')]))))
            .ShouldBeEmpty();

    [Theory]
    [InlineData("$\"the url {webhook.Url} is taken\"", true)]
    [InlineData("definition.Url", true)]
    [InlineData("change.Desired!.Url", true)]
    [InlineData("w.Webhook.Url", true)]
    [InlineData("connection.Spec.Url", false)]
    [InlineData("session.Urls", false)]
    public void Rule_KnowsUrlsOfWebhooks(string code, bool isOne) => UrlOfWebhook().IsMatch(code).ShouldBe(isOne);

    [GeneratedRegex(@"(?i:webhook|hook|definition|desired|current|entry|found|theirs|existing|\bw|\bd|\bh)[!?]?\.Url\b")]
    private static partial Regex UrlOfWebhook();

    [GeneratedRegex(@"\$""[^""]*\{[^{}""]*(?i:webhook|hook|definition|desired|current|entry|found|\bw|\bd)[!?]?\.Url\b")]
    private static partial Regex Interpolated();
}
