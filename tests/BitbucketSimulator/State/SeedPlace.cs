namespace BitbucketOperator.BitbucketSimulator.State;

/// <summary>Errors in a seed name the entry they are about.</summary>
internal static class SeedPlace
{
    private static readonly string[] Nested = ["projects[", "repositories["];

    public static void Require(string value, string field)
    {
        if (value.Length == 0) throw new StateException($"{field} is missing");
    }

    public static void Each<T>(List<T> items, string field, Action<T> apply)
    {
        for (var i = 0; i < items.Count; i++)
        {
            var item = items[i];
            Within($"{field}[{i}]", () => apply(item));
        }
    }

    public static void Within(string field, Action act) => Within(field, () =>
    {
        act();
        return 0;
    });

    public static T Within<T>(string field, Func<T> act)
    {
        try
        {
            return act();
        }
        catch (Exception e) when (e is StateException or FormatException)
        {
            var nested = Nested.Any(n => e.Message.StartsWith(n, StringComparison.Ordinal));
            throw new StateException($"{field}{(nested ? "." : ": ")}{e.Message}", e);
        }
    }
}
