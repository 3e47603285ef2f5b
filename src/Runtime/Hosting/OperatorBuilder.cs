using System.Diagnostics.CodeAnalysis;
using BitbucketOperator.Runtime.Client;
using BitbucketOperator.Runtime.Informers;
using BitbucketOperator.Runtime.Model;
using BitbucketOperator.Runtime.Patching;
using BitbucketOperator.Runtime.Queue;
using BitbucketOperator.Runtime.Reconcile;
using k8s;
using k8s.Models;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace BitbucketOperator.Runtime.Hosting;

/// <summary>Adds kinds, controllers and finalizers; all of them become singletons.</summary>
public sealed class OperatorBuilder
{
    internal OperatorBuilder(IServiceCollection services) => Services = services;

    /// <summary>The services the operator is built into.</summary>
    public IServiceCollection Services { get; }

    /// <summary>
    /// Adds a kind to watch. Services that come with it: <see cref="EntityStore{TEntity}"/>,
    /// <see cref="EntityQueue{TEntity}"/>, <see cref="StatusPatcher{TEntity}"/> (also as <see cref="IStatusWriter{TEntity}"/>),
    /// <see cref="MetadataPatcher{TEntity}"/>.
    /// </summary>
    public OperatorBuilder AddEntity<TEntity>(EntityDefinition<TEntity> definition)
        where TEntity : class, IKubernetesObject<V1ObjectMeta>
    {
        Services.AddSingleton(definition);
        Services.AddSingleton<EntityStore<TEntity>>();
        Services.AddSingleton(p => new EntityQueue<TEntity>(p.GetRequiredService<OperatorOptions>(), p.GetRequiredService<TimeProvider>()));
        Services.AddSingleton(p => new StatusPatcher<TEntity>(
            definition, p.GetRequiredService<EntityStore<TEntity>>(), p.GetRequiredService<KubernetesApi>()));
        Services.AddSingleton<IStatusWriter<TEntity>>(p => p.GetRequiredService<StatusPatcher<TEntity>>());
        Services.AddSingleton(p => new MetadataPatcher<TEntity>(
            definition, p.GetRequiredService<EntityStore<TEntity>>(), p.GetRequiredService<KubernetesApi>()));
        Services.AddSingleton(p => new Reconciler<TEntity>(
            definition,
            p.GetRequiredService<MetadataPatcher<TEntity>>(),
            p.GetRequiredService<IEntityController<TEntity>>(),
            [.. p.GetServices<FinalizerRegistration<TEntity>>().Select(f => (f.Identifier, f.Resolve(p)))],
            p.GetRequiredService<OperatorOptions>(),
            p.GetRequiredService<TimeProvider>()));
        Services.AddSingleton<IEntityPipeline, EntityPipeline<TEntity>>();
        return this;
    }

    /// <summary>Adds the one controller of a kind.</summary>
    public OperatorBuilder AddController<
        [DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicConstructors)] TController, TEntity>()
        where TController : class, IEntityController<TEntity>
        where TEntity : class, IKubernetesObject<V1ObjectMeta>
    {
        if (Services.Any(s => s.ServiceType == typeof(IEntityController<TEntity>)))
        {
            throw new InvalidOperationException($"{typeof(TEntity).Name} has a controller already.");
        }

        Services.TryAddSingleton<TController>();
        Services.AddSingleton<IEntityController<TEntity>>(p => p.GetRequiredService<TController>());
        return this;
    }

    /// <summary>Adds a finalizer; several run in the order they were added.</summary>
    /// <param name="identifier">As it stands in <c>metadata.finalizers</c>: <c>domain/name</c>.</param>
    public OperatorBuilder AddFinalizer<
        [DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicConstructors)] TFinalizer, TEntity>(string identifier)
        where TFinalizer : class, IEntityFinalizer<TEntity>
        where TEntity : class, IKubernetesObject<V1ObjectMeta>
    {
        Services.TryAddSingleton<TFinalizer>();
        Services.AddSingleton(new FinalizerRegistration<TEntity>(identifier, p => p.GetRequiredService<TFinalizer>()));
        return this;
    }

    /// <summary>
    /// Makes a change of the objects that <paramref name="references"/> names wake the entity at once. It is called for
    /// each new state of an entity and must be quick.
    /// </summary>
    /// <param name="references">The Secrets and ConfigMaps an entity reads.</param>
    /// <param name="kinds">The kinds to watch. Default: both.</param>
    public OperatorBuilder WithReferences<TEntity>(
        Func<TEntity, IEnumerable<ObjectReference>> references, params ReferenceKind[] kinds)
        where TEntity : class, IKubernetesObject<V1ObjectMeta>
    {
        Services.AddSingleton(new ReferenceRegistration<TEntity>(
            references, kinds.Length > 0 ? kinds : [ReferenceKind.Secret, ReferenceKind.ConfigMap]));
        return this;
    }
}
