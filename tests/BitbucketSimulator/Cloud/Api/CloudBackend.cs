using System.Text.Json.Nodes;
using BitbucketOperator.BitbucketSimulator.Faults;
using BitbucketOperator.BitbucketSimulator.Serving;
using BitbucketOperator.BitbucketSimulator.State;

namespace BitbucketOperator.BitbucketSimulator.Cloud.Api;

/// <summary>The Cloud flavour's shared parts.</summary>
internal sealed class CloudBackend(CloudWorld world, CloudOptions options) : Server(options)
{
    public CloudWorld World => world;

    public CloudDeliveries Deliveries => field ??= new CloudDeliveries(this);

    /// <summary>What links in answers begin with, without <c>/2.0</c>.</summary>
    public string LinksBase => (world.Quirks.LinksBase ?? Origin).TrimEnd('/');

    public override int PageOf(HttpRequest request) => CloudPaging.PageOf(request, world.Quirks);

    public override Answer Unavailable(PathString pathBase) => Answer.Html(503, "Bitbucket is undergoing maintenance");

    public override void SpoilPage(JsonObject page, Fault fault, HttpRequest request)
    {
        if (page["values"] is null) return;
        var self = $"{request.Path.ToUriComponent()}{request.QueryString}";
        page.Remove("next");
        if (fault.Kind == FaultKind.PagingNotIncreasing) page["next"] = LinksBase + self;
        if (fault.Kind == FaultKind.PagingEndless) page["next"] = $"{LinksBase}{request.Path.ToUriComponent()}?page={PageOf(request) + 1}";
        if (fault.Kind == FaultKind.PagingToAnotherHost) page["next"] = fault.Location ?? $"https://bitbucket.attacker.example{self}";
    }

    public T Locked<T>(Func<CloudWorld, T> act)
    {
        lock (world.Gate) return act(world);
    }
}
