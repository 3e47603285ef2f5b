using BitbucketOperator.Core.Api.V1Alpha1;
using BitbucketOperator.Core.Model;
using BitbucketOperator.Core.Port;

namespace BitbucketOperator.Core.Mapping;

/// <summary>The values of v1alpha1's enumerations, one by one: a value that is added and not mapped does not compile.</summary>
public static class EnumMapping
{
    /// <summary>A flavour of the spec.</summary>
    public static Flavour ToModel(this Hosting hosting) => hosting switch
    {
        Hosting.DataCenter => Flavour.DataCenter,
        Hosting.Cloud => Flavour.Cloud,
    };

    /// <summary>A flavour for status.</summary>
    public static Hosting ToApi(this Flavour flavour) => flavour switch
    {
        Flavour.DataCenter => Hosting.DataCenter,
        Flavour.Cloud => Hosting.Cloud,
    };

    /// <summary>A kind of credential of the spec.</summary>
    public static CredentialKind ToModel(this AuthType type) => type switch
    {
        AuthType.HTTPAccessToken => CredentialKind.HTTPAccessToken,
        AuthType.Basic => CredentialKind.Basic,
        AuthType.OAuth2 => CredentialKind.OAuth2,
        AuthType.APIToken => CredentialKind.APIToken,
        AuthType.AccessToken => CredentialKind.AccessToken,
        AuthType.AppPassword => CredentialKind.AppPassword,
    };

    /// <summary>A mode of the spec.</summary>
    public static WriteMode ToModel(this Mode mode) => mode switch
    {
        Mode.Enforce => WriteMode.Enforce,
        Mode.Plan => WriteMode.Plan,
    };

    /// <summary>A rule of adoption of the spec.</summary>
    public static AdoptionRule ToModel(this Adoption adoption) => adoption switch
    {
        Adoption.IfIdentical => AdoptionRule.IfIdentical,
        Adoption.Never => AdoptionRule.Never,
        Adoption.Always => AdoptionRule.Always,
    };

    /// <summary>A policy of the spec.</summary>
    public static DeletionRule ToModel(this DeletionPolicy policy) => policy switch
    {
        DeletionPolicy.Delete => DeletionRule.Delete,
        DeletionPolicy.Retain => DeletionRule.Retain,
    };

    /// <summary>A level of the spec.</summary>
    public static LevelChoice ToModel(this WebhookLevel level) => level switch
    {
        WebhookLevel.Auto => LevelChoice.Auto,
        WebhookLevel.Repository => LevelChoice.Repository,
        WebhookLevel.Project => LevelChoice.Project,
        WebhookLevel.Workspace => LevelChoice.Workspace,
    };

    /// <summary>True for a Secret.</summary>
    public static bool IsSecret(this CaBundleKind kind) => kind switch
    {
        CaBundleKind.ConfigMap => false,
        CaBundleKind.Secret => true,
    };

    /// <summary>Whether a capability is there, for status.</summary>
    public static PermissionState ToApi(this Grant grant) => grant switch
    {
        Grant.Unknown => PermissionState.Unknown,
        Grant.Granted => PermissionState.Granted,
        Grant.Missing => PermissionState.Missing,
    };

    /// <summary>How a capability was found out, for status.</summary>
    public static FoundBy ToApi(this Evidence evidence) => evidence switch
    {
        Evidence.NotTried => FoundBy.NotTried,
        Evidence.Tried => FoundBy.Tried,
        Evidence.Scopes => FoundBy.Scopes,
    };

    /// <summary>What a credential belongs to, for status.</summary>
    public static AccountKind ToApi(this PrincipalKind kind) => kind switch
    {
        PrincipalKind.User => AccountKind.User,
        PrincipalKind.ProjectOrRepository => AccountKind.ProjectOrRepository,
        PrincipalKind.Repository => AccountKind.Repository,
        PrincipalKind.Project => AccountKind.Project,
        PrincipalKind.Workspace => AccountKind.Workspace,
        PrincipalKind.OAuthConsumer => AccountKind.OAuthConsumer,
    };
}
