using System.Text.RegularExpressions;
using BitbucketOperator.Core.Api;
using BitbucketOperator.Core.Api.V1Alpha1;

namespace BitbucketOperator.Core.Connection;

/// <summary>
/// What fits Bitbucket Cloud and what Data Center. The resource definition refuses the same when a resource is written; an
/// older one in the cluster does not.
/// </summary>
internal static partial class FlavourRules
{
    private const string CloudHost = "bitbucket.org";

    public static bool IsCloud(Uri url) => url.Host is CloudHost or "www." + CloudHost;

    /// <summary>The workspace that a Cloud URL names; null when it names none.</summary>
    public static string? WorkspaceIn(Uri url) => url.AbsolutePath.Trim('/') is { Length: > 0 } path ? path : null;

    public static Fault? Refusal(BitbucketConnectionSpec spec, Uri url)
    {
        if (spec.Hosting is { } hosting && (hosting == Hosting.Cloud) != IsCloud(url))
        {
            return Fault.Terminal(
                Reasons.InvalidUrl,
                $"spec.hosting {hosting} does not fit spec.url: bitbucket.org is Cloud, every other host is DataCenter; remove spec.hosting to have it derived");
        }

        var address = IsCloud(url) ? OfCloudAddress(spec, url) : OfDataCenterAddress(spec, url);
        return address ?? OfKind(spec.Auth, "spec.auth", url) ?? (spec.WebhookAuth is { } second ? OfKind(second, "spec.webhookAuth", url) : null) ?? OfLevels(spec, url);
    }

    private static Fault? OfCloudAddress(BitbucketConnectionSpec spec, Uri url)
    {
        var inUrl = WorkspaceIn(url);
        if (inUrl is not null && !Slug().IsMatch(inUrl))
        {
            return Fault.Terminal(
                Reasons.InvalidUrl,
                "spec.url must name the workspace and nothing below it, as in https://bitbucket.org/acme; select repositories with spec.discovery");
        }

        if ((spec.Workspace ?? inUrl) is null)
        {
            return Fault.Terminal(
                Reasons.InvalidUrl, "spec.workspace is required on Bitbucket Cloud: set it, or write the workspace into spec.url as in https://bitbucket.org/acme");
        }

        return spec.Workspace is null || inUrl is null || string.Equals(spec.Workspace, inUrl, StringComparison.OrdinalIgnoreCase)
            ? null
            : Fault.Terminal(
                Reasons.InvalidUrl, $"spec.workspace {spec.Workspace} and spec.url, which names the workspace {inUrl}, contradict each other: keep one of them");
    }

    private static Fault? OfDataCenterAddress(BitbucketConnectionSpec spec, Uri url)
    {
        if (url.Host == "api." + CloudHost)
        {
            return Fault.Terminal(
                Reasons.InvalidUrl, "spec.url is the address of Bitbucket Cloud's API: write the one that people open, https://bitbucket.org, with the workspace as in https://bitbucket.org/acme");
        }

        return spec.Workspace is null
            ? null
            : Fault.Terminal(
                Reasons.NotSupported, "spec.workspace exists on Bitbucket Cloud only: remove it, and select projects with spec.discovery.projects");
    }

    private static Fault? OfKind(AuthSpec auth, string field, Uri url)
    {
        var isDataCenters = auth.Type is AuthType.HTTPAccessToken or AuthType.Basic;
        if (isDataCenters != IsCloud(url))
        {
            return null;
        }

        return Fault.Terminal(Reasons.NotSupported, isDataCenters
            ? $"{field}.type {auth.Type} does not exist on Bitbucket Cloud: use APIToken, AccessToken or OAuth2"
            : $"{field}.type {auth.Type} does not exist on Bitbucket Data Center: use HTTPAccessToken or Basic");
    }

    private static Fault? OfLevels(BitbucketConnectionSpec spec, Uri url)
    {
        var (missing, right) = IsCloud(url) ? (WebhookLevel.Project, WebhookLevel.Workspace) : (WebhookLevel.Workspace, WebhookLevel.Project);
        return spec.Webhooks.Find(w => w.Level == missing) is { } webhook
            ? Fault.Terminal(
                Reasons.NotSupported,
                $"spec.webhooks[{webhook.Name}].level {missing} does not exist on Bitbucket {(IsCloud(url) ? "Cloud" : "Data Center")}: use {right}, Auto or Repository")
            : null;
    }

    [GeneratedRegex("^[A-Za-z0-9_-]+$")]
    private static partial Regex Slug();
}
