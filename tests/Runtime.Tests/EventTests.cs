using BitbucketOperator.Runtime.Client;
using BitbucketOperator.Runtime.Events;
using BitbucketOperator.Testing;
using k8s;
using k8s.Models;

namespace BitbucketOperator.Runtime.Tests;

[Collection(SharedCluster.Name)]
public sealed class EventTests(SharedCluster cluster)
{
    [Fact]
    public async Task RepeatedEvents_AreCountedAndAllAreWrittenAtShutdown()
    {
        var ns = await cluster.NamespaceAsync();
        var widget = await cluster.CreateAsync(ns, "one");
        var op = await StartAsync(ns);
        await Eventually.IsTrueAsync("pass", () => op.Controller.PassesOf("one") == 1);
        var publish = op.Get<EventPublisher>();

        for (var i = 0; i < 5; i++)
        {
            await publish(widget, "TokenInvalid", "the token is not valid", EventType.Warning);
        }

        await publish(widget, "TokenInvalid", "the token has expired", EventType.Warning);
        await op.DisposeAsync();

        var events = (await cluster.Client.CoreV1.ListNamespacedEventAsync(ns)).Items.OrderBy(e => e.Message).ToList();
        events.Select(e => (e.Message, e.Count)).ShouldBe([("the token has expired", 1), ("the token is not valid", 5)]);
        events.ShouldAllBe(e => e.Type == "Warning" && e.Reason == "TokenInvalid" && e.Source.Component == "widget-operator");
        events.ShouldAllBe(e => e.InvolvedObject.Uid == widget.Metadata.Uid && e.InvolvedObject.Kind == "Widget");
        events[1].LastTimestamp.ShouldNotBeNull();
    }

    [Fact]
    public async Task FloodOfEvents_IsLimitedPerObject()
    {
        var ns = await cluster.NamespaceAsync();
        var (noisy, quiet) = (await cluster.CreateAsync(ns, "noisy"), await cluster.CreateAsync(ns, "quiet"));
        var op = await StartAsync(ns);
        await Eventually.IsTrueAsync("passes", () => op.Controller.Reconciled.Count == 2);
        var publish = op.Get<EventPublisher>();
        for (var i = 0; i < 60; i++)
        {
            await publish(noisy, "Noise", $"number {i}");
        }

        await publish(quiet, "Fine", "all is well");
        await op.DisposeAsync();

        var events = (await cluster.Client.CoreV1.ListNamespacedEventAsync(ns)).Items;
        events.Count(e => e.InvolvedObject.Name == "noisy").ShouldBe(EventCorrelator.Burst);
        events.Count(e => e.InvolvedObject.Name == "quiet").ShouldBe(1);
    }

    [Fact]
    public async Task EventThatTheClusterForgot_IsWrittenAnew()
    {
        var ns = await cluster.NamespaceAsync();
        var widget = await cluster.CreateAsync(ns, "one");
        await using var op = await StartAsync(ns);
        await op.Get<EventPublisher>()(widget, "Fine", "all is well");
        V1ObjectMeta? written = null;
        await Eventually.IsTrueAsync("event", async () => (written = (await EventsAsync(ns)).SingleOrDefault()?.Metadata) is not null);

        await cluster.Client.CoreV1.DeleteNamespacedEventAsync(written!.Name, ns);
        await op.Get<EventPublisher>()(widget, "Fine", "all is well");

        await Eventually.IsTrueAsync(
            "new event", async () => (await EventsAsync(ns)).SingleOrDefault() is { Count: 1 } again && again.Metadata.Name != written.Name);
    }

    private Task<TestOperator> StartAsync(string ns) =>
        TestOperator.StartAsync(ApiServerClient.Open(cluster.Cluster.KubeconfigPath), ns);

    private async Task<IList<Corev1Event>> EventsAsync(string ns) => (await cluster.Client.CoreV1.ListNamespacedEventAsync(ns)).Items;
}
