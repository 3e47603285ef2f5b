using System.Globalization;
using System.Text.Json.Nodes;
using BitbucketOperator.BitbucketSimulator.DataCenter;
using BitbucketOperator.BitbucketSimulator.Deliveries;
using BitbucketOperator.BitbucketSimulator.Faults;
using BitbucketOperator.BitbucketSimulator.Serving;
using BitbucketOperator.BitbucketSimulator.State;

namespace BitbucketOperator.BitbucketSimulator;

/// <summary>The Data Center flavour's shared parts.</summary>
internal sealed class Backend(World world, SimulatorOptions options) : Server(options)
{
    public World World => world;

    public DeliveryService Deliveries => field ??= new DeliveryService(this);

    public override string ContextPath { get; } = NormalPath(options.ContextPath);

    public string LinksBase => (world.Quirks.LinksBase ?? Origin + ContextPath).TrimEnd('/');

    public override int PageOf(HttpRequest request)
    {
        int Read(string name, int fallback) =>
            int.TryParse(request.Query[name], NumberStyles.None, CultureInfo.InvariantCulture, out var n) && n > 0 ? n : fallback;
        var quirks = world.Quirks;
        var cap = request.Path.Value!.Contains("/webhooks", StringComparison.Ordinal) ? quirks.WebhookPageCap : quirks.PageCap;
        return 1 + (Read("start", 0) / Math.Max(1, quirks.CursorStride) / Math.Min(Read("limit", 25), Math.Max(1, cap)));
    }

    public override Answer Unavailable(PathString pathBase) => FrontDoor.Unavailable(world, pathBase);

    public override void SpoilPage(JsonObject page, Fault fault, HttpRequest request)
    {
        if (page["isLastPage"] is null || fault.Kind == FaultKind.PagingToAnotherHost) return;
        page["isLastPage"] = false;
        page.Remove("nextPageStart");
        if (fault.Kind == FaultKind.PagingNotIncreasing) page["nextPageStart"] = page["start"]?.DeepClone();
        if (fault.Kind == FaultKind.PagingEndless) page["nextPageStart"] = (page["start"]?.GetValue<int>() ?? 0) + 1000;
    }

    private static string NormalPath(string path)
    {
        var trimmed = path.Trim('/');
        return trimmed.Length == 0 ? "" : "/" + trimmed;
    }
}
