using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using BitbucketOperator.BitbucketSimulator.Serving;

namespace BitbucketOperator.BitbucketSimulator.Cloud.Api;

/// <summary>Pages whose <c>next</c> has to be followed as it is.</summary>
internal static class CloudPaging
{
    private const string Cursor = "after";

    /// <summary>Which page a listing request asks for, from 1.</summary>
    public static int PageOf(HttpRequest request, CloudQuirks quirks)
    {
        var length = int.TryParse(request.Query["pagelen"], NumberStyles.None, CultureInfo.InvariantCulture, out var given) ? given : quirks.DefaultPagelen;
        var bounded = Bounded(length, quirks, quirks.MaxPagelen);
        return 1 + ((Start(request.Query[Cursor], request.Query["page"], bounded) ?? 0) / bounded);
    }

    public static Answer Page<T>(CloudCall call, IReadOnlyList<T> rows, Func<T, JsonNode> shape, int? cap = null)
    {
        var quirks = call.World.Quirks;
        var max = Math.Min(quirks.MaxPagelen, cap ?? quirks.MaxPagelen);
        var length = Pagelen(call, quirks, max);
        var start = Start(call.Query(Cursor), call.Query("page"), length) ?? throw CloudErrors.BadRequest("Invalid page");
        var values = new JsonArray([.. rows.Skip(start).Take(length).Select(shape)]);
        var json = new JsonObject { ["pagelen"] = length, ["values"] = values };
        if (!quirks.OpaqueNext) json["page"] = (start / length) + 1;
        if (!quirks.OmitSize) json["size"] = rows.Count;
        if (start > 0 && !quirks.OpaqueNext) json["previous"] = Link(call, length, start - length, opaque: false);
        if (start + length < rows.Count) json["next"] = Link(call, length, start + length, quirks.OpaqueNext);
        else if (quirks.EmptyNextAtEnd) json["next"] = "";
        return Answer.Ok(json);
    }

    private static int Pagelen(CloudCall call, CloudQuirks quirks, int max)
    {
        if (call.Query("pagelen") is not { Length: > 0 } text) return Bounded(quirks.DefaultPagelen, quirks, max);
        var valid = int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var given) && given > 0;
        if (!valid || (given > max && quirks.RefuseLargePagelen)) throw CloudErrors.BadRequest("Invalid pagelen");
        return Bounded(given, quirks, max);
    }

    private static int Bounded(int length, CloudQuirks quirks, int max) => Math.Max(1, Math.Min(Math.Max(length, quirks.MinPagelen), max));

    /// <summary>Index of the first row; null for nonsense.</summary>
    private static int? Start(string? cursor, string? page, int length)
    {
        if (!string.IsNullOrEmpty(cursor)) return Decode(cursor);
        if (string.IsNullOrEmpty(page)) return 0;
        return int.TryParse(page, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number > 0 ? (number - 1) * length : null;
    }

    private static string Link(CloudCall call, int length, int start, bool opaque)
    {
        var link = new StringBuilder(call.Backend.LinksBase).Append(call.Request.Path.ToUriComponent()).Append('?');
        foreach (var (name, values) in call.Request.Query)
        {
            if (name is "pagelen" or "page" or Cursor) continue;
            foreach (var value in values) link.Append(name).Append('=').Append(Uri.EscapeDataString(value ?? "")).Append('&');
        }

        link.Append(CultureInfo.InvariantCulture, $"pagelen={length}&");
        return (opaque ? link.Append($"{Cursor}={Encode(start)}") : link.Append(CultureInfo.InvariantCulture, $"page={(start / length) + 1}")).ToString();
    }

    private static string Encode(int start) =>
        Uri.EscapeDataString(Convert.ToBase64String(Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"row {start} of this listing"))));

    private static int? Decode(string cursor)
    {
        var bytes = new byte[cursor.Length];
        if (!Convert.TryFromBase64String(cursor, bytes, out var length)) return null;
        var words = Encoding.ASCII.GetString(bytes, 0, length).Split(' ');
        return words.Length > 1 && int.TryParse(words[1], NumberStyles.None, CultureInfo.InvariantCulture, out var start) ? start : null;
    }
}
