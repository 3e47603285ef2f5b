using System.Diagnostics.CodeAnalysis;
using k8s;
using k8s.Models;

namespace BitbucketOperator.Runtime.Model;

/// <summary>How one pass over an object ended and when the next one is due.</summary>
[SuppressMessage("Design", "CA1000", Justification = "The factory methods keep the shape of KubeOps' type.")]
public sealed record ReconciliationResult<TEntity>
    where TEntity : class, IKubernetesObject<V1ObjectMeta>
{
    private ReconciliationResult(TEntity entity, ReconciliationOutcome outcome)
    {
        Entity = entity;
        Outcome = outcome;
    }

    /// <summary>The object the pass was about.</summary>
    public TEntity Entity { get; }

    /// <summary>How the pass ended.</summary>
    public ReconciliationOutcome Outcome { get; }

    /// <summary>Whether the pass succeeded.</summary>
    public bool IsSuccess => Outcome == ReconciliationOutcome.Success;

    /// <summary>Whether the pass failed. A conflict is neither success nor failure.</summary>
    public bool IsFailure => Outcome == ReconciliationOutcome.Failure;

    /// <summary>What went wrong, for the log. Null unless the pass failed.</summary>
    public string? ErrorMessage { get; private init; }

    /// <summary>The exception behind a failure, if any.</summary>
    public Exception? Error { get; private init; }

    /// <summary>When to come back if nothing changes. Null: after success not at all, after a failure with back-off.</summary>
    public TimeSpan? RequeueAfter { get; private init; }

    /// <summary>The pass succeeded: the back-off is reset.</summary>
    public static ReconciliationResult<TEntity> Success(TEntity entity, TimeSpan? requeueAfter = null) =>
        new(entity, ReconciliationOutcome.Success) { RequeueAfter = requeueAfter };

    /// <summary>The pass failed: it is repeated after <paramref name="requeueAfter"/> or with jittered back-off, without end.</summary>
    public static ReconciliationResult<TEntity> Failure(
        TEntity entity, string errorMessage, Exception? error = null, TimeSpan? requeueAfter = null) =>
        new(entity, ReconciliationOutcome.Failure)
        {
            ErrorMessage = errorMessage,
            Error = error,
            RequeueAfter = requeueAfter,
        };

    /// <summary>Someone else wrote first: the pass is repeated soon, without a word at Information or above.</summary>
    public static ReconciliationResult<TEntity> Conflict(TEntity entity) =>
        new(entity, ReconciliationOutcome.Conflict);

    /// <summary>The runtime cancelled it, because the object has changed and is due again.</summary>
    internal static ReconciliationResult<TEntity> Cancelled(TEntity entity) =>
        new(entity, ReconciliationOutcome.Cancelled);
}

/// <summary>How a pass ended.</summary>
public enum ReconciliationOutcome
{
    /// <summary>The world is as desired, as far as this pass goes.</summary>
    Success,

    /// <summary>Something failed and is tried again.</summary>
    Failure,

    /// <summary>Another writer was faster; tried again at once.</summary>
    Conflict,

    /// <summary>A change made it pointless while it was running; it starts again at once. Neither success nor failure.</summary>
    Cancelled,
}
