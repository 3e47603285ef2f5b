using System.Runtime.CompilerServices;
using BitbucketOperator.Core.Api;
using BitbucketOperator.Core.Port;
using BitbucketOperator.Golden.Tests.Given;

namespace BitbucketOperator.Golden.Tests.Simulation;

/// <summary>The server as one credential sees it.</summary>
internal sealed class SimulatedBitbucket(SimulatedServer server, ConnectionTarget target) : IBitbucket
{
    private readonly bool _isForWebhooks = target.CredentialField == "spec.webhookAuth";

    private SimulatedServer Server => server;

    private World World => server.World;

    public Task<ServerInfo> GetServerAsync(CancellationToken cancellationToken) => Task.FromResult(
        World.Server.Fault is { } fault ? throw fault.ToException()
        : server.Flavour == Flavour.Cloud ? new ServerInfo(Version: null, DisplayName: null)
        : new ServerInfo(World.Server.Version, "Bitbucket"));

    public Task<Account> GetAccountAsync(CancellationToken cancellationToken)
    {
        var account = _isForWebhooks ? World.WebhookAccount : World.Account;
        server.LogIn(target.Credential, account);
        return Task.FromResult(new Account(account.Name.Length == 0 ? null : account.Name));
    }

    public Task<CredentialReport> ExamineAsync(Repository? sample, CancellationToken cancellationToken) =>
        Task.FromResult(((_isForWebhooks ? World.WebhookReport : World.Report) ?? WorldReport.Healthy(server.Flavour)).ToReport());

    public IRepositoryPages ListRepositories(string? project) => new Listing(this, project);

    public Task<Repository> GetRepositoryAsync(RepositoryName name, CancellationToken cancellationToken) => Task.FromResult(
        server.Scopes.Values.Select(p => p.Repository).OfType<Repository>().FirstOrDefault(r => r.Name.Equals(name))
        ?? throw SimulatedServer.NotFound(name.ToString()));

    public Task<IReadOnlyList<Webhook>> ListWebhooksAsync(WebhookScope scope, CancellationToken cancellationToken)
    {
        CheckUse();
        var there = server.Find(scope);
        if (there.World.MustNotBeRead)
        {
            throw new InvalidOperationException($"the webhooks of {scope.Name} were read");
        }

        return server.FaultOf(scope) is { } fault ? throw fault.ToException() : Task.FromResult<IReadOnlyList<Webhook>>([.. there.Webhooks]);
    }

    public Task<IReadOnlyList<Webhook>?> ListInheritedWebhooksAsync(Repository repository, CancellationToken cancellationToken)
    {
        CheckUse();
        var project = server.Scopes.GetValueOrDefault(WebhookScope.OfProject(repository.Name.Project).Id);
        return Task.FromResult<IReadOnlyList<Webhook>?>(project is { World.Inherited: true } ? [.. project.Webhooks] : null);
    }

    public Task<Webhook> CreateWebhookAsync(WebhookScope scope, WebhookDefinition definition, CancellationToken cancellationToken)
    {
        CheckUse();
        return Task.FromResult(server.Create(scope, definition));
    }

    public Task<Webhook> UpdateWebhookAsync(WebhookScope scope, string id, WebhookDefinition definition, CancellationToken cancellationToken)
    {
        CheckUse();
        return Task.FromResult(server.Update(scope, id, definition));
    }

    public Task DeleteWebhookAsync(WebhookScope scope, string id, CancellationToken cancellationToken)
    {
        CheckUse();
        server.Delete(scope, id);
        return Task.CompletedTask;
    }

    public Task<DeliveryHealth?> GetDeliveryHealthAsync(WebhookScope scope, string id, CancellationToken cancellationToken)
    {
        CheckUse();
        var deliveries = server.Find(scope).World.Deliveries;
        return deliveries?.Fault is { } fault
            ? throw fault.ToException()
            : Task.FromResult(server.Flavour == Flavour.Cloud ? null : deliveries is null ? DeliveryHealth.NeverInvoked : deliveries.ToHealth());
    }

    public Task<string?> TestWebhookAsync(WebhookScope scope, string id, WebhookDefinition definition, CancellationToken cancellationToken)
    {
        CheckUse();
        return Task.FromResult(server.Flavour == Flavour.Cloud ? null : server.Test(scope, id));
    }

    public IBitbucket TryReserve(RequestCost cost, WorkClass workClass, out TimeSpan wait)
    {
        wait = TimeSpan.Zero;
        return new SimulatedBitbucket(server, target);
    }

    public Outlook Foresee(string connection, Workload work) => World.Server.Limit.Foresee(work);

    public void Dispose()
    {
    }

    // A second credential is there because the first one may not.
    private void CheckUse()
    {
        if (!_isForWebhooks && server.HasWebhookAuth)
        {
            throw new InvalidOperationException("the credential of spec.auth was used for webhooks although spec.webhookAuth names another one");
        }
    }

    // All that there is on one page, and then what the listing breaks off with.
    private sealed class Listing(SimulatedBitbucket bitbucket, string? project) : IRepositoryPages
    {
        private bool _listed;

        public int Invalid => _listed ? bitbucket.Server.World.InvalidNames : 0;

        public Task<IReadOnlyList<Repository>?> NextAsync(CancellationToken cancellationToken)
        {
            var found = bitbucket.Server.Scopes.Values.Select(p => p.Repository).OfType<Repository>()
                .Where(r => project is null || string.Equals(r.Name.Project, project, StringComparison.OrdinalIgnoreCase)).ToList();
            if (!_listed)
            {
                _listed = true;
                return Task.FromResult<IReadOnlyList<Repository>?>(found);
            }

            if (bitbucket.World.Listing.GetValueOrDefault(project ?? "*") is { } fault)
            {
                throw fault.ToException();
            }

            return project is null || found.Count > 0 || bitbucket.World.EmptyProjects.Contains(project, StringComparer.OrdinalIgnoreCase)
                ? Task.FromResult<IReadOnlyList<Repository>?>(null)
                : throw new FaultException(Fault.Waiting(
                    Reasons.ProjectNotFound, ($"Project not found: {project}", "Use the key in spec.discovery, not the name; ~user for a personal project")));
        }
    }
}
