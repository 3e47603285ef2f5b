using BitbucketOperator.Convergence.Tests.Histories;
using BitbucketOperator.Convergence.Tests.Rules;
using BitbucketOperator.Core.Api.V1Alpha1;
using CsCheck;

namespace BitbucketOperator.Convergence.Tests;

/// <summary>
/// Whatever happens to a connection, once all is well again the operator comes to rest within a few passes with exactly the
/// wanted webhooks, and never touched those of others. Histories are made up: 150 for each flavour, or as many as CsCheck_Iter
/// says. One that fails is told with its seed, and reduced; to play it again, and it alone:
/// <c>CsCheck_Seed=... CsCheck_Iter=1 dotnet run --project tests/Convergence.Tests -- --filter-method '*ComesToRest'</c>.
/// </summary>
public sealed class ConvergenceTests(ITestOutputHelper output)
{
    private const int DefaultHistories = 150;

    [Theory]
    [InlineData(Hosting.DataCenter)]
    [InlineData(Hosting.Cloud)]
    public async Task AnyHistory_OnceHealed_ComesToRest(Hosting hosting)
    {
        var count = Environment.GetEnvironmentVariable("CsCheck_Iter") is null ? DefaultHistories : -1;
        History? failing = null;
        try
        {
            await Generators.Histories.SampleAsync(
                history => Story.PlayAsync(hosting, history), output.WriteLine, iter: count, threads: 2, print: history => (failing = history).ToString());
        }
        catch (CsCheckException e) when (failing is not null)
        {
            var reduced = await new Reducer(hosting).ReduceAsync(failing);
            throw new BrokenRuleException(
                $"{e.Message.Split('\n')[0]}\n{(reduced is { } found ? $"reduced to\n{found.History}\nwhich fails with\n{found.Failure}" : e.ToString())}");
        }
    }
}
