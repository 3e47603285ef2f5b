using System.Text.Json.Serialization;

namespace BitbucketOperator.Benchmarks.Results;

/// <summary>How a measurement or a row compares with its target.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<Verdict>))]
internal enum Verdict
{
    /// <summary>There is no target for it.</summary>
    None,

    /// <summary>The target is met.</summary>
    Met,

    /// <summary>The target is missed.</summary>
    Missed,

    /// <summary>The row could not run on this machine, or with this binary; its reason says why.</summary>
    NotRun,

    /// <summary>The bench itself failed; the row's reason is the exception's message.</summary>
    Failed,
}

/// <summary>One measured value.</summary>
/// <param name="What">What it is, as the table shows it.</param>
/// <param name="Value">The value.</param>
/// <param name="Unit">Its unit: s, MiB, ms or empty for a number of things.</param>
internal sealed record Measurement(string What, double Value, string Unit = "")
{
    /// <summary>The computed value that a perfect operator would reach; null where nothing can be computed.</summary>
    public double? Bound { get; init; }

    /// <summary>The most that meets the target.</summary>
    public double? AtMost { get; init; }

    /// <summary>The least that meets the target.</summary>
    public double? AtLeast { get; init; }

    /// <summary>True when the awaited state did not come, so that the value is only how far it got, or how long it was awaited.</summary>
    public bool Unfinished { get; init; }

    /// <summary>Value over bound.</summary>
    public double? Ratio => Bound is > 0 ? Value / Bound : null;

    public Verdict Verdict => this switch
    {
        { AtMost: null, AtLeast: null } => Verdict.None,
        { Unfinished: true } => Verdict.Missed,
        _ => Value <= (AtMost ?? double.MaxValue) && Value >= (AtLeast ?? double.MinValue) ? Verdict.Met : Verdict.Missed,
    };

    /// <summary>A time or a number that may exceed its bound by a factor.</summary>
    public static Measurement Within(double factor, string what, double value, double bound, string unit = "") =>
        new(what, value, unit) { Bound = bound, AtMost = bound * factor };
}
