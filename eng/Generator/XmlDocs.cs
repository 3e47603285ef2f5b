using System.Reflection;
using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace BitbucketOperator.Generator;

/// <summary>The summaries of an assembly's members, as one line of text each.</summary>
internal sealed partial class XmlDocs
{
    private readonly Dictionary<string, string> _summaries;

    public XmlDocs(Assembly assembly)
    {
        var document = XDocument.Load(Path.ChangeExtension(assembly.Location, ".xml"));
        _summaries = document.Descendants("member")
            .Where(m => m.Element("summary") is not null)
            .ToDictionary(m => m.Attribute("name")!.Value, m => Text(m.Element("summary")!), StringComparer.Ordinal);
    }

    public string Of(Type type) => Find($"T:{type.FullName}");

    public string Of(PropertyInfo property) => Find($"P:{property.DeclaringType!.FullName}.{property.Name}");

    public string Of(FieldInfo field) => Find($"F:{field.DeclaringType!.FullName}.{field.Name}");

    private string Find(string id) =>
        _summaries.TryGetValue(id, out var text) && text.Length > 0
            ? text
            : throw new InvalidOperationException($"{id} needs a summary: it is what kubectl explain and the docs show");

    private static string Text(XElement summary)
    {
        foreach (var reference in summary.Descendants("see").ToList())
        {
            reference.ReplaceWith(reference.Attribute("cref")!.Value.Split('.')[^1]);
        }

        foreach (var code in summary.Descendants("c").ToList())
        {
            code.ReplaceWith($"`{code.Value}`");
        }

        return Blanks().Replace(summary.Value, " ").Trim();
    }

    [GeneratedRegex(@"\s+")]
    private static partial Regex Blanks();
}
