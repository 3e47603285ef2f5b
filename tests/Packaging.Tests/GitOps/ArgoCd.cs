using System.Text;
using System.Text.Json.Nodes;
using BitbucketOperator.Testing;

namespace BitbucketOperator.Packaging.Tests.GitOps;

/// <summary>What Argo CD shows for a resource.</summary>
/// <param name="Status">Healthy, Progressing, Degraded, Suspended.</param>
/// <param name="Message">The text next to it.</param>
internal sealed record ArgoHealth(string Status, string Message);

/// <summary>Runs config/argocd/health.lua in Lua 5.1, as Argo CD runs it: the resource is the global obj, and only the basic functions are there.</summary>
internal static class ArgoCd
{
    private const string Harness =
        """
        local cases = dofile(arg[1])
        for _, case in ipairs(cases) do
          local script = assert(loadfile(arg[2]))
          setfenv(script, { obj = case, ipairs = ipairs, pairs = pairs, type = type, tostring = tostring, next = next })
          local health = script()
          io.write(health.status, "\0", health.message or "", "\0")
        end
        """;

    /// <summary>The health of each resource, in their order.</summary>
    public static async Task<IReadOnlyList<ArgoHealth>> HealthOfAsync(IEnumerable<JsonObject> resources)
    {
        var folder = Directory.CreateTempSubdirectory("argocd").FullName;
        try
        {
            var (harness, cases) = (Path.Combine(folder, "harness.lua"), Path.Combine(folder, "cases.lua"));
            await File.WriteAllTextAsync(harness, Harness);
            await File.WriteAllTextAsync(cases, "return {\n" + string.Concat(resources.Select(r => Lua(r) + ",\n")) + "}\n");
            var run = await DebianTool.RunAsync("lua5.1", input: null, harness, cases, SourceTree.PathOf("config", "argocd", "health.lua"));
            run.ExitCode.ShouldBe(0, run.Error);
            return [.. run.Output.Split('\0').Chunk(2).Where(c => c.Length == 2).Select(c => new ArgoHealth(c[0], c[1]))];
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static string Lua(JsonNode? node) => node switch
    {
        null => "nil",
        JsonObject map => "{" + string.Join(',', map.Select(m => $"[{Quoted(m.Key)}]={Lua(m.Value)}")) + "}",
        JsonArray list => "{" + string.Join(',', list.Select(Lua)) + "}",
        JsonValue value when value.GetValueKind() is System.Text.Json.JsonValueKind.String => Quoted(value.GetValue<string>()),
        _ => node.ToJsonString(),
    };

    // Every byte by its number: right for any text.
    private static string Quoted(string text) => $"\"{string.Concat(Encoding.UTF8.GetBytes(text).Select(b => $"\\{b:D3}"))}\"";
}
