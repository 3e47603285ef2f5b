using BitbucketOperator.Testing.Servers;
using BitbucketOperator.Convergence.Tests.World;

namespace BitbucketOperator.Convergence.Tests.Histories;

internal enum HookEdit
{
    Url,
    Events,
    Active,
    Ssl,
    Secret,
    NoSecret,
    DropMarker,
    DropMarkerAndTitle,
    SignedByOther,
    SignedForOtherEntry,
}

/// <summary>A person changes one of our webhooks.</summary>
internal sealed record ChangeOurs(int Which, HookEdit Edit, int Value) : Step
{
    public override void ApplyTo(Scene scene)
    {
        if (Scene.Pick([.. scene.Server.Hooks.Where(Marks.IsOurs)], Which) is not { } hook)
        {
            return;
        }

        scene.Server.ChangeHook(Changed(scene, hook));
        scene.Note($"changed {scene.Server.NameOf(hook.PlaceId)} {hook.Id}: {Edit}");
    }

    private Hook Changed(Scene scene, Hook hook)
    {
        var fields = hook.Fields;
        return Edit switch
        {
            HookEdit.Url => hook with { Fields = fields with { Url = Value % 2 == 0 ? "https://elsewhere.example.com/" : Words.Url(Value) } },
            HookEdit.Events => hook with { Fields = fields with { Events = scene.Server.EventSets[Value % 3] } },
            HookEdit.Active => hook with { Fields = fields with { Active = !fields.Active } },
            HookEdit.Ssl => hook with { Fields = fields with { Ssl = !fields.Ssl } },
            HookEdit.Secret => hook with { Fields = fields with { Secret = OtherSecret(scene, hook) } },
            HookEdit.NoSecret => hook with { Fields = fields with { Secret = null } },
            HookEdit.DropMarker => hook with { Marker = null, Title = scene.IsCloud ? "renamed" : hook.Title },
            HookEdit.DropMarkerAndTitle => hook with { Marker = null, Title = "renamed" },
            HookEdit.SignedByOther => Signed(scene, hook, Resource.Other, Marks.EntryOf(hook)!),
            _ => Signed(scene, hook, Resource.Owner, Words.Entries[Value % Words.Entries.Length]),
        };
    }

    // On Cloud nobody can tell a secret from the one that the mark speaks of.
    private static string? OtherSecret(Scene scene, Hook hook) =>
        scene.IsCloud && hook.Title.Contains(" secret=", StringComparison.Ordinal) ? hook.Fields.Secret : "a-secret-of-somebody";

    private static Hook Signed(Scene scene, Hook hook, Core.Ownership.WebhookOwner owner, string entry)
    {
        var (title, marker) = Marks.Sign(scene.IsCloud, owner, entry, hook.Fields.Secret);
        return hook with { Title = title, Marker = marker };
    }
}

/// <summary>The server begins to limit requests, on Cloud to fewer than it says, or stops.</summary>
internal sealed record SetLimit(bool IsLimited) : Step
{
    public override void ApplyTo(Scene scene) => scene.Server.Limit(!IsLimited ? null : scene.IsCloud ? 60 : 15);
}

/// <summary>A person copies one of our webhooks, mark and all, on its repository or to another one.</summary>
internal sealed record CopyOurs(int Which, int? ToRepository) : Step
{
    public override void ApplyTo(Scene scene)
    {
        if (Scene.Pick([.. scene.Server.Hooks.Where(Marks.IsOurs)], Which) is { } hook)
        {
            var to = ToRepository is { } number ? Scene.Pick(scene.Server.Repositories, number)?.Id : hook.PlaceId;
            if (to is null)
            {
                return;
            }

            scene.Server.AddHook(to, hook.Title, hook.Marker, hook.Fields);
            if (to != hook.PlaceId || scene.Lost.Contains(hook.Id))
            {
                scene.LoseAt(to);
            }

            scene.Note($"copied {hook.Id} to {scene.Server.NameOf(to)}");
        }
    }
}

/// <summary>A person deletes a webhook, whosever it is.</summary>
internal sealed record DeleteHook(int Which) : Step
{
    public override void ApplyTo(Scene scene)
    {
        if (Scene.Pick(scene.Server.Hooks, Which) is { } hook)
        {
            scene.Server.RemoveHook(hook.Id);
            scene.Note($"deleted {hook.Id} of {scene.Server.NameOf(hook.PlaceId)}");
        }
    }
}

internal enum Foreign
{
    OtherUrl,
    SameUrl,
    Identical,
    SignedByOther,
}

/// <summary>Somebody else makes a webhook.</summary>
internal sealed record AddForeign(int Scope, bool ProjectLevel, int Entry, Foreign Kind) : Step
{
    public override void ApplyTo(Scene scene)
    {
        var scopes = ProjectLevel ? scene.Server.ProjectLevel : [.. scene.Server.Repositories.Select(r => r.Id)];
        if (Scene.Pick(scopes, Scope) is not { } scope || Scene.Pick(scene.Resource.Spec.Webhooks, Entry) is not { } entry)
        {
            return;
        }

        var like = scene.Resource.Wanted(entry) ?? new HookFields(entry.Url, scene.Server.EventSets[0], Active: true, Ssl: true, Secret: null);
        var (title, marker) = Kind == Foreign.SignedByOther ? Marks.Sign(scene.IsCloud, Resource.Other, entry.Name, like.Secret) : ("somebody's", null);
        scene.Server.AddHook(scope, title, marker, Kind switch
        {
            Foreign.OtherUrl => like with { Url = "https://somebody.example.com/" },
            Foreign.SameUrl => like with { Active = !like.Active },
            _ => like,
        });
        scene.Note($"{Kind} webhook on {scene.Server.NameOf(scope)} for {entry.Url}");
    }
}

internal enum RepositoryChange
{
    Archive,
    Reopen,
    Remove,
    Rename,
    Move,
}

internal sealed record ChangeRepository(int Which, RepositoryChange Change, int Value) : Step
{
    public override void ApplyTo(Scene scene)
    {
        var server = scene.Server;
        if (Scene.Pick(server.Repositories, Which) is not { } repository)
        {
            return;
        }

        scene.Note($"{Change} {repository.Path}");
        switch (Change)
        {
            case RepositoryChange.Archive or RepositoryChange.Reopen:
                server.Archive(repository.Id, Change == RepositoryChange.Archive);
                break;
            case RepositoryChange.Remove:
                server.RemoveRepository(repository.Id);
                break;
            case RepositoryChange.Rename:
                MoveTo(scene, repository, repository.Project, Words.Slugs[Value % Words.Slugs.Length]);
                break;
            default:
                MoveTo(scene, repository, Scene.Pick(server.Projects, Value)!, repository.Slug);
                break;
        }
    }

    private static void MoveTo(Scene scene, Repo repository, string project, string slug)
    {
        // Within Cloud a slug stands for one repository of the workspace, wherever it moves to.
        if (scene.Server.IsFree(project, slug) || (scene.IsCloud && slug == repository.Slug))
        {
            scene.Lose(r => r == repository);
            scene.Server.MoveRepository(repository.Id, project, slug);
            scene.Note($"now {project}/{slug}");
        }
    }
}

internal sealed record AddRepository(int Project, int Slug, bool Fork) : Step
{
    public override void ApplyTo(Scene scene)
    {
        var (project, slug) = (Scene.Pick(scene.Server.Projects, Project)!, Words.Slugs[Slug % Words.Slugs.Length]);
        if (scene.Server.IsFree(project, slug))
        {
            scene.Server.AddRepository(project, slug, archived: false, Fork && scene.Server.Repositories.Count > 0);
            scene.Note($"made {project}/{slug}");
        }
    }
}

internal sealed record RenameProject(int Which, int To) : Step
{
    public override void ApplyTo(Scene scene)
    {
        var (from, to) = (Scene.Pick(scene.Server.Projects, Which)!, Words.Projects[To % Words.Projects.Length]);
        if (!scene.Server.Projects.Contains(to))
        {
            scene.Lose(r => r.Project == from);
            scene.LoseAt($"project:{from}");
            scene.Server.RenameProject(from, to);
            scene.Note($"{from} is now {to}");
        }
    }
}

/// <summary>The token loses the right to manage webhooks, or gets it back.</summary>
internal sealed record SetManages(bool Manages) : Step
{
    public override void ApplyTo(Scene scene) => scene.Server.SetManages(scene.Resource.Token, Manages);
}

/// <summary>What the account may do with the webhooks of a project, or of the workspace, changes.</summary>
internal sealed record SetManagesAbove(int Which, bool Manages) : Step
{
    public override void ApplyTo(Scene scene)
    {
        var scope = Scene.Pick(scene.Server.ProjectLevel, Which)!;
        scene.Server.SetManagesAbove(scope, Manages);
        // What cannot be seen any more looks as if it were gone.
        scene.Lose(r => !scene.Server.Sees(r));
        scene.Note($"{(Manages ? "may" : "may not")} manage {scope}");
    }
}

/// <summary>The token is revoked; another one is put into the Secret at once, or later.</summary>
internal sealed record RevokeToken(bool Replace) : Step
{
    public override void ApplyTo(Scene scene)
    {
        scene.Server.Revoke(scene.Resource.Token);
        if (Replace)
        {
            scene.ReplaceToken();
        }
    }
}

/// <summary>What the account may do on one repository changes.</summary>
internal sealed record SetRight(int Repository, RepoRight Right) : Step
{
    public override void ApplyTo(Scene scene)
    {
        if (Scene.Pick(scene.Server.Repositories, Repository) is { } repository)
        {
            scene.Server.SetRight(repository.Id, Right);
            if (Right == RepoRight.None)
            {
                // What cannot be seen looks as if it were gone.
                scene.Lose(r => r == repository);
            }

            scene.Note($"{Right} on {repository.Path}");
        }
    }
}
