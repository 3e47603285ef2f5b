using BitbucketOperator.Core.Port;

namespace BitbucketOperator.Bitbucket.Http;

/// <summary>What the clients of one credential know of its refusal. A credential that was refused is not sent again.</summary>
internal sealed class Refusals
{
    private readonly Lock _gate = new();
    private volatile Fault? _known;
    private Task<bool>? _login;

    /// <summary>Why the credential is not sent any more; null while it is.</summary>
    public Fault? Known { get => _known; set => _known = value; }

    /// <summary>
    /// What a refusal means of a credential that had logged in. The login is tried once more, for all who wait at a time: where it
    /// succeeds, the refusal is of that call alone, and the credential goes on being sent.
    /// </summary>
    /// <param name="ofCredential">The fault if the login is refused too, or cannot be tried.</param>
    /// <param name="ofCall">The fault if it is not.</param>
    /// <param name="logIn">The login; returns whether it succeeded.</param>
    /// <param name="cancellationToken">Ends the wait, not the login.</param>
    public async Task<Fault> JudgeAsync(Fault ofCredential, Fault ofCall, Func<Task<bool>> logIn, CancellationToken cancellationToken)
    {
        Task<bool> login;
        lock (_gate)
        {
            if (_known is { } known) return known;
            if (_login is null or { IsCompleted: true }) _login = LogInAsync(ofCredential, logIn);
            login = _login;
        }

        return await login.WaitAsync(cancellationToken) ? ofCall : _known ?? ofCredential;
    }

    private async Task<bool> LogInAsync(Fault ofCredential, Func<Task<bool>> logIn)
    {
        try
        {
            if (await logIn()) return true;
        }
        catch (FaultException)
        {
            // What cannot be tried proves nothing.
        }

        _known = ofCredential;
        return false;
    }
}
