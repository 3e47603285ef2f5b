using System.Text;
using BitbucketOperator.Core.Port;

namespace BitbucketOperator.Bitbucket.Http;

/// <summary>
/// The boundary that all text of a server passes before it becomes part of a Port type: bounded, without hidden characters, and without
/// the secrets of the connection, in whatever form the server repeats them.
/// </summary>
internal sealed class ServerText(params IReadOnlyList<SecretText> secrets)
{
    private const string Mask = "***";
    private const int MaxShown = 300;
    private const int MaxRead = 4_000;
    private const int MaxKept = 8_000;
    private const int MaxUrl = 1_000;

    // An ordinary name may hold a short word that is somebody's password as well.
    private const int ShortestTold = 12;
    private const int ShortestEqual = 8;

    // Shorter ones are masked where they stand alone, not within words.
    private const int ShortestInWords = 4;

    private string[]? _forms;

    /// <summary>For what comes before any secret was sent.</summary>
    public static ServerText WithoutSecrets { get; } = new();

    private string[] Forms => _forms ??= SecretForms.Of(secrets);

    /// <summary>The boundary of a target.</summary>
    /// <param name="target">Its credential and its proxy's login.</param>
    /// <param name="other">Another credential of the same connection.</param>
    public static ServerText Of(ConnectionTarget target, Credential? other)
    {
        SecretText[] proxy = target.Proxy is { Username: { } name, Password: { } password }
            ? [password, new($"{name}:{password.Reveal()}")]
            : [];
        return new([.. target.Credential.Secrets, .. other?.Secrets ?? [], .. proxy]);
    }

    /// <summary>The same with further secrets.</summary>
    public ServerText With(params IReadOnlyCollection<SecretText> more) => more.Count == 0 ? this : new([.. secrets, .. more]);

    /// <summary>
    /// Text to be shown: one line of at most 300 characters without hidden ones, secrets masked, and URLs as people may see them.
    /// </summary>
    public string Clean(string text)
    {
        var line = ShownUrl.In(Masked(VisibleText.OneLine(Read(text, out var cut))));

        // What is left of a secret that was cut is behind what is shown, or goes.
        if (cut) line = line[..^Math.Min(line.Length, Longest)];
        return line.Length > MaxShown ? $"{line[..(char.IsHighSurrogate(line[MaxShown - 1]) ? MaxShown - 1 : MaxShown)]}…" : line;
    }

    /// <summary>The same; null for null, and for what nothing is left of.</summary>
    public string? CleanOrNull(string? text) => text is not null && Clean(text) is { Length: > 0 } clean ? clean : null;

    /// <summary>The text with secrets masked and nothing else changed: for sentences of our own.</summary>
    public string MaskLong(string text) =>
        Forms.Where(f => f.Length >= ShortestTold).Aggregate(text, (masked, form) => masked.Replace(form, Mask, StringComparison.OrdinalIgnoreCase));

    /// <summary>
    /// True when a name or an address tells a secret: it is one of 8 characters or more, or holds one of 12 or more. Such a name is used
    /// nowhere.
    /// </summary>
    public bool IsRepeatedIn(string? text) => text is not null && Array.Exists(Forms, form =>
        form.Length >= ShortestTold
            ? text.Contains(form, StringComparison.OrdinalIgnoreCase)
            : form.Length >= ShortestEqual && text.Equals(form, StringComparison.OrdinalIgnoreCase));

    /// <summary>An address that is shown and never called; null when it is none, too long, or tells a secret.</summary>
    public string? Address(string? href) =>
        href is { Length: > 0 and <= MaxUrl } && !href.AsSpan().ContainsAnyExceptInRange('!', '~') && !IsRepeatedIn(href) ? href : null;

    /// <summary>Text that is compared and never shown, bounded.</summary>
    public static string Kept(string? text) => text is null ? "" : text.Length <= MaxKept ? text : text[..MaxKept];

    private int Longest => Forms.Length == 0 ? 0 : Forms[0].Length;

    private string Masked(string text) => Forms.Aggregate(text, (masked, form) =>
        form.Length >= ShortestInWords ? masked.Replace(form, Mask, StringComparison.OrdinalIgnoreCase) : MaskedAlone(masked, form));

    private static string MaskedAlone(string text, string form)
    {
        var masked = new StringBuilder(text.Length);
        var from = 0;
        for (int at; (at = text.IndexOf(form, from, StringComparison.OrdinalIgnoreCase)) >= 0;)
        {
            var end = at + form.Length;
            var standsAlone = !IsInWord(text, at - 1) && !IsInWord(text, end);
            masked.Append(text, from, at - from);
            if (standsAlone) masked.Append(Mask);
            else masked.Append(text, at, form.Length);
            from = end;
        }

        return masked.Append(text, from, text.Length - from).ToString();
    }

    private static bool IsInWord(string text, int at) => at >= 0 && at < text.Length && char.IsLetterOrDigit(text[at]);

    private string Read(string text, out bool cut)
    {
        var most = MaxRead + Longest;
        cut = text.Length > most;
        return cut ? text[..most] : text;
    }
}
