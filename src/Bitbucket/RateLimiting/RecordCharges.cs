namespace BitbucketOperator.Bitbucket.RateLimiting;

/// <summary>
/// Charges what an earlier process sent: as counted until its export, and at full rate from there on, since nobody knows, unless
/// the export was final. Each count is taken to be as new as it can be, and where all of them are more than the limit allows, the
/// oldest are left out.
/// </summary>
internal static class RecordCharges
{
    private static readonly TimeSpan Count = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan Step = TimeSpan.FromSeconds(10);

    /// <param name="window">Where they are charged.</param>
    /// <param name="record">What was exported.</param>
    /// <param name="perSecond">The full rate.</param>
    /// <param name="started">When this process took over.</param>
    /// <param name="exported">When the record was made, on the same clock; later when the date was changed.</param>
    public static void Charge(SendWindow window, RateLimitRecord record, double perSecond, TimeSpan started, TimeSpan exported)
    {
        if (exported > started) exported = started;
        if (!record.IsFinal) ChargeUncounted(window, record, perSecond, started, exported);
        for (var i = 0; i < Math.Min(record.Sent.Count, 12); i++) window.SentElsewhere(started, exported - (i * Count), record.Sent[i]);
    }

    private static void ChargeUncounted(SendWindow window, RateLimitRecord record, double perSecond, TimeSpan started, TimeSpan exported)
    {
        // Exports are a minute apart: what a process had saved up by then, it may have sent at once within minutes.
        var soon = exported + Count < started ? exported + Count : started;
        ChargeGap(window, perSecond, soon, started);
        var saved = double.IsFinite(record.Tokens) ? Math.Clamp(record.Tokens, 0, window.Plannable) : window.Plannable;
        window.SentElsewhere(started, soon, (int)Math.Ceiling(saved + (perSecond * (soon - exported).TotalSeconds)));
    }

    private static void ChargeGap(SendWindow window, double perSecond, TimeSpan from, TimeSpan to)
    {
        var charged = 0;
        var oldest = to - TimeSpan.FromHours(1);
        for (var at = to; at > from && at > oldest; at -= Step)
        {
            var earlier = at - Step > from ? at - Step : from;
            var all = (int)Math.Ceiling((perSecond * (to - earlier).TotalSeconds) - 0.0001);
            window.SentElsewhere(to, at, all - charged);
            charged = all;
        }
    }
}
