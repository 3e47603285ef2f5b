using System.Text;
using BitbucketOperator.Core.Api.V1Alpha1;

namespace BitbucketOperator.Generator;

/// <summary>The page about BitbucketInventory: a table of its fields.</summary>
internal static class InventoryReference
{
    public static string Write(XmlDocs docs, CrdSchema schema)
    {
        var fields = new ApiFields(schema);
        var text = new StringBuilder();
        text.Append($"# {BitbucketInventory.KindName}\n\nWritten by `make generate` from the code. Do not edit.\n\n");
        text.Append($"{docs.Of(typeof(BitbucketInventory))}\n\n");
        text.Append($"API version `{BitbucketInventory.Group}/{BitbucketInventory.Version}`, short name `bbi`, category `bitbucket`. ");
        text.Append($"The label `{BitbucketInventory.ConnectionLabel}` names the connection.\n\n");
        text.Append("| Field | Type | Meaning |\n| --- | --- | --- |\n");
        var all = fields.Of(typeof(BitbucketInventorySpec), "spec").Concat(fields.Of(typeof(BitbucketInventoryStatus), "status"));
        foreach (var field in all)
        {
            text.Append($"| `{field.Path}` | {field.TypeName} | {docs.Of(field.Property)} |\n");
        }

        return text.ToString();
    }
}
