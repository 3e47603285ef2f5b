namespace BitbucketOperator.Core.Port;

/// <summary>What people read of a fault: the problem, then the cure, each without a full stop at its end.</summary>
/// <param name="Problem">What is wrong.</param>
/// <param name="Cure">What to do about it; null where the problem says it, or nothing is to be done.</param>
/// <param name="Detail">What goes with the problem, such as what a server said; null where nothing does.</param>
public sealed record Wording(string Problem, string? Cure = null, string? Detail = null)
{
    /// <summary>All of it.</summary>
    public string Text => Put(Detail, Cure);

    /// <summary>A problem that needs no more words.</summary>
    public static implicit operator Wording(string problem) => new(problem);

    /// <summary>A problem and its cure.</summary>
    public static implicit operator Wording((string Problem, string? Cure) words) => new(words.Problem, words.Cure);

    /// <summary>A permission that is missing.</summary>
    /// <param name="noun">What lacks it, such as token.</param>
    /// <param name="permission">Its name.</param>
    public static string Lacks(string noun, string permission) => $"{noun} lacks {permission}";

    /// <summary>As much of it as fits: the problem always, then the cure, then the detail.</summary>
    /// <param name="most">So many characters.</param>
    public string Within(int most)
    {
        string[] texts = [Text, Put(detail: null, Cure), Put(Detail, cure: null)];
        return Array.Find(texts, t => t.Length <= most) ?? Problem;
    }

    /// <summary>The same with each part changed.</summary>
    public Wording Select(Func<string, string> change) =>
        new(change(Problem), Cure is null ? null : change(Cure), Detail is null ? null : change(Detail));

    private string Put(string? detail, string? cure) =>
        (detail is null ? Problem : $"{Problem}: {detail}") + (cure is null ? "" : $". {cure}");
}
