using System.Text.RegularExpressions;
using BitbucketOperator.Core.Api;
using BitbucketOperator.Core.Credentials;
using BitbucketOperator.Core.Messages;
using BitbucketOperator.Core.Model;
using BitbucketOperator.Core.Port;

namespace BitbucketOperator.Core.Validation;

/// <summary>
/// What fits Bitbucket Cloud and what Data Center. The resource definition refuses the same when a resource is written; an
/// older one in the cluster does not.
/// </summary>
internal static partial class FlavourRules
{
    public static Fault? Refusal(ConnectionSpec spec, Uri url)
    {
        if (spec.DeclaredFlavour is { } flavour && (flavour == Flavour.Cloud) != HttpUrl.IsCloud(url))
        {
            return Fault.Terminal(Reasons.InvalidUrl, Sentences.HostingDiffers(flavour), Fields.Hosting);
        }

        var address = HttpUrl.IsCloud(url) ? OfCloudAddress(spec, url) : OfDataCenterAddress(spec, url);
        return address
            ?? OfKind(spec.Auth, Fields.Auth, url)
            ?? (spec.WebhookAuth is { } second ? OfKind(second, Fields.WebhookAuth, url) : null)
            ?? OfLevels(spec, url);
    }

    private static Fault? OfCloudAddress(ConnectionSpec spec, Uri url)
    {
        var inUrl = HttpUrl.WorkspaceIn(url);
        if (inUrl is not null && !Slug().IsMatch(inUrl))
        {
            return Fault.Terminal(Reasons.InvalidUrl, Sentences.UrlBelowWorkspace, Fields.Url);
        }

        if ((spec.DeclaredWorkspace ?? inUrl) is null)
        {
            return Fault.Terminal(Reasons.InvalidUrl, Sentences.WorkspaceRequired, Fields.Workspace);
        }

        return spec.DeclaredWorkspace is null || inUrl is null
            || string.Equals(spec.DeclaredWorkspace, inUrl, StringComparison.OrdinalIgnoreCase)
            ? null
            : Fault.Terminal(Reasons.InvalidUrl, Sentences.WorkspacesDiffer(spec.DeclaredWorkspace, inUrl), Fields.Workspace);
    }

    private static Fault? OfDataCenterAddress(ConnectionSpec spec, Uri url)
    {
        if (url.Host == "api." + HttpUrl.CloudHost)
        {
            return Fault.Terminal(Reasons.InvalidUrl, Sentences.UrlOfCloudApi, Fields.Url);
        }

        return spec.DeclaredWorkspace is null
            ? null
            : Fault.Terminal(Reasons.NotSupported, Sentences.WorkspaceOnCloudOnly, Fields.Workspace);
    }

    private static Fault? OfKind(CredentialSource auth, string authField, Uri url)
    {
        var flavour = HttpUrl.IsCloud(url) ? Flavour.Cloud : Flavour.DataCenter;
        if (CredentialDescriptors.Of(auth.Kind).Flavour == flavour)
        {
            return null;
        }

        var kinds = CredentialDescriptors.All.Where(d => d.Flavour == flavour && !d.IsRemoved).Select(d => d.Kind);
        var field = $"{authField}.type";
        return Fault.Terminal(Reasons.NotSupported, Sentences.KindMissing(field, auth.Kind, flavour, kinds), field);
    }

    private static Fault? OfLevels(ConnectionSpec spec, Uri url)
    {
        var (flavour, missing, right) = HttpUrl.IsCloud(url)
            ? (Flavour.Cloud, LevelChoice.Project, LevelChoice.Workspace)
            : (Flavour.DataCenter, LevelChoice.Workspace, LevelChoice.Project);
        if (spec.Webhooks.FirstOrDefault(w => w.Level == missing) is not { } webhook)
        {
            return null;
        }

        var field = $"{Fields.Webhook(webhook.Name)}.level";
        return Fault.Terminal(Reasons.NotSupported, Sentences.LevelMissing(field, missing, flavour, right), field);
    }

    [GeneratedRegex("^[A-Za-z0-9_-]+$")]
    private static partial Regex Slug();
}
