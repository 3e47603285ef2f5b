using System.Globalization;
using BitbucketOperator.Core.Api;
using BitbucketOperator.Core.Model;
using BitbucketOperator.Core.Port;

namespace BitbucketOperator.Core.Messages;

/// <summary>
/// Every sentence for people: the problem, then the cure. A low room: any room of Core may say why without knowing Status, and this
/// one knows Api, Port and Model only. Not called Messages, which inside Core would be the namespace. A sentence is never parsed or compared.
/// </summary>
public static class Sentences
{
    // Words: how scopes, counts and changes are called in a sentence.

    /// <summary>Goes with every message of mode Plan.</summary>
    internal const string NothingChanges = "mode is Plan";

    internal const string OwnerMark = "owner mark";

    internal static string Named(WebhookScope scope) => Named(scope.Kind, scope.Name);

    internal static string Named(ScopeKind kind, string name) => kind switch
    {
        ScopeKind.Project => $"project {name}",
        ScopeKind.Workspace => $"workspace {name}",
        ScopeKind.Repository => name,
    };

    internal static string Counted(int webhooks) => webhooks == 1 ? "1 webhook" : $"{webhooks} webhooks";

    internal static string Repositories(int count) => count == 1 ? "1 repository" : $"{count} repositories";

    internal static string Projects(int count) => count == 1 ? "1 project" : $"{count} projects";

    internal static string Scopes(IEnumerable<WebhookScope> scopes) => Scopes(scopes.CountBy(s => s.Kind));

    internal static string Scopes(IEnumerable<KeyValuePair<ScopeKind, int>> counts) =>
        string.Join(" and ", counts.OrderByDescending(c => c.Key).Select(c => c.Key switch
        {
            ScopeKind.Project => Projects(c.Value),
            ScopeKind.Workspace => "the workspace",
            ScopeKind.Repository => Repositories(c.Value),
        }));

    internal static string Past(ChangeKind kind) => kind switch
    {
        ChangeKind.Create => "created",
        ChangeKind.Update => "updated",
        ChangeKind.Adopt => "adopted",
        ChangeKind.Remove => "removed",
    };

    internal static string List(IEnumerable<string> names) => string.Join(", ", names);

    /// <summary>Several findings of one condition.</summary>
    internal static string Together(params IEnumerable<string> messages) => string.Join("; ", messages);

    /// <summary>How many characters Ready has at most, which kubectl get shows in a column.</summary>
    internal const int MostInReady = 120;

    /// <summary>The name of an object as messages have it, such as <c>Secret "bitbucket-token"</c>.</summary>
    public static string Quoted(string kind, string name) => $"{kind} \"{name}\"";

    internal static string AndMore(string first, int count) => count <= 1 ? first : $"{first} (and {count - 1} more)";

    /// <summary>The first faults of one condition, and how many more there are.</summary>
    internal static string Several(IReadOnlyCollection<Wording> faults, int most) => OneAfterTheOther(
        [.. faults.Take(most).Select(f => f.Text), .. faults.Count > most ? [$"{faults.Count - most} more"] : Array.Empty<string>()]);

    /// <summary>Several faults of one condition.</summary>
    internal static string OneAfterTheOther(IEnumerable<string> messages) => string.Join(". ", messages);

    // Ready, Reconciling, and what else concerns the connection as a whole.

    internal const string RetriedAfterFailure = "Reconciliation failed, retrying";

    internal const string Suspended = "Suspended by spec.suspend";

    /// <summary>The API server refuses a request of the operator.</summary>
    /// <param name="answer">What it says.</param>
    public static Wording ApiServerDenied(string answer) => new(
        "Kubernetes API server denied a request", "Grant the operator's ServiceAccount the permission, as the chart does", answer.TrimEnd('.'));

    /// <summary>The API server rejects what the operator writes.</summary>
    /// <param name="answer">What it says.</param>
    public static Wording ApiServerRejected(string answer) => new(
        "Kubernetes API server rejected a write", "Select fewer repositories or webhooks, or report a bug", answer.TrimEnd('.'));

    /// <summary>The API server cannot serve a request now.</summary>
    /// <param name="answer">What it says, or what happened instead.</param>
    public static Wording ApiServerUnavailable(string answer) => new("Kubernetes API server unavailable, retrying", Detail: answer.TrimEnd('.'));

    /// <summary>A defect.</summary>
    /// <param name="type">The type of the exception.</param>
    public static Wording InternalError(string type) => ($"Internal error, retrying ({type})", "Report it with the operator's log");

    /// <summary>A reconcile that failed without a condition that says why.</summary>
    public const string ReconcileFailed = "Reconciliation failed";

    internal static Wording RemovalBlocked { get; } =
        ("Webhooks cannot be removed, see permission DeleteWebhooks", "Grant it, or set spec.deletionPolicy to Retain");

    internal static string NotChecked(string? cause) => cause is null ? "Not checked yet" : $"Not checked: {cause} is False";

    /// <summary>What stops the operator where nothing tells its cluster from others.</summary>
    public const string NoClusterIdentity = "Namespace kube-system not found: start the operator with --cluster-name";

    // Deletion.

    internal static string Removed(int webhooks) => $"Removed {Counted(webhooks)}";

    internal static string CleaningUp(int left, int all) => $"Removing webhooks: {left} of {all} repositories and projects left";

    internal static Wording CleanupBlocked(Wording why, string? place)
    {
        var problem = $"Webhooks cannot be removed{(place is null ? "" : $" from {place}")}: {why.Problem}";
        var abandon = $"To leave them, set annotation {Annotations.AbandonWebhooks}: \"true\"";
        return new(problem, why.Cure is null ? abandon : $"{why.Cure}. {abandon}", why.Detail);
    }

    internal static Wording GiveRightAgain(Wording denied, string secret) =>
        denied with { Cure = $"Grant it again to the credential in {Quoted("Secret", secret)}" };

    /// <summary>The resource goes and its webhooks stay.</summary>
    /// <param name="why">One of the reasons below.</param>
    public static string WebhooksRetained(string why) => $"Webhooks left in place: {why}";

    /// <summary>Why they stay: the annotation.</summary>
    public const string AbandonedByAnnotation = $"annotation {Annotations.AbandonWebhooks} is set";

    /// <summary>Why they stay: spec.deletionPolicy.</summary>
    public const string DeletionPolicyRetains = "spec.deletionPolicy is Retain";

    /// <summary>Why they stay: spec.mode.</summary>
    public const string ModeIsPlan = "spec.mode is Plan";

    /// <summary>Why they stay: spec.suspend.</summary>
    public const string SuspendIsTrue = "spec.suspend is true";

    // Events without a condition.

    internal static string ServerChanged(string before, string now) =>
        $"spec.url changed from {before} to {now}. If that is another server, webhooks remain on the old one: "
        + "set spec.url and its credential back, delete the connection, then apply it with the new URL";

    internal static string WebhooksChanged(IEnumerable<KeyValuePair<ChangeKind, int>> counts) =>
        "Webhooks " + string.Join(", ", counts.Select(c => $"{Past(c.Key)}: {c.Value}"));

    /// <summary>An event: a permission that was granted is missing now.</summary>
    internal static string PermissionLost(string? required, string capabilities, string? message) =>
        $"Permission lost: {message ?? required} ({capabilities})";

    // Reachable: the spec.

    internal const string InvalidUrl = "spec.url is not an absolute http or https URL, such as https://bitbucket.example.com/bitbucket";

    internal static Wording InsecureUrl { get; } = ("spec.url is http: the credential would be sent unencrypted", UseHttps);

    internal static Wording InvalidProxyUrl { get; } = (
        "spec.proxy.url is not an absolute http or https URL without user name, such as http://proxy.example.com:3128",
        "User name and password go into the Secret of spec.proxy.secretRef");

    private const string UseHttps = "Use https, or start the operator with --allow-http";

    internal static Wording UrlBelowWorkspace { get; } =
        ("spec.url must end with the workspace, as in https://bitbucket.org/acme", "Select repositories with spec.discovery");

    internal static Wording UrlOfCloudApi { get; } =
        ("spec.url is the address of Bitbucket Cloud's API", "Use that of the website, such as https://bitbucket.org/acme");

    internal static Wording WorkspaceRequired { get; } =
        ("spec.workspace is required on Bitbucket Cloud", "Set it, or use a URL such as https://bitbucket.org/acme");

    internal static Wording WorkspaceOnCloudOnly { get; } =
        ("spec.workspace exists only on Bitbucket Cloud", "Remove it; select projects with spec.discovery.projects");

    internal static Wording HostingDiffers(Flavour declared) =>
        ($"spec.hosting {declared} does not match spec.url", "Remove it to derive it from the URL");

    internal static Wording WorkspacesDiffer(string declared, string inUrl) =>
        ($"spec.workspace {declared} contradicts workspace {inUrl} in spec.url", "Keep one of them");

    internal static Wording KindMissing(string field, CredentialKind kind, Flavour flavour, IEnumerable<CredentialKind> others)
    {
        var names = others.Select(k => k.ToString()).ToList();
        var product = flavour == Flavour.Cloud ? "Cloud" : "Data Center";
        return ($"{field} {kind} does not exist on Bitbucket {product}", $"Use {string.Join(", ", names.SkipLast(1))} or {names[^1]}");
    }

    internal static Wording LevelMissing(string field, LevelChoice level, Flavour flavour, LevelChoice right)
    {
        var product = flavour == Flavour.Cloud ? "Cloud" : "Data Center";
        return ($"{field} {level} does not exist on Bitbucket {product}", $"Use {right}, Auto or Repository");
    }

    internal static Wording OwnerIdMalformed { get; } =
        ($"Annotation {Annotations.OwnerId} is not 16 lower-case hexadecimal digits", "Copy a status.ownerId, or remove it");

    internal static Wording AnnotationTooLong(string name) =>
        ($"Annotation {name} is longer than {Annotations.MaxLength} characters", "Shorten or remove it");

    internal static Wording OwnerIdTaken(string connection) => (
        $"Annotation {Annotations.OwnerId} has the owner id of {connection}",
        "Suspend that connection, delete it with spec.deletionPolicy Retain, or remove the annotation");

    // Reachable: the server.

    internal static string Answers(string? name, Flavour flavour, string? version) =>
        $"Connected to {name ?? (flavour == Flavour.Cloud ? "Bitbucket Cloud" : "Bitbucket")} {version}".TrimEnd();

    internal static Wording VersionNotSupported(string? version) =>
        ($"Bitbucket {version} is not supported", $"Upgrade it to {ServerVersion.Minimum} or later");

    internal static string BaseUrlMismatch(string link, string authority, string url) =>
        $"Links point to {link} instead of {authority}. Set the base URL in Bitbucket's administration to {url}";

    // What Secrets and ConfigMaps hold. A flaw goes after the name of its key.

    private const string WriteWithout = "Write the value without it, for example with printf %s instead of echo";

    internal static Wording EndsWithLineBreak { get; } = ("ends with a line break", WriteWithout);

    internal static Wording WhiteSpaceAround { get; } = ("begins or ends with white space", WriteWithout);

    internal static Wording IsPlaceholder { get; } = ("is a placeholder", "Write the real value");

    internal static Wording HiddenCharacter(string name, int position) => ($"has {name} at position {position}", WriteWithout);

    internal static Wording NotUtf8(int position) => ($"is not UTF-8 at position {position}", "Save the value as UTF-8");

    internal static Wording InQuotes { get; } = ("stands in quotes, which tokens do not have", "Write it without them");

    internal static Wording NoTokenCharacter(string name, int position) =>
        ($"has {name} at position {position}, which tokens do not have", "Copy the token again");

    internal static Wording ColonInName { get; } =
        ("has a colon, not allowed in user names", "Write the name alone, and the password into its own key");

    internal static Wording NoEmailAddress { get; } =
        ("is not an e-mail address", "Use the e-mail address of the Atlassian account, not the Bitbucket user name");

    internal static Wording SecretNotFound(string field, string name, IReadOnlyList<string> keys) => (
        $"{field}: {Quoted("Secret", name)} not found",
        $"Create it with {(keys.Count == 1 ? "key" : "keys")} {string.Join(" and ", keys)}");

    internal static string ObjectGone(string field, string kind, string name) => $"{field}: {Quoted(kind, name)} not found";

    internal static Wording CaBundleNotFound(string field, string kind, string name, string key) =>
        ($"{field}: {Quoted(kind, name)} not found", $"Create it with key {key}");

    internal static Wording CaBundleTooLarge(string field, string kind, string name, int most) =>
        ($"{field}: {Quoted(kind, name)} exceeds {most / 1024} KiB", "Keep the certificates that the server needs");

    internal static Wording KeyMissing(string field, string kind, string name, string key, string? otherField) =>
        ($"{field}: {Quoted(kind, name)} has no key {key}", otherField is null ? "Add it" : $"Add it, or set {otherField}");

    internal static Wording SecretOfOtherPurpose(string field, string name, string type) =>
        ($"{field}: {Quoted("Secret", name)} has type {type}", "Use a Secret of type Opaque");

    internal static Wording SecretNotLabelled(string field, string name, string ns) => (
        $"{field}: {Quoted("Secret", name)} lacks label {Labels.Credential}=true",
        $"If it is meant for Bitbucket, run kubectl label secret {name} --namespace {ns} {Labels.Credential}=true");

    internal static Wording ValueEmpty(string field, string key, string secret) =>
        ($"{field}: key {key} of {Quoted("Secret", secret)} is empty", "Write the value into it");

    internal static Wording ValueMalformed(string field, string key, string secret, Wording flaw) =>
        flaw with { Problem = $"{field}: key {key} of {Quoted("Secret", secret)} {flaw.Problem}" };

    internal static Wording OrDeleteGenerated(Wording words) =>
        words with { Cure = $"{words.Cure}, or delete the Secret to have it created again" };

    // CredentialValid and CredentialExpiring.

    internal static string LoggedIn(string? account) => account is null ? "Credential accepted" : $"Authenticated as {account}";

    internal static string LoggedInTwice(string? account, string? forWebhooks) =>
        $"{LoggedIn(account)}; {(forWebhooks is null ? "spec.webhookAuth accepted" : $"for webhooks as {forWebhooks}")}";

    internal static string ExpiryUnreadable(string field, string? key, string secret) =>
        $"{field}.secretRef: key {key} of {Quoted("Secret", secret)} is missing or not a time. Write one such as 2027-01-31T12:00:00Z";

    /// <param name="field">The credential's field.</param>
    /// <param name="at">When it ended.</param>
    /// <param name="key">The key of the Secret that says so; null where the resource does.</param>
    /// <param name="secret">The credential's Secret.</param>
    /// <param name="renewal">How a new credential is made.</param>
    internal static string ExpiryPassed(string field, DateTimeOffset at, string? key, string secret, string renewal)
    {
        var source = key is null ? $"{field}.expiresAt" : $"key {key} of {Quoted("Secret", secret)}";
        return $"Credential of {field} expired on {Time(at)} according to {source}. {Capital(renewal)}, and {Put(field, key, secret)}";
    }

    internal static string ExpiresSoon(string field, DateTimeOffset at, string? key, string secret, string renewal) =>
        $"Credential of {field} expires on {Time(at)}. {Capital(renewal)}, and {Put(field, key, secret)}";

    private static string Put(string field, string? key, string secret) => key is null
        ? $"update {Quoted("Secret", secret)} and {field}.expiresAt"
        : $"update {Quoted("Secret", secret)} with its key {key}";

    private static string Capital(string text) => $"{char.ToUpperInvariant(text[0])}{text[1..]}";

    private static string Time(DateTimeOffset at) => at.UtcDateTime.ToString("yyyy-MM-dd 'at' HH:mm 'UTC'", CultureInfo.InvariantCulture);

    // Permissions.

    internal static string NobodyNamed(string article, string noun) => $"{Capital(article)} {noun} has no user; this permission is not needed";

    internal static string AutoKeepsOnRepositories(string missing) => $"Auto uses repository webhooks: {missing}";

    /// <summary>An event: inventories are refused.</summary>
    public static string InventoryNotWritten(string why) =>
        $"BitbucketInventory objects cannot be written: {why.TrimEnd('.')}. Webhooks are not affected";

    internal static string MissingOnProjectLevel(string noun, WebhookScope first, int count) => first.Kind == ScopeKind.Workspace
        ? $"{noun} does not administer workspace {first.Name}"
        : $"{noun} lacks PROJECT_ADMIN on {Projects(count)} (e.g. {first.Name})";

    /// <summary>On which repositories a right is missing. Webhooks are removed from repositories too that are not selected.</summary>
    internal static string MissingOn(IReadOnlyList<string> repositories, int selected)
    {
        var share = repositories.Count <= selected ? $"{repositories.Count} of {selected} repositories" : Repositories(repositories.Count);
        return $"{share} (e.g. {repositories[0]})";
    }

    // RepositoriesDiscovered.

    internal static string Discovering(int found) => $"Discovering repositories: {found} so far";

    internal static string Selected(int selected, int total) => $"{selected} of {total} repositories selected";

    internal static string InvalidNames(int count) => $"{Repositories(count)} skipped: invalid key, slug or id";

    internal static Wording NoneSelected(int total) => (
        $"spec.discovery excludes {(total == 1 ? "the only repository" : $"all {total} repositories")}",
        "Check include, exclude, archived, forks and personal");

    internal static Wording NoneFound(RepositoryName first, int count) => count == 1
        ? ($"404 for the webhooks of the only selected repository, {first}", "Does it still exist?")
        : ($"404 for the webhooks of all {count} selected repositories (first {first})", "Do they still exist?");

    /// <summary>The repository is listed again and again, and its webhooks are not found.</summary>
    public static Wording ListedButNotFound { get; } = ("404 for the webhooks of a repository that is listed", "Check its permissions");

    internal static string Misspelled(string field, string pattern, string right) => $"{field}: {ShownName(pattern)} matches nothing, use {right}";

    internal static Wording NoneSeen(bool inProjects) =>
        ("The credential sees no repository" + (inProjects ? " in spec.discovery.projects" : ""), "Grant its account read access");

    internal static Wording Unmatched(IReadOnlyCollection<string> patterns) => new(
        $"{(patterns.Count == 1 ? "1 pattern" : $"{patterns.Count} patterns")} of spec.discovery.include without a match",
        "Use the form PROJECT/slug",
        List(patterns));

    /// <summary>A key that no project can have.</summary>
    /// <param name="key">The key.</param>
    public static Wording NoProjectKey(string key) => ($"{ShownName(key)} is not a project key", "Use at most 128 letters, digits, _, - and .");

    // It may be any text.
    private static string ShownName(string text) => VisibleText.OneLine(text.Length <= 100 ? text : $"{text[..100]}…");

    /// <summary>A name that is none of a repository.</summary>
    /// <param name="field">The field that holds it.</param>
    /// <param name="text">The name.</param>
    /// <param name="right">What may be meant; null where nothing tells.</param>
    public static Wording NoRepositoryName(string field, string text, string? right = null) =>
        new($"{field}: {ShownName(text)} is not of the form PROJECT/slug", right is null ? null : $"Use {right}");

    /// <summary>There are more repositories than are taken in.</summary>
    /// <param name="most">How many are.</param>
    public static Wording TooManyRepositories(int most) =>
        ($"More than {most} repositories listed; not changing webhooks", "Narrow spec.discovery, or raise --max-repositories");

    /// <summary>A listing that goes on and on.</summary>
    /// <param name="pages">So many pages in a row brought nothing new.</param>
    public static Wording EndlessListing(int pages) =>
        ("Repository listing does not end; using none of it", $"Check the server and proxies: {pages} pages in a row had nothing new");

    internal static Wording ListingShrank(int repositories, int before, int maxShrinkPercent, string confirmation) => (
        $"Repository count dropped from {before} to {repositories} (limit {maxShrinkPercent}%); not removing webhooks",
        $"Restore the account's read permissions, or {confirmation}");

    internal static string ConfirmListing(int repositories) => $"confirm with annotation {Annotations.ConfirmInventory}: \"{repositories}\"";

    internal static string ConfirmListingAgain(string annotation) =>
        $"confirm it again: remove annotation {Annotations.ConfirmInventory}, then set it to \"{annotation}\"";

    // Why nothing is removed.

    internal const string ListingIncomplete = "repository listing is incomplete";

    internal const string ListingDoubted = "repository count dropped";

    internal const string SelectedNotFound = "selected repositories were not found";

    internal const string RulesSelectNone = "spec.discovery selects no repository";

    // WebhooksReady: how webhooks stand.

    /// <summary>Repositories are selected, and Bitbucket finds none of them.</summary>
    internal const string SelectedMissing = "Selected repositories not found";

    internal const string NoRepositorySelected = "No repository selected";

    internal const string NoneDesired = "No webhooks in spec.webhooks";

    internal static string InSync(int ready, int projectLevel, bool inWorkspace) =>
        $"{Counted(ready)} in place{OnProjectLevel(projectLevel, inWorkspace)}";

    /// <summary>A limit leaves no request for now.</summary>
    public const string NoRequestLeft = "Rate limited by Bitbucket, resuming automatically";

    /// <summary>A sync of one scope had to be ended.</summary>
    public static Wording SyncTooLong(TimeSpan limit) =>
        ($"Sync timed out after {limit.TotalMinutes:0} minutes, retrying", "Check the server and its number of webhooks");

    internal static string Syncing(int ready, int desired) => $"Syncing: {ready} of {desired} webhooks in place";

    /// <summary>How many webhooks failed, with all that failed.</summary>
    internal static string SomeFailed(int failed, int ready, int desired, IEnumerable<string> failures) =>
        Failed(failed, ready, desired) + OneAfterTheOther(failures);

    /// <summary>The same for Ready.</summary>
    /// <param name="failed">How many are not in place and do not wait.</param>
    /// <param name="ready">How many are in place.</param>
    /// <param name="desired">How many there must be.</param>
    /// <param name="words">What fails most.</param>
    /// <param name="otherReasons">So many reasons more.</param>
    internal static string SomeFailed(int failed, int ready, int desired, Wording words, int otherReasons)
    {
        var start = Failed(failed, ready, desired);
        return otherReasons == 0
            ? start + words.Within(MostInReady - start.Length)
            : $"{start}{words.Problem}, and {otherReasons} more in status.failures";
    }

    private static string Failed(int failed, int ready, int desired) =>
        failed > 0 ? $"{failed} of {desired} webhooks failed: " : $"{ready} of {desired} webhooks in place; ";

    internal static string AsLastSeen(IEnumerable<WebhookScope> scopes) => $"Webhooks of {Scopes(scopes)} are as last seen";

    /// <summary>What failed and where: in one place, or in several with their first.</summary>
    internal static Wording FailedAt(Wording words, Place first, bool several)
    {
        var name = Named(first.Kind, first.Name);
        return words with { Problem = $"{words.Problem} ({(several ? $"e.g. {name}" : name)})" };
    }

    internal static string VerifiedBefore(IEnumerable<WebhookScope> scopes) =>
        $"Webhooks of {Scopes(scopes)} were in place when last seen; permission may be lost";

    /// <summary>Such as <c>12 webhooks would be created, 3 updated; mode is Plan</c>.</summary>
    internal static string Planned(IReadOnlyList<KeyValuePair<ChangeKind, int>> counts)
    {
        var others = string.Concat(counts.Skip(1).Select(c => $", {c.Value} {Past(c.Key)}"));
        return $"{Counted(counts[0].Value)} would be {Past(counts[0].Key)}{others}; {NothingChanges}";
    }

    // WebhooksReady: what follows, each with its own beginning.

    internal static string AndPlanned(string planned) => $". {planned}";

    internal static string NoneRemoved(string why) => $"; not removing webhooks: {why}";

    internal static string Staying(IReadOnlyList<WebhookScope> scopes)
    {
        var more = scopes.Count == 1 ? "" : $" and {scopes.Count - 1} more";
        return $"; webhooks of {Named(scopes[0])}{more} stay until all its repositories have theirs";
    }

    private static string OnProjectLevel(int ready, bool inWorkspace) => ready switch
    {
        0 => "",
        _ when inWorkspace => $" ({ready} on the workspace)",
        1 => " (1 on a project)",
        _ => $" ({ready} on projects)",
    };

    /// <summary>Note of status.webhooks.beyondSelection.</summary>
    internal static string BeyondSelection(bool isExactList, IEnumerable<WebhookScope> first, bool andMore)
    {
        var list = isExactList ? "spec.discovery.repositories" : "spec.discovery.projects";
        return $"Webhooks of {List(first.Select(Named))}{(andMore ? " and more" : "")} reach repositories outside {list} too";
    }

    // WebhooksReady: an entry of spec.webhooks.

    internal static Wording InsecureWebhookUrl(string field) => ($"{field} is http: deliveries would be unencrypted", UseHttps);

    internal static Wording SecretTooLong(string field, int limit, string key, string secret) => (
        $"{field}: webhook secret exceeds Bitbucket Cloud's {limit} characters",
        $"Shorten key {key} of {Quoted("Secret", secret)}");

    /// <summary>A Secret that the operator is to make and may not.</summary>
    /// <param name="field">The field that asks for it.</param>
    /// <param name="name">The Secret.</param>
    /// <param name="why">What the API server says.</param>
    /// <param name="key">The key that it must have.</param>
    public static Wording SecretNotMade(string field, string name, string why, string key) => new(
        $"{field}: {Quoted("Secret", name)} cannot be created",
        $"Install the chart with generateSecret.enabled=true, or create the Secret with key {key}",
        why.TrimEnd('.'));

    /// <summary>Logged at the start where nothing limits the servers that any namespace's Secrets can be sent to.</summary>
    public const string AnyHostEverywhere =
        "--allowed-hosts is empty and all namespaces are watched: who may create a BitbucketConnection can send Secrets of its namespace "
        + "to any server. Set --allowed-hosts (allowedHosts in the chart)";

    internal static Wording UnknownEvents(string field, IReadOnlyList<string> flaws) =>
        new($"{field}: {AndMore(flaws[0], flaws.Count)}", Detail: flaws.Count == 1 ? null : string.Join("; ", flaws.Skip(1)));

    internal static string IssueEvent(string key) => $"{key} was removed in August 2026, remove it";

    internal static string ForeignEvent(string key, Flavour here, string? ours)
    {
        var owner = here == Flavour.Cloud ? "Data Center" : "Bitbucket Cloud";
        return $"{key} is for {owner}, {(ours is null ? "remove it" : $"use {ours}")}";
    }

    // WebhooksReady: webhooks of others.

    internal static Wording ManagedByOther(string? name, string? ownerId) =>
        new($"Webhook URL is already managed by {Connection(name)}", Detail: ownerId is null ? null : $"owner id {ownerId}");

    internal static Wording FormerSelf(string ownerId) =>
        ("Webhooks of this connection's name belong to another cluster", $"To continue them, set annotation {Annotations.OwnerId} to {ownerId}");

    private static string Connection(string? name) => name is null ? "another BitbucketConnection" : $"BitbucketConnection {name}";

    internal static Wording DoubledByUnmarked(WebhookScope projectLevel, string entry) => (
        $"Unmanaged webhook with this URL on {Named(projectLevel)}",
        $"Remove it in Bitbucket, or set {Fields.Webhook(entry)}.level to {projectLevel.Kind} to adopt it");

    internal static Wording DoubledByOtherConnection(WebhookScope projectLevel, string? owner) =>
        ($"Webhook URL is managed on {Named(projectLevel)} by {Connection(owner)}", "Remove one of the two");

    internal static Wording NotAdopted(IEnumerable<string>? differences) => differences is null
        ? new("Unmanaged webhook with this URL", "Remove it in Bitbucket, or set spec.adoption to IfIdentical")
        : new("Unmanaged webhook with this URL differs", "Remove it in Bitbucket, or set spec.adoption to Always", List(differences));

    // WebhooksReady: what was written is not there.

    internal static Wording NotKept(IEnumerable<string> fields) =>
        ($"Bitbucket does not store {List(fields)} as written", "Change spec.webhooks to what Bitbucket stores");

    internal static Wording Overwritten(IEnumerable<string> fields) => (
        $"Webhook was changed again after its repair: {List(fields)}",
        $"Stop the other writer, such as an operator of a copied cluster, then set annotation {Annotations.RequestedAt}");

    /// <summary>Clean-up waits for the other connection that takes the webhooks over.</summary>
    internal const string HandingOver = "Another connection takes over the webhooks";

    /// <summary>What a clean-up waits for at first.</summary>
    public const string WaitsForSuccessor = "Waiting for another connection to take over the webhooks";

    /// <summary>Why they stay: another connection has the same owner id.</summary>
    public static string SuccessorHasThem(string name) => $"{name} has the same owner id and continues them";

    internal static Wording DuplicateUrl(string field, string other) => ($"{field} equals {other}.url", "Remove one of the entries");

    // WebhooksReady: a credential that lost rights.

    internal const string WebhooksEmptied = $"{Fields.Webhooks} was emptied";

    internal const string WebhooksWereToGo = "webhooks are desired elsewhere";

    internal const string RepositoryLeft = "repository left the selection";

    internal const string WebhooksDiffer = $"{Fields.Webhooks} or one of its secrets changed";

    internal const string RepositoryAppeared = "repository is new";

    internal const string SoNotRemoved = "cannot remove webhooks";

    internal const string SoNotChanged = "cannot change webhooks";

    internal const string SoNotMade = "cannot create webhooks";

    internal static Wording AfterDowngrade(string what, string outcome, bool hasWebhookAuth, Wording denied) => new(
        $"{denied.Problem}, {outcome}",
        "Use a credential with this permission " + (hasWebhookAuth ? "once in spec.webhookAuth" : "in spec.webhookAuth, or once in spec.auth"),
        what);

    // Why a webhook is changed.

    internal const string ThereIsNone = "missing";

    internal const string ConnectionIsDeleted = "connection is being deleted";

    internal const string NotNamed = "spec.discovery does not name it";

    internal const string NoneSelectedThere = "spec.discovery selects no repository there";

    internal const string MovesToRepositories = "moves to the repositories";

    internal static string LeftOut(string rule) => $"excluded by spec.discovery ({rule})";

    internal static string NoEntry(string name) => $"spec.webhooks has no entry {name}";

    internal static string CoveredBy(WebhookScope projectLevel) => $"covered by the webhook of {Named(projectLevel)}";

    internal static string MovesFrom(WebhookScope projectLevel) => $"moves from {Named(projectLevel)}";

    internal static string MovesTo(WebhookScope projectLevel) => $"moves to {Named(projectLevel)}";

    internal static string OtherHasItsOwn(string id) => $"webhook {id} of another connection has the same url and is older";

    internal static string TakenOver(string connection) => $"its owner {connection} is being deleted";

    internal static string Doubles(string id) => $"duplicate of webhook {id}";

    internal static string DiffersIn(IEnumerable<string> differences) => $"differs in {List(differences)}";

    internal static string AdoptedIdentical(int others) => "unmanaged and identical" + LeftAlone(others);

    internal static string AdoptedDiffering(IEnumerable<string> differences, int others) =>
        $"unmanaged, differs in {List(differences)}{LeftAlone(others)}";

    private static string LeftAlone(int others) => others == 0 ? "" : $"; {others} more with this url left alone";

    // Deliveries.

    internal const string DeliveriesRecovered = "Deliveries recovered";

    internal static string DeliveriesNotTold(bool testsAsked) =>
        "This Bitbucket does not report deliveries" + (testsAsked ? "; spec.webhooks[].testPing has no effect" : "");

    internal static Wording DeliveriesFail(int webhooks, string? error) => new($"Deliveries of {Fail(webhooks)}", Detail: error);

    internal static Wording DeliveriesFail(int webhooks, string? entry, string scope, string? error) =>
        new($"Deliveries of {Fail(webhooks)} (e.g. {entry} of {scope})", Detail: error);

    internal static string DeliveriesSkipped(int failures, string? error) =>
        $"Last {failures} or more deliveries failed: {error}; Bitbucket skips deliveries after {failures} failures in a row";

    internal static string DeliveryFailed(string? error, bool again) => $"Last {(again ? "2 or more deliveries" : "delivery")} failed: {error}";

    internal static string TestFailed(string error) => $"Webhook test failed: {error}";

    private static string Fail(int webhooks) => webhooks == 1 ? "1 webhook fail" : $"{webhooks} webhooks fail";
}
