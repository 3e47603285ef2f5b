using System.Text;
using BitbucketOperator.Core.Credentials;
using BitbucketOperator.Core.Model;
using BitbucketOperator.Core.Port;

namespace BitbucketOperator.Core.Tests;

/// <summary>Values that cannot be what somebody meant: refused in each part of each credential, by the name of the character, never sent.</summary>
public sealed class SecretFlawsTests
{
    public static TheoryData<string, string> Hidden => new()
    {
        { "\ufeffvalue", "has a byte order mark (U+FEFF) at position 1" },
        { "va\u200blue", "has a zero-width space (U+200B) at position 3" },
        { "va\u200dlue", "has a zero-width joiner (U+200D) at position 3" },
        { "value\u2060", "has a word joiner (U+2060) at position 6" },
        { "va\u00adlue", "has a soft hyphen (U+00AD) at position 3" },
        { "va\u202elue", "has a direction mark (U+202E) at position 3" },
        { "va\rlue", "has a carriage return at position 3" },
        { "va\nlue", "has a line break at position 3" },
        { "va\tlue", "has a tab at position 3" },
        { "va\0lue", "has a NUL at position 3" },
        { "va\u001blue", "has a control character (U+001B) at position 3" },
        { "😀\u200bvalue", "has a zero-width space (U+200B) at position 2" },
        { "vAlue\n", "ends with a line break" },
        { "vAlue\r\n", "ends with a line break" },
        { " vAlue", "begins or ends with white space" },
        { "vAlue\u00a0", "begins or ends with white space" },
        { "${TOKEN}", "is a placeholder" },
        { "${TOKEN:=x}", "is a placeholder" },
        { "$(TOKEN)", "is a placeholder" },
        { "ENC[AES256_GCM,data:Tr7o=,iv:1=,tag:k=,type:str]", "is a placeholder" },
        { "<path:secret/data/bitbucket#token>", "is a placeholder" },
        { "<your token>", "is a placeholder" },
        { "{{ .Values.token }}", "is a placeholder" },
        { "ref+vault://secret/bitbucket#/token", "is a placeholder" },
        { "vault:secret/data/bitbucket#token", "is a placeholder" },
        { "op://platform/bitbucket/token", "is a placeholder" },
        { "<bitbucket-token>", "is a placeholder" },
        { "CHANGE_ME", "is a placeholder" },
        { "a\u200d😀", "has a zero-width joiner (U+200D) at position 2" },
        { "a\ufe0f", "has an invisible character (U+FE0F) at position 2" },
        { "می\u200c", "has a zero-width non-joiner (U+200C) at position 3" },
        { "pa\ufffdss", "is not UTF-8 at position 3" },
        { "replace-with-the-token", "is a placeholder" },
        { "REPLACE_ME", "is a placeholder" },
    };

    [Theory]
    [MemberData(nameof(Hidden))]
    public void EveryPart_RefusesIt(string value, string flaw)
    {
        foreach (var fault in FaultsWith(Encoding.UTF8.GetBytes(value)))
        {
            fault.Message.ShouldContain(flaw);
            fault.Message.ShouldNotContain(value, Case.Sensitive);
            fault.Reason.Name.ShouldBeOneOf("SecretValueMalformed", "WebhookSecretInvalid", "ProxySecretInvalid");
        }
    }

    [Fact]
    public void BytesOfAnotherEncoding_AreCounted()
    {
        // Latin-1: p, é, s.
        foreach (var fault in FaultsWith([0x70, 0xe9, 0x73]))
        {
            fault.Message.ShouldContain("is not UTF-8 at position 2. Save the value as UTF-8");
        }
    }

    [Theory]
    [InlineData("pa ss", "has a space at position 3, which tokens do not have")]
    [InlineData("pa\u00a0ss", "has a no-break space (U+00A0) at position 3, which tokens do not have")]
    [InlineData("\"pass\"", "stands in quotes, which tokens do not have")]
    [InlineData("'pass'", "stands in quotes, which tokens do not have")]
    [InlineData("passé", "has a character beyond ASCII at position 5, which tokens do not have")]
    public void Token_HasNeitherBlanksNorOtherLetters(string token, string flaw)
    {
        foreach (var kind in new[] { CredentialKind.HTTPAccessToken, CredentialKind.APIToken, CredentialKind.AccessToken })
        {
            Read(kind, "token", Encoding.UTF8.GetBytes(token)).Message.ShouldContain(flaw);
        }
    }

    [Theory]
    [InlineData("correct horse battery stäple")]
    [InlineData("$ecret${not}a-placeholder")]
    [InlineData("pa$$word")]
    [InlineData("<html>")]
    [InlineData("changeme-2024")]
    [InlineData("AgBsecret")]
    [InlineData("Replace_This_2024!")]
    [InlineData("$(whoami)")]
    [InlineData("\"quoted\"")]
    [InlineData("I❤️k8s")]
    [InlineData("1️⃣two")]
    [InlineData("↔\ufe0f‼\ufe0f")]
    [InlineData("👩🏽\u200d💻")]
    [InlineData("🏳️\u200d🌈")]
    [InlineData("می\u200cخواهم")]
    [InlineData("क्\u200dष")]
    public void OrdinaryPassword_IsTaken(string password)
    {
        var data = new Dictionary<string, byte[]>(StringComparer.Ordinal)
        {
            ["username"] = "bot"u8.ToArray(), ["password"] = Encoding.UTF8.GetBytes(password),
        };
        var credential = SecretReader.ReadCredential(
            new CredentialSource(CredentialKind.Basic, "s"), new ReferencedData("Secret", "ci", "s", data), "spec.auth", SecretRules.Default);

        credential.Succeeded.ShouldBeTrue();
    }

    private static IEnumerable<Fault> FaultsWith(byte[] value)
    {
        foreach (var kind in Enum.GetValues<CredentialKind>())
        {
            foreach (var key in SecretReader.KeysOf(new CredentialSource(kind, "s")))
            {
                yield return Read(kind, key, value);
            }
        }

        var proxy = Data(("username", "u"u8.ToArray()), ("password", value));
        yield return SecretReader.ReadProxyLogin(proxy, SecretRules.Default).Fault.ShouldNotBeNull();
        var hook = Data(("secret", value));
        yield return SecretReader.ReadWebhookSecret("ci", new SecretKeySource("s", "secret"), hook, SecretRules.Default).Fault.ShouldNotBeNull();
        yield return SecretReader.ReadGeneratedSecret("ci", hook, SecretRules.Default).Fault.ShouldNotBeNull();
    }

    // The other parts are good.
    private static Fault Read(CredentialKind kind, string key, byte[] value)
    {
        var auth = new CredentialSource(kind, "s");
        var parts = SecretReader.KeysOf(auth).Select(k => (k, k == key ? value : k == "email" ? "a@b"u8.ToArray() : "good"u8.ToArray()));
        return SecretReader.ReadCredential(auth, Data([.. parts]), "spec.auth", SecretRules.Default).Fault.ShouldNotBeNull($"{kind} {key}");
    }

    private static ReferencedData Data(params (string Key, byte[] Value)[] values) =>
        new("Secret", "ci", "s", values.ToDictionary(v => v.Key, v => v.Value, StringComparer.Ordinal));
}
