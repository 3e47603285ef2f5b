namespace BitbucketOperator.Testing.Servers;

/// <summary>A repository as the played server has it.</summary>
internal sealed record Repo(string Id, string Project, string Slug, bool Archived, bool Fork)
{
    public string Path => $"{Project}/{Slug}";
}

/// <summary>What a webhook does, and its secret in clear.</summary>
/// <param name="Url">Where deliveries go.</param>
/// <param name="Events">Sorted, with blanks between them.</param>
/// <param name="Active">False when switched off.</param>
/// <param name="Ssl">The receiver's certificate is checked.</param>
/// <param name="Secret">Null for none.</param>
internal sealed record HookFields(string Url, string Events, bool Active, bool Ssl, string? Secret)
{
    public static string Join(IEnumerable<string> events) => string.Join(' ', events.Order(StringComparer.Ordinal));
}

/// <summary>A webhook as the played server has it.</summary>
/// <param name="PlaceId">Where: id of a repository, <c>project:KEY</c> or <c>workspace:SLUG</c>.</param>
/// <param name="Id">The server's id.</param>
/// <param name="Title">What people see. Cloud: the one text, which is the marker too.</param>
/// <param name="Marker">Data Center: the text that the maker left.</param>
/// <param name="Fields">All else.</param>
internal sealed record Hook(string PlaceId, string Id, string Title, string? Marker, HookFields Fields);

/// <summary>What the account of the operator may do on a repository.</summary>
internal enum RepoRight
{
    Admin,
    Read,
    None,
}
