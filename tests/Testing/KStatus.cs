using BitbucketOperator.Core.Api;
using BitbucketOperator.Core.Api.V1Alpha1;

namespace BitbucketOperator.Testing;

/// <summary>How far a resource is, in the words of kstatus.</summary>
public enum KStatusState
{
    /// <summary>As the spec asks.</summary>
    Current,

    /// <summary>On the way.</summary>
    InProgress,

    /// <summary>It will not get there without a person.</summary>
    Failed,

    /// <summary>Being deleted.</summary>
    Terminating,
}

/// <summary>
/// The rules of sigs.k8s.io/cli-utils/pkg/kstatus for custom resources, which kubectl wait, Flux and others go by.
/// </summary>
public static class KStatus
{
    /// <summary>What kstatus computes from a resource.</summary>
    public static KStatusState Of(BitbucketConnection connection)
    {
        if (connection.Metadata.DeletionTimestamp is not null)
        {
            return KStatusState.Terminating;
        }

        var status = connection.Status;
        if (status?.ObservedGeneration is { } observed && observed != connection.Metadata.Generation)
        {
            return KStatusState.InProgress;
        }

        if (StateOf(ConditionTypes.Reconciling) == ConditionState.True)
        {
            return KStatusState.InProgress;
        }

        if (StateOf(ConditionTypes.Stalled) == ConditionState.True)
        {
            return KStatusState.Failed;
        }

        // Without a Ready condition kstatus takes an object for done.
        return StateOf(ConditionTypes.Ready) is null or ConditionState.True ? KStatusState.Current : KStatusState.InProgress;

        ConditionState? StateOf(string type) => status?.Conditions.Find(c => c.Type == type)?.Status;
    }
}
