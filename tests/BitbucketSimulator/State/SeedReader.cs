using YamlDotNet.Core;
using YamlDotNet.Serialization;
using YamlDotNet.Serialization.NamingConventions;

namespace BitbucketOperator.BitbucketSimulator.State;

/// <summary>Reads a seed from YAML; every error names the line.</summary>
public static class SeedReader
{
    public static Seed ReadFile(string path) => Read(File.ReadAllText(path), path);

    /// <summary>Throws <see cref="StateException"/> that begins with <paramref name="source"/> and a position.</summary>
    public static Seed Read(string yaml, string source = "seed") => Read<Seed>(yaml, source);

    internal static T Read<T>(string yaml, string source)
        where T : new()
    {
        var deserializer = new DeserializerBuilder()
            .WithNamingConvention(CamelCaseNamingConvention.Instance)
            .WithDuplicateKeyChecking()
            .WithCaseInsensitivePropertyMatching()
            .Build();
        try
        {
            return deserializer.Deserialize<T>(yaml) ?? new T();
        }
        catch (YamlException e)
        {
            throw new StateException($"{source}:{e.Start.Line}:{e.Start.Column}: {Message(e)}", e);
        }
    }

    private static string Message(YamlException e)
    {
        var text = (e.InnerException ?? e).Message;
        const string unknown = "Property '";
        if (!e.Message.StartsWith(unknown, StringComparison.Ordinal)) return text;
        var name = e.Message[unknown.Length..e.Message.IndexOf('\'', unknown.Length)];
        return $"there is no field \"{name}\" here";
    }
}
