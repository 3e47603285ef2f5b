namespace BitbucketOperator.Core.Port;

/// <summary>Requests that a piece of work is expected to send at most. Cloud counts the two groups apart, Data Center their sum.</summary>
/// <param name="Webhooks">Requests for webhooks.</param>
/// <param name="Repositories">All others.</param>
public sealed record RequestCost(int Webhooks, int Repositories);
