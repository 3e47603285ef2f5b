using BitbucketOperator.Core.Api.V1Alpha1;

namespace BitbucketOperator.Convergence.Tests.Histories;

/// <summary>One thing that happens. What it names need not be there: then nothing happens.</summary>
internal abstract record Step
{
    public virtual Task ActAsync(Scene scene)
    {
        ApplyTo(scene);
        return Task.CompletedTask;
    }

    public abstract void ApplyTo(Scene scene);
}

/// <summary>An entry of spec.webhooks is added, or becomes another.</summary>
internal sealed record SetEntry(int Name, int Url, int Events, bool Active, bool Ssl, int Secret, int Level) : Step
{
    public override void ApplyTo(Scene scene)
    {
        var entry = new WebhookSpec
        {
            Name = Words.Entries[Name],
            Url = Words.Url(Url),
            Events = [.. scene.Resource.EventsAt(Events)],
            Active = Active,
            SslVerification = Ssl,
            SecretRef = EditEntry.SecretAt(Secret),
            Level = EditEntry.LevelAt(scene, Level),
        };
        var all = scene.Resource.Spec.Webhooks;
        if (all.Exists(w => w.Name != entry.Name && w.Url == entry.Url))
        {
            // The API server refuses two entries with one URL.
            return;
        }

        var at = all.FindIndex(w => w.Name == entry.Name);
        if (at >= 0)
        {
            all[at] = entry;
        }
        else if (all.Count < World.Resource.MaxEntries)
        {
            all.Add(entry);
        }

        scene.Resource.Edited();
    }
}

internal sealed record RemoveEntry(int Which) : Step
{
    public override void ApplyTo(Scene scene)
    {
        if (Scene.Pick(scene.Resource.Spec.Webhooks, Which) is { } entry)
        {
            scene.Resource.Spec.Webhooks.Remove(entry);
            scene.Resource.Edited();
            scene.Note($"no entry {entry.Name}");
        }
    }
}

internal enum EntryField
{
    Name,
    Url,
    Events,
    Active,
    Ssl,
    Secret,
    Level,
}

internal sealed record EditEntry(int Which, EntryField Field, int Value) : Step
{
    public static SecretKeyReference? SecretAt(int number) =>
        number % (Words.Secrets + 1) == 0 ? null : new SecretKeyReference { Name = World.Resource.SecretName(number % (Words.Secrets + 1)) };

    public static WebhookLevel LevelAt(Scene scene, int number) => (number % 4) switch
    {
        0 => WebhookLevel.Repository,
        1 => scene.IsCloud ? WebhookLevel.Workspace : WebhookLevel.Project,
        _ => WebhookLevel.Auto,
    };

    public override void ApplyTo(Scene scene)
    {
        if (Scene.Pick(scene.Resource.Spec.Webhooks, Which) is not { } entry)
        {
            return;
        }

        switch (Field)
        {
            case EntryField.Name:
                var name = Words.Entries[Value % Words.Entries.Length];
                entry.Name = scene.Resource.Spec.Webhooks.Exists(w => w.Name == name) ? entry.Name : name;
                break;
            case EntryField.Url:
                entry.Url = scene.Resource.Spec.Webhooks.Exists(w => w.Url == Words.Url(Value)) ? entry.Url : Words.Url(Value);
                break;
            case EntryField.Events:
                entry.Events = [.. scene.Resource.EventsAt(Value % 3)];
                break;
            case EntryField.Active:
                entry.Active = !entry.Active;
                break;
            case EntryField.Ssl:
                entry.SslVerification = !entry.SslVerification;
                break;
            case EntryField.Level:
                entry.Level = LevelAt(scene, Value);
                break;
            default:
                entry.SecretRef = SecretAt(Value);
                break;
        }

        scene.Resource.Edited();
        scene.Note($"{entry.Name}: {entry.Url} {string.Join(' ', entry.Events)} {entry.Active} {entry.SslVerification} {entry.SecretRef?.Name} {entry.Level}");
    }
}

/// <summary>A Secret that entries refer to gets another value, or comes back.</summary>
internal sealed record WriteSecret(int Number) : Step
{
    public override void ApplyTo(Scene scene) => scene.Resource.WriteSecret(World.Resource.SecretName(Number));
}

internal sealed record DeleteSecret(int Number) : Step
{
    public override void ApplyTo(Scene scene) => scene.Resource.DeleteSecret(World.Resource.SecretName(Number));
}

/// <summary>spec.discovery becomes this.</summary>
/// <param name="Projects">Bits of <see cref="Words.Projects"/>; 0 for all.</param>
/// <param name="Include">Bits of <see cref="Words.Includes"/>; 0 for all.</param>
/// <param name="Exclude">Bits of <see cref="Words.Excludes"/>.</param>
/// <param name="Archived">Takes archived ones too.</param>
/// <param name="Forks">Takes forks too.</param>
internal sealed record SetDiscovery(int Projects, int Include, int Exclude, bool Archived, bool Forks) : Step
{
    public override void ApplyTo(Scene scene)
    {
        scene.Resource.Spec.Discovery = new DiscoverySpec
        {
            Projects = Bits(Words.Projects, Projects),
            Include = Bits(Words.Includes, Include),
            Exclude = Bits(Words.Excludes, Exclude),
            Archived = Archived,
            Forks = Forks,
        };
        scene.Resource.Edited();
    }

    public override string ToString() =>
        $"SetDiscovery projects [{string.Join(' ', Bits(Words.Projects, Projects))}] include [{string.Join(' ', Bits(Words.Includes, Include))}] "
        + $"exclude [{string.Join(' ', Bits(Words.Excludes, Exclude))}] archived {Archived} forks {Forks}";

    private static List<string> Bits(string[] all, int bits) => [.. all.Where((_, i) => (bits & (1 << i)) != 0)];
}

/// <summary>spec.discovery names repositories one by one: those at these bits of what is there.</summary>
internal sealed record NameRepositories(int Bits) : Step
{
    public override void ApplyTo(Scene scene)
    {
        var names = scene.Server.Repositories.Where((_, i) => (Bits & (1 << i)) != 0).Select(r => r.Path).ToList();
        if (names.Count > 0)
        {
            scene.Resource.Spec.Discovery = new DiscoverySpec { Repositories = names };
            scene.Resource.Edited();
            scene.Note($"repositories {string.Join(' ', names)}");
        }
    }
}

internal sealed record SetAdoption(Adoption Adoption) : Step
{
    public override void ApplyTo(Scene scene)
    {
        scene.Resource.Spec.Adoption = Adoption;
        scene.Resource.Edited();
    }
}
