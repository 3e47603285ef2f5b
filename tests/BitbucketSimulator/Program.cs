using System.CommandLine;
using System.Net;
using System.Runtime.InteropServices;
using BitbucketOperator.BitbucketSimulator.Cloud;
using BitbucketOperator.BitbucketSimulator.Receiving;
using BitbucketOperator.BitbucketSimulator.State;

namespace BitbucketOperator.BitbucketSimulator;

internal static class Program
{
    private static readonly Option<int> Port = new("--port") { Description = "Port to listen on; 0 takes a free one.", DefaultValueFactory = _ => 0 };
    private static readonly Option<string> Bind = new("--bind") { Description = "Address to listen on.", DefaultValueFactory = _ => "127.0.0.1" };
    private static readonly Option<int> ControlPort = new(
        "--control-port") { Description = "Port of the control side; 0 takes a free one.", DefaultValueFactory = _ => 0 };
    private static readonly Option<string?> SeedFile = new("--seed") { Description = "YAML file with the initial state." };
    private static readonly Option<bool> Tls = new("--tls") { Description = "Serve https with a certificate from an authority made at start." };
    private static readonly Option<string?> CaOut = new("--ca-out") { Description = "File to write the authority's certificate to." };
    private static readonly Option<string[]> San = new(
        "--san") { Description = "Further host name or address for the certificate; can be repeated.", DefaultValueFactory = _ => [] };
    private static readonly Option<string> ContextPath = new(
        "--context-path") { Description = "Path to serve below, for example /bitbucket.", DefaultValueFactory = _ => "" };
    private static readonly Option<string?> Version = new(
        "--server-version", "--play") { Description = "Bitbucket version to play, 7.0 to 10.x; overrides the seed's. Also accepted as --version X." };
    private static readonly Option<string?> Generate = new("--generate") { Description = "Make up PROJECTSxREPOSITORIES, for example 6x34." };
    private static readonly Option<string> SecretFile = new(
        "--secret-file") { Description = "File with the secret to check signatures with; read for each delivery.", Required = true };

    public static async Task<int> Main(string[] args)
    {
        var root = new RootCommand("A Bitbucket that is only played, Data Center unless told otherwise, for tests and demonstrations.")
        {
            Port, Bind, ControlPort, SeedFile, Tls, CaOut, San, ContextPath, Version, Generate,
        };
        root.SetAction(ServeAsync);
        var receiver = new Command("receiver", "Listen for webhook deliveries and print one line for each.") { Port, Bind, SecretFile, Tls };
        receiver.SetAction(ReceiveAsync);
        root.Add(receiver);
        var cloud = new Command("cloud", "Play Bitbucket Cloud instead.") { Port, Bind, ControlPort, SeedFile, Tls, CaOut, San, Generate };
        cloud.SetAction(ServeCloudAsync);
        root.Add(cloud);
        return await root.Parse(RenameVersion(args)).InvokeAsync();
    }

    /// <summary>--version with a value means the server's; the parser keeps the bare word for itself.</summary>
    private static string[] RenameVersion(string[] args)
    {
        var at = Array.IndexOf(args, "--version");
        return at < 0 || at + 1 >= args.Length || !char.IsAsciiDigit(args[at + 1][0]) ? args : [.. args[..at], "--server-version", .. args[(at + 1)..]];
    }

    private static Task<int> ServeAsync(ParseResult parsed, CancellationToken cancel) => ExplainAsync(async () =>
    {
        await using var simulator = await Simulator.StartAsync(OptionsOf(parsed), cancel);
        await SayAsync(parsed, simulator.CaPem, $"Bitbucket {Shown(simulator.BaseUrl)} control {Shown(simulator.ControlUrl)}", cancel);
    });

    private static Task<int> ServeCloudAsync(ParseResult parsed, CancellationToken cancel) => ExplainAsync(async () =>
    {
        await using var cloud = await CloudSimulator.StartAsync(CloudOptionsOf(parsed), cancel);
        await SayAsync(parsed, cloud.CaPem, $"Bitbucket Cloud {Shown(cloud.ApiUrl)} token {Shown(cloud.TokenUrl)} control {Shown(cloud.ControlUrl)}", cancel);
    });

    /// <summary>Tells where the server is and serves until the end.</summary>
    private static async Task SayAsync(ParseResult parsed, string caPem, string line, CancellationToken cancel)
    {
        if (parsed.GetValue(CaOut) is { } file) await File.WriteAllTextAsync(file, caPem, cancel);
        Console.WriteLine(line);
        await EndAsync(cancel);
    }

    private static async Task<int> ExplainAsync(Func<Task> serve)
    {
        try
        {
            await serve();
            return 0;
        }
        catch (Exception e) when (e is StateException or FormatException or IOException)
        {
            await Console.Error.WriteLineAsync(e.Message);
            return 2;
        }
    }

    private static string Shown(Uri url) => url.AbsoluteUri.TrimEnd('/');

    private static CloudOptions CloudOptionsOf(ParseResult parsed) => new()
    {
        Port = parsed.GetValue(Port),
        ControlPort = parsed.GetValue(ControlPort),
        Bind = AddressOf(parsed),
        Tls = parsed.GetValue(Tls),
        SubjectNames = parsed.GetValue(San) ?? [],
        SeedFile = parsed.GetValue(SeedFile),
        Generate = parsed.GetValue(Generate) is { } text ? CloudGeneration.Parse(text) : null,
    };

    private static SimulatorOptions OptionsOf(ParseResult parsed) => new()
    {
        Port = parsed.GetValue(Port),
        ControlPort = parsed.GetValue(ControlPort),
        Bind = AddressOf(parsed),
        Tls = parsed.GetValue(Tls),
        SubjectNames = parsed.GetValue(San) ?? [],
        ContextPath = parsed.GetValue(ContextPath) ?? "",
        Version = parsed.GetValue(Version),
        SeedFile = parsed.GetValue(SeedFile),
        Generate = parsed.GetValue(Generate) is { } text ? Generation.Parse(text) : null,
    };

    private static async Task<int> ReceiveAsync(ParseResult parsed, CancellationToken cancel)
    {
        var file = parsed.GetValue(SecretFile)!;
        using var authority = parsed.GetValue(Tls) ? new Authority() : null;
        await using var receiver = await WebhookReceiver.StartAsync(
            () => Secret(file), parsed.GetValue(Port), AddressOf(parsed), authority, onDelivery: Print, cancel: cancel);
        Console.WriteLine($"Receiver {receiver.Url.AbsoluteUri.TrimEnd('/')}");
        await EndAsync(cancel);
        return 0;
    }

    private static IPAddress AddressOf(ParseResult parsed) => IPAddress.Parse(parsed.GetValue(Bind)!);

    /// <summary>A missing file is an answer too: the signature cannot be checked.</summary>
    private static string? Secret(string file) => File.Exists(file) ? File.ReadAllText(file).TrimEnd('\r', '\n') : null;

    private static void Print(ReceivedDelivery delivery)
    {
        var signature = (delivery.Signed, delivery.SignatureValid) switch
        {
            (false, _) => "signature none",
            (_, true) => "signature valid",
            (_, false) => "signature invalid",
            _ => "signature unchecked",
        };
        Console.WriteLine($"{delivery.Event} {delivery.Repository ?? "-"} {signature}");
    }

    private static async Task EndAsync(CancellationToken cancel)
    {
        var end = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var terminated = PosixSignalRegistration.Create(PosixSignal.SIGTERM, context =>
        {
            context.Cancel = true;
            end.TrySetResult();
        });
        await using var cancelled = cancel.Register(() => end.TrySetResult());
        await end.Task;
    }
}
