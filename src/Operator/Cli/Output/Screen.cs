using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;
using BitbucketOperator.Core.Port;

namespace BitbucketOperator.Cli.Output;

/// <summary>
/// Text for a terminal that was written here: what it quotes is escaped by <see cref="VisibleText.Escape"/>, and only
/// <see cref="Paint"/> adds what controls a terminal.
/// </summary>
internal readonly record struct Painted
{
    internal Painted(string text) => Text = text;

    /// <summary>Ready to be written.</summary>
    public string Text => field ?? "";

    /// <summary>A sentence of ours with what it quotes.</summary>
    public static Painted Of(PaintedHandler text) => text.ToPainted();

    /// <summary>A text of others.</summary>
    public static Painted Quoted(string text) => new(VisibleText.Escape(text));

    /// <summary>The same as <see cref="Text"/>.</summary>
    public override string ToString() => Text;
}

/// <summary>Puts sentences together: what was written in the code stays, what is filled in is escaped, unless it is painted already.</summary>
[InterpolatedStringHandler]
internal readonly ref struct PaintedHandler
{
    private readonly StringBuilder _text;

    public PaintedHandler(int literalLength, int formattedCount) => _text = new StringBuilder(literalLength + (formattedCount * 16));

    public void AppendLiteral(string text) => _text.Append(text);

    public void AppendFormatted(Painted painted) => _text.Append(painted.Text);

    public void AppendFormatted(string? text) => _text.Append(VisibleText.Escape(text ?? ""));

    public void AppendFormatted<T>(T value) => AppendFormatted(Convert.ToString(value, CultureInfo.InvariantCulture));

    internal Painted ToPainted() => new(_text.ToString());
}

/// <summary>Where the commands write what people read: nothing of others reaches the terminal unescaped.</summary>
internal sealed class Screen(TextWriter output)
{
    /// <summary>Standard output.</summary>
    public static Screen Output => new(Console.Out);

    /// <summary>Standard error.</summary>
    public static Screen Error => new(Console.Error);

    /// <summary>An empty line.</summary>
    public void Line() => output.WriteLine();

    /// <summary>A line.</summary>
    public void Line(PaintedHandler text) => output.WriteLine(text.ToPainted().Text);

    /// <summary>A line that was put together before.</summary>
    public void Line(Painted text) => output.WriteLine(text.Text);
}
