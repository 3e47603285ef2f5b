using System.Reflection;
using System.Text;
using BitbucketOperator.Core.Api;
using BitbucketOperator.Core.Api.V1Alpha1;

namespace BitbucketOperator.Generator;

/// <summary>The page that people look fields up in, from the schema that the cluster gets and the XML docs behind it.</summary>
internal sealed class ApiReference(XmlDocs docs, CrdSchema schema, string samples)
{
    private readonly StringBuilder _text = new();

    public string Write()
    {
        Title();
        Example("Bitbucket Data Center", "http-access-token.yaml");
        Example("Bitbucket Cloud", "cloud-oauth2.yaml");
        Spec();
        Status();
        Conditions();
        AnnotationTable();
        return _text.ToString();
    }

    private void Title()
    {
        var names = typeof(BitbucketConnection).GetCustomAttribute<ResourceNamesAttribute>()!;
        Paragraph($"# {BitbucketConnection.KindName}");
        Paragraph("Written by `make generate` from the code. Do not edit.");
        Paragraph(Markdown(docs.Of(typeof(BitbucketConnection))));
        Paragraph($"- API version: `{BitbucketConnection.Group}/{BitbucketConnection.Version}`, namespaced\n"
            + $"- with kubectl: `{names.Plural}`, short `{names.ShortName}`, category `{names.Category}`\n"
            + "- on this page: [examples](#examples), [spec](#spec), [status](#status), [conditions](#conditions), [annotations](#annotations)\n"
            + "- elsewhere: [credentials](../credentials.md), [network](../network.md), [troubleshooting](../troubleshooting.md)");
        Paragraph("## Examples");
    }

    private void Example(string title, string sample)
    {
        var file = File.ReadAllText(Path.Combine(samples, sample));
        var connection = file[(file.LastIndexOf("---\n", StringComparison.Ordinal) + 4)..];
        Paragraph($"### {title}");
        Paragraph($"```yaml\n{connection}```");
        Paragraph($"With its Secrets: [config/samples/{sample}](../../config/samples/{sample}).");
    }

    private void Spec()
    {
        var fields = new ApiFields(schema).Of(typeof(BitbucketConnectionSpec), "spec");
        Paragraph("## spec");
        Paragraph(Markdown(docs.Of(typeof(BitbucketConnection).GetProperty(nameof(BitbucketConnection.Spec))!)));
        Refusals(Messages(typeof(BitbucketConnectionSpec)));
        _text.Append("| Field | Type | Default |\n| --- | --- | --- |\n");
        foreach (var field in fields)
        {
            _text.Append($"| {Link(field.Path)} | {field.TypeName} | {(field.IsRequired ? "required" : Code(field.Default))} |\n");
        }

        _text.Append('\n');
        fields.ForEach(Field);
    }

    private void Status()
    {
        Paragraph("## status");
        Paragraph(Markdown(docs.Of(typeof(BitbucketConnectionStatus))));
        new ApiFields(schema).Of(typeof(BitbucketConnectionStatus), "status").ForEach(Field);
    }

    private void Field(ApiField field)
    {
        Paragraph($"### {field.Path}");
        var required = field.IsRequired && field.Path.StartsWith("spec", StringComparison.Ordinal) ? ", required" : "";
        Paragraph($"*{field.TypeName}{required}{(field.Default is null ? "" : $", default {Code(field.Default)}")}{field.Bounds}*");
        Paragraph(Markdown(docs.Of(field.Property)));
        if (field.SameAs is not null)
        {
            Paragraph($"Its fields are those of {Link(field.SameAs)}.");
        }

        if (field.Item.IsEnum)
        {
            var members = field.Item.GetFields(BindingFlags.Public | BindingFlags.Static);
            Paragraph(string.Join('\n', members.Select(m => $"- `{m.Name}`: {Markdown(docs.Of(m))}")));
        }

        var inner = field.IsObject && field.SameAs is null ? Messages(field.Item) : [];
        Refusals([.. Messages(field.Property), .. inner]);
    }

    private void Conditions()
    {
        Paragraph("## Conditions");
        Paragraph("Each reason links to its causes and cure.");
        var reasons = typeof(Reasons).GetFields(BindingFlags.Public | BindingFlags.Static)
            .Select(f => (Field: f, Reason: (Reason)f.GetValue(null)!))
            .ToLookup(r => r.Reason.Condition, StringComparer.Ordinal);
        foreach (var type in typeof(ConditionTypes).GetFields(BindingFlags.Public | BindingFlags.Static).Where(f => f.IsLiteral))
        {
            Paragraph($"### {type.Name}");
            Paragraph(Markdown(docs.Of(type)));
            var rows = reasons[(string)type.GetRawConstantValue()!].Select(r =>
                $"| [`{r.Reason}`](../troubleshooting.md#{Anchor(r.Reason.Name)}) | {Markdown(docs.Of(r.Field))} |").ToList();
            Paragraph(rows.Count > 0
                ? $"| Reason | Meaning |\n| --- | --- |\n{string.Join('\n', rows)}"
                : "No reasons of its own: it repeats that of the condition behind it.");
        }
    }

    private void AnnotationTable()
    {
        Paragraph("## Annotations");
        var rows = typeof(Annotations).GetFields(BindingFlags.Public | BindingFlags.Static)
            .Where(f => f.FieldType == typeof(string))
            .Select(f => $"| `{f.GetRawConstantValue()}` | {Markdown(docs.Of(f))} |");
        _text.Append($"| Annotation | Meaning |\n| --- | --- |\n{string.Join('\n', rows)}\n\n");
        _text.Append($"A value has at most {Annotations.MaxLength} characters: a longer one is refused and copied nowhere.\n");
    }

    private void Refusals(List<string> messages)
    {
        if (messages.Count > 0)
        {
            Paragraph("Refused with:\n\n" + string.Join('\n', messages.Select(m => "- " + m)));
        }
    }

    private static List<string> Messages(MemberInfo member) =>
        [.. member.GetCustomAttributes<ValidationRuleAttribute>().Select(r => Markdown(r.Message))];

    private void Paragraph(string text) => _text.Append(text).Append("\n\n");

    private static string Link(string path) => $"[`{path}`](#{Anchor(path)})";

    private static string Code(string? value) => value is null ? "" : $"`{value}`";

    // As GitHub makes them of headings.
    private static string Anchor(string heading) => string.Concat(heading.Where(char.IsAsciiLetterOrDigit)).ToLowerInvariant();

    private static string Markdown(string text) => string.Concat(text.Select(c => c is '*' or '|' or '<' or '~' ? $"\\{c}" : $"{c}"));
}
