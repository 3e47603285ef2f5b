namespace BitbucketOperator.BitbucketSimulator.State;

/// <summary>What a Data Center version knows. Where no source names the first version, the README marks it as a guess.</summary>
internal static class Features
{
    /// <summary>Query parameters projectkey and archived, and the field archived.</summary>
    public static bool KnowsArchived(this ServerVersion v) => v.AtLeast(8, 0);

    public static bool KnowsSslVerification(this ServerVersion v) => v.AtLeast(8, 0);

    /// <summary>Project-level webhooks, the search over both levels, and the fields scopeType and credentials.</summary>
    public static bool KnowsProjectWebhooks(this ServerVersion v) => v.AtLeast(8, 8);

    public static bool KnowsProjectTokens(this ServerVersion v) => v.AtLeast(7, 18);

    public static bool KnowsSecretScanning(this ServerVersion v) => v.AtLeast(8, 3);

    /// <summary>Version 10 writes dates inside event payloads as ISO text instead of milliseconds.</summary>
    public static bool WritesIsoPayloadDates(this ServerVersion v) => v.AtLeast(10, 0);

    /// <summary>Version 10 names other exceptions, lets nobody list without login or public access, and asks for events and a url.</summary>
    public static bool IsPlatform10(this ServerVersion v) => v.AtLeast(10, 0);

    /// <summary>Tokens are refused outside /rest and /scm since three different patch releases.</summary>
    public static bool RefusesTokensOutsideRest(this ServerVersion v) =>
        v.AtLeast(9, 3, 2) || (v is { Major: 8, Minor: 19 } && v.Patch >= 12) || (v is { Major: 8, Minor: 9 } && v.Patch >= 22);
}
