using System.IO.Compression;
using System.Text;

namespace BitbucketOperator.Bitbucket.Tests.Http;

/// <summary>Answers as bytes.</summary>
internal static class Bodies
{
    /// <summary>An empty page of either flavour.</summary>
    public const string EmptyPage = """{"isLastPage":true,"values":[]}""";

    public const string Head = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n";

    public const string GzipHead = Head + "Content-Encoding: gzip\r\n";

    public static ReadOnlyMemory<byte> Answer(string body, int status = 200) => Answer(Encoding.UTF8.GetBytes(body), status);

    public static ReadOnlyMemory<byte> Answer(byte[] body, int status = 200)
    {
        var head = $"HTTP/1.1 {status} So\r\nContent-Type: application/json\r\nContent-Length: {body.Length}\r\n\r\n";
        return (byte[])[.. Encoding.ASCII.GetBytes(head), .. body];
    }

    /// <summary>Nothing, packed.</summary>
    public static byte[] GzipOfNothing { get; } = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0];

    public static byte[] Gzip(string text) => Gzip(Encoding.UTF8.GetBytes(text));

    public static byte[] Gzip(byte[] bytes)
    {
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Fastest, leaveOpen: true)) gzip.Write(bytes);
        return packed.ToArray();
    }

    /// <summary>The same again and again, in one piece of some 64 KiB.</summary>
    public static byte[] Many(byte[] part) => [.. Enumerable.Repeat(part, (65_536 / part.Length) + 1).SelectMany(p => p)];

    public static byte[] Many(string part) => Many(Encoding.UTF8.GetBytes(part));
}
