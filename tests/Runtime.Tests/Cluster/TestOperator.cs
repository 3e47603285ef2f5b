using BitbucketOperator.Runtime.Client;
using System.Collections.Concurrent;
using BitbucketOperator.Runtime.Hosting;
using BitbucketOperator.Runtime.Informers;
using BitbucketOperator.Runtime.Model;
using BitbucketOperator.Runtime.Patching;
using k8s;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;

namespace BitbucketOperator.Runtime.Tests;

/// <summary>A whole operator for widgets in this process, against the real API server.</summary>
internal sealed class TestOperator : IAsyncDisposable
{
    private readonly IHost _host;
    private readonly ApiServerClient _client;

    private TestOperator(IHost host, ApiServerClient client, WidgetController controller) =>
        (_host, _client, Controller) = (host, client, controller);

    public WidgetController Controller { get; }

    public EntityStore<Widget> Store => Get<EntityStore<Widget>>();

    public static TestOperator Create(
        ApiServerClient client, string ns, Action<OperatorOptions>? options = null, Action<OperatorBuilder>? build = null)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new());
        var controller = new WidgetController();
        builder.Services.AddSingleton(client).AddSingleton(controller);
        var op = builder.Services.AddKubernetesOperator(o =>
        {
            o.Name = "widget-operator";
            o.Namespaces = [ns];
            o.OperatorNamespace = ns;
            o.BackoffBase = TimeSpan.FromMilliseconds(20);
            options?.Invoke(o);
        });
        op.AddEntity(Given.Definition).AddController<WidgetController, Widget>();
        build?.Invoke(op);
        var host = builder.Build();
        controller.Status = host.Services.GetRequiredService<StatusPatcher<Widget>>();
        return new(host, client, controller);
    }

    public static async Task<TestOperator> StartAsync(
        ApiServerClient client, string ns, Action<OperatorOptions>? options = null, Action<OperatorBuilder>? build = null)
    {
        var op = Create(client, ns, options, build);
        await op.StartAsync();
        return op;
    }

    public Task StartAsync() => _host.StartAsync();

    public Task StopAsync() => _host.StopAsync();

    public T Get<T>()
        where T : notnull => _host.Services.GetRequiredService<T>();

    public Task<HealthReport> HealthAsync(string tag) =>
        Get<HealthCheckService>().CheckHealthAsync(check => check.Tags.Contains(tag));

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        _host.Dispose();
        _client.Dispose();
    }
}

/// <summary>Writes down what it is called with and does what the test says.</summary>
internal sealed class WidgetController : IEntityController<Widget>
{
    public ConcurrentQueue<Widget> Reconciled { get; } = new();

    public ConcurrentQueue<Widget> Deleted { get; } = new();

    public StatusPatcher<Widget> Status { get; set; } = null!;

    public Func<Widget, CancellationToken, Task<ReconciliationResult<Widget>>> OnReconcile { get; set; } =
        (widget, _) => Task.FromResult(ReconciliationResult<Widget>.Success(widget));

    public int PassesOf(string name) => Reconciled.Count(w => w.Metadata.Name == name);

    public Widget? LastOf(string name) => Reconciled.LastOrDefault(w => w.Metadata.Name == name);

    public Task<ReconciliationResult<Widget>> ReconcileAsync(Widget entity, CancellationToken cancellationToken)
    {
        Reconciled.Enqueue(entity);
        return OnReconcile(entity, cancellationToken);
    }

    public Task<ReconciliationResult<Widget>> DeletedAsync(Widget entity, CancellationToken cancellationToken)
    {
        Deleted.Enqueue(entity);
        return Task.FromResult(ReconciliationResult<Widget>.Success(entity));
    }
}
