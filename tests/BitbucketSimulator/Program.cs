namespace BitbucketOperator.BitbucketSimulator;

internal static class Program
{
    public static async Task<int> Main(string[] args)
    {
        await using var simulator = await Simulator.StartAsync();
        Console.WriteLine($"ready {simulator.BaseUrl} {args.Length}");
        return 0;
    }
}
