using System.Text.Json.Nodes;
using BitbucketOperator.BitbucketSimulator.Serving;

namespace BitbucketOperator.BitbucketSimulator.DataCenter;

/// <summary>
/// Pages as the server makes them: rows are fetched first and filtered by permission afterwards, so a page may be
/// short or empty although more follow, and only nextPageStart says where to go on.
/// </summary>
internal static class Paging
{
    private const int DefaultLimit = 25;

    public static Answer Page<T>(Call call, IList<T> rows, Func<T, bool> visible, Func<T, JsonNode> shape, int? cap = null)
    {
        var quirks = call.World.Quirks;
        var stride = Math.Max(1, quirks.CursorStride);
        var limit = Math.Min(call.Number("limit", DefaultLimit), Math.Max(1, cap ?? quirks.PageCap));
        if (limit == 0) throw Errors.BadRequest("limit must be greater than 0", "limit");
        var start = call.Number("start", 0);
        var first = (int)Math.Min((start + (long)stride - 1) / stride, rows.Count);
        var end = (int)Math.Min((long)first + limit, rows.Count);

        var values = new JsonArray();
        for (var i = first; i < end; i++)
        {
            if (visible(rows[i])) values.Add(shape(rows[i]));
        }

        var last = end >= rows.Count;
        var page = new JsonObject { ["size"] = values.Count, ["limit"] = limit, ["isLastPage"] = last, ["values"] = values, ["start"] = start };
        if (!last) page["nextPageStart"] = end * stride;
        else if (quirks.NullNextPageStart) page["nextPageStart"] = null;
        return Answer.Ok(page);
    }
}
