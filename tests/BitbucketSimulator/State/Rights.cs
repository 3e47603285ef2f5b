using System.Runtime.InteropServices;

namespace BitbucketOperator.BitbucketSimulator.State;

/// <summary>A right on a project or a repository; a higher one includes the lower ones.</summary>
public enum Level
{
    None,
    Read,
    Write,
    Admin,
}

/// <summary>A right on the whole server. Admin and SysAdmin may do everything everywhere.</summary>
public enum GlobalRight
{
    None,
    LicensedUser,
    ProjectCreate,
    Admin,
    SysAdmin,
}

/// <summary>One named permission, for example <c>PROJECT_READ</c> or <c>REPO_ADMIN</c>.</summary>
[StructLayout(LayoutKind.Auto)]
public readonly record struct Right(bool OnProject, Level Level)
{
    /// <summary>Reads PROJECT_READ, PROJECT_WRITE, PROJECT_ADMIN, REPO_READ, REPO_WRITE or REPO_ADMIN; null for anything else.</summary>
    public static Right? TryParse(string? name) => name switch
    {
        "PROJECT_READ" => new(OnProject: true, Level.Read),
        "PROJECT_WRITE" => new(OnProject: true, Level.Write),
        "PROJECT_ADMIN" => new(OnProject: true, Level.Admin),
        "REPO_READ" => new(OnProject: false, Level.Read),
        "REPO_WRITE" => new(OnProject: false, Level.Write),
        "REPO_ADMIN" => new(OnProject: false, Level.Admin),
        _ => null,
    };

    /// <summary>As <see cref="TryParse"/>, but throws <see cref="FormatException"/> with the accepted names.</summary>
    public static Right Parse(string name) =>
        TryParse(name) ?? throw new FormatException(
            $"\"{name}\" is not a permission: use PROJECT_READ, PROJECT_WRITE, PROJECT_ADMIN, REPO_READ, REPO_WRITE or REPO_ADMIN");

    public override string ToString() => (OnProject ? "PROJECT_" : "REPO_") + Level.ToString().ToUpperInvariant();
}
