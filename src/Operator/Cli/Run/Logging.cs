using BitbucketOperator.Cli.Settings;
using Serilog;
using Serilog.Core;
using Serilog.Events;
using Serilog.Formatting.Compact;

namespace BitbucketOperator.Cli.Run;

/// <summary>Serilog, set up in code: nothing is read by reflection.</summary>
internal static class Logging
{
    public static Logger Create(RunOptions options)
    {
        var configuration = new LoggerConfiguration()
            .MinimumLevel.Is(Enum.Parse<LogEventLevel>(options.LogLevel))
            .MinimumLevel.Override("Microsoft", LogEventLevel.Warning)
            .MinimumLevel.Override("System", LogEventLevel.Warning)
            .MinimumLevel.Override("Polly", LogEventLevel.Error);
        var text = options.LogFormat == LogFormat.Text || (options.LogFormat == LogFormat.Auto && !Console.IsOutputRedirected);
        return text
            ? configuration.WriteTo.Console(new TextLogFormatter()).CreateLogger()
            : configuration.WriteTo.Console(new RenderedCompactJsonFormatter()).CreateLogger();
    }
}
