using BitbucketOperator.Core.Api;

namespace BitbucketOperator.Core.Port;

/// <summary>What a fault means for the next reconcile.</summary>
public enum FaultClass
{
    /// <summary>Only a new spec can heal it: reconciled again on change, and slowly besides.</summary>
    Terminal,

    /// <summary>
    /// Trying again soon would do no good: it is looked at when it says itself (a 429 with Retry-After), when a Secret or
    /// the spec changes, or else at the next interval. A refused credential and a missing permission are of this class.
    /// </summary>
    Waiting,

    /// <summary>It may heal by itself or from outside: retried with jittered back-off, without end.</summary>
    Transient,
}

/// <summary>
/// Why something could not be read or written, in words for those who read the status. Faults are data: a step
/// that fails stores one and the reconcile goes on.
/// </summary>
/// <param name="Class">What it means for the next reconcile.</param>
/// <param name="Reason">The condition reason to report it under.</param>
/// <param name="Words">What is wrong and what to do about it, naming the object and the field; never a secret, never a time.</param>
/// <param name="RetryAfter">With <see cref="FaultClass.Waiting"/>: how long to stay away; null for the next interval.</param>
/// <param name="Field">
/// The field of the resource that it speaks of, such as <c>spec.webhooks[ci].secretRef</c>, which the message then begins
/// with; null where it speaks of none.
/// </param>
public sealed record Fault(FaultClass Class, Reason Reason, Wording Words, TimeSpan? RetryAfter = null, string? Field = null)
{
    /// <summary>All that there is to say.</summary>
    public string Message => Words.Text;

    /// <summary>The message without the field that it begins with, to be shown beside the field.</summary>
    public string Detail => Field is { } name && Message.StartsWith(name, StringComparison.Ordinal)
        ? Message[name.Length..].TrimStart(':', ' ')
        : Message;

    /// <summary>The project or repository that it concerns; null where it concerns none, or all.</summary>
    public Place? Place { get; init; }

    /// <summary>A fault that a change of the spec alone can heal.</summary>
    public static Fault Terminal(Reason reason, Wording words, string? field = null) =>
        new(FaultClass.Terminal, reason, words, Field: field);

    /// <summary>A fault that is worth another try.</summary>
    public static Fault Transient(Reason reason, Wording words, string? field = null) =>
        new(FaultClass.Transient, reason, words, Field: field);

    /// <summary>A fault that is not worth trying again before its time, or before the next interval when it names none.</summary>
    public static Fault Waiting(Reason reason, Wording words, TimeSpan? retryAfter = null, string? field = null) =>
        new(FaultClass.Waiting, reason, words, retryAfter, field);
}

/// <summary>Carries a <see cref="Port.Fault"/> out of a call to Bitbucket or the cluster.</summary>
public sealed class FaultException(Fault fault, Exception? inner = null) : Exception(fault.Message, inner)
{
    /// <summary>What went wrong.</summary>
    public Fault Fault { get; } = fault;
}

/// <summary>The value of a step, or the fault that kept it from one.</summary>
/// <typeparam name="T">What the step returns.</typeparam>
public readonly record struct Outcome<T>
{
    private Outcome(T? value, Fault? fault)
    {
        Value = value;
        Fault = fault;
    }

    /// <summary>The value; default when <see cref="Fault"/> is set.</summary>
    public T? Value { get; }

    /// <summary>Why there is no value; null when there is one.</summary>
    public Fault? Fault { get; }

    /// <summary>True when the step has a value.</summary>
    public bool Succeeded => Fault is null;

    /// <summary>A step that succeeded.</summary>
    public static implicit operator Outcome<T>(T value) => new(value, fault: null);

    /// <summary>A step that failed.</summary>
    public static implicit operator Outcome<T>(Fault fault) => new(default, fault);
}
