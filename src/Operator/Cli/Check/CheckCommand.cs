using System.CommandLine;
using System.CommandLine.Parsing;
using BitbucketOperator.Cli.Settings;

namespace BitbucketOperator.Cli.Check;

/// <summary><c>check</c>: looks at connections in files as the operator would in a cluster, and writes nothing.</summary>
internal static class CheckCommand
{
    public static Command Create()
    {
        var files = new Option<string[]>("--filename", "-f")
        {
            Description = "Manifests of BitbucketConnections, Secrets and ConfigMaps: files, folders, or - for standard input.",
            Required = true,
        };
        var output = new Option<string>("--output", "-o")
        {
            Description = "table, or the status that each resource would get as yaml or json.",
            DefaultValueFactory = _ => "table",
        };
        output.AcceptOnlyFromAmong("table", "yaml", "json");
        var offline = new Option<bool>("--offline") { Description = "Validate only; Bitbucket is not asked." };
        var strict = new Option<bool>("--strict")
        {
            Description =
                "Exit with 1 for warnings too: degraded, a credential that ends soon, permissions that are missing or unknown, a "
                + "wrong base URL, missing objects with --offline.",
        };
        var tokenVariable = new Option<string?>("--token-env")
        {
            Description =
                "Environment variable with the credential of spec.auth, where no file holds its Secret; user:password, "
                + "email:token or clientId:clientSecret for kinds of two parts.",
        };
        var secretFiles = new Option<string[]>("--secret-file") { Description = "NAME=FILE: a Secret's values as lines of key=value." };
        var cluster = new Option<string?>("--cluster-name")
        {
            Description =
                "The cluster whose operator keeps the webhooks, to know its own: its --cluster-name, or the UID of its namespace "
                + "kube-system.",
        };
        var verbose = new Option<bool>("--verbose", "-v") { Description = "Show each request on standard error." };
        var server = new ServerFlags();
        tokenVariable.Validators.Add(RefuseUnset);
        var command = new Command(
            "check", "Look at connections in files as the operator would, and write nothing. Exit code 0: healthy, 1: not, 2: bad input.")
        {
            files, output, offline, strict, tokenVariable, secretFiles, cluster, verbose,
        };
        foreach (var flag in server.All)
        {
            command.Options.Add(flag);
        }

        command.SetAction((parsed, cancellationToken) => new CheckRun(new CheckOptions(
            parsed.GetValue(files)!,
            parsed.GetValue(output)!,
            parsed.GetValue(offline),
            parsed.GetValue(strict),
            parsed.GetValue(tokenVariable) is { } variable ? Environment.GetEnvironmentVariable(variable) : null,
            parsed.GetValue(secretFiles) ?? [],
            parsed.GetValue(cluster),
            parsed.GetValue(verbose),
            server.Read(parsed))).RunAsync(cancellationToken));
        return command;
    }

    private static void RefuseUnset(OptionResult result)
    {
        var name = result.GetValueOrDefault<string?>();
        if (name is not null && string.IsNullOrEmpty(Environment.GetEnvironmentVariable(name)))
        {
            result.AddError($"--token-env: the environment variable {name} is not set");
        }
    }
}

/// <summary>What <c>check</c> was told.</summary>
/// <param name="Files">Files, folders, or -.</param>
/// <param name="Output">table, yaml or json.</param>
/// <param name="Offline">Validate only.</param>
/// <param name="Strict">Warnings fail.</param>
/// <param name="Credential">Of spec.auth; null when it is in the files.</param>
/// <param name="SecretFiles">Each NAME=FILE.</param>
/// <param name="ClusterName">Tells webhooks of the cluster's operator from those of others; null when it is not known.</param>
/// <param name="Verbose">Show requests.</param>
/// <param name="Server">How Bitbucket may be talked to.</param>
internal sealed record CheckOptions(
    string[] Files,
    string Output,
    bool Offline,
    bool Strict,
    string? Credential,
    string[] SecretFiles,
    string? ClusterName,
    bool Verbose,
    RunOptions Server);
