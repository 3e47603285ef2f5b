namespace BitbucketOperator.BitbucketSimulator.Control;

internal static class ControlApplication
{
    public static void Map(WebApplication app, Backend backend)
    {
        app.MapGet("/counters", () => backend.Requests.Counters);
    }
}
