namespace BitbucketOperator.Runtime.Model;

/// <summary>
/// Objects that a controller writes itself and wants to know of when somebody else changes them. Their metadata alone is watched.
/// Work does not wait for the watch, and goes on where it is refused.
/// </summary>
/// <param name="Group">API group; empty for the core group.</param>
/// <param name="Version">API version.</param>
/// <param name="Plural">As in the API path.</param>
/// <param name="LabelSelector">Which objects; null for all.</param>
/// <param name="Changed">
/// Told of an object and its version, of null when it is gone; also of what this process wrote, and not of what is there at the start.
/// Must be quick.
/// </param>
public sealed record DependentWatch(string Group, string Version, string Plural, string? LabelSelector, Action<EntityKey, string?> Changed);
