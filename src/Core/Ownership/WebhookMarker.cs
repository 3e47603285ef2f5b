using System.Buffers;
using BitbucketOperator.Core.Port;

namespace BitbucketOperator.Core.Ownership;

/// <summary>
/// The text by which the operator knows its own webhooks, kept with the webhook itself so that ownership survives the loss
/// of status and of the whole cluster.
/// </summary>
/// <param name="Owner">Id of the owner.</param>
/// <param name="Hook">Name of the entry in spec.webhooks.</param>
/// <param name="SecretFingerprint">Tells a rotated secret where the server hides it; null without a secret.</param>
public sealed record WebhookMarker(string Owner, string Hook, string? SecretFingerprint)
{
    /// <summary>Tells the owner's cluster; null in markers of earlier versions, and where the cluster is not known.</summary>
    public string? Cluster { get; init; }

    private const string Prefix = "bitbucket-operator/1";
    private const string TitleWord = "(bitbucket-operator ";
    private const string DescriptionWord = "managed by ";
    private const int TitleLimit = 255;
    private const int NameLimit = 64 + 253;
    private static readonly SearchValues<char> NameCharacters = SearchValues.Create("abcdefghijklmnopqrstuvwxyz0123456789-./");

    /// <summary>Reads a marker; null when the text is not one of ours. Words of later versions are passed over.</summary>
    public static WebhookMarker? Parse(string? text)
    {
        if (text is null || !text.StartsWith(Prefix + " ", StringComparison.Ordinal))
        {
            return null;
        }

        string? owner = null, hook = null, secret = null, cluster = null;
        foreach (var word in text.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            _ = word.Split('=', 2) switch
            {
                ["owner", var value] => owner = value,
                ["hook", var value] => hook = value,
                ["secret", var value] => secret = value,
                ["cluster", var value] => cluster = value,
                _ => null,
            };
        }

        return owner is null || hook is null ? null : new WebhookMarker(owner, hook, secret) { Cluster = cluster };
    }

    /// <summary>
    /// The marker of a webhook found on a server. Where an edit dropped the marker, the title still tells the owner.
    /// </summary>
    public static WebhookMarker? Of(Webhook webhook, WebhookOwner self) =>
        Parse(webhook.Marker) ?? FromTitle(webhook.Title, self);

    /// <summary>The name of the entry in spec.webhooks that a webhook found on a server is ours for; null when it is not ours.</summary>
    public static string? HookOf(Webhook webhook, WebhookOwner self) => Of(webhook, self) is { } marker && marker.Owner == self.Id ? marker.Hook : null;

    /// <summary>
    /// The owner's <c>namespace/name</c>, as the title or the text after the marker gives it; null where neither gives a possible one.
    /// </summary>
    public static string? OwnerNameOf(Webhook webhook) => webhook.RepeatsCredential
        ? null
        : NameAfter(webhook.Marker, " " + DescriptionWord, end: "") ?? NameAfter(webhook.Title, " " + TitleWord, end: " ");

    /// <summary>The title that people see in Bitbucket, such as <c>ci (bitbucket-operator team/platform 3f9a1c2b7d8e9f00)</c>.</summary>
    public static string Title(string hook, WebhookOwner owner)
    {
        var room = TitleLimit - hook.Length - TitleWord.Length - owner.Id.Length - 3;
        return $"{hook} {TitleWord}{NameOf(owner, room)} {owner.Id})";
    }

    /// <summary>
    /// The text to keep with the webhook where there is one text only, for people too: the marker, then whose the webhook is,
    /// such as <c>… hook=ci managed by ci/platform</c>.
    /// </summary>
    public string Description(WebhookOwner owner)
    {
        var marker = $"{this} {DescriptionWord}";
        return marker + NameOf(owner, TitleLimit - marker.Length);
    }

    /// <summary>The text to keep with the webhook.</summary>
    public override string ToString() =>
        $"{Prefix} owner={Owner} hook={Hook}"
        + (SecretFingerprint is null ? "" : $" secret={SecretFingerprint}")
        + (Cluster is null ? "" : $" cluster={Cluster}");

    // A name is shown to people, so that it must be one: anybody can write a title.
    private static string? NameAfter(string? text, string word, string end)
    {
        var start = text?.IndexOf(word, StringComparison.Ordinal) ?? -1;
        if (start < 0)
        {
            return null;
        }

        var name = text.AsSpan(start + word.Length);
        name = end.Length > 0 && name.IndexOf(end, StringComparison.Ordinal) is >= 0 and var length ? name[..length] : name;
        return name.Length <= NameLimit && name.Count('/') == 1 && !name.ContainsAnyExcept(NameCharacters) ? name.ToString() : null;
    }

    private static string NameOf(WebhookOwner owner, int room)
    {
        var name = $"{owner.Namespace}/{owner.Name}";
        return name.Length > room ? name[..room] : name;
    }

    private static WebhookMarker? FromTitle(string title, WebhookOwner self)
    {
        var hook = title.Split(' ', 2)[0];
        return title == Title(hook, self) ? new WebhookMarker(self.Id, hook, SecretFingerprint: null) : null;
    }
}
