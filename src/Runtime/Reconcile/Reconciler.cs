using System.Net;
using BitbucketOperator.Runtime.Client;
using BitbucketOperator.Runtime.Model;
using BitbucketOperator.Runtime.Patching;
using k8s;
using k8s.Autorest;
using k8s.Models;

namespace BitbucketOperator.Runtime.Reconcile;

/// <summary>One pass over one object: attach finalizers, reconcile, finalize, or tell of its deletion.</summary>
internal sealed class Reconciler<TEntity>(
    EntityDefinition<TEntity> definition,
    MetadataPatcher<TEntity> metadata,
    IEntityController<TEntity> controller,
    IReadOnlyList<(string Identifier, IEntityFinalizer<TEntity> Finalizer)> finalizers,
    OperatorOptions options,
    TimeProvider clock)
    where TEntity : class, IKubernetesObject<V1ObjectMeta>
{
    private static readonly TimeSpan FinalWriteTimeout = TimeSpan.FromSeconds(15);

    /// <summary>A pass over an object that is there. Only cancellation gets out as an exception.</summary>
    public Task<ReconciliationResult<TEntity>> ReconcileAsync(TEntity stored, CancellationToken cancellationToken) =>
        GuardAsync(
            stored,
            () => stored.Metadata.DeletionTimestamp is null
                ? AttachAndReconcileAsync(definition.Copy(stored), cancellationToken)
                : FinalizeAsync(definition.Copy(stored), cancellationToken),
            cancellationToken);

    /// <summary>Tells the controller that the object is gone.</summary>
    public Task<ReconciliationResult<TEntity>> DeletedAsync(TEntity last, CancellationToken cancellationToken) =>
        GuardAsync(last, () => controller.DeletedAsync(definition.Copy(last), cancellationToken), cancellationToken);

    private async Task<ReconciliationResult<TEntity>> AttachAndReconcileAsync(TEntity entity, CancellationToken cancellationToken)
    {
        if (options.AutoAttachFinalizers && finalizers.Any(f => !Has(entity, f.Identifier)))
        {
            var attached = await metadata.AddFinalizersAsync(entity, [.. finalizers.Select(f => f.Identifier)], cancellationToken);
            if (attached is null)
            {
                return ReconciliationResult<TEntity>.Success(entity);
            }

            entity = definition.Copy(attached);
        }

        return entity.Metadata.DeletionTimestamp is null
            ? await controller.ReconcileAsync(entity, cancellationToken)
            : await FinalizeAsync(entity, cancellationToken);
    }

    // Finalizers of others, before or after ours, are their business.
    private async Task<ReconciliationResult<TEntity>> FinalizeAsync(TEntity entity, CancellationToken cancellationToken)
    {
        foreach (var (identifier, finalizer) in finalizers.Where(f => Has(entity, f.Identifier)))
        {
            var result = await finalizer.FinalizeAsync(definition.Copy(entity), cancellationToken);
            if (!result.IsSuccess)
            {
                return result;
            }

            // What was cleaned up must not be cleaned up again only because we were asked to stop just now.
            using var timeout = new CancellationTokenSource(FinalWriteTimeout, clock);
            if (await metadata.RemoveFinalizerAsync(entity, identifier, timeout.Token) is not { } remaining)
            {
                break;
            }

            entity = remaining;
        }

        return ReconciliationResult<TEntity>.Success(entity);
    }

    private static async Task<ReconciliationResult<TEntity>> GuardAsync(
        TEntity entity, Func<Task<ReconciliationResult<TEntity>>> pass, CancellationToken cancellationToken)
    {
        try
        {
            return await pass();
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            throw;
        }
        catch (KubernetesApiException e) when (e.IsConflict)
        {
            return ReconciliationResult<TEntity>.Conflict(entity);
        }
        catch (HttpOperationException e) when (e.Response?.StatusCode == HttpStatusCode.Conflict)
        {
            return ReconciliationResult<TEntity>.Conflict(entity);
        }
        catch (Exception e)
        {
            return ReconciliationResult<TEntity>.Failure(entity, e.Message, e);
        }
    }

    private static bool Has(TEntity entity, string finalizer) => entity.Metadata.Finalizers?.Contains(finalizer) == true;
}
