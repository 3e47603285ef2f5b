using BitbucketOperator.Core.Api;

namespace BitbucketOperator.Core.Port;

/// <summary>What a fault means for the next visit.</summary>
public enum FaultClass
{
    /// <summary>Only a new spec can heal it: visited again on change, and slowly besides.</summary>
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
/// Why something could not be read or written, in words for the person who reads the status. Faults are data: a step
/// that fails stores one and the reconcile goes on.
/// </summary>
/// <param name="Class">What it means for the next visit.</param>
/// <param name="Reason">The condition reason to report it under.</param>
/// <param name="Message">One sentence or two that name the field and the cure; never a secret, never a time.</param>
/// <param name="RetryAfter">With <see cref="FaultClass.Waiting"/>: how long to stay away; null for the next interval.</param>
/// <param name="Field">
/// The field of the resource that it speaks of, such as <c>spec.webhooks[ci].secretRef</c>, which the message then begins
/// with; null where it speaks of none.
/// </param>
public sealed record Fault(FaultClass Class, Reason Reason, string Message, TimeSpan? RetryAfter = null, string? Field = null)
{
    /// <summary>The message without the field that it begins with, to be shown beside the field.</summary>
    public string Detail => Field is { } name && Message.StartsWith(name, StringComparison.Ordinal)
        ? Message[name.Length..].TrimStart(':', ' ')
        : Message;

    /// <summary>The project or repository that it concerns; null where it concerns none, or all.</summary>
    public Place? Place { get; init; }

    /// <summary>A fault that a change of the spec alone can heal.</summary>
    public static Fault Terminal(Reason reason, string message, string? field = null) =>
        new(FaultClass.Terminal, reason, message, Field: field);

    /// <summary>A fault that is worth another try.</summary>
    public static Fault Transient(Reason reason, string message, string? field = null) =>
        new(FaultClass.Transient, reason, message, Field: field);

    /// <summary>A fault that is not worth trying again before its time, or before the next interval when it names none.</summary>
    public static Fault Waiting(Reason reason, string message, TimeSpan? retryAfter = null, string? field = null) =>
        new(FaultClass.Waiting, reason, message, retryAfter, field);
}

/// <summary>Carries a <see cref="Port.Fault"/> out of a call to Bitbucket or the cluster.</summary>
public sealed class FaultException(Fault fault, Exception? inner = null) : Exception(fault.Message, inner)
{
    /// <summary>What went wrong.</summary>
    public Fault Fault { get; } = fault;
}

/// <summary>The value of a step, or the fault that kept it from one.</summary>
/// <typeparam name="T">What the step yields.</typeparam>
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

    /// <summary>True when the step yielded its value.</summary>
    public bool Succeeded => Fault is null;

    /// <summary>A step that yielded its value.</summary>
    public static implicit operator Outcome<T>(T value) => new(value, fault: null);

    /// <summary>A step that failed.</summary>
    public static implicit operator Outcome<T>(Fault fault) => new(default, fault);
}
