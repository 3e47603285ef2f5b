using BitbucketOperator.Core.Port;

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
    public Painted Bold(string text) => In("1", text);

    /// <summary>All is well.</summary>
    public Painted Good(string text) => In("32", text);

    /// <summary>People should know.</summary>
    public Painted Doubtful(string text) => In("33", text);

    /// <summary>Something must be done.</summary>
    public Painted Bad(string text) => In("31", text);

    private Painted In(string code, string text) => colours
        ? new($"\e[{code}m{VisibleText.Escape(text)}\e[0m")
        : Painted.Quoted(text);
}
