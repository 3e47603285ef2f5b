namespace BitbucketOperator.Cli.Output;

/// <summary>Colours for a terminal; none where the output goes elsewhere, where NO_COLOR is set, or on a dumb terminal.</summary>
internal sealed class Paint(bool colours)
{
    /// <summary>For standard output.</summary>
    public static Paint ForOutput() => new(
        !Console.IsOutputRedirected
        && string.IsNullOrEmpty(Environment.GetEnvironmentVariable("NO_COLOR"))
        && Environment.GetEnvironmentVariable("TERM") is not (null or "" or "dumb"));

    /// <summary>A heading.</summary>
    public string Bold(string text) => In("1", text);

    /// <summary>All is well.</summary>
    public string Good(string text) => In("32", text);

    /// <summary>A person should know.</summary>
    public string Doubtful(string text) => In("33", text);

    /// <summary>Something must be done.</summary>
    public string Bad(string text) => In("31", text);

    private string In(string code, string text) => colours ? $"\e[{code}m{text}\e[0m" : text;
}
