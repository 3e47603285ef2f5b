using System.CommandLine;
using System.CommandLine.Parsing;
using BitbucketOperator.Core.Api;
using BitbucketOperator.Core.Port;
using static BitbucketOperator.Cli.Settings.Flags;

namespace BitbucketOperator.Cli.Settings;

/// <summary>
/// The flags that say how Bitbucket may be talked to, and with which Secrets: the same for the controller and for every check.
/// </summary>
internal sealed class ServerFlags
{
    private static readonly RunOptions Defaults = new();

    private readonly Option<int> _requests = Number(
        "--max-requests-per-host",
        "Requests in flight at most to one Bitbucket, for each account and each proxy.",
        Defaults.MaxRequestsPerHost,
        1,
        256);

    private readonly Option<int> _share = Number(
        "--rate-limit-share",
        "Percentage of a Bitbucket's rate limit that is used: of Cloud's 1,000 requests per hour, and of what is learned from a "
        + "Data Center that answers 429.",
        Defaults.LimitShare,
        1,
        100);

    private readonly Option<int> _repositories = Number(
        "--max-repositories",
        "Repositories at most of one connection. Beyond it discovery stops, and none of the connection's webhooks is changed.",
        Defaults.MaxRepositories,
        1,
        1_000_000);

    private readonly Option<bool> _allowHttp = Switch(
        "--allow-http", "Accept http in spec.url and webhook URLs. Credentials then travel unencrypted.", Defaults.AllowHttp);

    private readonly Option<string?> _hosts = Text(
        "--allowed-hosts",
        "Hosts that spec.url and spec.proxy.url may name, separated by commas; * stands for any characters. "
        + "A host without * may also lead to an address that is refused otherwise, such as loopback. Default: every host.",
        null);

    private readonly Option<bool> _denyPrivate = Switch(
        "--deny-private", "Refuse private addresses too, unless --allowed-hosts lists the host without *.", Defaults.DenyPrivate);

    private readonly Option<bool> _requireLabel = Switch(
        "--require-secret-label",
        $"Use only Secrets with the label {Labels.Credential}=true as credentials and webhook secrets; CA bundles need none.",
        Defaults.RequireSecretLabel);

    private readonly Option<string?> _cloudApi = Url("--cloud-api-url", "Root of Bitbucket Cloud's REST API.", Defaults.CloudApiUrl);

    private readonly Option<string?> _cloudToken = Url(
        "--cloud-token-url", "Where Bitbucket Cloud gives tokens to OAuth consumers.", Defaults.CloudTokenUrl);

    public ServerFlags() => _hosts.Validators.Add(RefuseBadHosts);

    public IEnumerable<Option> All =>
        [_requests, _share, _repositories, _allowHttp, _hosts, _denyPrivate, _requireLabel, _cloudApi, _cloudToken];

    /// <summary>The options with these flags set, and all else by default.</summary>
    public RunOptions Read(ParseResult parsed) => new()
    {
        MaxRequestsPerHost = parsed.GetValue(_requests),
        LimitShare = parsed.GetValue(_share),
        MaxRepositories = parsed.GetValue(_repositories),
        AllowHttp = parsed.GetValue(_allowHttp),
        AllowedHosts = Items(parsed.GetValue(_hosts)),
        DenyPrivate = parsed.GetValue(_denyPrivate),
        RequireSecretLabel = parsed.GetValue(_requireLabel),
        CloudApiUrl = new Uri(parsed.GetValue(_cloudApi)!),
        CloudTokenUrl = new Uri(parsed.GetValue(_cloudToken)!),
    };

    private static void RefuseBadHosts(OptionResult result)
    {
        foreach (var entry in Items(result.GetValueOrDefault<string?>()))
        {
            if (HostRules.Flaw(entry) is { } flaw)
            {
                result.AddError($"--allowed-hosts: '{entry}' {flaw}");
            }
        }
    }
}
