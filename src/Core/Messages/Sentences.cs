using System.Globalization;
using BitbucketOperator.Core.Api;
using BitbucketOperator.Core.Model;
using BitbucketOperator.Core.Port;

namespace BitbucketOperator.Core.Messages;

/// <summary>
/// Every sentence for people. A low room: any room of Core may say why without knowing Status, and this one knows Api, Port and
/// Model only. Not called Messages, which inside Core would be the namespace. A sentence is never parsed or compared.
/// </summary>
public static class Sentences
{
    // Words: how scopes, counts and changes are called in a sentence.

    /// <summary>Goes with every message of mode Plan.</summary>
    internal const string NothingChanges = "mode is Plan, so that nothing is changed";

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

    /// <summary>Several faults of one condition.</summary>
    internal static string OneAfterTheOther(IEnumerable<string> messages) => string.Join(". ", messages);

    // Ready, Reconciling, and what else concerns the connection as a whole.

    internal const string RetriedAfterFailure = "a pass failed and is tried again";

    internal const string Suspended = "spec.suspend is true: nothing is read or written until it is false again";

    /// <summary>The API server refuses a request of the operator.</summary>
    /// <param name="answer">What it says.</param>
    public static string ApiServerDenied(string answer) =>
        $"the API server denies the operator a request: {answer}. Grant the right to the operator's ServiceAccount, for example by upgrading the chart";

    /// <summary>The API server rejects what the operator writes.</summary>
    /// <param name="answer">What it says.</param>
    public static string ApiServerRejected(string answer) =>
        $"the API server rejects what the operator writes: {answer}. Name fewer repositories or webhooks, and report this with the operator's log";

    /// <summary>The API server cannot serve a request now.</summary>
    /// <param name="answer">What it says, or what happened instead.</param>
    public static string ApiServerUnavailable(string answer) => $"the API server does not serve the operator: {answer}. It is tried again";

    /// <summary>A defect.</summary>
    /// <param name="type">The type of the exception.</param>
    public static string InternalError(string type) =>
        $"the reconcile ended in a defect of the operator ({type}). It is tried again; please report it with the operator's log";

    /// <summary>A reconcile that failed without a condition that says why.</summary>
    public const string ReconcileFailed = "the reconcile failed";

    internal static string RemovalBlocked(string? why) =>
        $"webhooks cannot be removed: {why?.TrimEnd('.')}, or set spec.deletionPolicy to Retain to leave them in place";

    internal static string NotChecked(string? cause) => cause is null ? "not checked yet" : $"not checked, because {cause} is False";

    /// <summary>What stops the operator where nothing tells its cluster from others.</summary>
    public const string NoClusterIdentity = "The namespace kube-system does not exist: start the operator with --cluster-name";

    // Deletion.

    internal static string Removed(int webhooks) => $"removed {Counted(webhooks)}";

    internal static string CleaningUp(int left, int all) => $"removing webhooks: {left} of {all} repositories and projects are left";

    internal static string CleanupBlocked(string why) =>
        $"the webhooks cannot be removed: {why.TrimEnd('.')}. It is tried again; to let the resource go and leave them, "
        + $"set the annotation {Annotations.AbandonWebhooks}: \"true\"";

    internal static string GiveRightAgain(string denied, string authField) =>
        $"{denied.TrimEnd('.')}: give the credential of {authField} this right again";

    /// <summary>The resource goes and its webhooks stay.</summary>
    /// <param name="why">One of the reasons below.</param>
    public static string WebhooksRetained(string why) => $"webhooks are left in place: {why}";

    /// <summary>Why they stay: the annotation.</summary>
    public const string AbandonedByAnnotation = $"the annotation {Annotations.AbandonWebhooks} says so";

    /// <summary>Why they stay: spec.deletionPolicy.</summary>
    public const string DeletionPolicyRetains = "spec.deletionPolicy is Retain";

    /// <summary>Why they stay: spec.mode.</summary>
    public const string ModeIsPlan = "spec.mode is Plan";

    /// <summary>Why they stay: spec.suspend.</summary>
    public const string SuspendIsTrue = "spec.suspend is true";

    // Events without a condition.

    internal static string ServerChanged(string before, string now) =>
        $"spec.url led to {before} before, and now to {now}. "
        + "If that is another server, the webhooks of this connection stay on the old one: "
        + "to have them removed, set spec.url back with a credential of that server, delete the connection, "
        + "and apply it with the new URL then";

    internal static string WebhooksChanged(IEnumerable<KeyValuePair<ChangeKind, int>> counts) =>
        "webhooks " + string.Join(", ", counts.Select(c => $"{Past(c.Key)}: {c.Value}"));

    // Reachable: the spec.

    internal const string InvalidUrl = "spec.url is no absolute http or https URL, such as https://bitbucket.example.com/bitbucket";

    internal const string InsecureUrl =
        "spec.url is http: the credential would travel unencrypted. Use https, or start the operator with --allow-http";

    internal const string InvalidProxyUrl =
        "spec.proxy.url is no absolute http or https URL without user name, such as http://proxy.example.com:3128; "
        + "user name and password go into the Secret of spec.proxy.secretRef";

    internal const string UrlBelowWorkspace =
        "spec.url must name the workspace and nothing below it, as in https://bitbucket.org/acme; select repositories with spec.discovery";

    internal const string UrlOfCloudApi =
        "spec.url is the address of Bitbucket Cloud's API: write the one that people open, https://bitbucket.org, "
        + "with the workspace as in https://bitbucket.org/acme";

    internal const string WorkspaceRequired =
        "spec.workspace is required on Bitbucket Cloud: set it, or write the workspace into spec.url as in https://bitbucket.org/acme";

    internal const string WorkspaceOnCloudOnly =
        "spec.workspace exists on Bitbucket Cloud only: remove it, and select projects with spec.discovery.projects";

    internal static string HostingDiffers(Flavour declared) =>
        $"spec.hosting {declared} does not fit spec.url: bitbucket.org is Cloud, every other host is DataCenter; "
        + "remove spec.hosting to have it derived";

    internal static string WorkspacesDiffer(string declared, string inUrl) =>
        $"spec.workspace {declared} and spec.url, which names the workspace {inUrl}, contradict each other: keep one of them";

    internal static string KindMissing(string field, CredentialKind kind, Flavour flavour, IEnumerable<CredentialKind> others)
    {
        var names = others.Select(k => k.ToString()).ToList();
        var product = flavour == Flavour.Cloud ? "Cloud" : "Data Center";
        return $"{field} {kind} does not exist on Bitbucket {product}: use {string.Join(", ", names.SkipLast(1))} or {names[^1]}";
    }

    internal static string LevelMissing(string field, LevelChoice level, Flavour flavour, LevelChoice right)
    {
        var product = flavour == Flavour.Cloud ? "Cloud" : "Data Center";
        return $"{field} {level} does not exist on Bitbucket {product}: use {right}, Auto or Repository";
    }

    internal const string OwnerIdMalformed =
        $"the annotation {Annotations.OwnerId} must hold 16 hexadecimal digits in lower case, such as 3f9a1c2b7d8e9f00: "
        + "copy status.ownerId of the connection to continue, or remove it";

    internal static string AnnotationTooLong(string name) =>
        $"the annotation {name} is longer than {Annotations.MaxLength} characters: shorten or remove it";

    internal static string OwnerIdTaken(string connection) =>
        $"the annotation {Annotations.OwnerId} names the owner id of {connection}, which writes webhooks too: "
        + "suspend that one or delete it with spec.deletionPolicy Retain, or remove the annotation";

    // Reachable: the server.

    internal static string Answers(string? name, Flavour flavour, string? version) =>
        $"{name ?? (flavour == Flavour.Cloud ? "Bitbucket Cloud" : "Bitbucket")} {version}".TrimEnd() + " answers";

    internal static string VersionNotSupported(string? version) =>
        $"the server at spec.url is version {version}; at least {ServerVersion.Minimum} is needed. Upgrade the server";

    internal static string BaseUrlMismatch(string link, string authority, string url) =>
        $"links point to {link}, not to {authority}: set the base URL in Bitbucket's administration to {url}";

    // What Secrets and ConfigMaps hold. A flaw goes after the name of its key.

    private const string WriteWithout = "; write the value without it, for example with printf %s rather than echo";

    internal const string EndsWithLineBreak = "ends with a line break" + WriteWithout;

    internal const string WhiteSpaceAround = "begins or ends with white space" + WriteWithout;

    internal const string IsPlaceholder = "is a placeholder that was not replaced; write the real value";

    internal static string HiddenCharacter(string name, int position) => $"has {name} at position {position}{WriteWithout}";

    internal static string NotUtf8(int position) => $"has a byte at position {position} that is not UTF-8; save the value as UTF-8";

    internal const string Quoted = "stands in quotes, which no token has; write it without them";

    internal static string NoTokenCharacter(string name, int position) =>
        $"has {name} at position {position}, which no token has; copy the token again";

    internal const string ColonInName =
        "holds a colon, which Basic authentication allows in no name; write the name alone, and what belongs to it into a key of its own";

    internal const string NoEmailAddress =
        "is no e-mail address: an API token goes with the e-mail address of its Atlassian account, not with the Bitbucket user name";

    internal static string SecretNotFound(string field, string name, string @namespace, IReadOnlyList<string> keys) =>
        $"{field}: Secret {name} does not exist in namespace {@namespace}; "
        + $"create it with the {(keys.Count == 1 ? "key" : "keys")} {string.Join(" and ", keys)}";

    internal static string ObjectGone(string field, string kind, string name, string @namespace) =>
        $"{field}: {kind} {name} does not exist in namespace {@namespace}";

    internal static string CaBundleNotFound(string field, string kind, string name, string @namespace, string key) =>
        $"{field}: {kind} {name} does not exist in namespace {@namespace}; create it with the key {key}";

    internal static string CaBundleTooLarge(string field, string kind, string name, int bytes, int most) =>
        $"{field}: the bundle in {kind} {name} has {bytes / 1024} KiB, the limit is {most / 1024} KiB; keep the certificates that the server needs";

    internal static string KeyMissing(string field, string kind, string name, string key, string? otherField) =>
        $"{field}: {kind} {name} has no key {key}. Add the key" + (otherField is null ? "" : $", or name another in {otherField}");

    internal static string SecretOfOtherPurpose(string field, string name, string type) =>
        $"{field}: Secret {name} is of type {type}, which is made for another purpose and not used here; "
        + "put the value into a Secret of type Opaque, and name that one";

    internal static string SecretNotLabelled(string field, string name, string ns) =>
        $"{field}: Secret {name} lacks the label {Labels.Credential}=true, which the operator asks for (--require-secret-label); "
        + $"if it is meant for Bitbucket, run kubectl label secret {name} --namespace {ns} {Labels.Credential}=true";

    internal static string ValueEmpty(string field, string key, string secret) =>
        $"{field}: key {key} of Secret {secret} is empty; write the value into it";

    internal static string ValueMalformed(string field, string key, string secret, string flaw) =>
        $"{field}: key {key} of Secret {secret} {flaw}";

    internal static string OrDeleteGenerated(string message) => $"{message}, or delete the Secret to have the operator make it";

    // CredentialValid and CredentialExpiring.

    internal static string LoggedIn(string? account) => account is null ? "the server accepts the credential" : $"logged in as {account}";

    internal static string LoggedInTwice(string? account, string? forWebhooks) => LoggedIn(account)
        + (forWebhooks is null ? "; it accepts that of spec.webhookAuth too" : $", and for webhooks as {forWebhooks}");

    internal static string ExpiryUnreadable(string field, string? key, string secret) =>
        $"{field}.secretRef: key {key} of Secret {secret} is missing or holds no time: "
        + "write one such as 2027-01-31 or 2027-01-31T12:00:00Z into it";

    /// <param name="field">The credential's field.</param>
    /// <param name="at">When it ended.</param>
    /// <param name="key">The key of the Secret that says so; null where the resource does.</param>
    /// <param name="secret">The credential's Secret.</param>
    /// <param name="renewal">How a new credential is made.</param>
    internal static string ExpiryPassed(string field, DateTimeOffset at, string? key, string secret, string renewal)
    {
        var source = key is null ? $"{field}.expiresAt" : $"key {key} of Secret {secret}";
        return $"The credential of {field} ended on {Time(at)}, as {source} says: {renewal}, and {Put(field, key, secret)}; "
            + "if it was replaced already, correct the time";
    }

    internal static string ExpiresSoon(string field, DateTimeOffset at, string? key, string secret, string renewal) =>
        $"The credential of {field} ends on {Time(at)}: {renewal}, and {Put(field, key, secret)}";

    private static string Put(string field, string? key, string secret) => key is null
        ? $"put it into Secret {secret} and its end into {field}.expiresAt"
        : $"put it into Secret {secret} with its end in key {key}";

    private static string Time(DateTimeOffset at) => at.UtcDateTime.ToString("yyyy-MM-dd 'at' HH:mm 'UTC'", CultureInfo.InvariantCulture);

    // Permissions.

    internal static string NobodyNamed(string article, string noun) =>
        $"{article} {noun} belongs to nobody who could be named; nothing needs this right";

    internal static string AutoKeepsOnRepositories(string missing) => $"Auto keeps webhooks on repositories: {missing}";

    /// <summary>An event: inventories are refused.</summary>
    public static string InventoryNotWritten(string why) =>
        $"BitbucketInventory objects cannot be written: {why.TrimEnd('.')}. Webhooks are not affected";

    /// <summary>What stands for the name of a place in a message about several.</summary>
    internal static string Each(ScopeKind kind) => kind switch
    {
        ScopeKind.Repository => "each repository",
        ScopeKind.Project => "each project",
        ScopeKind.Workspace => "each workspace",
    };

    /// <summary>A place with its kind, as messages name it.</summary>
    internal static string Named(Place place) => place.Kind switch
    {
        ScopeKind.Repository => $"repository {place.Name}",
        ScopeKind.Project => $"project {place.Name}",
        ScopeKind.Workspace => $"workspace {place.Name}",
    };

    internal static string MissingOnProjectLevel(WebhookScope first, int count) => first.Kind == ScopeKind.Workspace
        ? $"the right to administer workspace {first.Name} is missing"
        : $"PROJECT_ADMIN is missing on {Projects(count)}, first {first.Name}";

    /// <summary>On which repositories a right is missing. Webhooks are removed from repositories too that are not selected.</summary>
    internal static string MissingOn(IReadOnlyList<string> repositories, int selected)
    {
        var share = repositories.Count <= selected ? $"{repositories.Count} of {selected} repositories" : Repositories(repositories.Count);
        return $"{share}, first {repositories[0]}";
    }

    // RepositoriesDiscovered.

    internal static string Discovering(int found) => $"discovering repositories, {found} so far";

    internal static string Selected(int selected, int total) => $"{selected} of {total} repositories selected";

    internal static string InvalidNames(int count) =>
        $"{Repositories(count)} skipped for a key, slug or id that Bitbucket does not give";

    internal static string NoneSelected(int total) =>
        $"spec.discovery leaves out all repositories, {total} of {total}: loosen include, exclude, archived, forks or personal";

    internal static string NoneFound(RepositoryName first, int count) => count == 1
        ? $"404 for the webhooks of {first}, the only selected repository: does it still exist?"
        : $"404 for the webhooks of all {count} selected repositories (e.g. {first}): do they still exist?";

    /// <summary>The repository is listed again and again, and its webhooks are not found.</summary>
    public const string ListedButNotFound = "Bitbucket lists the repository and answers 404 for its webhooks: check its permissions";

    internal static string Misspelled(string field, string pattern, string right) => $"{field}: {ShownName(pattern)} matches nothing, use {right}";

    internal static string NoneSeen(bool inProjects) =>
        "the credential sees no repository" + (inProjects ? " in the projects of spec.discovery.projects" : "")
        + ": give its account read access to some";

    internal static string Unmatched(IEnumerable<string> patterns, int total) =>
        $"spec.discovery.include: {List(patterns)} matches none of the {total} repositories; patterns have the form PROJECT/slug";

    /// <summary>A key that no project can have.</summary>
    /// <param name="key">The key.</param>
    public static string NoProjectKey(string key) => $"{ShownName(key)} is not a project key: use letters, digits, _, - and ., at most 128 of them";

    // What is no name may be anything.
    private static string ShownName(string text) => VisibleText.OneLine(text.Length <= 100 ? text : $"{text[..100]}…");

    /// <summary>A name that is none of a repository.</summary>
    /// <param name="field">The field that holds it.</param>
    /// <param name="text">The name.</param>
    /// <param name="right">What may be meant; null where nothing tells.</param>
    public static string NoRepositoryName(string field, string text, string? right = null) =>
        $"{field}: {ShownName(text)} is not of the form PROJECT/slug" + (right is null ? "" : $", use {right}");

    /// <summary>There are more repositories than are taken in.</summary>
    /// <param name="most">How many are.</param>
    public static string TooManyRepositories(int most) =>
        $"more than {most} repositories are listed, and no webhook is changed: name fewer in spec.discovery.projects or "
        + "spec.discovery.repositories, or raise the operator's --max-repositories";

    /// <summary>A listing that goes on and on.</summary>
    /// <param name="pages">So many pages in a row brought nothing new.</param>
    public static string EndlessListing(int pages) =>
        $"the server's pages of repositories do not end: {pages} in a row hold nothing new. Nothing is concluded from what was read";

    internal static string ListingShrank(int repositories, int before) =>
        $"Bitbucket lists {Repositories(repositories)}, {before} before";

    internal static string ListingDoubted(string doubt, int maxShrinkPercent, string confirmation) =>
        $"{doubt} (spec.discovery.maxShrinkPercent: {maxShrinkPercent}). No webhook is removed. "
        + $"Restore the read permissions of the account, or, if the repositories are gone, {confirmation}";

    internal static string ConfirmListing(int repositories) => $"set the annotation {Annotations.ConfirmInventory}: \"{repositories}\"";

    internal static string ConfirmListingAnew(string annotation) =>
        $"remove the annotation {Annotations.ConfirmInventory}, which confirmed an earlier listing, and set it to \"{annotation}\" again";

    // Why nothing is removed.

    internal const string ListingIncomplete = "the listing of repositories is incomplete";

    internal const string SelectedNotFound = "no selected repository is found";

    internal const string RulesSelectNone = "the rules select no repository at all";

    // WebhooksReady: how webhooks stand.

    internal const string NoRepositorySelected = "no repository is selected";

    internal const string NoneDesired = "spec.webhooks asks for none";

    internal static string InSync(int ready, int projectLevel, bool inWorkspace) =>
        $"{Counted(ready)} in place{OnProjectLevel(projectLevel, inWorkspace)}";

    /// <summary>A limit leaves no request for now.</summary>
    public const string NoRequestLeft = "no request is left within Bitbucket's rate limit";

    /// <summary>A sync of one scope had to be ended.</summary>
    public static string SyncTooLong(TimeSpan limit) =>
        $"its webhooks cannot be read and written within {limit.TotalMinutes:0} minutes. Is the server slow, or the list of webhooks without an end?";

    /// <summary>A sync of one scope failed in a way that nobody foresaw.</summary>
    public static string SyncFailed(string kind) => $"the sync failed with an internal error ({kind}), see the operator's log. It is tried again";

    internal static string Syncing(int ready, int desired) => $"{ready} of {desired} webhooks in place so far";

    internal static string SomeFailed(int ready, int desired, IReadOnlyList<WebhookScope> asLastSeen, IEnumerable<string> failures)
    {
        var unseen = asLastSeen.Count == 0 ? "" : $" (on {Scopes(asLastSeen)} as last seen)";
        return $"{ready} of {desired} webhooks in place{unseen}. {OneAfterTheOther(failures)}";
    }

    internal static string FailedAt(Place place, string message) => $"{Named(place.Kind, place.Name)}: {message}";

    internal static string FailedAtSeveral(
        Reason reason, IEnumerable<KeyValuePair<ScopeKind, int>> counts, Place first, string message) =>
        $"{reason} on {Scopes(counts)}, first {FailedAt(first, message)}";

    internal static string VerifiedBefore(IEnumerable<WebhookScope> scopes) =>
        $"the credential may no longer see the webhooks of {Scopes(scopes)}; "
        + "all were in place when last seen";

    /// <summary>Such as <c>12 webhooks would be created, 3 updated; mode is Plan, so that nothing is changed</c>.</summary>
    internal static string Planned(IReadOnlyList<KeyValuePair<ChangeKind, int>> counts)
    {
        var others = string.Concat(counts.Skip(1).Select(c => $", {c.Value} {Past(c.Key)}"));
        return $"{Counted(counts[0].Value)} would be {Past(counts[0].Key)}{others}; {NothingChanges}";
    }

    // WebhooksReady: what follows, each with its own beginning.

    internal static string AndPlanned(string planned) => $". {planned}";

    internal static string NoneRemoved(string why) => $"; no webhook is removed, because {why}";

    internal static string Staying(IReadOnlyList<WebhookScope> scopes)
    {
        var more = scopes.Count == 1 ? "" : $" and of {scopes.Count - 1} more";
        return $"; the webhooks of {Named(scopes[0])}{more} stay until all repositories there have theirs";
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
        var (list, rest) = isExactList
            ? ("spec.discovery.repositories is an exact list", "other repositories")
            : ("spec.discovery.projects names the projects to list", "repositories of the other projects");
        return $"{list}, and all {rest} of {List(first.Select(Named))}{(andMore ? " and so on" : "")} are reached too";
    }

    // WebhooksReady: an entry of spec.webhooks.

    internal static string InsecureWebhookUrl(string field) =>
        $"{field} is http: deliveries would travel unencrypted. Use https, or start the operator with --allow-http";

    internal static string SecretTooLong(string field, int limit, SecretKeySource? source, string generatedKey)
    {
        var scope = source is null
            ? $"key {generatedKey} of the Secret that status.webhooks.secrets names"
            : $"key {source.Key} of Secret {source.Name}";
        return $"{field}: the secret is longer than the {limit} characters that Bitbucket Cloud takes; write a shorter one into {scope}";
    }

    /// <summary>A Secret that the operator is to make and may not.</summary>
    /// <param name="field">The field that asks for it.</param>
    /// <param name="name">The Secret.</param>
    /// <param name="ns">Its namespace.</param>
    /// <param name="why">What the API server says.</param>
    /// <param name="key">The key that it must have.</param>
    public static string SecretNotMade(string field, string name, string ns, string why, string key) =>
        $"{field}: Secret {name} cannot be made in namespace {ns} ({why}): "
        + $"install the operator with generateSecret.enabled=true, a value of the chart, or create the Secret with the key {key}";

    /// <summary>Logged at the start where nothing limits the servers that any namespace's Secrets can be sent to.</summary>
    public const string AnyHostEverywhere =
        "--allowed-hosts is empty and all namespaces are watched: whoever may create a BitbucketConnection can have Secrets of its "
        + "namespace sent to any server. Name your Bitbucket servers in --allowed-hosts (allowedHosts in the chart)";

    internal static string UnknownEvents(string field, IEnumerable<string> flaws) => $"{field}: {OneAfterTheOther(flaws)}";

    internal static string IssueEvent(string key) =>
        $"{key} is no more, because Bitbucket Cloud has no issue tracker since August 2026; remove it";

    internal static string ForeignEvent(string key, Flavour here, string? ours)
    {
        var (owner, product) = here == Flavour.Cloud ? ("Data Center's", "Bitbucket Cloud") : ("Bitbucket Cloud's", "Data Center");
        return ours is null
            ? $"{key} is {owner}, and {product} has none like it; remove it"
            : $"{key} is {owner}; on {product} it is {ours}";
    }

    // WebhooksReady: webhooks of others.

    internal static string ManagedByOther(string? name, string? ownerId) =>
        $"Webhook URL is already managed by {Connection(name)}{(ownerId is null ? "" : $" with owner id {ownerId}")}";

    internal static string FormerSelf(string ownerId) =>
        $"Webhooks of this connection's name are from another cluster: to continue them, set the annotation {Annotations.OwnerId} to {ownerId}";

    private static string Connection(string? name) => name is null ? "another BitbucketConnection" : $"BitbucketConnection {name}";

    internal static string DoubledByUnmarked(string id, WebhookScope projectLevel, string entry) =>
        $"{Doubled(id, projectLevel, entry)} was not made by this operator. Remove it in Bitbucket, "
        + $"or set {Fields.Webhook(entry)}.level to {projectLevel.Kind} to have it taken over as spec.adoption says";

    internal static string DoubledByOtherConnection(string id, WebhookScope projectLevel, string entry, string? owner) =>
        $"{Doubled(id, projectLevel, entry)} belongs to {Connection(owner)}. Remove one of the two";

    internal static string NotAdopted(string id, string entry, IEnumerable<string>? differences) =>
        $"webhook {id} has the url of {Fields.Webhook(entry)} and was not made by this operator"
        + (differences is null
            ? ". Remove it in Bitbucket, or set spec.adoption to IfIdentical"
            : $"; it differs in {List(differences)}. Remove it in Bitbucket, make it alike, or set spec.adoption to Always");

    private static string Doubled(string id, WebhookScope projectLevel, string entry) =>
        $"webhook {id} of {Named(projectLevel)} has the url of {Fields.Webhook(entry)}, delivers for this repository too and";

    // WebhooksReady: what was written is not there.

    internal static string NotKept(string id, IEnumerable<string> fields) =>
        $"Bitbucket does not keep {List(fields)} of webhook {id} as written. Change the entry to what Bitbucket keeps";

    internal static string Overwritten(string id, IEnumerable<string> fields) =>
        $"webhook {id} was changed again after its repair: {List(fields)}. Stop whoever writes it, such as an operator of a copied cluster, "
        + $"then set the annotation {Annotations.RequestedAt}";

    /// <summary>Clean-up waits for the other connection that takes the webhooks over.</summary>
    internal const string HandingOver = "another connection takes the webhooks over";

    /// <summary>What a clean-up waits for at first.</summary>
    public const string WaitsForSuccessor = "the webhooks stay for a moment, in case another connection takes them over";

    /// <summary>Why they stay: another connection has the same owner id.</summary>
    public static string SuccessorHasThem(string name) => $"{name} has the same owner id and goes on with them";

    internal static string DuplicateUrl(string field, string other) => $"{field} is the url of {other} too. Remove one of the two entries";

    // WebhooksReady: a credential that lost rights.

    internal const string WebhooksEmptied = $"{Fields.Webhooks} was emptied";

    internal const string WebhooksWereToGo = "the webhooks there were to go";

    internal const string RepositoryLeft = "the repository left the selection";

    internal const string WebhooksDiffer = $"{Fields.Webhooks} or one of its secrets changed";

    internal const string RepositoryAppeared = "the repository appeared";

    internal const string SoNotRemoved = "so that its webhooks cannot be removed";

    internal const string SoNotChanged = "so that the change cannot be made";

    internal const string SoNotMade = "so that its webhooks were not made";

    internal static string AfterDowngrade(string what, string authField, string outcome, bool hasWebhookAuth, string message)
    {
        var where = hasWebhookAuth ? "for one pass in spec.webhookAuth" : "in spec.webhookAuth, or for one pass in spec.auth";
        return $"{what} after the credential of {authField} lost the right to manage webhooks, {outcome}: "
            + $"let a credential with that right do it, {where}. {message}";
    }

    // Why a webhook is changed.

    internal const string ThereIsNone = "there is none";

    internal const string ConnectionIsDeleted = "the connection is being deleted";

    internal const string NoLongerNamed = "spec.discovery no longer names it";

    internal const string NoneSelectedThere = "spec.discovery selects no repository there";

    internal const string MovesToRepositories = "moves to the repositories";

    internal static string LeftOut(string rule) => $"spec.discovery leaves the repository out ({rule})";

    internal static string NoEntry(string name) => $"spec.webhooks has no entry {name}";

    internal static string CoveredBy(WebhookScope projectLevel) => $"covered by the webhook of {Named(projectLevel)}";

    internal static string MovesFrom(WebhookScope projectLevel) => $"moves from {Named(projectLevel)}";

    internal static string MovesTo(WebhookScope projectLevel) => $"moves to {Named(projectLevel)}";

    internal static string OtherHasItsOwn(string id) => $"webhook {id} of another connection has the same url and is older";

    internal static string TakenOver(string connection) => $"{connection}, which made it, is being deleted";

    internal static string Doubles(string id) => $"it doubles webhook {id}";

    internal static string DiffersIn(IEnumerable<string> differences) => $"it differs in {List(differences)}";

    internal static string AdoptedIdentical(int others) => "it is as wanted and nobody's" + LeftAlone(others);

    internal static string AdoptedDiffering(IEnumerable<string> differences, int others) =>
        $"it is nobody's and differs in {List(differences)}{LeftAlone(others)}";

    private static string LeftAlone(int others) => others == 0 ? "" : $"; {others} more with this url left alone";

    // Deliveries.

    internal const string DeliveriesRecovered = "no delivery is known to fail any more";

    internal static string DeliveriesNotTold(bool testsAsked) =>
        "this Bitbucket does not tell how deliveries went" + (testsAsked ? "; spec.webhooks[].testPing has no effect" : "");

    internal static string DeliveriesFail(int webhooks, string? error) => $"deliveries of {Fail(webhooks)}: {error}";

    internal static string DeliveriesFailFirst(int webhooks, string? entry, string scope, string message) =>
        $"deliveries of {Fail(webhooks)}, first {entry} of {scope}: {message}";

    internal static string DeliveriesSkipped(int failures, string? error) =>
        $"the last {failures} or more deliveries failed: {error}; "
        + $"Bitbucket skips deliveries for a growing time after {failures} failures in a row";

    internal static string DeliveryFailed(string? error, bool again) =>
        $"the last {(again ? "2 or more deliveries" : "delivery")} failed: {error}";

    internal static string TestFailed(string error) => $"the test of the webhook failed: {error}";

    private static string Fail(int webhooks) => webhooks == 1 ? "1 webhook fail" : $"{webhooks} webhooks fail";
}
