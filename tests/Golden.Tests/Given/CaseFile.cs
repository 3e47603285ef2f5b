using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using BitbucketOperator.Core.Api.V1Alpha1;
using BitbucketOperator.Core.Model;
using BitbucketOperator.Runtime.Patching;
using BitbucketOperator.Testing;

namespace BitbucketOperator.Golden.Tests.Given;

/// <summary>A state of the resource and of the world that is reconciled until it settles.</summary>
/// <param name="Connection">The resource, without status.</param>
/// <param name="World">What is found from then on.</param>
/// <param name="After">How long after the step before.</param>
internal sealed record Step(BitbucketConnection Connection, World World, TimeSpan After)
{
    /// <summary>A new process begins, which remembers nothing.</summary>
    public bool Restart { get; init; }

    /// <summary>What was before the case: not reported as long as it ends well.</summary>
    public bool IsEarlier { get; init; }

    /// <summary>The same in another mode, at once.</summary>
    public Step Enforced()
    {
        var copy = JsonSerializer.Deserialize<BitbucketConnection>(JsonSerializer.Serialize(Connection, CaseFile.Strict), CaseFile.Strict)!;
        copy.Spec.Mode = Mode.Enforce;
        copy.Metadata.Generation++;
        var world = JsonSerializer.Deserialize<World>(JsonSerializer.Serialize(World, CaseFile.Strict), CaseFile.Strict)!;
        foreach (var scope in world.Repositories.Values.Concat(world.ProjectLevel.Values))
        {
            scope.Webhooks = null;
        }

        return new Step(copy, world, TimeSpan.FromMinutes(5));
    }
}

/// <summary>
/// The first document of a case's file: a shared connection, what is changed in it (spec and annotations, as a merge patch),
/// and the world. With earlier, the connection was reconciled a day before, in the same world with nothing wrong and no
/// webhook in it (of the world, only its Secrets and which repositories and projects there are), changed by what earlier says.
/// Each entry of then changes the connection and the world further, and is reconciled and reported too.
/// </summary>
internal static class CaseFile
{
    private static readonly TimeSpan Day = TimeSpan.FromDays(1);

    public static JsonSerializerOptions Strict { get; } = new(Core.Api.V1Alpha1.ApiJsonContext.Default.Options)
    {
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        TypeInfoResolver = new System.Text.Json.Serialization.Metadata.DefaultJsonTypeInfoResolver(),
        Converters = { new AnyScalar(), new JsonStringEnumConverter() },
    };

    public static IReadOnlyList<Step> Read(string given, Func<string, string> shared)
    {
        var now = Map(Yaml.Documents(given)[0]);
        var documents = Yaml.Documents(shared(Text(now, "connection"))).Select(Map).ToList();
        var state = new State(documents[0], documents.Count > 1 ? documents[1] : []);
        var steps = new List<Step>();
        if (now["earlier"] is JsonObject earlier)
        {
            var healthy =
                new JsonObject { ["spec"] = now["spec"]?.DeepClone(), ["annotations"] = now["annotations"]?.DeepClone(), ["world"] = Healthy(now["world"]) };
            var before = state.With(healthy).With(earlier);
            steps.Add(before.ToStep(earlier) with { IsEarlier = true });
        }

        state = state.With(now);
        steps.Add(state.ToStep(now));
        foreach (var next in (now["then"] as JsonArray ?? []).Cast<JsonObject>())
        {
            state = state.Settled().With(next);
            steps.Add(state.ToStep(next));
        }

        CheckKeys(now);
        Number(steps);
        return steps;
    }

    // As the API server counts: a change of spec, and the deletion.
    private static void Number(List<Step> steps)
    {
        long generation = 0;
        var last = "";
        foreach (var connection in steps.Select(s => s.Connection))
        {
            var text = JsonSerializer.Serialize(connection.Spec, Strict) + (connection.Metadata.DeletionTimestamp is not null);
            generation += text == last ? 0 : 1;
            connection.Metadata.Generation = generation;
            last = text;
        }
    }

    private static JsonObject Map(YamlDotNet.RepresentationModel.YamlMappingNode node) => (JsonObject)Yaml.ToJson(node)!;

    private static string Text(JsonObject node, string key) => node[key]?.ToString() ?? throw new InvalidDataException($"{key} is missing");

    private static void CheckKeys(JsonObject given)
    {
        string[] ofSteps = ["spec", "annotations", "world", "deleted", "after", "restart"];
        Check(given, [.. ofSteps, "connection", "earlier", "then"]);
        Check(given["earlier"] as JsonObject ?? [], ofSteps);
        foreach (var step in given["then"] as JsonArray ?? [])
        {
            Check((JsonObject)step!, ofSteps);
        }

        static void Check(JsonObject node, string[] known)
        {
            if (node.Select(n => n.Key).FirstOrDefault(k => !known.Contains(k, StringComparer.Ordinal)) is { } unknown)
            {
                throw new InvalidDataException($"a case knows no {unknown}");
            }
        }
    }

    private static JsonObject Healthy(JsonNode? world)
    {
        var healthy = new JsonObject();
        foreach (var key in new[] { "allowHttp", "secrets", "configMaps", "repositories", "projectLevel", "emptyProjects" })
        {
            healthy[key] = world?[key]?.DeepClone();
        }

        foreach (var (_, scope) in (healthy["repositories"] as JsonObject ?? []).Concat(healthy["projectLevel"] as JsonObject ?? []))
        {
            foreach (var key in new[] { "webhooks", "webhooksFault", "denied", "inherited", "deliveries" })
            {
                (scope as JsonObject)?.Remove(key);
            }
        }

        return healthy;
    }

    private sealed record State(JsonObject Manifest, JsonObject World)
    {
        // Webhooks are put there once, and are the operator's affair from then on.
        public State Settled()
        {
            var world = (JsonObject)World.DeepClone();
            foreach (var (_, scope) in (world["repositories"] as JsonObject ?? []).Concat(world["projectLevel"] as JsonObject ?? []))
            {
                (scope as JsonObject)?.Remove("webhooks");
            }

            return this with { World = world };
        }

        public State With(JsonObject change)
        {
            var patch = new JsonObject { ["metadata"] = new JsonObject() };
            if (change["spec"] is { } spec)
            {
                patch["spec"] = spec.DeepClone();
            }

            if (change["annotations"] is { } annotations)
            {
                patch["metadata"]!["annotations"] = annotations.DeepClone();
            }

            if (change["deleted"]?.GetValue<bool>() is true)
            {
                patch["metadata"]!["deletionTimestamp"] = "2026-01-31T11:59:00Z";
            }

            return this with
            {
                Manifest = MergePatch.Apply(Manifest, patch),
                World = change["world"] is JsonObject world ? MergePatch.Apply(World, world) : World,
            };
        }

        public Step ToStep(JsonObject change)
        {
            var connection = Manifest.Deserialize<BitbucketConnection>(Strict)!;
            connection.Metadata.Uid = "6f1c1d0e-6a43-4f0a-9a4e-2f3b8a1c7d55";
            connection.Metadata.CreationTimestamp = new DateTime(2026, 1, 21, 12, 0, 0, DateTimeKind.Utc);
            connection.Metadata.Finalizers = [BitbucketConnection.Finalizer];
            var after = change["after"]?.ToString() is { } text ? Core.Api.GoDuration.Parse(text) : Day;
            return new Step(connection, World.Deserialize<World>(Strict)!, after) { Restart = change["restart"]?.GetValue<bool>() is true };
        }
    }

    // What is a number or a flag to YAML can be a text to us, such as an id or a version.
    private sealed class AnyScalar : JsonConverter<string>
    {
        public override string? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => reader.TokenType switch
        {
            JsonTokenType.String => reader.GetString(),
            JsonTokenType.Number => reader.GetInt64().ToString(CultureInfo.InvariantCulture),
            JsonTokenType.True => "true",
            JsonTokenType.False => "false",
            _ => throw new JsonException("not a text"),
        };

        public override void Write(Utf8JsonWriter writer, string value, JsonSerializerOptions options) => writer.WriteStringValue(value);

        public override string ReadAsPropertyName(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => reader.GetString()!;

        public override void WriteAsPropertyName(Utf8JsonWriter writer, string value, JsonSerializerOptions options) => writer.WritePropertyName(value);
    }
}
