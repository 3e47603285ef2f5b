using System.Globalization;
using BitbucketOperator.Runtime.Informers;
using BitbucketOperator.Runtime.Model;
using k8s.Models;

namespace BitbucketOperator.Runtime.Tests;

internal static class Given
{
    public static readonly EntityDefinition<Widget> Definition =
        new("test.example.com", "v1", "widgets", "Widget", WidgetJson.Default.Widget);

    public static Widget Widget(string name = "one", long version = 1, string uid = "u1", string ns = "default") => new()
    {
        Metadata = new()
        {
            Name = name,
            NamespaceProperty = ns,
            Uid = uid,
            ResourceVersion = version.ToString(CultureInfo.InvariantCulture),
            Generation = 1,
        },
    };

    public static Widget With(this Widget widget, Action<V1ObjectMeta> change)
    {
        change(widget.Metadata);
        return widget;
    }

    public static Widget Phase(this Widget widget, string phase)
    {
        widget.Status = new() { Phase = phase };
        return widget;
    }
}
