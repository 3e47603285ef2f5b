using System.Text;
using BitbucketOperator.Core.Api.V1Alpha1;
using BitbucketOperator.Core.Model;
using BitbucketOperator.Manifests.Documents;
using BitbucketOperator.Manifests.Objects;
using BitbucketOperator.Manifests.Reading;

namespace BitbucketOperator.Manifests.Tests;

public sealed class ReaderTests : IDisposable
{
    private const string Connection = """
        apiVersion: bitbucketoperator.dev/v1alpha1
        kind: BitbucketConnection
        metadata: { name: NAME, labels: { team: a } }
        spec:
          url: https://bitbucket.example.com
          auth: { type: Basic, secretRef: { name: login } }
          webhooks: [{ name: ci, url: "https://ci.example.com", secretRef: { name: hook } }]
        """;

    private readonly string _folder = Directory.CreateTempSubdirectory("manifests-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Connection_HasTheDefaultsOfItsSchema()
    {
        var connection = Read(Connection.Replace("NAME", "one", StringComparison.Ordinal)).Resources.ShouldHaveSingleItem().Resource;
        connection.Metadata.NamespaceProperty.ShouldBe("default");
        connection.Metadata.Labels["team"].ShouldBe("a");
        connection.Spec.Interval.ShouldBe("10m");
        connection.Spec.Discovery.MaxShrinkPercent.ShouldBe(50);
        connection.Spec.Webhooks[0].SecretRef!.Key.ShouldBe("secret");
    }

    [Fact]
    public void ExportedObject_IsReadAndItsStatusIsNot()
    {
        var exported = Connection.Replace(
            "name: NAME,", """name: one, uid: 1-2, generation: 3, creationTimestamp: "2026-01-31T00:00:00Z", finalizers: [a/b], managedFields: [{}],""",
            StringComparison.Ordinal);
        var set = Read($"{exported}\nstatus: {{ observedGeneration: 3, conditions: [] }}\n");
        set.Problems.ShouldBeEmpty();
        var connection = set.Resources.ShouldHaveSingleItem().Resource;
        connection.Metadata.Uid.ShouldBe("1-2");
        connection.Status.ShouldBeNull();
    }

    [Fact]
    public void Secret_PutsStringDataOverDataAndKeepsTrailingLineBreaks()
    {
        var secret = Read("""
            apiVersion: v1
            kind: Secret
            metadata: { name: login, namespace: ci }
            type: kubernetes.io/basic-auth
            data: { username: Ym90, password: b2xk, empty: }
            stringData:
              password: |
                new
            ---
            """).Secrets[new ObjectName("ci", "login")];
        secret.Type.ShouldBe("kubernetes.io/basic-auth");
        secret.Data.ToDictionary(d => d.Key, d => Encoding.UTF8.GetString(d.Value))
            .ShouldBe(new Dictionary<string, string> { ["username"] = "bot", ["password"] = "new\n", ["empty"] = "" });
        secret.ToString().ShouldNotContain("new");
    }

    [Theory]
    [InlineData("aGk=", true)]
    [InlineData("aG\\nk=\\n", true)]
    [InlineData("aGk", false)]
    [InlineData("aG k=", false)]
    [InlineData("a-_=", false)]
    [InlineData("hunter2!", false)]
    public void Base64_IsWhatGoTakesForIt(string text, bool isValid) =>
        Read($"apiVersion: v1\nkind: Secret\nmetadata: {{ name: a }}\ndata: {{ k: \"{text}\" }}\n").HasErrors.ShouldBe(!isValid);

    [Fact]
    public async Task Folder_IsReadSortedWithThoseBelow()
    {
        Write("b.yml", Connection.Replace("NAME", "two", StringComparison.Ordinal));
        Write("a.yaml", Connection.Replace("NAME", "one", StringComparison.Ordinal));
        Write("sub/c.json", """{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"ca"},"data":{"ca.crt":"x"}}""");
        Write("README.md", "not: [read");
        Write(".hidden/d.yaml", "not: [read");
        Directory.CreateSymbolicLink(Path.Combine(_folder, "loop"), _folder);
        var set = await Given.Reader.ReadAsync([_folder, Path.Combine(_folder, "a.yaml")], Stream.Null, default);
        set.Problems.ShouldBeEmpty();
        set.Resources.Select(c => c.Resource.Metadata.Name).ShouldBe(["one", "two"]);
        set.Resources[0].At.ShouldBe(new Position(Path.Combine(_folder, "a.yaml"), 1, 1));
        set.ConfigMaps.Keys.ShouldBe([new ObjectName("default", "ca")]);
    }

    [Fact]
    public async Task FileNamedInTwoWays_IsReadOnce()
    {
        Write("a.yaml", Connection.Replace("NAME", "one", StringComparison.Ordinal));
        var set = await Given.Reader.ReadAsync([_folder, Path.Combine(_folder, "..", Path.GetFileName(_folder), "a.yaml")], Stream.Null, default);
        set.Problems.ShouldBeEmpty();
        set.Resources.Count.ShouldBe(1);
    }

    [Theory]
    [InlineData("kustomization.yaml", "resources: [a.yaml]")]
    [InlineData("Chart.yaml", "apiVersion: v2\nname: operator\nversion: 1.0.0")]
    [InlineData("values.yaml", "replicas: 2")]
    [InlineData("patch.json", """[{ "op": "remove", "path": "/spec/suspend" }]""")]
    public async Task FileOfAFolder_ThatIsNoManifest_IsSkippedUnlessItIsNamed(string name, string text)
    {
        Write("a.yaml", Connection.Replace("NAME", "one", StringComparison.Ordinal));
        Write(name, text);
        var file = Path.Combine(_folder, name);
        var set = await Given.Reader.ReadAsync([_folder], Stream.Null, default);
        set.Problems.ShouldBeEmpty();
        set.Resources.Count.ShouldBe(1);
        set.Skipped.ShouldHaveSingleItem().ToString().ShouldBe($"skipped: not a manifest, {file}:1");
        (await Given.Reader.ReadAsync([file], Stream.Null, default)).HasErrors.ShouldBeTrue();
    }

    [Theory]
    [InlineData("apiVersion: bitbucketoperator.dev/v1alpha1\nmetadata: { name: a }")]
    [InlineData("metadata: { name: a }\nspec: { url: https://bitbucket.example.com }")]
    [InlineData("metadata: { name: a }\nstringData: { token: x }")]
    public async Task ManifestOfAFolder_ThatDoesNotSayItsKind_IsAMistake(string text)
    {
        Write("a.yaml", text);
        (await Given.Reader.ReadAsync([_folder], Stream.Null, default)).Problems.ShouldHaveSingleItem().Message.ShouldStartWith("Required value");
    }

    [Fact]
    public async Task StandardInput_IsNamedStdin()
    {
        using var input = new MemoryStream(Encoding.UTF8.GetBytes("kind: Secret\n"));
        var set = await Given.Reader.ReadAsync(["-"], input, default);
        set.Problems.ShouldHaveSingleItem().ToString().ShouldBe("stdin:1:1: error: apiVersion: Required value: write v1");
    }

    [Fact]
    public async Task FilesThatCannotBeRead_AreProblemsByName()
    {
        Directory.CreateDirectory(Path.Combine(_folder, "empty"));
        await using (var large = File.Create(Path.Combine(_folder, "large.yaml")))
        {
            large.SetLength(17 << 20);
        }

        var set = await Given.Reader.ReadAsync(
            [Path.Combine(_folder, "absent.yaml"), Path.Combine(_folder, "empty"), Path.Combine(_folder, "large.yaml"), ""], Stream.Null, default);
        set.Problems.Select(p => p.Message).ShouldBe(
            ["cannot be read", "there is no such file or folder", "the folder holds no file that ends in .yaml, .yml or .json",
                "larger than 16 MiB: split it"]);
    }

    [Theory]
    [InlineData("utf-8")]
    [InlineData("utf-16")]
    [InlineData("utf-16BE")]
    public void Encoding_WithAByteOrderMark_IsRead(string name)
    {
        var encoding = Encoding.GetEncoding(name);
        var set = Given.Reader.Read("x.yaml", [.. encoding.GetPreamble(), .. encoding.GetBytes(Connection.Replace("NAME", "one", StringComparison.Ordinal))]);
        set.Resources.Count.ShouldBe(1);
    }

    [Fact]
    public void CarriageReturns_AreLineEnds()
    {
        var (one, two) = (Connection.Replace("NAME", "one", StringComparison.Ordinal), Connection.Replace("NAME", "two", StringComparison.Ordinal));
        var set = Read($"{one}\n---\n{two}\n  intervall: 5m\n".Replace("\n", "\r\n", StringComparison.Ordinal));
        set.Resources.Count.ShouldBe(1);
        set.Problems.ShouldHaveSingleItem().ToString().ShouldBe("x.yaml:16:3: error: spec.intervall: unknown field \"spec.intervall\"; did you mean interval?");
    }

    [Fact]
    public void Lists_AreUnrolledWithTheKindsThatTheirItemsLack()
    {
        var set = Read("""
            apiVersion: v1
            kind: SecretList
            items:
            - { metadata: { name: a }, stringData: { k: v } }
            - { apiVersion: v1, kind: List, items: [{ apiVersion: v1, kind: Service, metadata: { name: b } }] }
            """);
        set.Problems.ShouldBeEmpty();
        set.Secrets.Keys.ShouldBe([new ObjectName("default", "a")]);
        set.Skipped.ShouldHaveSingleItem().ToString().ShouldBe("skipped: kind Service, x.yaml:5");
    }

    [Fact]
    public void ProblemOfAnAlias_StandsWhereItsAnchorIs()
    {
        var set = Read("a: &a { type: Basik, secretRef: { name: x } }\n" + Connection.Replace("NAME", "one", StringComparison.Ordinal)
            .Replace("{ type: Basic, secretRef: { name: login } }", "*a", StringComparison.Ordinal));
        set.Problems.Where(p => p.Path == "spec.auth.type").ShouldHaveSingleItem().ToString()
            .ShouldStartWith("x.yaml:1:15: error: spec.auth.type: Unsupported value: \"Basik\"");
    }

    private static ManifestSet<BitbucketConnection> Read(string text) => Given.Reader.Read("x.yaml", Encoding.UTF8.GetBytes(text));

    private void Write(string name, string text)
    {
        var path = Path.Combine(_folder, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, text);
    }
}
