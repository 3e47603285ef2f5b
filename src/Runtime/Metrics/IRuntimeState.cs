namespace BitbucketOperator.Runtime.Metrics;

/// <summary>What the gauges read when they are collected.</summary>
internal interface IRuntimeState
{
    /// <summary>Whether this process leads; always true without leader election.</summary>
    bool Leads { get; }

    /// <summary>For each controller, the objects that are due and wait for a worker.</summary>
    IEnumerable<(string Controller, int Waiting)> QueueDepths { get; }

    /// <summary>For each controller, how long the oldest reconcile that is running has been running; zero when none is.</summary>
    IEnumerable<(string Controller, TimeSpan Age)> OldestReconciles { get; }

    /// <summary>For each watch, the time since the API server last sent anything on it.</summary>
    IEnumerable<(string Resource, TimeSpan Age)> WatchAges { get; }
}
