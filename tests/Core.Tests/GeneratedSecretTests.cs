using System.Text.RegularExpressions;
using BitbucketOperator.Core.Api.V1Alpha1;
using BitbucketOperator.Core.Credentials;
using BitbucketOperator.Core.Mapping;

namespace BitbucketOperator.Core.Tests;

public sealed partial class GeneratedSecretTests
{
    private static readonly string LongName = string.Concat(Enumerable.Repeat("a.very-long-name", 15));

    [Fact]
    public void Name_IsThatOfConnectionAndWebhook() => GeneratedSecret.NameOf("platform", "ci").ShouldBe("platform-ci");

    [Fact]
    public void NamesTooLong_AreCutAndStayApart()
    {
        string[] names = [.. new[] { "ci", "audit", new string('w', 63) }.Select(w => GeneratedSecret.NameOf(LongName + "z", w))];
        names.ShouldAllBe(n => n.Length <= 253 && Subdomain().IsMatch(n));
        names.Distinct().Count().ShouldBe(3);
    }

    [Theory]
    [InlineData(190, '.')]
    [InlineData(241, '.')]
    [InlineData(242, '-')]
    public void Cut_NeverEndsAtASeparator(int at, char separator)
    {
        var connection = new string('a', at) + separator + new string('b', 252 - at);
        var name = GeneratedSecret.NameOf(connection, "ci");
        name.ShouldMatch(Subdomain().ToString());
        name.Length.ShouldBeLessThanOrEqualTo(253);
    }

    [Fact]
    public void Labels_FitKubernetes()
    {
        var labels = Of(LongName, new WebhookSpec { Name = "ci", GenerateSecret = true })!.Labels;
        labels.Values.ShouldAllBe(v => v.Length <= 63 && LabelValue().IsMatch(v));
        labels["app.kubernetes.io/managed-by"].ShouldBe("bitbucket-operator");
        Of("platform", new WebhookSpec { Name = "ci", GenerateSecret = true })!.Labels[GeneratedSecret.ConnectionLabel].ShouldBe("platform");
    }

    [Fact]
    public void EntryWithoutIt_HasNone()
    {
        Of("platform", new WebhookSpec { Name = "ci" }).ShouldBeNull();
        Of("platform", new WebhookSpec { Name = "ci", GenerateSecret = true, SecretRef = new SecretKeyReference { Name = "ci-hook" } }).ShouldBeNull();
    }

    private static GeneratedSecret? Of(string connection, WebhookSpec webhook) =>
        GeneratedSecret.Of(
            new BitbucketConnection { Metadata = new() { Name = connection, NamespaceProperty = "ci", Uid = "u" } }.ToModel(), webhook.ToModel());

    [GeneratedRegex(@"^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Subdomain();

    [GeneratedRegex("^[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?$", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex LabelValue();
}
