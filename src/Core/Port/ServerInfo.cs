namespace BitbucketOperator.Core.Port;

/// <summary>A server's own account of itself.</summary>
/// <param name="Version">Such as <c>9.4.2</c>; null on Cloud.</param>
/// <param name="DisplayName">The product name that it gives; <c>Bitbucket</c> unless an administrator changed it.</param>
public sealed record ServerInfo(string? Version, string? DisplayName);

/// <summary>Whom the server takes the credential for.</summary>
/// <param name="Name">The name as the server gives it; null when it proves a login but names nobody.</param>
public sealed record Account(string? Name);
