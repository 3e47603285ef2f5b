using System.Globalization;

namespace BitbucketOperator.Manifests.Schemas;

/// <summary>Checks the bounds of numbers.</summary>
internal static class NumberChecks
{
    /// <summary>Reports each bound that a number breaks.</summary>
    public static void Check(ScalarNode node, Schema schema, string path, List<Problem> problems)
    {
        var number = Convert.ToDouble(node.Value, CultureInfo.InvariantCulture);
        var fits = Math.Floor(number).Equals(number)
            && (schema.Format == "int32" ? number is >= int.MinValue and <= int.MaxValue : number is >= -9.2233720368547758e18 and < 9.2233720368547758e18);
        if (schema.Type == "integer" && !fits)
        {
            var format = schema.Format.Length > 0 ? $"with format {schema.Format}" : "(default format)";
            problems.Add(Problem.Error(node.At, path, $"Invalid value: {ApiText.Value(node)}: Checked value must be of type integer {format} in {path}"));
        }

        if (schema.Maximum is { } maximum && (schema.ExclusiveMaximum ? number >= maximum : number > maximum))
        {
            problems.Add(Problem.Error(node.At, path, $"Invalid value: {ApiText.Value(node)}: {path} in body should be less than{(schema.ExclusiveMaximum ? "" : " or equal to")} {Text(maximum)}"));
        }

        if (schema.Minimum is { } minimum && (schema.ExclusiveMinimum ? number <= minimum : number < minimum))
        {
            problems.Add(Problem.Error(node.At, path, $"Invalid value: {ApiText.Value(node)}: {path} in body should be greater than{(schema.ExclusiveMinimum ? "" : " or equal to")} {Text(minimum)}"));
        }
    }

    private static string Text(double number) => number.ToString(CultureInfo.InvariantCulture);
}
