using System.Globalization;
using System.Text.Json.Nodes;
using BitbucketOperator.BitbucketSimulator.Deliveries;

namespace BitbucketOperator.BitbucketSimulator.Cloud.Api;

/// <summary>Sends events to webhooks; a 5xx answer is met with up to two more attempts.</summary>
internal sealed class CloudDeliveries(CloudBackend backend) : IDisposable
{
    private const int MaxAttempts = 3;
    private const string Push = "repo:push";
    private readonly Courier _courier = new(backend.Clock);

    /// <summary>Simulates a push and waits until every webhook that wants it was served.</summary>
    public async Task<IReadOnlyList<Delivery>> PushAsync(string path, string branch, string? user, CancellationToken cancel)
    {
        var (plans, body) = backend.Locked(world =>
        {
            var repository = world.RepositoryAt(path);
            var actor = user is null ? null : world.UserNamed(user);
            var wanting = repository.Webhooks.Concat(repository.Workspace.Webhooks).Where(w => w.Active && w.Events.Contains(Push));
            Plan[] found = [.. wanting.Select(w => new Plan(w, w.Url, !w.SkipCertVerification, w.Secret))];
            repository.UpdatedOn = backend.Clock.GetUtcNow();
            return (found, Payload(world, repository, branch, actor).ToJsonString());
        });
        return await Task.WhenAll(plans.Select(plan => DeliverAsync(plan, body, cancel)));
    }

    public void Dispose() => _courier.Dispose();

    private async Task<Delivery> DeliverAsync(Plan plan, string body, CancellationToken cancel)
    {
        var id = Guid.NewGuid().ToString();
        for (var attempt = 1; ; attempt++)
        {
            using var request = Courier.Compose(plan.Url, Push, body, plan.Secret);
            request.Headers.Add("X-Hook-UUID", plan.Hook.Uuid.ToString("D"));
            request.Headers.Add("X-Request-UUID", id);
            request.Headers.Add("X-Attempt-Number", attempt.ToString(CultureInfo.InvariantCulture));
            request.Headers.UserAgent.ParseAdd("Bitbucket-Webhooks/2.0");
            var (outcome, description, status) = await _courier.SendAsync(request, plan.VerifyTls, cancel);
            if (status is not >= 500 || attempt == MaxAttempts)
                return new Delivery(plan.Hook.Number, plan.Url, Skipped: false, outcome, description) { WebhookUuid = plan.Hook.Id, Attempts = attempt };
        }
    }

    private JsonObject Payload(CloudWorld world, CloudRepository repository, string branch, CloudUser? actor)
    {
        var shapes = new CloudShapes(world, backend.LinksBase, CloudCaller.Anonymous);
        var target = new JsonObject { ["type"] = "commit", ["hash"] = $"{repository.Uuid:N}00000000", ["message"] = $"Change on {branch}\n" };
        return new JsonObject
        {
            ["push"] = new JsonObject
            {
                ["changes"] = new JsonArray(new JsonObject
                {
                    ["old"] = null,
                    ["new"] = new JsonObject { ["type"] = "branch", ["name"] = branch, ["target"] = target },
                    ["created"] = true,
                    ["closed"] = false,
                    ["forced"] = false,
                    ["truncated"] = false,
                }),
            },
            ["repository"] = shapes.Repository(repository),
            ["actor"] = actor is null ? null : shapes.User(actor),
        };
    }

    private sealed record Plan(CloudWebhook Hook, string Url, bool VerifyTls, string? Secret);
}
