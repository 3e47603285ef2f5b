using BitbucketOperator.Cli.Settings;

namespace BitbucketOperator.Cli.Tests;

public sealed class RunOptionsTests
{
    [Theory]
    [InlineData("", "", true)]
    [InlineData("*.example.com", "", false)]
    [InlineData("", "team-a", false)]
    public void Warning_IsGivenWhereAnyNamespaceMayUseAnyHost(string hosts, string namespaces, bool warns)
    {
        var options = new RunOptions { AllowedHosts = Flags.Items(hosts), WatchNamespaces = Flags.Items(namespaces) };
        (options.Warning is not null).ShouldBe(warns);
        (options.Warning ?? "--allowed-hosts").ShouldContain("--allowed-hosts");
    }
}
