using BitbucketOperator.Cli.Output;
using BitbucketOperator.Core.Api;
using BitbucketOperator.Core.Api.V1Alpha1;

namespace BitbucketOperator.Cli.Plugin;

/// <summary>Compares what the operator sees with what is seen from here, and says where to look.</summary>
internal static class Doctor
{
    /// <summary>One sentence or two: the first difference, or the first thing wrong, and its cure.</summary>
    /// <param name="connection">With the operator's view in its status.</param>
    /// <param name="here">The status as a reconcile from here would write it.</param>
    public static string Diagnose(BitbucketConnection connection, BitbucketConnectionStatus here)
    {
        if (connection.Status is not { Conditions.Count: > 0 } operators)
        {
            return "The operator has not looked at this connection: see that it runs, and that it watches this namespace "
                + "(--watch-namespaces) and these labels (--watch-selector).";
        }

        if (connection.Spec.Suspend)
        {
            return "The connection is suspended: kubectl bitbucket resume has the operator go on.";
        }

        var first = ConditionTypes.Stages.FirstOrDefault(type => IsOff(operators, type) || IsOff(here, type));
        if (first is null)
        {
            return operators.ObservedGeneration == connection.Metadata.Generation
                ? "The operator and you see the same, and all is well."
                : "All is well from here. The operator has not come to the latest spec: see that it runs.";
        }

        var (theirs, ours) = (Verdict.Find(operators, first), Verdict.Find(here, first));
        return (IsOff(operators, first), IsOff(here, first)) switch
        {
            (true, false) => OperatorAlone(first, theirs!),
            (false, true) => HereAlone(first, ours!),
            _ => Both(first, ours!),
        };
    }

    private static string OperatorAlone(string type, Condition theirs)
    {
        if (type != ConditionTypes.Reachable)
        {
            return $"{type} fails for the operator ({theirs.Reason}) and not from here: what was wrong has been put right since, "
                + "or the operator uses another Secret than you read. kubectl bitbucket reconcile has it look again.";
        }

        string[] refusals = [Reasons.HostNotAllowed.Name, Reasons.AddressNotAllowed.Name, Reasons.InsecureUrl.Name];
        return refusals.Contains(theirs.Reason)
            ? $"The operator refuses the address by its own flags ({theirs.Reason}), which are not yours here: {theirs.Message}"
            : $"The operator cannot reach the server ({theirs.Reason}) and you can: look at network policies, the firewall, DNS and "
                + $"the proxy of the operator's Pod. The credential is not the cause. The operator says: {theirs.Message}";
    }

    private static string HereAlone(string type, Condition ours) => type == ConditionTypes.Reachable
        ? $"You cannot reach the server from here ({ours.Reason}) and the operator can: run this where the operator's network is, "
            + $"or mind its status alone. {ours.Message}"
        : $"{type} fails from here ({ours.Reason}), and was well when the operator last looked: it has changed since. {ours.Message}";

    private static string Both(string type, Condition ours) => type switch
    {
        ConditionTypes.Reachable =>
            $"Neither the operator nor you reach the server ({ours.Reason}): the server, or spec.url, is the cause rather than "
            + $"the cluster's network. {ours.Message}",
        ConditionTypes.CredentialValid =>
            $"The credential fails for the operator and for you ({ours.Reason}): the network is not the cause. {ours.Message}",
        _ => $"{type} fails for the operator and for you ({ours.Reason}). {ours.Message}",
    };

    // Changes that are only planned, and webhooks that a downgraded credential may not see, are as they should be.
    private static bool IsOff(BitbucketConnectionStatus status, string type) => Verdict.Find(status, type) is not { } condition
        || (condition.Status != ConditionState.True
            && condition.Reason != Reasons.ChangesPlanned.Name && condition.Reason != Reasons.VerifiedBeforeDowngrade.Name);
}
