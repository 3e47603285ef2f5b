#pragma warning disable IDE0130, CA1050, MA0047 // As a receiver would have it, and the page shows it.
using System.Security.Cryptography;
using System.Text;

public static class Receiver
{
    /// <summary>True when one of the secrets signed the body: the new one, or the old one while it is rotated.</summary>
    public static bool IsSigned(ReadOnlyMemory<byte> body, string? header, params string[] secrets)
    {
        string Signature(string secret) => "sha256=" + Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), body.Span));

        return header is not null
            && secrets.Any(s => CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(Signature(s)), Encoding.UTF8.GetBytes(header)));
    }
}
