using BitbucketOperator.Chaos.World;

namespace BitbucketOperator.Chaos.Schedules;

/// <summary>What a person does to a connection or its Secrets.</summary>
internal abstract record ResourceStep(int Connection) : Step
{
    protected PlayedConnection Of(ChaosWorld world) => world.Connections[Connection];
}

internal enum SpecField
{
    Url,
    Events,
    Active,
    Ssl,
    Level,
    Exclude,
}

internal sealed record EditSpec(int Connection, SpecField Field) : ResourceStep(Connection)
{
    protected override string Words => $"edits {Field} of connection {Connection}";

    public override Task ActAsync(ChaosWorld world)
    {
        var connection = Of(world);
        switch (Field)
        {
            case SpecField.Url:
                connection.Url++;
                break;
            case SpecField.Events:
                connection.Events = (connection.Events + 1) % connection.Server.EventSets.Count;
                break;
            case SpecField.Active:
                connection.Active = !connection.Active;
                break;
            case SpecField.Ssl:
                connection.Ssl = !connection.Ssl;
                break;
            case SpecField.Level:
                connection.IsAuto = !connection.IsAuto;
                break;
            case SpecField.Exclude:
                connection.Excludes = !connection.Excludes;
                break;
        }

        return world.ApplyAsync(connection);
    }
}

internal sealed record Suspend(int Connection) : ResourceStep(Connection)
{
    protected override string Words => $"suspends connection {Connection}";

    public override Task ActAsync(ChaosWorld world)
    {
        if (Of(world).Deleted)
        {
            return Task.CompletedTask;
        }

        Of(world).Suspended = true;
        return world.ApplyAsync(Of(world));
    }

    public override Task UndoAsync(ChaosWorld world)
    {
        Of(world).Suspended = false;
        return Of(world).Deleted ? world.ReleaseAsync(Of(world)) : world.ApplyAsync(Of(world));
    }
}

/// <summary>A connection is deleted; it is made again when the world heals.</summary>
internal sealed record Delete(int Connection) : ResourceStep(Connection)
{
    protected override string Words => $"deletes connection {Connection}";

    public override Task ActAsync(ChaosWorld world)
    {
        Of(world).Deleted = true;
        return world.DeleteAsync(Of(world));
    }
}

internal sealed record RotateHookSecret(int Connection) : ResourceStep(Connection)
{
    protected override string Words => $"rotates the webhook secret of connection {Connection}";

    public override Task ActAsync(ChaosWorld world)
    {
        Of(world).RotateHookSecret();
        return world.WriteHookSecretAsync(Of(world));
    }
}

internal sealed record RotateToken(int Connection) : ResourceStep(Connection)
{
    protected override string Words => $"replaces the token of connection {Connection}";

    public override Task ActAsync(ChaosWorld world)
    {
        Of(world).RotateToken();
        return world.WriteCredentialAsync(Of(world));
    }
}

/// <summary>A Secret is not there for a while.</summary>
internal sealed record LoseSecret(int Connection, bool Credential) : ResourceStep(Connection)
{
    protected override string Words => $"deletes the {(Credential ? "credential" : "webhook secret")} of connection {Connection}";

    public override Task ActAsync(ChaosWorld world) =>
        world.DeleteSecretAsync(Credential ? Of(world).CredentialSecretName : Of(world).HookSecretName);

    public override Task UndoAsync(ChaosWorld world) =>
        Credential ? world.WriteCredentialAsync(Of(world)) : world.WriteHookSecretAsync(Of(world));
}
