using System.Text.Json.Nodes;
using BitbucketOperator.Runtime.Patching;
using CsCheck;

namespace BitbucketOperator.Runtime.Tests;

public sealed class MergePatchTests
{
    private static readonly string[] Names = ["a", "b", "c", "d/e", ""];
    private static readonly string[] Texts = ["", "x", "ü"];
    private static readonly Gen<string> Name = Gen.Int[0, 4].Select(i => Names[i]);
    private static readonly Gen<JsonObject> Object = ObjectOf(depth: 3);

    [Fact]
    public void DiffApplied_GivesTheTarget() => Gen.Select(Object, Object).Sample((from, to) =>
    {
        var result = MergePatch.Apply(from, MergePatch.Diff(from, to));
        return JsonNode.DeepEquals(result, to);
    });

    [Fact]
    public void DiffOfEqualObjects_IsEmpty() =>
        Object.Sample(value => MergePatch.Diff(value, (JsonObject)value.DeepClone()).Count == 0);

    [Fact]
    public void Diff_LeavesItsArgumentsAlone() => Gen.Select(Object, Object).Sample((from, to) =>
    {
        var (a, b) = (from.ToJsonString(), to.ToJsonString());
        MergePatch.Apply(from, MergePatch.Diff(from, to));
        return from.ToJsonString() == a && to.ToJsonString() == b;
    });

    [Fact]
    public void Diff_NamesOnlyWhatDiffers()
    {
        var from = Parse("""{"same":1,"gone":2,"deep":{"same":1,"new":1},"list":[1,2]}""");
        var to = Parse("""{"same":1,"deep":{"same":1,"new":2},"list":[2],"added":{"x":1}}""");

        MergePatch.Diff(from, to).ToJsonString()
            .ShouldBe("""{"gone":null,"deep":{"new":2},"list":[2],"added":{"x":1}}""");
    }

    private static JsonObject Parse(string json) => (JsonObject)JsonNode.Parse(json)!;

    private static Gen<JsonObject> ObjectOf(int depth) =>
        Gen.Select(Name, ValueOf(depth), (name, value) => (name, value)).Array[0, 4].Select(members =>
        {
            var result = new JsonObject();
            foreach (var (name, value) in members)
            {
                result[name] = value.DeepClone();
            }

            return result;
        });

    private static Gen<JsonNode> ValueOf(int depth)
    {
        var number = Gen.Int[0, 3].Select(i => (JsonNode)JsonValue.Create(i));
        var text = Gen.Int[0, 2].Select(i => Texts[i]).Select(s => (JsonNode)JsonValue.Create(s)!);
        var flag = Gen.Bool.Select(b => (JsonNode)JsonValue.Create(b));
        if (depth == 0)
        {
            return Gen.OneOf(number, text, flag);
        }

        var list = Gen.OneOf(number, text).Array[0, 3].Select(items => (JsonNode)new JsonArray([.. items.Select(i => i.DeepClone()), null]));
        return Gen.OneOf(number, text, flag, list, ObjectOf(depth - 1).Select(o => (JsonNode)o));
    }
}
