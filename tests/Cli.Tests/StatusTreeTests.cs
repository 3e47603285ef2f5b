using BitbucketOperator.Cli.Output;
using BitbucketOperator.Cli.Plugin;
using BitbucketOperator.Core.Api.V1Alpha1;

namespace BitbucketOperator.Cli.Tests;

/// <summary>The tree that <c>kubectl bitbucket status</c> draws.</summary>
public sealed class StatusTreeTests
{
    [Fact]
    public void WorkThatWaitsForALimit_IsToldWithItsTimes()
    {
        using var output = new StringWriter { NewLine = "\n" };
        new StatusTree(new Screen(output), new Paint(colours: false)).Write(new BitbucketConnection
        {
            Metadata = new k8s.Models.V1ObjectMeta { Name = "platform", NamespaceProperty = "ci", Uid = "u", Generation = 1 },
            Spec = new BitbucketConnectionSpec { Url = "https://bitbucket.org/acme" },
            Status = new BitbucketConnectionStatus
            {
                ObservedGeneration = 1,
                Repositories = new RepositoriesStatus { Discovered = 10_000, Selected = 10_000, EffectiveInterval = "35m" },
                Webhooks = new WebhooksStatus
                {
                    Desired = 10_000,
                    Ready = 400,
                    Waiting = 9_600,
                    ExpectedCompletion = new DateTimeOffset(2026, 1, 31, 22, 0, 0, TimeSpan.Zero),
                    EffectiveInterval = "13h",
                },
            },
        });

        output.ToString().ShouldEndWith(
            """
            └─ notes
               ├─ 9600 webhooks wait for a sync, expected by 2026-01-31 22:00Z
               ├─ repositories are listed every 35m, not more often, because of Bitbucket's rate limit
               └─ webhooks are verified every 13h, not more often, because of Bitbucket's rate limit

            """.ReplaceLineEndings("\n"));
    }
}
