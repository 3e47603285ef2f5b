namespace BitbucketOperator.Runtime.Model;

/// <summary>What a process may remember only as long as it leads: while another leads, it becomes untrue.</summary>
public interface ILeaderMemory
{
    /// <summary>Called before the work begins and after it has ended, each time that this process leads.</summary>
    void Forget();
}
