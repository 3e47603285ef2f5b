using System.Collections;

namespace BitbucketOperator.Manifests.Cel;

/// <summary>A list that the schema has as a set or a map, so that the order of its entries means nothing.</summary>
internal sealed class CelUnorderedList(IReadOnlyList<object?> items) : IReadOnlyList<object?>
{
    public int Count => items.Count;

    public object? this[int index] => items[index];

    public IEnumerator<object?> GetEnumerator() => items.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
