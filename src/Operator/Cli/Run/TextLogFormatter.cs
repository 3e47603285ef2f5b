using System.Globalization;
using BitbucketOperator.Core.Port;
using Serilog.Events;
using Serilog.Formatting;
using Serilog.Formatting.Display;

namespace BitbucketOperator.Cli.Run;

/// <summary>Writes log events as text, one line and then the exception's, with what cannot be seen in them escaped.</summary>
internal sealed class TextLogFormatter : ITextFormatter
{
    private readonly MessageTemplateTextFormatter _line = new("{Timestamp:HH:mm:ss.fff} {Level:u3} {Message:lj}", CultureInfo.InvariantCulture);

    public void Format(LogEvent logEvent, TextWriter output)
    {
        using var line = new StringWriter(CultureInfo.InvariantCulture);
        _line.Format(logEvent, line);
        output.WriteLine(VisibleText.Escape(line.ToString()));
        foreach (var row in logEvent.Exception?.ToString().Split('\n') ?? [])
        {
            output.WriteLine(VisibleText.Escape(row.TrimEnd('\r')));
        }
    }
}
