namespace BitbucketOperator.Manifests.Documents;

/// <summary>A place in a file, as editors count: the first line and the first column are 1.</summary>
/// <param name="File">The file as it was named; stdin for standard input.</param>
/// <param name="Line">Its line; 0 where the place is the file.</param>
/// <param name="Column">Its column; 0 where the place is the file.</param>
public readonly record struct Position(string File, int Line, int Column)
{
    /// <summary>file:line:column; the file alone where the place is the file.</summary>
    public override string ToString() => Line == 0 ? File : $"{File}:{Line}:{Column}";
}

/// <summary>How bad a problem is.</summary>
public enum Severity
{
    /// <summary>A cluster would refuse it, or take it for something else than is meant.</summary>
    Error,

    /// <summary>A cluster would take it; people should know.</summary>
    Warning,
}

/// <summary>Something wrong in a manifest. Holds no value of a Secret and no login of a URL.</summary>
/// <param name="Severity">How bad.</param>
/// <param name="At">Where.</param>
/// <param name="Path">The field, as the API server writes it; empty where it is about the document.</param>
/// <param name="Message">What, in the API server's own words where it has some.</param>
/// <param name="Cure">What to do about it; empty where the message says so.</param>
public sealed record Problem(Severity Severity, Position At, string Path, string Message, string Cure = "")
{
    /// <summary>What a cluster would refuse.</summary>
    public static Problem Error(Position at, string path, string message, string cure = "") => new(Severity.Error, at, path, message, cure);

    /// <summary>A warning: the cluster would accept it.</summary>
    public static Problem Warning(Position at, string path, string message) => new(Severity.Warning, at, path, message);

    /// <summary>One line: place, severity, field, message, cure.</summary>
    public override string ToString()
    {
        var severity = Severity == Severity.Error ? "error" : "warning";
        var field = Path.Length == 0 ? "" : $"{Path}: ";
        var cure = Cure.Length == 0 ? "" : $"; {Cure}";
        return $"{At}: {severity}: {field}{Message}{cure}";
    }
}
