using BitbucketOperator.ControlPlane;

const string Usage = """
    usage: controlplane-tool up|down|kubeconfig [--dir FOLDER]
           controlplane-tool tools

      up          starts a cluster that outlives this command; prints the path of its kubeconfig file
      down        stops it and deletes its folder
      kubeconfig  prints the path of its kubeconfig file
      tools       prints the paths of kubectl and helm, fetching them if needed

    FOLDER is .cluster by default. CLUSTER chooses the kind: current (KUBECONFIG), k3d,
    envtest (KUBEBUILDER_ASSETS) or development; unset takes the first that the machine has.
    """;

using var stop = new CancellationTokenSource();
Console.CancelKeyPress += (_, pressed) =>
{
    pressed.Cancel = true;
    stop.Cancel();
};
try
{
    return args switch
    {
        ["up"] => await UpAsync(".cluster"),
        ["up", "--dir", var folder] => await UpAsync(folder),
        ["down"] => await DownAsync(".cluster"),
        ["down", "--dir", var folder] => await DownAsync(folder),
        ["kubeconfig"] => PrintKubeconfig(".cluster"),
        ["kubeconfig", "--dir", var folder] => PrintKubeconfig(folder),
        ["tools"] => await PrintToolsAsync(),
        _ => Fail(Usage, 2),
    };
}
catch (ClusterException e)
{
    return Fail(e.Message, 1);
}
catch (OperationCanceledException)
{
    return Fail("interrupted", 130);
}

static int Fail(string message, int code)
{
    Console.Error.WriteLine(message);
    return code;
}

async Task<int> UpAsync(string folder)
{
    Console.WriteLine(await new BackgroundCluster(Path.GetFullPath(folder), Console.Error.WriteLine).UpAsync(stop.Token));
    return 0;
}

async Task<int> DownAsync(string folder)
{
    await new BackgroundCluster(Path.GetFullPath(folder), Console.Error.WriteLine).DownAsync(stop.Token);
    return 0;
}

static int PrintKubeconfig(string folder)
{
    var path = Path.Combine(Path.GetFullPath(folder), "kubeconfig");
    if (!File.Exists(path))
        return Fail($"no cluster in {folder}: start one with up", 1);
    Console.WriteLine(path);
    return 0;
}

async Task<int> PrintToolsAsync()
{
    var tools = await Tools.EnsureAsync(cancellationToken: stop.Token);
    Console.WriteLine(tools.Kubectl);
    if (tools.Helm is not null)
        Console.WriteLine(tools.Helm);
    return 0;
}
