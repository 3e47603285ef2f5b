namespace BitbucketOperator.Manifests.Documents;

/// <summary>Ends the reading of a document.</summary>
internal sealed class ManifestException(Problem problem) : Exception(problem.ToString())
{
    public Problem Problem { get; } = problem;

    public static ManifestException At(Position at, string message) => new(Problem.Error(at, "", message));

    /// <summary>A key that an object has already.</summary>
    public static ManifestException RepeatedKey(Position at, string name, MapNode map) => At(
        at, $"duplicate key {ApiText.Quote(name)} in one object, first in line {map.PositionOf(name).Line}: remove one of them");
}
