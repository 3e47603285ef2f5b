using System.Globalization;
using BitbucketOperator.Manifests.Documents;

namespace BitbucketOperator.Manifests.Schemas;

/// <summary>Checks the bounds of numbers.</summary>
internal static class NumberChecks
{
    /// <summary>Reports each bound that a number breaks.</summary>
    public static void Check(ScalarNode node, Schema schema, string path, List<Problem> problems)
    {
        var number = Convert.ToDouble(node.Value, CultureInfo.InvariantCulture);
        if (schema.Type == "integer" && !IsInteger(number, schema.Format))
        {
            var format = schema.Format.Length > 0 ? $"with format {schema.Format}" : "(default format)";
            Report($"Checked value must be of type integer {format} in {path}");
        }

        if (schema.Maximum is { } maximum && (schema.ExclusiveMaximum ? number >= maximum : number > maximum))
        {
            Report($"{path} in body should be less than{(schema.ExclusiveMaximum ? "" : " or equal to")} {Text(maximum)}");
        }

        if (schema.Minimum is { } minimum && (schema.ExclusiveMinimum ? number <= minimum : number < minimum))
        {
            Report($"{path} in body should be greater than{(schema.ExclusiveMinimum ? "" : " or equal to")} {Text(minimum)}");
        }

        void Report(string message) => problems.Add(Problem.Error(node.At, path, $"Invalid value: {ApiText.Value(node)}: {message}"));
    }

    private static bool IsInteger(double number, string format) => Math.Floor(number).Equals(number)
        && (format == "int32"
            ? number is >= int.MinValue and <= int.MaxValue
            : number is >= -9.2233720368547758e18 and < 9.2233720368547758e18);

    private static string Text(double number) => number.ToString(CultureInfo.InvariantCulture);
}
